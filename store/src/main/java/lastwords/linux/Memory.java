package lastwords.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/// What Linux is told of mapped memory.
public final class Memory {
  // include/uapi/asm-generic/mman-common.h
  private static final int MADV_RANDOM = 1;

  private static final MethodHandle MADVISE =
      Libc.function(
          "madvise",
          ValueLayout.JAVA_INT,
          ValueLayout.JAVA_LONG,
          ValueLayout.JAVA_LONG,
          ValueLayout.JAVA_INT);

  private static final long PAGE_BYTES = 4096;

  private Memory() {}

  /// Has pages of a mapped file brought in one by one when they are touched, none ahead. It is
  /// advice: where the kernel doesn't take it, nothing else changes.
  ///
  /// @param address where it begins; the page it lies in is the first
  public static void withoutReadAhead(long address, long bytes) {
    long from = address & -PAGE_BYTES;
    try (Arena arena = Arena.ofConfined()) {
      int ignored =
          (int)
              MADVISE.invokeExact(
                  arena.allocate(Libc.STATE), from, bytes + address - from, MADV_RANDOM);
    } catch (Throwable e) {
      throw Libc.rethrown(e);
    }
  }
}
