package lastwords.api;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import java.util.stream.Stream;
import lastwords.json.Json;
import lastwords.kernel.Delivery;
import lastwords.query.Searches;
import lastwords.store.Index;
import lastwords.store.Ledger;
import lastwords.store.embedded.LuceneIndex;
import lastwords.store.embedded.SqliteLedger;
import org.jspecify.annotations.Nullable;

/// The real server on a free port over real stores that hold the [Samples], asked by a real client,
/// an hour after [Samples#START].
public final class Served implements AutoCloseable {
  static final Status READY = Samples.status(List.of());

  final Index index;
  final Ledger ledger;
  volatile Supplier<Status> status = () -> READY;
  volatile Callable<CanaryFlight> canary =
      () -> new CanaryFlight(Samples.START, "127.0.0.1:6666", 0, 1, 2, 3);

  /// Names of hooks tested, ids of deliveries asked for again.
  final List<String> asked = new CopyOnWriteArrayList<>();

  private final Hooks hooks =
      new Hooks() {
        @Override
        public List<?> all() {
          return List.of(Map.of("name", "ops", "kind", "webhook"));
        }

        @Override
        public Delivery test(String name) {
          if (!name.equals("ops")) {
            throw new NoSuchElementException("no hook is named '" + name + "'");
          }
          asked.add(name);
          return Samples.delivery(1, name, Delivery.State.PENDING);
        }

        @Override
        public Delivery retry(String id) {
          Delivery delivery = ledger.delivery(id).orElseThrow();
          if (delivery.state() == Delivery.State.DELIVERED) {
            throw new IllegalStateException("'" + id + "' was delivered");
          }
          asked.add(id);
          return delivery;
        }
      };

  private final Path folder;
  private final Api api;
  private final HttpClient client = HttpClient.newHttpClient();

  public Served() {
    this(null);
  }

  Served(@Nullable String token) {
    folder = temporaryFolder();
    index = LuceneIndex.open(folder.resolve("index"));
    ledger = SqliteLedger.open(folder.resolve("ledger.sqlite"));
    index.add(Samples.messages());
    index.put(List.of(Samples.crash()));
    index.refresh();
    ledger.put(List.of(Samples.crash()));
    ledger.putHosts(Samples.hosts());
    ledger.putRuns(Samples.runs());
    InstantSource clock =
        InstantSource.fixed(Json.instant(Samples.START).plus(Duration.ofHours(1)));
    api =
        Api.start(
            new ApiSettings(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), token, clock),
            new Searches(index, ledger, clock, Searches.SILENT_AFTER),
            ledger,
            () -> status.get(),
            hooks,
            () -> canary.call(),
            new ScrapedMeters());
  }

  URI uri() {
    return api.uri();
  }

  HttpClient client() {
    return client;
  }

  /// @param headers names and values in turn
  public HttpResponse<String> get(String path, String... headers)
      throws IOException, InterruptedException {
    return send(HttpRequest.newBuilder(), path, headers);
  }

  HttpResponse<String> send(HttpRequest.Builder request, String path, String... headers)
      throws IOException, InterruptedException {
    if (headers.length > 0) {
      request.headers(headers);
    }
    return client.send(
        request.uri(api.uri().resolve(path)).build(), HttpResponse.BodyHandlers.ofString());
  }

  /// The answer to a request that is expected to succeed.
  JsonNode json(String path) throws IOException, InterruptedException {
    HttpResponse<String> response = get(path);
    if (response.statusCode() != 200) {
      throw new AssertionError(path + ": " + response.statusCode() + " " + response.body());
    }
    return Json.read(response.body(), JsonNode.class);
  }

  /// The problem answered to a request that is expected to fail like that.
  JsonNode problem(int status, String path, String... headers)
      throws IOException, InterruptedException {
    return problem(status, get(path, headers));
  }

  static JsonNode problem(int status, HttpResponse<String> response) {
    if (response.statusCode() != status
        || !response
            .headers()
            .firstValue("Content-Type")
            .orElse("")
            .startsWith("application/problem+json")) {
      throw new AssertionError(
          response.statusCode() + " " + response.headers() + " " + response.body());
    }
    return Json.read(response.body(), JsonNode.class);
  }

  /// Stops the server and nothing else.
  void stop() {
    api.close();
  }

  @Override
  public void close() {
    client.shutdownNow(); // or the server would wait for its connections
    api.close();
    index.close();
    ledger.close();
    try (Stream<Path> files = Files.walk(folder)) {
      files.sorted(Comparator.reverseOrder()).map(Path::toFile).forEach(File::delete);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Path temporaryFolder() {
    try {
      return Files.createTempDirectory("lastwords-api");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
