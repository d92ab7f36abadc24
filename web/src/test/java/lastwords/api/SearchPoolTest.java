package lastwords.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.javalin.Javalin;
import io.javalin.http.HttpResponseException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import lastwords.store.SearchBudget;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// One thread for searches behind a real server, and room for one more to wait.
class SearchPoolTest {
  private final SearchPool pool = new SearchPool(1, 1, Duration.ofMinutes(5));
  private final CountDownLatch begun = new CountDownLatch(1);
  private final CountDownLatch ended = new CountDownLatch(1);
  private final HttpClient client = HttpClient.newHttpClient();
  private Javalin server;

  @BeforeEach
  void start() {
    server =
        Javalin.create(
            config -> {
              config.concurrency.useVirtualThreads = true;
              config.startup.showJavalinBanner = false;
              config.routes.exception(
                  HttpResponseException.class, (e, context) -> context.status(e.getStatus()));
              config.routes.get("/healthz", context -> context.result("alive"));
              config.routes.get(
                  "/search",
                  pool.handler(
                      context -> {
                        SearchBudget budget = SearchPool.budget(context);
                        begun.countDown();
                        while (!budget.isSpent()) {
                          Thread.sleep(1);
                        }
                        ended.countDown();
                      }));
            });
    server.start("127.0.0.1", 0);
  }

  @AfterEach
  void stop() {
    client.shutdownNow();
    pool.close();
    server.stop();
  }

  private CompletableFuture<HttpResponse<String>> get(String path) {
    return client.sendAsync(
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path)).build(),
        HttpResponse.BodyHandlers.ofString());
  }

  @Test
  void aSearchEndsWhenItsClientClosesTheConnection() throws Exception {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
      OutputStream to = socket.getOutputStream();
      to.write("GET /search HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(StandardCharsets.UTF_8));
      to.flush();
      begun.await();
      assertThat(pool.active()).isEqualTo(1);
    }
    ended.await(); // its own limit is minutes away

    while (pool.active() > 0) {
      Thread.sleep(1);
    }
    assertThat(pool.abandoned()).isEqualTo(1);
  }

  @Test
  void aSearchEndsWhenTheServerStops() throws Exception {
    CompletableFuture<HttpResponse<String>> answer = get("/search");
    begun.await();
    pool.close();
    ended.await();

    assertThat(answer.get().statusCode()).isIn(200, 503);
  }

  @Test
  void whatFindsNoRoomIsRejectedAndHealthIsAnsweredMeanwhile() throws Exception {
    CompletableFuture<HttpResponse<String>> first = get("/search");
    begun.await();
    CompletableFuture<HttpResponse<String>> second = get("/search");
    while (pool.waiting() == 0) {
      Thread.sleep(1);
    }
    HttpResponse<String> third = get("/search").get();

    assertThat(third.statusCode()).isEqualTo(503);
    assertThat(third.headers().firstValue("Retry-After")).hasValue("2");
    assertThat(pool.rejected()).isEqualTo(1);
    assertThat(get("/healthz").get().body()).isEqualTo("alive");
    assertThat(first).isNotDone();
    assertThat(second).isNotDone();
  }
}
