package lastwords.app;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import lastwords.json.Json;

/// A webhook receiver that keeps what the control hosts' crashes need to be judged, and counts the
/// rest.
final class SoakReceiver implements AutoCloseable {
  private static final int THREADS = 4;

  private final HttpServer server;
  private final ExecutorService threads = Executors.newFixedThreadPool(THREADS);

  /// Events whose title contains this word are kept.
  private final String kept;

  final Queue<Event> events = new ConcurrentLinkedQueue<>();
  final AtomicLong all = new AtomicLong();
  final AtomicLong summaries = new AtomicLong();

  /// How often each delivery id came.
  private final Map<String, Integer> ids = new ConcurrentHashMap<>();

  /// @param nanos when it arrived
  record Event(String id, String type, JsonNode data, long nanos) {}

  SoakReceiver(String kept) throws IOException {
    this.kept = kept;
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 512);
    server.setExecutor(threads);
    server.createContext("/", this::received);
    server.start();
  }

  String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort() + "/secret-path";
  }

  /// Deliveries that were made more than once.
  long repeated() {
    return ids.values().stream().filter(times -> times > 1).count();
  }

  private void received(HttpExchange exchange) throws IOException {
    try (exchange) {
      JsonNode event = Json.newMapper().readTree(exchange.getRequestBody());
      String id = exchange.getRequestHeaders().getFirst("webhook-id");
      String type = event.path("type").asText();
      all.incrementAndGet();
      ids.merge(id, 1, Integer::sum);
      if (type.equals("kernel.crash.storm")) {
        summaries.incrementAndGet();
      }
      if (event.at("/data/title").asText().contains(kept)) {
        events.add(new Event(id, type, event.path("data"), System.nanoTime()));
      }
      exchange.sendResponseHeaders(204, -1);
    }
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
