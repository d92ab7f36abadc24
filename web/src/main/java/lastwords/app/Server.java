package lastwords.app;

import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.UnaryOperator;
import lastwords.alert.Alerting;
import lastwords.alert.Hook;
import lastwords.api.Api;
import lastwords.api.ApiSettings;
import lastwords.api.ScrapedMeters;
import lastwords.api.Status;
import lastwords.app.Config.Role;
import lastwords.assemble.HostNames;
import lastwords.assemble.Inventory;
import lastwords.kernel.Crash;
import lastwords.linux.Priority;
import lastwords.query.Searches;
import lastwords.readers.Analysis;
import lastwords.readers.Indexing;
import lastwords.receive.ReceiveSettings;
import lastwords.receive.Receiver;
import lastwords.store.FreeSpace;
import lastwords.store.Index;
import lastwords.store.Ledger;
import lastwords.store.Log;
import lastwords.store.embedded.ChronicleLog;
import lastwords.store.embedded.LuceneIndex;
import lastwords.store.embedded.SqliteLedger;
import lastwords.symbols.Symbols;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A running server with the roles its configuration names: opens the stores, starts what belongs
/// to each role, and closes all of it in the opposite order; receiving starts first and stops
/// first.
final class Server implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Server.class);

  /// Between two looks at retention, at new symbols, and at an index another process writes.
  private static final Duration RETAIN_EVERY = Duration.ofSeconds(1);

  /// Between two looks for a file of the log to compress.
  private static final Duration COMPRESS_EVERY = Duration.ofSeconds(1);

  private static final Duration OBSERVE_EVERY = Duration.ofMinutes(1);
  private static final Duration REOPEN_EVERY = Duration.ofSeconds(1);

  /// How long a role waits for the process that receives to make the log.
  private static final Duration LOG_PATIENCE = Duration.ofSeconds(60);

  /// So many files of the log, if it needs all it may have; the oldest one is what can go.
  private static final int FILES_OF_THE_LOG = 20;

  private static final long LEAST_FILE_BYTES = 4 << 20;

  /// What is said of missing symbols, each once.
  private static final int NOTES_SAID = 100;

  private final Config config;
  private final InstantSource clock = InstantSource.system();
  private final Deque<AutoCloseable> parts = new ArrayDeque<>();
  private final CountDownLatch closed = new CountDownLatch(1);

  /// What is done now and then and failed the last time, by its name.
  private final Map<String, String> failing = new ConcurrentHashMap<>();

  private final Ledger ledger;
  private final Log log;
  private final ServerStatus status;

  // Requests read these while the start goes on.
  volatile @Nullable Receiver receiver;
  volatile @Nullable Analysis analysis;
  volatile @Nullable Indexing indexing;
  volatile @Nullable Alerting alerting;
  volatile @Nullable Index index;
  volatile @Nullable Canary canary;
  private volatile @Nullable Api api;

  /// Starts everything and says on `out` where it listens, each when it is ready.
  ///
  /// @throws UncheckedIOException when a folder, a port or a file can't be used; says which
  static Server start(Config config, PrintStream out) {
    return new Server(config, out);
  }

  private Server(Config config, PrintStream out) {
    this.config = config;
    boolean started = false;
    try {
      Files.createDirectories(config.data());
      if (!Files.isWritable(config.data())) {
        throw new AccessDeniedException(config.data().toString());
      }
      Path file = config.data().resolve("ledger.db");
      ledger = open(does(Role.ANALYZE) ? SqliteLedger.openRepaired(file) : SqliteLedger.open(file));
      log = open(openLog());
      ledger.newsFrom(log.end());
      status = new ServerStatus(this, config, log, ledger, clock);
      // First of all: what arrives while the rest starts can't be asked for again.
      startReceiving();
      Banner.print(config, receiver, log, out);
      for (InetSocketAddress address : udp()) {
        out.println("listening udp " + Addresses.text(address));
      }
      out.flush();
      startReaders();
      if (api != null) {
        out.println("listening http " + api.uri());
      }
      out.flush();
      started = true;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      if (!started) {
        close();
      }
    }
  }

  private void startReceiving() {
    if (does(Role.RECEIVE)) {
      receiver =
          Receiver.start(
              new ReceiveSettings(
                  config.udp(),
                  config.allow(),
                  (int) Math.min(config.receiveBufferBytes(), Integer.MAX_VALUE),
                  config.sockets()),
              log);
      every("sync", config.sync(), () -> log.sync(log.end()));
      if (config.compress() == Config.Compression.ZSTD) {
        every("compress", COMPRESS_EVERY, Priority.INDEXING.of(log::compress));
      }
    }
  }

  private void startReaders() {
    HostNames names =
        open(
            new HostNames(
                config.inventory() == null ? Inventory.EMPTY : Inventory.read(config.inventory()),
                config.reverseDns()));
    if (does(Role.ANALYZE)) {
      Analysis reader = open(new Analysis(log, ledger, names, clock));
      reader.begin();
      analysis = reader;
    }
    if (does(Role.INDEX)) {
      // The ledger may have the last of the disk.
      Index written =
          open(LuceneIndex.open(config.data().resolve("index"), config.keepFreeBytes() / 2));
      Indexing reader =
          open(
              new Indexing(
                  log,
                  ledger,
                  written,
                  names,
                  clock,
                  does(Role.WEB) ? Indexing.COMMIT_EVERY : Indexing.COMMIT_FOR_OTHERS_EVERY));
      reader.begin();
      index = written;
      indexing = reader;
    } else if (does(Role.WEB)) {
      Index followed = open(LuceneIndex.openReadOnly(config.data().resolve("index")));
      every("reopen", REOPEN_EVERY, followed::refresh);
      index = followed;
    }
    if (does(Role.WEB)) {
      // Before alerting, whose links name the port that was picked.
      api = open(startApi(index));
    }
    if (does(Role.ANALYZE)) {
      Alerting alarms =
          open(new Alerting(ledger, config.alerts(api == null ? page() : api.uri()), clock));
      alarms.start();
      alerting = alarms;
    }
    Retention retention =
        new Retention(
            config,
            does(Role.RECEIVE) ? log : null,
            does(Role.INDEX) ? index : null,
            () -> analysis == null ? ledger.offset("analysis") : analysis.readOffset(),
            () -> Math.min(kept(analysis, "analysis"), kept(indexing, "indexing")));
    every("retention", RETAIN_EVERY, () -> retention.run(clock.millis() * 1_000));
    every("status", OBSERVE_EVERY, status::observe);
  }

  /// No datagram before this is needed by a reader again.
  private long kept(lastwords.readers.@Nullable Reader reader, String name) {
    return reader == null ? ledger.offset(name) : reader.keptOffset();
  }

  private Log openLog() {
    Path folder = config.data().resolve("log");
    if (does(Role.RECEIVE)) {
      // An empty log under a living ledger goes on numbering where the lost one ended.
      long next = Math.max(ledger.offset("analysis"), ledger.offset("indexing"));
      return ChronicleLog.open(
          folder,
          new ChronicleLog.Options(config.roll(), System::currentTimeMillis, next)
              .withDisk(config.keepFreeBytes(), fileBytes()));
    }
    long deadline = System.nanoTime() + LOG_PATIENCE.toNanos();
    while (true) {
      try {
        return ChronicleLog.openReadOnly(folder);
      } catch (UncheckedIOException e) {
        if (System.nanoTime() > deadline) {
          throw e;
        }
        LOG.info("waiting for a process that receives: {}", e.getMessage());
        if (pause(Duration.ofSeconds(2))) {
          throw e;
        }
      }
    }
  }

  private long fileBytes() {
    long disk = new FreeSpace(config.data()).totalBytes();
    return Math.max(LEAST_FILE_BYTES, Math.min(config.keepLogBytes(), disk) / FILES_OF_THE_LOG);
  }

  private Api startApi(@Nullable Index searched) {
    if (searched == null) {
      throw new IllegalStateException("web without an index");
    }
    Searches searches = new Searches(searched, ledger, clock, config.silentAfter(), symbols());
    Canary sender = startCanary(searches);
    canary = sender;
    ScrapedMeters registry = new ScrapedMeters();
    StreamMetrics.register(registry, this);
    return Api.start(
        new ApiSettings(config.http(), config.token(), clock),
        searches,
        ledger,
        status::now,
        () -> alerting == null ? List.<Hook>of() : alerting.hooks(),
        sender::fly,
        registry);
  }

  private Canary startCanary(Searches searches) {
    Canary sender =
        open(
            new Canary(
                receiver == null ? config.udp().getFirst() : receiver.addresses().getFirst(),
                config.allow(),
                log,
                ledger,
                status::analyzedBefore,
                query -> !searches.messages(query, null, null, true, null, 1).items().isEmpty(),
                clock,
                Canary.LIMIT));
    if (config.canary() != null) {
      every("canary", config.canary(), sender::flyByTimer);
    }
    return sender;
  }

  /// Completes the crashes that are shown, where debug information was named.
  private UnaryOperator<Crash> symbols() {
    if (config.symbols() == null) {
      return crash -> crash;
    }
    Symbols symbols = open(Symbols.of(config.symbols()));
    symbols.problem().ifPresent(LOG::warn);
    every("symbols", OBSERVE_EVERY, symbols::rest);
    Set<String> said = ConcurrentHashMap.newKeySet();
    return crash -> {
      Symbols.Completed completed = symbols.complete(crash);
      for (String note : completed.notes()) {
        if (said.size() < NOTES_SAID && said.add(note)) {
          LOG.warn(note);
        }
      }
      return completed.crash();
    };
  }

  long unsynced() {
    return receiver == null ? 0 : log.end() - log.syncedEnd();
  }

  Log.Compression compression() {
    return log.compression();
  }

  /// What is done now and then and failed the last time.
  List<String> failing() {
    return List.copyOf(failing.values());
  }

  private void every(String name, Duration pause, Runnable what) {
    Thread thread =
        Thread.ofPlatform()
            .daemon()
            .name(name)
            .start(
                () -> {
                  while (!pause(pause)) {
                    try {
                      what.run();
                      failing.remove(name);
                    } catch (RuntimeException | Error e) {
                      String problem = name + " fails: " + e.getMessage();
                      if (!problem.equals(failing.put(name, problem))) {
                        LOG.error("{} failed and is tried again", name, e);
                      }
                    }
                  }
                });
    parts.push(() -> thread.join(Duration.ofSeconds(1)));
  }

  /// Whether the server was closed meanwhile.
  private boolean pause(Duration time) {
    try {
      return closed.await(time.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return true;
    }
  }

  private boolean does(Role role) {
    return config.roles().contains(role);
  }

  /// Where the pages are when another process serves them.
  private URI page() {
    return URI.create("http://" + Addresses.text(config.http()));
  }

  private <T extends AutoCloseable> T open(T part) {
    parts.push(part);
    return part;
  }

  URI http() {
    if (api == null) {
      throw new IllegalStateException("this process has no web role");
    }
    return api.uri();
  }

  List<InetSocketAddress> udp() {
    return receiver == null ? List.of() : receiver.addresses();
  }

  /// What has to move as long as the server works: a number that grows, by the name of the thread
  /// that makes it grow.
  Map<String, LongSupplier> moves() {
    Map<String, LongSupplier> moves = new LinkedHashMap<>();
    if (receiver != null) {
      moves.put("receive", receiver::moves);
    }
    if (analysis != null) {
      moves.put("analysis", analysis::moves);
    }
    if (indexing != null) {
      moves.put("indexing", indexing::moves);
    }
    if (alerting != null) {
      moves.put("alerting", alerting::moves);
    }
    return moves;
  }

  /// How it does, on one line: what keeps it from its work, else how far it is.
  String summary() {
    Status now = status.now();
    if (!now.notReady().isEmpty()) {
      return now.notReady().getFirst();
    }
    return "%d datagrams in the log, %d to analyze, %d to index; %d dropped by the socket"
        .formatted(
            now.appended(),
            now.appended() - now.analyzed(),
            now.appended() - now.indexed(),
            now.socketDrops());
  }

  /// Stops receiving first, keeps every reader's place, and closes the stores last.
  @Override
  public void close() {
    closed.countDown();
    if (receiver != null) {
      close(receiver);
    }
    while (!parts.isEmpty()) {
      close(parts.pop());
    }
  }

  private static void close(AutoCloseable part) {
    try {
      part.close();
    } catch (Exception e) {
      LOG.error("{} didn't close", part.getClass().getSimpleName(), e);
    }
  }

  /// Waits until the server is closed.
  void awaitClose() {
    try {
      closed.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
