package lastwords.detect;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import lastwords.demangle.Demangler;
import lastwords.kernel.Frame;
import org.jspecify.annotations.Nullable;

/// Follows the steps of a [Recipe] through a report's lines, and says which functions it met.
final class Walk {
  /// Functions kept of one stack; a recursion may print many more.
  private static final int MAX_FUNCTIONS = 1_000;

  /// Lines within which a stack must show its first frame.
  private static final int FIRST_FRAME_WITHIN = 15;

  /// Lines that the start of a stack and what follows it must have.
  private static final int LEAST_LINES = 3;

  /// The stack of a process whose registers were shown just before, on riscv; it may be missing.
  private static final Pattern AFTER_REGISTERS =
      Pattern.compile("status: [0-9a-f]{16} badaddr: [0-9a-f]{16} cause: [0-9a-f]{16}");

  private static final Pattern TRACE =
      Pattern.compile("Call [Tt]race|Backtrace:|[^k] backtrace(?: \\(crc [0-9a-f]*\\))?:");

  /// How stacks start, each in its own way.
  private static final List<Pattern> STARTS =
      List.of(
          Pattern.compile("Call [Tt]race"),
          Pattern.compile("Backtrace:"),
          Pattern.compile("Allocated(?: by task [0-9]+)?:"),
          Pattern.compile("Freed(?: by task [0-9]+)?:"),
          Pattern.compile("[^k] backtrace(?: \\(crc [0-9a-f]*\\))?:"),
          Pattern.compile("Uninit was stored to memory at"),
          AFTER_REGISTERS);

  /// An allocation that was made to fail as a test; its stack is easily taken for the report's.
  private static final Pattern FAULT_INJECTION =
      Pattern.compile("^(?: \\[<[0-9a-f]+>\\])? should_fail(?:slab)?(?:\\.[a-z0-9.]+)?\\+0x");

  /// A pointer to user space, or to nothing.
  private static final Pattern POINTER_TO_NO_FUNCTION =
      Pattern.compile("[ER]?IP: (?:[0-9a-f]{4}:0x|.{0,60}\\(null\\)$)");

  private static final Pattern INTERRUPT =
      Pattern.compile("--- interrupt: [0-9]+ at " + FrameText.PLACE);

  /// The functions of each stack, top first, compiler suffixes removed.
  final List<List<String>> stacks = new ArrayList<>();

  /// Nothing was met that doesn't belong here.
  boolean intact = true;

  private final List<Step> steps;
  private final List<String> lines;
  private final @Nullable String named;
  private final boolean guesses;
  private List<String> functions = new ArrayList<>();
  private int next;

  /// @param lines the report without guessed frames, headline first
  /// @param named the function that its text names
  /// @param guesses whether frames that may be left over from earlier calls count
  Walk(List<Step> steps, List<String> lines, @Nullable String named, boolean guesses) {
    this.guesses = guesses;
    this.steps = steps;
    this.lines = lines;
    this.named = named;
    boolean first = true;
    for (int i = 0; i < steps.size(); i++) {
      boolean isStack = steps.get(i) instanceof Step.Frames;
      if (isStack && !first) {
        endStack();
      }
      first &= !isStack;
      if (take(i)) {
        i++;
      }
    }
    endStack();
  }

  private void endStack() {
    stacks.add(functions);
    functions = new ArrayList<>();
  }

  /// Takes a step; true where the one after it was taken too.
  private boolean take(int number) {
    switch (steps.get(number)) {
      case Step.Named() -> {
        if (named != null) {
          met(named);
        }
      }
      case Step.Frames(boolean ofModules) -> {
        return frames(ofModules, number + 1 < steps.size() ? steps.get(number + 1) : null);
      }
      case Step.To to -> seek(to);
      case Step.Pointer pointer -> seek(pointer);
      case Step.PointerOrInterrupt pointer -> seek(pointer);
    }
    return false;
  }

  private void seek(Step wanted) {
    while (next < lines.size()) {
      String line = lines.get(next++);
      if (isInjected(line) || fits(wanted, line)) {
        return;
      }
    }
  }

  private boolean frames(boolean ofModules, @Nullable Step after) {
    while (next < lines.size()) {
      String line = lines.get(next++);
      if (isInjected(line) || isStart(line)) {
        return false;
      }
      if (after != null && fits(after, line)) {
        return true;
      }
      called(line, guesses).stream()
          .filter(f -> !ofModules || f.module() != null)
          .forEach(f -> met(f.function()));
    }
    return false;
  }

  private boolean isInjected(String line) {
    boolean injected = FAULT_INJECTION.matcher(line).find();
    intact &= !injected;
    return injected;
  }

  /// True where a step wants this line; what function it names is met.
  private boolean fits(Step wanted, String line) {
    return switch (wanted) {
      case Step.To(Pattern pattern) -> fits(pattern.matcher(line));
      case Step.Pointer() -> fitsPointer(line);
      case Step.PointerOrInterrupt() -> fits(INTERRUPT.matcher(line)) || fitsPointer(line);
      case Step.Named named -> false;
      case Step.Frames frames -> false;
    };
  }

  private boolean fits(Matcher matcher) {
    if (!matcher.find()) {
      return false;
    }
    if (matcher.namedGroups().containsKey("function")) {
      met(matcher.group("function"));
    }
    return true;
  }

  private boolean fitsPointer(String line) {
    if (!FrameText.POINTER.matcher(line).find()) {
      return POINTER_TO_NO_FUNCTION.matcher(line).find();
    }
    Frame pointer = FrameText.pointer(line);
    if (pointer != null) {
      met(pointer.function());
    }
    if (pointer == null || FrameText.LEAF.matcher(pointer.function()).find()) {
      link();
    }
    return true;
  }

  /// On arm64, who called a leaf function, or nowhere, may be in the link register alone.
  private void link() {
    for (int i = next; i < lines.size() && i < next + 3; i++) {
      Matcher link = FrameText.LINK.matcher(lines.get(i));
      if (link.find()) {
        met(link.group("function"));
      }
    }
  }

  private void met(String function) {
    if (functions.size() < MAX_FUNCTIONS) {
      functions.add(Demangler.readable(function));
    }
  }

  /// The frames that a line of a stack shows; those inlined only symbols know, and a title must not
  /// change with them.
  private static List<Frame> called(String line, boolean guesses) {
    if (line.startsWith("RIP:") || line.stripLeading().startsWith("<")) {
      return List.of();
    }
    List<Frame> frames = new ArrayList<>();
    FrameText.add(frames, line);
    return frames.stream().filter(f -> (f.reliable() || guesses) && !f.inline()).toList();
  }

  /// True for the start of a stack of the report's own: who ran, not who allocated.
  static boolean isTrace(String line) {
    return TRACE.matcher(line).find();
  }

  private static boolean isStart(String line) {
    return STARTS.stream().anyMatch(s -> s.matcher(line).find());
  }

  /// What is wrong with the stacks of a report that must have some; null for nothing.
  static @Nullable String complaint(List<String> lines) {
    boolean any = false;
    for (Pattern start : STARTS) {
      int at = 0;
      while (at < lines.size() && !start.matcher(lines.get(at)).find()) {
        at++;
      }
      if (at == lines.size()) {
        continue;
      }
      if (lines.size() - at < LEAST_LINES) {
        return "a stack is cut off";
      }
      boolean found = hasFrame(lines.subList(at + 1, lines.size()));
      if (!found && start != AFTER_REGISTERS) {
        return "a stack without frames";
      }
      any |= found;
    }
    return any ? null : "no stack";
  }

  private static boolean hasFrame(List<String> lines) {
    for (int i = 0; i < lines.size() && i < FIRST_FRAME_WITHIN; i++) {
      String line = lines.get(i);
      if (isStart(line)) {
        return false;
      }
      if (line.contains("(stack is not available)") || !called(line, false).isEmpty()) {
        return true;
      }
    }
    return false;
  }
}
