package lastwords.receive;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.DatagramPacket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import lastwords.kernel.Cidr;
import lastwords.store.DatagramBatch;
import lastwords.store.Log;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// From a socket's read into the log: each datagram into the batch, the batch into the log when the
/// read is over or the batch full.
///
/// Belongs to the receiving thread; shared by all its sockets. Allocates nothing per datagram that
/// outlives it.
@Sharable
final class Intake extends ChannelInboundHandlerAdapter {
  private static final Logger LOG = LoggerFactory.getLogger(Intake.class);
  private static final long LOG_EVERY_NANOS = 10_000_000_000L;

  private final Cidr[] allow;
  private final ReceiveCounters counters;
  private final Log log;
  private final DatagramBatch batch = new DatagramBatch();
  private final InstantSource clock = InstantSource.system();
  private volatile @Nullable String problem;
  private long nowMicros;
  private int readInTurn;
  private long bytesInTurn;
  private int readSinceAsked;
  private boolean leftSome;
  private long loggedNanos = System.nanoTime() - LOG_EVERY_NANOS;

  Intake(List<Cidr> allow, ReceiveCounters counters, Log log) {
    this.allow = allow.toArray(new Cidr[0]);
    this.counters = counters;
    this.log = log;
  }

  @Nullable String problem() {
    return problem;
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object read) {
    DatagramPacket packet = (DatagramPacket) read;
    try {
      ByteBuf payload = packet.content();
      int length = payload.readableBytes();
      readInTurn++;
      bytesInTurn += length;
      InetAddress source = packet.sender().getAddress();
      if (!isAllowed(source)) {
        counters.notAllowed.increment();
        return;
      }
      if (length > DatagramBatch.MAX_PAYLOAD) {
        counters.tooLarge.increment();
        return;
      }
      if (batch.isFull()) {
        append();
      }
      if (batch.isEmpty()) {
        nowMicros = micros(clock.instant());
      }
      ByteBuffer to =
          batch.add(
              nowMicros,
              source,
              packet.sender().getPort(),
              ((InetSocketAddress) context.channel().localAddress()).getPort(),
              length);
      to.limit(to.position() + length);
      payload.getBytes(payload.readerIndex(), to);
      to.limit(to.capacity());
    } finally {
      packet.release();
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext context) {
    append();
    counters.datagrams.add(readInTurn);
    counters.bytes.add(bytesInTurn);
    readSinceAsked += readInTurn;
    leftSome |= readInTurn >= Receiver.DATAGRAMS_PER_TURN;
    readInTurn = 0;
    bytesInTurn = 0;
  }

  /// Whether something was read since this was asked last, and all that there was.
  boolean hasEmptiedSockets() {
    boolean emptied = readSinceAsked > 0 && !leftSome;
    readSinceAsked = 0;
    leftSome = false;
    return emptied;
  }

  private static long micros(Instant instant) {
    return instant.getEpochSecond() * 1_000_000 + instant.getNano() / 1_000;
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    // Such as the answer "port unreachable" to a packet that somebody forged in our name.
    LOG.debug("{}: {}", context.channel(), cause.toString());
  }

  private void append() {
    int count = batch.count();
    if (count == 0) {
      return;
    }
    try {
      log.append(batch);
      counters.appended.add(count);
      problem = null;
    } catch (RuntimeException | InternalError e) {
      // A full disk, mostly. Receiving goes on, so that what can't be kept is at least counted.
      batch.clear();
      counters.notAppended.add(count);
      problem = "the log can't be written: " + e.getMessage();
      if (System.nanoTime() - loggedNanos >= LOG_EVERY_NANOS) {
        loggedNanos = System.nanoTime();
        LOG.error("{} datagrams are lost so far", counters.notAppended.sum(), e);
      }
    }
  }

  private boolean isAllowed(InetAddress source) {
    for (Cidr network : allow) {
      if (network.contains(source)) {
        return true;
      }
    }
    return allow.length == 0;
  }
}
