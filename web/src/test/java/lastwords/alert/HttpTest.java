package lastwords.alert;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class HttpTest {
  private static final Instant NOW = Instant.parse("2026-11-21T12:00:00Z");

  private final Receiver receiver = new Receiver();
  private final CountDownLatch hold = new CountDownLatch(1);

  @AfterEach
  void close() {
    hold.countDown();
    receiver.close();
  }

  @Test
  void aTargetThatNeverAnswersHasFailed() throws InterruptedException {
    receiver.reply(exchange -> hold.await());
    Answer answer = send(Duration.ofMillis(300));
    assertThat(answer.isSuccess()).isFalse();
    assertThat(answer.status()).isNull();
    assertThat(answer.error()).isEqualTo("no answer within 300 ms");
  }

  @Test
  void aTargetThatSaid200AndThenDribblesHasTakenIt() throws InterruptedException {
    receiver.reply(
        exchange -> {
          exchange.sendResponseHeaders(200, 1000);
          exchange.getResponseBody().write('x');
          exchange.getResponseBody().flush();
          hold.await();
        });
    assertThat(send(Duration.ofSeconds(1))).isEqualTo(new Answer(200, null, null));
  }

  @Test
  void aTargetThatHoldsTheRestOfItsAnswerCostsNoMoreThanASecond() {
    receiver.reply(
        exchange -> {
          exchange.sendResponseHeaders(200, 1000);
          exchange.getResponseBody().flush();
          hold.await();
        });
    assertThat(send(Duration.ofDays(1))).isEqualTo(new Answer(200, null, null));
  }

  @Test
  void ofAnEndlessAnswerOnlyTheBeginningIsRead() throws InterruptedException {
    receiver.reply(
        exchange -> {
          exchange.sendResponseHeaders(500, 0);
          byte[] some = "no ".repeat(10_000).getBytes(StandardCharsets.UTF_8);
          try {
            while (hold.getCount() > 0) {
              exchange.getResponseBody().write(some);
            }
          } catch (IOException hungUp) {
            hold.countDown();
          }
        });
    Answer answer = send(Duration.ofSeconds(20));
    assertThat(answer.status()).isEqualTo(500);
    assertThat(answer.error()).startsWith("status 500: no no no").hasSizeLessThanOrEqualTo(300);
    hold.await();
  }

  @Test
  void retryAfterIsSecondsOrADate() {
    assertThat(Answer.retryAfter("120", NOW)).isEqualTo(Duration.ofMinutes(2));
    assertThat(Answer.retryAfter("Sat, 21 Nov 2026 12:05:00 GMT", NOW))
        .isEqualTo(Duration.ofMinutes(5));
    assertThat(Answer.retryAfter("Sat, 21 Nov 2026 11:05:00 GMT", NOW)).isEqualTo(Duration.ZERO);
    assertThat(Answer.retryAfter("soon", NOW)).isNull();
    assertThat(Answer.retryAfter("-5", NOW)).isNull();
    assertThat(Answer.retryAfter("99999999999999999999", NOW)).isNull();
    assertThat(Answer.retryAfter(null, NOW)).isNull();
  }

  private Answer send(Duration timeout) {
    Http http = new Http(timeout);
    try {
      return http.send(
              HttpRequest.newBuilder(receiver.url("/"))
                  .POST(HttpRequest.BodyPublishers.ofString("{}"))
                  .build(),
              NOW)
          .join();
    } finally {
      http.stop();
    }
  }
}
