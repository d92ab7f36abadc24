package lastwords.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import lastwords.api.CanaryFailure;
import lastwords.kernel.Host;
import lastwords.store.Ledger;
import lastwords.store.Log;
import lastwords.store.embedded.ChronicleLog;
import lastwords.store.embedded.SqliteLedger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CanaryTest {
  private static final String ALL = "receive,analyze,index,web";

  @TempDir Path data;

  @Test
  void itComesThroughAndIsAHostThatNeverLosesAnythingNorReboots() {
    try (Running running = Running.start(data)) {
      for (int i = 0; i < 3; i++) {
        JsonNode flight = running.post("/canary");
        double logged = flight.path("logged_ms").asDouble();
        double analyzed = flight.path("analyzed_ms").asDouble();
        double searchable = flight.path("searchable_ms").asDouble();
        assertThat(logged).isPositive();
        assertThat(analyzed).isGreaterThanOrEqualTo(logged);
        assertThat(searchable).isGreaterThanOrEqualTo(analyzed);
        assertThat(running.list("/messages", "query", "host:" + Host.CANARY)).hasSize(i + 1);
      }
      assertThat(running.get("/stats").at("/canary/sent").asInt()).isEqualTo(3);
    }
    try (Running again = Running.start(data)) {
      again.post("/canary");
      again.untilRead(4);
      Running.eventually(() -> host(again).messages() == 4);
      Host host = host(again);
      assertThat(host.host()).isEqualTo(Host.CANARY);
      assertThat(host.sequenceGaps()).isZero();
      assertThat(host.duplicates()).isZero();
      assertThat(host.boots()).isEqualTo(1);
      assertThat(again.get("/hosts/" + Host.CANARY).path("status").asText()).isEqualTo("canary");
      assertThat(again.crashes()).isEmpty();
      for (JsonNode reader : again.get("/stats").path("readers")) {
        assertThat(reader.at("/counts/late").asInt()).isZero();
      }
    }
  }

  @Test
  void anAllowListThatKeepsItOutIsNamed() {
    try (Running running =
        Running.start(data, ALL, Map.of(ConfigKey.ALLOW, List.of("10.0.0.0/8")))) {
      assertThatThrownBy(() -> running.post("/canary"))
          .hasMessageContainingAll("503", "allow refuses 127.76.87.67");
    }
  }

  @Test
  void oneByTheTimerThatDoesNotComeThroughMakesTheServerUnready() throws Exception {
    try (Running running =
        Running.start(
            data,
            ALL,
            Map.of(
                ConfigKey.UDP, List.of("[::]:0"),
                ConfigKey.CANARY, List.of("1s"),
                ConfigKey.ALLOW, List.of("127.76.87.67")))) {
      Running.eventually(() -> running.get("/stats").at("/canary/last").has("searchable_ms"));
      assertThat(ready(running)).contains("\"ready\"");
    }
    try (Running running =
        Running.start(
            data,
            ALL,
            Map.of(ConfigKey.CANARY, List.of("1s"), ConfigKey.ALLOW, List.of("10.0.0.0/8")))) {
      Running.eventually(() -> running.get("/stats").at("/canary/failures").asInt() > 0);
      assertThat(ready(running)).contains("\"unready\"", "no canary can pass");
    }
  }

  @Test
  void howFarItCameIsSaid() throws Exception {
    try (Log log = ChronicleLog.open(data.resolve("log"), ChronicleLog.Options.DEFAULT);
        Ledger ledger = SqliteLedger.open(data.resolve("ledger.db"));
        DatagramSocket deaf = new DatagramSocket(0, InetAddress.ofLiteral("127.0.0.1"))) {
      Canary canary =
          new Canary(
              (InetSocketAddress) deaf.getLocalSocketAddress(),
              List::of,
              log,
              ledger,
              () -> 0,
              _ -> false,
              InstantSource.system(),
              Duration.ofSeconds(1));

      assertThatThrownBy(canary::fly)
          .isInstanceOf(CanaryFailure.class)
          .hasMessageEndingWith("never came to the log within 1 s");
      assertThat(canary.problem()).contains("never came to the log");
    }
  }

  private static Host host(Running running) {
    return Objects.requireNonNull(running.hosts().get(Canary.SOURCE.getHostAddress()));
  }

  private static String ready(Running running) throws IOException, InterruptedException {
    URI ready = running.server.http().resolve("/readyz");
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client
          .send(HttpRequest.newBuilder(ready).build(), HttpResponse.BodyHandlers.ofString())
          .body();
    }
  }
}
