package lastwords.detect;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import lastwords.kernel.Crash;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Whole reports as the kernels of distributions and architectures print them, old and new, in
/// `distributions.txt`: what each is called, and what it says of the machine and of who ran.
class DistributionsTest {
  /// @param fields architecture, kernel, taint, CPU, process and its name
  record Case(String name, String title, List<String> fields, String log) {
    @Override
    public String toString() {
      return name;
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void aReportIsReadWholeWhateverKernelPrintedIt(Case expected) throws IOException {
    List<Crash> crashes =
        Analyzer.analyze(new ByteArrayInputStream(expected.log.getBytes(StandardCharsets.UTF_8)));
    assertThat(crashes).hasSize(1);
    Crash crash = crashes.getFirst();
    assertThat(crash.title()).isEqualTo(expected.title);
    assertThat(crash.corrupted()).isFalse();
    List<String> told =
        Stream.of(
                crash.arch(),
                crash.kernel(),
                crash.tainted(),
                number(crash.cpu()),
                number(crash.pid()),
                crash.comm())
            .map(field -> Objects.requireNonNullElse(field, "-"))
            .toList();
    for (int i = 0; i < told.size(); i++) {
      if (!expected.fields.get(i).equals("?")) {
        assertThat(told.get(i)).isEqualTo(expected.fields.get(i).replace("\"\"", ""));
      }
    }
  }

  private static @Nullable String number(@Nullable Integer value) {
    return value == null ? null : value.toString();
  }

  private static Stream<Case> cases() {
    try (InputStream in = DistributionsTest.class.getResourceAsStream("/distributions.txt")) {
      assertThat(in).isNotNull();
      String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      return Arrays.stream(text.split("(?m)^==== ")).skip(1).map(DistributionsTest::read);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Case read(String text) {
    String[] parts = text.split("\n", 3);
    List<String> expected = List.of(parts[1].split(" \\| ", -1));
    return new Case(parts[0], expected.getFirst(), expected.subList(1, expected.size()), parts[2]);
  }
}
