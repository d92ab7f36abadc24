package lastwords.capture;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import lastwords.kernel.Datagram;
import org.jspecify.annotations.Nullable;

/// Finds the UDP datagram in a packet: through the link's header, VLAN tags, and IP with its
/// options or extension headers. Counts what holds none.
final class UdpPackets {
  // Link types, see https://www.tcpdump.org/linktypes.html
  private static final int LOOPBACK_HOST_ORDER = 0;
  static final int ETHERNET = 1;
  static final int RAW_IP = 101;
  private static final int LOOPBACK = 108;
  private static final int LINUX_COOKED = 113;
  private static final int IPV4 = 228;
  private static final int IPV6 = 229;
  private static final int LINUX_COOKED_2 = 276;

  private static final int UDP = 17;
  private static final int UDP_HEADER_BYTES = 8;
  private static final int IPV4_HEADER_BYTES = 20;
  private static final int IPV6_HEADER_BYTES = 40;

  /// More tags or extension headers than this no honest packet has.
  private static final int MAX_HEADERS = 8;

  private long others;
  private long fragments;
  private long cut;

  long others() {
    return others;
  }

  long fragments() {
    return fragments;
  }

  long cut() {
    return cut;
  }

  /// The packet's datagram, numbered so; null when it holds none, which is counted.
  @Nullable Datagram datagram(Packet packet, long offset) {
    ByteBuffer bytes = packet.bytes().slice().order(ByteOrder.BIG_ENDIAN);
    try {
      if (!toIp(packet.linkType(), bytes)) {
        others++;
        return null;
      }
      return switch (bytes.get(bytes.position()) >> 4 & 0xf) {
        case 4 -> ipv4(bytes, packet.micros(), offset);
        case 6 -> ipv6(bytes, packet.micros(), offset);
        default -> other();
      };
    } catch (BufferUnderflowException | IllegalArgumentException | IndexOutOfBoundsException e) {
      return other();
    }
  }

  private @Nullable Datagram other() {
    others++;
    return null;
  }

  /// Moves to the IP header; false where there is none.
  private static boolean toIp(int linkType, ByteBuffer bytes) {
    return switch (linkType) {
      case ETHERNET -> toIpAfterType(bytes.position(12));
      case RAW_IP, IPV4, IPV6 -> true;
      // What the four bytes say, the first byte of IP says as well.
      case LOOPBACK_HOST_ORDER, LOOPBACK -> bytes.position(4).hasRemaining();
      case LINUX_COOKED -> toIpAfterType(bytes.position(14));
      case LINUX_COOKED_2 -> {
        int type = Short.toUnsignedInt(bytes.getShort());
        bytes.position(20);
        yield isTag(type) ? toIpAfterTag(bytes) : isIp(type);
      }
      default -> false;
    };
  }

  private static boolean toIpAfterType(ByteBuffer bytes) {
    int type = Short.toUnsignedInt(bytes.getShort());
    return isTag(type) ? toIpAfterTag(bytes) : isIp(type);
  }

  private static boolean toIpAfterTag(ByteBuffer bytes) {
    for (int i = 0; i < MAX_HEADERS; i++) {
      bytes.getShort(); // priority and number of the VLAN
      int type = Short.toUnsignedInt(bytes.getShort());
      if (!isTag(type)) {
        return isIp(type);
      }
    }
    return false;
  }

  private static boolean isTag(int type) {
    return type == 0x8100 || type == 0x88a8 || type == 0x9100;
  }

  private static boolean isIp(int type) {
    return type == 0x0800 || type == 0x86dd;
  }

  private @Nullable Datagram ipv4(ByteBuffer bytes, long micros, long offset) {
    int start = bytes.position();
    int headerBytes = (bytes.get(start) & 0xf) * 4;
    int protocol = bytes.get(start + 9);
    if (headerBytes < IPV4_HEADER_BYTES || protocol != UDP) {
      return other();
    }
    boolean isFragment = (bytes.getShort(start + 6) & 0x3fff) != 0;
    if (isFragment) {
      fragments++;
      return null;
    }
    return udp(bytes, address(bytes, start + 12, 4), start + headerBytes, micros, offset);
  }

  private @Nullable Datagram ipv6(ByteBuffer bytes, long micros, long offset) {
    int start = bytes.position();
    InetAddress source = address(bytes, start + 8, 16);
    int header = bytes.get(start + 6);
    int at = start + IPV6_HEADER_BYTES;
    for (int i = 0; i < MAX_HEADERS; i++) {
      int length = Byte.toUnsignedInt(bytes.get(at + 1));
      int next = bytes.get(at);
      switch (header) {
        case UDP -> {
          return udp(bytes, source, at, micros, offset);
        }
        case 0, 43, 60 -> at += (length + 1) * 8; // hop-by-hop, routing, destination
        case 51 -> at += (length + 2) * 4; // authentication
        case 44 -> {
          boolean isFragment = (bytes.getShort(at + 2) & 0xfff9) != 0;
          if (isFragment) {
            fragments++;
            return null;
          }
          at += 8;
        }
        default -> {
          return other();
        }
      }
      header = next;
    }
    return other();
  }

  private @Nullable Datagram udp(
      ByteBuffer bytes, InetAddress source, int at, long micros, long offset) {
    int sourcePort = Short.toUnsignedInt(bytes.getShort(at));
    int localPort = Short.toUnsignedInt(bytes.getShort(at + 2));
    int length = Short.toUnsignedInt(bytes.getShort(at + 4)) - UDP_HEADER_BYTES;
    if (length < 0) {
      return other();
    }
    if (at + UDP_HEADER_BYTES + length > bytes.limit()) {
      cut++;
      return null;
    }
    byte[] payload = new byte[length];
    bytes.get(at + UDP_HEADER_BYTES, payload);
    return new Datagram(offset, micros, source, sourcePort, localPort, payload);
  }

  private static InetAddress address(ByteBuffer bytes, int at, int length) {
    byte[] address = new byte[length];
    bytes.get(at, address);
    try {
      return InetAddress.getByAddress(address);
    } catch (UnknownHostException e) {
      throw new IllegalStateException("an address of " + length + " bytes", e);
    }
  }
}
