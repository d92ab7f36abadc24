package lastwords.assemble;

import java.util.List;
import lastwords.decode.Body;
import lastwords.decode.Decoded;
import lastwords.decode.Decoder;
import lastwords.decode.Extended;
import lastwords.kernel.Position;
import org.jspecify.annotations.Nullable;

/// One printk record of one host on its way to a message, in either format.
sealed interface PrintkRecord {
  /// Where its first datagram stands in the log.
  long offset();

  long receivedAtMicros();

  /// -1 where a basic record has no time.
  long uptimeMicros();

  /// The same record, for longer than until the next datagram.
  PrintkRecord kept();

  /// Heap bytes that a [#kept] record occupies with its texts, never less than it does.
  long heldBytes();

  /// A record in the extended format, whole, or as much of it as came.
  final class Numbered implements PrintkRecord {
    /// The object itself, and its place in a tree or list.
    private static final long OBJECT_BYTES = 160;

    private final Extended record;
    private final boolean reused;
    private long offset;
    private long receivedAtMicros;
    private int sourcePort;
    private boolean whole;
    private long identity;

    /// What [#heldBytes] returns, once it was asked for of a record that is kept.
    private long heldBytes;

    private Numbered(Extended record, boolean reused) {
      this.record = record;
      this.reused = reused;
    }

    /// Stands for what that record is at the time, told by [#arrived].
    static Numbered reusing(Extended record) {
      return new Numbered(record, true);
    }

    /// What was put together of pieces, all of them or not.
    static Numbered of(Fragments.Pending pieces, boolean whole) {
      Numbered numbered = new Numbered(pieces.header.joined(pieces.body()), false);
      numbered.set(pieces.offset, pieces.receivedAtMicros, pieces.sourcePort, whole);
      return numbered;
    }

    /// The record now is a whole one that came like this.
    Numbered arrived(long offset, long receivedAtMicros, int sourcePort) {
      set(offset, receivedAtMicros, sourcePort, true);
      return this;
    }

    private void set(long offset, long receivedAtMicros, int sourcePort, boolean whole) {
      this.offset = offset;
      this.receivedAtMicros = receivedAtMicros;
      this.sourcePort = sourcePort;
      this.whole = whole;
      this.identity =
          whole
              ? SeenRecords.identity(record.uptimeMicros(), record.body().text())
              : SeenRecords.ANY;
    }

    @Override
    public Numbered kept() {
      if (!reused) {
        return this;
      }
      Numbered kept = new Numbered(record.copy(), false);
      kept.offset = offset;
      kept.receivedAtMicros = receivedAtMicros;
      kept.sourcePort = sourcePort;
      kept.whole = whole;
      kept.identity = identity;
      return kept;
    }

    @Override
    public long heldBytes() {
      if (heldBytes == 0 || reused) {
        heldBytes = OBJECT_BYTES + record.heldBytes();
      }
      return heldBytes;
    }

    Extended header() {
      return record;
    }

    Body body() {
      return record.body();
    }

    long sequence() {
      return record.sequence();
    }

    boolean whole() {
      return whole;
    }

    @Nullable String release() {
      return record.release() != null ? record.release() : record.body().release();
    }

    @Override
    public long offset() {
      return offset;
    }

    @Override
    public long receivedAtMicros() {
      return receivedAtMicros;
    }

    int sourcePort() {
      return sourcePort;
    }

    @Override
    public long uptimeMicros() {
      return record.uptimeMicros();
    }

    /// See [SeenRecords#identity].
    long identity() {
      return identity;
    }
  }

  /// A record in the basic format; its last line may still be going on.
  ///
  /// @param lines grows with what [#joins]
  record Plain(long offset, long receivedAtMicros, int sourcePort, List<Decoded.Line> lines)
      implements PrintkRecord {

    /// The object itself, its list, and its place in another.
    private static final long OBJECT_BYTES = 128;

    /// All lines of a record that further datagrams may still join; the next ones begin a record of
    /// their own. One printk record has 2,048 bytes, in a few datagrams of 1,000.
    private static final int MAX_JOINED_CHARS = Decoder.MAX_BASIC_CHARS;

    /// Takes the next datagram of the same sender as the rest of the last line, if it reads like
    /// that.
    boolean joins(List<Decoded.Line> rest) {
      Decoded.Line last = lines.getLast();
      Decoded.Line first = rest.getFirst();
      if (last.ended()
          || first.uptimeMicros() >= 0
          || lines.size() + rest.size() > Position.MAX_LINES
          || last.text().length() + first.text().length() > Decoder.MAX_TEXT_CHARS
          || chars(lines) + chars(rest) > MAX_JOINED_CHARS) {
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

    private static int chars(List<Decoded.Line> lines) {
      int chars = 0;
      for (Decoded.Line line : lines) {
        chars += line.text().length();
      }
      return chars;
    }

    @Override
    public Plain kept() {
      return this;
    }

    @Override
    public long heldBytes() {
      long bytes = OBJECT_BYTES;
      for (Decoded.Line line : lines) {
        bytes += line.heldBytes();
      }
      return bytes;
    }

    @Override
    public long uptimeMicros() {
      return lines.getFirst().uptimeMicros();
    }

    /// See [SeenRecords#identity].
    long identity() {
      return SeenRecords.identity(uptimeMicros(), firstLine());
    }

    String firstLine() {
      return lines.getFirst().text();
    }
  }
}
