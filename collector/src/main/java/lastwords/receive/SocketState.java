package lastwords.receive;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.unix.RawUnixChannelOption;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/// How one UDP socket stands, as the kernel says.
///
/// @param address where it listens
/// @param bufferBytes the receive buffer granted, as the kernel counts it: an 180-byte datagram
///   takes 832 of them
/// @param queuedBytes how much of it is taken now
/// @param drops datagrams dropped since the socket was made, because the buffer was full or their
///   checksum wrong, -1 where that can't be known
/// @param isOpen false once it is closed: then as it stood just before
public record SocketState(
    InetSocketAddress address, long bufferBytes, long queuedBytes, long drops, boolean isOpen) {
  private static final int SOL_SOCKET = 1;
  private static final int SO_MEMINFO = 55;

  /// `include/uapi/linux/sock_diag.h`: SK_MEMINFO_RMEM_ALLOC, _RCVBUF, … _DROPS.
  private static final int MEMINFO_VARS = 9;

  private static final int RMEM_ALLOC = 0;
  private static final int RCVBUF = 1;
  private static final int DROPS = 8;

  /// @param firstOfPort see [WatchedSocket]
  static SocketState of(Channel channel, boolean epoll, boolean firstOfPort) {
    InetSocketAddress address = (InetSocketAddress) channel.localAddress();
    if (epoll) {
      ByteBuffer info =
          channel
              .config()
              .getOption(
                  new RawUnixChannelOption(
                      "SO_MEMINFO", SOL_SOCKET, SO_MEMINFO, MEMINFO_VARS * Integer.BYTES));
      info.order(ByteOrder.nativeOrder());
      return new SocketState(
          address, unsigned(info, RCVBUF), unsigned(info, RMEM_ALLOC), unsigned(info, DROPS), true);
    }
    Integer buffer = channel.config().getOption(ChannelOption.SO_RCVBUF);
    long drops = firstOfPort ? dropsOfPort(address.getPort()) : -1;
    return new SocketState(address, buffer == null ? -1 : buffer, -1, drops, true);
  }

  private static long unsigned(ByteBuffer info, int index) {
    return Integer.toUnsignedLong(info.getInt(info.position() + index * Integer.BYTES));
  }

  /// The last column of `/proc/net/udp` and `udp6` for the sockets on a port.
  private static long dropsOfPort(int port) {
    String local = String.format(Locale.ROOT, ":%04X", port);
    long drops = -1;
    for (String table : List.of("/proc/net/udp", "/proc/net/udp6")) {
      try {
        for (String line : Files.readAllLines(Path.of(table))) {
          String[] columns = line.trim().split("\\s+", -1);
          if (columns.length > 12 && columns[1].endsWith(local)) {
            drops = Math.max(drops, 0) + Long.parseLong(columns[columns.length - 1]);
          }
        }
      } catch (IOException | NumberFormatException e) {
        return -1; // no Linux, or none that we know
      }
    }
    return drops;
  }
}
