package lastwords.detect;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import lastwords.json.Json;
import lastwords.kernel.Boot;
import lastwords.kernel.Crash;
import lastwords.kernel.KernelMessage;
import lastwords.kernel.Position;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// A collector that is restarted at the worst moment: when a host fell silent in the middle of what
/// it has to say, so that all it told is kept and the rest of it comes to another program.
class RestartTest {
  private static final long SECOND = 1_000_000;

  /// @param lines with `C1|` or `T7|` before those that say who printed them
  record Said(String name, List<String> lines) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Said> reports() {
    List<String> nine = new ArrayList<>();
    for (int i = 0; i < 9; i++) {
      nine.addAll(oops(1, "do_harm"));
    }
    List<String> woven = new ArrayList<>();
    List<String> one = warning(1, "do_harm");
    List<String> other = warning(2, "do_worse");
    for (int i = 0; i < one.size(); i++) {
      woven.add(one.get(i));
      woven.add(other.get(i));
    }
    List<String> panic = new ArrayList<>(oops(1, "do_harm"));
    panic.add("RIP: 0010:do_harm+0x9/0x20");
    panic.add("Kernel panic - not syncing: Fatal exception");
    panic.add("Kernel Offset: disabled");
    panic.add("---[ end Kernel panic - not syncing: Fatal exception ]---");
    return Stream.of(
        new Said("an oops", oops(1, "do_harm")),
        new Said("a panic after an oops", panic),
        new Said("a warning with words before it", cut(warning(1, "do_harm"))),
        new Said("a stall with the stacks of other CPUs", stall()),
        new Said("two CPUs at once", woven),
        new Said("a ninth of the same", nine));
  }

  @ParameterizedTest
  @MethodSource("reports")
  void aRestartWhereAHostFellSilentChangesNothing(Said said) {
    for (int silentAfter = 0; silentAfter < said.lines.size(); silentAfter++) {
      assertThat(told(said.lines, silentAfter, true))
          .as("silent after %s", said.lines.get(silentAfter))
          .isEqualTo(told(said.lines, silentAfter, false));
    }
  }

  @ParameterizedTest
  @MethodSource("reports")
  void aRestartAfterEachLineOfAHostThatSaysLittleChangesNothing(Said said) {
    assertThat(told(said.lines, -1, true)).isEqualTo(told(said.lines, -1, false));
  }

  @Test
  void whatAnOlderProgramSavedIsReadAsFarAsItGoes() {
    List<Crash> told = new ArrayList<>();
    Detector before = new Detector(told::add, new Counters());
    List<String> lines = oops(1, "do_harm");
    for (int i = 0; i < lines.size(); i++) {
      before.accept(message(lines.get(i), i, SECOND));
    }
    before.advance(100 * SECOND);
    ObjectNode saved = (ObjectNode) Json.tree(Json.read(text(before.save()), Map.class));
    assertThat(saved.remove(List.of("number", "lines_since_closed", "last_position"))).isNotNull();
    ObjectNode closed = (ObjectNode) ((ArrayNode) saved.get("closed")).get(0);
    assertThat(closed.remove("progress")).isNotNull();
    Detector after = new Detector(told::add, new Counters());
    after.load(saved.toString().getBytes(StandardCharsets.UTF_8));
    after.accept(message("Kernel panic - not syncing: Fatal exception", 99, 101 * SECOND));
    after.end();
    assertThat(told.getLast().panicked()).isTrue();
    assertThat(told.getLast().id()).isEqualTo(told.getFirst().id());
  }

  @Test
  void ofTheFirstProgramsStateTheBootAndItsLastWordsAreKept() {
    List<Crash> told = new ArrayList<>();
    Detector after = new Detector(told::add, new Counters());
    after.load(
        """
        {"boot": "b0", "release": "6.1.0", "panicked": false, "announced": false,
         "last_words": ["it was well"], "recent": [], "seen": {}, "rate_since": 0,
         "crashes_since": 0, "preface": []}
        """
            .getBytes(StandardCharsets.UTF_8));
    after.accept(new Boot("b1", "h", "192.0.2.1", 7, SECOND, "b0", -1));
    assertThat(told).singleElement().satisfies(c -> assertThat(c.kind()).isEqualTo("reboot"));
    assertThat(told.getFirst().report()).containsExactly("it was well");
  }

  private static String text(byte[] utf8) {
    return new String(utf8, StandardCharsets.UTF_8);
  }

  /// The crashes as they were last told, by their ids.
  ///
  /// @param silentAfter the number of the line after which nothing comes for long, -1 for each
  private static Map<String, Crash> told(List<String> lines, int silentAfter, boolean restart) {
    Map<String, Crash> told = new TreeMap<>();
    Detector detector = new Detector(c -> told.put(String.valueOf(c.id()), c), new Counters());
    detector.accept(new Boot("b", "h", "192.0.2.1", 0, 0, null, -1));
    long now = 1_000 * SECOND;
    for (int i = 0; i < lines.size(); i++) {
      detector.accept(message(lines.get(i), i, now));
      if (i == silentAfter || silentAfter < 0) {
        detector.advance(now + 6 * SECOND);
        now += 7 * SECOND;
        assertThat(detector.isAtRest()).isTrue();
        if (restart) {
          byte[] saved = detector.save();
          detector = new Detector(c -> told.put(String.valueOf(c.id()), c), new Counters());
          detector.load(saved);
          assertThat(detector.save()).isEqualTo(saved);
        }
      }
    }
    detector.end();
    return told;
  }

  private static KernelMessage message(String line, int number, long now) {
    int bar = line.indexOf('|');
    @Nullable String caller = bar > 0 ? line.substring(0, bar) : null;
    return new KernelMessage(
        Position.of(1 + number, 0),
        now,
        "h",
        "192.0.2.1",
        "b",
        0,
        4,
        number,
        50 * SECOND + number,
        caller,
        -1,
        null,
        "6.1.0",
        line.substring(bar + 1),
        Map.of(),
        Map.of());
  }

  private static List<String> oops(int cpu, String function) {
    List<String> lines =
        new ArrayList<>(
            List.of(
                "BUG: kernel NULL pointer dereference, address: 0000000000000008",
                "#PF: supervisor write access in kernel mode",
                "Oops: 0002 [#1] PREEMPT SMP NOPTI"));
    lines.addAll(warning(cpu, function).subList(2, 10));
    return lines;
  }

  private static List<String> cut(List<String> lines) {
    List<String> all = new ArrayList<>(lines);
    all.add(0, "------------[ cut here ]------------");
    all.add(1, "harm: the device lost its mind");
    return all;
  }

  private static List<String> warning(int cpu, String function) {
    return List.of(
        "WARNING: CPU: %d PID: 7%1$d at fs/harm.c:7 %s+0x9/0x20".formatted(cpu, function),
        "Modules linked in: harm loop",
        "CPU: %d PID: 7%1$d Comm: sh Not tainted 6.1.0 #1".formatted(cpu),
        "RIP: 0010:%s+0x9/0x20".formatted(function),
        "Call Trace:",
        " <TASK>",
        " %s_caller+0x18/0x30".formatted(function),
        " vfs_write+0xfb/0x450",
        " do_syscall_64+0x87/0x1b0",
        "---[ end trace 0000000000000000 ]---");
  }

  private static List<String> stall() {
    return List.of(
        "C0|rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:",
        "C0|rcu: \t1-...!: (1 GPs behind) idle=5f4/1/0x4000000000000000 softirq=15/16 fqs=0",
        "C0|\t(detected by 0, t=5252 jiffies, g=2717, q=5)",
        "C0|Sending NMI from CPU 0 to CPUs 1:",
        "C1|NMI backtrace for cpu 1",
        "C1|CPU: 1 PID: 71 Comm: sh Not tainted 6.1.0 #1",
        "C1|RIP: 0010:do_harm+0x9/0x20",
        "C1|Call Trace:",
        "C1| do_harm_caller+0x18/0x30",
        "C1| vfs_write+0xfb/0x450",
        "C0|rcu: rcu_preempt kthread starved for 5252 jiffies! g2717 f0x0",
        "C0|rcu: RCU grace-period kthread stack dump:",
        "C0|task:rcu_preempt     state:R stack:    0 pid:   12 ppid:     2 flags:0x00004000",
        "C0|Call Trace:",
        "C0| __schedule+0x392/0xd00",
        "C0| schedule+0x3c/0x70");
  }
}
