package lastwords.decode;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
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

  /// As many lines as a kernel can attach: 2 of the dictionary, 256 userdata, 4 sysdata; the rest
  /// is passed over.
  private static final int MAX_LINES = 262;

  /// `UTS_RELEASE` has at most 64 characters; anything longer is nothing the kernel said.
  private static final int MAX_RELEASE_CHARS = 64;

  private static final List<String> SYSDATA = List.of("cpu", "taskname", "release", "msgid");
  private static final int CPU = 0;
  private static final int TASKNAME = 1;
  private static final int RELEASE = 2;
  private static final int MSGID = 3;

  public static Body parse(byte[] body) {
    byte[] text = new byte[body.length];
    int length = 0;
    int at = 0;
    boolean truncated = false;
    while (at < body.length && body[at] != '\n') {
      if (body[at] != '\\') {
        text[length++] = body[at++];
        continue;
      }
      int high = at + 3 < body.length && body[at + 1] == 'x' ? hex(body[at + 2]) : -1;
      int low = high >= 0 ? hex(body[at + 3]) : -1;
      if (low >= 0) {
        text[length++] = (byte) (high << 4 | low);
        at += 4;
        continue;
      }
      truncated = true;
      at = afterHalfEscape(body, at);
      break;
    }
    if (!truncated && at < body.length) {
      at++;
    }
    while (length > 0 && text[length - 1] == '\n') {
      length--;
    }
    String said = Text.of(text, 0, length);
    if (at >= body.length) {
      return new Body(said, Map.of(), Map.of(), -1, null, null, -1, truncated);
    }
    return withLines(said, lines(body, at), truncated);
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

  private static List<String> lines(byte[] body, int at) {
    List<String> lines = new ArrayList<>();
    while (at < body.length && lines.size() < MAX_LINES) {
      int end = at;
      while (end < body.length && body[end] != '\n') {
        end++;
      }
      int start = body[at] == ' ' ? at + 1 : at;
      if (end > start) {
        lines.add(Text.of(body, start, end));
      }
      at = end + 1;
    }
    return lines;
  }

  private static Body withLines(String text, List<String> lines, boolean truncated) {
    int end = lines.size();
    String[] sysdata = new String[SYSDATA.size()];
    for (int next = SYSDATA.size() - 1; next >= 0 && end > 0; next--) {
      String key = SYSDATA.get(next) + "=";
      String line = lines.get(end - 1);
      boolean numeric = next == CPU || next == MSGID;
      boolean tooLong = next == RELEASE && line.length() > key.length() + MAX_RELEASE_CHARS;
      if (line.startsWith(key)
          && !tooLong
          && (!numeric || number(line.substring(key.length())) >= 0)) {
        sysdata[next] = line.substring(key.length());
        end--;
      }
    }
    Map<String, String> dictionary = Map.of();
    Map<String, String> userdata = Map.of();
    for (int i = 0; i < end; i++) {
      String line = lines.get(i);
      int equals = line.indexOf('=');
      String key = equals < 0 ? line : line.substring(0, equals);
      String value = equals < 0 ? "" : line.substring(equals + 1);
      if (userdata.isEmpty() && (key.equals("SUBSYSTEM") || key.equals("DEVICE"))) {
        dictionary = dictionary.isEmpty() ? new LinkedHashMap<>() : dictionary;
        dictionary.put(key, value);
      } else {
        userdata = userdata.isEmpty() ? new LinkedHashMap<>() : userdata;
        userdata.put(key, value);
      }
    }
    return new Body(
        text,
        dictionary,
        userdata,
        (int) Math.min(number(sysdata[CPU]), Integer.MAX_VALUE),
        sysdata[TASKNAME],
        sysdata[RELEASE],
        number(sysdata[MSGID]),
        truncated);
  }

  /// A u32 in decimal, -1 when it isn't one.
  private static long number(@Nullable String digits) {
    if (digits == null || digits.isEmpty() || digits.length() > 10) {
      return -1;
    }
    long number = 0;
    for (byte digit : digits.getBytes(ISO_8859_1)) {
      if (digit < '0' || digit > '9') {
        return -1;
      }
      number = number * 10 + (digit - '0');
    }
    return number > 0xffff_ffffL ? -1 : number;
  }

  private static int hex(int c) {
    if (c >= '0' && c <= '9') {
      return c - '0';
    }
    int lower = c | 0x20;
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
  }
}
