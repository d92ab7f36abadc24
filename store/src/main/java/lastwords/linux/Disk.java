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
  private static final int O_WRONLY = 1;

  // man 2 statx; the structure is the same on every architecture.
  private static final int STATX_BLOCKS = 0x400;
  private static final int STATX_BYTES = 256;
  private static final int STX_BLOCKS_AT = 48;
  private static final int BLOCK_BYTES = 512;

  private static final int FALLOC_FL_KEEP_SIZE = 1;
  private static final int FALLOC_FL_PUNCH_HOLE = 2;
  private static final int ENOENT = 2;
  private static final int EINTR = 4;
  private static final int ENOSYS = 38;
  private static final int EOPNOTSUPP = 95;

  private static final MethodHandle STATX =
      Libc.function(
          "statx",
          ValueLayout.JAVA_INT,
          ValueLayout.JAVA_INT,
          ValueLayout.ADDRESS,
          ValueLayout.JAVA_INT,
          ValueLayout.JAVA_INT,
          ValueLayout.ADDRESS);
  private static final MethodHandle FALLOCATE =
      Libc.function(
          "fallocate",
          ValueLayout.JAVA_INT,
          ValueLayout.JAVA_INT,
          ValueLayout.JAVA_INT,
          ValueLayout.JAVA_LONG,
          ValueLayout.JAVA_LONG);

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
        throw failed(file, "can't be asked for its blocks", Libc.errno(state));
      }
      return stat.get(ValueLayout.JAVA_LONG, STX_BLOCKS_AT) * BLOCK_BYTES;
    } catch (Throwable e) {
      throw Libc.rethrown(e);
    }
  }

  /// Allocates blocks to a part of a file, within its length or beyond, without changing either its
  /// length or its content. A file system that doesn't know how does nothing.
  ///
  /// @throws UncheckedIOException when there is no space left
  public static void reserve(Path file, long from, long bytes) {
    int error = allocate(file, FALLOC_FL_KEEP_SIZE, from, bytes);
    if (error != 0) {
      throw failed(file, "can't be given " + bytes + " bytes of its disk", error);
    }
  }

  /// Gives the blocks of a file from there on back to the disk, also while others have it open or
  /// mapped: there it then is all zeros. A file system that doesn't know how does nothing.
  public static void release(Path file, long from) throws IOException {
    long bytes = Files.size(file) - from;
    int error =
        bytes <= 0 ? 0 : allocate(file, FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE, from, bytes);
    if (error != 0) {
      throw failed(file, "can't give back its blocks", error);
    }
  }

  /// The error number; 0 also where the file system can't.
  private static int allocate(Path file, int mode, long from, long bytes) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(Libc.STATE);
      int descriptor =
          (int) Libc.OPEN.invokeExact(state, arena.allocateFrom(file.toString()), O_WRONLY);
      if (descriptor < 0) {
        throw failed(file, "can't be opened", Libc.errno(state));
      }
      int error;
      do {
        int result = (int) FALLOCATE.invokeExact(state, descriptor, mode, from, bytes);
        error = result == 0 ? 0 : Libc.errno(state);
      } while (error == EINTR);
      int ignored = (int) Libc.CLOSE.invokeExact(state, descriptor);
      return error == ENOSYS || error == EOPNOTSUPP ? 0 : error;
    } catch (Throwable e) {
      throw Libc.rethrown(e);
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

  private static UncheckedIOException failed(Path file, String what, int errno) {
    String why = errno == 28 ? "no space left" : "error number " + errno;
    return new UncheckedIOException(new IOException(file + " " + what + ": " + why));
  }
}
