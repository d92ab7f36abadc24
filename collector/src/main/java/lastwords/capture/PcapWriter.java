package lastwords.capture;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import lastwords.kernel.Datagram;

/// Writes datagrams as a pcap file: raw IP, microseconds, little-endian.
///
/// The headers of IP and UDP are made anew, with right lengths and checksums; the receiver's
/// address, which the log doesn't keep, is the loopback address of the same family. Belongs to one
/// thread.
public final class PcapWriter implements AutoCloseable {
  private static final int SNAPSHOT_BYTES = 1 << 18;
  private static final int FILE_HEADER_BYTES = 24;
  private static final int PACKET_HEADER_BYTES = 16;
  private static final int UDP_HEADER_BYTES = 8;
  private static final int UDP = 17;
  private static final int HOPS = 64;
  private static final byte[] LOOPBACK_4 = {127, 0, 0, 1};
  private static final byte[] LOOPBACK_6 = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};

  private final OutputStream to;
  private final ByteBuffer header =
      ByteBuffer.allocate(PACKET_HEADER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
  private final ByteBuffer packet = ByteBuffer.allocate(1 << 17);

  /// Writes the file's header at once. Buffer the stream: there are two writes per datagram.
  public PcapWriter(OutputStream to) throws IOException {
    this.to = to;
    ByteBuffer start = ByteBuffer.allocate(FILE_HEADER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    start.putInt(Pcap.MICROSECONDS).putShort((short) 2).putShort((short) 4);
    start.putLong(0).putInt(SNAPSHOT_BYTES).putInt(UdpPackets.RAW_IP);
    to.write(start.array());
  }

  /// Appends one packet.
  public void write(Datagram datagram) throws IOException {
    packet.clear();
    InetAddress source = datagram.source();
    int udpBytes = UDP_HEADER_BYTES + datagram.payload().length;
    byte[] address = source.getAddress();
    if (address.length == 4) {
      ipv4(address, udpBytes);
    } else {
      ipv6(address, udpBytes);
    }
    int udpAt = packet.position();
    packet.putShort((short) datagram.sourcePort()).putShort((short) datagram.localPort());
    packet.putShort((short) udpBytes).putShort((short) 0).put(datagram.payload());
    // The sum covers the addresses, which lie right before, the protocol and the length.
    int sum = sum(udpAt - 2 * address.length, packet.position(), UDP + udpBytes);
    packet.putShort(udpAt + 6, (short) (sum == 0 ? 0xffff : sum));

    long micros = datagram.receivedAtMicros();
    header.clear();
    header.putInt((int) Math.floorDiv(micros, 1_000_000L));
    header.putInt((int) Math.floorMod(micros, 1_000_000L));
    header.putInt(packet.position()).putInt(packet.position());
    to.write(header.array());
    to.write(packet.array(), 0, packet.position());
  }

  @Override
  public void close() throws IOException {
    to.close();
  }

  private void ipv4(byte[] source, int udpBytes) {
    packet.put((byte) 0x45).put((byte) 0).putShort((short) (20 + udpBytes));
    packet.putInt(0).put((byte) HOPS).put((byte) UDP).putShort((short) 0);
    packet.put(source).put(LOOPBACK_4);
    packet.putShort(10, (short) sum(0, packet.position(), 0));
  }

  private void ipv6(byte[] source, int udpBytes) {
    packet.putInt(6 << 28).putShort((short) udpBytes).put((byte) UDP).put((byte) HOPS);
    packet.put(source).put(LOOPBACK_6);
  }

  /// The Internet checksum, RFC 1071, of the packet's bytes and a number.
  private int sum(int from, int to, int start) {
    long sum = start;
    for (int i = from; i + 1 < to; i += 2) {
      sum += Short.toUnsignedInt(packet.getShort(i));
    }
    if ((to - from) % 2 != 0) {
      sum += Byte.toUnsignedInt(packet.get(to - 1)) << 8;
    }
    while (sum >> 16 != 0) {
      sum = (sum & 0xffff) + (sum >> 16);
    }
    return (int) ~sum & 0xffff;
  }
}
