package lastwords.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServiceManagerTest {
  @Test
  void whatIsSaidArrivesAtASocketWithAPath(@TempDir Path folder) {
    saysAllOf(folder.resolve("notify").toString());
  }

  @Test
  void whatIsSaidArrivesAtAnAbstractSocket() {
    saysAllOf("@lastwords-test-" + UUID.randomUUID());
  }

  private static void saysAllOf(String socket) {
    try (NotifySocket received = new NotifySocket(socket)) {
      ServiceManager manager = ServiceManager.of(Map.of("NOTIFY_SOCKET", socket));
      assertThat(manager.isThere()).isTrue();
      manager.status("reads ä log,\nfrom the start");
      manager.ready();
      manager.alive();
      manager.stopping();

      assertThat(received.next()).isEqualTo("STATUS=reads ä log, from the start");
      assertThat(received.next()).isEqualTo("READY=1");
      assertThat(received.next()).isEqualTo("WATCHDOG=1");
      assertThat(received.next()).isEqualTo("STOPPING=1");
    }
  }

  @Test
  void withoutOneNothingIsSaid() {
    ServiceManager none = ServiceManager.of(Map.of());

    assertThat(none.isThere()).isFalse();
    assertThat(none.watchdog()).isEmpty();
    none.ready();
  }

  @Test
  void aSocketThatIsGoneStopsNothing(@TempDir Path folder) {
    ServiceManager.of(Map.of("NOTIFY_SOCKET", folder.resolve("gone").toString())).ready();
    ServiceManager.of(Map.of("NOTIFY_SOCKET", "vsock:2:1234")).ready();
  }

  @Test
  void theWatchdogIsThisProcessesOnly() {
    String own = Long.toString(ProcessHandle.current().pid());
    assertThat(watchdog("20000000", own)).isEqualTo(Duration.ofSeconds(20));
    assertThat(watchdog("20000000", "")).isEqualTo(Duration.ofSeconds(20));
    assertThat(watchdog("20000000", "1")).isNull();
    assertThat(watchdog("0", own)).isNull();
    assertThat(watchdog("soon", own)).isNull();
  }

  private static @Nullable Duration watchdog(String micros, String pid) {
    return ServiceManager.of(
            Map.of("NOTIFY_SOCKET", "@x", "WATCHDOG_USEC", micros, "WATCHDOG_PID", pid))
        .watchdog()
        .orElse(null);
  }
}
