package lastwords.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class HttpLimitsTest {
  private final Served served = new Served();

  @AfterEach
  void close() {
    served.close();
  }

  private void probesAreAnswered() throws Exception {
    for (String path : new String[] {"/healthz", "/readyz", "/metrics"}) {
      assertThat(served.get(path).statusCode()).as(path).isEqualTo(200);
    }
  }

  @Test
  void probesAndScrapesWaitForNoOtherRequest() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    served.canary =
        () -> {
          release.await();
          return new CanaryFlight(Samples.START, "127.0.0.1:6666", 0, 1, 2, 3);
        };
    List<CompletableFuture<HttpResponse<Void>>> slow = new ArrayList<>();
    HttpRequest canary =
        HttpRequest.newBuilder(served.uri().resolve("/api/v1/canary"))
            .POST(HttpRequest.BodyPublishers.noBody())
            .build();
    for (int i = 0; i < HttpLimits.REQUESTS + 20; i++) {
      slow.add(served.client().sendAsync(canary, HttpResponse.BodyHandlers.discarding()));
    }
    try {
      probesAreAnswered();
    } finally {
      release.countDown();
    }
    for (CompletableFuture<HttpResponse<Void>> response : slow) {
      assertThat(response.get().statusCode()).isIn(200, 503);
    }
  }

  /// Native calls, such as those of SQLite, hold the carrier of a virtual thread.
  @Test
  @SuppressWarnings("restricted")
  void probesAndScrapesAreAnsweredWhileAllCarriersAreHeld() throws Throwable {
    MethodHandle usleep =
        Linker.nativeLinker()
            .downcallHandle(
                Linker.nativeLinker().defaultLookup().find("usleep").orElseThrow(),
                FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
    AtomicBoolean held = new AtomicBoolean(true);
    int carriers = 2 * Runtime.getRuntime().availableProcessors();
    CountDownLatch begun = new CountDownLatch(1);
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < carriers; i++) {
      threads.add(
          Thread.startVirtualThread(
              () -> {
                begun.countDown();
                while (held.get()) {
                  try {
                    int ignored = (int) usleep.invokeExact(100_000);
                  } catch (Throwable e) {
                    throw new IllegalStateException(e);
                  }
                }
              }));
    }
    try {
      begun.await();
      probesAreAnswered();
      assertThat(served.get("/api/v1/messages").statusCode()).isEqualTo(200);
    } finally {
      held.set(false);
    }
    for (Thread thread : threads) {
      thread.join();
    }
  }

  @Test
  void bodiesThatNeverComeHoldNoThread() throws Exception {
    List<Socket> slow = new ArrayList<>();
    try {
      for (int i = 0; i < 2 * HttpLimits.REQUESTS; i++) {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), served.uri().getPort());
        slow.add(socket);
        OutputStream out = socket.getOutputStream();
        out.write(
            """
            POST /login HTTP/1.1\r
            Host: localhost\r
            Content-Type: application/x-www-form-urlencoded\r
            Content-Length: 100\r
            \r
            token=\
            """
                .getBytes(StandardCharsets.US_ASCII));
        out.flush();
      }
      probesAreAnswered();
      assertThat(served.get("/api/v1/messages").statusCode()).isEqualTo(200);
    } finally {
      for (Socket socket : slow) {
        socket.close();
      }
    }
  }

  @Test
  void whatIsNoHttpIsCounted() throws IOException, InterruptedException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), served.uri().getPort())) {
      socket.getOutputStream().write("nonsense \u0001\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      socket.getOutputStream().flush();
      assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII))
          .startsWith("HTTP/1.1 400");
    }
    assertThat(served.get("/metrics").body())
        .contains("lastwords_http_requests_unparsable_total 1.0");
  }
}
