package lastwords.store.embedded;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import lastwords.linux.Disk;
import lastwords.store.FreeSpace;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Files of zeros in a log's folder, in which it goes on when its disk has no room: what they
/// occupy was set aside before, and no other program can take it.
///
/// A file that the log doesn't need any more becomes a spare one again without being given up in
/// between. So the log goes round in these few files for as long as the disk is full.
///
/// ```
/// spare-0 … spare-3      ready for use
/// spare-0.used …         on its way there, or to nowhere
/// ```
///
/// One thread makes them, another may [#use] them.
final class SpareFiles {
  /// As much is set aside of each, for some ten thousand messages.
  static final long FILE_BYTES = 4 << 20;

  private static final int COUNT = 4;
  private static final int ZEROS_BYTES = 256 << 10;
  private static final Logger LOG = LoggerFactory.getLogger(SpareFiles.class);

  private final Path folder;
  private final FreeSpace disk;

  SpareFiles(Path folder, FreeSpace disk) {
    this.folder = folder;
    this.disk = disk;
  }

  /// Makes one of them the log's next file; false when none is left.
  boolean use(Path next) {
    for (int i = 0; i < COUNT; i++) {
      if (Files.exists(spare(i))) {
        try {
          Files.move(spare(i), next);
          return true;
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
    }
    return false;
  }

  /// Whether some are missing.
  boolean areMissing() {
    return !missing().isEmpty();
  }

  private List<Integer> missing() {
    List<Integer> missing = new ArrayList<>();
    for (int i = 0; i < COUNT; i++) {
      if (!Files.exists(spare(i))) {
        missing.add(i);
      }
    }
    return missing;
  }

  /// Makes those that are missing, as long as so much is left of the disk.
  void fill(long leastFreeBytes) {
    for (int i : missing()) {
      if (disk.bytes() < leastFreeBytes + FILE_BYTES || !make(i)) {
        return;
      }
    }
  }

  /// Takes a file out of the log: for a spare one where one is missing; else its room is the disk's
  /// at once, also while somebody still reads it.
  void take(Path file) {
    List<Integer> missing = missing();
    int number = missing.isEmpty() ? 0 : missing.getFirst();
    try {
      // First of all it loses its name, by which a reader knows that it belongs to the log.
      Files.move(file, used(number), StandardCopyOption.REPLACE_EXISTING);
      Disk.release(used(number), missing.isEmpty() ? 0 : FILE_BYTES);
      if (missing.isEmpty()) {
        Files.delete(used(number));
      } else {
        make(number);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Of nothing, or of the file that is there for it.
  private boolean make(int number) {
    try {
      try (FileChannel file =
          FileChannel.open(used(number), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
        ByteBuffer zeros = ByteBuffer.allocateDirect(ZEROS_BYTES);
        while (file.position() < FILE_BYTES) {
          file.write(zeros.clear());
        }
        // What was in it must not come back with the power, under its new name.
        file.force(false);
      }
      Files.move(used(number), spare(number));
      return true;
    } catch (IOException full) {
      LOG.debug("{}: {}", used(number), full.toString());
      try {
        Files.deleteIfExists(used(number));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      return false;
    }
  }

  private Path spare(int number) {
    return folder.resolve("spare-" + number);
  }

  private Path used(int number) {
    return folder.resolve("spare-" + number + ".used");
  }
}
