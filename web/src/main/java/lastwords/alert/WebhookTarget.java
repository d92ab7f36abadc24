package lastwords.alert;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Base64;
import java.util.List;
import java.util.stream.Collectors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import lastwords.alert.WebhookEvent.CrashNotice;
import lastwords.alert.WebhookEvent.StormNotice;
import lastwords.alert.WebhookEvent.StormSignature;
import lastwords.alert.WebhookEvent.TestNotice;
import lastwords.alert.WebhookEvent.UpdateNotice;
import lastwords.json.Json;
import lastwords.kernel.Alarm;
import lastwords.kernel.Crash;
import lastwords.kernel.Delivery;
import lastwords.store.Ledger;
import org.jspecify.annotations.Nullable;

/// Any receiver that follows Standard Webhooks 1.0.0.
///
/// The body is `{"type","timestamp","data"}`, at most [Thin#MAX_BYTES]; [WebhookEvent] has the
/// types and the fields of `data`. The id is the delivery's, the same at every attempt, so a
/// receiver that has seen it can pass over it. An update has an id of its own.
final class WebhookTarget implements Target {
  private final HookSettings hook;
  private final Links links;
  private final List<byte[]> keys;

  WebhookTarget(HookSettings hook, Links links) {
    this.hook = hook;
    this.links = links;
    this.keys = hook.keys();
  }

  @Override
  public String crash(Alarm alarm, Crash crash) {
    return event(
        WebhookEvent.CRASH,
        alarm.raisedAtMicros(),
        new CrashNotice(alarm.id(), links.crash(alarm.crash()), List.of()),
        alarm,
        crash);
  }

  @Override
  public String update(Alarm alarm, Alarm before, Crash crash, @Nullable String body) {
    return event(
        WebhookEvent.UPDATE,
        alarm.updatedAtMicros(),
        new UpdateNotice(
            alarm.id(),
            links.crash(alarm.crash()),
            before.severity(),
            before.panicked(),
            List.of()),
        alarm,
        crash);
  }

  private static String event(
      WebhookEvent type, long atMicros, Record notice, Alarm alarm, Crash crash) {
    ObjectNode data = (ObjectNode) Json.tree(notice);
    data.setAll((ObjectNode) Json.tree(crash));
    identity(data, alarm);
    return event(type, atMicros, data);
  }

  @Override
  public String storm(StormSummary storm) {
    Ledger.HeldAlarms held = storm.held();
    StormNotice notice =
        new StormNotice(
            storm.id(),
            links.storm(storm.id()),
            held.severity(),
            held.alarms(),
            held.hosts(),
            storm.notified(),
            held.signatures(),
            held.largest().stream().map(WebhookTarget::signature).toList(),
            List.of());
    return event(WebhookEvent.STORM, storm.openedAtMicros(), (ObjectNode) Json.tree(notice));
  }

  private static StormSignature signature(Ledger.HeldSignature held) {
    return new StormSignature(
        held.signature(),
        Thin.text(held.title(), Thin.MAX_TEXT_CHARS),
        held.kind(),
        held.severity(),
        held.alarms(),
        held.hosts(),
        held.names().stream().map(host -> Thin.text(host, Thin.MAX_TEXT_CHARS)).toList());
  }

  @Override
  public String test(String id, long nowMicros) {
    TestNotice notice =
        new TestNotice(id, "This is a test of the hook " + hook.name() + "; nothing happened.");
    return event(WebhookEvent.TEST, nowMicros, (ObjectNode) Json.tree(notice));
  }

  @Override
  public boolean takes(String body) {
    return body.startsWith("{");
  }

  @Override
  public int atOnce() {
    return 1;
  }

  @Override
  public HttpRequest request(List<Delivery> deliveries, long nowMicros) {
    Delivery delivery = deliveries.getFirst();
    String seconds = Long.toString(Json.instant(nowMicros).getEpochSecond());
    String signed = delivery.id() + "." + seconds + "." + delivery.payload();
    String signatures =
        keys.stream().map(key -> signature(key, signed)).collect(Collectors.joining(" "));
    return Target.post(hook.url(), delivery.payload().getBytes(StandardCharsets.UTF_8))
        .header("webhook-id", delivery.id())
        .header("webhook-timestamp", seconds)
        .header("webhook-signature", signatures)
        .build();
  }

  /// Who the host is, as the alarm has it: a receiver gets the same name in each delivery of one
  /// alarm.
  private static void identity(ObjectNode data, Alarm alarm) {
    data.put("host", alarm.host());
    if (alarm.hostSource() != null) {
      data.put("host_source", alarm.hostSource().toString());
      data.remove("claimed_host");
      if (alarm.claimedHost() != null) {
        data.put("claimed_host", alarm.claimedHost());
      }
    }
    if (alarm.address() != null) {
      data.put("address", alarm.address());
    }
  }

  private static String event(WebhookEvent type, long atMicros, ObjectNode data) {
    ObjectNode event = JsonNodeFactory.instance.objectNode();
    event.put("type", type.type());
    event.put("timestamp", Json.time(atMicros));
    event.set("data", data);
    Thin.cut(event, data);
    return Json.write(event);
  }

  private static String signature(byte[] key, String signed) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key, "HmacSHA256"));
      byte[] sum = mac.doFinal(signed.getBytes(StandardCharsets.UTF_8));
      return "v1," + Base64.getEncoder().encodeToString(sum);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has HmacSHA256", e);
    }
  }
}
