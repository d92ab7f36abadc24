package lastwords.alert;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.stream.Collectors;
import lastwords.json.Json;
import lastwords.kernel.Alarm;
import lastwords.kernel.Crash;
import lastwords.kernel.Delivery;

/// Prometheus' Alertmanager, by its API v2.
///
/// Labels are an alert's identity there, so they hold only what takes few values; the rest are
/// annotations. The end is set at each attempt, `resolve-after` from then: an alert that reached a
/// reader late with an end in the past would count as resolved and page nobody. Sending the same
/// alert again prolongs it.
final class AlertmanagerTarget implements Target {
  private static final String ALERTS = "/api/v2/alerts";
  private static final Duration TEST_LASTS = Duration.ofMinutes(5);
  private static final int MAX_REPORT_LINES = 30;
  private static final int MAX_DESCRIPTION_CHARS = 4000;
  private static final int MAX_LABEL_CHARS = 200;

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
    return body(alert, link);
  }

  @Override
  public String storm(Storm storm) {
    ObjectNode alert =
        alert("KernelCrashStorm", storm.gravest().toString(), storm.openedAtMicros());
    ObjectNode annotations = alert.withObjectProperty("annotations");
    annotations.put(
        "summary",
        storm.held() + " more kernel crash alarms within a minute, " + signatures(storm));
    annotations.put(
        "description",
        Thin.text(
            storm.largest().stream()
                .map(AlertmanagerTarget::line)
                .collect(Collectors.joining("\n")),
            MAX_DESCRIPTION_CHARS));
    annotations.put("storm", storm.id());
    return body(alert, links.alarms());
  }

  @Override
  public String test(String id, long nowMicros) {
    ObjectNode alert = alert("LastwordsTest", "info", nowMicros);
    alert
        .withObjectProperty("annotations")
        .put("summary", "This is a test of the hook " + hook.name() + "; nothing happened.")
        .put("test", id);
    return body(alert, links.alarms());
  }

  @Override
  public HttpRequest request(Delivery delivery, long nowMicros) {
    ArrayNode alerts = (ArrayNode) Json.read(delivery.payload(), JsonNode.class);
    ObjectNode alert = (ObjectNode) alerts.get(0);
    boolean test = alert.at("/labels/alertname").textValue().equals("LastwordsTest");
    Duration lasts = test ? TEST_LASTS : hook.resolveAfter();
    alert.put("endsAt", Json.time(nowMicros + lasts.toNanos() / 1000));
    return Target.post(url, Json.write(alerts).getBytes(StandardCharsets.UTF_8)).build();
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

  private static String signatures(Storm storm) {
    return storm.signatures() == 1
        ? "of one signature"
        : "of " + storm.signatures() + " signatures";
  }

  private static String line(Storm.Group group) {
    return group.alarms() + " × " + group.title() + ", on " + String.join(", ", group.hosts());
  }
}
