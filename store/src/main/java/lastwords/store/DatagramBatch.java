package lastwords.store;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.Consumer;
import java.util.zip.CRC32C;
import lastwords.kernel.Cidr;
import lastwords.kernel.Datagram;

/// Datagrams on their way from the socket into the log, in the log's own format: one document of
/// the log.
///
/// ```
/// document = version u8 (2), method u8 (0), CRC-32C u32 of all that follows,
///            first offset u64, count u32, datagram × count
///          | version u8 (2), method u8 (1), CRC-32C u32 of the method and all that follows,
///            first offset u64, count u32, length u32 of the rest before it was compressed,
///            datagram × count compressed by zstd
/// datagram = received at, µs since 1970, u64 | address length u8 (4, 16 or 20) | address |
///            source port u16 | local port u16 | payload length u32 | payload
/// address = IPv4, 4 bytes | IPv6, 16 bytes | IPv6 with a scope, 16 bytes and the scope u32
/// ```
///
/// Integers are little-endian. The first offset is set by the log when it appends. Batches are of
/// method 0; a [PackedBatch], made of many of them, is of method 1. Version 1, which had no method
/// and no checksum, can still be read. One thread owns a batch; adding allocates nothing.
public final class DatagramBatch {
  /// The largest payload UDP can carry over IPv6, 20 more than over IPv4; jumbograms aside, nothing
  /// larger arrives.
  public static final int MAX_PAYLOAD = 65_527;

  /// Where a document is full enough: beyond this a bigger one is not cheaper to write.
  public static final int FULL_BYTES = 64 << 10;

  private static final byte UNCHECKED_VERSION = 1;
  static final byte VERSION = 2;
  private static final byte PLAIN = 0;
  static final byte COMPRESSED = 1;
  private static final byte IPV4 = 4;
  private static final byte IPV6 = 16;
  private static final byte SCOPED = 20;
  private static final int METHOD_AT = 1;
  static final int CHECKSUM_AT = METHOD_AT + 1;
  private static final int CHECKED_AT = CHECKSUM_AT + Integer.BYTES;

  private static final int MAX_DATAGRAM_HEADER_BYTES = Long.BYTES + 1 + 20 + 2 + 2 + Integer.BYTES;

  private final ByteBuffer bytes =
      ByteBuffer.allocateDirect(FULL_BYTES + MAX_DATAGRAM_HEADER_BYTES + MAX_PAYLOAD)
          .order(ByteOrder.LITTLE_ENDIAN);
  private final CRC32C checksum = new CRC32C();
  private int count;

  public DatagramBatch() {
    clear();
  }

  /// Adds a datagram.
  ///
  /// @param high the first half of the sender's IPv6 address; an IPv4 one is `::ffff:a.b.c.d`
  /// @param low the second half
  /// @param scope of a link-local sender, else 0
  /// @param from has the payload, `length` bytes from its index `at` on, whatever its position
  /// @throws IllegalArgumentException when the payload is longer than [#MAX_PAYLOAD]
  /// @throws IllegalStateException when the batch [#isFull]
  public void add(
      long receivedAtMicros,
      long high,
      long low,
      int scope,
      int sourcePort,
      int localPort,
      ByteBuffer from,
      int at,
      int length) {
    if (length < 0 || length > MAX_PAYLOAD) {
      throw new IllegalArgumentException("a datagram of " + length + " bytes");
    }
    if (isFull()) {
      throw new IllegalStateException("the batch is full; append it first");
    }
    bytes.putLong(receivedAtMicros);
    if (Cidr.isIpv4(high, low)) {
      bytes.put(IPV4).putInt(Integer.reverseBytes((int) low));
    } else {
      bytes.put(scope == 0 ? IPV6 : SCOPED);
      bytes.putLong(Long.reverseBytes(high)).putLong(Long.reverseBytes(low));
      if (scope != 0) {
        bytes.putInt(scope);
      }
    }
    bytes.putShort((short) sourcePort).putShort((short) localPort).putInt(length);
    bytes.put(bytes.position(), from, at, length).position(bytes.position() + length);
    count++;
  }

  /// The same for those that didn't come from a socket just now.
  public void add(
      long receivedAtMicros, InetAddress source, int sourcePort, int localPort, byte[] payload) {
    byte[] address = source.getAddress();
    add(
        receivedAtMicros,
        Cidr.high(address),
        Cidr.low(address),
        source instanceof Inet6Address ipv6 ? ipv6.getScopeId() : 0,
        sourcePort,
        localPort,
        ByteBuffer.wrap(payload),
        0,
        payload.length);
  }

  public int count() {
    return count;
  }

  public boolean isEmpty() {
    return count == 0;
  }

  /// Whether the next [#add] needs an [Log#append] first.
  public boolean isFull() {
    return bytes.position() >= FULL_BYTES;
  }

  public void clear() {
    bytes.clear().put(VERSION).put(PLAIN).putInt(0).putLong(0).putInt(0);
    count = 0;
  }

  /// The document, numbered from `firstOffset`, from position 0 to its limit. Valid until the next
  /// change of the batch.
  public ByteBuffer document(long firstOffset) {
    bytes.putLong(CHECKED_AT, firstOffset).putInt(CHECKED_AT + Long.BYTES, count);
    ByteBuffer document = bytes.slice(0, bytes.position()).order(ByteOrder.LITTLE_ENDIAN);
    checksum.reset();
    checksum.update(document.position(CHECKED_AT));
    return document.putInt(CHECKSUM_AT, (int) checksum.getValue()).position(0);
  }

  /// The offset of a document's first datagram.
  public static long firstOffset(ByteBuffer document) {
    return document.getLong(offsetAt(document));
  }

  /// How many datagrams a document holds.
  public static int count(ByteBuffer document) {
    return document.getInt(offsetAt(document) + Long.BYTES);
  }

  /// The datagrams of a sound document as they are in one of method 0, from position to limit.
  ///
  /// @throws IllegalArgumentException when it isn't sound
  static ByteBuffer datagrams(ByteBuffer document) {
    requireSound(document);
    int at = datagramsAt(document);
    if (isCompressed(document)) {
      return PackedBatch.unpacked(document.position(at));
    }
    return document.position(at);
  }

  private static boolean isCompressed(ByteBuffer document) {
    return document.get(0) == VERSION && document.get(METHOD_AT) == COMPRESSED;
  }

  private static int datagramsAt(ByteBuffer document) {
    return offsetAt(document) + Long.BYTES + Integer.BYTES;
  }

  private static int offsetAt(ByteBuffer document) {
    return document.get(0) == UNCHECKED_VERSION ? 1 : CHECKED_AT;
  }

  /// Takes a document apart. The buffer is little-endian, from position 0 to its limit.
  ///
  /// @throws IllegalArgumentException when it isn't one, or is damaged; says at which byte, where
  ///   that is known. Some datagrams may have been handed out then only if the document is of
  ///   version 1.
  public static void read(ByteBuffer document, Consumer<Datagram> to) {
    ByteBuffer datagrams = datagrams(document);
    long first = firstOffset(document);
    int count = count(document);
    for (int i = 0; i < count; i++) {
      int at = datagrams.position();
      try {
        long receivedAtMicros = datagrams.getLong();
        InetAddress source = address(datagrams);
        int sourcePort = Short.toUnsignedInt(datagrams.getShort());
        int localPort = Short.toUnsignedInt(datagrams.getShort());
        int length = datagrams.getInt();
        if (length > datagrams.remaining()) {
          throw new java.nio.BufferUnderflowException();
        }
        byte[] payload = new byte[length];
        datagrams.get(payload);
        to.accept(
            new Datagram(first + i, receivedAtMicros, source, sourcePort, localPort, payload));
      } catch (java.nio.BufferUnderflowException
          | UnknownHostException
          | NegativeArraySizeException e) {
        throw new IllegalArgumentException(
            "damaged document: datagram " + i + " of " + count + " at byte " + at, e);
      }
    }
  }

  /// Whether all of a document can be read; of a compressed one, whether it is as it was written.
  public static boolean isSound(ByteBuffer document) {
    byte version = document.limit() == 0 ? 0 : document.get(0);
    if (version != UNCHECKED_VERSION && version != VERSION) {
      return false;
    }
    try {
      if (document.limit() > METHOD_AT && isCompressed(document)) {
        requireSound(document);
        return true;
      }
      read(document, _ -> {});
      return version == VERSION || !document.hasRemaining();
    } catch (IllegalArgumentException _) {
      return false;
    }
  }

  private static void requireSound(ByteBuffer document) {
    if (document.limit() == 0 || document.limit() < datagramsAt(document)) {
      throw new IllegalArgumentException("no document of the log");
    }
    if (document.get(0) == UNCHECKED_VERSION) {
      return;
    }
    if (document.get(0) != VERSION) {
      throw new IllegalArgumentException(
          "no document of version %d, but of %d".formatted(VERSION, document.get(0)));
    }
    if (checksum(document) != document.getInt(CHECKSUM_AT)) {
      throw new IllegalArgumentException("damaged document: its checksum is another");
    }
    if (document.get(METHOD_AT) < PLAIN || document.get(METHOD_AT) > COMPRESSED) {
      throw new IllegalArgumentException(
          "a newer Lastwords wrote it: its method is %d, and this one knows %d to %d"
              .formatted(document.get(METHOD_AT), PLAIN, COMPRESSED));
    }
  }

  static int checksum(ByteBuffer document) {
    CRC32C checksum = new CRC32C();
    if (document.get(METHOD_AT) != PLAIN) {
      checksum.update(document.get(METHOD_AT));
    }
    checksum.update(document.position(CHECKED_AT));
    return (int) checksum.getValue();
  }

  private static InetAddress address(ByteBuffer from) throws UnknownHostException {
    int length = from.get();
    byte[] address = new byte[length == SCOPED ? IPV6 : length];
    from.get(address);
    return length == SCOPED
        ? Inet6Address.getByAddress(null, address, from.getInt())
        : InetAddress.getByAddress(address);
  }
}
