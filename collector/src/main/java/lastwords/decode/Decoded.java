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
  /// @param cut whether there was more text than a kernel can send, and the rest was cut
  record Basic(List<Line> lines, boolean cut) implements Decoded {}

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
      boolean ended) {

    /// The object itself and its place in a list.
    private static final long OBJECT_BYTES = 72;

    /// Heap bytes that the line occupies, never less than it does.
    public long heldBytes() {
      return OBJECT_BYTES + Heap.of(text) + Heap.of(caller);
    }
  }

  /// Nothing a kernel sends; kept in the log and counted.
  record Malformed(String why) implements Decoded {}
}
