package lastwords.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import lastwords.api.Status;
import lastwords.store.DatagramBatch;
import lastwords.store.Log;
import lastwords.store.embedded.ChronicleLog;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DiskOutlookTest {
  private static final long SECOND = 1_000_000;
  private static final long HOUR = 3_600 * SECOND;
  private static final Duration MONTH = Duration.ofDays(30);
  private static final long NOW = 1_795_248_000L * SECOND;

  @TempDir Path folder;

  @Test
  void theDiskIsFullWhenWhatIsLeftIsUsedAtThisRate() {
    Status.Disk disk = new DiskOutlook(8, 2).status(1_000, 0, MONTH, 1L << 40);

    assertThat(disk.fullInSeconds()).isEqualTo(100);
    assertThat(disk.bytesPerDay()).isEqualTo(864_000);
    assertThat(disk.logLimitInSeconds()).isNull();
  }

  @Test
  void orTheLogReachesItsLimitBefore() {
    Status.Disk disk = new DiskOutlook(10, 0).status(1_000, 50, MONTH, 150);

    assertThat(disk.fullInSeconds()).isNull();
    assertThat(disk.logLimitInSeconds()).isEqualTo(10);
    assertThat(new DiskOutlook(10, 0).status(1_000, 200, MONTH, 150).logLimitInSeconds()).isZero();
  }

  @Test
  void orNeitherSinceAsMuchGoesAsComes() {
    Status.Disk disk = new DiskOutlook(10, 0).status(1 << 20, 0, Duration.ofMinutes(1), 1L << 40);

    assertThat(disk.fullInSeconds()).isNull();
    assertThat(disk.logLimitInSeconds()).isNull();
  }

  @Test
  void theRateIsThatOfTheLastDayAndUnknownForAYoungLog() {
    try (Log log = ChronicleLog.open(folder, ChronicleLog.Options.DEFAULT)) {
      assertThat(DiskOutlook.of(log, 0, NOW).status(1, 0, MONTH, 1).bytesPerDay()).isNull();
      DatagramBatch batch = new DatagramBatch();
      for (int i = 0; i < 100; i++) {
        batch.add(NOW - (100 - i) * HOUR, InetAddress.getLoopbackAddress(), 1, 2, new byte[1]);
        if (batch.count() == 10) {
          log.append(batch);
        }
      }

      DiskOutlook outlook = DiskOutlook.of(log, 100, NOW);

      // An hour a datagram, each with a byte of the index.
      assertThat(outlook.indexBytesPerSecond() * 3_600).isEqualTo(1);
      assertThat(outlook.logBytesPerSecond() * 3_600 * 100)
          .isEqualTo((double) log.allocatedBytes());
      assertThat(DiskOutlook.of(log, 0, NOW - 100 * HOUR + SECOND)).isEqualTo(DiskOutlook.UNKNOWN);
    }
  }
}
