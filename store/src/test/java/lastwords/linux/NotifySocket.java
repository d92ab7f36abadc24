package lastwords.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/// The receiving end of a service manager: a real Unix datagram socket with a name.
public final class NotifySocket implements AutoCloseable {
  private static final MethodHandle SOCKET =
      Libc.function("socket", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT);
  private static final MethodHandle BIND =
      Libc.function("bind", JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT);
  private static final MethodHandle SETSOCKOPT =
      Libc.function("setsockopt", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT);
  private static final MethodHandle RECV =
      Libc.function("recv", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT);
  private static final MethodHandle CLOSE = Libc.function("close", JAVA_INT, JAVA_INT);

  private static final int AF_UNIX = 1;
  private static final int SOCK_DGRAM = 2;
  private static final int SOL_SOCKET = 1;
  private static final int SO_RCVTIMEO = 20;
  private static final int PATIENCE_SECONDS = 30;

  private final int socket;

  /// @param name a path, or `@` and a name
  public NotifySocket(String name) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(Libc.STATE);
      byte[] bytes = name.getBytes(UTF_8);
      MemorySegment address = arena.allocate(110, Short.BYTES);
      address.set(JAVA_SHORT, 0, (short) AF_UNIX);
      MemorySegment.copy(bytes, 0, address, JAVA_BYTE, 2, bytes.length);
      int addressBytes = 2 + bytes.length + 1;
      if (name.startsWith("@")) {
        address.set(JAVA_BYTE, 2, (byte) 0);
        addressBytes--;
      }
      socket = (int) SOCKET.invokeExact(state, AF_UNIX, SOCK_DGRAM, 0);
      if ((int) BIND.invokeExact(state, socket, address, addressBytes) != 0) {
        throw new IllegalStateException(name + ": error number " + Libc.errno(state));
      }
      MemorySegment patience = arena.allocateFrom(JAVA_LONG, PATIENCE_SECONDS, 0);
      int ignored =
          (int) SETSOCKOPT.invokeExact(state, socket, SOL_SOCKET, SO_RCVTIMEO, patience, 16);
    } catch (Throwable e) {
      throw Libc.rethrown(e);
    }
  }

  /// The next message; waits for it.
  public String next() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(Libc.STATE);
      MemorySegment buffer = arena.allocate(4096);
      long length = (long) RECV.invokeExact(state, socket, buffer, 4096L, 0);
      if (length < 0) {
        throw new AssertionError("nothing was said in " + PATIENCE_SECONDS + " s");
      }
      return new String(buffer.asSlice(0, length).toArray(JAVA_BYTE), UTF_8);
    } catch (Throwable e) {
      throw Libc.rethrown(e);
    }
  }

  @Override
  public void close() {
    try (Arena arena = Arena.ofConfined()) {
      int ignored = (int) CLOSE.invokeExact(arena.allocate(Libc.STATE), socket);
    } catch (Throwable e) {
      throw Libc.rethrown(e);
    }
  }
}
