package lastwords.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Predicate;
import lastwords.bench.ProcessTimes.Work;
import lastwords.bench.Watch.Look;
import lastwords.kernel.Datagram;
import lastwords.store.Index;
import lastwords.store.Log;
import lastwords.store.embedded.ChronicleLog;
import lastwords.store.embedded.LuceneIndex;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// Has `./lastwords serve` do all it does, receiving, analysis, indexing and answers, while another
/// process sends at a steady rate; says how far each was behind and what it cost. Fails when a
/// datagram is lost, or the log or the index doesn't hold each that was received.
@Command(
    name = "serve",
    description =
        "Sends datagrams over loopback to ./lastwords serve, asks it meanwhile, and says what was lost,"
            + " how far behind analysis and indexing were, and what it cost.",
    mixinStandardHelpOptions = true,
    showDefaultValues = true)
final class ServeRun implements Callable<Integer> {
  /// For what should happen after all was sent; what hasn't by then is wrong.
  private static final double PATIENCE_SECONDS = 600;

  private static final long LOOK_EVERY_MILLIS = 50;

  @Option(names = "--rate", description = "datagrams a second")
  private int rate = 50_000;

  @Option(names = "--seconds", description = "of sending")
  private int seconds = 60;

  @Option(names = "--hosts", description = "sending addresses, 127.1.0.2 and so on")
  private int hosts = 64;

  @Option(names = "--bytes", description = "of payload in each datagram")
  private int bytes = 180;

  @Option(names = "--warm-up", description = "seconds of sending before")
  private int warmUpSeconds = 15;

  @Option(names = "--warm-up-rate", description = "datagrams a second, while warming up")
  private int warmUpRate = 20_000;

  @Option(names = "--program", description = "the launcher")
  private Path program = Path.of("lastwords");

  @Option(names = "--csv", description = "a file for how it did each half second")
  private @Nullable Path csv;

  private long sent;
  private long nextNumber;
  private boolean right = true;

  static void main(String[] args) {
    System.exit(new CommandLine(new ServeRun()).execute(args));
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    try (TemporaryFolder folder = TemporaryFolder.make();
        ServerProcess server = new ServerProcess(program, folder.path())) {
      System.out.printf(
          "load average at the start: %s%n",
          Files.readString(Path.of("/proc/loadavg")).split(" ", -1)[0]);
      warmUp(server);
      System.out.printf("%,d/s for %d s, %d bytes, from %d hosts:%n", rate, seconds, bytes, hosts);
      Look last = measure(server);
      row("stopped with status", Integer.toString(server.stop()));
      count(server.data(), last);
      System.out.println(right ? "nothing was lost" : "NOT ALL IS WELL");
      return right ? 0 : 1;
    }
  }

  /// Until the JVM has compiled what it needs, as in a server that has run for a while.
  private void warmUp(ServerProcess server) throws IOException, InterruptedException {
    System.out.printf("warm-up: %,d/s for %d s%n", warmUpRate, warmUpSeconds);
    try (Watch watch = new Watch(server, new ProcessTimes(server.pid()))) {
      send(server, warmUpRate, warmUpSeconds);
      await(watch, this::hasArrived);
      await(watch, look -> look.indexed() >= look.appended());
    }
  }

  private Look measure(ServerProcess server) throws IOException, InterruptedException {
    ProcessTimes process = new ProcessTimes(server.pid());
    int pausesBefore = server.pausesMillis().size();
    long sentBefore = sent;
    try (Watch watch = new Watch(server, process)) {
      Look before = watch.look();
      Map<Work, Double> timesBefore = process.look();
      double sending = send(server, rate, seconds);
      double endedAt = watch.seconds();
      double cpuWhileSending = ProcessTimes.sum(process.look()) - ProcessTimes.sum(timesBefore);
      Look received = await(watch, this::hasArrived);
      double analyzedAt = await(watch, look -> look.analyzed() >= look.appended()).seconds();
      Look last = await(watch, look -> look.indexed() >= look.appended());
      Map<Work, Double> times = ProcessTimes.since(timesBefore, process.look());
      List<Double> pauses = server.pausesMillis();
      pauses = pauses.subList(pausesBefore, pauses.size());

      long count = sent - sentBefore;
      long drops = received.drops() - before.drops();
      System.out.println();
      row("sent", "%,d in %.1f s: %,.0f/s".formatted(count, sending, count / sending));
      row(
          "received + dropped by the socket",
          "%,d + %,d (%.2f %%)"
              .formatted(received.datagrams() - before.datagrams(), drops, 100.0 * drops / count));
      check(hasArrived(received) && drops == 0);
      row("analysis at most behind", "%.2f s".formatted(watch.most(Look::analysisSeconds)));
      row(
          "indexing at most behind",
          "%.1f s, %,.0f datagrams"
              .formatted(
                  watch.most(Look::indexingSeconds),
                  watch.most(look -> look.appended() - look.indexed())));
      row(
          "all analyzed, all findable after the last was sent",
          "%.1f s, %.1f s".formatted(analyzedAt - endedAt, last.seconds() - endedAt));
      row(
          "questions answered, the slowest in",
          "%d, %.2f s".formatted(watch.answers(), watch.slowestSeconds()));
      row(
          "CPU while it was sent",
          "%.1f s: %.2f processors".formatted(cpuWhileSending, cpuWhileSending / sending));
      double cpu = ProcessTimes.sum(times);
      row(
          "CPU until all was findable",
          "%.1f s: %.1f µs a datagram".formatted(cpu, cpu / count * 1e6));
      times.forEach(
          (work, cpuSeconds) ->
              row(
                  "… " + work.words(),
                  "%.1f s: %.2f µs".formatted(cpuSeconds, cpuSeconds / count * 1e6)));
      row(
          "garbage collections",
          "%d, at most %.0f ms, together %.1f s"
              .formatted(
                  pauses.size(),
                  pauses.stream().mapToDouble(it -> it).max().orElse(0),
                  pauses.stream().mapToDouble(it -> it).sum() / 1e3));
      row(
          "resident at most, of it its own",
          "%,d MiB, %,.0f MiB"
              .formatted(process.kib("VmHWM") >> 10, watch.most(Look::ownKib) / 1024));
      if (csv != null) {
        Files.write(csv, watch.csv());
      }
      return last;
    }
  }

  /// Counts what the stores hold, whatever the server said.
  private void count(Path data, Look last) {
    Map<InetAddress, BitSet> heard = new HashMap<>();
    long doubled = 0;
    long logged = 0;
    try (Log log = ChronicleLog.openReadOnly(data.resolve("log"));
        Log.Cursor cursor = log.read(0)) {
      for (Datagram next = cursor.next(); next != null; next = cursor.next()) {
        BitSet numbers = heard.computeIfAbsent(next.source(), _ -> new BitSet());
        int number = FloodSender.number(next.payload());
        doubled += numbers.get(number) ? 1 : 0;
        numbers.set(number);
        logged++;
      }
    }
    row("in the log, of them doubled", "%,d, %,d".formatted(logged, doubled));
    check(logged == last.datagrams() && doubled == 0);
    try (Index index = LuceneIndex.openReadOnly(data.resolve("index"))) {
      row("in the index", "%,d".formatted(index.messageCount()));
      check(index.messageCount() == last.datagrams());
    }
  }

  private boolean hasArrived(Look look) {
    return look.datagrams() + look.drops() == sent && look.appended() == look.datagrams();
  }

  private static Look await(Watch watch, Predicate<Look> condition)
      throws IOException, InterruptedException {
    Look look = watch.look();
    double until = look.seconds() + PATIENCE_SECONDS;
    while (!condition.test(look) && look.seconds() < until) {
      Thread.sleep(LOOK_EVERY_MILLIS);
      look = watch.look();
    }
    return look;
  }

  /// Sends from a process of its own; returns the seconds from the first to the last.
  private double send(ServerProcess server, int perSecond, int forSeconds)
      throws IOException, InterruptedException {
    Process sender =
        FloodSender.start(server.udp(), perSecond, forSeconds, bytes, hosts, nextNumber);
    try (BufferedReader said = sender.inputReader()) {
      FloodSender.Sent ended = FloodSender.await(said);
      sent += ended.count();
      nextNumber = ended.next();
      return ended.seconds();
    } finally {
      sender.destroy();
    }
  }

  private void check(boolean isRight) {
    if (!isRight) {
      right = false;
      System.out.println("  ^ WRONG");
    }
  }

  private static void row(String what, String value) {
    System.out.printf("| %s | %s |%n", what, value);
  }
}
