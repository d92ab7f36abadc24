package lastwords.detect;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import lastwords.kernel.Crash;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// One short report for each row, in `rows.txt`: what each must be called, and who is to blame.
class RowsTest {
  /// @param guilty `-` for nobody
  record Case(String kind, String guilty, String title, List<String> lines) {
    @Override
    public String toString() {
      return title;
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void aReportIsCalledWhatItsRowSays(Case expected) throws IOException {
    List<Crash> crashes = analyze(expected.lines);
    assertThat(crashes).hasSize(1);
    assertThat(crashes.getFirst().title()).isEqualTo(expected.title);
    assertThat(crashes.getFirst().kind()).isEqualTo(expected.kind);
    assertThat(crashes.getFirst().guilty())
        .isEqualTo(expected.guilty.equals("-") ? null : expected.guilty);
  }

  @Test
  void everyRowHasAReport() {
    List<Case> cases = cases().toList();
    assertThat(rows()).allMatch(row -> cases.stream().anyMatch(c -> isOf(c, row)));
  }

  @Test
  void everyKnownTextSaysWhereInTheKernelItComesFrom() {
    assertThat(rows())
        .filteredOn(row -> row.source() == null)
        .allMatch(row -> row.kind().equals("warning"))
        .hasSize(4);
  }

  private static boolean isOf(Case expected, Row row) {
    String template =
        Arrays.stream(row.title().split("\\{[^}]*}", -1))
            .map(Pattern::quote)
            .reduce((a, b) -> a + ".*" + b)
            .orElseThrow();
    return expected.kind.equals(row.kind())
        && expected.title.matches(template)
        && expected.lines.stream().anyMatch(l -> row.headline().matcher(l).find());
  }

  private static List<Row> rows() {
    List<Row> rows = new ArrayList<>(Faults.rows());
    rows.addAll(Panics.rows());
    return rows;
  }

  private static List<Crash> analyze(List<String> lines) throws IOException {
    StringBuilder log = new StringBuilder();
    for (String line : lines) {
      log.append("[    7.000000] ").append(line).append('\n');
    }
    return Analyzer.analyze(
        new ByteArrayInputStream(log.toString().getBytes(StandardCharsets.UTF_8)));
  }

  private static Stream<Case> cases() {
    try (InputStream in = RowsTest.class.getResourceAsStream("/rows.txt")) {
      assertThat(in).isNotNull();
      String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      return Stream.of(text.split("\n\n")).filter(c -> !c.startsWith("#")).map(RowsTest::read);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Case read(String text) {
    List<String> lines = text.strip().lines().toList();
    String[] expected = lines.getFirst().split(" \\| ", 3);
    List<String> report = new ArrayList<>();
    for (String line : lines.subList(1, lines.size())) {
      String[] words = line.split(" ");
      List<String> functions = List.of(words).subList(1, words.length);
      switch (words[0]) {
        case "IP" -> report.add("RIP: 0010:" + functions.getFirst() + "+0x10/0x20");
        case "TRACE" -> {
          report.add("Call Trace:");
          report.add(" <TASK>");
          functions.forEach(f -> report.add(" " + f + "+0x10/0x20"));
          report.add(" </TASK>");
        }
        case "FRAMES" -> functions.forEach(f -> report.add(" " + f + "+0x10/0x20"));
        default -> report.add(line);
      }
    }
    return new Case(expected[0], expected[1], expected[2], report);
  }
}
