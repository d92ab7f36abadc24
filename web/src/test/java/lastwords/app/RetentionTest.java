package lastwords.app;

import static lastwords.store.Crashes.START_MICROS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import lastwords.kernel.KernelMessage;
import lastwords.kernel.Position;
import lastwords.store.Crashes;
import lastwords.store.DatagramBatch;
import lastwords.store.FreeSpace;
import lastwords.store.Index;
import lastwords.store.Ledger;
import lastwords.store.Log;
import lastwords.store.embedded.ChronicleLog;
import lastwords.store.embedded.ChronicleLog.Roll;
import lastwords.store.embedded.LuceneIndex;
import lastwords.store.embedded.SqliteLedger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What is deleted of log, index and ledger, with time passed in.
class RetentionTest {
  private static final long HOUR_MICROS = 3_600_000_000L;

  @TempDir private Path folder = Path.of("");

  private Config config(String... lines) {
    try {
      Path file =
          Files.writeString(
              folder.resolve("lastwords.yaml"),
              "data: " + folder + '\n' + String.join("\n", lines) + '\n');
      return ConfigReader.read(file, Map.of());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void whatIsOlderThanKeepCrashesGoesAtTheFirstLook() {
    try (Ledger ledger = SqliteLedger.open(folder.resolve("ledger.db"))) {
      ledger.put(List.of(Crashes.at(1), Crashes.at(2), Crashes.at(3)));
      Retention retention =
          new Retention(
              config("keep-crashes: 4h"), null, () -> null, () -> ledger, true, () -> 0, () -> 0);

      retention.run(START_MICROS + 5 * HOUR_MICROS);

      assertThat(ledger.crash("c2")).isEmpty();
      assertThat(ledger.crashes(List.of("c1", "c3"))).hasSize(2);
    }
  }

  @Test
  void filesOfTheLogOlderThanKeepLogGoAtTheFirstLookAlsoThoseCompressed() {
    AtomicLong nowMillis = new AtomicLong(START_MICROS / 1_000);
    try (Log log = log(nowMillis)) {
      receive(log, nowMillis, 5);
      assertThat(log.compress()).isTrue();
      Retention retention = keepsLog(log, "keep-log: 150m");

      retention.run(START_MICROS + 5 * HOUR_MICROS);

      assertThat(log.first()).as("of 0h to 4h, at 5h").isEqualTo(30);
      assertThat(log.end()).isEqualTo(50);
    }
  }

  @Test
  void filesOfTheLogGoAsTheyGetOlderOncePerMinute() {
    AtomicLong nowMillis = new AtomicLong(START_MICROS / 1_000);
    try (Log log = log(nowMillis)) {
      receive(log, nowMillis, 5);
      Retention retention = keepsLog(log, "keep-log: 4h");
      long firstLook = START_MICROS + 4 * HOUR_MICROS;
      retention.run(firstLook);
      assertThat(log.first()).isZero();

      retention.run(firstLook + 1_000_000);
      assertThat(log.first()).as("not yet looked at again").isZero();
      retention.run(firstLook + 60_000_000);
      assertThat(log.first()).isEqualTo(10);
      retention.run(firstLook - 1_000_000); // the clock was set back
      retention.run(firstLook + 59_000_000 + HOUR_MICROS);
      assertThat(log.first()).isEqualTo(20);
    }
  }

  @Test
  void fileOfTheLogThatIsWrittenToStaysHoweverOld() {
    AtomicLong nowMillis = new AtomicLong(START_MICROS / 1_000);
    try (Log log = log(nowMillis)) {
      receive(log, nowMillis, 2);

      keepsLog(log, "keep-log: 1h").run(START_MICROS + 1_000 * HOUR_MICROS);

      assertThat(log.first()).isEqualTo(10);
      receive(log, nowMillis, 1);
      assertThat(log.end()).isEqualTo(30);
    }
  }

  @Test
  void logBeyondKeepLogBytesLosesItsOldestFiles() {
    AtomicLong nowMillis = new AtomicLong(START_MICROS / 1_000);
    try (Log log = log(nowMillis)) {
      receive(log, nowMillis, 5);
      long bytes = log.allocatedBytes() - 1;

      keepsLog(log, "keep-log-bytes: " + bytes).run(START_MICROS + 5 * HOUR_MICROS);

      assertThat(log.first()).isEqualTo(10);
      assertThat(log.allocatedBytes()).isLessThan(bytes);
    }
  }

  @Test
  void daysOfTheIndexOlderThanKeepIndexGoAtTheFirstLook() {
    try (Index index = LuceneIndex.open(folder.resolve("index"))) {
      for (int day = 0; day < 4; day++) {
        index.add(List.of(message(day, START_MICROS + day * 24L * HOUR_MICROS)));
      }
      index.refresh();

      retention("keep-index: 2d", null, index, null).run(START_MICROS + 4 * 24 * HOUR_MICROS);

      assertThat(index.messageCount()).isEqualTo(2);
      assertThat(index.message(Position.of(1, 0))).isEmpty();
      assertThat(index.message(Position.of(2, 0))).isPresent();
    }
  }

  @Test
  void indexThatCannotDropADayKeepsNothingElseFromBeingDeleted() {
    AtomicLong nowMillis = new AtomicLong(START_MICROS / 1_000);
    Index closed = LuceneIndex.open(folder.resolve("index"));
    closed.add(List.of(message(0, START_MICROS)));
    closed.close();
    try (Log log = log(nowMillis);
        Ledger ledger = SqliteLedger.open(folder.resolve("ledger.db"))) {
      receive(log, nowMillis, 5);
      ledger.put(List.of(Crashes.at(1), Crashes.at(2), Crashes.at(3)));
      Retention retention =
          retention("keep-log: 150m\nkeep-index: 1h\nkeep-crashes: 4h", log, closed, ledger);

      assertThatThrownBy(() -> retention.run(START_MICROS + 1_000 * HOUR_MICROS))
          .isInstanceOf(RuntimeException.class);

      assertThat(log.first()).isEqualTo(40);
      assertThat(ledger.crash("c2")).isEmpty();
    }
  }

  private Retention keepsLog(Log log, String config) {
    return retention(config, log, null, null);
  }

  private Retention retention(
      String config, @Nullable Log log, @Nullable Index index, @Nullable Ledger ledger) {
    return new Retention(
        config(config), log, () -> index, () -> ledger, ledger != null, () -> 0, () -> 0);
  }

  private Log log(AtomicLong nowMillis) {
    return ChronicleLog.open(
        folder.resolve("log"), new ChronicleLog.Options(Roll.HOURLY, nowMillis::get, 0));
  }

  /// Ten datagrams an hour, from now on.
  private static void receive(Log log, AtomicLong nowMillis, int hours) {
    DatagramBatch batch = new DatagramBatch();
    for (int hour = 0; hour < hours; hour++) {
      for (int i = 0; i < 10; i++) {
        batch.add(
            nowMillis.get() * 1_000,
            InetAddress.getLoopbackAddress(),
            6665,
            6666,
            "6,1,2,-;hello".getBytes(StandardCharsets.UTF_8));
      }
      log.append(batch);
      nowMillis.addAndGet(HOUR_MICROS / 1_000);
    }
  }

  private static KernelMessage message(long offset, long receivedAtMicros) {
    return new KernelMessage(
        Position.of(offset, 0),
        receivedAtMicros,
        "db1",
        "10.0.0.1",
        "b0",
        -1,
        -1,
        -1,
        -1,
        null,
        -1,
        null,
        null,
        "eth0: link up",
        Map.of(),
        Map.of());
  }

  @Test
  void ledgerHasAtMostATwentiethOfTheDisk() {
    long disk = new FreeSpace(folder).totalBytes();
    assertThat(config("keep-ledger-bytes: 900TiB").ledgerLimits(disk))
        .isEqualTo(
            new Ledger.Limits(
                Math.max(16 << 20, disk / 20),
                Duration.ofDays(400),
                Duration.ofDays(30),
                Duration.ofDays(90)));
  }
}
