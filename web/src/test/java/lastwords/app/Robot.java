package lastwords.app;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import lastwords.alert.HookSettings;
import lastwords.json.Json;

/// Whom a server's webhook tells: notes each call.
final class Robot implements AutoCloseable {
  private final HttpServer server;

  /// So many calls are answered with an error first.
  final AtomicInteger failures = new AtomicInteger();

  /// Those about a crash: a storm's summary and a test have none.
  final List<Call> calls = new CopyOnWriteArrayList<>();

  /// The bodies of the calls.
  final List<JsonNode> events = new CopyOnWriteArrayList<>();

  /// A hook that fired.
  ///
  /// @param id under which it was delivered
  /// @param crash the crash's id
  /// @param millis from when its headline was received until now
  record Call(String id, String crash, String title, long millis) {}

  Robot() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::called);
    server.start();
  }

  HookSettings settings() {
    return new HookSettings(
        "robot",
        "webhook",
        URI.create("http://127.0.0.1:%d/".formatted(server.getAddress().getPort())),
        List.of("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
        HookSettings.DEFAULT_RESOLVE_AFTER);
  }

  /// Writes a server's configuration file, in which this is the hook.
  ///
  /// @param more further lines of it
  Path config(Path folder, Path data, int udpPort, String... more) throws IOException {
    HookSettings hook = settings();
    List<String> lines = new ArrayList<>(List.of(more));
    lines.add("data: " + data);
    lines.add("udp: '127.0.0.1:" + udpPort + "'");
    lines.add("hooks:");
    lines.add(
        "  - {name: %s, type: %s, url: '%s', secret: %s}"
            .formatted(hook.name(), hook.type(), hook.url(), hook.secrets().getFirst()));
    return Files.write(folder.resolve("lastwords.yaml"), lines);
  }

  /// The ids under which each crash was told.
  Map<String, Set<String>> idsByCrash() {
    Map<String, Set<String>> ids = new TreeMap<>();
    for (Call call : calls) {
      ids.computeIfAbsent(call.crash(), _ -> new TreeSet<>()).add(call.id());
    }
    return ids;
  }

  private void called(HttpExchange exchange) throws IOException {
    try (exchange) {
      JsonNode event = Json.newMapper().readTree(exchange.getRequestBody());
      events.add(event);
      JsonNode data = event.path("data");
      if (data.has("received_at")) {
        calls.add(
            new Call(
                exchange.getRequestHeaders().getFirst("webhook-id"),
                data.path("id").asText(),
                data.path("title").asText(),
                Duration.between(Instant.parse(data.path("received_at").asText()), Instant.now())
                    .toMillis()));
      }
      exchange.sendResponseHeaders(failures.getAndDecrement() > 0 ? 503 : 204, -1);
    }
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
