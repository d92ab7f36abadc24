package lastwords.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.channels.DatagramChannel;

/// Has the kernel cut what is written to a UDP socket into datagrams of one length, so that a
/// system call sends many (`UDP_SEGMENT`, udp(7)). A receiver sees datagrams like any others.
public final class Segments {
  /// Datagrams that one write may hold.
  public static final int MOST = 64;

  private static final int SOL_UDP = 17;
  private static final int UDP_SEGMENT = 103;

  private static final MethodHandle SETSOCKOPT =
      Libc.function("setsockopt", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT);

  private Segments() {}

  /// From now on a write is so many datagrams as it holds pieces of this length.
  ///
  /// Java doesn't tell a channel's file descriptor: this takes `--add-opens
  /// java.base/sun.nio.ch=ALL-UNNAMED`.
  public static void of(DatagramChannel channel, int bytes) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(Libc.STATE);
      MemorySegment length = arena.allocateFrom(JAVA_INT, bytes);
      int result =
          (int)
              SETSOCKOPT.invokeExact(
                  state, descriptor(channel), SOL_UDP, UDP_SEGMENT, length, Integer.BYTES);
      if (result != 0) {
        throw new IOException("UDP_SEGMENT: error number " + Libc.errno(state));
      }
    } catch (IOException e) {
      throw e;
    } catch (Throwable e) {
      throw Libc.rethrown(e);
    }
  }

  private static int descriptor(DatagramChannel channel) throws ReflectiveOperationException {
    var method = channel.getClass().getMethod("getFDVal");
    method.setAccessible(true);
    return (int) method.invoke(channel);
  }
}
