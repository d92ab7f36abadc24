package lastwords.alert;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import lastwords.api.Samples;
import lastwords.api.Served;
import lastwords.json.Json;
import lastwords.kernel.Category;
import lastwords.kernel.Crash;
import lastwords.kernel.Delivery;
import lastwords.kernel.Severity;
import lastwords.store.Ledger;
import lastwords.store.embedded.SqliteLedger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The bodies that alerting really makes, compared with the document that the server serves.
class WebhookEventTest {
  /// What only `analyze` knows of a crash.
  private static final Set<String> NEVER_SENT = Set.of("Crash.line", "Crash.type");

  private final Clock clock = new Clock();
  private final Map<String, JsonNode> bodies = new HashMap<>();
  private final Set<String> seen = new TreeSet<>();
  private JsonNode document = Json.tree(Map.of());

  WebhookEventTest(@TempDir Path folder) {
    try (Ledger ledger = SqliteLedger.open(folder.resolve("ledger"));
        Alerting alerting = alerting(ledger)) {
      Crash oops = oops();
      ledger.put(List.of(oops));
      raiseAll(alerting);
      ledger.put(List.of(Crashes.worse(oops, Severity.CRITICAL)));
      raiseAll(alerting);
      ledger.put(stormOfLongNames());
      raiseAll(alerting);
      clock.pass(Duration.ofMinutes(1));
      raiseAll(alerting);
      alerting.test("robot");
      for (Delivery delivery : ledger.deliveries("robot", null, null, 1000)) {
        JsonNode body = Json.read(delivery.payload(), JsonNode.class);
        bodies.put(body.path("type").asText(), body);
      }
    }
  }

  @Test
  void everyBodyIsDescribedFieldByFieldAndNothingElseIs() throws Exception {
    readDocument();
    assertThat(fields(document.get("webhooks")))
        .containsExactlyInAnyOrderElementsOf(bodies.keySet())
        .containsExactlyInAnyOrderElementsOf(
            Arrays.stream(WebhookEvent.values()).map(WebhookEvent::type).toList());
    bodies.forEach(
        (type, body) -> {
          JsonNode post = document.get("webhooks").get(type).get("post");
          check(type, body, post.at("/requestBody/content/application~1json/schema"));
        });
    Set<String> described = new TreeSet<>();
    for (String name : Set.copyOf(owners())) {
      JsonNode properties = document.at("/components/schemas/" + name + "/properties");
      fields(properties).forEach(field -> described.add(name + "." + field));
    }
    described.removeAll(NEVER_SENT);
    assertThat(seen).as("each described field is in some body").containsAll(described);
  }

  @Test
  void everyFieldOfTheDataHasItsMeaningOrIsThatOfTheCrash() throws Exception {
    readDocument();
    for (WebhookEvent event : WebhookEvent.values()) {
      JsonNode own = document.at("/components/schemas/" + event.data().getSimpleName());
      assertThat(own.get("properties").properties())
          .as(event.type())
          .isNotEmpty()
          .allSatisfy(field -> assertThat(field.getValue().has("description")).isTrue());
    }
  }

  @Test
  void theReadmeNamesEveryFieldOfEveryBody() throws Exception {
    readDocument();
    String readme = Files.readString(Path.of("../README.md"));
    for (WebhookEvent event : WebhookEvent.values()) {
      assertThat(readme).contains("`" + event.type() + "`");
      JsonNode own = document.at("/components/schemas/" + event.data().getSimpleName());
      for (String field : fields(own.get("properties"))) {
        assertThat(readme).as(event.type()).contains("`" + field + "`");
      }
    }
  }

  @Test
  void whatACrashAndItsUpdateCarryIdentifiesTheHost() {
    for (String type : List.of("kernel.crash", "kernel.crash.update")) {
      JsonNode data = body(type).get("data");
      assertThat(data.get("host").textValue()).as(type).isEqualTo("web1");
      assertThat(data.get("address").textValue()).as(type).isEqualTo("10.0.0.1");
      assertThat(data.get("host_source").textValue()).as(type).isEqualTo("inventory");
      assertThat(data.get("claimed_host").textValue()).as(type).isEqualTo("db42");
    }
  }

  @Test
  void aStormNamesHostsWithTheirAddresses() {
    JsonNode hosts = body("kernel.crash.storm").at("/data/signatures/0/hosts");
    assertThat(hosts).isNotEmpty();
    assertThat(hosts)
        .allSatisfy(
            host -> assertThat(host.textValue()).matches("web[0-9]+x+ \\(10\\.0\\.0\\.7\\)"));
  }

  private JsonNode body(String type) {
    return Objects.requireNonNull(bodies.get(type), type);
  }

  private void readDocument() throws IOException, InterruptedException {
    try (Served served = new Served()) {
      document = Json.read(served.get("/openapi.json").body(), JsonNode.class);
    }
  }

  private Set<String> owners() {
    return seen.stream().map(it -> it.substring(0, it.indexOf('.'))).collect(Collectors.toSet());
  }

  /// Compares a value with its schema and notes which described fields it has.
  private void check(String at, JsonNode value, JsonNode schema) {
    if (schema.has("$ref") || schema.has("allOf")) {
      Map<String, JsonNode> properties = new HashMap<>();
      Map<String, String> owner = new HashMap<>();
      Iterable<JsonNode> parts = schema.has("allOf") ? schema.get("allOf") : List.of(schema);
      for (JsonNode part : parts) {
        String reference = part.get("$ref").asText();
        String name = reference.substring(reference.lastIndexOf('/') + 1);
        JsonNode named = document.at(reference.substring(1));
        named
            .get("properties")
            .properties()
            .forEach(it -> properties.put(it.getKey(), it.getValue()));
        fields(named.get("properties")).forEach(it -> owner.put(it, name));
        named.path("required").forEach(it -> assertThat(value.has(it.asText())).as(at).isTrue());
      }
      assertThat(value.isObject()).as(at).isTrue();
      for (Map.Entry<String, JsonNode> field : value.properties()) {
        String name = field.getKey();
        assertThat(properties).as("%s.%s is not described", at, name).containsKey(name);
        seen.add(owner.get(name) + "." + name);
        check(at + "." + name, field.getValue(), Objects.requireNonNull(properties.get(name)));
      }
      return;
    }
    String type = schema.get("type").asText();
    boolean fits =
        switch (type) {
          case "string" -> value.isTextual();
          case "integer" -> value.isIntegralNumber();
          case "number" -> value.isNumber();
          case "boolean" -> value.isBoolean();
          case "array" -> value.isArray();
          case "object" -> value.isObject();
          default -> throw new AssertionError(type);
        };
    assertThat(fits).as("%s: %s is no %s", at, value, type).isTrue();
    if (schema.has("enum")) {
      assertThat(schema.get("enum")).as(at).contains(value);
    }
    if (schema.has("const")) {
      assertThat(value).as(at).isEqualTo(schema.get("const"));
    }
    if (schema.path("format").asText().equals("date-time")) {
      assertThat(Instant.parse(value.asText())).as(at).isNotNull();
    }
    if (value.isArray()) {
      value.forEach(item -> check(at + "[]", item, schema.get("items")));
    }
    if (value.isObject()) {
      value.forEach(each -> check(at + "{}", each, schema.get("additionalProperties")));
    }
  }

  private static List<String> fields(JsonNode object) {
    return object.properties().stream().map(Map.Entry::getKey).toList();
  }

  /// Too large for a body, with all that a crash may have.
  private Crash oops() {
    ObjectNode crash = (ObjectNode) Json.tree(Samples.crash());
    crash.put("received_at", Json.time(clock.micros()));
    crash.put("severity", "error").put("panicked", false).put("suppressed", false);
    crash.put("host_source", "inventory").put("claimed_host", "db42");
    crash.put("guilty_file", "fs/ext4/inode.c").put("uid", 1000);
    crash.putArray("alt_titles").add("KASAN: null-ptr-deref in ext4_do_update_inode");
    ((ObjectNode) crash.at("/frames/0")).put("file", "fs/ext4/inode.c").put("line", 42);
    List<String> report = Collections.nCopies(1000, "ext4_do_update_inode+0x1b/0x40");
    crash.set("report", Json.tree(report));
    return Json.read(crash.toString(), Crash.class);
  }

  /// Of ten signatures on ten hosts each.
  private List<Crash> stormOfLongNames() {
    Crashes make = new Crashes();
    return IntStream.range(0, 100)
        .mapToObj(
            i ->
                make.crash(
                    "null-deref",
                    Category.OOPS,
                    Severity.CRITICAL,
                    "s" + i / 10,
                    "web" + i + "x".repeat(170),
                    clock.micros(),
                    false))
        .toList();
  }

  private static void raiseAll(Alerting alerting) {
    while (alerting.raiseNews()) {}
  }

  private Alerting alerting(Ledger ledger) {
    AlertSettings standard = AlertSettings.DEFAULT;
    HookSettings hook =
        new HookSettings(
            "robot",
            "webhook",
            URI.create("http://127.0.0.1:9/"),
            List.of("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
            HookSettings.DEFAULT_RESOLVE_AFTER);
    return new Alerting(
        ledger,
        new AlertSettings(
            standard.repeat(),
            standard.maxAge(),
            standard.severity(),
            1,
            URI.create("https://lastwords.example"),
            List.of(hook)),
        clock);
  }
}
