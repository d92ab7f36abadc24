package lastwords.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

final class PositionTest {
  @Test
  void readsBackWhatPeopleSee() {
    assertThat(Position.text(Position.of(4711, 0))).isEqualTo("4711");
    assertThat(Position.text(Position.of(4711, 2))).isEqualTo("4711.2");
    assertThat(Position.parse("4711.2")).isEqualTo(Position.of(4711, 2));
  }

  @Test
  void sortsByDatagramThenByLine() {
    assertThat(Position.of(1, 1023)).isLessThan(Position.of(2, 0));
  }

  @Test
  void refusesWhatIsNoPositionAndSaysHowOneReads() {
    for (String wrong : new String[] {"", "x", "-1", "1.1024", "1.-1", "9223372036854775807"}) {
      assertThatThrownBy(() -> Position.parse(wrong)).isInstanceOf(IllegalArgumentException.class);
    }
  }
}
