package lastwords.decode;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// What one datagram turned out to be.
public sealed interface Decoded {

  /// The extended format: one record, or a piece of one.
  ///
  /// @param release the kernel's release where it stands in front
  /// @param facility the syslog facility, 0 to 127
  /// @param severity the level, 0 to 7
  /// @param sequence printk's number of the record, not negative
  /// @param uptimeMicros the host's time since boot, not negative
  /// @param caller `T<pid>`, `C<cpu>`, or what else stands behind `caller=`
  /// @param fragment where the piece belongs, null for a whole record
  /// @param bytes the datagram; not to be changed
  /// @param bodyStart where in it the body begins, what follows the `;`, still escaped
  @SuppressWarnings("ArrayRecordComponent")
  record Extended(
      @Nullable String release,
      int facility,
      int severity,
      long sequence,
      long uptimeMicros,
      @Nullable String caller,
      @Nullable Fragment fragment,
      byte[] bytes,
      int bodyStart)
      implements Decoded {

    /// What a record says that came in this one piece.
    public Body body() {
      return Body.parse(bytes, bodyStart);
    }

    /// How many bytes of body this piece has.
    public int bodyLength() {
      return bytes.length - bodyStart;
    }
  }

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
