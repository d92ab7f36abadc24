package lastwords.decode;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import lastwords.decode.Decoded.Basic;
import lastwords.decode.Decoded.Fragment;
import lastwords.decode.Decoded.Line;
import lastwords.decode.Decoded.Malformed;
import lastwords.kernel.Position;
import org.jspecify.annotations.Nullable;

/// Tells the formats apart and reads their headers.
///
/// Extended: `[release,]prio,seq,usec,flags[,key=value…];body`. What does not read like that from
/// the first byte to the `;` is basic text; so a broken header is kept as a line that people can
/// see. Unknown keys are passed over, as the format demands. Malformed is only what no kernel can
/// have sent and nobody can read: nothing at all, binary data with NUL bytes, a fragment outside
/// its own total.
///
/// What is longer than a kernel can make it is cut where it is read, so that nothing behind this
/// package has to fear the size of a text; a text that was cut ends in `[... 1234 bytes cut ...]`.
public final class Decoder {
  /// The longest header looked at: a release (64), four numbers, a caller, keys yet unknown.
  static final int MAX_HEADER_BYTES = 512;

  /// The largest body a kernel can send: 2,048 bytes of text fourfold by escapes, 256 userdata of
  /// 256 bytes, sysdata.
  public static final int MAX_BODY_BYTES = 96 << 10;

  /// The longest text of an extended record, and of a line of a basic one: printk formats 2,048
  /// bytes (`PRINTK_MESSAGE_MAX`), of which each may read `\xHH`; kernels before 6.2 escape a text
  /// into 8,192 bytes (`CONSOLE_EXT_LOG_MAX`).
  public static final int MAX_TEXT_CHARS = 8 << 10;

  /// All text of a basic datagram: as much as a datagram has bytes, so that only bytes that have to
  /// be escaped are ever cut. netconsole sends 1,000 bytes, a relay may send more at once.
  public static final int MAX_BASIC_CHARS = 64 << 10;

  /// Where netconsole cuts a basic record, and says nothing of it: its `MAX_PRINT_CHUNK`.
  private static final int CHUNK_BYTES = 1000;

  /// `UTS_RELEASE` has at most 64 characters.
  public static final int MAX_RELEASE_CHARS = 64;

  /// `T<pid>` or `C<cpu>`, Android's `T<pid>@C<cpu>`; anything longer is nothing the kernel said.
  private static final int MAX_CALLER_BYTES = 64;

  private static final int MAX_PRIORITY = 1023;

  /// Room to add and subtract without a thought of overflow; 146,000 years in microseconds.
  private static final long MAX_NUMBER = Long.MAX_VALUE >> 1;

  private static final byte[] CALLER = "caller=".getBytes(US_ASCII);
  private static final byte[] PIECE = "ncfrag=".getBytes(US_ASCII);

  private Decoder() {}

  /// Like [#decode(byte[], Extended)], with a record of its own.
  public static Decoded decode(byte[] datagram) {
    return decode(datagram, new Extended());
  }

  /// What the datagram is; an extended record is read into `reuse`. Never throws, whatever the
  /// bytes.
  public static Decoded decode(byte[] datagram, Extended reuse) {
    if (datagram.length == 0) {
      return new Malformed("empty");
    }
    int semicolon = indexOf(datagram, ';', Math.min(datagram.length, MAX_HEADER_BYTES));
    Decoded extended = semicolon < 0 ? null : extended(datagram, semicolon, reuse);
    if (extended != null) {
      return extended;
    }
    return isBinary(datagram) ? new Malformed("binary data with NUL bytes") : basic(datagram);
  }

  private static @Nullable Decoded extended(byte[] datagram, int semicolon, Extended reuse) {
    Header in = new Header(datagram, semicolon);
    String release = null;
    if (!in.atNumber()) {
      release = in.release();
      if (release == null) {
        return null;
      }
    }
    long priority = in.number();
    long sequence = in.number();
    long uptimeMicros = in.number();
    if (priority < 0
        || priority > MAX_PRIORITY
        || sequence < 0
        || sequence > MAX_NUMBER
        || uptimeMicros < 0
        || uptimeMicros > MAX_NUMBER) {
      return null;
    }
    if (!in.flags()) {
      return null;
    }
    String caller = null;
    Fragment fragment = null;
    int bodyStart = semicolon + 1;
    while (in.hasMore()) {
      in.next();
      if (in.is(CALLER)) {
        caller = in.caller();
      } else if (in.is(PIECE)) {
        fragment = in.fragment();
        int length = datagram.length - bodyStart;
        if (fragment == null
            || fragment.total() > MAX_BODY_BYTES
            || fragment.offset() > fragment.total() - length
            || length == 0) {
          return new Malformed("fragment outside its total: " + in.value(PIECE));
        }
      }
    }
    reuse.set(
        release, (int) priority, sequence, uptimeMicros, caller, fragment, datagram, bodyStart);
    return reuse;
  }

  private static Decoded basic(byte[] datagram) {
    List<Line> lines = new ArrayList<>(1);
    int start = 0;
    int charsLeft = MAX_BASIC_CHARS;
    boolean cut = false;
    while (start < datagram.length) {
      int end = start;
      boolean last = lines.size() == Position.MAX_LINES - 1 || charsLeft <= 0;
      while (end < datagram.length && (last || datagram[end] != '\n')) {
        end++;
      }
      boolean ended = end < datagram.length || datagram.length < CHUNK_BYTES;
      int maxChars = Math.max(0, Math.min(charsLeft, MAX_TEXT_CHARS));
      Line line = line(datagram, start, end, maxChars, ended);
      lines.add(line);
      cut |= line.text().length() > maxChars;
      charsLeft -= line.text().length();
      start = end + 1;
    }
    return new Basic(lines, cut);
  }

  /// Whether it has NUL bytes, and of the others fewer that anybody can read than not: every byte
  /// of such data would be four characters of text. A line with a few NUL bytes in it, or a buffer
  /// filled up with them, is text.
  private static boolean isBinary(byte[] datagram) {
    int nul = 0;
    int readable = 0;
    for (byte b : datagram) {
      if (b == 0) {
        nul++;
      } else if ((b >= ' ' && b < 0x7f) || b == '\n' || b == '\t') {
        readable++;
      }
    }
    return nul > 0 && (readable == 0 || 2 * readable < datagram.length - nul);
  }

  /// `[<N>][[ 1.234567] ][[ T123] ]text`; what isn't there is absent. NUL bytes around a line are
  /// what a sender written in C left there; one within it reads `\x00` like other control bytes.
  private static Line line(byte[] bytes, int lineStart, int lineEnd, int maxChars, boolean ended) {
    int at = lineStart;
    int end = lineEnd;
    while (at < end && bytes[at] == 0) {
      at++;
    }
    while (at < end && bytes[end - 1] == 0) {
      end--;
    }
    int priority = -1;
    int bracket =
        at < end && bytes[at] == '<' ? indexOf(bytes, '>', at, Math.min(end, at + 6)) : -1;
    if (bracket > at + 1) {
      int number = digits(bytes, at + 1, bracket);
      if (number >= 0 && number <= MAX_PRIORITY) {
        priority = number;
        at = bracket + 1;
      }
    }
    long uptimeMicros = -1;
    int close = at < end && bytes[at] == '[' ? indexOf(bytes, ']', at, Math.min(end, at + 24)) : -1;
    if (close > 0) {
      uptimeMicros = seconds(bytes, at + 1, close);
      if (uptimeMicros >= 0) {
        at = close + 1 < end && bytes[close + 1] == ' ' ? close + 2 : close + 1;
      }
    }
    String caller = null;
    // "[    1.234567][   T89] text": the caller follows without a blank between the brackets.
    int open = uptimeMicros >= 0 ? close + 1 : at;
    if (open < end && bytes[open] == '[') {
      int shut = indexOf(bytes, ']', open, Math.min(end, open + 24));
      int from = open + 1;
      while (from < shut && bytes[from] == ' ') {
        from++;
      }
      if (from < shut
          && (bytes[from] == 'T' || bytes[from] == 'C')
          && digits(bytes, from + 1, shut) >= 0) {
        caller = Words.of(bytes, from, shut);
        at = shut + 1 < end && bytes[shut + 1] == ' ' ? shut + 2 : shut + 1;
      }
    }
    return new Line(
        priority < 0 ? -1 : priority >> 3,
        priority < 0 ? -1 : priority & 7,
        uptimeMicros,
        caller,
        Text.of(bytes, at, Math.max(at, end), maxChars),
        ended);
  }

  /// ` 1.234567` as microseconds, -1 when it isn't a printk time.
  private static long seconds(byte[] bytes, int start, int end) {
    int at = start;
    while (at < end && bytes[at] == ' ') {
      at++;
    }
    int dot = indexOf(bytes, '.', at, end);
    if (dot < 0 || end - dot != 7 || dot == at || dot - at > 12) {
      return -1;
    }
    long micros = 0;
    for (int i = at; i < end; i++) {
      if (i != dot) {
        if (bytes[i] < '0' || bytes[i] > '9') {
          return -1;
        }
        micros = micros * 10 + (bytes[i] - '0');
      }
    }
    return micros;
  }

  private static int digits(byte[] bytes, int start, int end) {
    if (end <= start || end - start > 9) {
      return -1;
    }
    int number = 0;
    for (int i = start; i < end; i++) {
      if (bytes[i] < '0' || bytes[i] > '9') {
        return -1;
      }
      number = number * 10 + (bytes[i] - '0');
    }
    return number;
  }

  private static int indexOf(byte[] bytes, int b, int end) {
    return indexOf(bytes, b, 0, end);
  }

  private static int indexOf(byte[] bytes, int b, int start, int end) {
    for (int i = start; i < end; i++) {
      if (bytes[i] == b) {
        return i;
      }
    }
    return -1;
  }

  /// Reads the fields between commas, up to the semicolon.
  private static final class Header {
    private final byte[] bytes;
    private final int end;
    private int at;
    private int fieldStart;
    private int fieldEnd;

    Header(byte[] bytes, int end) {
      this.bytes = bytes;
      this.end = end;
    }

    boolean hasMore() {
      return at < end;
    }

    /// Whether the next field is made of digits only.
    boolean atNumber() {
      int i = at;
      while (i < end && bytes[i] >= '0' && bytes[i] <= '9') {
        i++;
      }
      return i > at && i < end && bytes[i] == ',';
    }

    /// The next field as a release, null when it can't be one.
    @Nullable String release() {
      int start = at;
      while (at < end && bytes[at] != ',') {
        int c = bytes[at];
        boolean fits =
            (c >= '0' && c <= '9')
                || (c >= 'a' && c <= 'z')
                || (c >= 'A' && c <= 'Z')
                || c == '.'
                || c == '+'
                || c == '-'
                || c == '_'
                || c == '~';
        if (!fits || at - start >= MAX_RELEASE_CHARS) {
          return null;
        }
        at++;
      }
      if (at == start || at == end) {
        return null;
      }
      return Words.of(bytes, start, at++);
    }

    /// The next field as a number, -1 when it isn't one or doesn't fit 63 bits.
    long number() {
      long number = 0;
      int start = at;
      while (at < end && bytes[at] != ',') {
        int digit = bytes[at++] - '0';
        if (digit < 0 || digit > 9 || number > (Long.MAX_VALUE - digit) / 10) {
          return -1;
        }
        number = number * 10 + digit;
      }
      if (at == start || at == end) {
        return -1;
      }
      at++;
      return number;
    }

    /// Whether the next field says whether a line goes on: `-`, `c` or `+`.
    boolean flags() {
      next();
      return fieldEnd - fieldStart == 1
          && (bytes[fieldStart] == '-' || bytes[fieldStart] == 'c' || bytes[fieldStart] == '+');
    }

    /// Goes on to the next field.
    void next() {
      fieldStart = at;
      while (at < end && bytes[at] != ',') {
        at++;
      }
      fieldEnd = at++;
    }

    /// Whether the field has that key, `=` included.
    boolean is(byte[] key) {
      int keyEnd = fieldStart + key.length;
      return keyEnd <= fieldEnd && Arrays.equals(bytes, fieldStart, keyEnd, key, 0, key.length);
    }

    /// The place that a piece says it has, null when it says none.
    @Nullable Fragment fragment() {
      int from = fieldStart + PIECE.length;
      int slash = indexOf(bytes, '/', from, fieldEnd);
      int offset = slash < 0 ? -1 : digits(bytes, from, slash);
      int total = slash < 0 ? -1 : digits(bytes, slash + 1, fieldEnd);
      return offset < 0 || total < 1 ? null : new Fragment(offset, total);
    }

    String value(byte[] key) {
      return Words.of(bytes, fieldStart + key.length, fieldEnd);
    }

    /// The caller, null where no kernel can have named it.
    @Nullable String caller() {
      return fieldEnd - fieldStart - CALLER.length > MAX_CALLER_BYTES ? null : value(CALLER);
    }
  }
}
