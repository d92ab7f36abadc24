package lastwords.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

final class TaintTest {
  @Test
  void everyLetterIsAWordInTheOrderOfTheKernel() {
    assertThat(Taint.of("PWOE"))
        .extracting(Taint::name)
        .containsExactly("PROPRIETARY_MODULE", "WARN", "OOT_MODULE", "UNSIGNED_MODULE");
    assertThat(Taint.of("D").getFirst().meaning()).contains("oops");
  }

  @Test
  void aKernelThatIsNotTaintedHasNone() {
    assertThat(Taint.of("")).isEqualTo(List.of());
  }

  @Test
  void lettersOfNoMainlineKernelAreLeftOut() {
    assertThat(Taint.of("G ?W")).extracting(Taint::letter).containsExactly('G', 'W');
  }
}
