package lastwords.app;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import lastwords.alert.AlertSettings;
import lastwords.alert.Alerting;
import lastwords.assemble.HostNames;
import lastwords.assemble.Inventory;
import lastwords.kernel.Alarm;
import lastwords.kernel.Crash;
import lastwords.kernel.Datagram;
import lastwords.kernel.Host;
import lastwords.kernel.KernelMessage;
import lastwords.kernel.Severity;
import lastwords.query.Searches;
import lastwords.readers.Analysis;
import lastwords.readers.Indexing;
import lastwords.store.DatagramBatch;
import lastwords.store.Ledger;
import lastwords.store.Log;
import lastwords.store.embedded.ChronicleLog;
import lastwords.store.embedded.LuceneIndex;
import lastwords.store.embedded.SqliteLedger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The collector's clock is set by hours, while it runs and while it doesn't: real stores, readers
/// and deliveries, on a clock that this test sets and that goes on by itself.
class ClockTest {
  private static final List<String> WARNING =
      List.of(
          "------------[ cut here ]------------",
          "WARNING: CPU: 1 PID: 77 at drivers/broken/driver.c:123 %s+0x1b/0x40 [broken]",
          "CPU: 1 PID: 77 Comm: sh Not tainted 6.12.0 #1",
          "RIP: 0010:%s+0x1b/0x40 [broken]",
          "Call Trace:",
          " <TASK>",
          " %s+0x1b/0x40 [broken]",
          " vfs_write+0xf8/0x450",
          " </TASK>",
          "---[ end trace 0000000000000000 ]---");

  private final Robot robot = new Robot();
  private final Path data;
  private final long startNanos = System.nanoTime();
  private final Map<String, Long> sequences = new HashMap<>();
  private final List<String> said = new ArrayList<>();
  private final Deque<AutoCloseable> parts = new ArrayDeque<>();
  private volatile Duration set = Duration.ZERO;
  private final InstantSource clock = () -> Instant.now().plus(set);
  private Log log;
  private Ledger ledger;
  private Indexing indexing;
  private Searches searches;

  ClockTest(@TempDir Path folder) throws IOException {
    data = folder;
    start();
  }

  private void start() {
    HostNames names = open(new HostNames(Inventory.EMPTY, false));
    ledger = open(SqliteLedger.open(data.resolve("ledger.db")));
    log =
        open(
            ChronicleLog.open(
                data.resolve("log"),
                new ChronicleLog.Options(ChronicleLog.Roll.HOURLY, clock::millis, 0)));
    ledger.newsFrom(log.end());
    LuceneIndex index = open(LuceneIndex.open(data.resolve("index")));
    Analysis analysis = open(new Analysis(log, ledger, names, clock));
    indexing = open(new Indexing(log, ledger, index, names, clock, Indexing.COMMIT_EVERY));
    searches = new Searches(index, ledger, clock, Duration.ofHours(24), crash -> crash);
    Alerting alerting =
        open(
            new Alerting(
                ledger,
                new AlertSettings(
                    Duration.ofHours(24),
                    Duration.ofHours(1),
                    Severity.WARNING,
                    1_000,
                    URI.create("http://127.0.0.1:1"),
                    List.of(robot.settings())),
                clock));
    analysis.begin();
    indexing.begin();
    alerting.start();
  }

  private <T extends AutoCloseable> T open(T part) {
    parts.push(part);
    return part;
  }

  private void stop() throws Exception {
    while (!parts.isEmpty()) {
      parts.pop().close();
    }
  }

  @AfterEach
  void close() throws Exception {
    stop();
    robot.close();
  }

  @Test
  void aReportThatBrokeOffWhenTheClockWasSetBackIsTold() {
    say("a", "all is well");
    untilRead();
    warn("a", "broken_write", 5);
    untilRead();
    set(Duration.ofHours(-5));

    untilTold("broken_write");
  }

  @Test
  void aReportHeardJustBeforeTheClockWasSetForwardIsNotTooOld() {
    say("a", "all is well");
    untilRead();
    warn("a", "broken_write", WARNING.size());
    set(Duration.ofHours(5));

    untilTold("broken_write");
    assertThat(ledger.alarms(Ledger.AlarmQuery.ALL, null, 10))
        .extracting(Alarm::reason)
        .containsOnlyNulls();
  }

  @Test
  void aDeliveryThatFailedDoesNotWaitForAClockThatWasSetBackMeanwhile() throws Exception {
    robot.failures.set(1);
    warn("a", "broken_write", WARNING.size());
    untilTold("broken_write");
    set(Duration.ofHours(-5));
    stop();
    set(Duration.ofHours(-50));
    start();

    Running.eventually(() -> robot.calls.size() == 2);
    assertThat(robot.idsByCrash()).hasSize(1).allSatisfy((_, ids) -> assertThat(ids).hasSize(1));
  }

  @Test
  void setBothWaysAndAcrossRestartsNothingIsLostDoubledOrStuck() throws Exception {
    int[] hours = {3, -7, 26, -1, -50, 49, 0};
    for (int i = 0; i < hours.length; i++) {
      if (i % 2 == 1) {
        stop();
      }
      set(Duration.ofHours(hours[i]));
      if (i % 2 == 1) {
        start();
      }
      Instant before = clock.instant();
      String function = "broken_" + (char) ('a' + i) + "_write";
      String first = "before it breaks, " + i;
      say("a", first);
      say("b", first);
      warn("a", function, WARNING.size());
      say("b", "after it broke, " + i);
      untilRead();
      untilTold(function);

      Running.eventually(() -> foundSince(before, first) == 2);
      log.retain(Duration.ofDays(30), Long.MAX_VALUE, clock.millis() * 1_000);
    }

    assertThat(payloads()).as("in the order they came").isEqualTo(said);
    Running.eventually(() -> messages().size() >= said.size());
    assertThat(messages()).doesNotHaveDuplicates().hasSameSizeAs(said);
    assertThat(ledger.hosts()).extracting(Host::boots).containsOnly(1);
    assertThat(ledger.hosts()).extracting(Host::duplicates).containsOnly(0L);
    assertThat(ledger.hosts()).extracting(Host::sequenceGaps).containsOnly(0L);
    assertThat(ledger.hosts().stream().mapToLong(Host::messages).sum()).isEqualTo(said.size());
    List<Crash> crashes = ledger.crashes(0, Long.MAX_VALUE, null, 100);
    assertThat(crashes).extracting(Crash::kind).containsOnly("warning");
    assertThat(crashes).extracting(Crash::title).doesNotHaveDuplicates().hasSameSizeAs(hours);
    assertThat(crashes).extracting(Crash::linesLost).containsOnly(0);
    assertThat(robot.calls).hasSameSizeAs(hours);
  }

  private void set(Duration aside) {
    set = aside;
  }

  private void warn(String host, String function, int lines) {
    for (String line : WARNING.subList(0, lines)) {
      say(host, line.formatted(function));
    }
  }

  private void say(String host, String text) {
    long number = sequences.merge(host, 1L, Long::sum);
    long uptimeMicros = 100_000_000 + (System.nanoTime() - startNanos) / 1_000;
    String record = "4,%d,%d,-;%s\n".formatted(number, uptimeMicros, text);
    DatagramBatch batch = new DatagramBatch();
    batch.add(
        clock.millis() * 1_000,
        InetAddress.ofLiteral(host.equals("a") ? "10.0.0.1" : "10.0.0.2"),
        6665,
        6666,
        record.getBytes(US_ASCII));
    log.append(batch);
    said.add(record);
  }

  private void untilRead() {
    Running.eventually(() -> indexing.findableOffset() >= log.end());
  }

  private void untilTold(String function) {
    Running.eventually(
        () -> robot.calls.stream().anyMatch(call -> call.title().contains(function)));
  }

  private List<String> payloads() {
    List<String> payloads = new ArrayList<>();
    try (Log.Cursor cursor = log.read(0)) {
      for (Datagram next = cursor.next(); next != null; next = cursor.next()) {
        assertThat(next.offset()).isEqualTo(payloads.size());
        payloads.add(new String(next.payload(), US_ASCII));
      }
    }
    return payloads;
  }

  private long foundSince(Instant since, String text) {
    return searches
        .messages("text:before", since.minusMillis(1).toString(), null, false, null, 1_000)
        .items()
        .stream()
        .filter(message -> message.text().equals(text))
        .count();
  }

  private List<Long> messages() {
    return searches.messages(null, null, null, false, null, 1_000).items().stream()
        .map(KernelMessage::position)
        .toList();
  }
}
