package lastwords.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/// Sends datagrams to a socket of this machine that has a name: a path, or `@` and a name in the
/// kernel's abstract namespace. Java's own Unix sockets are streams only. See `unix(7)`.
final class UnixDatagrams {
  private static final int AF_UNIX = 1;
  private static final int SOCK_DGRAM = 2;
  private static final int SOCK_CLOEXEC = 0x80000;
  private static final int MSG_NOSIGNAL = 0x4000;
  private static final int SOL_SOCKET = 1;
  private static final int SO_SNDTIMEO = 21;

  /// As long as a receiver whose queue is full is waited for.
  private static final long PATIENCE_SECONDS = 5;

  // struct sockaddr_un: the family, and a path of 108 bytes.
  private static final int PATH_AT = 2;
  private static final int PATH_BYTES = 108;

  private static final MethodHandle SOCKET =
      Libc.function("socket", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT);
  private static final MethodHandle SETSOCKOPT =
      Libc.function("setsockopt", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT);
  private static final MethodHandle SENDTO =
      Libc.function("sendto", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT);

  private UnixDatagrams() {}

  /// Sends one datagram, by a socket of its own; waits a little while the receiver's queue is full.
  ///
  /// @throws IOException when nobody has that name, or it can't be one, or its queue stays full
  static void send(String to, String text) throws IOException {
    byte[] name = to.getBytes(UTF_8);
    boolean isAbstract = to.startsWith("@");
    if (name.length < 2 || name.length >= PATH_BYTES || !(isAbstract || to.startsWith("/"))) {
      throw new IOException("'" + to + "' is no name of a Unix socket");
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(Libc.STATE);
      MemorySegment address = arena.allocate(PATH_AT + PATH_BYTES, Short.BYTES);
      address.set(JAVA_SHORT, 0, (short) AF_UNIX);
      MemorySegment.copy(name, 0, address, JAVA_BYTE, PATH_AT, name.length);
      if (isAbstract) {
        address.set(JAVA_BYTE, PATH_AT, (byte) 0);
      }
      // A path ends with its zero; an abstract name is as long as it is said to be.
      int addressBytes = PATH_AT + name.length + (isAbstract ? 0 : 1);
      MemorySegment message = arena.allocateFrom(text, UTF_8);
      int socket = (int) SOCKET.invokeExact(state, AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
      if (socket < 0) {
        throw failed(to, state);
      }
      try {
        MemorySegment patience = arena.allocateFrom(JAVA_LONG, PATIENCE_SECONDS, 0); // a timeval
        int ignored =
            (int)
                SETSOCKOPT.invokeExact(
                    state,
                    socket,
                    SOL_SOCKET,
                    SO_SNDTIMEO,
                    patience,
                    Math.toIntExact(patience.byteSize()));
        long sent =
            (long)
                SENDTO.invokeExact(
                    state,
                    socket,
                    message,
                    message.byteSize() - 1,
                    MSG_NOSIGNAL,
                    address,
                    addressBytes);
        if (sent < 0) {
          throw failed(to, state);
        }
      } finally {
        int ignored = (int) Libc.CLOSE.invokeExact(state, socket);
      }
    } catch (IOException e) {
      throw e;
    } catch (Throwable e) {
      throw Libc.rethrown(e);
    }
  }

  private static IOException failed(String to, MemorySegment state) {
    return new IOException(to + " can't be written to: error number " + Libc.errno(state));
  }
}
