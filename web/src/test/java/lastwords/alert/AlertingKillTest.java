package lastwords.alert;

import static lastwords.alert.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import lastwords.json.Json;
import lastwords.kernel.Delivery;
import lastwords.kernel.Delivery.State;
import lastwords.kernel.Severity;
import lastwords.store.Ledger;
import lastwords.store.embedded.SqliteLedger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What is left when the process is killed at any moment, shown by killing processes.
class AlertingKillTest {
  private static final int KILLS = 4;
  private static final int CRASHES = 60;

  private final Receiver robot = new Receiver();
  private final Path ledger;

  AlertingKillTest(@TempDir Path folder) {
    ledger = folder.resolve("ledger");
  }

  @AfterEach
  void close() {
    robot.close();
  }

  /// The process that is killed.
  static final class Victim {
    public static void main(String[] args) throws InterruptedException {
      SqliteLedger ledger = SqliteLedger.open(Path.of(args[0]));
      alerting(ledger, URI.create(args[1])).start();
      Thread.sleep(Duration.ofMinutes(10));
    }
  }

  @Test
  void everyAlarmArrivesAndNoneAgainThatIsRecordedAsDelivered()
      throws IOException, InterruptedException {
    Crashes make = new Crashes();
    Map<String, Long> arrivedWhenRecorded = Map.of();
    for (int kill = 0; kill < KILLS; kill++) {
      int atLeast = robot.requests.size() + 2;
      Process victim = victim();
      try (Ledger shared = SqliteLedger.open(ledger)) {
        for (int i = 0; i < CRASHES / KILLS; i++) {
          long now = Json.micros(Instant.now());
          shared.put(List.of(make.nullDeref("host" + kill + "-" + i, now)));
        }
        eventually(() -> robot.requests.size() >= atLeast);
        victim.destroyForcibly().waitFor();
        assertThat(recorded(shared)).containsAll(arrivedWhenRecorded.keySet());
        assertThat(arrived()).containsAllEntriesOf(arrivedWhenRecorded);
        arrivedWhenRecorded = arrived();
        arrivedWhenRecorded.keySet().retainAll(recorded(shared));
      }
    }
    try (Ledger shared = SqliteLedger.open(ledger);
        Alerting last = alerting(shared, robot.url("/"))) {
      last.start();
      eventually(() -> recorded(shared).size() == CRASHES);
      assertThat(arrived()).hasSize(CRASHES).containsAllEntriesOf(arrivedWhenRecorded);
      assertThat(arrived().values()).as("once, and once more a kill").allMatch(n -> n <= 1 + KILLS);
      assertThat(shared.alarms(Ledger.AlarmQuery.in("open"), null, 1000)).hasSize(CRASHES);
    }
  }

  private Process victim() throws IOException {
    return new ProcessBuilder(
            ProcessHandle.current().info().command().orElse("java"),
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            System.getProperty("java.class.path"),
            Victim.class.getName(),
            ledger.toString(),
            robot.url("/").toString())
        .inheritIO()
        .start();
  }

  private Map<String, Long> arrived() {
    return robot.requests.stream()
        .map(request -> String.valueOf(request.header("webhook-id")))
        .collect(Collectors.groupingBy(Function.identity(), Collectors.counting()));
  }

  private static Set<String> recorded(Ledger ledger) {
    return ledger.deliveries("robot", State.DELIVERED, null, 1000).stream()
        .map(Delivery::id)
        .collect(Collectors.toCollection(HashSet::new));
  }

  private static Alerting alerting(Ledger ledger, URI url) {
    HookSettings hook =
        new HookSettings(
            "robot",
            "webhook",
            url,
            List.of("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
            HookSettings.DEFAULT_RESOLVE_AFTER);
    AlertSettings settings =
        new AlertSettings(
            Duration.ofHours(24),
            Duration.ofHours(1),
            Severity.ERROR,
            AlertSettings.MAX_PER_MINUTE,
            URI.create("https://lastwords.example"),
            List.of(hook));
    return new Alerting(ledger, settings, InstantSource.system());
  }
}
