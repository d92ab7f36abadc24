package lastwords.app;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import lastwords.capture.PcapWriter;
import lastwords.json.Json;
import lastwords.kernel.Datagram;
import lastwords.store.Ledger;
import lastwords.store.Log;
import lastwords.store.embedded.ChronicleLog;
import lastwords.store.embedded.SqliteLedger;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `export`: the log's datagrams.
@Command(
    name = "export",
    description = {
      "The log's datagrams as they came, in order, from a data folder, also while a server writes"
          + " to it: pcap for tcpdump and Wireshark, json with one object a line, or text.",
    })
final class ExportCommand implements Callable<Integer> {
  private static final int LOOK_FOR_READER_EVERY = 10_000;

  private final Terminal terminal;

  @Option(names = "--data", paramLabel = "DIR", description = "a server's data; default ./data")
  private Path data = Path.of("data");

  @Option(names = "--format", paramLabel = "pcap|json|text", description = "default pcap")
  private Format format = Format.PCAP;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FILE",
      description = "default standard output")
  private @Nullable Path output;

  @Option(
      names = "--since",
      paramLabel = "TIME",
      description = "from then on: a time as 2026-11-21T08:00:00Z, or so long ago: 15m, 24h, 30d")
  private @Nullable String since;

  @Option(names = "--until", paramLabel = "TIME", description = "before then; as --since")
  private @Nullable String until;

  @Option(names = "--host", paramLabel = "NAME", description = "only of that host: name or address")
  private @Nullable String host;

  @Option(names = "--count", description = "print only how many there are")
  private boolean count;

  enum Format {
    PCAP,
    JSON,
    TEXT
  }

  ExportCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws IOException {
    Path folder = data.resolve("log");
    if (!Files.isDirectory(folder)) {
      throw new Failure(folder + ": there is no log; name a server's data folder with --data");
    }
    Predicate<Datagram> wanted = wanted();
    try (Log log = ChronicleLog.openReadOnly(folder)) {
      if (count) {
        long[] found = {0};
        read(log, wanted, _ -> found[0]++);
        terminal.out().println(found[0]);
      } else {
        write(log, wanted);
      }
    }
    return Main.DONE;
  }

  private void write(Log log, Predicate<Datagram> wanted) throws IOException {
    OutputStream plain = output == null ? terminal.out() : Files.newOutputStream(output);
    OutputStream to = new BufferedOutputStream(plain, 1 << 16);
    try {
      switch (format) {
        case PCAP -> read(log, wanted, new PcapWriter(to)::write);
        case JSON -> read(log, wanted, datagram -> to.write(json(datagram)));
        case TEXT -> read(log, wanted, datagram -> to.write(text(datagram)));
      }
      to.flush();
    } finally {
      if (output != null) {
        plain.close();
      }
    }
  }

  private interface Sink {
    void accept(Datagram datagram) throws IOException;
  }

  /// Reads what is in the log now; what a server appends meanwhile is for the next time.
  private void read(Log log, Predicate<Datagram> wanted, Sink to) throws IOException {
    long end = log.end();
    try (Log.Cursor cursor = log.read(log.first())) {
      Datagram datagram;
      while (cursor.offset() < end && (datagram = cursor.next()) != null) {
        if (wanted.test(datagram)) {
          to.accept(datagram);
        }
        if (datagram.offset() % LOOK_FOR_READER_EVERY == 0 && terminal.isGone()) {
          return;
        }
      }
      if (cursor.missed() > 0) {
        terminal.err().println(cursor.missed() + " datagrams were deleted before they were read");
      }
      if (cursor.damaged() > 0) {
        terminal.err().println(cursor.damaged() + " datagrams are missing: the log is damaged");
      }
    }
  }

  private static byte[] json(Datagram datagram) {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("offset", datagram.offset());
    line.put("received_at", Json.time(datagram.receivedAtMicros()));
    line.put("address", datagram.source().getHostAddress());
    line.put("source_port", datagram.sourcePort());
    line.put("local_port", datagram.localPort());
    line.put("payload", Base64.getEncoder().encodeToString(datagram.payload()));
    line.put("text", new String(datagram.payload(), StandardCharsets.UTF_8));
    return (Terminal.asJson(Json.tree(line)) + "\n").getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] text(Datagram datagram) {
    String said = new String(datagram.payload(), StandardCharsets.UTF_8).stripTrailing();
    String line =
        String.join(
            " ",
            Json.time(datagram.receivedAtMicros()),
            datagram.source().getHostAddress(),
            Terminal.safeLines(said).replace("\n", "\n    "));
    return (line + "\n").getBytes(StandardCharsets.UTF_8);
  }

  private Predicate<Datagram> wanted() {
    Instant now = Instant.now();
    long sinceMicros = micros("--since", since, now, Long.MIN_VALUE);
    long untilMicros = micros("--until", until, now, Long.MAX_VALUE);
    Set<InetAddress> addresses = host == null ? Set.of() : addresses(host);
    return datagram ->
        datagram.receivedAtMicros() >= sinceMicros
            && datagram.receivedAtMicros() < untilMicros
            && (host == null || addresses.contains(datagram.source()));
  }

  /// The address itself, or those that the ledger knows under that name.
  private Set<InetAddress> addresses(String host) {
    try {
      return Set.of(InetAddress.ofLiteral(host));
    } catch (IllegalArgumentException e) {
      Set<InetAddress> named = addressesNamed(host);
      if (named.isEmpty()) {
        throw new Failure("--host is " + host + ": no such host; lastwords hosts lists them");
      }
      return named;
    }
  }

  private Set<InetAddress> addressesNamed(String host) {
    Path file = data.resolve("ledger.db");
    if (!Files.exists(file)) {
      return Set.of();
    }
    try (Ledger ledger = SqliteLedger.open(file)) {
      return ledger.hostsNamed(host).stream()
          .map(known -> InetAddress.ofLiteral(known.address().replaceFirst("%.*", "")))
          .collect(Collectors.toSet());
    }
  }

  private static long micros(String option, @Nullable String text, Instant now, long otherwise) {
    if (text == null) {
      return otherwise;
    }
    try {
      return Json.micros(
          text.contains("T") ? Instant.parse(text) : now.minus(Quantity.duration(text)));
    } catch (IllegalArgumentException | DateTimeException | ArithmeticException e) {
      throw Failure.wrongUsage(
          option
              + " is "
              + text
              + "; a time reads 2026-11-21T08:00:00Z, or 90s, 15m, 24h, 30d ago");
    }
  }
}
