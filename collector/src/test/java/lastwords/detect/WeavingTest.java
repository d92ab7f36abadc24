package lastwords.detect;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import lastwords.kernel.Crash;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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

  @Test
  void aHeadlineThatNamesNoCpuInTheMiddleOfAStackLeavesTheStackToItsReport() throws IOException {
    List<String> woven = new ArrayList<>(ONE.subList(0, 8));
    List<String> oops = oops(2, 200, "do_worse");
    woven.add(oops.getFirst());
    woven.addAll(ONE.subList(8, ONE.size()));
    woven.addAll(oops.subList(1, oops.size()));
    List<Crash> crashes = crashes(woven);
    assertThat(crashes).extracting(Crash::corrupted).containsOnly(false);
    assertThat(crashes.get(0).report()).isEqualTo(ONE.subList(1, ONE.size()));
    assertThat(crashes.get(1).report()).isEqualTo(oops);
  }

  @Test
  void linesTakenForTheSecondWhileTheFirstSeemedOverMarkBothOnceTheFirstGoesOn()
      throws IOException {
    List<String> woven = new ArrayList<>(ONE.subList(0, 8));
    woven.addAll(OTHER.subList(0, 9));
    woven.addAll(ONE.subList(8, 10));
    woven.addAll(OTHER.subList(9, OTHER.size()));
    woven.addAll(ONE.subList(10, ONE.size()));
    assertThat(crashes(woven)).hasSize(2).extracting(Crash::corrupted).containsOnly(true);
  }

  @Test
  void threeCpusAtOnceWithoutCallersAreThreeCrashesAndAllMarked() throws IOException {
    List<String> third = warning(3, 300, "do_worst");
    List<String> woven = new ArrayList<>();
    for (int i = 0; i < ONE.size(); i++) {
      woven.addAll(List.of(ONE.get(i), OTHER.get(i), third.get(i)));
    }
    assertThat(crashes(woven)).extracting(Crash::corrupted).containsExactly(true, true, true);
  }

  @ParameterizedTest
  @ValueSource(strings = {"[   50.%06d][    C%d] ", "[   50.%06d][  T10%d] "})
  void callersTellThreeCpusApart(String form) throws IOException {
    assertThatThreeComeApart(form, "");
  }

  @Test
  void extendedRecordsTellThreeCpusApartByCpuAndTask() throws IOException {
    assertThatThreeComeApart("4,%d,50000000,-;", "\n cpu=%1$d\n taskname=sh");
  }

  @Test
  void whatWasWovenIsForgottenWithItsReports() throws IOException {
    List<String> woven = new ArrayList<>(ONE.subList(0, 8));
    woven.addAll(OTHER.subList(0, 8));
    List<String> later = new ArrayList<>(woven);
    later.addAll(warning(4, 400, "do_later"));
    List<Crash> crashes = crashes(later, 8 + 8);
    assertThat(crashes.getLast().guilty()).isEqualTo("do_later");
    assertThat(crashes.getLast().corrupted()).isFalse();
  }

  @Test
  void aReportWithTheCpuOfAnotherIsMarked() throws IOException {
    List<String> fault = protectionFault(1, "do_harm");
    List<String> woven = new ArrayList<>(fault.subList(0, 1));
    woven.addAll(OTHER.subList(1, 3));
    woven.addAll(fault.subList(1, fault.size()));
    woven.addAll(OTHER.subList(3, OTHER.size()));
    assertThat(crashes(woven)).hasSize(2).extracting(Crash::corrupted).containsOnly(true);
  }

  @Test
  void aReportThatTookTheLinesOfOneWithoutACpuIsMarkedOnceItsOwnAreLeftOver() throws IOException {
    List<String> one = protectionFault(1, "do_harm");
    List<String> other = protectionFault(2, "do_worse");
    List<String> woven = new ArrayList<>(one.subList(0, 1));
    woven.add(other.getFirst());
    woven.addAll(one.subList(1, one.size()));
    woven.addAll(other.subList(1, other.size()));
    assertThat(crashes(woven)).hasSize(2).extracting(Crash::corrupted).containsOnly(true);
  }

  @Test
  void anOopsOfAnotherNumberBeginsItsOwnReport() throws IOException {
    List<String> one = protectionFault(1, "do_harm");
    List<String> other = protectionFault(2, "do_worse");
    List<String> lines = new ArrayList<>(one.subList(0, 3));
    lines.addAll(other);
    List<Crash> crashes = crashes(lines);
    assertThat(crashes).extracting(Crash::guilty).containsExactly("do_harm", "do_worse");
    assertThat(crashes.get(1).corrupted()).isFalse();
  }

  @Test
  void theStacksOfOtherCpusThatALockupAsksForAreItsOwn() throws IOException {
    List<String> lines = new ArrayList<>();
    lines.add("watchdog: BUG: soft lockup - CPU#1 stuck for 22s! [sh:101]");
    lines.addAll(protectionFault(1, "do_harm").subList(1, 3));
    lines.addAll(List.of("Call Trace:", " do_harm_caller+0x18/0x30", " vfs_write+0xfb/0x450"));
    lines.add("Sending NMI from CPU 1 to CPUs 2:");
    lines.add("NMI backtrace for cpu 2");
    lines.addAll(protectionFault(2, "do_worse").subList(1, 3));
    assertThat(crashes(lines).getFirst().corrupted()).isFalse();
  }

  /// The headline names no CPU.
  private static List<String> protectionFault(int cpu, String function) {
    List<String> lines = new ArrayList<>();
    lines.add(
        "general protection fault, probably for non-canonical address 0xdead00000000010%d: 0000 [#%1$d] SMP"
            .formatted(cpu));
    lines.addAll(warning(cpu, 100 * cpu, function).subList(3, 12));
    return lines;
  }

  private static void assertThatThreeComeApart(String form, String fields) throws IOException {
    List<List<String>> all = List.of(ONE, OTHER, warning(3, 300, "do_worst"));
    StringBuilder log = new StringBuilder();
    int number = 0;
    for (int i = 0; i < ONE.size(); i++) {
      for (int cpu = 1; cpu <= 3; cpu++) {
        log.append(form.formatted(++number, cpu))
            .append(all.get(cpu - 1).get(i))
            .append(fields.formatted(cpu))
            .append('\n');
      }
    }
    List<Crash> crashes =
        Analyzer.analyze(new ByteArrayInputStream(log.toString().getBytes(StandardCharsets.UTF_8)));
    assertThat(crashes).extracting(Crash::corrupted).containsExactly(false, false, false);
    for (int cpu = 1; cpu <= 3; cpu++) {
      List<String> lines = all.get(cpu - 1);
      assertThat(crashes.get(cpu - 1).report()).isEqualTo(lines.subList(1, lines.size()));
    }
  }

  private static List<String> oops(int cpu, int pid, String function) {
    List<String> lines =
        new ArrayList<>(
            List.of(
                "BUG: kernel NULL pointer dereference, address: 0000000000000008",
                "#PF: supervisor write access in kernel mode",
                "PGD 0 P4D 0",
                "Oops: 0002 [#2] PREEMPT SMP NOPTI"));
    lines.addAll(warning(cpu, pid, function).subList(3, 12));
    return lines;
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
    return crashes(lines, lines.size());
  }

  /// @param pauseAt the number of the line before which nothing was said for ten seconds
  private static List<Crash> crashes(List<String> lines, int pauseAt) throws IOException {
    StringBuilder log = new StringBuilder();
    for (int i = 0; i < lines.size(); i++) {
      log.append("[   %d.%06d] %s%n".formatted(i < pauseAt ? 50 : 60, i, lines.get(i)));
    }
    return Analyzer.analyze(
        new ByteArrayInputStream(log.toString().getBytes(StandardCharsets.UTF_8)));
  }
}
