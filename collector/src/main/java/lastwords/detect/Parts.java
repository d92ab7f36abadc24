package lastwords.detect;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Puts the parts of a pstore dump in order.
///
/// A backend that can't hold a whole dump is given it in parts, the newest lines first: `Oops#1
/// Part1` holds the end of the log, `Oops#1 Part2` what stands before it. In a file that holds
/// several parts of one dump, the lines of the highest come first. A dump of more than [#MAX_BYTES]
/// is left as it is from there on. Format: Linux `fs/pstore/platform.c`.
final class Parts {
  /// Far more than any backend stores.
  static final int MAX_BYTES = 16 << 20;

  private static final Pattern HEADER =
      Pattern.compile(
          "^(?:<[0-9]{1,3}>)?((?:Panic|Oops|Emergency|Restart|Reboot|Shutdown|Halt|Poweroff|Unknown)#[0-9]{1,9}) Part([0-9]{1,6})\\s*$");

  private static final int MAX_HEADER = 64;
  private static final int LINE_OVERHEAD = 48;

  /// Takes lines, each with its number in the file.
  interface Lines {
    void accept(byte[] line, long number);
  }

  @SuppressWarnings("ArrayRecordComponent")
  private record Line(byte[] bytes, long number) {}

  private final Lines to;
  private @Nullable String dump;
  private final TreeMap<Integer, List<Line>> parts = new TreeMap<>();
  private List<Line> current = new ArrayList<>();
  private int bytes;

  Parts(Lines to) {
    this.to = to;
  }

  /// Whether lines are held back that come after those still to come.
  boolean isOpen() {
    return dump != null;
  }

  /// The file's next line.
  void line(byte[] line, long number) {
    Matcher header = header(line);
    if (header != null) {
      begin(header.group(1), Integer.parseInt(header.group(2)));
    }
    if (dump == null) {
      to.accept(line, number);
      return;
    }
    current.add(new Line(line, number));
    bytes += line.length + LINE_OVERHEAD;
    if (bytes > MAX_BYTES) {
      end();
    }
  }

  /// Hands on the lines held back.
  void end() {
    dump = null;
    for (List<Line> part : parts.descendingMap().values()) {
      part.forEach(line -> to.accept(line.bytes, line.number));
    }
    parts.clear();
    bytes = 0;
  }

  private void begin(String name, int part) {
    if (!name.equals(dump) || parts.containsKey(part)) {
      end();
      dump = name;
    }
    current = new ArrayList<>();
    parts.put(part, current);
  }

  private static @Nullable Matcher header(byte[] line) {
    if (line.length > MAX_HEADER || line.length < LogText.PARTS.length()) {
      return null;
    }
    boolean odd = line[0] != '<' && (line[0] < 'A' || line[0] > 'Z');
    if (odd) {
      return null;
    }
    Matcher header = HEADER.matcher(new String(line, java.nio.charset.StandardCharsets.ISO_8859_1));
    return header.find() ? header : null;
  }
}
