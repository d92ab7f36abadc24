package lastwords.assemble;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.ByteArrayOutputStream;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import lastwords.decode.Decoded.Fragment;
import lastwords.decode.Extended;
import org.jspecify.annotations.Nullable;

/// Joins the pieces of one host's records that netconsole had to split.
///
/// A piece says where it belongs: `ncfrag=<offset>/<total>`, both in bytes of the body. Pieces may
/// come in any order, overlap, and come more than once. A record is whole when its last missing
/// byte arrives. At most [#MAX_RECORDS] records and [#MAX_BYTES] wait; one more pushes out the
/// oldest. What a piece that never comes leaves is handed out with its holes marked. Belongs to the
/// thread of its host. Format: Linux `Documentation/networking/netconsole.rst`, "Extended console".
final class Fragments {
  /// A kernel sends the pieces of one record one after the other, on as many targets as it has.
  static final int MAX_RECORDS = 16;

  static final int MAX_BYTES = 256 << 10;

  /// Pieces kept of one record, more than the largest has; further ones are passed over, so that it
  /// stays incomplete.
  static final int MAX_PIECES = 256;

  /// A piece of a record, and the record's first datagram to arrive.
  ///
  /// @param total tells apart two targets whose userdata differ
  private record Key(long sequence, long uptimeMicros, int total) {}

  /// A record as far as it arrived.
  static final class Pending {
    final Extended header;
    final long offset;
    final long receivedAtMicros;
    final int sourcePort;
    private final int total;
    private final TreeMap<Integer, Extended> pieces = new TreeMap<>();
    private int bytes;

    private Pending(
        Extended header, int total, long offset, long receivedAtMicros, int sourcePort) {
      this.header = header;
      this.total = total;
      this.offset = offset;
      this.receivedAtMicros = receivedAtMicros;
      this.sourcePort = sourcePort;
    }

    private boolean isWhole() {
      int end = 0;
      for (Map.Entry<Integer, Extended> piece : pieces.entrySet()) {
        if (piece.getKey() > end) {
          return false;
        }
        end = Math.max(end, piece.getKey() + piece.getValue().bodyLength());
      }
      return end == total;
    }

    /// The body; each hole reads `[… n bytes missing …]`.
    byte[] body() {
      ByteArrayOutputStream body = new ByteArrayOutputStream(total);
      int end = 0;
      for (Map.Entry<Integer, Extended> entry : pieces.entrySet()) {
        int start = entry.getKey();
        Extended piece = entry.getValue();
        if (start > end) {
          body.writeBytes(hole(start - end));
          end = start;
        }
        int known = Math.min(end - start, piece.bodyLength());
        body.write(piece.bytes(), piece.bodyStart() + known, piece.bodyLength() - known);
        end += piece.bodyLength() - known;
      }
      if (end < total) {
        body.writeBytes(hole(total - end));
      }
      return body.toByteArray();
    }

    private static byte[] hole(int bytes) {
      return ("[... " + bytes + " bytes missing ...]").getBytes(US_ASCII);
    }
  }

  private final LinkedHashMap<Key, Pending> waiting = new LinkedHashMap<>();
  private int bytes;

  /// Whether the piece is the first to arrive of its record.
  boolean begins(Extended piece, Fragment place) {
    return !waiting.containsKey(new Key(piece.sequence(), piece.uptimeMicros(), place.total()));
  }

  /// Takes a piece, which nobody changes any more; returns its record when that is whole now.
  @Nullable Pending add(
      Extended piece, Fragment place, long offset, long receivedAtMicros, int sourcePort) {
    Key key = new Key(piece.sequence(), piece.uptimeMicros(), place.total());
    Pending record =
        waiting.computeIfAbsent(
            key, k -> new Pending(piece, place.total(), offset, receivedAtMicros, sourcePort));
    Extended known = record.pieces.get(place.offset());
    boolean isRoom = known != null || record.pieces.size() < MAX_PIECES;
    if (isRoom && (known == null || known.bodyLength() < piece.bodyLength())) {
      record.pieces.put(place.offset(), piece);
      int more = piece.bytes().length - (known == null ? 0 : known.bytes().length);
      record.bytes += more;
      bytes += more;
    }
    if (!record.isWhole()) {
      return null;
    }
    waiting.remove(key);
    bytes -= record.bytes;
    return record;
  }

  long heldBytes() {
    return bytes;
  }

  boolean isEmpty() {
    return waiting.isEmpty();
  }

  /// When the record waiting longest began to; [Long#MAX_VALUE] when none waits.
  long oldestMicros() {
    return waiting.isEmpty() ? Long.MAX_VALUE : waiting.firstEntry().getValue().receivedAtMicros;
  }

  /// Where the record waiting longest begins in the log; [Long#MAX_VALUE] when none waits.
  long oldestOffset() {
    return waiting.isEmpty() ? Long.MAX_VALUE : waiting.firstEntry().getValue().offset;
  }

  /// Takes out the record waiting longest if it began before the time or there are too many; else
  /// null.
  @Nullable Pending expire(long beganBeforeMicros) {
    Iterator<Pending> oldest = waiting.values().iterator();
    if (!oldest.hasNext()) {
      return null;
    }
    Pending record = oldest.next();
    if (record.receivedAtMicros >= beganBeforeMicros && !isFull()) {
      return null;
    }
    oldest.remove();
    bytes -= record.bytes;
    return record;
  }

  boolean isFull() {
    return waiting.size() > MAX_RECORDS || bytes > MAX_BYTES;
  }
}
