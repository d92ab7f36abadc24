package lastwords.detect;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import lastwords.kernel.Frame;
import org.jspecify.annotations.Nullable;

/// The stack of a report, as its row's recipe reads it.
///
/// @param pointer the instruction pointer's frame, or the function a headline names
/// @param places functions that the report names before any trace: where locks were taken
/// @param frames what the trace says, top first, guesses included
/// @param complaint why it can't be right, null where nothing speaks against it
record Stack(
    @Nullable Frame pointer, List<Frame> places, List<Frame> frames, @Nullable String complaint) {
  /// Frames kept of one stack; a recursion may print many more.
  static final int MAX_FRAMES = 1_000;

  /// Lines within which a stack must show its first frame.
  private static final int FIRST_FRAME_WITHIN = 15;

  /// Lines that must follow the start of a stack.
  private static final int LINES_AFTER_START = 4;

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
  private static final Pattern LEAF =
      Pattern.compile("^_*(?:pi_)?(?:mem|str)(?:cpy|set|cmp|move|len|chr)");
  private static final Pattern LINK =
      Pattern.compile("^lr : (?:\\[<[0-9a-f]+>\\] )?" + FrameText.PLACE);
  private static final Pattern TIMER =
      Pattern.compile("apic_timer_interrupt|el1h?_(?:64_)?irq|__irq_svc");
  private static final Pattern ALLOCATED =
      Pattern.compile("page last allocated|page allocated via|Allocated in ");

  private Stack(@Nullable Frame pointer, List<Frame> frames, @Nullable String complaint) {
    this(pointer, List.of(), frames, complaint);
  }

  /// Reads it from the report's lines, headline first; `named` is the function its headline names.
  static Stack read(Recipe recipe, List<String> lines, @Nullable String named) {
    return switch (recipe) {
      case NONE -> new Stack(null, List.of(), null);
      case OPTIONAL -> new Stack(pointer(lines, 0), trace(lines, 0), null);
      case TRACE -> checked(null, trace(lines, 0), lines);
      case POINTER -> pointerOnly(lines);
      case POINTER_AND_TRACE -> pointerAndTrace(lines).withLink(lines);
      case WARNING -> warning(lines);
      case HEADLINE_AND_TRACE ->
          new Stack(
              named == null ? null : FrameText.frame(named), frames(lines, 1), complaint(lines));
      case INTERRUPTED -> interrupted(lines);
      case LOCK -> lock(lines);
      case ALLOCATION -> {
        int at = indexOf(lines, ALLOCATED, 0);
        yield checked(null, at < 0 ? trace(lines, 0) : frames(lines, at + 1), lines);
      }
      case ORIGIN -> new Stack(null, frames(lines, 1), null);
    };
  }

  /// The frames that may be blamed, top first: no guesses, unless there is nothing else.
  List<Frame> candidates() {
    List<Frame> all = new ArrayList<>();
    if (pointer != null) {
      all.add(pointer);
    }
    all.addAll(places);
    for (Frame frame : frames) {
      if (frame.reliable()) {
        all.add(frame);
      }
    }
    return all.isEmpty() ? frames : all;
  }

  static boolean isStart(String line) {
    return START.matcher(line).find();
  }

  private static Stack checked(@Nullable Frame pointer, List<Frame> frames, List<String> lines) {
    return new Stack(pointer, frames, complaint(lines));
  }

  private static Stack pointerOnly(List<String> lines) {
    Frame pointer = pointer(lines, 0);
    return new Stack(pointer, trace(lines, 0), complaint(lines));
  }

  private static Stack pointerAndTrace(List<String> lines) {
    int at = indexOf(lines, FrameText.POINTER, 1);
    if (at < 0) {
      return new Stack(null, trace(lines, 0), "no instruction pointer");
    }
    return checked(pointer(lines, at), trace(lines, at), lines);
  }

  private static Stack warning(List<String> lines) {
    int at = indexOf(lines, FrameText.POINTER, 1);
    if (at < 0) {
      return checked(null, trace(lines, 0), lines);
    }
    return checked(pointer(lines, at), frames(lines, at + 1), lines);
  }

  private static Stack interrupted(List<String> lines) {
    int at = indexOf(lines, TIMER, 1);
    if (at >= 0) {
      List<Frame> frames = frames(lines, at + 1);
      if (!frames.isEmpty()) {
        return checked(null, frames, lines);
      }
    }
    return pointerAndTrace(lines).orIfEmpty(lines);
  }

  /// On arm64 a leaf function's caller is in the link register alone.
  private Stack withLink(List<String> lines) {
    if (pointer != null && !LEAF.matcher(pointer.function()).find()) {
      return this;
    }
    int at = indexOf(lines, LINK, 1);
    Matcher link = at < 0 ? null : LINK.matcher(lines.get(at));
    if (link == null || !link.find()) {
      return this;
    }
    List<Frame> all = new ArrayList<>();
    if (frames.isEmpty() || !frames.getFirst().function().equals(link.group("function"))) {
      all.add(FrameText.frame(link, true));
    }
    all.addAll(frames);
    return new Stack(pointer, List.copyOf(all), complaint);
  }

  private Stack orIfEmpty(List<String> lines) {
    return candidates().isEmpty() ? checked(null, trace(lines, 0), lines) : this;
  }

  /// Where the lock was wanted, where the one in the way was taken, then the trace.
  private static Stack lock(List<String> lines) {
    int became = indexOf(lines, BECAME, 0);
    if (became >= 0) {
      return new Stack(null, frames(lines, became + 1), null);
    }
    List<Frame> places = new ArrayList<>();
    for (int i = 0; i < lines.size() && places.size() < 2; i++) {
      Matcher place = AT.matcher(lines.get(i));
      if (place.find() && !HELD.matcher(lines.get(i)).find()) {
        places.add(FrameText.frame(place, true));
      } else if (lines.get(i).contains("is trying to release lock") && i + 1 < lines.size()) {
        FrameText.add(places, lines.get(i + 1));
      }
    }
    List<Frame> frames = trace(lines, 0);
    if (places.isEmpty() && frames.isEmpty()) {
      places.addAll(held(lines));
    }
    return new Stack(null, List.copyOf(places), frames, complaint(lines));
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

  private static @Nullable String complaint(List<String> lines) {
    boolean any = false;
    for (int i = 0; i < lines.size(); i++) {
      if (!isStart(lines.get(i))) {
        continue;
      }
      any = true;
      if (!lines.get(i).contains("race:")) {
        continue;
      }
      if (lines.size() - i - 1 < LINES_AFTER_START) {
        return "a stack is cut off";
      }
      int end = Math.min(lines.size(), i + 1 + FIRST_FRAME_WITHIN);
      if (lines.subList(i + 1, end).stream().noneMatch(FrameText::isFrame)) {
        return "a stack without frames";
      }
    }
    return any ? null : "no stack";
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
