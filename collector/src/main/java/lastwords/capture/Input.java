package lastwords.capture;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.zip.ZipException;

/// A capture file's bytes, read in pieces into one buffer, and where in the file they are.
final class Input implements AutoCloseable {
  /// The largest piece held in memory: a packet of libpcap's largest snapshot length, 256 KiB, with
  /// room for what goes with it.
  static final int MAX_BYTES = 1 << 20;

  private final String name;
  private final InputStream stream;
  private byte[] array = new byte[1 << 12];
  private ByteBuffer bytes = ByteBuffer.wrap(array);
  private ByteOrder order = ByteOrder.BIG_ENDIAN;
  private long at;
  private long pieceAt;

  Input(String name, InputStream stream) {
    this.name = name;
    this.stream = stream;
  }

  /// The byte order of the pieces to come, and of the current one.
  void order(ByteOrder order) {
    this.order = order;
    bytes.order(order);
  }

  /// The current piece, from 0 to its length.
  ByteBuffer bytes() {
    return bytes;
  }

  /// Makes the next `length` bytes the current piece; false when the file ends right here.
  ///
  /// @throws IOException when it ends in the middle, or a piece is larger than [#MAX_BYTES]
  boolean fill(long length) throws IOException {
    pieceAt = at;
    if (length < 0 || length > MAX_BYTES) {
      throw damaged("a piece of " + length + " bytes; at most " + MAX_BYTES + " are possible");
    }
    if (length > array.length) {
      array = Arrays.copyOf(array, MAX_BYTES);
    }
    int got = read((int) length);
    bytes = ByteBuffer.wrap(array, 0, got).order(order);
    if (got == 0 && length > 0) {
      return false;
    }
    if (got < length) {
      throw cutOff(length, got);
    }
    return true;
  }

  /// As [#fill] where the file must not end.
  ByteBuffer need(long length) throws IOException {
    if (!fill(length)) {
      throw cutOff(length, 0);
    }
    return bytes;
  }

  /// Passes over bytes without keeping them.
  void skip(long length) throws IOException {
    pieceAt = at;
    try {
      stream.skipNBytes(length);
    } catch (EOFException e) {
      throw new IOException(message("the file ends within a block of " + length + " bytes"), e);
    }
    at += length;
  }

  /// What is wrong with the current piece, where in which file.
  IOException damaged(String what) {
    return new IOException(message(what));
  }

  @Override
  public void close() throws IOException {
    stream.close();
  }

  private IOException cutOff(long length, int got) {
    return damaged("the file ends here: " + length + " bytes should follow, " + got + " do");
  }

  private int read(int length) throws IOException {
    try {
      int got = stream.readNBytes(array, 0, length);
      at += got;
      return got;
    } catch (EOFException | ZipException e) {
      throw new IOException(message("the gzip data is damaged or ends here: " + e.getMessage()), e);
    }
  }

  private String message(String what) {
    return name + ": at byte " + pieceAt + ": " + what;
  }
}
