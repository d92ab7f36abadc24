package lastwords.app;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;
import lastwords.assemble.StreamCounters;
import lastwords.detect.Counters;
import lastwords.readers.Reader;
import lastwords.store.Index;
import lastwords.store.Ledger;
import lastwords.store.Log;
import org.jspecify.annotations.Nullable;

/// What became of the datagrams that each reader of the log took: for `/metrics`, and for `/stats`
/// as a reader's counts. And what analysis found.
///
/// For each reader, once nothing waits: `datagrams = extended + basic + malformed + reread`,
/// `extended + basic = joined + duplicates + copies + records`, `messages = records + further
/// lines`; and from where it began to where it stands there are `datagrams + missed + damaged`.
final class StreamMetrics {
  /// @param name as in Java, without `lastwords`
  private record Counted(String name, String help, Function<StreamCounters, LongAdder> of) {}

  private static final List<Counted> COUNTED =
      List.of(
          new Counted("read", "datagrams taken from the log", c -> c.datagrams),
          new Counted("extended", "datagrams in the extended format", c -> c.extended),
          new Counted("basic", "datagrams in the basic format", c -> c.basic),
          new Counted("malformed", "datagrams that couldn't be understood", c -> c.malformed),
          new Counted("reread", "datagrams accounted for before a restart", c -> c.reread),
          new Counted("failed", "datagrams passed over, since reading them failed", c -> c.failed),
          new Counted("joined", "datagrams that went on with another's record", c -> c.joined),
          new Counted("duplicates", "records that came again", c -> c.duplicates),
          new Counted("copies", "basic records that came extended too", c -> c.copies),
          new Counted("records", "records handed on", c -> c.records),
          new Counted("further.lines", "lines of records behind the first", c -> c.furtherLines),
          new Counted("messages", "messages handed on", c -> c.messages),
          new Counted(
              "sequence.gaps",
              "sequence numbers given up as missing, sent or not",
              c -> c.sequenceGaps),
          new Counted(
              "sequence.gaps.filled",
              "sequence numbers that came after they were given up",
              c -> c.sequenceGapsFilled),
          new Counted("messages.lost", "messages lost on the way, by msgid", c -> c.messagesLost),
          new Counted("late", "messages after the window for order", c -> c.late),
          new Counted("incomplete", "records that miss a fragment", c -> c.incomplete),
          new Counted(
              "overflows", "records handed on early, too many of their host", c -> c.overflows),
          new Counted(
              "byte.overflows",
              "times records of a host were handed on early, too many bytes",
              c -> c.byteOverflows),
          new Counted(
              "full.overflows",
              "times records of all hosts were handed on early, too many bytes",
              c -> c.fullOverflows),
          new Counted("truncated", "records longer than a kernel's, cut", c -> c.truncated),
          new Counted("hosts.failed", "hosts reset, since their state failed", c -> c.hostsFailed),
          new Counted("boots", "boots seen", c -> c.boots),
          new Counted(
              "claimed.hosts",
              "names in userdata that belong to another host",
              c -> c.claimedHosts),
          new Counted(
              "bad.host.names", "records whose name of the host is no name", c -> c.badHostNames),
          new Counted("evicted.hosts", "hosts forgotten for others", c -> c.evictedHosts));

  private StreamMetrics() {}

  /// A reader's counts by their names in JSON, with the places they are counted between; none of
  /// one that another process has.
  static Map<String, Long> counts(@Nullable Reader reader) {
    if (reader == null) {
      return Map.of();
    }
    StreamCounters counters = reader.counters();
    Map<String, Long> counts = new LinkedHashMap<>();
    counts.put("start_offset", reader.startOffset());
    counts.put("read_offset", reader.readOffset());
    counts.put("missed", reader.missed());
    counts.put("damaged", reader.damaged());
    COUNTED.forEach(
        counted -> counts.put(counted.name.replace('.', '_'), counted.of.apply(counters).sum()));
    return counts;
  }

  static void register(MeterRegistry registry, Server server) {
    reader(registry, server, "analysis", () -> server.analysis);
    reader(registry, server, "indexing", () -> server.indexing);
    Gauge.builder("lastwords.log.unsynced", server, Server::unsynced)
        .description("datagrams a power failure now would take")
        .register(registry);
    Gauge.builder(
            "lastwords.hosts",
            server,
            it -> it.analysis == null ? 0 : it.analysis.counters().hosts.get())
        .description("hosts known now")
        .register(registry);
    Gauge.builder(
            "lastwords.hosts.in.memory",
            server,
            it -> it.analysis == null ? 0 : it.analysis.counters().hostsInMemory.get())
        .description("hosts known now that analysis has in memory; the others are idle")
        .register(registry);
    compression(registry, server);
    counter(
        registry,
        server,
        "sync.failures",
        "how often the disk failed to take what of the log was to be written through",
        Tags.empty(),
        server::syncFailures);
    counter(
        registry,
        server,
        "unsynced.crashes",
        "crashes published before their datagrams were durable, because the disk failed or was"
            + " slow",
        Tags.empty(),
        () -> server.analysis == null ? 0 : server.analysis.unsyncedCrashes().sum());
    counter(
        registry,
        server,
        "ledger.disk.failures",
        "how often the disk failed to take what the ledger wrote",
        Tags.empty(),
        () -> ledgerDiskFailures(server));
    counter(
        registry,
        server,
        "index.lost.writes",
        "how often the index went back to its last commit because the disk failed or was full",
        Tags.empty(),
        () -> indexLostWrites(server));
    Gauge.builder("lastwords.ledger.bytes", server, StreamMetrics::ledgerBytes)
        .description("what the ledger occupies on its disk")
        .register(registry);
    for (Ledger.Dropped each : Ledger.Dropped.values()) {
      counter(
          registry,
          server,
          "ledger.dropped",
          "rows of the ledger that were beyond a limit",
          Tags.of("what", each.what(), "reason", each.reason()),
          () -> dropped(server, each));
    }
    counter(
        registry,
        server,
        "crashes",
        "crashes found",
        Tags.empty(),
        () -> server.analysis == null ? 0 : server.analysis.detection().crashes().sum());
    counter(
        registry,
        server,
        "unreadable.reports",
        "reports told by their headline alone, because reading the rest failed",
        Tags.empty(),
        () -> server.analysis == null ? 0 : server.analysis.detection().unreadable().sum());
    detection(
        registry,
        server,
        "counted.reports",
        "reports that became no crashes of their own: repeats, or too many",
        Counters::repeats);
    detection(
        registry,
        server,
        "report.lines.dropped",
        "lines of reports beyond the bound of a report",
        Counters::linesDropped);
    detection(
        registry,
        server,
        "report.lines.cut",
        "lines of reports cut at the bound of a line",
        Counters::linesCut);
    detection(
        registry,
        server,
        "crashes.cut",
        "crashes of which something but a line was cut at its bound",
        Counters::crashesCut);
    detection(
        registry,
        server,
        "reports.cut.short",
        "reports completed early at a bound of a host, or of all",
        Counters::reportsCutShort);
    counter(
        registry,
        server,
        "alarms",
        "alarms raised",
        Tags.empty(),
        () -> server.alerting == null ? 0 : server.alerting.counters().raised().sum());
  }

  private static void detection(
      MeterRegistry registry,
      Server server,
      String name,
      String help,
      Function<Counters, LongAdder> of) {
    counter(
        registry,
        server,
        name,
        help,
        Tags.empty(),
        () -> server.analysis == null ? 0 : of.apply(server.analysis.detection()).sum());
  }

  /// 0 until it is open.
  private static long ledgerDiskFailures(Server server) {
    Ledger ledger = server.openLedger();
    return ledger == null ? 0 : ledger.diskFailures();
  }

  private static long indexLostWrites(Server server) {
    Index index = server.index;
    return index == null ? 0 : index.lostWrites();
  }

  private static double ledgerBytes(Server server) {
    Ledger ledger = server.openLedger();
    return ledger == null ? 0 : ledger.bytes();
  }

  private static long dropped(Server server, Ledger.Dropped what) {
    Ledger ledger = server.openLedger();
    return ledger == null ? 0 : ledger.dropped().getOrDefault(what, 0L);
  }

  private static void compression(MeterRegistry registry, Server server) {
    Map<String, ToLongFunction<Log.Compression>> counts =
        Map.of(
            "files", Log.Compression::files,
            "before.bytes", Log.Compression::bytesBefore,
            "after.bytes", Log.Compression::bytesAfter,
            "failures", Log.Compression::failures);
    counts.forEach(
        (name, count) ->
            counter(
                registry,
                server,
                "log.compression." + name,
                "compressed files of the log, what they occupied before and after, failures",
                Tags.empty(),
                () -> count.applyAsLong(server.compression())));
  }

  private static void reader(
      MeterRegistry registry, Server server, String name, Supplier<@Nullable Reader> reader) {
    Tags tags = Tags.of("reader", name);
    for (Counted counted : COUNTED) {
      counter(
          registry,
          server,
          counted.name,
          counted.help,
          tags,
          of(reader, it -> counted.of.apply(it.counters()).sum()));
    }
    counter(
        registry,
        server,
        "missed",
        "datagrams that retention deleted before it read them",
        tags,
        of(reader, Reader::missed));
    counter(
        registry,
        server,
        "damaged",
        "datagrams it passed over because the log is damaged where they were",
        tags,
        of(reader, Reader::damaged));
  }

  /// 0 until it begins.
  private static LongSupplier of(Supplier<@Nullable Reader> reader, ToLongFunction<Reader> count) {
    return () -> {
      Reader now = reader.get();
      return now == null ? 0 : count.applyAsLong(now);
    };
  }

  private static void counter(
      MeterRegistry registry,
      Server server,
      String name,
      String help,
      Tags tags,
      LongSupplier value) {
    // The registry forgets what only it refers to; the server lasts.
    FunctionCounter.builder("lastwords." + name, server, _ -> value.getAsLong())
        .description(help)
        .tags(tags)
        .register(registry);
  }
}
