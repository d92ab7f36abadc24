package lastwords.readers;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class PaceTest {
  @Test
  void clockSetBackDoesNotKeepAnybodyWaiting() {
    Pace pace = new Pace(Duration.ofSeconds(1));
    assertThat(pace.isDue(0)).isTrue();

    pace.done(5_000_000);

    assertThat(pace.isDue(5_999_999)).isFalse();
    assertThat(pace.isDue(6_000_000)).isTrue();
    assertThat(pace.isDue(4_000_000)).isTrue();
  }
}
