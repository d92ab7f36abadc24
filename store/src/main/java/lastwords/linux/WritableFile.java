package lastwords.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.Closeable;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/// A file that is written to at any place. Unlike Java's channels it doesn't mind that its thread
/// is interrupted, and allocates nothing. Belongs to one thread.
public final class WritableFile implements Closeable {
  private static final int O_WRONLY = 1;
  private static final int O_CLOEXEC = 0x80000;

  private static final int FALLOC_FL_KEEP_SIZE = 1;
  private static final int FALLOC_FL_PUNCH_HOLE = 2;

  private static final int POSIX_FADV_DONTNEED = 4;

  private static final int CLOSED = -1;
  private static final int EINTR = 4;
  private static final int ENOSPC = 28;
  private static final int ENOSYS = 38;
  private static final int EOPNOTSUPP = 95;

  private static final MethodHandle PWRITE =
      Libc.function("pwrite", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_LONG);

  private static final MethodHandle FALLOCATE =
      Libc.function("fallocate", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG);

  private static final MethodHandle FSYNC = Libc.function("fsync", JAVA_INT, JAVA_INT);

  private static final MethodHandle FADVISE =
      Libc.function("posix_fadvise", JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT);

  private final Path path;
  private final MemorySegment state = Arena.ofAuto().allocate(Libc.STATE);
  private int descriptor;

  /// Opens a file that exists.
  public WritableFile(Path path) throws IOException {
    this.path = path;
    try (Arena arena = Arena.ofConfined()) {
      descriptor =
          (int)
              Libc.OPEN.invokeExact(
                  state, arena.allocateFrom(path.toString()), O_WRONLY | O_CLOEXEC);
    } catch (Throwable e) {
      throw Libc.rethrown(e);
    }
    if (descriptor < 0) {
      throw failed("opened");
    }
  }

  /// Writes a direct buffer, from its position to its limit, to the file's bytes from `at` on.
  ///
  /// @throws IOException when the disk is full or fails; a part may be written then
  public void write(ByteBuffer content, long at) throws IOException {
    MemorySegment from = MemorySegment.ofBuffer(content);
    long done = 0;
    while (done < from.byteSize()) {
      long count = write(from.asSlice(done), at + done);
      if (count >= 0) {
        done += count;
      } else if (Libc.errno(state) != EINTR) {
        throw failed("written to");
      }
    }
  }

  private long write(MemorySegment from, long at) {
    try {
      return (long) PWRITE.invokeExact(state, descriptor, from, from.byteSize(), at);
    } catch (Throwable e) {
      throw Libc.rethrown(e);
    }
  }

  /// Allocates blocks to a part of it, within its length or beyond, without changing either its
  /// length or its content. A file system that doesn't know how does nothing.
  ///
  /// @throws IOException when there is no space left
  public void reserve(long from, long bytes) throws IOException {
    allocate(FALLOC_FL_KEEP_SIZE, from, bytes, "given " + bytes + " bytes of its disk");
  }

  /// Gives the blocks of a part of it back to the disk; it then is all zeros there. A file system
  /// that doesn't know how does nothing.
  void release(long from, long bytes) throws IOException {
    allocate(FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE, from, bytes, "relieved of its blocks");
  }

  /// Has the kernel forget its copy of the file, so that it is read from the disk again. For a file
  /// whose sync failed: the kernel then takes blocks for written that are not (ext4 doesn't even
  /// write them for good when the same bytes are written and synced again).
  public void forgetCopy() {
    try {
      // Only what is not to be written is forgotten. What fails now was lost before.
      int ignored = (int) FSYNC.invokeExact(state, descriptor);
      ignored = (int) FADVISE.invokeExact(state, descriptor, 0L, 0L, POSIX_FADV_DONTNEED);
    } catch (Throwable e) {
      throw Libc.rethrown(e);
    }
  }

  private void allocate(int mode, long from, long bytes, String what) throws IOException {
    int error;
    do {
      error = allocate(mode, from, bytes);
    } while (error == EINTR);
    if (error != 0 && error != ENOSYS && error != EOPNOTSUPP) {
      throw failed(what);
    }
  }

  private int allocate(int mode, long from, long bytes) {
    try {
      int result = (int) FALLOCATE.invokeExact(state, descriptor, mode, from, bytes);
      return result == 0 ? 0 : Libc.errno(state);
    } catch (Throwable e) {
      throw Libc.rethrown(e);
    }
  }

  private IOException failed(String what) {
    int errno = Libc.errno(state);
    String why = errno == ENOSPC ? "no space left" : "error number " + errno;
    return new IOException(path + " can't be " + what + ": " + why);
  }

  /// Gives up all locks (`F_SETLK`) that this process has on the file, however it got them: `man 2
  /// fcntl`.
  @Override
  public void close() {
    int open = descriptor;
    if (open == CLOSED) {
      return; // the number may be another file's by now
    }
    descriptor = CLOSED;
    try {
      int ignored = (int) Libc.CLOSE.invokeExact(state, open);
    } catch (Throwable e) {
      throw Libc.rethrown(e);
    }
  }
}
