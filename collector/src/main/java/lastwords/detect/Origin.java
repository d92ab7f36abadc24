package lastwords.detect;

import java.util.EnumSet;
import org.jspecify.annotations.Nullable;

/// Who printed the lines of one report, as far as they say so: the CPU, the number of the oops, the
/// function it is about. Two answers mean that lines of another CPU's report are among them.
///
/// Asked only of reports of which a CPU says each of these once, until their stack; where the
/// kernel asks other CPUs for their stacks, there are as many answers as CPUs.
final class Origin {
  /// How stacks are read of reports that one CPU makes from its headline to its end mark.
  static final EnumSet<Recipe> OF_ONE_CPU =
      EnumSet.of(Recipe.POINTER_AND_TRACE, Recipe.POINTER, Recipe.WARNING);

  private @Nullable String cpu;
  private @Nullable String number;
  private @Nullable String function;
  private boolean ofMany;

  private Origin(Row row) {
    ofMany = !OF_ONE_CPU.contains(row.stack());
  }

  /// @param headline of a report of this row
  static Origin of(Row row, String headline) {
    Origin origin = new Origin(row);
    origin.add(headline);
    if (row.stack() == Recipe.WARNING) {
      origin.function = function(headline);
    }
    return origin;
  }

  /// The CPU, null where no line has said it yet.
  @Nullable String cpu() {
    return cpu;
  }

  /// Takes the next line; false where it can't be of the same report as those before it.
  boolean add(String line) {
    ofMany |= line.contains("NMI backtrace for cpu") || line.contains("Sending NMI from CPU");
    if (ofMany) {
      return true;
    }
    boolean fits = fits(line);
    cpu = or(cpu, Weaving.cpu(line));
    number = or(number, number(line));
    function = or(function, pointedAt(line));
    return fits;
  }

  /// Whether a line says nothing else than those before it.
  boolean fits(String line) {
    return ofMany
        || (same(cpu, Weaving.cpu(line))
            && same(number, number(line))
            && same(function, pointedAt(line)));
  }

  private static boolean same(@Nullable String before, @Nullable String now) {
    return before == null || now == null || before.equals(now);
  }

  private static @Nullable String or(@Nullable String before, @Nullable String now) {
    return before == null ? now : before;
  }

  /// The `1` of `Oops: 0000 [#1]`.
  private static @Nullable String number(String line) {
    int from = line.indexOf(" [#") + 3;
    int end = from < 3 ? -1 : line.indexOf(']', from);
    return end > from && end - from < 8 ? line.substring(from, end) : null;
  }

  /// The function at which the kernel's instruction pointer stands; null for a program's.
  private static @Nullable String pointedAt(String line) {
    return LineShape.of(line) == LineShape.POINTER && !line.startsWith("RIP: 0033")
        ? function(line)
        : null;
  }

  /// The first function that a line names with its offset.
  static @Nullable String function(String line) {
    int plus = Table.head(line).indexOf("+0x");
    int from = plus;
    while (from > 0 && isOfName(line.charAt(from - 1))) {
      from--;
    }
    return plus > from ? line.substring(from, plus) : null;
  }

  private static boolean isOfName(char c) {
    return Character.isLetterOrDigit(c) || c == '_' || c == '.' || c == '$';
  }
}
