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
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// Sends requests and makes an [Answer] of whatever happens; never follows a redirect. Safe for any
/// number of threads; uses platform threads of its own, so that no search delays it.
final class Http {
  /// How long an attempt may take, from connecting to the end of the answer.
  static final Duration TIMEOUT = Duration.ofSeconds(20);

  /// How long the body of an answer is waited for once its head was a success. The status has
  /// decided then; the rest is read only so that the connection can be used again.
  static final Duration BODY_TIMEOUT = Duration.ofSeconds(1);

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

  /// Sends a request. The answer comes on any thread once the target answered or the time is over,
  /// and is never a failure. The status decides: what goes wrong after a 2xx changes nothing.
  CompletableFuture<Answer> send(HttpRequest request, Instant now) {
    AtomicReference<@Nullable ResponseInfo> head = new AtomicReference<>();
    CompletableFuture<HttpResponse<String>> response =
        client.sendAsync(
            request,
            info -> {
              head.set(info);
              FirstBytes body = new FirstBytes();
              if (isSuccess(info)) {
                body.endAfter(BODY_TIMEOUT);
              }
              return body;
            });
    return response
        .thenApply(HttpResponse::body)
        .orTimeout(timeout.toMillis(), TimeUnit.MILLISECONDS)
        .handle(
            (body, failure) -> {
              response.cancel(true);
              return answer(head.get(), failure == null ? body : trouble(failure), now);
            });
  }

  private String trouble(Throwable failure) {
    if (failure instanceof TimeoutException) {
      return "no answer within " + timeout.toMillis() + " ms";
    }
    Throwable cause =
        failure instanceof CompletionException && failure.getCause() != null
            ? failure.getCause()
            : failure;
    return cause.getClass().getSimpleName() + detail(cause.getMessage());
  }

  private static Answer answer(@Nullable ResponseInfo head, String text, Instant now) {
    if (head == null) {
      return new Answer(null, Thin.text(text, MAX_ERROR_CHARS), null);
    }
    int status = head.statusCode();
    if (isSuccess(head)) {
      return new Answer(status, null, null);
    }
    return new Answer(
        status,
        Thin.text("status " + status + detail(text.strip()), MAX_ERROR_CHARS),
        Answer.retryAfter(head.headers().firstValue("Retry-After").orElse(null), now));
  }

  private static boolean isSuccess(ResponseInfo head) {
    return head.statusCode() >= 200 && head.statusCode() < 300;
  }

  /// Ends what is under way; what was sent gets its answer soon.
  void stop() {
    client.shutdownNow();
  }

  private static String detail(@Nullable String text) {
    return text == null || text.isEmpty() ? "" : ": " + text;
  }

  /// Reads so much of an answer, and no more.
  private static final class FirstBytes implements BodySubscriber<String> {
    private final CompletableFuture<String> text = new CompletableFuture<>();
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private volatile Flow.@Nullable Subscription subscription;

    /// Gives up the rest of the answer after that time; the connection is closed then.
    void endAfter(Duration time) {
      CompletableFuture.delayedExecutor(time.toMillis(), TimeUnit.MILLISECONDS)
          .execute(
              () -> {
                Flow.Subscription to = subscription;
                if (to != null && !text.isDone()) {
                  to.cancel();
                }
                text.complete("");
              });
    }

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
      Flow.Subscription to = subscription;
      if (bytes.size() == MAX_ANSWER_BYTES && to != null) {
        to.cancel();
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
