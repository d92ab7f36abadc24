package lastwords.assemble;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class MessageIdsTest {
  private final MessageIds ids = new MessageIds();

  @Test
  void numbersThatNeverCameAreLost() {
    saw(1, 1, 2, 5, 7);
    assertThat(ids.lost()).isEqualTo(3);

    saw(1, 3);
    assertThat(ids.lost()).isEqualTo(2);
  }

  @Test
  void whatAnyTargetBroughtIsNotLost() {
    saw(1, 1, 2, 9);
    saw(2, 1, 2, 3, 4, 5, 6, 7, 9);

    assertThat(ids.lost()).isEqualTo(1);
  }

  @Test
  void lossIsToldOnce() {
    saw(1, 1, 3);
    assertThat(ids.newlyLost()).isEqualTo(1);
    assertThat(ids.newlyLost()).isZero();
    saw(1, 2, 5);
    assertThat(ids.newlyLost()).isZero();
  }

  @Test
  void anotherBootCountsFromTheBeginning() {
    saw(1, 1, 3);

    assertThat(ids.restart()).isEqualTo(1);
    assertThat(ids.lost()).isZero();
  }

  @Test
  void hostWithoutNumbersLosesNothingThatCouldBeKnown() {
    saw(1, -1, -1);

    assertThat(ids.lost()).isZero();
  }

  @Test
  void aForgedNumberOrATargetMadeAgainLosesNothing() {
    saw(1, 5, 6, 8);
    saw(1, 0xffff_ffffL);
    saw(1, 9, 10);
    saw(1, 1_000_000, 1_000_001);

    assertThat(ids.lost()).isEqualTo(1);
  }

  private void saw(int port, long... msgids) {
    for (long msgid : msgids) {
      ids.saw(port, msgid);
    }
  }
}
