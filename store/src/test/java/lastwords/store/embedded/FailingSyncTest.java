package lastwords.store.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import lastwords.kernel.Datagram;
import lastwords.store.DatagramBatch;
import lastwords.store.Log;
import lastwords.store.embedded.ChronicleLog.Options;
import lastwords.store.embedded.ChronicleLog.Roll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A log on a disk that fails to write something through, and then claims that all is well.
class FailingSyncTest {
  private static final long NOW_MILLIS = 1_795_248_000_000L;
  private static final Options OPTIONS = new Options(Roll.HOURLY, () -> NOW_MILLIS, 0);
  private final AtomicBoolean failing = new AtomicBoolean();

  private Log open(Path folder) {
    return ChronicleLog.open(
        folder,
        OPTIONS,
        file -> {
          if (failing.getAndSet(false)) {
            throw new IOException("Input/output error");
          }
          file.force(false);
        });
  }

  @Test
  void whatASyncFailedForIsDurableOnlyOnceItWasCopiedIntoANewFile(@TempDir Path folder) {
    try (Log log = open(folder)) {
      append(log, 3);
      log.sync(3);
      append(log, 2);
      failing.set(true);
      assertThatThrownBy(() -> log.sync(5))
          .isInstanceOf(UncheckedIOException.class)
          .hasMessageContaining("Input/output error");
      assertThat(log.syncFailures()).isOne();
      // The disk says that all is well now, of the same file.
      assertThatThrownBy(() -> log.sync(5)).hasMessageContaining("isn't copied");
      assertThat(log.awaitSynced(5, Duration.ofSeconds(10))).isFalse();
      assertThat(log.syncedEnd()).isEqualTo(3);

      append(log, 0); // as the receiver does each second
      append(log, 1);
      assertThat(folder.toFile().list((_, name) -> name.endsWith(Documents.SUFFIX))).hasSize(2);
      log.sync(6);
      assertThat(log.syncedEnd()).isEqualTo(6);
      assertThat(log.syncFailures()).isOne();
      assertThat(folder.toFile().list((_, name) -> name.endsWith(PackedFile.SUFFIX))).hasSize(1);
      holds(log, 6);
      append(log, 4);
      holds(log, 10);
    }
    try (Log log = open(folder)) {
      holds(log, 10);
      append(log, 1);
      holds(log, 11);
    }
  }

  @Test
  void aFileThatRetentionDeletedIsNoReasonAnyMore(@TempDir Path folder) {
    try (Log log = open(folder)) {
      append(log, 3);
      failing.set(true);
      assertThatThrownBy(() -> log.sync(3)).isInstanceOf(UncheckedIOException.class);
      append(log, 1);
      assertThat(log.retain(Duration.ofDays(1), 0, NOW_MILLIS * 1_000)).isEqualTo(3);
      log.sync(4);
      assertThat(log.syncedEnd()).isEqualTo(4);
    }
  }

  @Test
  void noOneWaitsLongerThanAskedForADiskThatIsSlow(@TempDir Path folder) {
    CountDownLatch released = new CountDownLatch(1);
    try (Log log =
        ChronicleLog.open(
            folder,
            OPTIONS,
            file -> {
              try {
                released.await();
              } catch (InterruptedException e) {
                throw new IOException(e);
              }
              file.force(false);
            })) {
      append(log, 3);
      assertThat(log.awaitSynced(3, Duration.ofMillis(50))).isFalse();
      assertThat(log.syncedEnd()).isZero();
      append(log, 1);
      released.countDown();
      assertThat(log.awaitSynced(3, Duration.ofMinutes(2))).isTrue();
      assertThat(log.awaitSynced(4, Duration.ofMinutes(2))).isTrue();
    }
  }

  @Test
  void whereTheLedgerKnowsMoreThanTheLogTheNumbersContinueBehindIt(@TempDir Path folder) {
    try (Log log = open(folder)) {
      append(log, 3);
      log.skipTo(2);
      append(log, 1);
      log.skipTo(100);
      append(log, 2);
      assertThat(log.end()).isEqualTo(102);
      try (Log.Cursor cursor = log.read(4)) {
        Datagram next = Objects.requireNonNull(cursor.next());
        assertThat(next.offset()).isEqualTo(100);
      }
    }
    try (Log log = open(folder)) {
      append(log, 1);
      assertThat(log.end()).isEqualTo(103);
    }
  }

  private static void append(Log log, int count) {
    DatagramBatch batch = new DatagramBatch();
    for (int i = 0; i < count; i++) {
      batch.add(NOW_MILLIS * 1_000, InetAddress.getLoopbackAddress(), 1, 2, new byte[180]);
    }
    log.append(batch);
  }

  private static void holds(Log log, long end) {
    assertThat(log.end()).isEqualTo(end);
    try (Log.Cursor cursor = log.read(0)) {
      for (long offset = 0; offset < end; offset++) {
        Datagram next = Objects.requireNonNull(cursor.next());
        assertThat(next.offset()).isEqualTo(offset);
      }
      assertThat(cursor.next()).isNull();
      assertThat(cursor.damaged()).isZero();
    }
  }
}
