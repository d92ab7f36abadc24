package lastwords.app;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A server of which one part is broken or hangs: it receives, reports the part, and recovers
/// without a restart.
class BrokenPartsTest {
  private final Recording recording = Recording.of("sysrq-c--d612");
  private final Crowd crowd = new Crowd();
  private final String address = crowd.add(10, recording.datagrams());
  private final CountDownLatch held = new CountDownLatch(1);
  private final CountDownLatch released = new CountDownLatch(1);

  @Test
  void withAFileInTheIndexsPlaceCrashesAreFoundAndTheRestFollowsOnceItIsGone(@TempDir Path data)
      throws Exception {
    Path index = Files.writeString(data.resolve("index"), "not a folder");
    try (Running running = Running.start(data)) {
      running.hear(crowd);
      assertThat(readyz(running)).contains("index can't be opened").contains(index.toString());
      Running.eventually(() -> analyzed(running) >= crowd.datagrams());
      Running.eventually(
          () ->
              Objects.requireNonNull(running.server.openLedger())
                      .crashes(0, Long.MAX_VALUE, null, 10)
                      .size()
                  == 1);
      assertThat(status(running, "/api/v1/messages")).isEqualTo(503);
      assertThat(body(running, "/api/v1/messages")).contains("index can't be opened");
      assertThat(status(running, "/metrics")).isEqualTo(200);
      assertThat(status(running, "/healthz")).isEqualTo(200);

      Files.delete(index);
      Running.eventually(() -> status(running, "/readyz") == 200);
      running.untilRead(crowd.datagrams());
      assertThat(running.list("/messages")).hasSize(recording.datagrams().size());
    }
  }

  @Test
  void aFolderInTheLedgersPlaceIsReportedUntilItIsGone(@TempDir Path data) throws Exception {
    Path ledger = Files.createDirectory(data.resolve("ledger.db"));
    Path inside = Files.createFile(ledger.resolve("inside"));
    aBrokenLedgerCostsNoDatagram(
        data,
        () -> {
          Files.delete(inside);
          Files.delete(ledger);
        });
  }

  @Test
  void theDatabaseOfAnotherProgramIsReportedUntilItIsMovedAway(@TempDir Path data)
      throws Exception {
    Path ledger = data.resolve("ledger.db");
    change(ledger, "CREATE TABLE something (of TEXT)");
    aBrokenLedgerCostsNoDatagram(data, () -> Files.move(ledger, data.resolve("other.db")));
  }

  @Test
  void aLedgerOfANewerVersionIsReportedUntilItIsMovedAway(@TempDir Path data) throws Exception {
    Running.start(data).close();
    Path ledger = data.resolve("ledger.db");
    change(ledger, "PRAGMA user_version = 1000000");
    aBrokenLedgerCostsNoDatagram(data, () -> Files.move(ledger, data.resolve("newer.db")));
  }

  @Test
  void aLedgerThatAnotherProcessHasLockedIsOpenedOnceItIsFree(@TempDir Path data) throws Exception {
    Running.start(data).close();
    Connection other = connect(data.resolve("ledger.db"));
    try (Statement statement = other.createStatement()) {
      statement.execute("PRAGMA locking_mode = EXCLUSIVE");
      statement.execute("BEGIN EXCLUSIVE");
      statement.execute("CREATE TABLE held (of TEXT)");
    }
    try (Running running = Running.start(data)) {
      running.hear(crowd);
      assertThat(status(running, "/healthz")).isEqualTo(200);
      assertThat(status(running, "/api/v1/alarms")).isEqualTo(503);
      other.close();
      isFound(running);
    }
  }

  @Test
  void garbageInTheLedgersPlaceIsSetAsideAndReceivingDoesNotWaitForThat(@TempDir Path data)
      throws Exception {
    Files.write(data.resolve("ledger.db"), "no ledger at all ".repeat(5_000).getBytes(US_ASCII));
    try (Running running = Running.start(data)) {
      running.hear(crowd);
      isFound(running);
    }
    assertThat(data.resolve("ledger.db.damaged-1")).exists();
  }

  private interface Step {
    void run() throws IOException;
  }

  private void aBrokenLedgerCostsNoDatagram(Path data, Step repair) throws IOException {
    try (Running running = Running.start(data)) {
      running.hear(crowd);
      assertThat(readyz(running)).contains("ledger can't be opened");
      assertThat(status(running, "/api/v1/alarms")).isEqualTo(503);
      assertThat(status(running, "/api/v1/stats")).isEqualTo(200);
      assertThat(status(running, "/metrics")).isEqualTo(200);
      repair.run();
      isFound(running);
    }
  }

  /// Also what came while the ledger was broken.
  private void isFound(Running running) {
    Running.eventually(() -> status(running, "/readyz") == 200);
    running.untilRead(running.get("/stats").path("appended").asLong());
    assertThat(running.payloads().get(address)).isNotEmpty();
    Running.eventually(() -> !running.crashes().isEmpty());
    assertThat(running.crashes().get(address)).hasSize(1);
    Running.eventually(() -> !running.list("/alarms").isEmpty());
  }

  @Test
  void whileAnotherProgramHasTheHttpPortDatagramsAreReceivedAndThePagesFollow(@TempDir Path data)
      throws Exception {
    ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    Map<ConfigKey, List<String>> http =
        Map.of(ConfigKey.HTTP, List.of("127.0.0.1:" + taken.getLocalPort()));
    try (Running running = Running.start(data, "receive,analyze,index", http);
        Running pages = Running.startWithoutHttp(data, "web", http)) {
      running.hear(crowd);
      assertThat(pages.server.partProblems()).anyMatch(it -> it.startsWith("http can't be"));
      assertThat(pages.server.summary()).startsWith("http can't be opened");
      taken.close();
      Running.eventually(() -> pages.server.partProblems().isEmpty());
      assertThat(status(pages.server.http().resolve("/healthz"))).isEqualTo(200);
    }
  }

  @Test
  void readinessMetricsAndTheWatchdogDoNotWaitForAnIndexOrLedgerThatHangs(@TempDir Path data)
      throws Exception {
    Running running = Running.start(data);
    hold(Objects.requireNonNull(running.server.index));
    try (Connection other = connect(data.resolve("ledger.db"));
        Statement statement = other.createStatement()) {
      statement.execute("BEGIN IMMEDIATE");
      running.hear(crowd);
      assertThat(body(running, "/readyz")).isNotEmpty();
      assertThat(body(running, "/metrics")).contains("lastwords_index_bytes");
      assertThat(running.get("/stats").path("appended").asLong()).isEqualTo(crowd.datagrams());
      assertThat(running.server.summary()).isNotEmpty();
      assertThat(running.server.vital()).containsOnlyKeys("receive");
      // Closing ends too, with all of it held.
      running.close();
      statement.execute("ROLLBACK");
    } finally {
      released.countDown();
    }
    assertThat(running.payloads().get(address)).isNotEmpty();
    // What closing left behind goes on once it is free, and writes into the folder.
    Running.eventually(
        () ->
            Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .noneMatch(
                    name ->
                        name.equals("analysis")
                            || name.equals("indexing")
                            || name.startsWith("Lucene Merge")));
  }

  /// Has a thread hold a monitor until it is released.
  private void hold(Object monitor) throws InterruptedException {
    Thread.ofPlatform()
        .daemon()
        .start(
            () -> {
              synchronized (monitor) {
                held.countDown();
                try {
                  released.await();
                } catch (InterruptedException e) {
                  throw new IllegalStateException(e);
                }
              }
            });
    held.await();
  }

  @Test
  void aLookThatTakesTooLongIsItselfAReason() {
    AtomicReference<String> now = new AtomicReference<>("first");
    Observation<String> observation = new Observation<>("the disk", "nothing", now::get);
    assertThat(observation.value()).isEqualTo("nothing");
    observation.look();
    assertThat(observation.value()).isEqualTo("first");
    assertThat(observation.stale(System.nanoTime())).isNull();
    assertThat(observation.stale(System.nanoTime() + Duration.ofMinutes(1).toNanos()))
        .startsWith("the disk hasn't answered for");
  }

  @Test
  void aPartWhoseNumberStandsStillForAMinuteIsReportedUntilItMovesAgain() {
    long[] number = {1};
    Progress progress = new Progress(Map.of("analysis", () -> number[0]));
    progress.look(0);
    progress.look(Duration.ofSeconds(59).toNanos());
    assertThat(progress.problems()).isEmpty();
    progress.look(Duration.ofSeconds(61).toNanos());
    assertThat(progress.problems())
        .singleElement()
        .asString()
        .startsWith("analysis has made no progress for 61 s");
    number[0]++;
    progress.look(Duration.ofSeconds(62).toNanos());
    assertThat(progress.problems()).isEmpty();
  }

  @Test
  void whatNoCodeForesawIsRetriedLikeAnythingElse() {
    AtomicReference<Error> failure = new AtomicReference<>(new NoClassDefFoundError("Missing"));
    AutoCloseable open = () -> {};
    try (Part<AutoCloseable> part =
            new Part<AutoCloseable>(
                    "part",
                    "do this",
                    List.of(),
                    () -> {
                      Error now = failure.get();
                      if (now != null) {
                        throw now;
                      }
                      return open;
                    })
                .begin();
        Part<AutoCloseable> user =
            new Part<AutoCloseable>("user", "", List.of(part), part::require).begin()) {
      Running.eventually(part::isSettled);
      assertThat(part.problem()).contains("NoClassDefFoundError: Missing").endsWith("do this");
      assertThat(user.isSettled()).isTrue();
      assertThat(user.problem()).isNull();
      failure.set(null);
      Running.eventually(() -> Objects.equals(user.get(), open));
      assertThat(part.problem()).isNull();
    }
  }

  private static String readyz(Running running) {
    Running.eventually(() -> status(running, "/readyz") == 503);
    return body(running, "/readyz");
  }

  private static long analyzed(Running running) {
    return running.get("/stats").path("analyzed").asLong();
  }

  private static int status(Running running, String path) {
    return status(running.server.http().resolve(path));
  }

  private static int status(URI uri) {
    return ask(uri).statusCode();
  }

  private static String body(Running running, String path) {
    return ask(running.server.http().resolve(path)).body();
  }

  private static HttpResponse<String> ask(URI uri) {
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void change(Path ledger, String sql) throws SQLException {
    try (Connection connection = connect(ledger);
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static Connection connect(Path ledger) throws SQLException {
    return DriverManager.getConnection("jdbc:sqlite:" + ledger);
  }
}
