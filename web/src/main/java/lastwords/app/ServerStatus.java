package lastwords.app;

import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import lastwords.api.Status;
import lastwords.json.Json;
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

/// Computes what `/stats`, `/metrics` and `/readyz` show, from values that the parts publish.
///
/// [#now] waits for no lock and no disk: what needs one is looked at once a second by threads of
/// their own, one for the log, one for the ledger and one for the index, so that none hides behind
/// another that hangs. A look that is too old is itself a reason not to be ready. Of a role that
/// another process has, the stores are what is known.
final class ServerStatus {
  private static final Logger LOG = LoggerFactory.getLogger(ServerStatus.class);

  private static final Duration LOOK_EVERY = Duration.ofSeconds(1);

  /// Between two looks at what grows slowly, and at counters that wrap.
  private static final long OUTLOOK_EVERY_NANOS = 60_000_000_000L;

  private final Server server;
  private final Config config;
  private final Log log;
  private final InstantSource clock;
  private final FreeSpace disk;
  private final Lag analysisLag;
  private final Lag indexLag;
  private final SocketDrops drops = new SocketDrops();
  private final Observation<LogSeen> logSeen;
  private final Observation<LedgerSeen> ledgerSeen;
  private final Observation<Long> indexSeen;
  private final Progress progress;

  /// What the last look at the log found.
  ///
  /// @param freeBytes -1 when unknown
  /// @param analysisLag,indexLag in seconds
  private record LogSeen(
      long first,
      long end,
      long bytes,
      long freeBytes,
      double analysisLag,
      double indexLag,
      long atMicros) {
    static final LogSeen NOTHING = new LogSeen(0, 0, 0, Long.MAX_VALUE, 0, 0, 0);
  }

  /// What the last look at the ledger found.
  ///
  /// @param behind changes that alerting has not dealt with
  /// @param oldestMicros when the first of these crashes was received; 0 when there is none
  private record LedgerSeen(
      long analysisOffset, long indexingOffset, long behind, long oldestMicros, Ledger.Outbox box) {
    static final LedgerSeen NOTHING = new LedgerSeen(0, 0, 0, 0, new Ledger.Outbox(0, 0, 0));
  }

  private volatile DiskOutlook outlook = DiskOutlook.UNKNOWN;
  private long outlookNanos = System.nanoTime() - OUTLOOK_EVERY_NANOS;

  ServerStatus(Server server, Config config, Log log, InstantSource clock) {
    this.server = server;
    this.config = config;
    this.log = log;
    this.clock = clock;
    this.disk = new FreeSpace(config.data());
    this.analysisLag = new Lag(log);
    this.indexLag = new Lag(log);
    this.progress = new Progress(server.moves());
    logSeen = new Observation<>("the log in " + config.data(), LogSeen.NOTHING, this::lookAtLog);
    ledgerSeen = new Observation<>("the ledger", LedgerSeen.NOTHING, this::lookAtLedger);
    indexSeen = new Observation<>("the index", 0L, this::lookAtIndex);
  }

  /// Starts the threads that look.
  void begin() {
    server.atOnceAndEvery("status log", LOOK_EVERY, logSeen::look);
    server.atOnceAndEvery("status ledger", LOOK_EVERY, ledgerSeen::look);
    server.atOnceAndEvery("status index", LOOK_EVERY, indexSeen::look);
    server.atOnceAndEvery("progress", LOOK_EVERY, () -> progress.look(System.nanoTime()));
  }

  private LogSeen lookAtLog() {
    long analyzed = analyzedBefore();
    long indexed = searchableBefore();
    long now = nowMicros();
    // Before the lags: what comes after it is younger than this look.
    long end = log.end();
    LogSeen seen =
        new LogSeen(
            log.first(),
            end,
            log.allocatedBytes(),
            freeBytes(),
            analyzed < end ? analysisLag.seconds(analyzed, now) : 0,
            indexed < end ? indexLag.seconds(indexed, now) : 0,
            now);
    if (System.nanoTime() - outlookNanos >= OUTLOOK_EVERY_NANOS) {
      outlookNanos = System.nanoTime();
      observe();
    }
    return seen;
  }

  private void observe() {
    Receiver receiver = server.receiver;
    String lost = receiver == null ? null : drops.since(sockets(receiver));
    if (lost != null) {
      LOG.error(lost);
    }
    outlook = DiskOutlook.of(log, indexSeen.value(), nowMicros());
  }

  /// As before, while the ledger isn't open.
  private LedgerSeen lookAtLedger() {
    Ledger ledger = server.openLedger();
    if (ledger == null) {
      return ledgerSeen.value();
    }
    long done = ledger.alertedUpTo();
    long behind = Math.max(0, ledger.lastChange() - done);
    List<Ledger.Change> next = behind == 0 ? List.of() : ledger.changedCrashesAfter(done, 1);
    Long oldest = next.isEmpty() ? null : next.getFirst().crash().receivedAtMicros();
    return new LedgerSeen(
        ledger.offset("analysis"),
        ledger.offset("indexing"),
        next.isEmpty() ? 0 : behind,
        oldest == null ? 0 : oldest,
        ledger.outbox());
  }

  private long lookAtIndex() {
    Index index = server.index;
    return index == null ? 0 : index.bytes();
  }

  Status now() {
    Receiver receiver = server.receiver;
    Analysis analysis = server.analysis;
    Indexing indexing = server.indexing;
    LogSeen seen = logSeen.value();
    // Readers before the log, so that they are never ahead of it.
    long analyzed = analyzedBefore();
    long indexed = searchableBefore();
    long end = receiver == null ? seen.end : log.end();
    long now = nowMicros();
    Status.Reader index =
        reader("indexing", indexing, lag(indexed, end, seen, seen.indexLag, now), end - indexed);
    List<Status.Reader> readers =
        List.of(
            reader(
                "analysis",
                analysis,
                lag(analyzed, end, seen, seen.analysisLag, now),
                end - analyzed),
            index,
            alerting(now));
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
        seen.bytes,
        indexSeen.value(),
        stored,
        notAppended,
        seen.first,
        refused,
        sockets,
        readers,
        outlook.status(seen.freeBytes, seen.bytes, config.keepLog(), config.keepLogBytes()),
        outbox(now),
        server.canary == null ? null : server.canary.status(),
        server.configuration().status(),
        problems(seen.freeBytes));
  }

  /// Every datagram before this one is accounted for by analysis.
  long analyzedBefore() {
    Analysis analysis = server.analysis;
    return analysis == null ? ledgerSeen.value().analysisOffset : analysis.settledOffset();
  }

  /// Every datagram before this one can be found.
  long searchableBefore() {
    Indexing indexing = server.indexing;
    return indexing == null ? ledgerSeen.value().indexingOffset : indexing.findableOffset();
  }

  /// Every datagram before this one was read by analysis.
  long readByAnalysis() {
    Analysis analysis = server.analysis;
    return analysis == null ? ledgerSeen.value().analysisOffset : analysis.readOffset();
  }

  /// No datagram before this one is needed by a reader again.
  long neededFrom() {
    Analysis analysis = server.analysis;
    Indexing indexing = server.indexing;
    LedgerSeen seen = ledgerSeen.value();
    return Math.min(
        analysis == null ? seen.analysisOffset : analysis.keptOffset(),
        indexing == null ? seen.indexingOffset : indexing.keptOffset());
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
    LedgerSeen seen = ledgerSeen.value();
    double lag = seen.oldestMicros == 0 ? 0 : Math.max(0, nowMicros - seen.oldestMicros) / 1e6;
    return new Status.Reader("alerting", lag, seen.behind, Map.of());
  }

  private Status.Outbox outbox(long nowMicros) {
    Ledger.Outbox outbox = ledgerSeen.value().box;
    return new Status.Outbox(
        outbox.pending(),
        outbox.pending() == 0 ? 0 : Math.max(0, nowMicros - outbox.oldestMicros()) / 1e6,
        outbox.failed());
  }

  private static Status.Reader reader(
      String name, @Nullable Reader reader, double lag, long behind) {
    return new Status.Reader(name, lag, Math.max(0, behind), StreamMetrics.counts(reader));
  }

  /// At most the age of the oldest datagram from `done` on, and rarely a second more.
  ///
  /// @param lag as of the last look, of a reader that has come further since
  private static double lag(long done, long end, LogSeen seen, double lag, long nowMicros) {
    if (done >= end) {
      return 0;
    }
    double since = Math.max(0, nowMicros - seen.atMicros) / 1e6;
    return done >= seen.end ? since : lag + since;
  }

  private List<String> problems(long usable) {
    List<String> problems = new ArrayList<>(server.partProblems());
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
    Ledger ledger = server.openLedger();
    if (ledger != null) {
      ledger.problem().ifPresent(problems::add);
    }
    problems.addAll(server.failing());
    problems.addAll(progress.problems());
    long nowNanos = System.nanoTime();
    add(problems, logSeen.stale(nowNanos));
    add(problems, ledgerSeen.stale(nowNanos));
    add(problems, indexSeen.stale(nowNanos));
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

  private long nowMicros() {
    return Json.micros(clock.instant());
  }
}
