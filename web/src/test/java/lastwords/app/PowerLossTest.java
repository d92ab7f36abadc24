package lastwords.app;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import lastwords.kernel.Datagram;
import lastwords.store.Log;
import lastwords.store.embedded.ChronicleLog;
import lastwords.store.embedded.SqliteLedger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a disk has at the moment the power fails: a copy of the block device while a server writes
/// to the file system on it, without what the kernel still holds in memory.
class PowerLossTest {
  @TempDir private Path folder = Path.of("");
  private final int udpPort = Ports.free();

  /// One for all: what comes from several may change its order.
  private final DatagramSocket socket;

  PowerLossTest() throws IOException {
    socket = new DatagramSocket();
  }

  @AfterEach
  void close() {
    socket.close();
  }

  @Test
  void aPowerFailureTakesNothingThatWasSyncedAndTheLogGoesOn() throws Exception {
    Path data = folder.resolve("disk");
    Path image = folder.resolve("image");
    Path crashed = folder.resolve("crashed");
    AtomicLong sent = new AtomicLong();
    long synced;
    try (SmallDisk disk = SmallDisk.ext4(data, image, 128)) {
      assertThat(disk.free()).isGreaterThan(64 << 20);
      try (Child server = serve(data)) {
        Thread speaking = Thread.ofPlatform().daemon().unstarted(() -> speak(sent));
        speaking.start();
        Running.eventually(() -> appended(server) > 20_000);
        long atLeast = appended(server);
        // Twice the interval later at the latest; the metric is asked in between.
        Running.eventually(() -> appended(server) > atLeast + 20_000);
        Thread.sleep(1_000);
        synced = atLeast;
        Files.copy(image, crashed);
        speaking.interrupt();
        speaking.join();
      }
    }
    Path again = folder.resolve("again");
    try (SmallDisk disk = SmallDisk.mounted(again, crashed)) {
      assertThat(disk.free()).isPositive();
      try (Child server = serve(again)) {
        long end = appended(server);
        assertThat(end).isGreaterThanOrEqualTo(synced);
        say(sent.get(), "after the failure");
        Running.eventually(() -> Running.isRead(stats(server), end + 1));
        assertThat(server.stop()).isZero();
      }
      try (Log log = ChronicleLog.openReadOnly(again.resolve("log"));
          Log.Cursor cursor = log.read(0)) {
        long offset = 0;
        long number = -1;
        for (Datagram next = cursor.next(); next != null; next = cursor.next()) {
          long said = Long.parseLong(new String(next.payload(), US_ASCII).split(",", -1)[1]);
          if (next.offset() < synced) {
            assertThat(next.offset()).isEqualTo(offset);
          }
          assertThat(said).isGreaterThan(number);
          number = said;
          offset = next.offset() + 1;
        }
        assertThat(number).as("what came after the failure").isEqualTo(sent.get());
        assertThat(offset).isEqualTo(log.end());
      }
      try (SqliteLedger ledger = SqliteLedger.openRepaired(again.resolve("ledger.db"))) {
        assertThat(ledger.offset("analysis")).isPositive();
      }
      assertThat(again.resolve("ledger.db.damaged-1")).doesNotExist();
    }
  }

  private Child serve(Path data) {
    return Child.serve(
        "--data=" + data,
        "--udp=127.0.0.1:" + udpPort,
        "--http=127.0.0.1:0",
        "--keep-free=16MiB",
        "--sync=200ms");
  }

  private static long appended(Child server) {
    return stats(server).path("appended").asLong();
  }

  private static JsonNode stats(Child server) {
    return Objects.requireNonNull(server.client().find("/stats"));
  }

  private void speak(AtomicLong sent) {
    while (!Thread.currentThread().isInterrupted()) {
      for (int i = 0; i < 100; i++) {
        say(sent.getAndIncrement(), "something long enough to fill a page now and then");
      }
      try {
        Thread.sleep(5);
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  private void say(long number, String text) {
    byte[] payload =
        "6,%d,%d,-;%s\n".formatted(number, 5_000_000 + number * 50, text).getBytes(US_ASCII);
    try {
      socket.send(
          new DatagramPacket(payload, payload.length, InetAddress.getLoopbackAddress(), udpPort));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
