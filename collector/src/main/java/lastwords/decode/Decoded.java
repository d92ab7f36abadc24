package lastwords.decode;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// What one datagram turned out to be.
public sealed interface Decoded permits Extended, Decoded.Basic, Decoded.Malformed {

  /// A piece's place in its record, in bytes of the body: 0 <= offset, offset + length <= total.
  record Fragment(int offset, int total) {}

  /// The basic format: one record of one or more lines, or the rest of one that was cut at 1,000
  /// bytes.
  ///
  /// @param lines may be changed by whoever decoded them
  record Basic(List<Line> lines) implements Decoded {}

  /// @param facility,severity from a `<N>` in front, -1 without
  /// @param uptimeMicros from `[ 1.234567]` in front, -1 without
  /// @param ended false for a line that the kernel cut at 1,000 bytes; it goes on in the next
  ///   datagram
  record Line(
      int facility,
      int severity,
      long uptimeMicros,
      @Nullable String caller,
      String text,
      boolean ended) {}

  /// Nothing a kernel sends; kept in the log and counted.
  record Malformed(String why) implements Decoded {}
}
