package lastwords.store.embedded;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.airlift.compress.zstd.ZstdCompressor;
import io.airlift.compress.zstd.ZstdDecompressor;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// A text of the ledger, compressed: one byte [#ZSTD], four of the length in UTF-8, then a frame of
/// Zstandard.
///
/// Crashes repeat the same names and paths many times, so that even short ones shrink.
final class PackedText {
  /// Below this a frame saves less than the column it needs.
  static final int LEAST_BYTES = 1_024;

  /// No crash or payload is as large; a damaged length must not take the heap.
  private static final int MOST_BYTES = 64 << 20;

  private static final byte ZSTD = 1;
  private static final int HEAD_BYTES = 1 + Integer.BYTES;

  /// Both belong to whoever holds their monitor.
  private static final ZstdCompressor COMPRESSOR = new ZstdCompressor();

  private static final ZstdDecompressor DECOMPRESSOR = new ZstdDecompressor();

  private PackedText() {}

  /// The text compressed; null where that saves nothing, and it is to be kept as it is.
  static byte @Nullable [] pack(String text) {
    if (text.length() < LEAST_BYTES) {
      return null;
    }
    byte[] from = text.getBytes(UTF_8);
    if (from.length > MOST_BYTES) {
      return null;
    }
    byte[] to = new byte[HEAD_BYTES + COMPRESSOR.maxCompressedLength(from.length)];
    ByteBuffer.wrap(to).put(ZSTD).putInt(from.length);
    int length;
    synchronized (COMPRESSOR) {
      length = COMPRESSOR.compress(from, 0, from.length, to, HEAD_BYTES, to.length - HEAD_BYTES);
    }
    return HEAD_BYTES + length < from.length ? Arrays.copyOf(to, HEAD_BYTES + length) : null;
  }

  /// @throws IllegalStateException when it isn't what [#pack] returned: the file is damaged
  static String unpack(byte[] packed) {
    ByteBuffer head = ByteBuffer.wrap(packed);
    int length = packed.length <= HEAD_BYTES || head.get() != ZSTD ? -1 : head.getInt();
    if (length < 0 || length > MOST_BYTES) {
      throw new IllegalStateException("a text of the ledger is damaged");
    }
    byte[] to = new byte[length];
    synchronized (DECOMPRESSOR) {
      try {
        DECOMPRESSOR.decompress(packed, HEAD_BYTES, packed.length - HEAD_BYTES, to, 0, length);
      } catch (RuntimeException e) {
        throw new IllegalStateException("a text of the ledger is damaged", e);
      }
    }
    return new String(to, UTF_8);
  }
}
