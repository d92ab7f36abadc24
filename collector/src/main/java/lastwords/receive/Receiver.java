package lastwords.receive;

import io.netty.channel.ChannelException;
import io.netty.channel.IoEventLoopGroup;
import io.netty.channel.IoRegistration;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import lastwords.kernel.Cidr;
import lastwords.linux.Priority;
import lastwords.store.Log;
import org.jspecify.annotations.Nullable;

/// Listens on UDP and appends what comes to the log: payload, sender, port, time. Nothing is
/// decoded here.
///
/// One thread reads all sockets and is the log's one appender: Netty's event loop on epoll, which
/// also makes the sockets. What it reads it takes with `recvmmsg` of our own, see [Intake], since
/// Netty's makes three objects of each datagram: 250 ns of the 1,250 that one took from the socket
/// to the log. What was read in one go becomes one document of the log, or several.
public final class Receiver implements AutoCloseable {
  /// A flood may keep a socket from ever being empty.
  private static final long MOST_NANOS_TO_EMPTY = 1_000_000_000;

  private final IoEventLoopGroup thread;
  private final List<UdpSocket> sockets = new CopyOnWriteArrayList<>();
  private final List<InetSocketAddress> addresses = new ArrayList<>();
  private final ReceiveCounters counters = new ReceiveCounters();
  private final Intake intake;
  private final Nap nap;

  private final LongAdder moves = new LongAdder();
  private long readAtLastMove; // by the receiving thread only
  private volatile boolean closed;

  private Receiver(ReceiveSettings settings, Log log) {
    Thread.Builder name = Thread.ofPlatform().name("receive");
    ThreadFactory threads = loop -> name.unstarted(Priority.RECEIVE.of(loop));
    intake = new Intake(settings.allow(), counters, log);
    nap = new Nap(intake);
    thread = new MultiThreadIoEventLoopGroup(1, threads, EpollIoHandler.newFactory(0, () -> nap));
  }

  /// Starts receiving; when this returns, datagrams are taken at every address.
  ///
  /// @throws UncheckedIOException when an address can't be bound, or another process listens there:
  ///   it would silently take a share; or where Netty's native epoll is missing
  public static Receiver start(ReceiveSettings settings, Log log) {
    if (!Epoll.isAvailable()) {
      Throwable why = Epoll.unavailabilityCause();
      throw new UncheckedIOException(
          new IOException(
              "can't receive without Netty's native epoll, which needs Linux on x86-64 or aarch64,"
                  + " glibc, and a folder for temporary files that isn't mounted noexec: "
                  + why.getMessage(),
              why));
    }
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
    try {
      for (int i = 0; i < settings.sockets(); i++) {
        UdpSocket socket = UdpSocket.bind(at, i > 0, settings.receiveBufferBytes(), intake);
        sockets.add(socket);
        if (i == 0 && settings.sockets() > 1) {
          socket.share();
        }
        at = socket.address();
      }
    } catch (IOException | ChannelException e) {
      throw failed(address, e); // the latter where the kernel has no IPv6
    }
    addresses.add(at);
  }

  /// Begins to read when all sockets are there, one after another: each that joined took over some
  /// of the senders, and what these had sent to the one before must come first.
  private void read() {
    for (UdpSocket socket : sockets) {
      IoRegistration registration = thread.register(socket).syncUninterruptibly().getNow();
      socket.read(registration);
      awaitEmpty(List.of(socket));
    }
  }

  private static void awaitEmpty(List<UdpSocket> sockets) {
    long deadlineNanos = System.nanoTime() + MOST_NANOS_TO_EMPTY;
    while (sockets.stream().anyMatch(socket -> socket.state().queuedBytes() > 0)
        && System.nanoTime() < deadlineNanos) {
      LockSupport.parkNanos(100_000);
    }
  }

  private static UncheckedIOException failed(InetSocketAddress address, Exception why) {
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

  /// Takes datagrams of these networks only, from those on that are read next; empty: everybody's.
  public void allow(List<Cidr> networks) {
    intake.allow(networks);
  }

  public ReceiveCounters counters() {
    return counters;
  }

  /// How each socket stands now, asked of the kernel, in the order of [#addresses]; after [#close],
  /// how it stood then. To be asked now and then, see [UdpSocket].
  public List<SocketState> sockets() {
    return sockets.stream().map(UdpSocket::state).toList();
  }

  /// Datagrams that the kernel dropped at all sockets since the start.
  public long drops() {
    return sockets.stream().mapToLong(socket -> socket.state().drops()).sum();
  }

  /// Grows as long as receiving goes on: its thread goes round and, where datagrams wait in a
  /// socket, reads some.
  public long moves() {
    return moves.sum();
  }

  /// Each second, by the receiving thread.
  private void look() {
    intake.tryAgain();
    long read = counters.datagrams.sum();
    if (read != readAtLastMove || sockets().stream().allMatch(it -> it.queuedBytes() == 0)) {
      readAtLastMove = read;
      moves.increment();
    }
  }

  /// Why datagrams are being lost now, null while they aren't: the log can't be written, or what no
  /// code foresaw has ended the thread.
  public @Nullable String problem() {
    boolean ended = thread.isShuttingDown() && !closed;
    return ended ? "receiving has ended; only a restart helps" : intake.problem();
  }

  /// Stops listening, after what had come by then was read and is in the log, as far as that can be
  /// done within [#MOST_NANOS_TO_EMPTY].
  @Override
  public void close() {
    closed = true;
    sockets.forEach(UdpSocket::refuse);
    awaitEmpty(sockets);
    thread
        .shutdownGracefully(0, 2, TimeUnit.SECONDS)
        .awaitUninterruptibly(); // closes those it reads
    sockets.forEach(UdpSocket::close);
  }
}
