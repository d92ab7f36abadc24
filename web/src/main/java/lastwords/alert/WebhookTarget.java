package lastwords.alert;

import com.fasterxml.jackson.databind.node.ArrayNode;
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
import lastwords.json.Json;
import lastwords.kernel.Alarm;
import lastwords.kernel.Crash;
import lastwords.kernel.Delivery;
import lastwords.store.Ledger;
import org.jspecify.annotations.Nullable;

/// Any receiver that follows Standard Webhooks 1.0.0.
///
/// The body is `{"type","timestamp","data"}`, at most [Thin#MAX_BYTES]. Types are `kernel.crash`,
/// whose data is the crash as everywhere with `alarm` and `link` added; `kernel.crash.update`, the
/// same of a crash that became worse, with what it was before; `kernel.crash.storm`; and `test`.
/// The id is the delivery's, the same at every attempt, so a receiver that has seen it can pass
/// over it. An update has an id of its own.
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
    return event("kernel.crash", alarm.raisedAtMicros(), data(alarm), crash);
  }

  @Override
  public String update(Alarm alarm, Alarm before, Crash crash, @Nullable String body) {
    ObjectNode data = data(alarm);
    data.put("previous_severity", before.severity().toString());
    data.put("was_panicked", before.panicked());
    return event("kernel.crash.update", alarm.updatedAtMicros(), data, crash);
  }

  private ObjectNode data(Alarm alarm) {
    ObjectNode data = JsonNodeFactory.instance.objectNode();
    data.put("alarm", alarm.id());
    data.put("host", alarm.host());
    data.put("link", links.crash(alarm.crash()));
    return data;
  }

  private static String event(String type, long atMicros, ObjectNode data, Crash crash) {
    data.setAll((ObjectNode) Json.tree(crash));
    ObjectNode event = event(type, atMicros, data);
    Thin.cut(event, data);
    return Json.write(event);
  }

  @Override
  public String storm(StormSummary storm) {
    ObjectNode data = JsonNodeFactory.instance.objectNode();
    data.put("id", storm.id());
    data.put("link", links.storm(storm.id()));
    data.put("severity", storm.held().severity().toString());
    data.put("alarms", storm.held().alarms());
    data.put("host_count", storm.held().hosts());
    data.put("delivered", storm.notified());
    data.put("signature_count", storm.held().signatures());
    ArrayNode signatures = data.putArray("signatures");
    for (Ledger.HeldSignature held : storm.held().largest()) {
      ObjectNode signature = signatures.addObject();
      signature.put("signature", held.signature());
      signature.put("title", Thin.text(held.title(), Thin.MAX_TEXT_CHARS));
      signature.put("kind", held.kind());
      signature.put("severity", held.severity().toString());
      signature.put("alarms", held.alarms());
      signature.put("host_count", held.hosts());
      ArrayNode hosts = signature.putArray("hosts");
      held.names().forEach(host -> hosts.add(Thin.text(host, Thin.MAX_TEXT_CHARS)));
    }
    ObjectNode event = event("kernel.crash.storm", storm.openedAtMicros(), data);
    Thin.cut(event, data);
    return Json.write(event);
  }

  @Override
  public String test(String id, long nowMicros) {
    ObjectNode data = JsonNodeFactory.instance.objectNode();
    data.put("id", id);
    data.put("text", "This is a test of the hook " + hook.name() + "; nothing happened.");
    return Json.write(event("test", nowMicros, data));
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

  private static ObjectNode event(String type, long atMicros, ObjectNode data) {
    ObjectNode event = JsonNodeFactory.instance.objectNode();
    event.put("type", type);
    event.put("timestamp", Json.time(atMicros));
    event.set("data", data);
    return event;
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
