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
  private static final int EINTR = 4;

  private static final MethodHandle PWRITE =
      Libc.function("pwrite", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_LONG);

  private final Path path;
  private final MemorySegment state = Arena.ofAuto().allocate(Libc.STATE);
  private final int descriptor;

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

  private IOException failed(String what) {
    return new IOException(path + " can't be " + what + ": error number " + Libc.errno(state));
  }

  @Override
  public void close() {
    try {
      int ignored = (int) Libc.CLOSE.invokeExact(state, descriptor);
    } catch (Throwable e) {
      throw Libc.rethrown(e);
    }
  }
}
