package lastwords.app;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// One host sends without an end, others say little and get into trouble meanwhile.
class FloodTest {
  private static final int FLOOD_PER_SECOND = 100_000;

  /// Sent without a look at the clock: a thread that waited for its turn catches up.
  private static final int BURST = 200;

  private static final int HOSTS = 10;
  private static final int PER_SECOND = 300;

  /// Records of each host before the flood begins; soon after it they warn.
  private static final int BEFORE = 80;

  private final Robot robot = new Robot();
  private final int port = Ports.free();
  private final InetSocketAddress to =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
  private final Path data;
  private final Path config;
  private volatile boolean enough;

  FloodTest(@TempDir Path folder) throws IOException {
    data = folder.resolve("data");
    config = robot.config(folder, data, port, "http: '127.0.0.1:0'", "alarm-severity: warning");
  }

  @AfterEach
  void close() {
    enough = true;
    robot.close();
  }

  @Test
  void whileOneHostFloodsTheOthersAreHeardAndTheirTroubleIsTold() throws InterruptedException {
    try (Child server = Child.serve("--config", config.toString());
        Choir choir = new Choir(to, 62, HOSTS, PER_SECOND)) {
      Heard heard = new Heard(data, choir);
      choir.start();
      Running.eventually(() -> Arrays.stream(choir.said()).min().orElseThrow() >= BEFORE);
      assertThat(robot.calls).isEmpty();

      AtomicLong sent = new AtomicLong();
      AtomicLong most = new AtomicLong();
      long startNanos = System.nanoTime();
      Thread flood = Thread.ofPlatform().daemon().start(() -> flood(sent));
      Running.eventually(
          () -> {
            JsonNode stats = Running.get(server.client(), "/stats");
            long behind = stats.path("appended").asLong() - stats.path("analyzed").asLong();
            most.accumulateAndGet(behind, Math::max);
            return robot.idsByCrash().size() >= HOSTS;
          });
      double seconds = (System.nanoTime() - startNanos) / 1e9;
      enough = true;
      flood.join();
      choir.fallSilent();
      Running.eventually(() -> Ports.queuedBytes(port) == 0);
      long said = Arrays.stream(choir.said()).sum();
      long drops = Ports.drops(port);
      Running.eventually(
          () -> {
            heard.readOn();
            return heard.datagrams() >= said + sent.get() - drops;
          });
      assertThat(heard.datagrams() + drops).as("all sent").isEqualTo(said + sent.get());
      if (drops == 0) {
        heard.hasAll(new long[HOSTS], choir.said());
      }
      heard.isFoundOnce(server.client(), robot);
      System.out.printf(
          Locale.ROOT,
          "%,.0f/s of %,d/s wanted for %.1f s, %,d dropped: analysis at most %,d behind; %d warnings told after %s ms%n",
          sent.get() / seconds,
          FLOOD_PER_SECOND,
          seconds,
          drops,
          most.get(),
          robot.calls.size(),
          robot.calls.stream().map(Robot.Call::millis).sorted().toList());
    }
  }

  private void flood(AtomicLong sent) {
    try (DatagramChannel channel = DatagramChannel.open()) {
      channel.bind(new InetSocketAddress(InetAddress.ofLiteral("127.63.0.1"), 0));
      channel.connect(to);
      long startNanos = System.nanoTime();
      Endless record = new Endless();
      while (!enough) {
        for (int i = 0; i < BURST; i++) {
          channel.write(record.next());
        }
        sent.addAndGet(BURST);
        long at = startNanos + sent.get() * (1_000_000_000L / FLOOD_PER_SECOND);
        LockSupport.parkNanos(at - System.nanoTime());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// A record that is the next one each time, written where the last one was: at this rate, time is
  /// for the kernel.
  private static final class Endless {
    private static final int NUMBER_END = 10;
    private static final int MICROS_END = 21;

    private final ByteBuffer bytes;
    private int number = 10_000_000;
    private int micros = 1_000_000_000;

    Endless() {
      byte[] text = ("6," + number + "," + micros + ",-;eth0: dropped a packet").getBytes(US_ASCII);
      bytes = ByteBuffer.allocateDirect(text.length).put(text);
    }

    ByteBuffer next() {
      put(NUMBER_END, number++);
      put(MICROS_END, micros += 10);
      return bytes.rewind();
    }

    private void put(int end, int value) {
      int left = value;
      for (int at = end - 1; left > 0; at--, left /= 10) {
        bytes.put(at, (byte) ('0' + left % 10));
      }
    }
  }
}
