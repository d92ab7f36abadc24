package lastwords.decode;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Reads bodies of extended records: `text\n`, then lines ` KEY=value\n`: the device's dictionary,
/// userdata, sysdata.
///
/// A text that printk had to cut at its maximum has no newline behind it and ends in half an
/// escape: there the lines follow at once. What names sysdata (`cpu`, `taskname`, `release`,
/// `msgid`, in this order, at the end) is the kernel's; userdata may have used the same names
/// before it. Sysdata is taken from the end, then the rest is read on from the start. Belongs to
/// one thread, and is used again so that a record costs nothing but what it says.
final class BodyReader {
  /// As many lines as a kernel can attach besides sysdata: 2 of the dictionary, 256 userdata; the
  /// rest is passed over.
  private static final int MAX_LINES = 258;

  /// `UTS_RELEASE` has at most 64 characters; anything longer is nothing the kernel said.
  private static final int MAX_RELEASE_BYTES = 64;

  /// A task's name has 15 bytes, that of a kernel worker up to 63 (`/proc/<pid>/comm`).
  private static final int MAX_TASK_BYTES = 64;

  /// A key of userdata has 53 bytes at most (`MAX_EXTRADATA_NAME_LEN`); a line with a longer one is
  /// passed over.
  private static final int MAX_KEY_BYTES = 64;

  private static final byte[] CPU = key("cpu=");
  private static final byte[] TASKNAME = key("taskname=");
  private static final byte[] RELEASE = key("release=");
  private static final byte[] MSGID = key("msgid=");

  private byte[] bytes = {};
  private int at;
  private int end;

  // The line last found.
  private int start;
  private int stop;

  /// Where a text loses its escapes; grows to the longest, which is no longer than its body.
  private byte[] unescaped = {};

  /// Whether a bound cut or passed over something of the body being read.
  private boolean cut;

  private static byte[] key(String key) {
    return key.getBytes(US_ASCII);
  }

  /// Reads the body that begins there and goes on to the end of the bytes.
  void read(byte[] record, int from, Body to) {
    bytes = record;
    cut = false;
    at = from;
    end = record.length;
    while (at < end && bytes[at] != '\n' && bytes[at] != '\\') {
      at++;
    }
    if (at < end && bytes[at] == '\\') {
      readEscaped(from, to);
      return;
    }
    String text = text(bytes, from, at);
    at++;
    readLines(text, false, to);
  }

  private String text(byte[] of, int start, int end) {
    String text = Text.of(of, start, end, Decoder.MAX_TEXT_CHARS);
    cut |= text.length() > Decoder.MAX_TEXT_CHARS;
    return text;
  }

  private void readEscaped(int from, Body to) {
    if (unescaped.length < end - from) {
      unescaped = new byte[end - from];
    }
    int length = 0;
    boolean truncated = false;
    at = from;
    while (at < end && bytes[at] != '\n') {
      if (bytes[at] != '\\') {
        unescaped[length++] = bytes[at++];
        continue;
      }
      int high = at + 3 < end && bytes[at + 1] == 'x' ? hex(bytes[at + 2]) : -1;
      int low = high >= 0 ? hex(bytes[at + 3]) : -1;
      if (low >= 0) {
        unescaped[length++] = (byte) (high << 4 | low);
        at += 4;
        continue;
      }
      truncated = true;
      skipHalfEscape();
      break;
    }
    if (!truncated && at < end) {
      at++;
    }
    while (length > 0 && unescaped[length - 1] == '\n') {
      length--;
    }
    readLines(text(unescaped, 0, length), truncated, to);
  }

  /// Goes on to where the lines begin behind `\`, `\x` or `\xH`, and the blank that stands for
  /// printk's last byte.
  private void skipHalfEscape() {
    at++;
    if (at < end && bytes[at] == 'x') {
      at++;
      if (at < end && hex(bytes[at]) >= 0) {
        at++;
      }
    }
    if (at < end && bytes[at] == ' ' && (at + 1 == end || bytes[at + 1] == ' ')) {
      at++;
    }
  }

  private static int hex(int c) {
    if (c >= '0' && c <= '9') {
      return c - '0';
    }
    int lower = c | 0x20;
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
  }

  private void readLines(String text, boolean truncated, Body to) {
    long msgid = takeNumber(MSGID);
    String release = takeWord(RELEASE, MAX_RELEASE_BYTES);
    String task = takeWord(TASKNAME, MAX_TASK_BYTES);
    long cpu = takeNumber(CPU);
    Map<String, String> dictionary = Map.of();
    Map<String, String> userdata = Map.of();
    for (int lines = 0; next(); lines++) {
      int equals = start;
      while (equals < stop && bytes[equals] != '=') {
        equals++;
      }
      if (lines == MAX_LINES || equals - start > MAX_KEY_BYTES) {
        cut = true;
        if (lines == MAX_LINES) {
          break;
        }
        continue;
      }
      String key = Words.of(bytes, start, equals);
      String value = equals == stop ? "" : Words.of(bytes, equals + 1, stop);
      cut |= value.length() > Words.MAX_CHARS;
      if (userdata.isEmpty() && (key.equals("SUBSYSTEM") || key.equals("DEVICE"))) {
        dictionary = dictionary.isEmpty() ? new LinkedHashMap<>(4) : dictionary;
        dictionary.put(key, value);
      } else {
        userdata = userdata.isEmpty() ? new LinkedHashMap<>(4) : userdata;
        userdata.put(key, value);
      }
    }
    int onCpu = (int) Math.min(cpu, Integer.MAX_VALUE);
    to.set(text, truncated, cut, dictionary, userdata, onCpu, task, release, msgid);
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
