package lastwords.alert;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import lastwords.json.Json;
import lastwords.kernel.Alarm;
import lastwords.kernel.Crash;
import lastwords.kernel.Delivery;
import lastwords.store.Ledger;
import org.jspecify.annotations.Nullable;

/// Prometheus' Alertmanager, by its API v2.
///
/// Labels are an alert's identity there, so they hold only what takes few values; the rest are
/// annotations. `address` is a label: one name at two addresses is two alerts. So is `part`: two
/// disks of one host are two alerts, each with an end of its own. `host_source` is a label too, so
/// that routes can ask for hosts that the inventory names. All of these are the alarm's, which
/// keeps what it was raised with, so neither a repeat nor an update changes them. A `claimed_host`
/// is the sender's own text and takes any number of values: an annotation. The end is set at each
/// attempt, `resolve-after` from then: an alert that reached a reader late with an end in the past
/// would count as resolved and page nobody. Sending the same alert again prolongs it; [Reminders]
/// does, since an Alertmanager that restarts forgets its alerts.
///
/// The severity is a label, since routes and inhibitions match it, and with it part of an alert's
/// identity. So an update that changes it is two alerts in one request: the alert under the former
/// severity with its end, and the alert under the new one, which is new to Alertmanager and
/// escalates. Were severity an annotation, a page for an `error` would never become one for a
/// `critical`. An update that changes no label is the same alert again, with new annotations.
final class AlertmanagerTarget implements Target {
  private static final String ALERTS = "/api/v2/alerts";
  private static final Duration TEST_LASTS = Duration.ofMinutes(5);
  private static final int MAX_REPORT_LINES = 30;
  private static final int MAX_DESCRIPTION_CHARS = 4000;
  private static final int MAX_LABEL_CHARS = 200;

  /// Alerts in one request: a body of some hundred kilobytes.
  private static final int MAX_AT_ONCE = 100;

  private static final String TEST = "LastwordsTest";
  private static final String LABELS = "labels";
  private static final String ENDS_AT = "endsAt";

  private final HookSettings hook;
  private final Links links;
  private final URI url;

  AlertmanagerTarget(HookSettings hook, Links links) {
    this.hook = hook;
    this.links = links;
    String base = hook.url().toString().replaceFirst("/+$", "");
    this.url = URI.create(base.endsWith(ALERTS) ? base : base + ALERTS);
  }

  @Override
  public String crash(Alarm alarm, Crash crash) {
    String link = links.crash(alarm.crash());
    ObjectNode alert = alert("KernelCrash", alarm.severity().toString(), alarm.raisedAtMicros());
    ObjectNode labels = alert.withObjectProperty("labels");
    labels.put("signature", alarm.signature());
    labels.put("kind", alarm.kind());
    labels.put("category", crash.category().toString());
    labels.put("host", Thin.text(alarm.host(), MAX_LABEL_CHARS));
    if (alarm.address() != null) {
      labels.put("address", Thin.text(alarm.address(), MAX_LABEL_CHARS));
    }
    if (alarm.hostSource() != null) {
      labels.put("host_source", alarm.hostSource().toString());
    }
    if (alarm.part() != null) {
      labels.put("part", Thin.text(alarm.part(), MAX_LABEL_CHARS));
    }
    if (crash.kernel() != null) {
      labels.put("release", Thin.text(crash.kernel(), MAX_LABEL_CHARS));
    }
    ObjectNode annotations = alert.withObjectProperty("annotations");
    annotations.put(
        "summary",
        Thin.text(
            alarm.host() + ": " + alarm.title() + (alarm.part() == null ? "" : ", " + alarm.part()),
            MAX_DESCRIPTION_CHARS));
    annotations.put("description", description(crash));
    annotations.put("alarm", alarm.id());
    annotations.put("crash", alarm.crash());
    if (alarm.claimedHost() != null) {
      annotations.put("claimed_host", Thin.text(alarm.claimedHost(), MAX_LABEL_CHARS));
    }
    return body(alert, link);
  }

  @Override
  public String update(Alarm alarm, Alarm before, Crash crash, @Nullable String body) {
    ArrayNode alerts = (ArrayNode) Json.read(crash(alarm, crash), JsonNode.class);
    if (body != null) {
      for (JsonNode former : Json.read(body, JsonNode.class)) {
        if (!former.has(ENDS_AT) && !former.get(LABELS).equals(alerts.get(0).get(LABELS))) {
          alerts.insert(0, ((ObjectNode) former).put(ENDS_AT, Json.time(alarm.updatedAtMicros())));
        }
      }
    }
    return Json.write(alerts);
  }

  @Override
  public String storm(StormSummary storm) {
    Ledger.HeldAlarms held = storm.held();
    ObjectNode alert =
        alert("KernelCrashStorm", held.severity().toString(), storm.openedAtMicros());
    ObjectNode annotations = alert.withObjectProperty("annotations");
    annotations.put(
        "summary",
        "%d more kernel crash alarms on %s within a minute, of %s"
            .formatted(
                held.alarms(),
                counted(held.hosts(), "host"),
                counted(held.signatures(), "signature")));
    annotations.put(
        "description",
        Thin.text(
            held.largest().stream().map(AlertmanagerTarget::line).collect(Collectors.joining("\n")),
            MAX_DESCRIPTION_CHARS));
    annotations.put("storm", storm.id());
    return body(alert, links.storm(storm.id()));
  }

  @Override
  public String test(String id, long nowMicros) {
    ObjectNode alert = alert(TEST, "info", nowMicros);
    alert
        .withObjectProperty("annotations")
        .put("summary", "This is a test of the hook " + hook.name() + "; nothing happened.")
        .put("test", id);
    return body(alert, links.home());
  }

  @Override
  public boolean takes(String body) {
    return body.startsWith("[");
  }

  @Override
  public int atOnce() {
    return MAX_AT_ONCE;
  }

  @Override
  public HttpRequest request(List<Delivery> deliveries, long nowMicros) {
    ArrayNode all = JsonNodeFactory.instance.arrayNode();
    for (Delivery delivery : deliveries) {
      for (JsonNode alert : Json.read(delivery.payload(), JsonNode.class)) {
        if (!alert.has(ENDS_AT)) {
          ((ObjectNode) alert).put(ENDS_AT, Json.time(nowMicros + lastsMicros(alert)));
        }
        all.add(alert);
      }
    }
    return post(all);
  }

  HttpRequest post(ArrayNode alerts) {
    return Target.post(url, Json.write(alerts).getBytes(StandardCharsets.UTF_8)).build();
  }

  /// The alert of a delivery as it is posted again, null once it is over.
  ///
  /// @param lastSeenMicros when its crash was last seen
  @Nullable ObjectNode firing(Delivery delivery, long lastSeenMicros, long nowMicros) {
    ObjectNode alert = current(delivery);
    long endMicros = lastSeenMicros + lastsMicros(alert);
    return endMicros <= nowMicros ? null : alert.put(ENDS_AT, Json.time(endMicros));
  }

  /// The alert of a delivery as it is posted when it is over.
  ObjectNode over(Delivery delivery, long nowMicros) {
    return current(delivery).put(ENDS_AT, Json.time(nowMicros));
  }

  /// Without the alert that an update ended.
  private static ObjectNode current(Delivery delivery) {
    JsonNode alerts = Json.read(delivery.payload(), JsonNode.class);
    return (ObjectNode) alerts.get(alerts.size() - 1);
  }

  /// An alert's identity, as text.
  static String identity(ObjectNode alert) {
    return Json.write(alert.get(LABELS));
  }

  private long lastsMicros(JsonNode alert) {
    boolean test = alert.path(LABELS).path("alertname").asText().equals(TEST);
    return TimeUnit.MICROSECONDS.convert(test ? TEST_LASTS : hook.resolveAfter());
  }

  private static ObjectNode alert(String name, String severity, long startsAtMicros) {
    ObjectNode alert = JsonNodeFactory.instance.objectNode();
    alert.withObjectProperty("labels").put("alertname", name).put("severity", severity);
    alert.put("startsAt", Json.time(startsAtMicros));
    return alert;
  }

  private static String body(ObjectNode alert, String link) {
    alert.put("generatorURL", link);
    alert.withObjectProperty("annotations").put("link", link);
    return Json.write(JsonNodeFactory.instance.arrayNode().add(alert));
  }

  private static String description(Crash crash) {
    String report =
        crash.report().stream().limit(MAX_REPORT_LINES).collect(Collectors.joining("\n"));
    return Thin.text(report, MAX_DESCRIPTION_CHARS);
  }

  private static String counted(long number, String noun) {
    return number == 1 ? "one " + noun : number + " " + noun + "s";
  }

  private static String line(Ledger.HeldSignature held) {
    String others = held.hosts() > held.names().size() ? ", …" : "";
    return "%s: %d × %s, on %s: %s%s"
        .formatted(
            held.severity(),
            held.alarms(),
            held.title(),
            counted(held.hosts(), "host"),
            String.join(", ", held.names()),
            others);
  }
}
