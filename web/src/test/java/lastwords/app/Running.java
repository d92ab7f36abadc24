package lastwords.app;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import lastwords.kernel.Datagram;
import lastwords.kernel.Host;
import lastwords.receive.Receiver;
import lastwords.store.Ledger;
import lastwords.store.Log;
import lastwords.store.embedded.ChronicleLog;
import lastwords.store.embedded.SqliteLedger;
import org.jspecify.annotations.Nullable;

/// A server on free ports, asked over HTTP and by its folder while it runs.
final class Running implements AutoCloseable {
  private static final int EVERYTHING = 1_000_000;

  /// Sent and not yet received: far less than the smallest receive buffer holds.
  private static final int UNDER_WAY = 100;

  private static final long PATIENCE_NANOS = 120_000_000_000L;

  final Server server;
  final Path data;
  private final Client client;

  private Running(Path data, Server server, Client client) {
    this.data = data;
    this.server = server;
    this.client = client;
  }

  /// @param roles as in the configuration
  static Running start(Path data, String roles) {
    return start(data, roles, Map.of());
  }

  /// @param more of the configuration
  static Running start(Path data, String roles, Map<ConfigKey, List<String>> more) {
    return start(data, roles, more, null);
  }

  /// @param file what else is configured, such as hooks
  static Running start(
      Path data, String roles, Map<ConfigKey, List<String>> more, @Nullable Path file) {
    Server server = server(data, roles, more, file);
    String http = roles.contains("web") ? server.http().toString() : "http://127.0.0.1:1";
    return new Running(data, server, new Client(http, null));
  }

  /// One whose HTTP port may be taken: it isn't asked.
  static Running startWithoutHttp(Path data, String roles, Map<ConfigKey, List<String>> more) {
    Server server = server(data, roles, more, null);
    return new Running(data, server, new Client("http://127.0.0.1:1", null));
  }

  private static Server server(
      Path data, String roles, Map<ConfigKey, List<String>> more, @Nullable Path file) {
    Map<ConfigKey, List<String>> options = new EnumMap<>(ConfigKey.class);
    options.put(ConfigKey.DATA, List.of(data.toString()));
    options.put(ConfigKey.UDP, List.of("127.0.0.1:0"));
    options.put(ConfigKey.HTTP, List.of("127.0.0.1:0"));
    options.put(ConfigKey.ROLES, List.of(roles));
    options.putAll(more);
    PrintStream out = new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8);
    return Server.start(Configuration.read(file, options, InstantSource.system()), out);
  }

  static Running start(Path data) {
    return start(data, "receive,analyze,index,web");
  }

  /// Sends as fast as this server takes it, so that nothing is dropped on the way.
  void hear(Crowd crowd) {
    Receiver receiver = Objects.requireNonNull(server.receiver);
    long before = receiver.counters().datagrams.sum();
    crowd.speak(
        server.udp().getFirst(),
        sent -> {
          long deadline = System.nanoTime() + PATIENCE_NANOS;
          while (receiver.counters().datagrams.sum() - before < sent - UNDER_WAY) {
            LockSupport.parkNanos(50_000);
            assertThat(System.nanoTime()).as("received").isLessThan(deadline);
          }
        });
  }

  /// Waits until all that was appended is analyzed and can be found.
  void untilRead(long appended) {
    eventually(() -> isRead(get("/stats"), appended));
  }

  static boolean isRead(JsonNode stats, long appended) {
    return stats.path("appended").asLong() >= appended
        && stats.path("analyzed").asLong() >= appended
        && stats.path("indexed").asLong() >= appended;
  }

  /// Waits until no report is open any more: analysis then keeps a place behind everything.
  static void untilAtRest(Path data) {
    try (Ledger ledger = SqliteLedger.open(data.resolve("ledger.db"));
        Log log = ChronicleLog.openReadOnly(data.resolve("log"))) {
      eventually(() -> ledger.place("analysis").offset() >= log.end());
      long last = ledger.lastChange();
      // What was written last becomes findable with the next refresh.
      eventually(() -> ledger.place("indexing").offset() >= log.end());
      if (last != ledger.lastChange()) {
        throw new AssertionError("a crash changed although nothing was open");
      }
    }
  }

  JsonNode post(String path) {
    return client.post(path);
  }

  JsonNode get(String path) {
    return get(client, path);
  }

  static JsonNode get(Client client, String path) {
    JsonNode found = client.find(path);
    if (found == null) {
      throw new AssertionError("there is no " + path);
    }
    return found;
  }

  List<JsonNode> list(String path, String... parameters) {
    return list(client, path, parameters);
  }

  static List<JsonNode> list(Client client, String path, String... parameters) {
    Map<String, String> given = new LinkedHashMap<>();
    for (int i = 0; i < parameters.length; i += 2) {
      given.put(parameters[i], parameters[i + 1]);
    }
    return client.list(path, given, EVERYTHING);
  }

  /// All crashes whole, by the address of their host.
  Map<String, List<JsonNode>> crashes() {
    Map<String, List<JsonNode>> crashes = new LinkedHashMap<>();
    for (JsonNode crash : list("/crashes", "since", "1d")) {
      crashes
          .computeIfAbsent(crash.path("address").asText(), _ -> new ArrayList<>())
          .add(get("/crashes/" + crash.path("id").asText()));
    }
    return crashes;
  }

  /// The payloads in the log in their order, each byte a char, by address and source port.
  Map<String, Map<Integer, List<String>>> payloads() {
    Map<String, Map<Integer, List<String>>> payloads = new LinkedHashMap<>();
    try (Log log = ChronicleLog.openReadOnly(data.resolve("log"));
        Log.Cursor cursor = log.read(0)) {
      for (Datagram next = cursor.next(); next != null; next = cursor.next()) {
        payloads
            .computeIfAbsent(next.source().getHostAddress(), _ -> new LinkedHashMap<>())
            .computeIfAbsent(next.sourcePort(), _ -> new ArrayList<>())
            .add(new String(next.payload(), ISO_8859_1));
      }
    }
    return payloads;
  }

  /// What the ledger knows of each address.
  Map<String, Host> hosts() {
    Map<String, Host> hosts = new LinkedHashMap<>();
    try (Ledger ledger = SqliteLedger.open(data.resolve("ledger.db"))) {
      ledger.hosts().forEach(host -> hosts.put(host.address(), host));
    }
    return hosts;
  }

  /// Waits for what other threads will do; says nothing about how fast.
  static void eventually(BooleanSupplier condition) {
    long deadline = System.nanoTime() + PATIENCE_NANOS;
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError("never happened");
      }
      try {
        Thread.sleep(20);
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  @Override
  public void close() {
    client.close();
    server.close();
  }
}
