package lastwords.detect;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.BitSet;
import java.util.List;
import org.junit.jupiter.api.Test;

class LiteralsTest {
  private final Literals literals = new Literals(List.of("abc", "bc", "cab", "xyz"));

  @Test
  void literalsAreFoundAlsoWhereTheyOverlap() {
    assertThat(literals.in("..abcab..")).isEqualTo(set(0, 1, 2));
  }

  @Test
  void aLiteralIsFoundAfterAFalseStart() {
    assertThat(literals.in("xyxyz")).isEqualTo(set(3));
  }

  @Test
  void nothingIsFoundAcrossALetterThatNoLiteralHas() {
    assertThat(literals.in("ab\u00e9c x\tyz")).isNull();
    assertThat(literals.in("")).isNull();
  }

  private static BitSet set(int... numbers) {
    BitSet set = new BitSet();
    for (int number : numbers) {
      set.set(number);
    }
    return set;
  }
}
