package lastwords.detect;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import lastwords.kernel.Crash;
import lastwords.kernel.KernelMessage;
import lastwords.kernel.Position;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// What somebody may send who wants a collector to be busy: work stays in proportion to the input,
/// counted in lines looked at and characters that patterns ask for, not in time.
class HostileTest {
  /// Times that all lines of a report may be read: as it is told, as it is complete, once more
  /// where it is suppressed, and each time it goes on.
  private static final int MAX_READ = 3 * (1 + Report.MAX_REOPENED) + 1;

  /// Characters that a pattern may ask for, for each character of a line: patterns that look for a
  /// second thing behind a first begin anew at each first.
  private static final int MAX_LOOKS = 300;

  /// One hostile host; every line may say who printed it and when.
  record Said(@Nullable String caller, long uptime, String text) {}

  static Stream<IntFunction<Said>> floods() {
    String oops = "BUG: kernel NULL pointer dereference, address: 0000000000000000";
    String panic = "Kernel panic - not syncing: Fatal exception";
    return Stream.of(
        i -> said("Call Trace:"),
        i -> said(i == 0 ? oops : "Call Trace:"),
        i -> said(i == 0 ? oops : " endless+0x1/0x2"),
        i -> said(i % 2 == 0 ? oops : "x".repeat(1 << 10)),
        i -> said(oops),
        i -> said("------------[ cut here ]------------"),
        i -> new Said("T" + i, 1, oops),
        i -> new Said("T" + i % 100, i, i % 3 == 0 ? oops : "Call Trace:"),
        i -> new Said(i % 2 == 0 ? "T1" : "T2", 10L * i, i < 2_000 ? line(i, oops) : panic),
        i -> said(i < 2_000 ? line(i, oops) : i % 2 == 0 ? panic : oops),
        i -> said(i < 2_000 ? line(i, oops) : i % 2 == 0 ? panic : "Rebooting in 5 seconds.."),
        i -> new Said("T1", i % 2 == 0 ? 10L * i : i, i < 2_000 ? line(i, oops) : " late+0x1/0x2"),
        i -> new Said(i % 2 == 0 ? "T1" : "T2", i % 2 == 0 ? 1 : 10L * i, line(i, oops)),
        i -> said("rcu: INFO: rcu_sched detected stalls on CPUs/tasks:"),
        i -> said("INFO: task a" + i + ":1 blocked for more than 122 seconds."),
        i -> said("java invoked oom-killer: gfp_mask=0x0, order=0, oom_score_adj=0"),
        i -> new Said(i % 2 == 0 ? "C" + i : "T1", 1, i == 0 ? oops : "Sending NMI from CPU 0"));
  }

  @ParameterizedTest
  @MethodSource("floods")
  void theLinesReadAreInProportionToTheLinesSaid(IntFunction<Said> flood) {
    for (int lines : new int[] {2_500, 5_000, 10_000}) {
      assertThat(work(flood, lines)).isLessThanOrEqualTo((long) MAX_READ * lines);
    }
  }

  @Test
  void aMillionStackStartsAreLookedAtOnce() {
    assertThat(work(i -> said("Call Trace:"), 1_000_000)).isZero();
    IntFunction<Said> behindAHeadline =
        i -> said(i == 0 ? "kernel BUG at fs/harm.c:1!" : "Call Trace:");
    assertThat(work(behindAHeadline, 1_000_000)).isLessThan(3_000_000);
  }

  @Test
  void aLineOf64KiBCostsItsBeginning() {
    for (Row row : Table.rows()) {
      for (String literal : row.literals()) {
        Counted line =
            new Counted(Table.head((literal + " ").repeat((1 << 16) / literal.length())));
        assertThat(line.length()).isLessThanOrEqualTo(Table.MAX_LINE);
        row.headline().matcher(line).find();
        assertLinear(row.kind(), row.headline(), line);
      }
    }
  }

  static Stream<Row> rows() {
    return Table.rows().stream();
  }

  /// Each pattern of a row against lines made of what the pattern itself likes: its literals, and
  /// long runs of the characters that its classes accept.
  @ParameterizedTest
  @MethodSource("rows")
  void noPatternOfARowTracksBack(Row row) {
    List<Pattern> patterns = new ArrayList<>(row.details());
    patterns.add(row.headline());
    patterns.addAll(row.body());
    for (Pattern optional :
        new Pattern[] {row.except(), row.belongs(), row.kindWhen(), row.blameless()}) {
      if (optional != null) {
        patterns.add(optional);
      }
    }
    for (Pattern pattern : patterns) {
      for (String text : attacks(row.literals(), pattern)) {
        Counted line = new Counted(Table.head(text));
        pattern.matcher(line).find();
        assertLinear(row.kind(), pattern, line);
      }
    }
  }

  /// Patterns that read a report's lines, whatever row it is of.
  @Test
  void noOtherPatternTracksBack() throws IOException, ReflectiveOperationException {
    int patterns = 0;
    for (Field field : constants()) {
      field.setAccessible(true);
      for (Pattern pattern : patterns(field.get(null))) {
        patterns++;
        for (String text : attacks(List.of(), pattern)) {
          Counted line = new Counted(Table.head(text));
          pattern.matcher(line).find();
          assertLinear(field, pattern, line);
        }
      }
    }
    assertThat(patterns).isGreaterThan(60);
  }

  /// Those that a constant is, or holds.
  private static List<Pattern> patterns(@Nullable Object constant)
      throws ReflectiveOperationException {
    List<Pattern> patterns = new ArrayList<>();
    if (constant instanceof Pattern pattern) {
      patterns.add(pattern);
    } else if (constant instanceof Map<?, ?> map) {
      patterns.addAll(patterns(List.copyOf(map.keySet())));
      patterns.addAll(patterns(List.copyOf(map.values())));
    } else if (constant instanceof Iterable<?> all) {
      for (Object each : all) {
        patterns.addAll(patterns(each));
      }
    } else if (constant instanceof Record values && !(constant instanceof Row)) {
      for (RecordComponent component : values.getClass().getRecordComponents()) {
        component.getAccessor().setAccessible(true);
        patterns.addAll(patterns(component.getAccessor().invoke(values)));
      }
    }
    return patterns;
  }

  private static List<Field> constants() throws IOException {
    List<Field> constants = new ArrayList<>();
    Path classes = Path.of("target/classes/lastwords/detect");
    try (Stream<Path> files = Files.list(classes)) {
      for (Path file : files.sorted().toList()) {
        String name = file.getFileName().toString().replace(".class", "");
        if (!name.contains("package-info")) {
          for (Field field : type("lastwords.detect." + name).getDeclaredFields()) {
            if (Modifier.isStatic(field.getModifiers())) {
              constants.add(field);
            }
          }
        }
      }
    }
    return constants;
  }

  private static Class<?> type(String name) {
    try {
      return Class.forName(name);
    } catch (ClassNotFoundException e) {
      throw new AssertionError(e);
    }
  }

  private static void assertLinear(Object of, Pattern pattern, Counted line) {
    assertThat(line.looks)
        .as("%s: %s in %s", of, pattern, line.text)
        .isLessThanOrEqualTo((long) MAX_LOOKS * line.length() + 1_000);
  }

  /// Lines that almost match, again and again.
  private static List<String> attacks(List<String> literals, Pattern pattern) {
    List<String> attacks = new ArrayList<>();
    List<String> parts = parts(pattern.pattern());
    String whole = String.join("", parts);
    List<String> beginnings = new ArrayList<>(literals);
    beginnings.add("");
    StringBuilder prefix = new StringBuilder();
    for (String part : parts) {
      prefix.append(part);
      beginnings.add(prefix.toString());
    }
    for (String beginning : beginnings) {
      for (String run :
          List.of(" ", "0", "f", "a", "A", "_", ":", ".", "-", "a ", "0 ", "a:", "(", "[", "0.")) {
        attacks.add(beginning + run.repeat(Table.MAX_LINE / run.length()));
        attacks.add((beginning + run).repeat(Table.MAX_LINE / (beginning.length() + run.length())));
        attacks.add(beginning + run.repeat(300) + beginning + run.repeat(300) + "\u0001");
      }
    }
    attacks.add(whole.repeat(Table.MAX_LINE / Math.max(1, whole.length())));
    return attacks;
  }

  /// The plain words of a regular expression, in their order.
  private static List<String> parts(String regex) {
    List<String> parts = new ArrayList<>();
    StringBuilder word = new StringBuilder();
    for (int i = 0; i < regex.length() && parts.size() < 12; i++) {
      char c = regex.charAt(i);
      boolean plain = Character.isLetterOrDigit(c) || " :-_=,/#'".indexOf(c) >= 0;
      if (c == '\\' && i + 1 < regex.length()) {
        c = regex.charAt(++i);
        plain = !Character.isLetterOrDigit(c);
      }
      if (plain) {
        word.append(c);
      } else if (word.length() > 2) {
        parts.add(word.toString());
        word.setLength(0);
      } else {
        word.setLength(0);
      }
    }
    if (word.length() > 2) {
      parts.add(word.toString());
    }
    return parts;
  }

  static Said said(String text) {
    return new Said(null, 1, text);
  }

  private static String line(int i, String headline) {
    return i == 0 ? headline : i == 2 ? "Call Trace:" : " frame+0x1/0x2";
  }

  static long work(IntFunction<Said> flood, int lines) {
    List<Crash> told = new ArrayList<>();
    Detector detector = new Detector(told::add, new Counters());
    long latest = 0;
    for (int i = 0; i < lines; i++) {
      Said said = flood.apply(i);
      latest = Math.max(latest, said.uptime);
      detector.accept(message(i, latest * 1_000_000, said));
    }
    detector.end();
    return detector.work();
  }

  private static KernelMessage message(int number, long now, Said said) {
    return new KernelMessage(
        Position.of(number, 0),
        now,
        "h",
        "",
        "b",
        0,
        4,
        number,
        said.uptime * 1_000_000,
        said.caller,
        -1,
        null,
        null,
        said.text,
        Map.of(),
        Map.of());
  }

  /// A text that counts how often somebody looks at one of its characters.
  private static final class Counted implements CharSequence {
    private final String text;
    private long looks;

    Counted(String text) {
      this.text = text;
    }

    @Override
    public int length() {
      return text.length();
    }

    @Override
    public char charAt(int index) {
      looks++;
      return text.charAt(index);
    }

    @Override
    public CharSequence subSequence(int from, int to) {
      return text.substring(from, to);
    }

    @Override
    public String toString() {
      return text;
    }
  }
}
