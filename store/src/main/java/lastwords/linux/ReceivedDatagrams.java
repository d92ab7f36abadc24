package lastwords.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/// What one `recvmmsg(2)` took from a UDP socket: up to [#MOST] datagrams, each with its sender.
///
/// The memory is kept and filled anew by each [#receive], so that a datagram costs no allocation.
/// Belongs to one thread.
public final class ReceivedDatagrams {
  /// Datagrams taken by one call.
  public static final int MOST = 64;

  /// Room for the largest datagram, so that none is cut; memory is only touched as far as it is
  /// written. Five cache lines more than a power of two, since slots 64 KiB apart would share the
  /// same few lines of the processor's caches.
  private static final int SLOT_BYTES = (64 << 10) + 5 * 64;

  private static final short AF_INET = 2;
  private static final int MSG_TRUNC = 0x20;
  private static final int MSG_DONTWAIT = 0x40;
  private static final int EINTR = 4;
  private static final int EAGAIN = 11;

  // struct mmsghdr where pointers have 64 bits: msghdr with name, namelen, iov, iovlen; then len.
  private static final long HEADER_BYTES = 64;
  private static final long NAME_LENGTH_AT = 8;
  private static final long VECTOR_AT = 16;
  private static final long VECTOR_LENGTH_AT = 24;
  private static final long LENGTH_AT = 56;

  // struct iovec
  private static final long VECTOR_BYTES = 16;
  private static final long VECTOR_SIZE_AT = 8;

  // struct sockaddr_in6, and where it differs sockaddr_in
  private static final long NAME_BYTES = 32;
  private static final int NAME_LENGTH = 28;
  private static final long PORT_AT = 2;
  private static final long IPV4_AT = 4;
  private static final long IPV6_AT = 8;
  private static final long SCOPE_AT = 24;

  /// What `::ffff:a.b.c.d`, an IPv4 address among those of IPv6, begins with.
  private static final long MAPPED = 0xffff_0000_0000L;

  private static final ValueLayout.OfShort PORT =
      JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  private static final ValueLayout.OfInt IPV4 = JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  private static final ValueLayout.OfLong IPV6 =
      JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

  private static final MethodHandle RECVMMSG =
      Libc.function("recvmmsg", JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT, ADDRESS);

  private final MemorySegment state;
  private final MemorySegment headers;
  private final MemorySegment names;
  private final ByteBuffer payloads;

  public ReceivedDatagrams() {
    Arena arena = Arena.ofAuto();
    state = arena.allocate(Libc.STATE);
    headers = arena.allocate(MOST * HEADER_BYTES, Long.BYTES);
    names = arena.allocate(MOST * NAME_BYTES, Long.BYTES);
    MemorySegment vectors = arena.allocate(MOST * VECTOR_BYTES, Long.BYTES);
    payloads = ByteBuffer.allocateDirect(MOST * SLOT_BYTES);
    MemorySegment slots = MemorySegment.ofBuffer(payloads);
    for (int i = 0; i < MOST; i++) {
      MemorySegment vector = vectors.asSlice(i * VECTOR_BYTES, VECTOR_BYTES);
      vector.set(ADDRESS, 0, slots.asSlice((long) i * SLOT_BYTES, SLOT_BYTES));
      vector.set(JAVA_LONG, VECTOR_SIZE_AT, SLOT_BYTES);
      MemorySegment header = headers.asSlice(i * HEADER_BYTES, HEADER_BYTES);
      header.set(ADDRESS, 0, names.asSlice(i * NAME_BYTES, NAME_BYTES));
      header.set(ADDRESS, VECTOR_AT, vector);
      header.set(JAVA_LONG, VECTOR_LENGTH_AT, 1);
    }
  }

  /// Takes what waits in a socket and doesn't wait for more. Fewer than [#MOST] is all there was.
  ///
  /// @param socket its file descriptor
  /// @return how many; what the other methods say of them is good until the next call
  /// @throws IOException when the socket has an error to tell, which it then has told
  public int receive(int socket) throws IOException {
    for (int i = 0; i < MOST; i++) {
      headers.set(JAVA_INT, i * HEADER_BYTES + NAME_LENGTH_AT, NAME_LENGTH);
    }
    try {
      int count =
          (int)
              RECVMMSG.invokeExact(
                  state, socket, headers, MOST, MSG_DONTWAIT | MSG_TRUNC, MemorySegment.NULL);
      if (count >= 0) {
        return count;
      }
    } catch (Throwable e) {
      throw Libc.rethrown(e);
    }
    int errno = Libc.errno(state);
    if (errno == EAGAIN || errno == EINTR) {
      return 0;
    }
    throw new IOException("recvmmsg: error number " + errno);
  }

  /// Bytes of the payload, also of one too large for its slot, which was cut.
  public int length(int i) {
    return headers.get(JAVA_INT, i * HEADER_BYTES + LENGTH_AT);
  }

  /// Where payloads lie, each from [#payloadAt] on.
  public ByteBuffer payloads() {
    return payloads;
  }

  public int payloadAt(int i) {
    return i * SLOT_BYTES;
  }

  /// The first half of the sender's IPv6 address; 0 for an IPv4 one, which is `::ffff:a.b.c.d`.
  public long addressHigh(int i) {
    return isIpv4(i) ? 0 : names.get(IPV6, i * NAME_BYTES + IPV6_AT);
  }

  /// The second half.
  public long addressLow(int i) {
    return isIpv4(i)
        ? MAPPED | Integer.toUnsignedLong(names.get(IPV4, i * NAME_BYTES + IPV4_AT))
        : names.get(IPV6, i * NAME_BYTES + IPV6_AT + Long.BYTES);
  }

  /// The interface that a link-local sender was heard at; 0 for others.
  public int scope(int i) {
    return isIpv4(i) ? 0 : names.get(JAVA_INT, i * NAME_BYTES + SCOPE_AT);
  }

  /// The sender's.
  public int port(int i) {
    return Short.toUnsignedInt(names.get(PORT, i * NAME_BYTES + PORT_AT));
  }

  private boolean isIpv4(int i) {
    return names.get(JAVA_SHORT_UNALIGNED, i * NAME_BYTES) == AF_INET;
  }
}
