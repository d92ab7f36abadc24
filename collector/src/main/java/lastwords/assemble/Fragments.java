package lastwords.assemble;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
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

  /// Heap bytes, three of the largest records.
  static final int MAX_BYTES = 256 << 10;

  /// Pieces kept of one record, more than the largest has; further ones are passed over, so that it
  /// stays incomplete.
  static final int MAX_PIECES = 256;

  /// A record that waits, without its fragments: its header and texts of it, its list.
  private static final int RECORD_BYTES = 1 << 10;

  /// A fragment besides its datagram: objects, the array's header, its place in a list.
  private static final int PIECE_BYTES = 64;

  /// A part of a record's body.
  @SuppressWarnings("ArrayRecordComponent")
  private record Piece(int start, byte[] datagram, int bodyStart) {
    int length() {
      return datagram.length - bodyStart;
    }

    int heldBytes() {
      return PIECE_BYTES + datagram.length;
    }
  }

  /// A record as far as it arrived.
  static final class Pending {
    final Extended header;
    final long offset;
    final long receivedAtMicros;
    final int sourcePort;
    private final int total;

    /// In the order of their places, no two at the same.
    private final List<Piece> pieces = new ArrayList<>(4);

    private int bytes = RECORD_BYTES;

    private Pending(
        Extended header, int total, long offset, long receivedAtMicros, int sourcePort) {
      this.header = header;
      this.total = total;
      this.offset = offset;
      this.receivedAtMicros = receivedAtMicros;
      this.sourcePort = sourcePort;
    }

    /// Keeps the piece unless there is a longer one in its place or there are too many.
    private void add(Piece piece) {
      int at = pieces.size();
      while (at > 0 && pieces.get(at - 1).start() >= piece.start()) {
        at--;
      }
      if (at < pieces.size() && pieces.get(at).start() == piece.start()) {
        Piece known = pieces.get(at);
        if (known.length() < piece.length()) {
          pieces.set(at, piece);
          bytes += piece.heldBytes() - known.heldBytes();
        }
      } else if (pieces.size() < MAX_PIECES) {
        pieces.add(at, piece);
        bytes += piece.heldBytes();
      }
    }

    private boolean isWhole() {
      int end = 0;
      for (int i = 0; i < pieces.size(); i++) {
        Piece piece = pieces.get(i);
        if (piece.start() > end) {
          return false;
        }
        end = Math.max(end, piece.start() + piece.length());
      }
      return end == total;
    }

    /// The body; each hole reads `[… n bytes missing …]`.
    byte[] body() {
      ByteArrayOutputStream body = new ByteArrayOutputStream(total);
      int end = 0;
      for (Piece piece : pieces) {
        if (piece.start() > end) {
          body.writeBytes(hole(piece.start() - end));
          end = piece.start();
        }
        int known = Math.min(end - piece.start(), piece.length());
        body.write(piece.datagram(), piece.bodyStart() + known, piece.length() - known);
        end += piece.length() - known;
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

  /// In the order they began.
  private final List<Pending> waiting = new ArrayList<>(1);

  private int bytes;

  /// Whether the piece is the first to arrive of its record.
  boolean begins(Extended piece, Fragment place) {
    return find(piece, place.total()) == null;
  }

  /// @param total tells apart two targets whose userdata differ
  private @Nullable Pending find(Extended piece, int total) {
    for (int i = 0; i < waiting.size(); i++) {
      Pending record = waiting.get(i);
      if (record.header.sequence() == piece.sequence()
          && record.header.uptimeMicros() == piece.uptimeMicros()
          && record.total == total) {
        return record;
      }
    }
    return null;
  }

  /// Takes a piece, which is only lent; returns its record when that is whole now.
  @Nullable Pending add(
      Extended piece, Fragment place, long offset, long receivedAtMicros, int sourcePort) {
    Pending record = find(piece, place.total());
    if (record == null) {
      record = new Pending(piece.header(), place.total(), offset, receivedAtMicros, sourcePort);
      waiting.add(record);
    } else {
      bytes -= record.bytes;
    }
    record.add(new Piece(place.offset(), piece.bytes(), piece.bodyStart()));
    if (record.isWhole()) {
      waiting.remove(record);
      return record;
    }
    bytes += record.bytes;
    return null;
  }

  /// Heap bytes of all that waits, never less than it occupies.
  long heldBytes() {
    return bytes;
  }

  boolean isEmpty() {
    return waiting.isEmpty();
  }

  /// When the record waiting longest began to; [Long#MAX_VALUE] when none waits.
  long oldestMicros() {
    return waiting.isEmpty() ? Long.MAX_VALUE : waiting.getFirst().receivedAtMicros;
  }

  /// Where the record waiting longest begins in the log; [Long#MAX_VALUE] when none waits.
  long oldestOffset() {
    return waiting.isEmpty() ? Long.MAX_VALUE : waiting.getFirst().offset;
  }

  /// Takes out the record waiting longest if it began before the time or there are too many; else
  /// null.
  @Nullable Pending expire(long beganBeforeMicros) {
    if (waiting.isEmpty()) {
      return null;
    }
    Pending record = waiting.getFirst();
    if (record.receivedAtMicros >= beganBeforeMicros && !isFull()) {
      return null;
    }
    waiting.removeFirst();
    bytes -= record.bytes;
    return record;
  }

  boolean isFull() {
    return waiting.size() > MAX_RECORDS || bytes > MAX_BYTES;
  }
}
