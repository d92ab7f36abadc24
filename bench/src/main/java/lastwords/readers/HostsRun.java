package lastwords.readers;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import lastwords.assemble.HostNames;
import lastwords.assemble.HostStreams;
import lastwords.assemble.Inventory;
import lastwords.assemble.StreamCounters;
import lastwords.bench.TemporaryFolder;
import lastwords.kernel.Datagram;
import lastwords.store.Checkpoint;
import lastwords.store.Ledger;
import lastwords.store.embedded.SqliteLedger;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// Has many hosts say something, then a flood of made-up senders, and says what a host costs in
/// memory and on disk while it speaks, at rest, and when it comes back. Fails unless every host is
/// still known in the end.
@Command(
    name = "hosts",
    description = "Says what many hosts cost, as analysis and indexing know them both.",
    mixinStandardHelpOptions = true,
    showDefaultValues = true)
public final class HostsRun implements Callable<Integer> {
  private static final int LINES_AT_ONCE = 10;
  private static final long SECOND = 1_000_000;

  @Option(names = "--hosts", description = "real hosts")
  private int hosts = 100_000;

  @Option(names = "--lines", description = "what each of them says")
  private int lines = 50;

  @Option(names = "--spoofed", description = "made-up senders of one datagram each")
  private int spoofed = 1_000_000;

  private long offset;
  private long nowMicros = 1_795_248_000L * SECOND;

  public static void main(String[] args) {
    System.exit(new CommandLine(new HostsRun()).execute(args));
  }

  /// One reader's streams, and how [Reader] has them saved.
  private static final class Readers {
    final String name;
    final Ledger ledger;
    final StreamCounters counters = new StreamCounters();
    final HostStreams streams;
    long lastMicros;

    Readers(String name, Ledger ledger, boolean detects) {
      this.name = name;
      this.ledger = ledger;
      Found found = new Found();
      HostNames names = new HostNames(Inventory.EMPTY, false);
      streams =
          detects
              ? new HostStreams(found::newHost, names, counters)
              : new HostStreams(() -> event -> {}, names, counters);
    }

    void goOn() {
      streams.goOn(ledger.place(name), address -> ledger.state(name, address));
    }

    void accept(Datagram datagram, boolean endOfRound) {
      streams.accept(datagram);
      if (endOfRound
          && (streams.isCrowded() || datagram.receivedAtMicros() - lastMicros > 10 * SECOND)) {
        lastMicros = datagram.receivedAtMicros();
        keep(datagram.offset() + 1);
      }
    }

    void keep(long readOffset) {
      Checkpoint checkpoint = streams.checkpoint(readOffset);
      if (name.equals("analysis")) {
        ledger.forgetHosts(checkpoint.forgotten());
        ledger.putHosts(streams.changedHosts());
        ledger.putRuns(streams.changedRuns());
      }
      ledger.save(name, checkpoint);
      streams.kept(checkpoint);
    }
  }

  @Override
  public Integer call() throws Exception {
    try (TemporaryFolder folder = TemporaryFolder.make()) {
      Path file = folder.path().resolve("ledger.db");
      try (Ledger ledger = SqliteLedger.open(file)) {
        return run(ledger, file);
      }
    }
  }

  private int run(Ledger ledger, Path file) throws Exception {
    List<Readers> readers =
        List.of(new Readers("analysis", ledger, true), new Readers("indexing", ledger, false));
    readers.forEach(Readers::goOn);
    long empty = usedBytes();
    speak(readers, 0, lines, "while they speak");
    tell("after they spoke", readers, empty, file);
    rest(readers);
    tell("at rest", readers, empty, file);
    flood(readers);
    rest(readers);
    tell("at rest after a flood of " + spoofed, readers, empty, file);

    List<Readers> restarted =
        List.of(new Readers("analysis", ledger, true), new Readers("indexing", ledger, false));
    long startedAt = System.nanoTime();
    restarted.forEach(Readers::goOn);
    System.out.printf("restart: %.2f s%n", (System.nanoTime() - startedAt) / 1e9);
    speak(restarted, lines, lines + LINES_AT_ONCE, "brought back");
    rest(restarted);
    long known = ledger.hosts().stream().filter(h -> h.messages() == lines + LINES_AT_ONCE).count();
    System.out.printf("%,d of %,d hosts were known all along%n", known, hosts);
    return known == hosts ? 0 : 1;
  }

  /// Every host says the lines from one number to another, some at once.
  private void speak(List<Readers> readers, int from, int to, String what) throws Exception {
    long startedAt = System.nanoTime();
    for (int line = from; line < to; line += LINES_AT_ONCE) {
      for (int host = 0; host < hosts; host++) {
        for (int i = line; i < line + LINES_AT_ONCE; i++) {
          String text =
              "6.12.48+deb12-amd64,6,%d,%d,-,caller=T1;usb 1-%d: new high-speed device number %d\n"
                  .formatted(i, (i + 1) * SECOND, host % 8, i);
          accept(readers, address(10, host), text);
        }
      }
      nowMicros += SECOND;
    }
    double micros = (System.nanoTime() - startedAt) / 1e3 / hosts / (to - from);
    System.out.printf("%s: %.1f µs a datagram, both readers%n", what, micros);
  }

  private void flood(List<Readers> readers) throws Exception {
    long startedAt = System.nanoTime();
    for (int i = 0; i < spoofed; i++) {
      accept(readers, address(127, i), "6,1,1000000,-;flood\n");
    }
    double micros = (System.nanoTime() - startedAt) / 1e3 / Math.max(1, spoofed);
    System.out.printf("flood: %.1f µs a datagram, both readers%n", micros);
  }

  private void accept(List<Readers> readers, InetAddress source, String text) {
    nowMicros += 10;
    Datagram datagram =
        new Datagram(offset++, nowMicros, source, 6665, 6666, text.getBytes(ISO_8859_1));
    readers.forEach(reader -> reader.accept(datagram, offset % 2_000 == 0));
  }

  /// Long enough for all to leave memory.
  private void rest(List<Readers> readers) {
    nowMicros += 3_600 * SECOND;
    for (Readers reader : readers) {
      reader.streams.advance(nowMicros);
      reader.keep(offset);
    }
  }

  private void tell(String when, List<Readers> readers, long empty, Path file) throws Exception {
    long used = usedBytes() - empty;
    long disk = 0;
    for (String name : List.of("ledger.db", "ledger.db-wal")) {
      Path part = file.resolveSibling(name);
      disk += Files.exists(part) ? Files.size(part) : 0;
    }
    StreamCounters counters = readers.getFirst().counters;
    System.out.printf(
        "%s: %,d bytes a host, both readers; %,d known, %,d in memory, %,d forgotten; ledger %,d MiB%n",
        when,
        used / hosts,
        counters.hosts.get(),
        counters.hostsInMemory.get(),
        counters.evictedHosts.sum(),
        disk >> 20);
  }

  private static InetAddress address(int net, int number) throws UnknownHostException {
    return InetAddress.getByAddress(
        new byte[] {(byte) net, (byte) (number >> 16), (byte) (number >> 8), (byte) number});
  }

  private static long usedBytes() throws InterruptedException {
    for (int i = 0; i < 3; i++) {
      System.gc();
      Thread.sleep(100);
    }
    return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
  }
}
