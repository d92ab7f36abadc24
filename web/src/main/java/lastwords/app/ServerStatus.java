package lastwords.app;

import java.io.UncheckedIOException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import lastwords.api.Status;
import lastwords.json.Json;
import lastwords.kernel.Crash;
import lastwords.readers.Analysis;
import lastwords.readers.Indexing;
import lastwords.readers.Reader;
import lastwords.receive.ReceiveCounters;
import lastwords.receive.Receiver;
import lastwords.receive.SocketState;
import lastwords.store.FreeSpace;
import lastwords.store.Index;
import lastwords.store.Ledger;
import lastwords.store.Log;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Puts together what `/stats`, `/metrics` and `/readyz` are made of; of a role that another
/// process has, as far as the stores tell.
final class ServerStatus {
  private static final Logger LOG = LoggerFactory.getLogger(ServerStatus.class);

  private final Server server;
  private final Config config;
  private final Log log;
  private final Ledger ledger;
  private final InstantSource clock;
  private final FreeSpace disk;
  private final Lag analysisLag;
  private final Lag indexLag;
  private final SocketDrops drops = new SocketDrops();
  private volatile DiskOutlook outlook = DiskOutlook.UNKNOWN;

  ServerStatus(Server server, Config config, Log log, Ledger ledger, InstantSource clock) {
    this.server = server;
    this.config = config;
    this.log = log;
    this.ledger = ledger;
    this.clock = clock;
    this.disk = new FreeSpace(config.data());
    this.analysisLag = new Lag(log);
    this.indexLag = new Lag(log);
  }

  /// To be called about once a minute, by one thread: looks at what grows slowly, and at counters
  /// that wrap.
  void observe() {
    Receiver receiver = server.receiver;
    String lost = receiver == null ? null : drops.since(sockets(receiver));
    if (lost != null) {
      LOG.error(lost);
    }
    outlook = DiskOutlook.of(log, indexBytes(), nowMicros());
  }

  Status now() {
    Receiver receiver = server.receiver;
    Analysis analysis = server.analysis;
    Indexing indexing = server.indexing;
    // Readers before the log, so that they are never ahead of it.
    long analyzed = analyzedBefore();
    long indexed = searchableBefore();
    long end = log.end();
    long now = nowMicros();
    Status.Reader index = reader("indexing", indexing, indexLag, indexed, end, now);
    List<Status.Reader> readers =
        List.of(
            reader("analysis", analysis, analysisLag, analyzed, end, now), index, alerting(now));
    long freeBytes = freeBytes();
    long logBytes = log.allocatedBytes();
    ReceiveCounters counters = receiver == null ? new ReceiveCounters() : receiver.counters();
    // What became of datagrams before how many there were, so that it is never more.
    long stored = counters.appended.sum();
    long notAppended = counters.notAppended.sum();
    Map<String, Long> refused = refused(counters);
    List<Status.Socket> sockets = receiver == null ? List.of() : sockets(receiver);
    return new Status(
        counters.datagrams.sum(),
        counters.bytes.sum(),
        sockets.stream().mapToLong(socket -> Math.max(0, socket.drops())).sum(),
        analysis == null ? 0 : analysis.counters().malformed.sum(),
        end,
        indexed,
        analyzed,
        index.lagSeconds(),
        logBytes,
        indexBytes(),
        stored,
        notAppended,
        log.first(),
        refused,
        sockets,
        readers,
        outlook.status(freeBytes, logBytes, config.keepLog(), config.keepLogBytes()),
        outbox(now),
        server.canary == null ? null : server.canary.status(),
        problems(freeBytes));
  }

  /// Every datagram before this one is accounted for by analysis.
  long analyzedBefore() {
    Analysis analysis = server.analysis;
    return analysis == null ? ledger.offset("analysis") : analysis.settledOffset();
  }

  /// Every datagram before this one can be found.
  long searchableBefore() {
    Indexing indexing = server.indexing;
    return indexing == null ? ledger.offset("indexing") : indexing.findableOffset();
  }

  private static Map<String, Long> refused(ReceiveCounters counters) {
    Map<String, Long> refused = new LinkedHashMap<>();
    refused.put("not_allowed", counters.notAllowed.sum());
    refused.put("too_large", counters.tooLarge.sum());
    return refused;
  }

  private static List<Status.Socket> sockets(Receiver receiver) {
    List<Status.Socket> sockets = new ArrayList<>();
    Map<String, Integer> numbers = new LinkedHashMap<>();
    for (SocketState socket : receiver.sockets()) {
      String address = Addresses.text(socket.address());
      int number = numbers.merge(address, 1, Integer::sum) - 1;
      sockets.add(
          new Status.Socket(
              address + "/" + number, socket.drops(), socket.bufferBytes(), socket.queuedBytes()));
    }
    return sockets;
  }

  private Status.Reader alerting(long nowMicros) {
    long done = ledger.alertedUpTo();
    long behind = Math.max(0, ledger.lastChange() - done);
    double lag = 0;
    List<Ledger.Change> next = behind == 0 ? List.of() : ledger.changedCrashesAfter(done, 1);
    if (!next.isEmpty()) {
      Crash crash = next.getFirst().crash();
      Long received = crash.receivedAtMicros();
      lag = received == null ? 0 : Math.max(0, nowMicros - received) / 1e6;
    }
    return new Status.Reader("alerting", lag, next.isEmpty() ? 0 : behind, Map.of());
  }

  private Status.Outbox outbox(long nowMicros) {
    Ledger.Outbox outbox = ledger.outbox();
    return new Status.Outbox(
        outbox.pending(),
        outbox.pending() == 0 ? 0 : Math.max(0, nowMicros - outbox.oldestMicros()) / 1e6,
        outbox.failed());
  }

  private static Status.Reader reader(
      String name, @Nullable Reader reader, Lag lag, long doneBefore, long end, long nowMicros) {
    return new Status.Reader(
        name,
        doneBefore < end ? lag.seconds(doneBefore, nowMicros) : 0,
        Math.max(0, end - doneBefore),
        StreamMetrics.counts(reader));
  }

  private List<String> problems(long usable) {
    List<String> problems = new ArrayList<>();
    add(problems, server.receiver == null ? null : server.receiver.problem());
    add(problems, server.analysis == null ? null : server.analysis.problem());
    add(problems, server.indexing == null ? null : server.indexing.problem());
    add(problems, server.alerting == null ? null : server.alerting.problem().orElse(null));
    // One that was asked for says so to who asked.
    Canary timed = config.canary() == null ? null : server.canary;
    add(problems, timed == null ? null : timed.problem());
    Index index = server.index;
    if (index != null) {
      problems.addAll(index.problems());
    }
    problems.addAll(server.failing());
    if (usable >= 0 && usable < config.keepFreeBytes()) {
      problems.add(
          "the disk of %s has %d MiB left, and keep-free is %s: the log keeps only what analysis"
                  .formatted(config.data(), usable >> 20, Quantity.text(config.keepFreeBytes()))
              + " hasn't read yet; make room, or lower keep-log-bytes or keep-index");
    } else if (usable < 0) {
      problems.add("the disk of " + config.data() + " can't be asked how much is left");
    }
    return problems;
  }

  private static void add(List<String> problems, @Nullable String problem) {
    if (problem != null) {
      problems.add(problem);
    }
  }

  /// -1 when nobody knows.
  private long freeBytes() {
    try {
      return disk.bytes();
    } catch (UncheckedIOException e) {
      return -1;
    }
  }

  private long indexBytes() {
    Index index = server.index;
    return index == null ? 0 : index.bytes();
  }

  private long nowMicros() {
    return Json.micros(clock.instant());
  }
}
