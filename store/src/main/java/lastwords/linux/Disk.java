package lastwords.linux;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/// What Linux knows of a file's blocks and Java doesn't tell: how many it has, and reserving more.
/// A queue's files are sparse, so their length says nothing.
public final class Disk {
  private static final int AT_FDCWD = -100;

  // man 2 statx; the structure is the same on every architecture.
  private static final int STATX_BLOCKS = 0x400;
  private static final int STATX_BYTES = 256;
  private static final int STX_BLOCKS_AT = 48;
  private static final int BLOCK_BYTES = 512;

  private static final int ENOENT = 2;

  private static final MethodHandle STATX =
      Libc.function(
          "statx",
          ValueLayout.JAVA_INT,
          ValueLayout.JAVA_INT,
          ValueLayout.ADDRESS,
          ValueLayout.JAVA_INT,
          ValueLayout.JAVA_INT,
          ValueLayout.ADDRESS);

  private Disk() {}

  /// The bytes really allocated to a file; 0 when there is none.
  public static long allocatedBytes(Path file) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(Libc.STATE);
      MemorySegment stat = arena.allocate(STATX_BYTES, Long.BYTES);
      MemorySegment path = arena.allocateFrom(file.toString());
      if (0 != (int) STATX.invokeExact(state, AT_FDCWD, path, 0, STATX_BLOCKS, stat)) {
        if (Libc.errno(state) == ENOENT) {
          return 0;
        }
        throw new UncheckedIOException(
            new IOException(
                file + " can't be asked for its blocks: error number " + Libc.errno(state)));
      }
      return stat.get(ValueLayout.JAVA_LONG, STX_BLOCKS_AT) * BLOCK_BYTES;
    } catch (Throwable e) {
      throw Libc.rethrown(e);
    }
  }

  /// Allocates blocks to a part of a file, see [WritableFile#reserve]. Not for a file on which this
  /// process holds locks: they go when it is closed here.
  ///
  /// @throws UncheckedIOException when there is no space left
  public static void reserve(Path file, long from, long bytes) {
    try (WritableFile open = new WritableFile(file)) {
      open.reserve(from, bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Gives the blocks of a file from there on back to the disk, also while others have it open or
  /// mapped: there it then is all zeros. A file system that doesn't know how does nothing.
  public static void release(Path file, long from) throws IOException {
    long bytes = Files.size(file) - from;
    if (bytes > 0) {
      try (WritableFile open = new WritableFile(file)) {
        open.release(from, bytes);
      }
    }
  }

  /// Writes a file, or the names in a folder, through to the disk, mapped pages included.
  public static void sync(Path path) throws IOException {
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      channel.force(false);
    } catch (NoSuchFileException _) {
      // Retention deleted it.
    }
  }
}
