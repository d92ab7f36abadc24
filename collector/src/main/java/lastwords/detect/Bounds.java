package lastwords.detect;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import lastwords.kernel.Explanation;
import lastwords.kernel.Frame;
import org.jspecify.annotations.Nullable;

/// The most that one crash may take, in bytes of its JSON, and how what is longer is cut.
///
/// Together the parts stay below [#MAX_CRASH_BYTES]. A kernel's own limits are far smaller: a line
/// has at most 1,024 bytes, a function's name 512, a module's 56, a release 65, a task's 16.
final class Bounds {
  /// A whole crash as JSON. A long real one, with the stacks of 64 CPUs, takes about 200 KiB.
  static final int MAX_CRASH_BYTES = 704 << 10;

  /// One line of a report, its mark included: eight of a kernel's longest, as a console joins the
  /// list of modules.
  static final int MAX_LINE_BYTES = 8 << 10;

  /// All lines of a report: [Report#MAX_LINES] of 128 bytes, more than real lines have on average.
  static final int MAX_REPORT_BYTES = 256 << 10;

  /// The lines before a headline: [LastWords#MAX] of nearly a kernel's longest.
  static final int MAX_LAST_WORDS_BYTES = 48 << 10;

  /// All frames: [Stack#MAX_FRAMES] of a recursion, whose names are short.
  static final int MAX_FRAMES_BYTES = 256 << 10;

  /// What an explanation adds: 200 functions with their verdicts.
  static final int MAX_EXPLANATION_BYTES = 64 << 10;

  /// The names of all modules: [Facts#MAX_MODULES] of 32 bytes.
  static final int MAX_MODULES_BYTES = 32 << 10;

  /// One attribute's value: the lines of a "cut here" banner are the longest.
  static final int MAX_ATTRIBUTE_BYTES = 4 << 10;

  /// All attributes; a pattern has at most about a dozen.
  static final int MAX_ATTRIBUTES_BYTES = 24 << 10;

  /// Titles under which a crash may be known besides its own; real ones have up to 12.
  static final int MAX_ALT_TITLES = 16;

  /// A function's or a file's name: a kernel's KSYM_NAME_LEN.
  static final int MAX_NAME_BYTES = 512;

  /// A module's name; a kernel's have at most 56 bytes.
  static final int MAX_MODULE_BYTES = 64;

  /// A task's name; a kernel's has at most 16 bytes, each of which may read `\xHH`.
  static final int MAX_COMM_BYTES = 128;

  /// A release; a kernel's has at most 65 bytes.
  static final int MAX_RELEASE_BYTES = 128;

  /// The name of the hardware; a kernel's has at most 128 bytes.
  static final int MAX_HARDWARE_BYTES = 256;

  /// A host's name or an address.
  static final int MAX_HOST_BYTES = 1_024;

  /// A context: the caller, or task and CPU.
  static final int MAX_CONTEXT_CHARS = 128;

  /// What a string takes in memory besides two bytes for each of its characters: object, array,
  /// rounding, and the reference to it.
  static final int STRING_BYTES = 56;

  /// Begins what stands at the end of a line that was cut.
  static final String CUT = " [cut: ";

  /// Names, punctuation and numbers of a frame.
  private static final int FRAME_BYTES = 140;

  /// Names and punctuation of a function that was judged.
  private static final int JUDGED_BYTES = 30;

  /// Room for `[cut: 65536 bytes]`.
  private static final int MARK_BYTES = 32;

  /// Whether anything was cut since the instance was made.
  private boolean cut;

  boolean cutAnything() {
    return cut;
  }

  /// What a string takes in memory at the most.
  static long heapBytes(@Nullable String text) {
    return text == null ? 0 : STRING_BYTES + 2L * text.length();
  }

  /// What a string takes in JSON, without its quotation marks.
  static int jsonBytes(String text) {
    int bytes = 0;
    for (int i = 0; i < text.length(); i++) {
      bytes += jsonBytes(text.charAt(i));
    }
    return bytes;
  }

  private static int jsonBytes(char c) {
    if (c < ' ') {
      return c == '\t' || c == '\n' || c == '\r' || c == '\b' || c == '\f' ? 2 : 6;
    }
    if (c < 0x80) {
      return c == '"' || c == '\\' ? 2 : 1;
    }
    // Two of a surrogate pair make four bytes; a lone one is replaced by fewer.
    return c < 0x800 || Character.isSurrogate(c) ? 2 : 3;
  }

  /// As much of the text as takes so many bytes in JSON; the text itself where it is short enough.
  static String head(String text, int maxBytes) {
    if (text.length() <= maxBytes / 6) {
      return text;
    }
    int bytes = 0;
    for (int i = 0; i < text.length(); i++) {
      bytes += jsonBytes(text.charAt(i));
      if (bytes > maxBytes) {
        return text.substring(0, isWithinPair(text, i) ? i - 1 : i);
      }
    }
    return text;
  }

  /// Whether a pair of surrogates would be torn by cutting there.
  static boolean isWithinPair(String text, int at) {
    return at > 0
        && at < text.length()
        && Character.isHighSurrogate(text.charAt(at - 1))
        && Character.isLowSurrogate(text.charAt(at));
  }

  /// A line as it is kept: where it is longer than [#MAX_LINE_BYTES], its head, and how much is
  /// missing.
  static String line(String line) {
    String head = head(line, MAX_LINE_BYTES);
    if (head.length() == line.length()) {
      return line;
    }
    head = head(line, MAX_LINE_BYTES - MARK_BYTES);
    return head + CUT + (line.length() - head.length()) + " characters]";
  }

  /// A line without the mark that [#line] made.
  static String withoutMark(String line) {
    int mark = line.length() > MAX_LINE_BYTES / 6 ? line.lastIndexOf(CUT) : -1;
    return mark < 0 ? line : line.substring(0, mark);
  }

  /// As [#head], noting that something was cut.
  @Nullable String text(@Nullable String text, int maxBytes) {
    if (text == null) {
      return null;
    }
    String head = head(text, maxBytes);
    cut |= head.length() < text.length();
    return head;
  }

  /// The last of these lines that fit.
  List<String> lastWords(List<String> lines) {
    int bytes = 0;
    int from = lines.size();
    while (from > 0) {
      bytes += jsonBytes(lines.get(from - 1)) + 3;
      if (bytes > MAX_LAST_WORDS_BYTES) {
        break;
      }
      from--;
    }
    cut |= from > 0;
    return from == 0 ? lines : List.copyOf(lines.subList(from, lines.size()));
  }

  /// The first of these titles.
  List<String> altTitles(List<String> titles) {
    return first(titles, MAX_ALT_TITLES);
  }

  /// The first of these modules that fit, each by its name's head.
  List<String> modules(List<String> modules) {
    List<String> kept = new ArrayList<>(modules.size());
    int bytes = 0;
    for (String module : modules) {
      String head = head(module, MAX_MODULE_BYTES);
      bytes += head.length() + 3; // a module's name is ASCII
      if (bytes > MAX_MODULES_BYTES) {
        cut = true;
        break;
      }
      cut |= head.length() < module.length();
      kept.add(head);
    }
    return List.copyOf(kept);
  }

  /// The first of these attributes that fit, each by its value's head.
  Map<String, String> attributes(Map<String, String> attributes) {
    Map<String, String> kept = new LinkedHashMap<>();
    int bytes = 0;
    for (Map.Entry<String, String> attribute : attributes.entrySet()) {
      String value = head(attribute.getValue(), MAX_ATTRIBUTE_BYTES);
      bytes += jsonBytes(attribute.getKey()) + jsonBytes(value) + 6;
      if (bytes > MAX_ATTRIBUTES_BYTES) {
        cut = true;
        break;
      }
      cut |= value.length() < attribute.getValue().length();
      kept.put(attribute.getKey(), value);
    }
    return Map.copyOf(kept);
  }

  /// The first of these frames that fit, each with its names' heads.
  List<Frame> frames(List<Frame> frames) {
    int bytes = 0;
    List<Frame> kept = new ArrayList<>(frames.size());
    for (Frame frame : frames) {
      Frame next = frame(frame);
      bytes +=
          FRAME_BYTES
              + jsonBytes(next.function())
              + (next.module() == null ? 0 : jsonBytes(next.module()))
              + (next.file() == null ? 0 : jsonBytes(next.file()));
      if (bytes > MAX_FRAMES_BYTES) {
        cut = true;
        break;
      }
      kept.add(next);
    }
    return List.copyOf(kept);
  }

  private Frame frame(Frame frame) {
    String function = head(frame.function(), MAX_NAME_BYTES);
    String module = text(frame.module(), MAX_MODULE_BYTES);
    String file = text(frame.file(), MAX_NAME_BYTES);
    cut |= function.length() < frame.function().length();
    return new Frame(
        function,
        frame.offset(),
        frame.size(),
        module,
        file,
        frame.line(),
        frame.inline(),
        frame.reliable());
  }

  private <T> List<T> first(List<T> list, int count) {
    cut |= list.size() > count;
    return list.size() > count ? List.copyOf(list.subList(0, count)) : list;
  }

  /// The same with as many of its functions, from the first on, as fit.
  Explanation explanation(Explanation explanation) {
    List<Explanation.Judged> kept = new ArrayList<>(explanation.frames().size());
    int bytes = 0;
    for (Explanation.Judged judged : explanation.frames()) {
      String function = head(judged.function(), MAX_NAME_BYTES);
      bytes += JUDGED_BYTES + jsonBytes(function) + jsonBytes(judged.verdict());
      if (bytes > MAX_EXPLANATION_BYTES) {
        cut = true;
        break;
      }
      cut |= function.length() < judged.function().length();
      kept.add(new Explanation.Judged(function, judged.verdict()));
    }
    return new Explanation(
        explanation.source(),
        explanation.lines(),
        List.copyOf(kept),
        explanation.signed(),
        explanation.path());
  }
}
