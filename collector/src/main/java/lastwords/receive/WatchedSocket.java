package lastwords.receive;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;

/// A socket whose drops are counted over its whole life and beyond: the kernel's counter has 32
/// bits and wraps, and goes with the socket.
///
/// Must be looked at more often than 2³² datagrams are dropped: at a million a second, each hour.
/// Safe for any number of threads.
final class WatchedSocket {
  private final Channel channel;
  private final boolean epoll;
  private final boolean firstOfPort;
  private SocketState last;

  /// @param firstOfPort without epoll drops are only known by port, and told of its first socket
  WatchedSocket(Channel channel, boolean epoll, boolean firstOfPort) {
    this.channel = channel;
    this.epoll = epoll;
    this.firstOfPort = firstOfPort;
    this.last = SocketState.of(channel, epoll, firstOfPort);
  }

  /// Begins to read from it.
  void read() {
    channel.config().setAutoRead(true);
  }

  /// How it stands now, or stood when it was closed.
  synchronized SocketState state() {
    if (last.isOpen() && channel.isOpen()) {
      last = after(last, SocketState.of(channel, epoll, firstOfPort));
    }
    return last;
  }

  /// From now on almost everything that comes is dropped, and counted, so that what came before can
  /// be read to its end: the kernel grants two datagrams of room at the least.
  synchronized void refuse() {
    if (last.isOpen() && channel.isOpen()) {
      channel.config().setOption(ChannelOption.SO_RCVBUF, 1);
    }
  }

  /// Closes it; what it drops from the look before to the close itself, some microseconds, nobody
  /// can know.
  void close() {
    synchronized (this) {
      if (!last.isOpen()) {
        return;
      }
      state();
      last = new SocketState(last.address(), last.bufferBytes(), 0, last.drops(), false);
    }
    // Not within the lock: the receiving thread, which closes it, asks for states too.
    channel.close().awaitUninterruptibly();
  }

  /// The state the kernel tells, with its drops counted on from those told before.
  static SocketState after(SocketState before, SocketState now) {
    long drops =
        now.drops() < 0
            ? before.drops()
            : Math.max(0, before.drops())
                + Integer.toUnsignedLong((int) (now.drops() - Math.max(0, before.drops())));
    return new SocketState(now.address(), now.bufferBytes(), now.queuedBytes(), drops, true);
  }
}
