package lastwords.store;

import io.airlift.compress.zstd.ZstdCompressor;
import io.airlift.compress.zstd.ZstdDecompressor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/// The datagrams of many documents on their way into one that is compressed; the format is
/// [DatagramBatch]'s. One thread owns it.
///
/// Large documents compress better than small ones, but who wants one datagram has to decompress a
/// whole document: of 128 KiB that takes 0.2 ms. Twice that would save a tenth.
public final class PackedBatch {
  private static final int FULL_BYTES = 128 << 10;

  /// More than any document has; what can't be compressed is still shorter than a document of the
  /// log may be.
  private static final int MAX_BYTES = 192 << 10;

  private static final int HEAD_BYTES = 1 + 1 + Integer.BYTES + Long.BYTES + 2 * Integer.BYTES;

  /// Belongs to who holds its monitor.
  private static final ZstdDecompressor DECOMPRESSOR = new ZstdDecompressor();

  private final ZstdCompressor compressor = new ZstdCompressor();
  private final ByteBuffer datagrams = ByteBuffer.allocate(MAX_BYTES);
  private final ByteBuffer packed =
      ByteBuffer.allocate(HEAD_BYTES + compressor.maxCompressedLength(MAX_BYTES))
          .order(ByteOrder.LITTLE_ENDIAN);
  private long first;
  private int count;

  /// Adds a document's datagrams, unless it is full or they aren't those that come next.
  ///
  /// @param document a sound one, little-endian, from position 0 to its limit
  public boolean add(ByteBuffer document) {
    long itsFirst = DatagramBatch.firstOffset(document);
    ByteBuffer added = DatagramBatch.datagrams(document);
    if (!isEmpty() && (isFullFor(added) || itsFirst != first + count)) {
      return false;
    }
    if (isEmpty()) {
      first = itsFirst;
    }
    datagrams.put(added);
    count += DatagramBatch.count(document);
    return true;
  }

  public boolean isEmpty() {
    return count == 0;
  }

  private boolean isFullFor(ByteBuffer added) {
    return datagrams.position() >= FULL_BYTES
        || datagrams.position() + added.remaining() > MAX_BYTES;
  }

  public void clear() {
    datagrams.clear();
    count = 0;
  }

  /// The document, from position 0 to its limit. Valid until it is asked for again.
  public ByteBuffer document() {
    packed.clear();
    packed.put(DatagramBatch.VERSION).put(DatagramBatch.COMPRESSED).putInt(0);
    packed.putLong(first).putInt(count).putInt(datagrams.position());
    int length =
        compressor.compress(
            datagrams.array(),
            0,
            datagrams.position(),
            packed.array(),
            HEAD_BYTES,
            packed.capacity() - HEAD_BYTES);
    packed.position(0).limit(HEAD_BYTES + length);
    return packed.putInt(DatagramBatch.CHECKSUM_AT, DatagramBatch.checksum(packed)).position(0);
  }

  /// Whether the datagrams of a packed document are those of the documents it was made of, byte by
  /// byte: takes them one after the other.
  public static Comparison compare(ByteBuffer packed) {
    return new Comparison(
        DatagramBatch.firstOffset(packed),
        DatagramBatch.count(packed),
        DatagramBatch.datagrams(packed));
  }

  /// A packed document, and what of it is not yet seen to be right.
  public static final class Comparison {
    private final ByteBuffer left;
    private long offset;
    private int count;

    private Comparison(long offset, int count, ByteBuffer left) {
      this.offset = offset;
      this.count = count;
      this.left = left;
    }

    /// The first one that wasn't seen yet.
    public long offset() {
      return offset;
    }

    /// Whether everything was seen to be there.
    public boolean isDone() {
      return count == 0 && !left.hasRemaining();
    }

    /// Whether this document is what comes next.
    public boolean goesOnWith(ByteBuffer document) {
      ByteBuffer expected = DatagramBatch.datagrams(document);
      int length = expected.remaining();
      if (DatagramBatch.firstOffset(document) != offset
          || DatagramBatch.count(document) > count
          || length > left.remaining()
          || !left.slice(left.position(), length).equals(expected)) {
        return false;
      }
      left.position(left.position() + length);
      offset += DatagramBatch.count(document);
      count -= DatagramBatch.count(document);
      return true;
    }
  }

  /// What a document had before it was compressed.
  ///
  /// @param from at the length of that
  /// @throws IllegalArgumentException when it isn't there
  static ByteBuffer unpacked(ByteBuffer from) {
    if (from.remaining() < Integer.BYTES) {
      throw new IllegalArgumentException("no document of the log");
    }
    int length = from.getInt();
    if (length < 0 || length > MAX_BYTES) {
      throw new IllegalArgumentException("a packed document of " + length + " bytes");
    }
    byte[] packed = new byte[from.remaining()];
    from.get(packed);
    byte[] datagrams = new byte[length];
    int found = decompress(packed, datagrams);
    if (found != length) {
      throw new IllegalArgumentException(
          "a packed document of %d bytes instead of %d".formatted(found, length));
    }
    return ByteBuffer.wrap(datagrams).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static int decompress(byte[] from, byte[] to) {
    synchronized (DECOMPRESSOR) {
      try {
        return DECOMPRESSOR.decompress(from, 0, from.length, to, 0, to.length);
      } catch (RuntimeException e) {
        throw new IllegalArgumentException("damaged document: it can't be decompressed", e);
      }
    }
  }
}
