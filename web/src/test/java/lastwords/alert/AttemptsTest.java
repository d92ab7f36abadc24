package lastwords.alert;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import lastwords.kernel.Delivery;
import lastwords.kernel.Delivery.State;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class AttemptsTest {
  private static final long NOW = 1_800_000_000_000_000L;
  private static final Answer BUSY = new Answer(503, "status 503", null);

  @Test
  void waitsGrowFromSecondsToADayAndThenItIsGivenUp() {
    Delivery delivery = pending("ac1.robot");
    List<Duration> waits = new ArrayList<>();
    for (int i = 1; i < Attempts.MAX_ATTEMPTS; i++) {
      delivery = Attempts.after(delivery, BUSY, NOW, NOW);
      assertThat(delivery.state()).isEqualTo(State.PENDING);
      waits.add(
          Duration.of(delivery.nextAttemptMicros() - NOW, TimeUnit.MICROSECONDS.toChronoUnit()));
    }
    for (int i = 0; i < waits.size(); i++) {
      Duration least = Attempts.WAITS.get(i);
      assertThat(waits.get(i)).isBetween(least, least.plus(least.dividedBy(5)));
    }
    assertThat(Attempts.after(delivery, BUSY, NOW, NOW).state()).isEqualTo(State.FAILED);
  }

  @Test
  void whatFailedTogetherComesBackApartAndEachAlwaysAtItsTime() {
    Set<Long> times = new HashSet<>();
    for (int i = 0; i < 100; i++) {
      long next = Attempts.after(pending("ac" + i + ".robot"), BUSY, NOW, NOW).nextAttemptMicros();
      assertThat(Attempts.after(pending("ac" + i + ".robot"), BUSY, NOW, NOW).nextAttemptMicros())
          .isEqualTo(next);
      times.add(next);
    }
    assertThat(times).hasSizeGreaterThan(95);
  }

  @Test
  void aTargetCanAskForMoreTimeButNotForever() {
    assertThat(waited(Duration.ofHours(3))).isEqualTo(Duration.ofHours(3));
    assertThat(waited(Duration.ofDays(3650))).isEqualTo(Attempts.MAX_RETRY_AFTER);
    assertThat(waited(Duration.ZERO)).isEqualTo(waited(null)).isGreaterThan(Duration.ofSeconds(4));
  }

  private static Duration waited(@Nullable Duration retryAfter) {
    Answer answer = new Answer(429, "status 429", retryAfter);
    Delivery next = Attempts.after(pending("ac1.robot"), answer, NOW, NOW);
    return Duration.of(next.nextAttemptMicros() - NOW, TimeUnit.MICROSECONDS.toChronoUnit());
  }

  private static Delivery pending(String id) {
    return new Delivery(id, "ac1", "robot", 0, State.PENDING, 0, NOW, NOW, null, null, null, "{}");
  }
}
