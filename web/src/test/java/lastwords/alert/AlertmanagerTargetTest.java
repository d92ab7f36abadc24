package lastwords.alert;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import lastwords.alert.Receiver.Request;
import lastwords.json.Json;
import lastwords.kernel.Alarm;
import lastwords.kernel.Crash;
import lastwords.kernel.Delivery;
import lastwords.kernel.Severity;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AlertmanagerTargetTest extends TargetContract {
  AlertmanagerTargetTest(@TempDir Path folder) {
    super(folder);
  }

  @Override
  HookSettings hook(String name, URI url) {
    return new HookSettings(name, "alertmanager", url, List.of(), Duration.ofMinutes(30));
  }

  @Override
  void assertTells(Request request, Alarm alarm, Crash crash, Delivery delivery) {
    assertThat(request.path().getPath()).isEqualTo("/in/api/v2/alerts");
    JsonNode alert = Json.read(request.body(), JsonNode.class).get(0);
    assertThat(alert.get("labels"))
        .isEqualTo(
            Json.tree(
                Map.of(
                    "alertname", "KernelCrash",
                    "signature", alarm.signature(),
                    "kind", "null-deref",
                    "category", "oops",
                    "severity", "critical",
                    "host", alarm.host(),
                    "release", "6.12.8")));
    assertThat(alert.at("/annotations/summary").textValue())
        .isEqualTo(alarm.host() + ": null-deref in ext4_do_update_inode");
    assertThat(alert.at("/annotations/description").textValue())
        .isEqualTo(crash.report().getFirst());
    assertThat(alert.at("/annotations/crash").textValue()).isEqualTo(crash.id());
    assertThat(alert.at("/startsAt").textValue()).isEqualTo(Json.time(alarm.raisedAtMicros()));
    assertThat(alert.at("/generatorURL").textValue())
        .isEqualTo("https://lastwords.example/crashes/" + crash.id());
  }

  @Test
  void anAlertThatGetsThroughHoursLaterStillFires() throws InterruptedException {
    receiver.reply(429, "Retry-After", "7200");
    Alerting alerting = raised(make.nullDeref("web1", clock.micros()));
    alerting.deliverDue();
    clock.pass(Duration.ofHours(3));
    alerting.deliverDue();
    assertThat(ends(0)).isEqualTo(Instant.parse("2026-11-21T12:30:00Z"));
    assertThat(ends(1)).isEqualTo(Instant.parse("2026-11-21T15:30:00Z"));
  }

  @Test
  void anUpdateEndsTheAlertUnderTheFormerSeverity() throws InterruptedException {
    make.panicked = false;
    Crash oops = make.lockup("web1", clock.micros());
    Alerting alerting = raised(oops);
    alerting.deliverDue();
    clock.pass(Duration.ofSeconds(4));
    ledger.put(List.of(Crashes.worse(oops, Severity.CRITICAL)));
    alerting.raiseNews();
    alerting.deliverDue();
    JsonNode alerts = Json.read(receiver.requests.getLast().body(), JsonNode.class);
    assertThat(alerts)
        .extracting(it -> it.at("/labels/severity").textValue())
        .containsExactly("error", "critical");
    assertThat(alerts)
        .extracting(it -> Instant.parse(it.get("endsAt").textValue()))
        .containsExactly(clock.instant(), clock.instant().plus(Duration.ofMinutes(30)));
    assertThat(alerts.get(0).get("startsAt")).isEqualTo(alerts.get(1).get("startsAt"));

    clock.pass(Duration.ofMinutes(1));
    alerting.remind();
    assertThat(Json.read(receiver.requests.getLast().body(), JsonNode.class))
        .as("only the one that fires is repeated")
        .extracting(it -> it.at("/labels/severity").textValue())
        .containsExactly("critical");
  }

  @Test
  void aFiringAlertIsRepeatedUntilItIsOverAndThenEndedOnce() throws InterruptedException {
    Crash crash = make.nullDeref("web1", clock.micros());
    Alerting alerting = raised(crash);
    alerting.deliverDue();
    clock.pass(Duration.ofMinutes(20));
    ledger.put(List.of(make.nullDeref("web1", clock.micros())));
    alerting.raiseNews();
    alerting.remind();
    assertThat(receiver.requests).hasSize(2);
    assertThat(ends(1)).as("its crash came again").isEqualTo("2026-11-21T12:50:00Z");

    clock.pass(Duration.ofMinutes(31));
    alerting.close();
    Alerting restarted = alerting();
    restarted.remind();
    assertThat(receiver.requests).hasSize(3);
    assertThat(ends(2)).isEqualTo(clock.instant());
    clock.pass(Duration.ofMinutes(1));
    restarted.remind();
    assertThat(receiver.requests).hasSize(3);
  }

  @Test
  void whatWaitsForATargetThatWasDownIsDeliveredByItsNextReminder() throws InterruptedException {
    receiver.reply(503);
    Crash crash = make.nullDeref("web1", clock.micros());
    Alerting alerting = raised(crash);
    alerting.deliverDue();
    assertThat(delivery(crash).state()).isEqualTo(Delivery.State.PENDING);
    alerting.remind();
    assertThat(delivery(crash).state()).isEqualTo(Delivery.State.DELIVERED);
    clock.pass(Duration.ofMinutes(1));
    alerting.deliverDue();
    assertThat(receiver.requests).hasSize(2);
  }

  @Test
  void theAddressMayAlreadyNameTheRoute() throws InterruptedException {
    ledger.put(List.of(make.nullDeref("web1", clock.micros())));
    Alerting alerting = alerting(hook(NAME, receiver.url("/am/api/v2/alerts/")));
    alerting.raiseNews();
    alerting.deliverDue();
    assertThat(onlyRequest().path().getPath()).isEqualTo("/am/api/v2/alerts");
  }

  private Instant ends(int request) {
    JsonNode alert = Json.read(receiver.requests.get(request).body(), JsonNode.class).get(0);
    return Instant.parse(alert.get("endsAt").textValue());
  }
}
