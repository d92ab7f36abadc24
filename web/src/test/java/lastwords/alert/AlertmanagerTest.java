package lastwords.alert;

import static lastwords.alert.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import lastwords.json.Json;
import lastwords.kernel.Crash;
import lastwords.kernel.Delivery.State;
import lastwords.kernel.Severity;
import lastwords.store.Ledger;
import lastwords.store.embedded.SqliteLedger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Against Prometheus' own Alertmanager, as Debian packages it; skipped where it isn't installed.
class AlertmanagerTest {
  private static final Path PROGRAM = Path.of("/usr/bin/prometheus-alertmanager");

  private final Path folder;
  private final Crashes make = new Crashes();
  private final Ledger ledger;
  private URI url = URI.create("http://127.0.0.1");
  private @Nullable Process alertmanager;
  private int port;

  AlertmanagerTest(@TempDir Path folder) {
    this.folder = folder;
    ledger = SqliteLedger.open(folder.resolve("ledger"));
  }

  @BeforeEach
  void start() throws IOException, InterruptedException {
    assumeTrue(Files.isExecutable(PROGRAM), PROGRAM + " isn't installed");
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    startProgram();
  }

  private void startProgram() throws IOException, InterruptedException {
    Path config =
        Files.writeString(
            folder.resolve("alertmanager.yml"),
            "route: {receiver: nobody}\nreceivers: [{name: nobody}]\n");
    alertmanager =
        new ProcessBuilder(
                PROGRAM.toString(),
                "--config.file=" + config,
                "--storage.path=" + folder.resolve("data"),
                "--web.listen-address=127.0.0.1:" + port,
                "--cluster.listen-address=")
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("log").toFile())
            .start();
    url = URI.create("http://127.0.0.1:" + port);
    eventually(this::isReady);
  }

  @AfterEach
  void stop() throws InterruptedException {
    ledger.close();
    if (alertmanager != null) {
      alertmanager.destroy();
      if (!alertmanager.waitFor(10, TimeUnit.SECONDS)) {
        alertmanager.destroyForcibly();
      }
    }
  }

  @Test
  void aCrashIsOneFiringAlertHoweverOftenItIsSent() throws IOException, InterruptedException {
    Instant crashed = Instant.now().truncatedTo(ChronoUnit.MILLIS);
    ledger.put(List.of(make.nullDeref("web1", Json.micros(crashed))));
    try (Alerting alerting = alerting()) {
      alerting.raiseNews();
      alerting.deliverDue();
      assertThat(ledger.delivery("ac1000.am").orElseThrow().state()).isEqualTo(State.DELIVERED);
      JsonNode alert = onlyAlert();
      assertThat(alert.get("labels"))
          .isEqualTo(
              Json.read(
                  """
                  {"alertname": "KernelCrash", "signature": "00112233445566aa",
                   "kind": "null-deref", "category": "oops", "severity": "critical",
                   "host": "web1", "address": "10.0.0.7", "host_source": "inventory",
                   "release": "6.12.8"}
                  """,
                  JsonNode.class));
      assertThat(alert.at("/status/state").textValue()).isEqualTo("active");
      assertThat(alert.at("/annotations/crash").textValue()).isEqualTo("c1000");
      assertThat(alert.at("/annotations/link").textValue())
          .isEqualTo("http://127.0.0.1:8066/crashes/c1000");
      assertThat(alert.get("generatorURL")).isEqualTo(alert.at("/annotations/link"));
      Instant starts = Instant.parse(alert.get("startsAt").textValue());
      Instant ends = Instant.parse(alert.get("endsAt").textValue());
      assertThat(starts).isEqualTo(crashed);
      assertThat(Duration.between(starts, ends))
          .isBetween(Duration.ofMinutes(60), Duration.ofMinutes(61));

      ledger.update(
          Attempts.again(ledger.delivery("ac1000.am").orElseThrow(), Json.micros(Instant.now())));
      alerting.deliverDue();
      assertThat(alerting.hooks().getFirst().delivered()).isEqualTo(2);
      assertThat(onlyAlert().get("fingerprint")).isEqualTo(alert.get("fingerprint"));
    }
  }

  @Test
  void aStormAndATestAreAcceptedToo() throws IOException, InterruptedException {
    for (int host = 0; host < 10; host++) {
      ledger.put(List.of(make.nullDeref("web" + host, Json.micros(Instant.now()))));
    }
    InstantSource later = InstantSource.offset(InstantSource.system(), Duration.ofMinutes(1));
    try (Alerting now = alerting()) {
      now.raiseNews();
      now.test("am");
      try (Alerting minuteLater = alerting(later)) {
        minuteLater.raiseNews();
        minuteLater.deliverDue();
      }
    }
    assertThat(alerts())
        .extracting(alert -> alert.at("/labels/alertname").textValue())
        .containsOnly("KernelCrash", "KernelCrashStorm", "LastwordsTest")
        .hasSize(6);
  }

  @Test
  void afterAnAlertmanagerWasKilledAllAlertsAreThereAgain()
      throws IOException, InterruptedException {
    for (int host = 0; host < 155; host++) {
      ledger.put(List.of(make.nullDeref("web" + host, Json.micros(Instant.now()))));
    }
    try (Alerting alerting = alerting(1_000, InstantSource.system())) {
      alerting.raiseNews();
      InstantSource later = InstantSource.offset(InstantSource.system(), Duration.ofSeconds(31));
      try (Alerting release = alerting(1_000, later)) {
        release.raiseNews();
      }
      alerting.deliverDue();
      assertThat(alerts()).hasSize(155);

      Process killed = Objects.requireNonNull(alertmanager);
      killed.destroyForcibly().waitFor();
      alerting.remind();
      startProgram();
      assertThat(alerts()).isEmpty();
      alerting.remind();
      assertThat(alerts()).hasSize(155);
    }
  }

  @Test
  void anAlertThatEscalatesIsOneFiringAlertUnderItsNewSeverity()
      throws IOException, InterruptedException {
    make.panicked = false;
    Crash oops = make.lockup("web1", Json.micros(Instant.now()));
    ledger.put(List.of(oops));
    try (Alerting alerting = alerting()) {
      alerting.raiseNews();
      alerting.deliverDue();
      assertThat(onlyAlert().at("/labels/severity").textValue()).isEqualTo("error");
      ledger.put(List.of(Crashes.worse(oops, Severity.CRITICAL)));
      alerting.raiseNews();
      alerting.deliverDue();
      assertThat(onlyAlert().at("/labels/severity").textValue()).isEqualTo("critical");
      alerting.remind();
      assertThat(onlyAlert().at("/labels/severity").textValue()).isEqualTo("critical");
    }
  }

  private Alerting alerting() {
    return alerting(InstantSource.system());
  }

  private Alerting alerting(InstantSource clock) {
    return alerting(4, clock);
  }

  private Alerting alerting(int perMinute, InstantSource clock) {
    AlertSettings standard = AlertSettings.DEFAULT;
    HookSettings hook =
        new HookSettings("am", "alertmanager", url, List.of(), HookSettings.DEFAULT_RESOLVE_AFTER);
    return new Alerting(
        ledger,
        new AlertSettings(
            standard.repeat(),
            standard.maxAge(),
            standard.severity(),
            perMinute,
            standard.publicUrl(),
            List.of(hook)),
        clock);
  }

  private JsonNode onlyAlert() throws IOException, InterruptedException {
    JsonNode alerts = alerts();
    assertThat(alerts).hasSize(1);
    return alerts.get(0);
  }

  private JsonNode alerts() throws IOException, InterruptedException {
    return Json.read(get("/api/v2/alerts").body(), JsonNode.class);
  }

  private boolean isReady() {
    try {
      return get("/-/ready").statusCode() == 200;
    } catch (IOException notYet) {
      return false;
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private HttpResponse<String> get(String path) throws IOException, InterruptedException {
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client.send(
          HttpRequest.newBuilder(url.resolve(path)).build(), HttpResponse.BodyHandlers.ofString());
    }
  }
}
