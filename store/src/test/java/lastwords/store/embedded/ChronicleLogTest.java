package lastwords.store.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import lastwords.kernel.Datagram;
import lastwords.store.DatagramBatch;
import lastwords.store.Log;
import lastwords.store.LogContract;
import lastwords.store.embedded.ChronicleLog.Options;
import lastwords.store.embedded.ChronicleLog.Roll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ChronicleLogTest extends LogContract {
  private static final long HOUR_MILLIS = 3_600_000;

  private static final DateTimeFormatter FILE_NAME =
      DateTimeFormatter.ofPattern("yyyyMMdd-HH'F.cq4'").withZone(ZoneOffset.UTC);

  @TempDir Path folder;
  private long nowMillis = START_MICROS / 1_000;

  @Override
  protected Log open() {
    return ChronicleLog.open(folder, options(0));
  }

  @Override
  protected Log openReadOnly() {
    return ChronicleLog.openReadOnly(folder);
  }

  @Override
  protected void roll() {
    nowMillis += HOUR_MILLIS;
  }

  private Options options(long firstOffset) {
    return new Options(Roll.HOURLY, () -> nowMillis, firstOffset);
  }

  @Test
  void clockThatStepsBackOverARollNeverBreaksAppending() {
    try (Log log = open()) {
      append(log, 1, 0);
      roll();
      append(log, 1, 0);
      nowMillis -= 5 * HOUR_MILLIS;
      append(log, 1, 0);
      assertThat(offsets(log, 0)).containsExactly(0L, 1L, 2L);
    }
  }

  @Test
  void clockThatStepsBackAcrossARestartNeverBreaksAppending() {
    try (Log log = open()) {
      append(log, 1, 0);
    }
    nowMillis -= 1_000 * HOUR_MILLIS;
    try (Log log = open()) {
      append(log, 1, 0);
      nowMillis += 2 * HOUR_MILLIS;
      append(log, 1, 0);
      assertThat(offsets(log, 0)).containsExactly(0L, 1L, 2L);
    }
  }

  /// As a process leaves it that dies after it ended a file, before it began the next.
  @Test
  void logWhoseNewestFileSaysThatItEndsGoesOnInTheNext() throws IOException {
    try (Log log = open()) {
      append(log, 1, 0);
      roll();
      append(log, 1, 0);
    }
    Files.delete(folder.resolve(FILE_NAME.format(Instant.ofEpochMilli(nowMillis))));
    nowMillis -= HOUR_MILLIS;
    try (Log log = open()) {
      append(log, 1, 0);
      append(log, 1, 0);
      assertThat(offsets(log, 0)).containsExactly(0L, 1L, 2L);
    }
  }

  @Test
  void retentionGoesOnAfterTheClockStoodInTheFuture() {
    nowMillis += 10_000 * HOUR_MILLIS;
    try (Log log = open()) {
      append(log, 1, 0);
      roll();
      append(log, 1, 0);
    }
    nowMillis = START_MICROS / 1_000;
    try (Log log = open()) {
      append(log, 1, 5);
      log.retain(Duration.ofMinutes(1), Long.MAX_VALUE, START_MICROS + 5 * MINUTE_MICROS);
      assertThat(log.first()).isEqualTo(1); // offset 2 is in the same file as 1
      assertThat(log.end()).isEqualTo(3);
    }
  }

  @Test
  void emptyLogBeginsWhereItIsTold() {
    try (Log log = ChronicleLog.open(folder, options(1_000))) {
      assertThat(log.first()).isEqualTo(1_000);
      assertThat(log.end()).isEqualTo(1_000);
      append(log, 2, 0);
      assertThat(offsets(log, 0)).containsExactly(1_000L, 1_001L);
    }
    try (Log log = ChronicleLog.open(folder, options(5))) {
      assertThat(log.first()).isEqualTo(1_000);
      assertThat(log.end()).isEqualTo(1_002);
    }
  }

  @Test
  void logKeepsTheRollItWasMadeWith() {
    try (Log log = open()) {
      append(log, 1, 0);
    }
    try (Log log = ChronicleLog.open(folder, new Options(Roll.DAILY, () -> nowMillis, 0))) {
      append(log, 1, 0);
      roll();
      append(log, 1, 0);
      assertThat(offsets(log, 0)).containsExactly(0L, 1L, 2L);
    }
    assertThat(folder).isDirectoryContaining(path -> path.toString().endsWith("-09F.cq4"));
  }

  @Test
  void dailyLogWorksToo() {
    Options daily = new Options(Roll.DAILY, () -> nowMillis, 0);
    try (Log log = ChronicleLog.open(folder, daily)) {
      append(log, 1, 0);
      nowMillis += 24 * HOUR_MILLIS;
      append(log, 1, 0);
    }
    nowMillis -= 48 * HOUR_MILLIS;
    try (Log log = ChronicleLog.open(folder, daily)) {
      append(log, 1, 0);
      assertThat(offsets(log, 1)).containsExactly(1L, 2L);
    }
  }

  @Test
  void secondWriterIsRefusedAndReadersAreNot() {
    try (Log log = open()) {
      append(log, 1, 0);
      assertThatThrownBy(this::open)
          .isInstanceOf(UncheckedIOException.class)
          .hasMessageContaining(folder.toString())
          .hasMessageContaining("open for appending");
      try (Log reader = openReadOnly()) {
        assertThat(reader.end()).isEqualTo(1);
        DatagramBatch batch = new DatagramBatch();
        batch.add(1, InetAddress.getLoopbackAddress(), 1, 2, new byte[1]);
        assertThatThrownBy(() -> reader.append(batch)).isInstanceOf(IllegalStateException.class);
      }
    }
  }

  @Test
  void readingWhatIsNotThereSaysSo() {
    assertThatThrownBy(() -> ChronicleLog.openReadOnly(folder.resolve("none")))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining("none")
        .hasMessageContaining("no log");
    assertThat(folder.resolve("none")).doesNotExist();
  }

  @Test
  void sizeIsWhatIsReallyAllocated() throws Exception {
    try (Log log = open()) {
      append(log, 1, 0);
      long length = 0;
      try (var files = Files.list(folder)) {
        for (Path file : files.toList()) {
          length += Files.size(file);
        }
      }
      assertThat(log.allocatedBytes()).isPositive().isLessThan(length / 10);
    }
  }

  @Test
  void nothingIsReportedToTheMakersOfTheQueue() {
    try (Log log = open()) {
      append(log, 1, 0);
    }
    assertThat(System.getProperty("chronicle.analytics.disable")).isEqualTo("true");
    assertThatThrownBy(() -> Class.forName("net.openhft.chronicle.analytics.Analytics"))
        .isInstanceOf(ClassNotFoundException.class);
  }

  @Test
  void appendingAllocatesNothingPerDatagram() {
    var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    DatagramBatch batch = new DatagramBatch();
    byte[] payload = new byte[180];
    var source = InetAddress.getLoopbackAddress();
    try (Log log = open()) {
      long allocated = 0;
      for (int i = 0; i < 6_000; i++) {
        for (int j = 0; j < 60; j++) {
          batch.add(START_MICROS, source, 1, 2, payload);
        }
        long before = threads.getCurrentThreadAllocatedBytes();
        log.append(batch);
        if (i >= 3_000) {
          allocated += threads.getCurrentThreadAllocatedBytes() - before;
        }
      }
      assertThat(allocated / (3_000 * 60)).isLessThan(8);
    }
  }

  /// The child appends numbered datagrams and prints what is acknowledged; a cursor here follows it
  /// as it lives, and kills it at a random offset.
  @Test
  void whatWasAppendedSurvivesTheDeathOfTheProcess() throws Exception {
    Random random = new Random(20261121);
    open().close();
    for (int kill = 0; kill < 5; kill++) {
      Process child = Program.start(List.of(), ChronicleLogAppender.class, folder.toString());
      AtomicLong acknowledged = new AtomicLong();
      Thread listening = Thread.startVirtualThread(() -> listen(child, acknowledged));
      try (Log log = openReadOnly();
          Log.Cursor cursor = log.read(0)) {
        long killAt = log.end() + 1 + random.nextInt(100_000);
        long seen = 0;
        while (seen < killAt && child.isAlive()) {
          seen = readNumbered(cursor, killAt);
        }
        child.toHandle().destroyForcibly(); // unlike Process, leaves its output readable
        child.waitFor();
        listening.join();

        assertThat(readNumbered(cursor, Long.MAX_VALUE)).isEqualTo(log.end());
        assertThat(log.end()).isGreaterThanOrEqualTo(killAt);
        assertThat(log.end()).isGreaterThanOrEqualTo(acknowledged.get());
        assertThat(acknowledged).hasPositiveValue();
        assertThat(cursor.missed()).isZero();
      }
    }
  }

  /// Notes the last of the growing numbers the child prints; a cut one is smaller.
  private static void listen(Process child, AtomicLong acknowledged) {
    child
        .inputReader()
        .lines()
        .mapToLong(Long::parseLong)
        .forEach(number -> acknowledged.accumulateAndGet(number, Math::max));
  }

  /// Reads on to that offset or to the end, and sees that each datagram names its offset and none
  /// is missing.
  private static long readNumbered(Log.Cursor cursor, long to) {
    long expected = cursor.offset();
    while (expected < to) {
      Datagram next = cursor.next();
      if (next == null) {
        break;
      }
      assertThat(next.offset()).isEqualTo(expected);
      assertThat(new String(next.payload(), StandardCharsets.UTF_8)).startsWith(expected + ";");
      expected++;
    }
    return expected;
  }

  @Test
  void fileLeftHalfMadeByADyingProcessDisturbsNobody() throws Exception {
    for (byte[] half : List.of(new byte[0], new byte[1 << 20], new byte[] {0, 0, 0, (byte) 0x80})) {
      long end;
      try (Log log = open()) {
        append(log, 1, 0);
        end = log.end();
      }
      roll();
      Files.write(folder.resolve(FILE_NAME.format(Instant.ofEpochMilli(nowMillis))), half);

      try (Log reader = openReadOnly()) {
        assertThat(offsets(reader, 0)).endsWith(end - 1);
      }
      try (Log log = open()) {
        append(log, 1, 0);
        assertThat(log.retain(Duration.ofDays(1), 0, START_MICROS)).isPositive();
        assertThat(offsets(log, 0)).containsExactly(end);
      }
    }
  }

  @Test
  void interruptedThreadStillAppendsAndReads() {
    try (Log log = open()) {
      append(log, 1, 0);
      Thread.currentThread().interrupt();
      roll();
      append(log, 1, 0);
      List<Long> read = offsets(log, 0);
      assertThat(Thread.interrupted()).isTrue();
      append(log, 1, 0);

      assertThat(read).containsExactly(0L, 1L);
      assertThat(offsets(log, 0)).containsExactly(0L, 1L, 2L);
    }
  }

  @Test
  void fullDiskRefusesTheBatchAndLosesNothing() throws Exception {
    assertThat(Program.onASmallDisk(8, folder, FullDisk.class))
        .containsSubsequence(
            "refused",
            "no space left",
            "all there",
            "room for another: false",
            "room for another: true",
            "appending goes on");
  }

  @Test
  void withoutFileDescriptorsItRefusesAndLosesAndDoublesNothing() throws Exception {
    List<String> few = List.of("sh", "-c", "ulimit -n 200 && exec \"$@\"", "sh");
    Process process = Program.start(few, NoDescriptors.class, folder.toString());
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
    assertThat(output)
        .containsSubsequence("Too many open files", "not read", "refused", "all there");
  }

  @Test
  void whileAnotherProgramHasAllOfTheDiskItGoesRoundInTheFilesSetAside() throws Exception {
    assertThat(Program.onASmallDisk(40, folder, RoundAndRound.class))
        .containsSubsequence(
            "left of the disk: 0",
            "analysis missed 0, damaged 0",
            "what indexing missed is counted",
            "refused",
            "no space left",
            "(full)",
            "all there",
            "appending goes on",
            "all is well");
  }
}
