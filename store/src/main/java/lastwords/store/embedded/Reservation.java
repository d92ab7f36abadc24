package lastwords.store.embedded;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import lastwords.linux.Disk;
import lastwords.store.FreeSpace;
import org.jspecify.annotations.Nullable;

/// Disk blocks set aside for what will be appended next.
///
/// At least [#AHEAD_BYTES] beyond what is written are always reserved: more than one document with
/// what Chronicle adds for its index. Belongs to the appending thread.
final class Reservation {
  /// One document is at most 129 KiB, and a block of the index 32 KiB.
  static final long AHEAD_BYTES = 256 << 10;

  /// The least that is reserved at once. More, up to [#MAX_STEP_BYTES], as the file grows, so that
  /// a busy log seldom asks and a quiet one leaves little unused at the end of each file.
  static final long STEP_BYTES = 512 << 10;

  private static final long MAX_STEP_BYTES = 4 << 20;

  private final FreeSpace disk;
  private final SpareFiles spares;
  private final long leastFreeBytes;
  private @Nullable Path file;
  private long used;
  private long reserved;

  /// @param leastFreeBytes what is left to others: nothing is reserved of it
  Reservation(FreeSpace disk, SpareFiles spares, long leastFreeBytes) {
    this.disk = disk;
    this.spares = spares;
    this.leastFreeBytes = leastFreeBytes;
  }

  /// Makes sure the next document has its blocks; false when there are none for this file, but may
  /// be for a new one.
  ///
  /// @param next the file it will go into, which is made when there is none
  /// @throws UncheckedIOException when the disk is full
  boolean reserve(Path next) {
    if (!next.equals(file)) {
      begin(next);
      file = next;
    }
    if (used + AHEAD_BYTES <= reserved) {
      return true;
    }
    long from = Math.max(used, reserved);
    long large = Math.clamp(used / 4, STEP_BYTES, MAX_STEP_BYTES);
    return tryToReserve(next, from, large) || tryToReserve(next, from, STEP_BYTES);
  }

  private void begin(Path next) {
    used = 0;
    reserved = 0;
    if (Files.exists(next)) {
      return; // of an earlier process; nobody knows what it reserved
    }
    if (hasRoom(STEP_BYTES)) {
      try {
        Files.createFile(next);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    } else if (spares.use(next)) {
      reserved = SpareFiles.FILE_BYTES;
    } else {
      disk.require(leastFreeBytes + STEP_BYTES);
    }
  }

  private boolean hasRoom(long bytes) {
    return disk.bytes() >= leastFreeBytes + bytes;
  }

  private boolean tryToReserve(Path next, long from, long bytes) {
    try {
      if (hasRoom(bytes)) {
        Disk.reserve(next, from, bytes);
        reserved = from + bytes;
        return true;
      }
    } catch (UncheckedIOException full) {
      // Another program was quicker.
    }
    return false;
  }

  /// @param position where in its file the last document ended
  void usedUpTo(long position) {
    used = position;
  }

  /// Where the last document ended in a file, as far as that is known; 0 in a new one.
  long used(Path in) {
    return in.equals(file) ? used : 0;
  }
}
