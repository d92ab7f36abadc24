package lastwords.bench;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import lastwords.receive.ReceiveSettings;
import lastwords.receive.Receiver;
import lastwords.receive.SocketState;
import lastwords.store.embedded.ChronicleLog;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// Receives into a log on disk what another process sends at a steady rate, and says what that cost
/// the receiving thread. The first round warms the program up.
@Command(
    name = "flood",
    description =
        "Sends datagrams over loopback into receiver and log; says what was lost and what it cost.",
    mixinStandardHelpOptions = true,
    showDefaultValues = true)
final class Flood implements Callable<Integer> {
  private static final String RECEIVING_THREAD = "receive";
  private static final int RECEIVE_BUFFER_BYTES = 64 << 20;
  private static final long SETTLE_MILLIS = 500;

  @Option(names = "--rate", description = "datagrams a second")
  private int rate = 50_000;

  @Option(names = "--seconds", description = "of sending in each round")
  private int seconds = 3;

  @Option(names = "--rounds", description = "the first only warms up")
  private int rounds = 4;

  @Option(names = "--bytes", description = "of payload in each datagram")
  private int bytes = 181;

  @Option(
      names = "--to",
      description = "where to listen: 127.0.0.1, ::1, or :: for IPv4 on a dual-stack socket")
  private String to = "::";

  private long nextNumber;

  static void main(String[] args) {
    System.exit(new CommandLine(new Flood()).execute(args));
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    ReceiveSettings settings =
        new ReceiveSettings(
            List.of(new InetSocketAddress(InetAddress.ofLiteral(to), 0)),
            List.of(),
            RECEIVE_BUFFER_BYTES,
            1);
    try (TemporaryFolder folder = TemporaryFolder.make();
        ChronicleLog log = ChronicleLog.open(folder.path(), ChronicleLog.Options.DEFAULT);
        Receiver receiver = Receiver.start(settings, log)) {
      System.out.printf(
          "%s, buffer %,d bytes; %,d datagrams/s of %d bytes%n",
          receiver.addresses().getFirst(),
          receiver.sockets().getFirst().bufferBytes(),
          rate,
          bytes);
      for (int i = 0; i < rounds; i++) {
        round(i == 0 ? "warm-up" : "round " + i, receiver);
      }
    }
    return 0;
  }

  private void round(String name, Receiver receiver) throws IOException, InterruptedException {
    Usage before = usage(receiver);
    long sent = send(receiver.addresses().getFirst().getPort());
    while (receiver.sockets().getFirst().queuedBytes() > 0) {
      Thread.sleep(1);
    }
    Thread.sleep(SETTLE_MILLIS);
    Usage u = usage(receiver).minus(before);
    System.out.printf(
        "%s: sent %,d = received %,d + socket drops %,d + lost otherwise %,d;"
            + " appended %,d; %,d ns CPU and %.1f bytes allocated per datagram received%n",
        name,
        sent,
        u.datagrams,
        u.drops,
        sent - u.datagrams - u.drops,
        u.appended,
        u.cpuNanos / u.datagrams,
        (double) u.allocatedBytes / u.datagrams);
  }

  /// What the receiving thread has used, and what became of the datagrams.
  private record Usage(
      long datagrams, long appended, long drops, long cpuNanos, long allocatedBytes) {
    Usage minus(Usage b) {
      return new Usage(
          datagrams - b.datagrams,
          appended - b.appended,
          drops - b.drops,
          cpuNanos - b.cpuNanos,
          allocatedBytes - b.allocatedBytes);
    }
  }

  private static Usage usage(Receiver receiver) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long thread =
        Arrays.stream(threads.getThreadInfo(threads.getAllThreadIds()))
            .filter(info -> info != null && info.getThreadName().equals(RECEIVING_THREAD))
            .findFirst()
            .orElseThrow()
            .getThreadId();
    return new Usage(
        receiver.counters().datagrams.sum(),
        receiver.counters().appended.sum(),
        receiver.sockets().stream().mapToLong(SocketState::drops).sum(),
        threads.getThreadCpuTime(thread),
        threads.getThreadAllocatedBytes(thread));
  }

  /// Sends from a process of its own; returns how many datagrams.
  private long send(int port) throws IOException, InterruptedException {
    InetAddress host = InetAddress.ofLiteral(to.equals("::") ? "127.0.0.1" : to);
    Process sender =
        FloodSender.start(new InetSocketAddress(host, port), rate, seconds, bytes, 1, nextNumber);
    try (var said = sender.inputReader()) {
      FloodSender.Sent ended = FloodSender.await(said);
      nextNumber = ended.next();
      return ended.count();
    } finally {
      sender.destroy();
    }
  }
}
