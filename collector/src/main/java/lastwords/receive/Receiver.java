package lastwords.receive;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioChannelOption;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.unix.IntegerUnixChannelOption;
import io.netty.util.ResourceLeakDetector;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import lastwords.linux.Priority;
import lastwords.store.Log;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Listens on UDP and appends what comes to the log: payload, sender, port, time. Nothing is
/// decoded here.
///
/// One thread reads all sockets and is the log's one appender. With Netty's native epoll a wake-up
/// takes up to [#DATAGRAMS_PER_READ] datagrams by one `recvmmsg`; where that is missing, NIO takes
/// them one by one. What was read in one go becomes one document of the log.
public final class Receiver implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Receiver.class);

  /// Slots of one `recvmmsg`.
  private static final int DATAGRAMS_PER_READ = 32;

  /// Room for the largest datagram, so that none is cut; memory is only touched as far as it is
  /// written. Five cache lines more than a power of two, since slots 64 KiB apart would share the
  /// same few lines of the processor's caches.
  private static final int SLOT_BYTES = (64 << 10) + 5 * 64;

  /// Of one arena, whose chunks of 16 MiB are eight times a read's buffer. In the default's chunks
  /// of 4 MiB that buffer is half of one, and new chunks led the allocation profile: it seems that
  /// Netty gives one back to the system that empties from there (inferred, not traced).
  private static final PooledByteBufAllocator BUFFERS =
      new PooledByteBufAllocator(true, 0, 1, 8 << 10, 11, 0, 0, false);

  /// After so many datagrams other sockets get their turn. As many as come in a [Nap] at a million
  /// a second.
  static final int DATAGRAMS_PER_TURN = 1024;

  /// A flood may keep a socket from ever being empty.
  private static final long MOST_NANOS_TO_EMPTY = 1_000_000_000;

  private static final int SOL_SOCKET = 1;
  private static final int SO_RCVBUFFORCE = 33;

  private final EventLoopGroup thread;
  private final List<WatchedSocket> sockets = new CopyOnWriteArrayList<>();
  private final List<InetSocketAddress> addresses = new ArrayList<>();
  private final ReceiveCounters counters = new ReceiveCounters();
  private final Intake intake;
  private final Nap nap;
  private final boolean epoll = Epoll.isAvailable();

  private final LongAdder moves = new LongAdder();
  private long readAtLastMove; // by the receiving thread only

  static {
    // It takes a stack trace for one buffer in 128. Ours are released where they are read.
    ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.DISABLED);
  }

  private Receiver(ReceiveSettings settings, Log log) {
    Thread.Builder name = Thread.ofPlatform().name("receive");
    ThreadFactory threads = loop -> name.unstarted(Priority.RECEIVE.of(loop));
    intake = new Intake(settings.allow(), counters, log);
    nap = new Nap(intake);
    thread =
        new MultiThreadIoEventLoopGroup(
            1,
            threads,
            epoll ? EpollIoHandler.newFactory(0, () -> nap) : NioIoHandler.newFactory());
    if (!epoll) {
      LOG.warn(
          "native epoll is missing, so datagrams are read one by one: {}",
          String.valueOf(Epoll.unavailabilityCause()));
    }
  }

  /// Starts receiving; when this returns, datagrams are taken at every address.
  ///
  /// @throws UncheckedIOException when an address can't be bound, or another process listens there:
  ///   it would silently take a share
  public static Receiver start(ReceiveSettings settings, Log log) {
    Receiver receiver = new Receiver(settings, log);
    try {
      for (InetSocketAddress address : settings.addresses()) {
        receiver.listen(address, settings);
      }
      receiver.nap.allowFor(receiver.sockets());
      receiver.read();
      var _ = receiver.thread.scheduleAtFixedRate(receiver::look, 1, 1, TimeUnit.SECONDS);
      return receiver;
    } catch (RuntimeException e) {
      receiver.close();
      throw e;
    }
  }

  /// Binds an address' sockets. The first one shares its port with nobody, so that the kernel
  /// refuses an address that anybody has; only then others of ours may join it.
  private void listen(InetSocketAddress address, ReceiveSettings settings) {
    InetSocketAddress at = address;
    for (int i = 0; i < settings.sockets(); i++) {
      Bootstrap bootstrap =
          new Bootstrap()
              .group(thread)
              .handler(intake)
              .option(ChannelOption.AUTO_READ, false)
              .option(ChannelOption.ALLOCATOR, BUFFERS);
      if (epoll) {
        bootstrap
            .channel(EpollDatagramChannel.class)
            .option(EpollChannelOption.SO_REUSEPORT, i > 0)
            .option(EpollChannelOption.MAX_DATAGRAM_PAYLOAD_SIZE, SLOT_BYTES)
            .option(
                ChannelOption.RECVBUF_ALLOCATOR,
                new FixedRecvByteBufAllocator(SLOT_BYTES * DATAGRAMS_PER_READ)
                    .maxMessagesPerRead(DATAGRAMS_PER_TURN));
      } else {
        bootstrap
            .channel(NioDatagramChannel.class)
            .option(NioChannelOption.of(StandardSocketOptions.SO_REUSEPORT), i > 0)
            .option(ChannelOption.RECVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(SLOT_BYTES));
      }
      ChannelFuture bound = bootstrap.bind(at).awaitUninterruptibly();
      if (!bound.isSuccess()) {
        throw failed(address, new IOException(bound.cause().getMessage(), bound.cause()));
      }
      Channel channel = bound.channel();
      if (i == 0 && settings.sockets() > 1) {
        share(channel);
      }
      widen(channel, settings.receiveBufferBytes());
      sockets.add(new WatchedSocket(channel, epoll, i == 0));
      at = (InetSocketAddress) channel.localAddress();
    }
    addresses.add(at);
  }

  private void share(Channel channel) {
    if (epoll) {
      channel.config().setOption(EpollChannelOption.SO_REUSEPORT, true);
    } else {
      channel.config().setOption(NioChannelOption.of(StandardSocketOptions.SO_REUSEPORT), true);
    }
  }

  /// Begins to read when all sockets are there, one after another: each that joined took over some
  /// of the senders, and what these had sent to the one before must come first.
  private void read() {
    for (WatchedSocket socket : sockets) {
      socket.read();
      awaitEmpty(List.of(socket));
    }
  }

  private static void awaitEmpty(List<WatchedSocket> sockets) {
    long deadlineNanos = System.nanoTime() + MOST_NANOS_TO_EMPTY;
    while (sockets.stream().anyMatch(socket -> socket.state().queuedBytes() > 0)
        && System.nanoTime() < deadlineNanos) {
      LockSupport.parkNanos(100_000);
    }
  }

  /// Asks for the buffer beyond `net.core.rmem_max`, which needs CAP_NET_ADMIN, else for what that
  /// allows.
  private void widen(Channel channel, int bytes) {
    boolean forced = false;
    if (epoll) {
      try {
        forced =
            channel
                .config()
                .setOption(
                    new IntegerUnixChannelOption("SO_RCVBUFFORCE", SOL_SOCKET, SO_RCVBUFFORCE),
                    bytes);
      } catch (RuntimeException e) {
        LOG.debug("no CAP_NET_ADMIN: {}", e.toString());
      }
    }
    if (!forced) {
      channel.config().setOption(ChannelOption.SO_RCVBUF, bytes);
    }
  }

  private static UncheckedIOException failed(InetSocketAddress address, IOException why) {
    return new UncheckedIOException(
        new IOException("can't listen on UDP " + text(address) + ": " + why.getMessage(), why));
  }

  /// `[::]:6666`, `127.0.0.1:6666`.
  private static String text(InetSocketAddress address) {
    String host = address.getAddress().getHostAddress();
    host = host.equals("0:0:0:0:0:0:0:0") ? "::" : host;
    return (host.contains(":") ? "[" + host + "]" : host) + ":" + address.getPort();
  }

  /// Where it listens, with the ports that were picked, in the order of the settings.
  public List<InetSocketAddress> addresses() {
    return List.copyOf(addresses);
  }

  /// `epoll` or `nio`.
  public String transport() {
    return epoll ? "epoll" : "nio";
  }

  public ReceiveCounters counters() {
    return counters;
  }

  /// How each socket stands now, asked of the kernel, in the order of [#addresses]; after [#close],
  /// how it stood then. To be asked now and then, see [WatchedSocket].
  public List<SocketState> sockets() {
    return sockets.stream().map(WatchedSocket::state).toList();
  }

  /// Datagrams that the kernel dropped at all sockets since the start, as far as it tells.
  public long drops() {
    return sockets.stream().mapToLong(socket -> Math.max(0, socket.state().drops())).sum();
  }

  /// Grows as long as receiving goes on: its thread goes round and, where datagrams wait in a
  /// socket, reads some.
  public long moves() {
    return moves.sum();
  }

  /// Each second, by the receiving thread.
  private void look() {
    long read = counters.datagrams.sum();
    if (read != readAtLastMove || sockets().stream().allMatch(it -> it.queuedBytes() <= 0)) {
      readAtLastMove = read;
      moves.increment();
    }
  }

  /// Why datagrams are being lost now because the log can't be written, null while it can.
  public @Nullable String problem() {
    return intake.problem();
  }

  /// Stops listening, after what had come by then was read and is in the log, as far as that can be
  /// done within [#MOST_NANOS_TO_EMPTY].
  @Override
  public void close() {
    sockets.forEach(WatchedSocket::refuse);
    awaitEmpty(sockets);
    sockets.forEach(WatchedSocket::close);
    thread.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly();
  }
}
