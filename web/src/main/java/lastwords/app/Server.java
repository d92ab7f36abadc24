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
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;
import java.util.function.UnaryOperator;
import lastwords.alert.Alerting;
import lastwords.alert.HookSettings;
import lastwords.api.Api;
import lastwords.api.ApiSettings;
import lastwords.api.ScrapedMeters;
import lastwords.api.Status;
import lastwords.app.Config.Role;
import lastwords.assemble.HostNames;
import lastwords.kernel.Crash;
import lastwords.linux.Priority;
import lastwords.query.Searches;
import lastwords.readers.Analysis;
import lastwords.readers.Indexing;
import lastwords.readers.Reader;
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

/// A running server with the roles its configuration names.
///
/// The log is opened and UDP bound first; only these, and the configuration, can stop a start. All
/// other parts (ledger, index, readers, alerting, API and pages) are each opened by a [Part]: what
/// fails is a reason in `/readyz` and retried while receiving continues. The API needs no other
/// part to answer `/readyz`, `/healthz` and `/metrics`.
///
/// Closing stops receiving first and closes the stores last, each step within a limited time.
final class Server implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Server.class);

  /// Between two looks at retention, at new symbols, and at an index another process writes.
  private static final Duration RETAIN_EVERY = Duration.ofSeconds(1);

  /// Between two looks for a file of the log to compress.
  private static final Duration COMPRESS_EVERY = Duration.ofSeconds(1);

  /// Between two looks at files of the configuration that may have changed.
  private static final Duration RELOAD_EVERY = Duration.ofSeconds(2);

  private static final Duration SYMBOLS_EVERY = Duration.ofMinutes(1);
  private static final Duration REOPEN_EVERY = Duration.ofSeconds(1);

  /// How long a role waits for the process that receives to make the log.
  private static final Duration LOG_PATIENCE = Duration.ofSeconds(60);

  /// So many files of the log, if it needs all it may have; the oldest one is what can go.
  private static final int FILES_OF_THE_LOG = 20;

  private static final long LEAST_FILE_BYTES = 4 << 20;

  private static final Duration SETTLED_EVERY = Duration.ofMillis(5);

  /// What is said of missing symbols, each once.
  private static final int NOTES_SAID = 100;

  /// How long a start waits for the first attempts at all parts, so that what works is there when
  /// it returns.
  private static final Duration START_PATIENCE = Duration.ofSeconds(10);

  /// Longer for the API, which depends on nothing that can hang; less than a service manager's.
  private static final Duration PAGES_PATIENCE = Duration.ofSeconds(60);

  /// How long alerting waits for the API's port, which links name.
  private static final Duration PORT_PATIENCE = Duration.ofSeconds(5);

  /// How long the ledger may take to be asked for the offset of the next datagram.
  private static final Duration OFFSET_PATIENCE = Duration.ofSeconds(3);

  // When each step of closing is over, since its beginning; all within [Shutdown#PATIENCE].
  private static final Duration RECEIVER_CLOSED = Duration.ofSeconds(3);
  private static final Duration PARTS_CLOSED = Duration.ofMillis(6_500);
  private static final Duration STORES_CLOSED = Duration.ofSeconds(8);
  private static final Duration LOG_CLOSED = Duration.ofMillis(8_500);

  /// As started; see [Configuration#live] for what may have changed since.
  private final Config config;

  private final Configuration configuration;
  private final InstantSource clock = InstantSource.system();

  /// What uses the stores, closed before them.
  private final Queue<AutoCloseable> users = new ConcurrentLinkedQueue<>();

  /// Ledger and index.
  private final List<Part<?>> stores = new ArrayList<>();

  /// All parts, in the order they are listed in `/readyz`.
  private final List<Part<?>> parts = new CopyOnWriteArrayList<>();

  private final CountDownLatch closed = new CountDownLatch(1);

  /// What is done now and then and failed the last time, by its name.
  private final Map<String, String> failing = new ConcurrentHashMap<>();

  private @Nullable Log openedLog;
  private final Log log;
  private final HostNames names;
  private final ServerStatus status;
  private final Part<Ledger> ledger;

  // Requests read these while the start goes on.
  volatile @Nullable Receiver receiver;
  volatile @Nullable Analysis analysis;
  volatile @Nullable Indexing indexing;
  volatile @Nullable Alerting alerting;
  volatile @Nullable Index index;
  volatile @Nullable Canary canary;
  private volatile @Nullable Api api;
  private @Nullable Part<Api> pages;
  private volatile @Nullable HookMetrics hookMetrics;

  /// Starts everything and prints on `out` where it listens, each when it is ready. Returns when
  /// datagrams are received and each other part is open, has failed for the first time, or takes
  /// longer than [#START_PATIENCE].
  ///
  /// @throws UncheckedIOException when the data folder or the log can't be written, or a UDP port
  ///   can't be bound; names which
  static Server start(Configuration configuration, PrintStream out) {
    return new Server(configuration, out);
  }

  private Server(Configuration configuration, PrintStream out) {
    this.configuration = configuration;
    this.config = configuration.started();
    boolean started = false;
    try {
      Files.createDirectories(config.data());
      if (!Files.isWritable(config.data())) {
        throw new AccessDeniedException(config.data().toString());
      }
      NativeFolder.use(config.data());
      names = user(new HostNames(configuration.live().inventory(), config.reverseDns()));
      log = openLog();
      openedLog = log;
      long endAtStart = log.end();
      ledger = ledger(endAtStart);
      stores.add(ledger);
      status = new ServerStatus(this, config, log, clock);
      // First of all: what arrives while the rest starts can't be asked for again.
      startReceiving();
      Banner.print(config, receiver, log, out);
      for (InetSocketAddress address : udp()) {
        out.println("listening udp " + Addresses.text(address));
      }
      out.flush();
      status.begin();
      configuration.onChange(this::useLive);
      every("reload", RELOAD_EVERY, configuration::look);
      startParts(out);
      awaitFirstAttempts();
      started = true;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      if (!started) {
        close();
      }
    }
  }

  /// @param endAtStart where the log ended before anything was received; earlier crashes are not
  ///   new to a new ledger
  private Part<Ledger> ledger(long endAtStart) {
    Path file = config.data().resolve("ledger.db");
    return new Part<>(
        "ledger",
        "if another process has it, stop that one; if it can't be repaired, put back a copy of "
            + file
            + ", or move it away, and a new one is made",
        List.of(),
        () -> {
          long bytes = config.ledgerLimits(new FreeSpace(config.data()).totalBytes()).bytes();
          SqliteLedger opened =
              does(Role.ANALYZE) ? SqliteLedger.openRepaired(file, bytes) : SqliteLedger.open(file);
          opened.newsFrom(endAtStart);
          if (does(Role.RECEIVE)) {
            log.skipTo(Math.max(opened.offset("analysis"), opened.offset("indexing")));
          }
          return opened;
        });
  }

  private void startReceiving() {
    if (does(Role.RECEIVE)) {
      receiver =
          Receiver.start(
              new ReceiveSettings(
                  config.udp(),
                  configuration.live().allow(),
                  (int) Math.min(config.receiveBufferBytes(), Integer.MAX_VALUE),
                  config.sockets()),
              log);
      every("sync", config.sync(), () -> log.sync(log.end()));
      if (config.compress() == Config.Compression.ZSTD) {
        every("compress", COMPRESS_EVERY, Priority.INDEXING.of(log::compress));
      }
    }
  }

  /// Begins to open all parts but the receiver; each waits for those it needs.
  private void startParts(PrintStream out) {
    begin(ledger);
    Part<Index> indexPart = null;
    if (does(Role.INDEX) || does(Role.WEB)) {
      indexPart = index();
      stores.add(indexPart);
      begin(indexPart);
    }
    Part<Api> http = null;
    if (does(Role.WEB) && indexPart != null) {
      http = user(http(indexPart, out));
      pages = http;
      begin(http);
    }
    if (does(Role.ANALYZE)) {
      begin(user(analysis()));
      begin(user(alerting(http)));
    }
    if (does(Role.INDEX) && indexPart != null) {
      begin(user(indexing(indexPart)));
    }
    Retention retention =
        new Retention(
            config,
            does(Role.RECEIVE) ? log : null,
            () -> does(Role.INDEX) ? index : null,
            this::openLedger,
            does(Role.ANALYZE),
            status::readByAnalysis,
            status::neededFrom);
    every("retention", RETAIN_EVERY, () -> retention.run(clock.millis() * 1_000));
  }

  private void begin(Part<?> part) {
    parts.add(part);
    part.begin();
  }

  private Part<Index> index() {
    Path folder = config.data().resolve("index");
    String advice =
        "move %s away if that doesn't help: it is made again from log and ledger".formatted(folder);
    if (!does(Role.INDEX)) {
      every("reopen", REOPEN_EVERY, this::refreshFollowed);
      return new Part<>(
          "index",
          advice,
          List.of(),
          () -> {
            Index followed = LuceneIndex.openReadOnly(folder);
            index = followed;
            return followed;
          });
    }
    return new Part<>(
        "index",
        advice,
        List.of(),
        () -> {
          // The ledger may have the last of the disk.
          Index written = LuceneIndex.open(folder, config.keepFreeBytes() / 2);
          index = written;
          return written;
        });
  }

  private void refreshFollowed() {
    Index followed = index;
    if (followed != null) {
      followed.refresh();
    }
  }

  private Part<Analysis> analysis() {
    return new Part<>(
        "analysis",
        "the ledger may be damaged",
        List.of(ledger),
        () -> {
          Analysis reader = new Analysis(log, ledger.require(), names, clock);
          reader.begin();
          analysis = reader;
          return reader;
        });
  }

  private Part<Indexing> indexing(Part<Index> into) {
    return new Part<>(
        "indexing",
        "the index or the ledger may be damaged",
        List.of(ledger, into),
        () -> {
          Indexing reader =
              new Indexing(
                  log,
                  ledger.require(),
                  into.require(),
                  names,
                  clock,
                  does(Role.WEB) ? Indexing.COMMIT_EVERY : Indexing.COMMIT_FOR_OTHERS_EVERY);
          reader.begin();
          indexing = reader;
          return reader;
        });
  }

  private Part<Alerting> alerting(@Nullable Part<Api> http) {
    return new Part<>(
        "alerting",
        "the ledger may be damaged",
        List.of(ledger),
        () -> {
          if (http != null) {
            await(http, PORT_PATIENCE);
          }
          Alerting alarms =
              new Alerting(ledger.require(), configuration.live().alerts(page()), clock);
          alarms.start();
          alerting = alarms;
          useLive();
          return alarms;
        });
  }

  private Part<Api> http(Part<Index> searched, PrintStream out) {
    Index found = searched.standIn(Index.class);
    Ledger kept = ledger.standIn(Ledger.class);
    UnaryOperator<Crash> symbols = symbols();
    Searches searches = new Searches(found, kept, clock, config.silentAfter(), symbols);
    Canary sender = startCanary(searches, kept);
    canary = sender;
    return new Part<>(
        "http",
        "free the port, or choose another one with --http",
        List.of(),
        () -> {
          ScrapedMeters registry = new ScrapedMeters();
          StreamMetrics.register(registry, this);
          ServerHooks hooks = new ServerHooks(() -> alerting);
          hookMetrics = new HookMetrics(hooks, registry, clock);
          Api started =
              Api.start(
                  new ApiSettings(config.http(), configuration.live().token(), clock),
                  searches,
                  kept,
                  status::now,
                  hooks,
                  sender::fly,
                  registry);
          api = started;
          useLive();
          out.println("listening http " + started.uri());
          out.flush();
          return started;
        });
  }

  private void awaitFirstAttempts() {
    if (pages != null) {
      await(pages, PAGES_PATIENCE);
    }
    long deadline = System.nanoTime() + START_PATIENCE.toNanos();
    for (Part<?> part : parts) {
      await(part, Duration.ofNanos(Math.max(1, deadline - System.nanoTime())));
    }
  }

  /// Waits until the first attempt at a part is over, or the server is closed.
  private void await(Part<?> part, Duration most) {
    long deadline = System.nanoTime() + most.toNanos();
    while (!part.isSettled() && System.nanoTime() < deadline && !pause(SETTLED_EVERY)) {}
  }

  /// Puts in use what may have changed of the configuration: after each reading, and once a part
  /// that uses it is open. What is as before goes on undisturbed. Does no I/O.
  private synchronized void useLive() {
    Config.Live live = configuration.live();
    names.use(live.inventory());
    if (receiver != null) {
      receiver.allow(live.allow());
    }
    Api served = api;
    if (served != null) {
      served.useToken(live.token());
    }
    Alerting alarms = alerting;
    if (alarms != null) {
      alarms.use(live.alerts(page()));
    }
    HookMetrics metrics = hookMetrics;
    if (metrics != null) {
      metrics.use(live.hooks().stream().map(HookSettings::name).toList());
    }
  }

  Configuration configuration() {
    return configuration;
  }

  private Log openLog() {
    Path folder = config.data().resolve("log");
    if (does(Role.RECEIVE)) {
      return ChronicleLog.open(
          folder,
          new ChronicleLog.Options(config.roll(), System::currentTimeMillis, nextOffset(folder))
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

  /// The least offset the next datagram may get: a log that lost its end, or was deleted, under a
  /// living ledger continues where the ledger's knowledge ends. The ledger is asked without opening
  /// it, and for a limited time, since it may be damaged, locked or on a disk that hangs. Where it
  /// doesn't answer, a log that holds anything continues at its own end; an empty one begins at the
  /// microseconds since 1970, beyond any offset that was ever used.
  private long nextOffset(Path folder) {
    Path file = config.data().resolve("ledger.db");
    if (!Files.exists(file)) {
      return 0;
    }
    CompletableFuture<Long> asked = new CompletableFuture<>();
    Thread.ofPlatform()
        .daemon()
        .name("next offset")
        .start(
            () -> {
              try {
                asked.complete(SqliteLedger.nextOffset(file));
              } catch (RuntimeException | Error e) {
                asked.completeExceptionally(e);
              }
            });
    try {
      return asked.get(OFFSET_PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException e) {
      LOG.warn("{} can't be asked which offsets were used: {}", file, e.toString());
    }
    return ChronicleLog.holdsAny(folder) ? 0 : clock.millis() * 1_000;
  }

  private long fileBytes() {
    long disk = new FreeSpace(config.data()).totalBytes();
    return Math.max(LEAST_FILE_BYTES, Math.min(config.keepLogBytes(), disk) / FILES_OF_THE_LOG);
  }

  private Canary startCanary(Searches searches, Ledger kept) {
    Canary sender =
        user(
            new Canary(
                receiver == null ? config.udp().getFirst() : receiver.addresses().getFirst(),
                () -> configuration.live().allow(),
                log,
                kept,
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
    Path folder = config.symbols();
    if (folder == null) {
      return crash -> crash;
    }
    Part<Symbols> part =
        user(
            new Part<>(
                "symbols",
                "see symbols in the configuration",
                List.of(),
                () -> {
                  Symbols symbols = Symbols.of(folder);
                  symbols.problem().ifPresent(LOG::warn);
                  every("symbols", SYMBOLS_EVERY, symbols::rest);
                  return symbols;
                }));
    begin(part);
    Set<String> said = ConcurrentHashMap.newKeySet();
    return crash -> {
      Symbols symbols = part.get();
      if (symbols == null) {
        return crash;
      }
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

  long syncFailures() {
    return log.syncFailures();
  }

  Log.Compression compression() {
    return log.compression();
  }

  /// What is done now and then and failed the last time.
  List<String> failing() {
    return List.copyOf(failing.values());
  }

  /// Why parts aren't open, a sentence for each that failed.
  List<String> partProblems() {
    return parts.stream().map(Part::problem).filter(Objects::nonNull).toList();
  }

  /// Null until it is open.
  @Nullable Ledger openLedger() {
    return ledger.get();
  }

  private void every(String name, Duration pause, Runnable what) {
    every(name, pause, pause, what);
  }

  /// Does something on a thread of its own at once, and again after each pause.
  void atOnceAndEvery(String name, Duration pause, Runnable what) {
    every(name, Duration.ZERO, pause, what);
  }

  private void every(String name, Duration first, Duration pause, Runnable what) {
    Thread thread =
        Thread.ofPlatform()
            .daemon()
            .name(name)
            .start(
                () -> {
                  for (Duration next = first; !pause(next); next = pause) {
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
    users.add(new Timer(thread));
  }

  /// A thread that does something now and then; what it is about may take long, and is then ended
  /// by closing the store that it uses.
  private record Timer(Thread thread) implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(1);

    @Override
    public void close() {
      var _ = Closing.join(thread, PATIENCE);
    }
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

  /// Where the pages are, here or in another process.
  private URI page() {
    Api served = api;
    return served == null ? URI.create("http://" + Addresses.text(config.http())) : served.uri();
  }

  private <T extends AutoCloseable> T user(T part) {
    users.add(part);
    return part;
  }

  URI http() {
    Api started = api;
    if (started == null) {
      throw new Failure(
          does(Role.WEB)
              ? "HTTP isn't served: " + String.join("; ", partProblems())
              : "this process has no web role");
    }
    return started.uri();
  }

  List<InetSocketAddress> udp() {
    return receiver == null ? List.of() : receiver.addresses();
  }

  /// What has to move as long as the server works: a number that grows, by the name of the thread
  /// that makes it grow. One whose part isn't open counts as moving: opening is retried.
  Map<String, LongSupplier> moves() {
    Map<String, LongSupplier> moves = new LinkedHashMap<>();
    if (does(Role.RECEIVE)) {
      moves.put("receive", () -> receiver == null ? System.nanoTime() : receiver.moves());
    }
    if (does(Role.ANALYZE)) {
      moves.put("analysis", () -> analysis == null ? System.nanoTime() : analysis.moves());
      moves.put("alerting", () -> alerting == null ? System.nanoTime() : alerting.moves());
    }
    if (does(Role.INDEX)) {
      moves.put("indexing", () -> indexing == null ? System.nanoTime() : indexing.moves());
    }
    return moves;
  }

  /// Of [#moves], those without which the service manager should restart this process. Where it
  /// receives, that is receiving alone: a restart loses datagrams, and an index, a ledger or a hook
  /// that hangs costs none. Such a part is a reason in `/readyz`.
  Map<String, LongSupplier> vital() {
    Map<String, LongSupplier> moves = moves();
    LongSupplier receive = moves.get("receive");
    return receive == null ? moves : Map.of("receive", receive);
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

  /// Stops receiving first, keeps every reader's place, and closes the stores last. Takes less than
  /// [Shutdown#PATIENCE], also when a part hangs: it is left as it is, which loses nothing that was
  /// received.
  @Override
  public void close() {
    closed.countDown();
    Closing closing = new Closing();
    Receiver receiving = receiver;
    if (receiving != null) {
      closing.close(List.of(receiving), RECEIVER_CLOSED);
    }
    closing.close(List.copyOf(users), PARTS_CLOSED);
    closing.close(stores, STORES_CLOSED);
    Log opened = openedLog;
    // Its files are mapped: unmapping them under a thread that hangs in them would crash.
    if (opened != null && !closing.hung() && isClosed(analysis) && isClosed(indexing)) {
      closing.close(List.of(opened), LOG_CLOSED);
    }
  }

  private static boolean isClosed(@Nullable Reader reader) {
    return reader == null || reader.isClosed();
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
