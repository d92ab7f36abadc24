package lastwords.detect;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import lastwords.kernel.Crash;
import org.junit.jupiter.api.Test;

/// Two CPUs that report at once on a console that doesn't say who prints.
class WeavingTest {
  private static final List<String> ONE = warning(1, 100, "do_harm");
  private static final List<String> OTHER = warning(2, 200, "do_worse");

  @Test
  void reportsWovenLineByLineComeApartAsFarAsTheLinesSayAndAreMarked() throws IOException {
    List<String> woven = new ArrayList<>();
    for (int i = 0; i < ONE.size(); i++) {
      woven.add(ONE.get(i));
      woven.add(OTHER.get(i));
    }
    List<Crash> crashes = crashes(woven);
    assertThat(crashes).extracting(Crash::guilty).containsExactly("do_harm", "do_worse");
    assertThat(crashes).extracting(Crash::cpu).containsExactly(1, 2);
    assertThat(crashes).extracting(Crash::pid).containsExactly(100, 200);
    assertThat(crashes).extracting(Crash::corrupted).containsOnly(true);
  }

  @Test
  void aHeadlineInTheMiddleOfAStackLeavesTheStackToItsReport() throws IOException {
    List<String> woven = new ArrayList<>(ONE.subList(0, 8));
    woven.addAll(OTHER.subList(0, 4));
    woven.addAll(ONE.subList(8, ONE.size()));
    woven.addAll(OTHER.subList(4, OTHER.size()));
    List<Crash> crashes = crashes(woven);
    assertThat(crashes).extracting(Crash::corrupted).containsOnly(false);
    assertThat(crashes.get(0).report()).isEqualTo(ONE.subList(1, ONE.size()));
    assertThat(crashes.get(1).report()).isEqualTo(OTHER.subList(1, OTHER.size()));
  }

  @Test
  void aReportAfterOneThatLostItsEndIsNotWoven() throws IOException {
    List<String> lines = new ArrayList<>(ONE.subList(0, ONE.size() - 1));
    lines.addAll(OTHER);
    List<Crash> crashes = crashes(lines);
    assertThat(crashes).extracting(Crash::guilty).containsExactly("do_harm", "do_worse");
    assertThat(crashes).extracting(Crash::corrupted).containsOnly(false);
    assertThat(crashes.get(1).report()).isEqualTo(OTHER.subList(1, OTHER.size()));
  }

  private static List<String> warning(int cpu, int pid, String function) {
    return List.of(
        "------------[ cut here ]------------",
        "WARNING: CPU: %d PID: %d at fs/harm.c:7 %s+0x9/0x20".formatted(cpu, pid, function),
        "Modules linked in: harm loop",
        "CPU: %d PID: %d Comm: sh Not tainted 6.1.0 #1".formatted(cpu, pid),
        "RIP: 0010:%s+0x9/0x20".formatted(function),
        "Call Trace:",
        " <TASK>",
        " %s_caller+0x18/0x30".formatted(function),
        " vfs_write+0xfb/0x450",
        " ksys_write+0x6f/0xf0",
        " do_syscall_64+0x87/0x1b0",
        "---[ end trace 0000000000000000 ]---");
  }

  private static List<Crash> crashes(List<String> lines) throws IOException {
    StringBuilder log = new StringBuilder();
    for (int i = 0; i < lines.size(); i++) {
      log.append("[   50.%06d] %s%n".formatted(i, lines.get(i)));
    }
    return Analyzer.analyze(
        new ByteArrayInputStream(log.toString().getBytes(StandardCharsets.UTF_8)));
  }
}
