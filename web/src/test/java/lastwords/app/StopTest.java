package lastwords.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A server that stands still for a while, as when its machine is moved, while hosts go on speaking
/// to its port.
class StopTest {
  /// `-Dlastwords.stop-seconds=10` for longer.
  private static final int SECONDS = Integer.getInteger("lastwords.stop-seconds", 2);

  private final Robot robot = new Robot();
  private final int port = Ports.free();
  private final Path data;
  private final Path config;

  StopTest(@TempDir Path folder) throws IOException {
    data = folder.resolve("data");
    config =
        robot.config(
            folder,
            data,
            port,
            "http: '127.0.0.1:0'",
            "alarm-severity: warning",
            "sockets: 1",
            "receive-buffer: 64KiB");
  }

  @AfterEach
  void close() {
    robot.close();
  }

  @Test
  void stoppedUnderLoadItCountsWhatItMissedAndHasTheRestOnce() throws InterruptedException {
    InetSocketAddress to = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    try (Child server = Child.serve("--config", config.toString());
        Choir choir = new Choir(to, 61, 8, 1_000)) {
      Heard heard = new Heard(data, choir);
      choir.start();
      Running.eventually(() -> !robot.calls.isEmpty());
      long dropsBefore = Ports.drops(port);

      server.signal("STOP");
      Thread.sleep(SECONDS * 1_000L);
      assertThat(Ports.drops(port)).as("dropped while it stood still").isGreaterThan(dropsBefore);
      long told = robot.calls.size();
      server.signal("CONT");

      Running.eventually(() -> robot.calls.size() > told);
      choir.fallSilent();
      Running.eventually(() -> Ports.queuedBytes(port) == 0);
      long said = Arrays.stream(choir.said()).sum();
      long drops = Ports.drops(port);
      Running.eventually(
          () -> {
            heard.readOn();
            return heard.datagrams() >= said - drops;
          });
      assertThat(heard.datagrams() + drops).as("in the log or counted as dropped").isEqualTo(said);
      assertThat(Running.get(server.client(), "/stats").path("socket_drops").asLong())
          .isEqualTo(drops);
      heard.isFoundOnce(server.client(), robot);
      assertThat(robot.calls).as("calls").hasSameSizeAs(heard.warnedOf());
      assertThat(server.status("/readyz")).isEqualTo(200);
      System.out.printf(
          "stopped for %d s: of %d datagrams %d dropped; %d warnings, told once each%n",
          SECONDS, said, drops, heard.warnedOf().size());
    }
  }
}
