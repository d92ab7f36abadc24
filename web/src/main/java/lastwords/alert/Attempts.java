package lastwords.alert;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32;
import lastwords.kernel.Delivery;
import lastwords.kernel.Delivery.State;
import org.jspecify.annotations.Nullable;

/// What an answer makes of a delivery, and when it is tried next.
final class Attempts {
  /// Waits after the first, second, … attempt; after the last attempt it is given up.
  static final List<Duration> WAITS =
      List.of(
          Duration.ofSeconds(5),
          Duration.ofSeconds(30),
          Duration.ofMinutes(2),
          Duration.ofMinutes(10),
          Duration.ofMinutes(30),
          Duration.ofHours(2),
          Duration.ofHours(5),
          Duration.ofHours(10),
          Duration.ofHours(24));

  static final int MAX_ATTEMPTS = WAITS.size() + 1;

  /// The most that a receiver's `Retry-After` can ask for.
  static final Duration MAX_RETRY_AFTER = Duration.ofHours(24);

  static final Duration MAX_OVERDUE = Duration.ofHours(24);

  /// Waits are longer by up to this part, so that what failed together doesn't come back together.
  private static final double JITTER = 0.2;

  private static final int GONE = 410;

  private Attempts() {}

  /// @param nowMicros when the answer came
  /// @param fromMicros from when on the next attempt waits
  static Delivery after(Delivery tried, Answer answer, long nowMicros, long fromMicros) {
    int attempts = tried.attempts() + 1;
    if (answer.isSuccess()) {
      return with(tried, State.DELIVERED, attempts, nowMicros, nowMicros, answer.status(), null);
    }
    if (isGone(answer) || attempts >= MAX_ATTEMPTS) {
      return with(tried, State.FAILED, attempts, nowMicros, null, answer.status(), answer.error());
    }
    long next = fromMicros + waitMicros(tried.id(), attempts, answer.retryAfter());
    return with(tried, State.PENDING, attempts, next, null, answer.status(), answer.error());
  }

  /// Whether it was due so long ago, since nothing ran to send it, that a robot would act on what
  /// is no longer so.
  static boolean isStale(Delivery delivery, long nowMicros) {
    return nowMicros - delivery.nextAttemptMicros() > TimeUnit.MICROSECONDS.convert(MAX_OVERDUE);
  }

  /// Given up without an attempt.
  static Delivery refused(Delivery delivery, String reason, long nowMicros) {
    return with(
        delivery,
        State.FAILED,
        delivery.attempts(),
        nowMicros,
        null,
        delivery.status(),
        "not sent, " + reason);
  }

  /// To be sent again from the first attempt on, by somebody's wish.
  static Delivery again(Delivery delivery, long nowMicros) {
    return with(delivery, State.PENDING, 0, nowMicros, null, delivery.status(), delivery.error());
  }

  static boolean isGone(Answer answer) {
    return answer.status() != null && answer.status() == GONE;
  }

  private static long waitMicros(String id, int attempts, @Nullable Duration retryAfter) {
    Duration wait = WAITS.get(attempts - 1);
    long micros = (long) (TimeUnit.MICROSECONDS.convert(wait) * (1 + JITTER * part(id, attempts)));
    if (retryAfter == null) {
      return micros;
    }
    Duration asked = retryAfter.compareTo(MAX_RETRY_AFTER) < 0 ? retryAfter : MAX_RETRY_AFTER;
    return Math.max(micros, TimeUnit.MICROSECONDS.convert(asked));
  }

  /// Between 0 and 1, always the same for an attempt of a delivery.
  private static double part(String id, int attempts) {
    CRC32 sum = new CRC32();
    sum.update((id + "/" + attempts).getBytes(StandardCharsets.UTF_8));
    return sum.getValue() / (double) (1L << Integer.SIZE);
  }

  private static Delivery with(
      Delivery of,
      State state,
      int attempts,
      long nextAttemptMicros,
      @Nullable Long deliveredAtMicros,
      @Nullable Integer status,
      @Nullable String error) {
    return new Delivery(
        of.id(),
        of.alarm(),
        of.target(),
        of.priority(),
        state,
        attempts,
        of.createdAtMicros(),
        nextAttemptMicros,
        deliveredAtMicros,
        status,
        error,
        of.payload());
  }
}
