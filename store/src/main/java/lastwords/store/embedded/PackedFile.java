package lastwords.store.embedded;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Path;

/// The index of a packed file: a file of the log that isn't written to any more, rewritten in less
/// space.
///
/// ```
/// file = (header u32, document) × count, END u32, (first offset u64, place u64) × count, count u64
/// ```
///
/// A header is as in [QueueFile], which reads the documents; numbers of the index are big-endian.
/// Chronicle sees no such file. Not thread-safe.
final class PackedFile implements AutoCloseable {
  static final String SUFFIX = ".packed";
  private static final String UNFINISHED = ".packing";
  static final int ENTRY_BYTES = 2 * Long.BYTES;

  private final RandomAccessFile file;
  private final long count;
  private final long indexAt;

  /// An index that can't be right is taken for an empty one.
  ///
  /// @throws FileNotFoundException when the file isn't there any more
  PackedFile(Path path) throws IOException {
    file = QueueFile.open(path);
    long end = file.length() - Long.BYTES;
    long said = end > 0 ? number(end) : 0;
    count = said > 0 && said < end / ENTRY_BYTES ? said : 0;
    indexAt = end - count * ENTRY_BYTES;
  }

  static boolean is(Path path) {
    return path.toString().endsWith(SUFFIX);
  }

  /// What the packed form of a file is called.
  static Path of(Path file) {
    return file.resolveSibling(file.getFileName() + SUFFIX);
  }

  /// What that is called until it is whole.
  static Path unfinished(Path file) {
    return file.resolveSibling(file.getFileName() + UNFINISHED);
  }

  static boolean isUnfinished(Path path) {
    return path.toString().endsWith(UNFINISHED);
  }

  /// How many documents it has.
  long count() {
    return count;
  }

  /// Where the header of a document is.
  long position(long document) {
    return number(indexAt + document * ENTRY_BYTES + Long.BYTES);
  }

  long firstOffset(long document) {
    return number(indexAt + document * ENTRY_BYTES);
  }

  private long number(long at) {
    try {
      file.seek(at);
      return file.readLong();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
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
