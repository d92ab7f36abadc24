package lastwords.decode;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What an extended record says, whole again: `text\n`, then lines ` KEY=value\n`: the device's
/// dictionary, userdata, sysdata.
///
/// A text that printk had to cut at its maximum has no newline behind it and ends in half an
/// escape: there the lines follow at once. What names sysdata (`cpu`, `taskname`, `release`,
/// `msgid`, in this order, at the end) is the kernel's; userdata may have used the same names
/// before it.
///
/// @param cpu,msgid -1 where the kernel doesn't say
/// @param truncated whether printk cut the text
public record Body(
    String text,
    Map<String, String> dictionary,
    Map<String, String> userdata,
    int cpu,
    @Nullable String task,
    @Nullable String release,
    long msgid,
    boolean truncated) {

  /// As many lines as a kernel can attach besides sysdata: 2 of the dictionary, 256 userdata; the
  /// rest is passed over.
  private static final int MAX_LINES = 258;

  /// `UTS_RELEASE` has at most 64 characters; anything longer is nothing the kernel said.
  private static final int MAX_RELEASE_BYTES = 64;

  public static Body parse(byte[] body) {
    return parse(body, 0);
  }

  /// The body that begins there and goes on to the end of the bytes.
  static Body parse(byte[] bytes, int from) {
    int end = from;
    while (end < bytes.length && bytes[end] != '\n' && bytes[end] != '\\') {
      end++;
    }
    if (end < bytes.length && bytes[end] == '\\') {
      return parseEscaped(bytes, from);
    }
    return withLines(Text.of(bytes, from, end), bytes, end + 1, false);
  }

  private static Body parseEscaped(byte[] bytes, int from) {
    byte[] text = new byte[bytes.length - from];
    int length = 0;
    int at = from;
    boolean truncated = false;
    while (at < bytes.length && bytes[at] != '\n') {
      if (bytes[at] != '\\') {
        text[length++] = bytes[at++];
        continue;
      }
      int high = at + 3 < bytes.length && bytes[at + 1] == 'x' ? hex(bytes[at + 2]) : -1;
      int low = high >= 0 ? hex(bytes[at + 3]) : -1;
      if (low >= 0) {
        text[length++] = (byte) (high << 4 | low);
        at += 4;
        continue;
      }
      truncated = true;
      at = afterHalfEscape(bytes, at);
      break;
    }
    if (!truncated && at < bytes.length) {
      at++;
    }
    while (length > 0 && text[length - 1] == '\n') {
      length--;
    }
    return withLines(Text.of(text, 0, length), bytes, at, truncated);
  }

  private static Body withLines(String text, byte[] bytes, int at, boolean truncated) {
    return at >= bytes.length
        ? new Body(text, Map.of(), Map.of(), -1, null, null, -1, truncated)
        : new Lines(bytes, at).body(text, truncated);
  }

  /// Where the lines begin behind `\`, `\x` or `\xH`, and the blank that stands for printk's last
  /// byte.
  private static int afterHalfEscape(byte[] body, int at) {
    at++;
    if (at < body.length && body[at] == 'x') {
      at++;
      if (at < body.length && hex(body[at]) >= 0) {
        at++;
      }
    }
    if (at < body.length && body[at] == ' ' && (at + 1 == body.length || body[at + 1] == ' ')) {
      at++;
    }
    return at;
  }

  private static int hex(int c) {
    if (c >= '0' && c <= '9') {
      return c - '0';
    }
    int lower = c | 0x20;
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
  }

  /// The lines behind the text: sysdata is taken from the end, then the rest is read on from the
  /// start.
  private static final class Lines {
    private static final byte[] CPU = key("cpu=");
    private static final byte[] TASKNAME = key("taskname=");
    private static final byte[] RELEASE = key("release=");
    private static final byte[] MSGID = key("msgid=");

    private final byte[] bytes;
    private int at;
    private int end;

    // The line last found.
    private int start;
    private int stop;

    Lines(byte[] bytes, int at) {
      this.bytes = bytes;
      this.at = at;
      this.end = bytes.length;
    }

    private static byte[] key(String key) {
      return key.getBytes(US_ASCII);
    }

    Body body(String text, boolean truncated) {
      long msgid = takeNumber(MSGID);
      String release = takeWord(RELEASE, MAX_RELEASE_BYTES);
      String task = takeWord(TASKNAME, Integer.MAX_VALUE);
      long cpu = takeNumber(CPU);
      Map<String, String> dictionary = Map.of();
      Map<String, String> userdata = Map.of();
      for (int lines = 0; lines < MAX_LINES && next(); lines++) {
        int equals = start;
        while (equals < stop && bytes[equals] != '=') {
          equals++;
        }
        String key = Words.of(bytes, start, equals);
        String value = equals == stop ? "" : Words.of(bytes, equals + 1, stop);
        if (userdata.isEmpty() && (key.equals("SUBSYSTEM") || key.equals("DEVICE"))) {
          dictionary = dictionary.isEmpty() ? new LinkedHashMap<>(4) : dictionary;
          dictionary.put(key, value);
        } else {
          userdata = userdata.isEmpty() ? new LinkedHashMap<>(4) : userdata;
          userdata.put(key, value);
        }
      }
      int onCpu = (int) Math.min(cpu, Integer.MAX_VALUE);
      return new Body(text, dictionary, userdata, onCpu, task, release, msgid, truncated);
    }

    /// Goes on to the next line that isn't empty; false at the end.
    private boolean next() {
      while (at < end) {
        start = bytes[at] == ' ' ? at + 1 : at;
        stop = at;
        while (stop < end && bytes[stop] != '\n') {
          stop++;
        }
        at = stop + 1;
        if (stop > start) {
          return true;
        }
      }
      return false;
    }

    /// Takes the last line off if it has that key and a u32 in decimal; -1 when it hasn't.
    private long takeNumber(byte[] key) {
      if (!lastIs(key) || stop == start || stop - start > 10) {
        return -1;
      }
      long number = 0;
      for (int i = start; i < stop; i++) {
        if (bytes[i] < '0' || bytes[i] > '9') {
          return -1;
        }
        number = number * 10 + (bytes[i] - '0');
      }
      if (number > 0xffff_ffffL) {
        return -1;
      }
      takeLast(key);
      return number;
    }

    /// Takes the last line off if it has that key and is no longer than that; null when it hasn't.
    private @Nullable String takeWord(byte[] key, int maxBytes) {
      if (!lastIs(key) || stop - start > maxBytes) {
        return null;
      }
      takeLast(key);
      return Words.of(bytes, start, stop);
    }

    /// Finds the last line that isn't empty; whether it has that key, and what stands behind it.
    private boolean lastIs(byte[] key) {
      while (end > at) {
        int line = end;
        while (line > at && bytes[line - 1] != '\n') {
          line--;
        }
        start = line < end && bytes[line] == ' ' ? line + 1 : line;
        stop = end;
        if (start < stop) {
          boolean has = startsWith(key);
          start += key.length;
          return has;
        }
        end = Math.max(at, line - 1);
      }
      return false;
    }

    private boolean startsWith(byte[] key) {
      int keyEnd = start + key.length;
      return keyEnd <= stop && Arrays.equals(bytes, start, keyEnd, key, 0, key.length);
    }

    /// The line that [#lastIs] found is no userdata.
    private void takeLast(byte[] key) {
      int line = start - key.length;
      boolean blank = line > at && bytes[line - 1] == ' ';
      end = Math.max(at, line - (blank ? 2 : 1));
    }
  }
}
