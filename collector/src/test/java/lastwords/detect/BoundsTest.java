package lastwords.detect;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
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

/// Texts of any length and any characters: what is kept of them, and what is made of them, stays
/// within its bounds.
class BoundsTest {
  private static final String ESCAPED = "\\x1b";
  private static final String WIDE = "\u4e16";
  private static final String PAIR = "\ud83d\ude00";

  /// What a field is filled with; each takes another number of bytes as JSON and in memory.
  static Stream<String> fillings() {
    return Stream.of("a", "\"", ESCAPED, "\u00e9", WIDE, PAIR, "\u001f", "a\ud83d");
  }

  private final Map<String, Crash> crashes = new LinkedHashMap<>();
  private final Counters counters = new Counters();
  private final Detector detector =
      new Detector(crash -> crashes.put(String.valueOf(crash.id()), crash), counters);
  private int number;

  @ParameterizedTest
  @MethodSource("fillings")
  void aCrashOfTheLongestLinesStaysWithinItsBoundAsJson(String filling) {
    for (String headline : headlines(filling.repeat(20_000 / filling.length()))) {
      lines(filling, headline, 40);
    }
    detector.accept(new Boot("b2", "h", "192.0.2.1", 7_000, 0, "b1", 0));
    assertThat(crashes).isNotEmpty();
    for (Crash crash : crashes.values()) {
      assertThat(Json.write(crash).getBytes(UTF_8).length)
          .as(crash.title())
          .isLessThanOrEqualTo(Bounds.MAX_CRASH_BYTES);
    }
    assertThat(counters.linesCut().sum()).isPositive();
  }

  @Test
  void aCrashOfManyModulesFramesAndAttributesStaysWithinItsBoundAsJson() {
    String name = "f".repeat(900);
    say("WARNING: CPU: 1 PID: 1 at fs/" + name + ".c:1 " + name + "+0x1/0x2");
    say(
        "Modules linked in: "
            + "m".repeat(300)
            + " "
            + "abcdefghij_".repeat(90)
            + " x".repeat(4_000));
    say("Call Trace:");
    for (int i = 0; i < 300; i++) {
      say(" f" + i + name + "+0x1/0x2 [" + "m".repeat(90) + "]");
    }
    detector.end();
    Crash crash = crashes.values().iterator().next();
    assertThat(crash.frames()).isNotEmpty();
    assertThat(Json.write(crash).getBytes(UTF_8).length)
        .isLessThanOrEqualTo(Bounds.MAX_CRASH_BYTES);
    assertThat(counters.crashesCut().sum()).isEqualTo(1);
  }

  @Test
  void aLineThatWasCutTellsHowMuchIsMissing() {
    say("BUG: kernel NULL pointer dereference, address: 0000000000000000");
    say("x".repeat(65_000));
    detector.end();
    String line = crashes.values().iterator().next().report().get(1);
    assertThat(line).startsWith("xxx").endsWith(" characters]").contains(Bounds.CUT);
    assertThat(Bounds.jsonBytes(line)).isLessThanOrEqualTo(Bounds.MAX_LINE_BYTES);
    assertThat(Bounds.withoutMark(line).length()).isLessThan(Bounds.MAX_LINE_BYTES);
  }

  @Test
  void aCutTearsNoPairOfSurrogates() {
    for (int from = 0; from < 4; from++) {
      String text = "a".repeat(from) + PAIR.repeat(3_000);
      String head = Bounds.head(text, 1_000);
      assertThat(new String(head.getBytes(UTF_8), UTF_8)).isEqualTo(head);
      assertThat(Bounds.jsonBytes(head)).isLessThanOrEqualTo(1_000);
      String table = Table.head(text);
      assertThat(new String(table.getBytes(UTF_8), UTF_8)).isEqualTo(table);
    }
  }

  @ParameterizedTest
  @MethodSource("fillings")
  void theJsonOfATextTakesWhatIsCounted(String filling) {
    String text = filling.repeat(1_000);
    assertThat(Json.write(text).getBytes(UTF_8).length - 2)
        .isLessThanOrEqualTo(Bounds.jsonBytes(text));
  }

  @ParameterizedTest
  @MethodSource("fillings")
  void whatAHostSendsTakesNoMoreMemoryThanItsBoundAndItsStateIsSaved(String filling) {
    String longest = filling.repeat(20_000 / filling.length());
    for (int round = 0; round < 2; round++) {
      for (String headline : headlines(longest)) {
        lines(longest, headline, 10);
      }
      say("------------[ cut here ]------------");
      say(longest);
      say("systemd-shutdown[1]: Rebooting. " + longest);
      long bound =
          Budget.MAX_HOST_BYTES
              + 3 * (2 * Bounds.MAX_REPORT_BYTES + 2 * Bounds.MAX_LAST_WORDS_BYTES)
              + (1 << 20);
      assertThat(detector.heldBytes()).isLessThanOrEqualTo(bound);
    }
    while (detector.deadlineMicros() != Long.MAX_VALUE) {
      detector.advance(detector.deadlineMicros());
    }
    assertThat(detector.isAtRest()).isTrue();
    byte[] saved = detector.save();
    assertThat(saved.length).isLessThanOrEqualTo(4 << 20);
    Detector next = new Detector(_ -> {}, new Counters());
    next.load(saved);
    assertThat(next.save()).isEqualTo(saved);
  }

  /// The most that a line can ask of a pattern is a thread's stack: each pattern that is applied to
  /// a host's text, on a stack far smaller than that of a reader's thread.
  @Test
  void noPatternNeedsMuchStack() throws Exception {
    List<Pattern> patterns = new ArrayList<>();
    for (Row row : Table.rows()) {
      patterns.add(row.headline());
      patterns.addAll(row.body());
      patterns.addAll(row.details());
      Stream.of(row.except(), row.belongs(), row.kindWhen(), row.blameless())
          .filter(p -> p != null)
          .forEach(patterns::add);
    }
    Path classes = Path.of(Table.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    try (Stream<Path> files = Files.list(classes.resolve("lastwords/detect"))) {
      for (Path file : files.toList()) {
        String name = file.getFileName().toString().replace(".class", "");
        if (!name.equals("package-info")) {
          for (Field field : Class.forName("lastwords.detect." + name).getDeclaredFields()) {
            if (field.getType() == Pattern.class && Modifier.isStatic(field.getModifiers())) {
              field.setAccessible(true);
              patterns.add((Pattern) field.get(null));
            }
          }
        }
      }
    }
    assertThat(patterns.size()).isGreaterThan(500);
    AtomicReference<@Nullable String> failed = new AtomicReference<>();
    Thread small = new Thread(null, () -> failed.set(overflowing(patterns)), "small", 256 << 10);
    small.start();
    small.join();
    assertThat(failed.get()).isNull();
  }

  private static @Nullable String overflowing(List<Pattern> patterns) {
    for (Pattern pattern : patterns) {
      for (String unit :
          List.of("a", "a ", "()", "(A)", "a()", "0x0 ", " [a]", "<a> ", "A B(", "+0x1/0x2 ")) {
        try {
          pattern.matcher(unit.repeat(Table.MAX_LINE / unit.length())).find();
        } catch (StackOverflowError e) {
          return pattern + " in " + unit;
        }
      }
    }
    return null;
  }

  @Test
  void aReportWhoseReadingNeedsTooMuchStackIsPublishedByItsHeadline() {
    Detector failing =
        new Detector(
            crash -> crashes.put(String.valueOf(crash.id()), crash),
            counters,
            new Budget(),
            (report, complete) -> {
              throw new StackOverflowError();
            });
    failing.accept(message("BUG: kernel NULL pointer dereference, address: 0000000000000000"));
    failing.end();
    assertThat(crashes.values()).extracting(Crash::kind).containsExactly("null-deref");
    assertThat(counters.unreadable().sum()).isEqualTo(1);
  }

  @Test
  void aListOfModulesOfParenthesesIsRead() {
    say("BUG: kernel NULL pointer dereference, address: 0000000000000000");
    say("Modules linked in: harm" + "()".repeat(30_000));
    detector.end();
    assertThat(crashes.values().iterator().next().modules()).containsExactly("harm");
    assertThat(counters.unreadable().sum()).isZero();
  }

  private void lines(String longest, String headline, int count) {
    say(headline);
    say("CPU: 1 PID: 1 Comm: " + longest + " Not tainted " + longest + " #1");
    say("Hardware name: " + longest);
    say("Call Trace:");
    IntStream.range(0, count).forEach(i -> say(" " + longest + "+0x1/0x2"));
  }

  private static List<String> headlines(String filling) {
    return List.of(
        "Kernel panic - not syncing: " + filling,
        "BUG: " + filling,
        "WARNING: CPU: 1 PID: 1 at " + filling,
        "I/O error, dev " + filling + ", sector 8 op 0x0:(READ) flags 0x0 phys_seg 1",
        "INFO: task " + filling.substring(0, 30) + ":1 blocked for more than 122 seconds.");
  }

  private void say(String text) {
    detector.accept(message(text));
  }

  private KernelMessage message(String text) {
    number++;
    return new KernelMessage(
        Position.of(number, 0),
        1_000L * number,
        "h",
        "192.0.2.1",
        "b1",
        0,
        4,
        number,
        1_000L * number,
        "T1" + "x".repeat(5_000),
        -1,
        null,
        "6.1.0" + "r".repeat(5_000),
        text,
        Map.of(),
        Map.of());
  }
}
