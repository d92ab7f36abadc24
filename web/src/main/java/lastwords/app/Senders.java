package lastwords.app;

import java.io.IOException;
import java.net.BindException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/// Sockets that stand for the hosts of a capture.
///
/// Where the target is an IPv4 loopback address, each host has an address of its own in
/// 127.0.0.0/8: the one that ends like the host's own where that is free, so 10.20.2.15 becomes
/// 127.20.2.15. Else all are sent from one address of this machine. Source ports are kept where
/// they can be bound. At most [#MAX_OPEN] sockets are open; the one unused for longest makes room.
final class Senders implements AutoCloseable {
  static final int MAX_OPEN = 4_096;

  /// Far fewer than there are addresses in 127.0.0.0/8, so that a free one is found soon.
  static final int MAX_HOSTS = 1_000_000;

  private static final int LOW_BITS = (1 << 24) - 1;

  private final InetSocketAddress to;
  private final boolean ownAddresses;
  private final Map<Host, InetAddress> addresses = new HashMap<>();
  private final Set<Integer> taken = new HashSet<>();
  private final LinkedHashMap<Sender, DatagramChannel> open = new LinkedHashMap<>(64, 0.75f, true);
  private int maxOpen = MAX_OPEN;
  private long refused;

  private record Host(InetAddress source, int copy) {}

  private record Sender(InetAddress address, int port) {}

  Senders(InetSocketAddress to) {
    this.to = to;
    this.ownAddresses =
        to.getAddress() instanceof Inet4Address && to.getAddress().isLoopbackAddress();
  }

  /// Whether hosts can be told apart at a target by their addresses.
  boolean haveOwnAddresses() {
    return ownAddresses;
  }

  /// How many datagrams came back because nothing listens.
  long refused() {
    return refused;
  }

  int hosts() {
    return ownAddresses ? addresses.size() : 1;
  }

  /// Sends a payload as a copy of the host would.
  void send(InetAddress source, int copy, int port, ByteBuffer payload) throws IOException {
    DatagramChannel channel = channel(new Sender(address(source, copy), port));
    try {
      channel.write(payload);
    } catch (PortUnreachableException e) {
      // This says that an earlier one was refused; this one is still to go.
      refused++;
      channel.write(payload.rewind());
    }
  }

  @Override
  public void close() {
    closeOldest(open.size());
  }

  private InetAddress address(InetAddress source, int copy) {
    return ownAddresses
        ? addresses.computeIfAbsent(new Host(source, copy), this::newAddress)
        : to.getAddress();
  }

  private InetAddress newAddress(Host host) {
    if (addresses.size() == MAX_HOSTS) {
      throw new Failure("there are no more loopback addresses to send from; use fewer --hosts");
    }
    byte[] bytes = host.source().getAddress();
    int last = bytes.length - 1;
    int own = (bytes[last - 2] & 0xff) << 16 | (bytes[last - 1] & 0xff) << 8 | (bytes[last] & 0xff);
    int wanted = (own + host.copy()) & LOW_BITS;
    // The JDK binds no 127.x.x.255; 127.0.0.0 and 127.0.0.1 are others'.
    while (wanted <= 1 || (wanted & 0xff) == 0xff || !taken.add(wanted)) {
      wanted = (wanted + 1) & LOW_BITS;
    }
    try {
      return InetAddress.getByAddress(
          new byte[] {127, (byte) (wanted >> 16), (byte) (wanted >> 8), (byte) wanted});
    } catch (UnknownHostException e) {
      throw new IllegalStateException(e);
    }
  }

  private DatagramChannel channel(Sender sender) throws IOException {
    DatagramChannel channel = open.get(sender);
    if (channel != null) {
      return channel;
    }
    if (open.size() >= maxOpen) {
      closeOldest(1);
    }
    try {
      channel = connected(sender);
    } catch (SocketException e) {
      if (open.size() < 2) {
        throw e;
      }
      // Fewer files may be open than hoped for.
      maxOpen = open.size() / 2;
      closeOldest(open.size() - maxOpen);
      channel = connected(sender);
    }
    open.put(sender, channel);
    return channel;
  }

  private DatagramChannel connected(Sender sender) throws IOException {
    DatagramChannel channel =
        DatagramChannel.open(
            to.getAddress() instanceof Inet4Address
                ? StandardProtocolFamily.INET
                : StandardProtocolFamily.INET6);
    try {
      channel.setOption(StandardSocketOptions.SO_REUSEADDR, true);
      bind(channel, sender);
      channel.connect(to);
      return channel;
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  private void bind(DatagramChannel channel, Sender sender) throws IOException {
    InetAddress address = ownAddresses ? sender.address() : null;
    try {
      channel.bind(new InetSocketAddress(address, sender.port()));
    } catch (BindException e) {
      channel.bind(new InetSocketAddress(address, 0));
    }
  }

  private void closeOldest(int count) {
    Iterator<DatagramChannel> oldestFirst = open.values().iterator();
    for (int i = 0; i < count; i++) {
      try {
        oldestFirst.next().close();
      } catch (IOException e) {
        // Nothing is lost with a socket that only sends.
      }
      oldestFirst.remove();
    }
  }
}
