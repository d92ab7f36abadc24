package lastwords.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A server that is killed again and again while hosts go on speaking to its port.
///
/// What must be there is known without the server: the hosts number what they say, the kernel
/// counts what a socket drops, and the log's files are read by this process while the server still
/// writes them.
class KillTest {
  /// Fifty take some minutes: `-Dlastwords.kills=50`. Deliveries that may be under way to one
  /// target.
  private static final int AT_ONCE = 16;

  private static final int KILLS = Integer.getInteger("lastwords.kills", 5);

  private static final int HOSTS = 8;
  private static final int PER_SECOND = 500;

  /// Every so many kills one hits a server that is still starting, and one a server that lived
  /// longer than a checkpoint takes to come.
  private static final int STARTING_EVERY = 4;

  private static final int LONG_LIFE_EVERY = 8;

  private final Random random = new Random(20261121);
  private final Robot robot = new Robot();
  private final int port = Ports.free();
  private final Path data;
  private final Path config;

  KillTest(@TempDir Path folder) throws IOException {
    data = folder.resolve("data");
    config =
        robot.config(
            folder,
            data,
            port,
            "http: '127.0.0.1:0'",
            "alarm-severity: warning",
            "alarms-per-minute: 10000");
  }

  @AfterEach
  void close() {
    robot.close();
  }

  @Test
  void killedAtAnyMomentItHasAllThatWasAppendedAndNothingTwice() throws InterruptedException {
    InetSocketAddress to = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    try (Choir choir = new Choir(to, 60, HOSTS, PER_SECOND)) {
      Heard heard = new Heard(data, choir);
      choir.start();
      for (int kill = 1; kill <= KILLS; kill++) {
        try (Child server = Child.start("--config", config.toString())) {
          if (kill % STARTING_EVERY == 0) {
            Thread.sleep(random.nextInt(3_000));
          } else {
            hearSome(server, choir, heard, kill % LONG_LIFE_EVERY == 1 && kill > 1);
          }
          server.kill();
        }
        heard.readOn();
      }
      int callsAtLastKill = robot.calls.size();
      try (Child server = Child.serve("--config", config.toString())) {
        choir.fallSilent();
        Running.eventually(() -> Ports.queuedBytes(port) == 0);
        Running.eventually(
            () -> {
              heard.readOn();
              return heard.hasUpTo(choir.said());
            });
        heard.isStillAllThere(data);
        heard.isFoundOnce(server.client(), robot);
        System.out.printf(
            "%d kills: %d of %d datagrams in the log, %d warnings told by %d calls, %d after the last kill%n",
            KILLS,
            heard.datagrams(),
            Arrays.stream(choir.said()).sum(),
            heard.warnedOf().size(),
            robot.calls.size(),
            robot.calls.size() - callsAtLastKill);
        // At least once, under the same id: a kill may come between calls and their notes.
        assertThat(robot.calls).hasSizeLessThanOrEqualTo(heard.warnedOf().size() + KILLS * AT_ONCE);
        assertThat(server.stop()).isZero();
      }
    }
  }

  /// Lives a while, and until all that was said since it listens is in the log: the kernel dropped
  /// nothing.
  private void hearSome(Child server, Choir choir, Heard heard, boolean longLife)
      throws InterruptedException {
    server.awaitListening();
    long[] from = choir.said();
    Thread.sleep(longLife ? 11_000 : 200 + random.nextInt(1_000));
    long[] to = choir.said();
    Running.eventually(
        () -> {
          heard.readOn();
          return heard.hasUpTo(to);
        });
    assertThat(Ports.drops(port)).isZero();
    heard.hasAll(from, to);
    JsonNode stats = Running.get(server.client(), "/stats");
    Thread.sleep(random.nextInt(300));
    server.kill();
    heard.readOn();
    assertThat(heard.datagrams()).isGreaterThanOrEqualTo(stats.path("appended").asLong());
  }
}
