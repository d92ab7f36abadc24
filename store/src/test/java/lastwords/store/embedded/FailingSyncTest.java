package lastwords.store.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import lastwords.kernel.Datagram;
import lastwords.linux.Disk;
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
  void aDiskThatKeepsFailingMakesFewFiles(@TempDir Path folder) {
    try (Log log = open(folder)) {
      for (int i = 0; i < 50; i++) {
        append(log, 1);
        failing.set(true);
        assertThatThrownBy(() -> log.sync(log.end())).isInstanceOf(UncheckedIOException.class);
      }
      // Of the first file there is the copy alone.
      assertThat(folder.toFile().list((_, name) -> name.contains("F.cq4"))).hasSize(2);
      holds(log, 50);
    }
  }

  @Test
  void aFileWhoseNameMayBeLostIsCopied(@TempDir Path folder) {
    AtomicBoolean folderFails = new AtomicBoolean(true);
    FileSync sync =
        new FileSync() {
          @Override
          public void sync(FileChannel file) throws IOException {
            file.force(false);
          }

          @Override
          public void syncFolder(Path of) throws IOException {
            if (folderFails.getAndSet(false)) {
              throw new IOException("Input/output error");
            }
            Disk.sync(of);
          }
        };
    try (Log log = ChronicleLog.open(folder, OPTIONS, sync)) {
      append(log, 3);
      assertThatThrownBy(() -> log.sync(3)).hasMessageContaining("Input/output error");
      assertThat(log.isLeavingFile()).isTrue();
      append(log, 0);
      assertThat(log.isLeavingFile()).isFalse();
      log.sync(3);
      assertThat(log.syncedEnd()).isEqualTo(3);
      assertThat(folder.toFile().list((_, name) -> name.endsWith(PackedFile.SUFFIX))).hasSize(1);
      holds(log, 3);
    }
  }

  @Test
  void ofAFileTheDiskDamagedWhatIsLeftIsCopied(@TempDir Path folder) throws IOException {
    try (Log log = open(folder)) {
      append(log, 3);
      append(log, 2);
      append(log, 4);
      failing.set(true);
      assertThatThrownBy(() -> log.sync(9)).isInstanceOf(UncheckedIOException.class);
      flipAByteOfTheSecondDocument(folder);
      append(log, 1);
      log.sync(10);
      assertThat(log.syncedEnd()).isEqualTo(10);
      List<Long> offsets = new ArrayList<>();
      try (Log.Cursor cursor = log.read(0)) {
        for (Datagram next = cursor.next(); next != null; next = cursor.next()) {
          offsets.add(next.offset());
        }
      }
      assertThat(offsets).containsExactly(0L, 1L, 2L, 5L, 6L, 7L, 8L, 9L);
    }
  }

  private static void flipAByteOfTheSecondDocument(Path folder) throws IOException {
    String[] names = folder.toFile().list((_, name) -> name.endsWith(Documents.SUFFIX));
    Path file = folder.resolve(Objects.requireNonNull(names)[0]);
    try (QueueFile documents = new QueueFile(file, 0);
        RandomAccessFile written = new RandomAccessFile(file.toFile(), "rw")) {
      assertThat(documents.next()).isNotNull();
      long at = documents.position() + 100;
      written.seek(at);
      int was = written.read();
      written.seek(at);
      written.write(was ^ 1);
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
