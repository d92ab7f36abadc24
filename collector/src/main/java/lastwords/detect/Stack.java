package lastwords.detect;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import lastwords.kernel.Frame;
import org.jspecify.annotations.Nullable;

/// The stack of a report as it is shown; [Guilt] reads the same lines for whom to blame.
///
/// @param pointer the instruction pointer's frame, or the function that the text names
/// @param frames what the trace says, top first, guesses included
record Stack(@Nullable Frame pointer, List<Frame> frames) {
  /// Frames kept of one stack; a recursion may print many more.
  static final int MAX_FRAMES = 1_000;

  private static final Pattern START =
      Pattern.compile(
          "(?:Call [Tt]race:\\s*$)|^\\s*(?:Call [Tt]race:|Backtrace: ?|Stack trace:|Allocated by task|Freed by task|Allocated:$|Freed:$|backtrace(?: \\(crc [0-9a-f]+\\))?:|Uninit was (?:stored|created)|Local variable |status: [0-9a-f]+ badaddr: |page last (?:allocated|free)|page_owner|Last potentially related work|Second to last|stack backtrace:$|which (?:lock|became))");

  /// Where a lock was seen before: a stack too, for want of a better one.
  private static final Pattern REGISTERED = Pattern.compile("state was registered at:");

  private static final Pattern END =
      Pattern.compile(
          "^(?:Modules linked in:|---\\[ end |RIP: 00[23]3:|Rebooting in |Kernel Offset:|Last Breaking-Event-Address:)");

  private static final Pattern AT =
      Pattern.compile(", at: +(?:\\[<[0-9a-f]+>\\] +){0,2}" + FrameText.PLACE);
  private static final Pattern HELD = Pattern.compile("^\\s*#[0-9]+: ");
  private static final Pattern BECAME = Pattern.compile("which became \\S+-safe at:");
  private static final Pattern TIMER =
      Pattern.compile("apic_timer_interrupt|el1h?_(?:64_)?irq|__irq_svc");
  private static final Pattern ALLOCATED =
      Pattern.compile("page last allocated|page allocated via|Allocated in ");

  /// Reads it from the report's lines, headline first; `named` is the function its text names.
  static Stack read(Recipe recipe, List<String> lines, @Nullable String named) {
    return switch (recipe) {
      case NONE -> new Stack(null, List.of());
      case OPTIONAL, EXPECTED, POINTER -> new Stack(pointer(lines, 0), trace(lines, 0));
      case TRACE -> new Stack(pointerAboveTrace(lines), trace(lines, 0));
      case LEAK -> new Stack(null, trace(lines, 0));
      case POINTER_AND_TRACE -> pointerAndTrace(lines).withLink(lines);
      case WARNING -> warning(lines);
      case HEADLINE_AND_TRACE, HEADLINE_AND_FRAMES ->
          new Stack(named == null ? null : FrameText.frame(named), frames(lines, 1));
      case INTERRUPTED -> interrupted(lines);
      case NAMED, LOCK, LOCK_BECAME, UNLOCK -> lock(lines, named);
      case PAGE, OBJECT -> {
        int at = indexOf(lines, ALLOCATED, 0);
        yield new Stack(null, at < 0 ? trace(lines, 0) : frames(lines, at + 1));
      }
      case ORIGIN, RACE -> new Stack(null, frames(lines, 1));
    };
  }

  /// The pointer's frame where there is one, then the trace's.
  List<Frame> all() {
    return Stream.concat(Stream.ofNullable(pointer), frames.stream()).toList();
  }

  static boolean isStart(String line) {
    return START.matcher(line).find();
  }

  private static Stack pointerAndTrace(List<String> lines) {
    int at = indexOf(lines, FrameText.POINTER, 1);
    return at < 0
        ? new Stack(null, trace(lines, 0))
        : new Stack(pointer(lines, at), trace(lines, at));
  }

  /// Of the registers that are shown before the trace; those within it are an interrupted one's.
  private static @Nullable Frame pointerAboveTrace(List<String> lines) {
    int at = indexOf(lines, FrameText.POINTER, 1);
    int start = indexOf(lines, START, 0);
    return at < 0 || at > start ? null : FrameText.pointer(lines.get(at));
  }

  private static Stack warning(List<String> lines) {
    int at = indexOf(lines, FrameText.POINTER, 1);
    return at < 0
        ? new Stack(null, trace(lines, 0))
        : new Stack(pointer(lines, at), frames(lines, at + 1));
  }

  private static Stack interrupted(List<String> lines) {
    int at = indexOf(lines, TIMER, 1);
    List<Frame> frames = at < 0 ? List.of() : frames(lines, at + 1);
    if (!frames.isEmpty()) {
      return new Stack(null, frames);
    }
    Stack stack = pointerAndTrace(lines);
    return stack.pointer == null && stack.frames.isEmpty()
        ? new Stack(null, trace(lines, 0))
        : stack;
  }

  /// On arm64 a leaf function's caller is in the link register alone.
  private Stack withLink(List<String> lines) {
    if (pointer != null && !FrameText.LEAF.matcher(pointer.function()).find()) {
      return this;
    }
    int at = indexOf(lines, FrameText.LINK, 1);
    Matcher link = at < 0 ? null : FrameText.LINK.matcher(lines.get(at));
    if (link == null || !link.find()) {
      return this;
    }
    List<Frame> all = new ArrayList<>();
    if (frames.isEmpty() || !frames.getFirst().function().equals(link.group("function"))) {
      all.add(FrameText.frame(link, true));
    }
    all.addAll(frames);
    return new Stack(pointer, List.copyOf(all));
  }

  /// What the text names, then the trace; where there is none, where the locks were taken.
  private static Stack lock(List<String> lines, @Nullable String named) {
    Frame place = named == null ? null : FrameText.frame(named);
    int became = indexOf(lines, BECAME, 0);
    if (became >= 0) {
      return new Stack(place, frames(lines, became + 1));
    }
    List<Frame> frames = trace(lines, 0);
    return new Stack(place, frames.isEmpty() ? held(lines) : frames);
  }

  private static List<Frame> held(List<String> lines) {
    List<Frame> frames = new ArrayList<>();
    for (String line : lines) {
      Matcher place = AT.matcher(line);
      if (HELD.matcher(line).find() && place.find()) {
        frames.add(FrameText.frame(place, true));
      }
    }
    return frames;
  }

  private static int indexOf(List<String> lines, Pattern pattern, int from) {
    for (int i = from; i < lines.size(); i++) {
      if (pattern.matcher(lines.get(i)).find()) {
        return i;
      }
    }
    return -1;
  }

  private static @Nullable Frame pointer(List<String> lines, int from) {
    int at = indexOf(lines, FrameText.POINTER, from);
    if (at < 0) {
      return null;
    }
    return FrameText.pointer(lines.get(at));
  }

  /// The frames of the first stack that starts at or after a line.
  private static List<Frame> trace(List<String> lines, int from) {
    int start = indexOf(lines, START, from);
    if (start < 0) {
      start = indexOf(lines, REGISTERED, from);
    }
    return start < 0 ? List.of() : frames(lines, start + 1);
  }

  /// The frames from a line on: of the next stack to start, if none come before it.
  private static List<Frame> frames(List<String> lines, int from) {
    List<Frame> frames = new ArrayList<>();
    for (int i = from; i < lines.size() && frames.size() < MAX_FRAMES; i++) {
      String line = lines.get(i);
      if (!frames.isEmpty() && (isStart(line) || END.matcher(line).find())) {
        break;
      }
      FrameText.add(frames, line);
    }
    return frames;
  }
}
