package lastwords.detect;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import lastwords.kernel.Frame;
import org.jspecify.annotations.Nullable;

/// Puts back the lines that a report can't be read without, where they were lost and others say the
/// same: how a stack starts, where the instruction pointer was, how memory was accessed.
///
/// A line that nothing else vouches for stays lost, and the report corrupted.
final class Mending {
  /// Frames in a row that are a stack, also where nothing says so.
  private static final int LEAST_FRAMES = 2;

  /// What comes before frames that are not the report's own stack.
  private static final Pattern OTHER_STACK =
      Pattern.compile(":\\s*$|(?:Allocated|Freed) in |page last |^-> #[0-9]|last function: ");

  /// Lines between the frames of one stack.
  private static final Pattern MARK = Pattern.compile("^\\s*</?(?:TASK|IRQ|NMI|SOFTIRQ|#DF)>\\s*$");

  /// Registers that 32-bit ARM had saved, between the frames.
  private static final Pattern SAVED = Pattern.compile("^\\s+r[0-9]{1,2}:");

  /// Frames that only the stack of who reports has, on top.
  private static final Pattern OWN =
      Pattern.compile("^\\W*(?:[0-9a-f]{8,16}\\W+)*(?:_*dump_stack|show_stack|dump_backtrace)\\b");

  /// Who reports, said just before its stack.
  private static final Pattern WHO =
      Pattern.compile("^stack backtrace:|^(?:CPU: [0-9]+|Pid: [0-9]+,|Hardware name: )");

  /// How the stacks of 32-bit ARM begin that never had a start; reports with such are known as
  /// corrupted.
  private static final String NEVER_STARTED = "unwind_backtrace";

  private static final Pattern ANY_POINTER =
      Pattern.compile(
          "(?:^|\\s)(?:[ER]?IP: (?!0033:|0023:|002b:)|EIP is at|PC is at|NIP|pc |epc|ERA: |Krnl PSW)");

  /// Registers that an instruction pointer was printed with.
  private static final Pattern REGISTERS =
      Pattern.compile("^\\s*(?:RSP: (?:0018|e02b):|EFLAGS: [0-9a-f]+ +CPU: |EIP is at|ESI: )");

  /// Those of architectures whose stacks begin with the instruction pointer.
  private static final Pattern REGISTERS_OF_TOP =
      Pattern.compile("^\\s*(?:lr : |LR is at|sp : |ra : )");

  /// What x86 kernels say once more when they have said all, for who sees only the end: as old ones
  /// do, and as new ones do after `end trace`.
  private static final Pattern SUMMARY =
      Pattern.compile(
          "^(?:RIP  (?:\\[<[0-9a-f]+>\\] )?|RIP: (?:0010:)?|EIP: (?:\\[<[0-9a-f]+>\\] )?)"
              + FrameText.PLACE);

  /// Where a warning says itself that it was.
  private static final Pattern WARNED =
      Pattern.compile("^WARNING: .{0,100}?\\bat (?:\\S{1,200}:[0-9]{1,9} )?" + FrameText.PLACE);

  /// What the compiler has every access of memory checked with.
  private static final Pattern CHECKED =
      Pattern.compile(
          "\\b__asan_(?:report_)?(?:exp_)?(load|store)(?:_n|[0-9]{1,2})|\\b_*k(?:a|c)san_check_(read|write)\\+");

  private static final Pattern ACCESS = Pattern.compile("(?:Read|Write) (?:of size|at addr) ");

  /// Who makes memory, as the stack of an origin begins.
  private static final Pattern MAKES =
      Pattern.compile(
          "^_*(?:slab_|kmem_cache_|kmalloc|kmsan_(?:save|internal|slab)|alloc_pages|alloc_frozen|get_free_page|set_slub)");

  private static final Pattern LOCK_AT = Pattern.compile(", at: ");

  private Mending() {}

  /// @param lines of a report, headline first
  static List<String> mend(Row row, List<String> lines) {
    if (row.stack() == Recipe.NONE || lines.size() <= LEAST_FRAMES) {
      return lines;
    }
    List<String> mended = new ArrayList<>(lines);
    start(row, mended);
    switch (row.stack()) {
      case POINTER_AND_TRACE, POINTER, WARNING -> pointer(mended);
      case HEADLINE_AND_TRACE -> access(mended);
      case LOCK, NAMED -> wanted(mended);
      case ORIGIN -> origin(mended);
      default -> {}
    }
    return mended;
  }

  /// The first stack's start, before frames that nothing introduces.
  private static void start(Row row, List<String> lines) {
    if (row.is(Row.Trait.BARE_STACK)) {
      return;
    }
    // What lockdep reports has stacks of other times first.
    boolean early = row.kind().equals("lockdep");
    boolean introduced = false;
    for (int i = 1; i < lines.size(); i++) {
      String line = lines.get(i);
      if (isBetween(line)) {
        continue;
      }
      if (!FrameText.isFrame(line)) {
        if (Walk.isTrace(line)) {
          return;
        }
        introduced = OTHER_STACK.matcher(line).find() || Stack.isStart(line);
        early &= !WHO.matcher(line).find();
      } else if (OWN.matcher(line).find()
          || (!early && !introduced && frames(lines, i) >= LEAST_FRAMES)) {
        if (!line.contains(NEVER_STARTED)) {
          int at = MARK.matcher(lines.get(i - 1)).find() ? i - 1 : i;
          lines.add(Math.max(1, at), row.stack() == Recipe.LEAK ? "  backtrace:" : "Call Trace:");
        }
        return;
      }
    }
  }

  private static boolean isBetween(String line) {
    return MARK.matcher(line).find() || SAVED.matcher(line).find();
  }

  private static int frames(List<String> lines, int from) {
    int frames = 0;
    for (int i = from; i < lines.size() && frames < LEAST_FRAMES; i++) {
      if (FrameText.isFrame(lines.get(i))) {
        frames++;
      } else if (!isBetween(lines.get(i))) {
        break;
      }
    }
    return frames;
  }

  private static void pointer(List<String> lines) {
    // Until Linux 3.10 a warning showed no registers, and of its stack often guesses alone.
    boolean registers = lines.getFirst().startsWith("WARNING: at ");
    boolean top = false;
    // Where it warns and panics, registers come within the stack.
    boolean warns = WARNED.matcher(lines.getFirst()).find();
    for (int i = 1; i < lines.size() && (warns || !Walk.isTrace(lines.get(i))); i++) {
      String line = lines.get(i);
      if (ANY_POINTER.matcher(line).find()) {
        return;
      }
      registers |= REGISTERS.matcher(line).find();
      top |= REGISTERS_OF_TOP.matcher(line).find();
    }
    String place = registers || top ? elsewhere(lines) : null;
    if (place == null && top) {
      place = top(lines);
    }
    if (place != null) {
      lines.add(1, "RIP: 0010:" + place);
    }
  }

  /// The place that a lost instruction pointer has said, null where no other line does.
  private static @Nullable String elsewhere(List<String> lines) {
    Matcher warned = WARNED.matcher(lines.getFirst());
    if (warned.find()) {
      return place(warned);
    }
    for (int i = lines.size() - 1; i > 0; i--) {
      Matcher summary = SUMMARY.matcher(lines.get(i));
      if (summary.find()) {
        return place(summary);
      }
    }
    return null;
  }

  private static String place(Matcher matcher) {
    return matcher.group("function") + "+0x" + matcher.group("offset");
  }

  /// The place on top of the first stack.
  private static @Nullable String top(List<String> lines) {
    int at = 0;
    while (at < lines.size() && !Walk.isTrace(lines.get(at))) {
      at++;
    }
    List<Frame> frames = new ArrayList<>();
    while (++at < lines.size() && frames.isEmpty()) {
      FrameText.add(frames, lines.get(at));
    }
    if (frames.isEmpty() || frames.getFirst().inline()) {
      return null;
    }
    Integer offset = frames.getFirst().offset();
    return frames.getFirst().function() + "+0x" + Integer.toHexString(offset == null ? 0 : offset);
  }

  private static void access(List<String> lines) {
    int to = 1;
    while (to < lines.size() && !lines.get(to).startsWith("Allocated by")) {
      if (ACCESS.matcher(lines.get(to)).find()) {
        return;
      }
      to++;
    }
    for (String line : lines.subList(1, to)) {
      Matcher checked = CHECKED.matcher(line);
      if (checked.find()) {
        String how = checked.group(1) == null ? checked.group(2) : checked.group(1);
        boolean write = how.equals("store") || how.equals("write");
        lines.add(1, (write ? "Write" : "Read") + " of size 0");
        return;
      }
    }
  }

  /// That a task wants the lock that the first line about one is about.
  private static void wanted(List<String> lines) {
    int held = -1;
    for (int i = 1; i < lines.size() && held < 0; i++) {
      String line = lines.get(i);
      if (line.contains("is trying to acquire") || line.contains("takes:")) {
        return;
      }
      held = line.contains("but task is already holding") ? i : -1;
    }
    for (int i = 1; i < held; i++) {
      if (LOCK_AT.matcher(lines.get(i)).find()) {
        lines.add(i, "a task/0 is trying to acquire lock:");
        return;
      }
    }
  }

  /// Where a value comes from, before the second stack of those that make memory.
  private static void origin(List<String> lines) {
    boolean used = false;
    for (int i = 1; i < lines.size(); i++) {
      String line = lines.get(i);
      if (line.contains(" created at:")) {
        return;
      }
      boolean makes = MAKES.matcher(line.strip()).find();
      if (makes && used && FrameText.isFrame(line) && !FrameText.isFrame(lines.get(i - 1))) {
        lines.add(i, "Uninit was created at:");
        return;
      }
      used |= FrameText.isFrame(line);
    }
  }
}
