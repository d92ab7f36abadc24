package lastwords.detect;

import java.util.EnumSet;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Tells two reports apart that CPUs print at once where nothing in front of a line says whose it
/// is: by the CPU and task that lines name, by the function that headline and instruction pointer
/// share, and by what each report still lacks. What fits both goes to both, and both are marked
/// [Report#woven]. One host has one such pair at a time; the rest of it is told by callers.
final class Weaving {
  private @Nullable Strand first;
  private @Nullable Strand second;

  /// Lines were taken for the second's because the first seemed to be over.
  private boolean presumed;

  /// One of the two reports, with what it has shown so far.
  private static final class Strand {
    final Report report;
    @Nullable String cpu;
    final EnumSet<LineShape> shown = EnumSet.noneOf(LineShape.class);

    /// False for one that may have been over when the other began.
    boolean active;

    Strand(Report report) {
      this.report = report;
      for (String line : report.lines) {
        show(line);
      }
      active = !report.hasStack;
    }

    void show(String line) {
      shown.add(LineShape.of(line));
      cpu = cpu == null ? cpu(line) : cpu;
    }

    boolean has(LineShape shape) {
      return shown.contains(shape);
    }
  }

  /// Parts that read the same in both reports of one machine, so that it does not matter whose they
  /// are.
  private static final EnumSet<LineShape> SAME = EnumSet.of(LineShape.MODULES, LineShape.HARDWARE);

  /// How stacks are read of reports that end with a mark.
  private static final EnumSet<Recipe> MARKED =
      EnumSet.of(Recipe.POINTER_AND_TRACE, Recipe.WARNING);

  /// The outermost frame of a stack, or a mark that it is over.
  private static final Pattern ENTRY =
      Pattern.compile("</[A-Z]{1,8}>|(?:entry|ret)_[A-Za-z]\\w*\\+0x|^ *el0");

  /// Whether a headline is of another CPU than the report that goes on, so that lines of both may
  /// follow; also where it names none, but stands in the middle of a stack.
  static boolean isOther(Report going, Row row, String headline) {
    if (isInTheMiddle(going)
        && MARKED.contains(going.row.stack())
        && MARKED.contains(row.stack())) {
      return true;
    }
    String cpu = cpu(headline);
    String before = null;
    for (int i = 0; i < going.lines.size() && before == null; i++) {
      before = cpu(going.lines.get(i));
    }
    return cpu != null && before != null && !cpu.equals(before);
  }

  /// Whether a report that ends with a mark has shown a part of its stack, and only just so.
  private static boolean isInTheMiddle(Report going) {
    return going.hasStack
        && !going.ended
        && LineShape.of(going.lines.getLast()) == LineShape.FRAME
        && !ENTRY.matcher(Table.head(going.lines.getLast())).find();
  }

  /// From here on lines may be of either.
  void begin(Report going, Report next) {
    first = new Strand(going);
    second = new Strand(next);
    presumed = false;
  }

  /// Whether lines may be of two reports of which this is the later.
  boolean isOf(@Nullable Report later) {
    return first != null
        && second != null
        && later != null
        && second.report == later
        && !first.report.ended
        && !later.ended;
  }

  /// Whether a line may be of the first of two reports whose second is over.
  boolean mayEndFirst() {
    return first != null && second != null && !first.report.ended && second.report.ended;
  }

  /// Whether a line of such a report goes on with the first: it has what the second can't have any
  /// more.
  boolean endsFirst(String line) {
    Strand one = first;
    LineShape shape = LineShape.of(line);
    return one != null && shape != LineShape.OTHER && !SAME.contains(shape) && fits(one, shape);
  }

  /// Whose a line is that is no headline: one of the two, or both where that can't be told.
  List<Report> owners(String line) {
    Strand one = first;
    Strand other = second;
    if (one == null || other == null) {
      return List.of();
    }
    LineShape shape = LineShape.of(line);
    Strand owner = owner(one, other, shape, line);
    if (owner == null && SAME.contains(shape)) {
      owner = one;
    }
    if (owner != null) {
      if (owner == one && presumed) {
        mark(one, other);
      }
      owner.active = true;
      owner.show(line);
      return List.of(owner.report);
    }
    one.show(line);
    other.show(line);
    mark(one, other);
    return List.of(one.report, other.report);
  }

  /// Another headline's words came, and which of the two goes on with them can't be told.
  void doubt() {
    if (first != null && second != null) {
      mark(first, second);
    }
  }

  /// Whether a report began while another of its context went on: lines that come after its end may
  /// show that those before were the other's.
  static boolean mayHold(Row row, Report before) {
    return (!before.ended || before.cut)
        && Origin.OF_ONE_CPU.contains(row.stack())
        && Origin.OF_ONE_CPU.contains(before.row.stack());
  }

  /// Whether this line, after the end of such a report, is one that the report must have had, or
  /// must have taken from the other.
  static boolean isLeftOver(String line) {
    return switch (LineShape.of(line)) {
      case CPU, STACK, END, HARDWARE -> true;
      case MODULES, POINTER, CODE, REGISTERS, FRAME, OTHER -> false;
    };
  }

  private static void mark(Strand one, Strand other) {
    one.report.woven = true;
    other.report.woven = true;
  }

  /// A report is no longer collected: what is left is one, to which all lines belong.
  void over(Report report) {
    if ((first != null && first.report == report) || (second != null && second.report == report)) {
      forget();
    }
  }

  void forget() {
    first = null;
    second = null;
    presumed = false;
  }

  private @Nullable Strand owner(Strand one, Strand other, LineShape shape, String line) {
    String cpu = shape == LineShape.CPU ? cpu(line) : null;
    if (cpu != null && cpu.equals(one.cpu) != cpu.equals(other.cpu)) {
      return cpu.equals(one.cpu) ? one : other;
    }
    if (shape == LineShape.POINTER) {
      boolean ofOne = names(one.report, line);
      if (ofOne != names(other.report, line)) {
        return ofOne ? one : other;
      }
    }
    boolean fitsOne = fits(one, shape);
    boolean fitsOther = fits(other, shape);
    if (!one.active && fitsOther) {
      presumed |= fitsOne && shape == LineShape.FRAME;
      return other;
    }
    if (fitsOne != fitsOther) {
      return fitsOne ? one : other;
    }
    return shape == LineShape.OTHER || !fitsOne ? other : null;
  }

  /// Whether a report may have such a part next.
  private static boolean fits(Strand strand, LineShape shape) {
    return switch (shape) {
      case FRAME, END -> strand.has(LineShape.STACK) && !strand.has(LineShape.END);
      case REGISTERS -> !strand.has(LineShape.STACK);
      case MODULES, CPU, HARDWARE, POINTER, CODE, STACK -> !strand.has(shape);
      case OTHER -> true;
    };
  }

  /// Whether a headline names the function that an instruction pointer shows.
  private static boolean names(Report report, String line) {
    int plus = line.indexOf("+0x");
    int from = plus;
    while (from > 0
        && (Character.isLetterOrDigit(line.charAt(from - 1)) || line.charAt(from - 1) == '_')) {
      from--;
    }
    return plus > from
        && report.lines.getFirst().contains(" " + line.substring(from, plus) + "+0x");
  }

  /// The CPU's number that `CPU: 1 PID: 2` or `CPU#1` tells, null for none.
  static @Nullable String cpu(String line) {
    int named = line.indexOf("CPU: ");
    int from =
        named >= 0 && line.indexOf("PID: ", named) > 0 ? named + 5 : line.indexOf("CPU#") + 4;
    int end = from;
    while (end < line.length() && end - from < 6 && Character.isDigit(line.charAt(end))) {
      end++;
    }
    return from >= 4 && end > from ? line.substring(from, end) : null;
  }
}
