package lastwords.receive;

import io.netty.channel.ChannelException;
import io.netty.channel.IoEvent;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.channel.epoll.LinuxSocket;
import io.netty.channel.socket.SocketProtocolFamily;
import io.netty.channel.unix.FileDescriptor;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A UDP socket that is read when something waits in it, and whose drops are counted over its whole
/// life and beyond: the kernel's counter has 32 bits and wraps, and goes with the socket.
///
/// Its state must be asked for more often than 2³² datagrams are dropped: at a million a second,
/// each hour. The receiving thread reads and closes it; the rest is safe for any number of threads.
final class UdpSocket implements EpollIoHandle {
  private static final Logger LOG = LoggerFactory.getLogger(UdpSocket.class);

  private static final int SOL_SOCKET = 1;
  private static final int SO_RCVBUFFORCE = 33;
  private static final int SO_MEMINFO = 55;

  /// `include/uapi/linux/sock_diag.h`: SK_MEMINFO_RMEM_ALLOC, _RCVBUF, … _DROPS.
  private static final int MEMINFO_VARS = 9;

  private static final int RMEM_ALLOC = 0;
  private static final int RCVBUF = 1;
  private static final int DROPS = 8;

  private final LinuxSocket socket;
  private final Intake intake;
  private final InetSocketAddress address;
  private final ByteBuffer memory =
      ByteBuffer.allocateDirect(MEMINFO_VARS * Integer.BYTES).order(ByteOrder.nativeOrder());
  private SocketState last;

  private UdpSocket(LinuxSocket socket, Intake intake) throws IOException {
    this.socket = socket;
    this.intake = intake;
    address = socket.localAddress();
    last = new SocketState(address, 0, 0, 0, true);
    last = now();
  }

  /// @param joins whether other sockets of ours are bound there already
  /// @param bufferBytes what to ask the kernel for; it may grant less
  static UdpSocket bind(InetSocketAddress to, boolean joins, int bufferBytes, Intake intake)
      throws IOException {
    LinuxSocket socket =
        LinuxSocket.newSocketDgram(
            to.getAddress() instanceof Inet6Address
                ? SocketProtocolFamily.INET6
                : SocketProtocolFamily.INET);
    try {
      socket.setReusePort(joins);
      socket.bind(to);
      widen(socket, bufferBytes);
      return new UdpSocket(socket, intake);
    } catch (IOException | RuntimeException e) {
      socket.close();
      throw e;
    }
  }

  /// Asks for the buffer beyond `net.core.rmem_max`, which needs CAP_NET_ADMIN, else for what that
  /// allows.
  private static void widen(LinuxSocket socket, int bytes) throws IOException {
    try {
      socket.setIntOpt(SOL_SOCKET, SO_RCVBUFFORCE, bytes);
    } catch (IOException | ChannelException e) {
      LOG.debug("no CAP_NET_ADMIN: {}", e.toString());
      socket.setReceiveBufferSize(bytes);
    }
  }

  /// Where it listens, with the port that was picked.
  InetSocketAddress address() {
    return address;
  }

  /// Lets other sockets of ours be bound to its address.
  void share() throws IOException {
    socket.setReusePort(true);
  }

  /// Begins to read.
  ///
  /// @param with the receiving thread's loop
  void read(IoRegistration with) {
    with.submit(EpollIoOps.EPOLLIN);
  }

  @Override
  public FileDescriptor fd() {
    return socket;
  }

  @Override
  public void handle(IoRegistration with, IoEvent event) {
    intake.read(socket.intValue(), address.getPort());
  }

  /// How it stands now, or stood when it was closed.
  synchronized SocketState state() {
    if (last.isOpen()) {
      try {
        last = now();
      } catch (IOException e) {
        LOG.warn("{}: the kernel doesn't tell how the socket stands: {}", address, e.toString());
      }
    }
    return last;
  }

  private SocketState now() throws IOException {
    socket.getRawOpt(SOL_SOCKET, SO_MEMINFO, memory.clear());
    long drops = dropsAfter(last.drops(), memory.getInt(DROPS * Integer.BYTES));
    return new SocketState(address, told(RCVBUF), told(RMEM_ALLOC), drops, true);
  }

  private long told(int variable) {
    return Integer.toUnsignedLong(memory.getInt(variable * Integer.BYTES));
  }

  /// @param drops counted so far
  /// @param told by the kernel, the lower 32 bits
  static long dropsAfter(long drops, int told) {
    return drops + Integer.toUnsignedLong(told - (int) drops);
  }

  /// From now on almost everything that comes is dropped, and counted, so that what came before can
  /// be read to its end: the kernel grants two datagrams of room at the least.
  synchronized void refuse() {
    if (last.isOpen()) {
      try {
        socket.setReceiveBufferSize(1);
      } catch (IOException e) {
        LOG.warn("{}: still takes datagrams while it closes: {}", address, e.toString());
      }
    }
  }

  /// What it drops from the last look to the close itself, some microseconds, nobody can know.
  @Override
  public synchronized void close() {
    if (!last.isOpen()) {
      return;
    }
    SocketState now = state();
    last = new SocketState(address, now.bufferBytes(), 0, now.drops(), false);
    try {
      socket.close();
    } catch (IOException e) {
      LOG.warn("{}: {}", address, e.toString());
    }
  }
}
