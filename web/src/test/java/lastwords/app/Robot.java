package lastwords.app;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import lastwords.json.Json;

/// Whom a server's webhook tells: notes each call.
final class Robot implements AutoCloseable {
  private final HttpServer server;
  final List<Call> calls = new CopyOnWriteArrayList<>();

  /// A hook that fired.
  ///
  /// @param id under which it was delivered
  /// @param crash the crash's id
  record Call(String id, String crash, String title) {}

  Robot() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::called);
    server.start();
  }

  /// As a configuration file has it.
  String hook() {
    return "{name: robot, type: webhook, url: 'http://127.0.0.1:%d/', secret: whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw}"
        .formatted(server.getAddress().getPort());
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
      calls.add(
          new Call(
              exchange.getRequestHeaders().getFirst("webhook-id"),
              event.path("data").path("id").asText(),
              event.path("data").path("title").asText()));
      exchange.sendResponseHeaders(204, -1);
    }
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
