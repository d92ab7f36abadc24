package lastwords.store.embedded;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import lastwords.store.DatagramBatch;
import org.jspecify.annotations.Nullable;

/// One file of a queue, read by its bytes, also while another thread or process appends to it.
///
/// ```
/// file = (header u32, content) …      each beginning at a multiple of four bytes
/// header = length in bits 0 to 29 | bit 30: not ours but the queue's own | bit 31: not finished
///          0: nothing here yet | 0xC0000000: the file ends here
/// ```
///
/// Chronicle's own reader would take a header of zeros for the end, fail at a random line where a
/// mapped file is shorter than it was, and believe any length. This one knows what is damaged, and
/// [#resync] finds what is sound behind it. Not thread-safe.
final class QueueFile implements AutoCloseable {
  private static final int LENGTH = 0x3fff_ffff;
  private static final int OURS_NOT = 0x4000_0000;
  static final int END = 0xc000_0000;

  /// What the queue's own content begins with: the name of a field.
  private static final byte NAME = (byte) 0xb9;

  /// Longer than any document, and than any block of the queue's index.
  private static final int MAX_LENGTH = 256 << 10;

  /// Read at once, where a document doesn't need more: little where the file is being written,
  /// since there is nothing behind it yet, then twice as much each time.
  private static final int LEAST_WINDOW_BYTES = 4 << 10;

  private static final int WINDOW_BYTES = 64 << 10;

  private final Path path;

  /// Unlike a channel, it doesn't mind that its thread is interrupted.
  private final RandomAccessFile file;

  /// The part of the file from `windowAt` on that was read last.
  private ByteBuffer window = ByteBuffer.allocate(WINDOW_BYTES).order(ByteOrder.LITTLE_ENDIAN);

  private final byte[] word = new byte[Integer.BYTES];

  private int readAtOnce = LEAST_WINDOW_BYTES;
  private long windowAt;
  private long position;

  /// @param position where a header is; 0 at the beginning
  /// @throws FileNotFoundException when it isn't there any more
  QueueFile(Path path, long position) throws IOException {
    this.path = path;
    this.position = position;
    file = open(path);
    window.limit(0);
  }

  /// Opens a file for reading.
  ///
  /// @throws FileNotFoundException only when it isn't there: Java throws it for any reason
  static RandomAccessFile open(Path path) throws IOException {
    try {
      return new RandomAccessFile(path.toFile(), "r");
    } catch (FileNotFoundException e) {
      if (Files.exists(path)) {
        throw new IOException(e.getMessage(), e); // such as too many open files
      }
      throw e;
    }
  }

  Path path() {
    return path;
  }

  /// Where the next header is, or will be.
  long position() {
    return position;
  }

  /// The next document as it stands there, sound or not; null where there is none. The buffer is
  /// valid until the next call.
  @Nullable ByteBuffer next() {
    while (true) {
      int header = header(position);
      if (header <= 0 && fresh(position) > 0) {
        window.limit(0); // what was read is old
        readAtOnce = LEAST_WINDOW_BYTES;
        header = header(position);
      }
      int length = header & LENGTH;
      if (header <= 0 || length > MAX_LENGTH || !has(position + Integer.BYTES, length)) {
        return null;
      }
      long content = position + Integer.BYTES;
      ByteBuffer found = slice(content, length);
      if ((header & OURS_NOT) == 0) {
        position = aligned(content + length);
        return found;
      }
      if (length == 0 || found.get(0) != NAME) {
        return null;
      }
      position = aligned(content + length);
    }
  }

  long length() {
    try {
      return file.length();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Whether the file says that it ends here.
  boolean isEnded() {
    return fresh(position) == END;
  }

  /// Whether nothing is at this place yet, or something that was never finished.
  boolean isUnbegun() {
    return fresh(position) <= 0;
  }

  /// Has the next document be the one at that place, read anew.
  void again(long at) {
    position = at;
    window.limit(0);
  }

  /// Goes on behind the document at that place, whose length can't be believed.
  void passOver(long at) {
    long after = position;
    position = at;
    if (!resync()) {
      position = after;
    }
  }

  /// Goes to the next sound document after this place; false, staying here, when there is none.
  boolean resync() {
    return resync(Long.MAX_VALUE);
  }

  /// The same before a place in the file.
  boolean resync(long to) {
    long from = position + Integer.BYTES;
    window.limit(0);
    for (long at = from; at < to && has(at, Integer.BYTES); at += Integer.BYTES) {
      while (at + Long.BYTES <= windowAt + window.limit()
          && window.getLong((int) (at - windowAt)) == 0) {
        at += Long.BYTES; // the rest of a file is mostly zeros
      }
      if (!has(at, Integer.BYTES)) {
        break;
      }
      int length = header(at);
      if (length > 0
          && length <= MAX_LENGTH
          && has(at + Integer.BYTES, length)
          && DatagramBatch.isSound(slice(at + Integer.BYTES, length))) {
        position = at;
        return true;
      }
    }
    window.limit(0);
    return false;
  }

  private static long aligned(long at) {
    return (at + Integer.BYTES - 1) & -Integer.BYTES;
  }

  /// 0 beyond the end of the file.
  private int header(long at) {
    return has(at, Integer.BYTES) ? window.getInt((int) (at - windowAt)) : 0;
  }

  /// As it is in the file now.
  private int fresh(long at) {
    try {
      file.seek(at);
      return file.read(word) == word.length
          ? ByteBuffer.wrap(word).order(ByteOrder.LITTLE_ENDIAN).getInt()
          : 0;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private ByteBuffer slice(long at, int length) {
    return window.slice((int) (at - windowAt), length).order(ByteOrder.LITTLE_ENDIAN);
  }

  /// Whether the file has these bytes; then they are in the window.
  private boolean has(long at, int length) {
    if (at >= windowAt && at + length <= windowAt + window.limit()) {
      return true;
    }
    // A header's content should be there with it.
    windowAt = Math.max(0, at - Integer.BYTES);
    int bytes = Math.max(length + 2 * Integer.BYTES, readAtOnce);
    if (window.capacity() < bytes) {
      window = ByteBuffer.allocate(MAX_LENGTH + 2 * Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    }
    readAtOnce = Math.min(2 * readAtOnce, WINDOW_BYTES);
    window.clear();
    try {
      file.seek(windowAt);
      window.position(Math.max(0, file.read(window.array(), 0, bytes)));
    } catch (IOException e) {
      window.flip();
      throw new UncheckedIOException(e);
    }
    window.flip();
    return at + length <= windowAt + window.limit();
  }

  @Override
  public void close() {
    try {
      file.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
