package lastwords.store.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class TopValuesTest {
  private final TopValues values = new TopValues();

  @Test
  void theMostFrequentComeFirst() {
    values.add("a", 1);
    values.add("b", 3);
    values.add("a", 1);

    assertThat(values.first(9)).containsExactly(Map.entry("b", 3L), Map.entry("a", 2L));
    assertThat(values.first(1)).containsOnlyKeys("b");
    assertThat(values.forgot()).isFalse();
  }

  @Test
  void millionsOfDifferentValuesStayWithinTheirBytesAndTheFrequentOnesAreKept() {
    for (int i = 0; i < 2_500_000; i++) {
      values.add("value " + i, 1);
      if (i % 1_000 == 0) {
        values.add("frequent", 1);
        values.add("often", 2);
      }
      if (i % 100_000 == 0) {
        assertThat(values.bytes()).isLessThanOrEqualTo(TopValues.MAX_BYTES);
      }
    }
    assertThat(values.forgot()).isTrue();
    assertThat(values.first(2))
        .containsExactly(Map.entry("often", 5_000L), Map.entry("frequent", 2_500L));
  }

  @Test
  void longValuesCountWithTheirLength() {
    for (int i = 0; i < 50_000; i++) {
      values.add("x".repeat(1_000) + i, 1);
      assertThat(values.bytes()).isLessThanOrEqualTo(TopValues.MAX_BYTES);
    }
    assertThat(values.first(1_000_000)).hasSizeLessThan(9_000);
  }
}
