package lastwords.kernel;

/// Where a message stands in the log, as one number that sorts: the datagram's offset and the line
/// in it.
///
/// An extended datagram holds one message, line 0; a message of several fragments stands where its
/// first fragment to arrive stands. A basic datagram may hold several lines. People and URLs see
/// [#text]: `4711` for line 0, `4711.2` for the third line of datagram 4711.
public final class Position {
  /// Lines told apart in one datagram; what follows the last one stays part of it.
  public static final int MAX_LINES = 1 << 10;

  private Position() {}

  /// @throws IllegalArgumentException when the line is outside 0 to [#MAX_LINES] - 1 or the offset
  ///   is negative
  public static long of(long offset, int line) {
    if (offset < 0 || offset >= Long.MAX_VALUE / MAX_LINES || line < 0 || line >= MAX_LINES) {
      throw new IllegalArgumentException("no position: datagram " + offset + ", line " + line);
    }
    return offset * MAX_LINES + line;
  }

  public static long offset(long position) {
    return position / MAX_LINES;
  }

  public static int line(long position) {
    return (int) (position % MAX_LINES);
  }

  public static String text(long position) {
    int line = line(position);
    return line == 0 ? Long.toString(offset(position)) : offset(position) + "." + line;
  }

  /// Reads what [#text] wrote.
  ///
  /// @throws IllegalArgumentException when it isn't one
  public static long parse(String text) {
    int dot = text.indexOf('.');
    try {
      return dot < 0
          ? of(Long.parseLong(text), 0)
          : of(Long.parseLong(text.substring(0, dot)), Integer.parseInt(text.substring(dot + 1)));
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "'" + text + "' is no position; one reads 4711 or 4711.2", e);
    }
  }
}
