package lastwords.kernel;

/// Which characters of a text that others sent may be shown as they are: in a terminal, a log, a
/// page.
///
/// Not visible are control characters, which move a terminal's cursor and begin its commands, and
/// what formats text, among it what turns the direction of writing: with these a text can look like
/// another one.
public final class Visible {
  private Visible() {}

  /// Whether the character, a Unicode code point, can be seen for what it is.
  public static boolean is(int c) {
    if (c < 0x7f) {
      return c >= ' ';
    }
    return switch (Character.getType(c)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          false;
      default -> true;
    };
  }

  /// Appends the character as it is, or, where it isn't visible, in hex: `\x1b`, `\u202e`.
  public static void append(StringBuilder to, int c) {
    if (is(c)) {
      to.appendCodePoint(c);
    } else {
      to.append((c < 0x100 ? "\\x%02x" : "\\u%04x").formatted(c));
    }
  }

  /// The text with all that isn't visible in hex, except line ends and tabs.
  public static String text(String text) {
    if (text.codePoints().allMatch(Visible::staysInText)) {
      return text;
    }
    StringBuilder safe = new StringBuilder(text.length() + 16);
    text.codePoints()
        .forEach(
            c -> {
              if (staysInText(c)) {
                safe.appendCodePoint(c);
              } else {
                append(safe, c);
              }
            });
    return safe.toString();
  }

  private static boolean staysInText(int c) {
    return c == '\n' || c == '\t' || is(c);
  }
}
