package lastwords.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.reflect.InaccessibleObjectException;
import java.nio.channels.SocketChannel;

/// The other end of a TCP connection.
public final class Peer {
  // recv(2)
  private static final int MSG_PEEK = 0x2;
  private static final int MSG_DONTWAIT = 0x40;
  private static final int EINTR = 4;
  private static final int EAGAIN = 11;

  private static final MethodHandle RECV =
      Libc.function("recv", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT);

  private Peer() {}

  /// Whether the peer closed the connection, at least in its direction: it will send nothing more.
  /// Reads nothing, does not block, and may be called while others read and write.
  ///
  /// Java does not publish a channel's file descriptor: this takes `--add-opens
  /// java.base/sun.nio.ch=ALL-UNNAMED`, and without it returns false.
  public static boolean hasClosed(SocketChannel channel) {
    if (!channel.isOpen()) {
      return true;
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(Libc.STATE);
      long length =
          (long)
              RECV.invokeExact(
                  state, descriptor(channel), arena.allocate(1), 1L, MSG_PEEK | MSG_DONTWAIT);
      int error = length < 0 ? Libc.errno(state) : 0;
      return length == 0 || (length < 0 && error != EAGAIN && error != EINTR);
    } catch (ReflectiveOperationException | InaccessibleObjectException _) {
      return false;
    } catch (Throwable e) {
      throw Libc.rethrown(e);
    }
  }

  private static int descriptor(SocketChannel channel) throws ReflectiveOperationException {
    var method = channel.getClass().getMethod("getFDVal");
    method.setAccessible(true);
    return (int) method.invoke(channel);
  }
}
