package lastwords.detect;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import lastwords.kernel.Boot;
import lastwords.kernel.Crash;
import lastwords.kernel.KernelMessage;
import lastwords.kernel.Position;
import lastwords.kernel.Severity;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Floods of made-up reports with a host's own address, and the real one among them.
class RepeatsTest {
  private static final long SECOND = 1_000_000;

  private static final List<String> PANIC =
      List.of(
          "Kernel panic - not syncing: sysrq triggered crash",
          "CPU: 1 PID: 176 Comm: sh Not tainted 6.1.0 #1",
          "Call Trace:",
          " <TASK>",
          " panic+0x118/0x2ed",
          " sysrq_handle_crash+0x1a/0x20",
          " __handle_sysrq.cold+0x9e/0xc1",
          " </TASK>",
          "---[ end Kernel panic - not syncing: sysrq triggered crash ]---");

  /// @param caller null where the kernel names none
  record Line(int number, long at, @Nullable String caller, String text) {}

  private final List<Line> log = new ArrayList<>();
  private long now = 1_000 * SECOND;

  @ParameterizedTest
  @ValueSource(ints = {210, 5_000})
  void thePanicAfterManyMadeUpOnesOfItsMinuteIsPublishedAndTheirNumberIsBounded(int madeUp) {
    for (int i = 0; i < madeUp; i++) {
      say("T" + (1_000 + i), "Kernel panic - not syncing: made up " + word(i));
      now += 30 * SECOND / madeUp;
    }
    PANIC.forEach(line -> say("T176", line));
    Map<String, Crash> published = published(log);
    assertThat(published.values())
        .anySatisfy(
            crash -> {
              assertThat(crash.report()).isEqualTo(PANIC);
              assertThat(crash.panicked()).isTrue();
              assertThat(crash.complete()).isTrue();
            });
    int twoEachSecond = 2 * 30;
    assertThat(published.size()).isLessThanOrEqualTo(Repeats.MAX_DOWN + twoEachSecond + 2);
    assertThat(published.values().stream().mapToInt(RepeatsTest::notKept).sum())
        .isEqualTo(madeUp + 1 - published.size());
  }

  @Test
  void thePanicBeforeMadeUpOnesIsPublishedSinceItHasMoreLines() {
    flood(2 * Repeats.MAX_DOWN);
    PANIC.forEach(line -> say("T176", line));
    flood(200);
    assertThat(published(log).values()).extracting(Crash::report).contains(PANIC);
  }

  @Test
  void thePanicIsPublishedWithinFourSecondsOfItsHeadline() {
    flood(300);
    long headline = now;
    PANIC.forEach(line -> say("T176", line));
    List<Crash> published = new ArrayList<>();
    Detector detector = new Detector(published::add, new Counters());
    log.forEach(line -> detector.accept(message(line)));
    detector.advance(headline + 4 * SECOND);
    assertThat(published).extracting(Crash::report).contains(PANIC);
  }

  @Test
  void aPanicOfASignatureThatWasMadeUpOftenIsPublishedNevertheless() {
    for (int i = 0; i < 3 * Repeats.MAX_REPEATS; i++) {
      say("T176", PANIC.getFirst());
      now += 100 * SECOND;
    }
    PANIC.forEach(line -> say("T176", line));
    assertThat(published(log).values()).last().extracting(Crash::report).isEqualTo(PANIC);
  }

  @Test
  void lesserReportsKeepNoMoreSevereOneOut() {
    for (int i = 0; i < 3 * Repeats.MAX_CRASHES; i++) {
      say("T" + (1_000 + i), "WARNING: CPU: 1 PID: 1 at fs/made/up.c:1 " + word(i) + "+0x1/0x2");
      say("T" + (1_000 + i), "Call Trace:");
      say("T" + (1_000 + i), " " + word(i) + "_caller+0x1/0x2");
    }
    say("T176", "BUG: kernel NULL pointer dereference, address: 0000000000000000");
    say("T176", "Call Trace:");
    say("T176", " do_harm+0x1/0x2");
    assertThat(published(log).values())
        .filteredOn(crash -> crash.severity() == Severity.ERROR)
        .singleElement()
        .extracting(Crash::kind)
        .isEqualTo("null-deref");
  }

  @Test
  void theSameLogGivesTheSameCrashesHoweverOftenTheTimePassesBetween() {
    flood(400);
    PANIC.forEach(line -> say("T176", line));
    flood(400);
    Map<String, Crash> once = published(log);
    Map<String, Crash> again = new LinkedHashMap<>();
    Detector detector = new Detector(c -> again.put(String.valueOf(c.id()), c), new Counters());
    long at = 0;
    for (Line line : log) {
      for (at = Math.max(at, line.at - SECOND); at < line.at; at += SECOND / 100) {
        detector.advance(at);
      }
      detector.accept(message(line));
    }
    detector.end();
    assertThat(again).isEqualTo(once);
  }

  @Test
  void repeatsAreCountedOnTheNextThatIsPublished() {
    for (int i = 0; i < 2 * Repeats.MAX_REPEATS; i++) {
      say("T1", "BUG: kernel NULL pointer dereference, address: 0000000000000000");
      say("T1", "Call Trace:");
      say("T1", " do_harm+0x1/0x2");
      say("T1", "---[ end trace 0000000000000000 ]---");
      now += 200 * SECOND;
    }
    Map<String, Crash> published = published(log);
    assertThat(published).hasSize(Repeats.MAX_REPEATS + 1);
    assertThat(published.values())
        .last()
        .extracting(crash -> crash.attrs().get("repeats"))
        .isEqualTo(String.valueOf(Repeats.MAX_REPEATS - 1));
  }

  @Test
  void aHostIsNotAtRestWhileAReportIsHeldAndRestsThereafter() {
    flood(300);
    Detector detector = new Detector(_ -> {}, new Counters());
    log.forEach(line -> detector.accept(message(line)));
    detector.advance(now + SECOND);
    assertThat(detector.isAtRest()).isFalse();
    while (detector.deadlineMicros() != Long.MAX_VALUE) {
      detector.advance(detector.deadlineMicros());
    }
    assertThat(detector.isAtRest()).isTrue();
    byte[] saved = detector.save();
    Detector next = new Detector(_ -> {}, new Counters());
    next.load(saved);
    assertThat(next.save()).isEqualTo(saved);
  }

  private void flood(int reports) {
    for (int i = 0; i < reports; i++) {
      say("T" + (1_000 + i), "Kernel panic - not syncing: made up " + word(log.size()));
      now += SECOND / 100;
    }
  }

  private void say(@Nullable String caller, String text) {
    log.add(new Line(log.size() + 1, now, caller, text));
  }

  /// A word of letters alone, since numbers are cleaned out of titles.
  private static String word(int number) {
    StringBuilder word = new StringBuilder("w");
    for (int rest = number; rest > 0; rest /= 20) {
      word.append((char) ('g' + rest % 20));
    }
    return word.toString();
  }

  private static int notKept(Crash crash) {
    return Integer.parseInt(crash.attrs().getOrDefault("not_kept", "0"));
  }

  private static Map<String, Crash> published(List<Line> log) {
    Map<String, Crash> published = new LinkedHashMap<>();
    Detector detector =
        new Detector(crash -> published.put(String.valueOf(crash.id()), crash), new Counters());
    detector.accept(new Boot("b1", "h", "192.0.2.1", 0, 0, null, -1));
    log.forEach(line -> detector.accept(message(line)));
    detector.end();
    return published;
  }

  private static KernelMessage message(Line line) {
    return new KernelMessage(
        Position.of(line.number, 0),
        line.at,
        "h",
        "192.0.2.1",
        "b1",
        0,
        4,
        line.number,
        line.at,
        line.caller,
        -1,
        null,
        "6.1.0",
        line.text,
        Map.of(),
        Map.of());
  }
}
