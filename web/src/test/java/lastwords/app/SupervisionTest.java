package lastwords.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import lastwords.linux.NotifySocket;
import lastwords.linux.ServiceManager;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SupervisionTest {
  private final String socket = "@lastwords-test-" + UUID.randomUUID();

  @Test
  void aServerSaysThatItIsReadyAliveAndStopping(@TempDir Path data) {
    try (NotifySocket manager = new NotifySocket(socket);
        Child server =
            Child.serve(
                Map.of("NOTIFY_SOCKET", socket, "WATCHDOG_USEC", "4000000"),
                "--data=" + data,
                "--udp=127.0.0.1:0",
                "--http=127.0.0.1:0")) {
      assertThat(manager.next()).isEqualTo("READY=1");
      assertThat(manager.next()).startsWith("STATUS=0 datagrams in the log");
      until(manager, "WATCHDOG=1");
      until(manager, "WATCHDOG=1");

      assertThat(server.stop()).isZero();
      until(manager, "STOPPING=1");
    }
  }

  private static void until(NotifySocket manager, String message) {
    String said = manager.next();
    while (!said.equals(message)) {
      assertThat(said).matches("STATUS=.*|WATCHDOG=1");
      said = manager.next();
    }
  }

  @Test
  void withAPartThatStandsItIsNotAlive() {
    AtomicLong moving = new AtomicLong();
    AtomicBoolean stands = new AtomicBoolean(true);
    Map<String, LongSupplier> parts =
        Map.of(
            "analysis",
            moving::incrementAndGet,
            "indexing",
            () -> stands.get() ? 0 : moving.incrementAndGet());
    ServiceManager told =
        ServiceManager.of(Map.of("NOTIFY_SOCKET", socket, "WATCHDOG_USEC", "40000"));
    try (NotifySocket manager = new NotifySocket(socket);
        Supervision _ = Supervision.of(parts, () -> "works", told)) {
      assertThat(manager.next()).isEqualTo("READY=1");
      for (int look = 0; look < 10; look++) {
        assertThat(manager.next()).isEqualTo("STATUS=works");
      }

      stands.set(false);
      until(manager, "WATCHDOG=1");
    }
  }

  @Test
  void itBeatsOncePerMoveOfAllParts() {
    AtomicLong one = new AtomicLong();
    AtomicLong other = new AtomicLong();
    Pulse pulse = new Pulse(Map.of("one", one::get, "other", other::get));
    assertThat(pulse.beats()).isFalse();

    one.incrementAndGet();
    assertThat(pulse.standing()).isEqualTo(List.of("other"));
    other.incrementAndGet();
    assertThat(pulse.beats()).isTrue();
    assertThat(pulse.beats()).isFalse();
  }
}
