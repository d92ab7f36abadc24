package lastwords.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import lastwords.kernel.Datagram;
import org.junit.jupiter.api.Test;

/// What every log must do; an implementation's test extends this.
public abstract class LogContract {
  protected static final long MINUTE_MICROS = 60_000_000;
  protected static final long START_MICROS = 1_795_248_000_000_000L;

  /// Opens the test's log for appending; the same log each time.
  protected abstract Log open();

  /// Opens the same log for reading, as another process does.
  protected abstract Log openReadOnly();

  /// Has what is appended from here on go into another file.
  protected abstract void roll();

  @Test
  void newLogIsEmpty() {
    try (Log log = open();
        Log.Cursor cursor = log.read(0)) {
      assertThat(log.first()).isZero();
      assertThat(log.end()).isZero();
      assertThat(cursor.next()).isNull();
      assertThat(cursor.offset()).isZero();
    }
  }

  @Test
  void datagramComesBackAsItWentIn() throws Exception {
    InetAddress four = InetAddress.getByName("10.0.0.7");
    InetAddress six = InetAddress.getByName("2001:db8::7");
    byte[] largest = new byte[DatagramBatch.MAX_PAYLOAD];
    largest[largest.length - 1] = (byte) 0xff;
    DatagramBatch batch = new DatagramBatch();
    batch.add(START_MICROS, four, 6665, 6666, bytes("6,1,2,-;hello"));
    batch.add(START_MICROS + 1, six, 65_535, 0, largest);

    try (Log log = open()) {
      log.append(batch);

      assertThat(batch.isEmpty()).isTrue();
      assertThat(read(log, 0))
          .usingRecursiveFieldByFieldElementComparator()
          .containsExactly(
              new Datagram(0, START_MICROS, four, 6665, 6666, bytes("6,1,2,-;hello")),
              new Datagram(1, START_MICROS + 1, six, 65_535, 0, largest));
    }
  }

  @Test
  void emptyBatchChangesNothing() {
    try (Log log = open()) {
      log.append(new DatagramBatch());

      assertThat(log.end()).isZero();
      assertThat(read(log, 0)).isEmpty();
    }
  }

  @Test
  void offsetsHaveNoHolesOverBatchesAndFilesAndReopening() {
    for (int round = 0; round < 3; round++) {
      try (Log log = open()) {
        append(log, 5, round);
        roll();
        append(log, 2, round);
        assertThat(log.end()).isEqualTo((round + 1) * 7L);
      }
      roll();
    }

    try (Log log = openReadOnly()) {
      assertThat(log.first()).isZero();
      assertThat(log.end()).isEqualTo(21);
      assertThat(offsets(log, 0)).containsExactlyElementsOf(range(0, 21));
    }
  }

  @Test
  void readingBeginsAtAnyOffset() {
    try (Log log = open()) {
      for (int file = 0; file < 3; file++) {
        for (int batch = 1; batch <= 4; batch++) {
          append(log, batch, 0);
        }
        roll();
      }

      for (int from = 0; from <= 30; from++) {
        assertThat(offsets(log, from)).containsExactlyElementsOf(range(from, 30));
      }
    }
  }

  @Test
  void cursorBeyondTheEndWaitsForItsOffset() {
    try (Log log = open()) {
      append(log, 3, 0);
      try (Log.Cursor cursor = log.read(5)) {
        assertThat(cursor.next()).isNull();
        append(log, 3, 0);
        assertThat(offset(cursor.next())).isEqualTo(5);
        assertThat(cursor.missed()).isZero();
      }
    }
  }

  @Test
  void cursorFollowsWhatIsAppendedAlsoFromAnotherProcess() {
    try (Log log = open();
        Log.Cursor own = log.read(0)) {
      assertThat(own.next()).isNull();
      append(log, 1, 0);
      try (Log reader = openReadOnly();
          Log.Cursor other = reader.read(0)) {
        for (Log.Cursor cursor : List.of(own, other)) {
          assertThat(offset(cursor.next())).isZero();
          assertThat(cursor.next()).isNull();
          assertThat(cursor.offset()).isEqualTo(1);
        }
        roll();
        append(log, 2, 0);
        assertThat(reader.end()).isEqualTo(3);
        for (Log.Cursor cursor : List.of(own, other)) {
          assertThat(offset(cursor.next())).isEqualTo(1);
          assertThat(offset(cursor.next())).isEqualTo(2);
          assertThat(cursor.next()).isNull();
        }
      }
    }
  }

  @Test
  void retentionDeletesFilesThatHoldNothingYoungEnough() {
    try (Log log = open()) {
      for (int minute = 0; minute < 4; minute++) {
        append(log, 10, minute);
        roll();
      }

      long now = START_MICROS + 3 * MINUTE_MICROS;
      assertThat(log.retain(Duration.ofSeconds(90), Long.MAX_VALUE, now)).isEqualTo(20);

      assertThat(log.first()).isEqualTo(20);
      assertThat(offsets(log, 0)).containsExactlyElementsOf(range(20, 40));
      assertThat(log.retain(Duration.ofSeconds(90), Long.MAX_VALUE, now)).isZero();
    }
  }

  @Test
  void retentionBySizeDeletesTheOldestAndKeepsTheFileBeingWritten() {
    try (Log log = open()) {
      for (int file = 0; file < 4; file++) {
        append(log, 10, 0);
        roll();
      }
      long whole = log.allocatedBytes();

      assertThat(log.retain(Duration.ofDays(1), whole - 1, START_MICROS)).isEqualTo(10);
      assertThat(log.allocatedBytes()).isBetween(1L, whole - 1);
      assertThat(log.retain(Duration.ofDays(1), 0, START_MICROS)).isEqualTo(20);

      assertThat(offsets(log, 0)).containsExactlyElementsOf(range(30, 40));
      append(log, 1, 0);
      assertThat(log.end()).isEqualTo(41);
    }
    try (Log log = open()) {
      assertThat(log.first()).isEqualTo(30);
      assertThat(log.end()).isEqualTo(41);
    }
  }

  @Test
  void whatAWrongClockDatedIntoTheFutureGoesWithWhatCameAfterIt() {
    try (Log log = open()) {
      append(log, 1, 1_000_000);
      roll();
      append(log, 1, 0);
      roll();
      append(log, 1, 100);

      log.retain(Duration.ofMinutes(1), Long.MAX_VALUE, START_MICROS + 100 * MINUTE_MICROS);

      assertThat(log.first()).isEqualTo(2);
    }
  }

  @Test
  void cursorGoesOnAfterFilesWereDeletedUnderItAndCountsWhatItMissed() {
    try (Log log = open()) {
      append(log, 10, 0);
      try (Log reader = openReadOnly();
          Log.Cursor own = log.read(0);
          Log.Cursor other = reader.read(0);
          Log.Cursor atTheEnd = reader.read(10)) {
        for (Log.Cursor cursor : List.of(own, other)) {
          assertThat(offset(cursor.next())).isZero();
        }
        assertThat(atTheEnd.next()).isNull();
        for (int file = 0; file < 3; file++) {
          roll();
          append(log, 10, 10);
        }

        log.retain(Duration.ofDays(1), 0, START_MICROS);

        for (Log.Cursor cursor : List.of(own, other, atTheEnd)) {
          List<Long> rest = drain(cursor);
          assertThat(rest).endsWith(range(30, 40).toArray(Long[]::new));
          assertThat(cursor.offset()).isEqualTo(40);
        }
        for (Log.Cursor cursor : List.of(own, other)) {
          assertThat(cursor.missed()).isBetween(20L, 29L);
        }
        assertThat(atTheEnd.missed()).isEqualTo(20);
        append(log, 1, 10);
        for (Log.Cursor cursor : List.of(own, other, atTheEnd)) {
          assertThat(offset(cursor.next())).isEqualTo(40);
        }
      }
    }
  }

  @Test
  void readingFromWhatIsDeletedBeginsAtTheOldestAndCountsTheRest() {
    try (Log log = open()) {
      append(log, 10, 0);
      roll();
      append(log, 10, 0);
      log.retain(Duration.ofDays(1), 0, START_MICROS);

      try (Log.Cursor cursor = log.read(4)) {
        assertThat(cursor.offset()).isEqualTo(10);
        assertThat(cursor.missed()).isEqualTo(6);
        assertThat(offset(cursor.next())).isEqualTo(10);
        assertThat(cursor.missed()).isEqualTo(6);
      }
    }
  }

  /// Appends so many datagrams in one batch, received that many minutes after the start.
  protected static void append(Log log, int datagrams, long minute) {
    DatagramBatch batch = new DatagramBatch();
    for (int i = 0; i < datagrams; i++) {
      batch.add(
          START_MICROS + minute * MINUTE_MICROS,
          InetAddress.getLoopbackAddress(),
          1,
          2,
          bytes("6,1,2,-;" + i));
    }
    log.append(batch);
  }

  protected static List<Datagram> read(Log log, long from) {
    List<Datagram> all = new ArrayList<>();
    try (Log.Cursor cursor = log.read(from)) {
      for (Datagram next = cursor.next(); next != null; next = cursor.next()) {
        all.add(next);
      }
    }
    return all;
  }

  protected static List<Long> offsets(Log log, long from) {
    return read(log, from).stream().map(Datagram::offset).toList();
  }

  protected static List<Long> range(long from, long to) {
    List<Long> all = new ArrayList<>();
    for (long i = from; i < to; i++) {
      all.add(i);
    }
    return all;
  }

  protected static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static List<Long> drain(Log.Cursor cursor) {
    List<Long> all = new ArrayList<>();
    for (Datagram next = cursor.next(); next != null; next = cursor.next()) {
      all.add(next.offset());
    }
    return all;
  }

  private static long offset(@org.jspecify.annotations.Nullable Datagram datagram) {
    assertThat(datagram).isNotNull();
    return datagram == null ? -1 : datagram.offset();
  }
}
