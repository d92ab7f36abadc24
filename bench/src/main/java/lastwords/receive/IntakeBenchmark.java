package lastwords.receive;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.socket.DatagramPacket;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import lastwords.kernel.Cidr;
import lastwords.store.DatagramBatch;
import lastwords.store.Log;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/// What the receive path does with a datagram that Netty has read, without the log. It lies in this
/// package because [Intake] is not seen outside.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class IntakeBenchmark {
  private static final int PAYLOAD_BYTES = 181;

  /// `mapped` is how a dual-stack socket may show an IPv4 sender.
  @Param({"ipv4", "mapped", "ipv6", "scoped"})
  public String sender = "ipv4";

  /// Whether the sender is checked against a list of networks.
  @Param({"false", "true"})
  public boolean allowList;

  private final InetSocketAddress local =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 6666);
  private Intake intake = new Intake(List.of(), new ReceiveCounters(), new Discarding());
  private EmbeddedChannel channel = new EmbeddedChannel();
  private ChannelHandlerContext context = channel.pipeline().firstContext();
  private DatagramPacket packet = new DatagramPacket(Unpooled.EMPTY_BUFFER, local);

  @Setup
  public void prepare() throws UnknownHostException {
    List<Cidr> allow =
        allowList
            ? List.of(
                Cidr.parse("192.0.2.0/24"), Cidr.parse("2001:db8::/32"), Cidr.parse("fe80::/10"))
            : List.of();
    intake = new Intake(allow, new ReceiveCounters(), new Discarding());
    channel =
        new EmbeddedChannel(intake) {
          @Override
          protected SocketAddress localAddress0() {
            return local;
          }
        };
    context = channel.pipeline().context(intake);
    packet =
        new DatagramPacket(
            Unpooled.directBuffer(PAYLOAD_BYTES).writeZero(PAYLOAD_BYTES),
            local,
            new InetSocketAddress(address(), 32_000));
  }

  @Benchmark
  public void datagram() {
    packet.retain(); // since the intake releases it
    intake.channelRead(context, packet);
  }

  private InetAddress address() throws UnknownHostException {
    byte[] mapped = new byte[16];
    mapped[10] = mapped[11] = (byte) 0xff;
    mapped[12] = (byte) 192;
    mapped[14] = 2;
    mapped[15] = 1;
    return switch (sender) {
      case "ipv4" -> InetAddress.ofLiteral("192.0.2.1");
      case "mapped" -> Inet6Address.getByAddress(null, mapped, 0);
      case "ipv6" -> InetAddress.ofLiteral("2001:db8::1");
      case "scoped" ->
          Inet6Address.getByAddress(null, InetAddress.ofLiteral("fe80::1").getAddress(), 1);
      default -> throw new IllegalArgumentException(sender);
    };
  }

  /// Takes everything and keeps nothing.
  private static final class Discarding implements Log {
    private long end;

    @Override
    public void append(DatagramBatch batch) {
      end += batch.count();
      batch.clear();
    }

    @Override
    public long first() {
      return end;
    }

    @Override
    public long end() {
      return end;
    }

    @Override
    public Cursor read(long offset) {
      throw new UnsupportedOperationException("nothing is kept");
    }

    @Override
    public long allocatedBytes() {
      return 0;
    }

    @Override
    public long retain(Duration age, long bytes, long nowMicros) {
      return 0;
    }

    @Override
    public long makeRoom(long freeBytes, long before) {
      return 0;
    }

    @Override
    public boolean isFull() {
      return false;
    }

    @Override
    public void sync(long before) {}

    @Override
    public long syncedEnd() {
      return end;
    }

    @Override
    public void close() {}
  }
}
