package lastwords.store.embedded;

import java.io.File;
import lastwords.linux.Disk;
import org.jspecify.annotations.Nullable;

/// Disk blocks set aside for what will be appended next.
///
/// At least [#AHEAD_BYTES] beyond what is written are always reserved: more than one document with
/// what Chronicle adds for its index. Belongs to the appending thread.
final class Reservation {
  /// One document is at most 129 KiB, and a block of the index 32 KiB.
  static final long AHEAD_BYTES = 256 << 10;

  /// What is reserved at once, and may stay unused at the end of each file.
  static final long STEP_BYTES = 512 << 10;

  private final FreeSpace disk;
  private final long leastFreeBytes;
  private @Nullable File file;
  private long used;
  private long reserved;

  /// @param leastFreeBytes what is left to others: nothing is reserved of it
  Reservation(FreeSpace disk, long leastFreeBytes) {
    this.disk = disk;
    this.leastFreeBytes = leastFreeBytes;
  }

  /// Makes sure the next document has its blocks.
  ///
  /// @param next the file it will go into; null for a new one, whose first blocks can only be
  ///   looked for
  /// @throws UncheckedIOException when the disk is full
  void reserve(@Nullable File next) {
    if (next == null) {
      file = null;
      used = 0;
      requireSpace();
      return;
    }
    if (!next.equals(file)) {
      file = next;
      reserved = 0;
    }
    if (used + AHEAD_BYTES > reserved) {
      long from = Math.max(used, reserved);
      requireSpace();
      Disk.reserve(next.toPath(), from, STEP_BYTES);
      reserved = from + STEP_BYTES;
    }
  }

  /// @param position where in its file the last document ended
  void usedUpTo(long position) {
    used = position;
  }

  /// Where the last document ended in its file; 0 in a new one.
  long used() {
    return used;
  }

  private void requireSpace() {
    disk.require(leastFreeBytes + STEP_BYTES);
  }
}
