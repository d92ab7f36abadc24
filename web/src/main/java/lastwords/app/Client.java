package lastwords.app;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;
import lastwords.json.Json;
import org.jspecify.annotations.Nullable;

/// Asks a server over its HTTP API. What goes wrong is a [Failure] that says what to do.
final class Client implements AutoCloseable {
  /// The most that one page of a list may hold.
  static final int MAX_PAGE = 1_000;

  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);
  private static final Duration TIMEOUT = Duration.ofSeconds(60);
  private static final ObjectMapper JSON = Json.newMapper();

  private final String server;
  private final @Nullable String token;
  private final HttpClient http =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(CONNECT_TIMEOUT)
          .build();

  /// @param server its URL; one without a scheme is `http`
  Client(String server, @Nullable String token) {
    String url = server.contains("://") ? server : "http://" + server;
    this.server = url.endsWith("/") ? url.substring(0, url.length() - 1) : url;
    this.token = token;
  }

  /// One thing whole; null when there is none.
  @Nullable JsonNode find(String path) {
    HttpResponse<String> response =
        send(request(path, Map.of()).timeout(TIMEOUT).build(), BodyHandlers.ofString());
    return response.statusCode() == 404 && isProblem(response)
        ? null
        : checked(response.statusCode(), response.body());
  }

  /// Has the server do something; what it answers.
  JsonNode post(String path) {
    HttpResponse<String> response =
        send(
            request(path, Map.of())
                .timeout(TIMEOUT)
                .POST(HttpRequest.BodyPublishers.noBody())
                .build(),
            BodyHandlers.ofString());
    return checked(response.statusCode(), response.body());
  }

  /// The first `limit` things of a list, in the server's order, page by page.
  List<JsonNode> list(String path, Map<String, String> parameters, int limit) {
    List<JsonNode> items = new ArrayList<>();
    Map<String, String> page = new LinkedHashMap<>(parameters);
    while (true) {
      page.put("limit", Integer.toString(Math.min(MAX_PAGE, limit - items.size())));
      HttpResponse<String> response =
          send(request(path, page).timeout(TIMEOUT).build(), BodyHandlers.ofString());
      JsonNode body = checked(response.statusCode(), response.body());
      if (!body.path("items").isArray()) {
        throw notLastwords();
      }
      body.path("items").forEach(items::add);
      String next = body.path("next").asText("");
      if (next.isEmpty() || items.size() >= limit) {
        return items.subList(0, Math.min(limit, items.size()));
      }
      page.put("cursor", next);
    }
  }

  /// Hands over each event of a stream, by its name, until the server ends it.
  void events(String path, Map<String, String> parameters, BiConsumer<String, JsonNode> to) {
    HttpRequest request =
        request(path, parameters).setHeader("Accept", "text/event-stream").build();
    HttpResponse<InputStream> response = send(request, BodyHandlers.ofInputStream());
    try (InputStream body = response.body()) {
      if (response.statusCode() != 200) {
        checked(response.statusCode(), new String(body.readAllBytes(), StandardCharsets.UTF_8));
      }
      ServerSentEvents.read(body, (name, data) -> to.accept(name, parsed(data)));
    } catch (IOException e) {
      throw new Failure("the connection to " + server + " broke: " + e.getMessage());
    }
  }

  String server() {
    return server;
  }

  @Override
  public void close() {
    http.shutdownNow();
  }

  /// A text as a part of a URL.
  static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }

  private HttpRequest.Builder request(String path, Map<String, String> parameters) {
    String query =
        parameters.entrySet().stream()
            .map(p -> p.getKey() + "=" + encoded(p.getValue()))
            .collect(Collectors.joining("&"));
    String url = server + "/api/v1" + path + (query.isEmpty() ? "" : "?" + query);
    try {
      HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url));
      request.setHeader("Accept", "application/json");
      if (token != null) {
        request.setHeader("Authorization", "Bearer " + token);
      }
      return request;
    } catch (IllegalArgumentException e) {
      throw Failure.wrongUsage(
          server + " is no server's URL; one reads http://127.0.0.1:8066 (" + e.getMessage() + ")");
    }
  }

  private <T> HttpResponse<T> send(HttpRequest request, BodyHandler<T> body) {
    try {
      return http.send(request, body);
    } catch (HttpConnectTimeoutException e) {
      throw new Failure(server + " can't be reached within " + CONNECT_TIMEOUT.toSeconds() + " s");
    } catch (HttpTimeoutException e) {
      throw new Failure(
          server
              + " did not answer within "
              + TIMEOUT.toSeconds()
              + " s; ask for less, or try again");
    } catch (ConnectException e) {
      throw new Failure(
          "no server at "
              + server
              + "; start one with ./lastwords serve, or name it with --server");
    } catch (IOException e) {
      throw new Failure(server + " could not be asked: " + e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Failure("interrupted");
    }
  }

  private JsonNode checked(int status, String body) {
    if (status == 200) {
      return parsed(body);
    }
    String why = why(body);
    throw switch (status) {
      case 400 -> Failure.wrongUsage(why.isEmpty() ? server + " did not understand that" : why);
      case 401, 403 ->
          new Failure(server + " wants another token; give --token or set LASTWORDS_TOKEN");
      case 404 -> notLastwords();
      default -> new Failure(server + " failed: " + status + " " + why);
    };
  }

  private static boolean isProblem(HttpResponse<?> response) {
    return response.headers().firstValue("Content-Type").orElse("").contains("problem+json");
  }

  private static String why(String problem) {
    try {
      JsonNode parsed = JSON.readTree(problem);
      String detail = parsed.path("detail").asText(parsed.path("title").asText(""));
      return parsed.has("at")
          ? detail + ", at character " + (parsed.path("at").asInt() + 1) + " of the query"
          : detail;
    } catch (JsonProcessingException e) {
      return "";
    }
  }

  private JsonNode parsed(String body) {
    try {
      return JSON.readTree(body);
    } catch (JsonProcessingException e) {
      throw notLastwords();
    }
  }

  private Failure notLastwords() {
    return new Failure(server + " does not answer like a Lastwords server; is --server right?");
  }
}
