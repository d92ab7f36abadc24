package lastwords.capture;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/// A classic pcap file: one header, then packets, each with a header of 16 bytes.
final class Pcap implements Packets {
  static final int MICROSECONDS = 0xa1b2c3d4;
  private static final int NANOSECONDS = 0xa1b23c4d;
  private static final int HEADER_AFTER_MAGIC_BYTES = 20;
  private static final int LINK_TYPE_AT = 16;
  private static final int PACKET_HEADER_BYTES = 16;

  private final Input in;
  private final int linkType;
  private final int fractionsPerMicro;

  /// The magic number has been read from `in`, big-endian.
  Pcap(Input in, int magic) throws IOException {
    this.in = in;
    boolean bigEndian = magic == MICROSECONDS || magic == NANOSECONDS;
    in.order(bigEndian ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN);
    int plain = bigEndian ? magic : Integer.reverseBytes(magic);
    this.fractionsPerMicro = plain == NANOSECONDS ? 1_000 : 1;
    // The upper half holds the length of a checksum, where there is one.
    this.linkType = in.need(HEADER_AFTER_MAGIC_BYTES).getInt(LINK_TYPE_AT) & 0xffff;
  }

  static boolean knows(int magic) {
    return magic == MICROSECONDS
        || magic == NANOSECONDS
        || magic == Integer.reverseBytes(MICROSECONDS)
        || magic == Integer.reverseBytes(NANOSECONDS);
  }

  @Override
  public @Nullable Packet next() throws IOException {
    if (!in.fill(PACKET_HEADER_BYTES)) {
      return null;
    }
    ByteBuffer header = in.bytes();
    long seconds = Integer.toUnsignedLong(header.getInt());
    long fraction = Integer.toUnsignedLong(header.getInt());
    long captured = Integer.toUnsignedLong(header.getInt());
    if (captured > Input.MAX_BYTES) {
      throw in.damaged("a packet of " + captured + " bytes; no capture has one so large");
    }
    long micros = seconds * 1_000_000 + fraction / fractionsPerMicro;
    return new Packet(linkType, micros, in.need(captured));
  }
}
