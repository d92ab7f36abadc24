package lastwords.alert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import lastwords.alert.Receiver.Request;
import lastwords.json.Json;
import lastwords.kernel.Alarm;
import lastwords.kernel.Category;
import lastwords.kernel.Crash;
import lastwords.kernel.Delivery;
import lastwords.kernel.Severity;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WebhookTargetTest extends TargetContract {
  private static final String OLD = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
  private static final String NEW = "whsec_" + "C".repeat(64);

  WebhookTargetTest(@TempDir Path folder) {
    super(folder);
  }

  @Override
  HookSettings hook(String name, URI url) {
    return new HookSettings(
        name, "webhook", url, List.of(OLD, NEW), HookSettings.DEFAULT_RESOLVE_AFTER);
  }

  @Override
  void assertTells(Request request, Alarm alarm, Crash crash, Delivery delivery) {
    assertThat(request.header("webhook-id")).isEqualTo(alarm.id() + "." + NAME);
    assertThat(request.body()).isEqualTo(delivery.payload());
    String timestamp = request.header("webhook-timestamp");
    assertThat(timestamp).matches("[0-9]{10}");
    String signed = request.header("webhook-id") + "." + timestamp + "." + request.body();
    assertThat(request.header("webhook-signature"))
        .isEqualTo("v1," + hmac(OLD, signed) + " v1," + hmac(NEW, signed));

    JsonNode event = Json.read(request.body(), JsonNode.class);
    assertThat(event.at("/type").textValue()).isEqualTo("kernel.crash");
    assertThat(event.at("/timestamp").textValue())
        .isEqualTo(Json.time(alarm.raisedAtMicros()))
        .endsWith("Z");
    assertThat(event.at("/data/alarm").textValue()).isEqualTo(alarm.id());
    assertThat(event.at("/data/host").textValue()).isEqualTo(crash.host());
    assertThat(event.at("/data/address").textValue()).isEqualTo("10.0.0.7");
    assertThat(event.at("/data/host_source").textValue()).isEqualTo("inventory");
    assertThat(event.at("/data").has("claimed_host")).isFalse();
    assertThat(event.at("/data/link").textValue())
        .isEqualTo("https://lastwords.example/crashes/" + crash.id());
    assertThat(event.at("/data/severity").textValue()).isEqualTo("critical");
    assertThat(event.at("/data/report/0").textValue()).isEqualTo(crash.report().getFirst());
    assertThat(event.at("/data/cut").isMissingNode()).isTrue();
  }

  @Test
  void aClaimedNameStaysApartFromTheHosts() throws InterruptedException {
    make.claimedHost = "db42";
    make.panicked = false;
    Crash oops = make.lockup("web1", clock.micros());
    Alerting alerting = raised(oops);
    alerting.deliverDue();
    ledger.put(List.of(Crashes.worse(oops, Severity.CRITICAL)));
    alerting.raiseNews();
    alerting.deliverDue();
    assertThat(receiver.requests)
        .extracting(it -> Json.read(it.body(), JsonNode.class))
        .extracting(
            it -> it.at("/type").textValue(),
            it -> it.at("/data/host").textValue(),
            it -> it.at("/data/address").textValue(),
            it -> it.at("/data/host_source").textValue(),
            it -> it.at("/data/claimed_host").textValue())
        .containsExactly(
            tuple("kernel.crash", "web1", "10.0.0.7", "inventory", "db42"),
            tuple("kernel.crash.update", "web1", "10.0.0.7", "inventory", "db42"));
  }

  /// The example of the standard itself.
  @Test
  void theSignatureIsThatOfTheStandard() {
    assertThat(hmac(OLD, "msg_p5jXN8AQM9LWM0D4loKWxJek.1614265330.{\"test\": 2432232314}"))
        .isEqualTo("g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
  }

  @Test
  void aHugeCrashIsCutBelowTheLimitAndSaysSo() throws InterruptedException {
    List<String> lines = Collections.nCopies(2000, "ext4_do_update_inode+0x1b/0x40 \u00e9");
    ledger.put(List.of(huge(lines, List.of("the very last"))));
    Alerting alerting = alerting();
    alerting.raiseNews();
    alerting.deliverDue();
    String body = onlyRequest().body();
    assertThat(body.getBytes(StandardCharsets.UTF_8)).hasSizeLessThan(20_000);
    JsonNode data = Json.read(body, JsonNode.class).get("data");
    assertThat(data.get("report")).hasSizeGreaterThan(100);
    assertThat(data.get("cut")).extracting(JsonNode::textValue).contains("report");
  }

  @Test
  void lastWordsLoseTheirOldestLinesFirst() throws InterruptedException {
    List<String> lines = new ArrayList<>(Collections.nCopies(1000, "x".repeat(50)));
    lines.add("the very last");
    ledger.put(List.of(huge(List.of("BUG: short"), lines)));
    Alerting alerting = alerting();
    alerting.raiseNews();
    alerting.deliverDue();
    JsonNode data = Json.read(onlyRequest().body(), JsonNode.class).get("data");
    assertThat(data.get("cut")).extracting(JsonNode::textValue).containsExactly("last_words");
    assertThat(data.get("report")).hasSize(1);
    JsonNode lastWords = data.get("last_words");
    assertThat(lastWords.get(lastWords.size() - 1).textValue()).isEqualTo("the very last");
  }

  @Test
  void evenAHostileCrashFits() throws InterruptedException {
    Crash crash =
        make.crash(
            "null-deref\u0001".repeat(5000),
            Category.OOPS,
            Severity.CRITICAL,
            "s",
            "web1",
            clock.micros(),
            false,
            List.of("\u0000".repeat(60_000)),
            List.of("\ud83d".repeat(60_000)));
    Alerting alerting = raised(crash);
    alerting.deliverDue();
    assertThat(onlyRequest().body().getBytes(StandardCharsets.UTF_8)).hasSizeLessThan(20_000);
  }

  private Crash huge(List<String> report, List<String> lastWords) {
    return make.crash(
        "null-deref",
        Category.OOPS,
        Severity.CRITICAL,
        Crashes.NULL_DEREF,
        "web1",
        clock.micros(),
        false,
        report,
        lastWords);
  }

  /// As the standard says it, by other means than the target's.
  private static String hmac(String secret, String signed) {
    try {
      byte[] key = Base64.getDecoder().decode(secret.substring("whsec_".length()));
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key, "HmacSHA256"));
      return Base64.getEncoder()
          .encodeToString(mac.doFinal(signed.getBytes(StandardCharsets.UTF_8)));
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }
}
