package lastwords.decode;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import lastwords.kernel.Visible;

/// Bytes as readable text, nothing lost: [Visible] characters, tab and newline stand for
/// themselves, every other byte and every byte that is not UTF-8 reads `\xHH`, as the kernel itself
/// writes it.
///
/// A text is cut where it would grow beyond what its caller allows, at a whole character; what
/// stands for the rest is [#cut].
final class Text {
  private static final char[] HEX = "0123456789abcdef".toCharArray();

  /// `\xHH`.
  private static final int MAX_CHARS_PER_BYTE = 4;

  private Text() {}

  /// The bytes as text of at most `maxChars` characters; a text that was cut is longer than that,
  /// by the mark behind it.
  static String of(byte[] bytes, int start, int end, int maxChars) {
    int plainEnd = Math.min(end, start + maxChars);
    for (int i = start; i < plainEnd; i++) {
      if (!isPlain(bytes[i])) {
        return checked(bytes, start, end, maxChars);
      }
    }
    String text = new String(bytes, start, plainEnd - start, ISO_8859_1);
    return plainEnd == end ? text : text + cut(end - plainEnd);
  }

  /// What stands behind a text of which so many bytes were cut.
  static String cut(int bytes) {
    return "[... " + bytes + " bytes cut ...]";
  }

  private static String checked(byte[] bytes, int start, int end, int maxChars) {
    StringBuilder text = new StringBuilder(Math.min(end - start, maxChars) + 16);
    int i = start;
    while (i < end) {
      int length = characterLength(bytes, i, end);
      boolean plain = isPlain(bytes[i]);
      int chars = plain ? 1 : length > 1 ? length == 4 ? 2 : 1 : MAX_CHARS_PER_BYTE;
      if (text.length() + chars > maxChars) {
        return text.append(cut(end - i)).toString();
      }
      if (plain) {
        text.append((char) bytes[i]);
      } else if (length > 1) {
        text.append(new String(bytes, i, length, UTF_8));
      } else {
        length = 1;
        text.append("\\x").append(HEX[(bytes[i] >> 4) & 15]).append(HEX[bytes[i] & 15]);
      }
      i += length;
    }
    return text.toString();
  }

  /// Whether the byte is a character of its own that may stand in a text.
  private static boolean isPlain(byte b) {
    return (b >= ' ' && b != 0x7f) || b == '\t' || b == '\n';
  }

  private static int codePoint(byte[] bytes, int i, int length) {
    int c = bytes[i] & (0x7f >> length);
    for (int j = i + 1; j < i + length; j++) {
      c = c << 6 | (bytes[j] & 0x3f);
    }
    return c;
  }

  /// How many bytes the UTF-8 character at `i` has; 0 when there is none, or one that isn't
  /// visible.
  private static int characterLength(byte[] bytes, int i, int end) {
    int first = bytes[i] & 0xff;
    if (first < 0x80) {
      return 1;
    }
    int length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    if (first < 0xc2 || first > 0xf4 || end - i < length) {
      return 0;
    }
    int second = bytes[i + 1] & 0xff;
    boolean fits =
        switch (first) {
          case 0xc2 -> second >= 0xa0;
          case 0xe0 -> second >= 0xa0;
          case 0xed -> second < 0xa0;
          case 0xf0 -> second >= 0x90;
          case 0xf4 -> second < 0x90;
          default -> true;
        };
    for (int j = i + 1; fits && j < i + length; j++) {
      fits = (bytes[j] & 0xc0) == 0x80;
    }
    return fits && Visible.is(codePoint(bytes, i, length)) ? length : 0;
  }
}
