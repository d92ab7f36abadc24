package lastwords.alert;

import java.io.ByteArrayOutputStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpResponse.ResponseInfo;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// Sends one request and makes an [Answer] of whatever happens; never follows a redirect. Safe for
/// any number of threads.
final class Http {
  /// How long an attempt may take, from connecting to the end of the answer.
  static final Duration TIMEOUT = Duration.ofSeconds(20);

  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);

  /// What is read of an answer, for people to see what the target didn't like.
  private static final int MAX_ANSWER_BYTES = 1024;

  private static final int MAX_ERROR_CHARS = 300;

  private final HttpClient client =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .followRedirects(HttpClient.Redirect.NEVER)
          .connectTimeout(CONNECT_TIMEOUT)
          .build();

  private final Duration timeout;

  Http(Duration timeout) {
    this.timeout = timeout;
  }

  /// Waits until the target answered, or the time is over. The status decides: what goes wrong
  /// after a 2xx changes nothing.
  ///
  /// @throws InterruptedException when the thread was; whether it arrived is unknown then
  Answer send(HttpRequest request, Instant now) throws InterruptedException {
    AtomicReference<@Nullable ResponseInfo> head = new AtomicReference<>();
    CompletableFuture<HttpResponse<String>> answer =
        client.sendAsync(
            request,
            info -> {
              head.set(info);
              return new FirstBytes();
            });
    String trouble;
    try {
      trouble = answer.get(timeout.toMillis(), TimeUnit.MILLISECONDS).body();
    } catch (TimeoutException e) {
      trouble = "no answer within " + timeout.toMillis() + " ms";
    } catch (ExecutionException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      trouble = cause.getClass().getSimpleName() + said(cause.getMessage());
    } finally {
      answer.cancel(true);
    }
    ResponseInfo info = head.get();
    if (info == null) {
      return new Answer(null, Thin.text(trouble, MAX_ERROR_CHARS), null);
    }
    int status = info.statusCode();
    if (status >= 200 && status < 300) {
      return new Answer(status, null, null);
    }
    return new Answer(
        status,
        Thin.text("status " + status + said(trouble.strip()), MAX_ERROR_CHARS),
        Answer.retryAfter(info.headers().firstValue("Retry-After").orElse(null), now));
  }

  /// Ends what is under way; each waiting [#send] returns soon.
  void stop() {
    client.shutdownNow();
  }

  private static String said(@Nullable String text) {
    return text == null || text.isEmpty() ? "" : ": " + text;
  }

  /// Reads so much of an answer, and no more.
  private static final class FirstBytes implements BodySubscriber<String> {
    private final CompletableFuture<String> text = new CompletableFuture<>();
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private Flow.@Nullable Subscription subscription;

    @Override
    public CompletionStage<String> getBody() {
      return text;
    }

    @Override
    public void onSubscribe(Flow.Subscription to) {
      subscription = to;
      to.request(Long.MAX_VALUE);
    }

    @Override
    public void onNext(List<ByteBuffer> buffers) {
      for (ByteBuffer buffer : buffers) {
        byte[] some = new byte[Math.min(buffer.remaining(), MAX_ANSWER_BYTES - bytes.size())];
        buffer.get(some);
        bytes.writeBytes(some);
      }
      if (bytes.size() == MAX_ANSWER_BYTES && subscription != null) {
        subscription.cancel();
        onComplete();
      }
    }

    @Override
    public void onError(Throwable failure) {
      text.completeExceptionally(failure);
    }

    @Override
    public void onComplete() {
      text.complete(bytes.toString(StandardCharsets.UTF_8));
    }
  }
}
