package lastwords.assemble;

import java.util.List;
import lastwords.decode.Body;
import lastwords.decode.Decoded;
import lastwords.kernel.Position;
import org.jspecify.annotations.Nullable;

/// One printk record of one host on its way to a message, in either format.
sealed interface PrintkRecord {
  /// Where its first datagram stands in the log.
  long offset();

  long receivedAtMicros();

  int sourcePort();

  /// -1 where a basic record has no time.
  long uptimeMicros();

  /// See [SeenRecords#identity].
  long identity();

  /// Its first line.
  String firstLine();

  /// A record in the extended format, whole, or as much of it as came.
  record Numbered(
      long offset,
      long receivedAtMicros,
      int sourcePort,
      Decoded.Extended header,
      Body body,
      boolean whole,
      long identity)
      implements PrintkRecord {

    static Numbered of(
        long offset,
        long receivedAtMicros,
        int sourcePort,
        Decoded.Extended header,
        Body body,
        boolean whole) {
      return new Numbered(
          offset,
          receivedAtMicros,
          sourcePort,
          header,
          body,
          whole,
          whole ? SeenRecords.identity(header.uptimeMicros(), body.text()) : SeenRecords.ANY);
    }

    long sequence() {
      return header.sequence();
    }

    @Nullable String release() {
      return header.release() != null ? header.release() : body.release();
    }

    @Override
    public long uptimeMicros() {
      return header.uptimeMicros();
    }

    @Override
    public String firstLine() {
      return body.text();
    }
  }

  /// A record in the basic format; its last line may still be going on.
  ///
  /// @param lines grows with what [#joins]
  record Plain(long offset, long receivedAtMicros, int sourcePort, List<Decoded.Line> lines)
      implements PrintkRecord {

    /// Longest line joined from datagrams; a kernel's has at most 2,048 bytes.
    private static final int MAX_LINE_CHARS = 64 << 10;

    /// Takes the next datagram of the same sender as the rest of the last line, if it reads like
    /// that.
    boolean joins(List<Decoded.Line> rest) {
      Decoded.Line last = lines.getLast();
      Decoded.Line first = rest.getFirst();
      if (last.ended()
          || first.uptimeMicros() >= 0
          || lines.size() + rest.size() > Position.MAX_LINES
          || last.text().length() + first.text().length() > MAX_LINE_CHARS) {
        return false;
      }
      lines.set(
          lines.size() - 1,
          new Decoded.Line(
              last.facility(),
              last.severity(),
              last.uptimeMicros(),
              last.caller(),
              last.text() + first.text(),
              first.ended()));
      lines.addAll(rest.subList(1, rest.size()));
      return true;
    }

    @Override
    public long uptimeMicros() {
      return lines.getFirst().uptimeMicros();
    }

    @Override
    public long identity() {
      return SeenRecords.identity(uptimeMicros(), firstLine());
    }

    @Override
    public String firstLine() {
      return lines.getFirst().text();
    }
  }
}
