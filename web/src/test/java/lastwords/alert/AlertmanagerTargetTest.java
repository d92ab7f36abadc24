package lastwords.alert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
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
                    "address", "10.0.0.7",
                    "host_source", "inventory",
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
  void oneNameAtTwoAddressesIsTwoAlerts() throws InterruptedException {
    Crash real = make.nullDeref("web1", clock.micros());
    make.address = "10.9.9.9";
    make.claimedHost = "db42";
    Crash forged = make.nullDeref("web1", clock.micros());
    Alerting alerting = raised(real, forged);
    alerting.deliverDue();
    JsonNode alerts = Json.read(onlyRequest().body(), JsonNode.class);
    assertThat(alerts)
        .extracting(
            it -> it.at("/labels/host").textValue(),
            it -> it.at("/labels/address").textValue(),
            it -> it.at("/labels/host_source").textValue(),
            it -> it.at("/annotations/claimed_host").textValue())
        .containsExactly(
            tuple("web1", "10.0.0.7", "inventory", null),
            tuple("web1", "10.9.9.9", "inventory", "db42"));
    assertThat(alerts).noneMatch(it -> it.get("labels").has("claimed_host"));
  }

  @Test
  void eachDiskOfAHostIsAnAlertThatEndsByItself() throws InterruptedException {
    Alerting alerting =
        raised(
            make.disk("nvme0", "web1", clock.micros()), make.disk("nvme1", "web1", clock.micros()));
    alerting.deliverDue();
    assertThat(parts(onlyRequest())).containsExactly("nvme0", "nvme1");

    clock.pass(Duration.ofMinutes(20));
    ledger.put(List.of(make.disk("nvme1", "web1", clock.micros())));
    alerting.raiseNews();
    clock.pass(Duration.ofMinutes(15));
    alerting.remind();
    assertThat(receiver.requests).hasSize(3);
    assertThat(parts(receiver.requests.get(1))).as("came again").containsExactly("nvme1");
    assertThat(ends(1)).isAfter(clock.instant());
    assertThat(parts(receiver.requests.get(2))).as("is over").containsExactly("nvme0");
    assertThat(ends(2)).isEqualTo(clock.instant());

    clock.pass(Duration.ofMinutes(20));
    alerting.remind();
    assertThat(receiver.requests).hasSize(4);
    assertThat(parts(receiver.requests.get(3))).containsExactly("nvme1");
    assertThat(ends(3)).isEqualTo(clock.instant());
  }

  @Test
  void aStormNamesHostsWithTheirAddresses() throws InterruptedException {
    Crash[] crashes = new Crash[200];
    Arrays.setAll(crashes, i -> make.nullDeref("web" + i, clock.micros()));
    Alerting alerting = raised(crashes);
    clock.pass(Duration.ofMinutes(1));
    alerting.raiseNews();
    alerting.deliverDue();
    assertThat(receiver.requests)
        .flatMap(it -> List.of(Json.read(it.body(), JsonNode[].class)))
        .filteredOn(it -> it.at("/labels/alertname").textValue().equals("KernelCrashStorm"))
        .singleElement()
        .satisfies(
            it ->
                assertThat(it.at("/annotations/description").textValue())
                    .containsPattern("web[0-9]+ \\(10\\.0\\.0\\.7\\), "));
  }

  private static List<String> parts(Request request) {
    List<String> parts = new ArrayList<>();
    Json.read(request.body(), JsonNode.class)
        .forEach(it -> parts.add(it.at("/labels/part").textValue()));
    return parts;
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
