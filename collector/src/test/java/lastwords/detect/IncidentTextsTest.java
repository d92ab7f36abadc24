package lastwords.detect;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Stream;
import lastwords.kernel.Crash;
import lastwords.kernel.Severity;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The wordings of many releases and drivers: what is trouble, in `incidents.txt`, and what only
/// looks like it, in `healthy.txt`.
class IncidentTextsTest {
  /// @param attrs as `name=value`
  record Case(String kind, List<String> attrs, List<String> lines) {
    @Override
    public String toString() {
      return kind + ": " + lines.getFirst();
    }
  }

  @ParameterizedTest
  @MethodSource("incidents")
  void aBlockOfLinesIsOneEventOfItsKind(Case expected) throws IOException {
    told(expected, analyze(String.join("\n", expected.lines) + "\n"));
  }

  @ParameterizedTest
  @MethodSource("incidents")
  void aBlockOfLinesWithTheKernelsTimeIsOneEventOfItsKind(Case expected) throws IOException {
    StringBuilder log = new StringBuilder();
    int at = 0;
    for (String line : expected.lines) {
      log.append("[  812.%06d] %s%n".formatted(at++ * 17, line));
    }
    told(expected, analyze(log.toString()));
  }

  private static void told(Case expected, List<Crash> crashes) {
    assertThat(crashes).extracting(Crash::kind).containsExactly(expected.kind);
    Crash crash = crashes.getFirst();
    TreeMap<String, String> said = new TreeMap<>(crash.attrs());
    said.putIfAbsent("cpu", String.valueOf(crash.cpu()));
    said.putIfAbsent("pid", String.valueOf(crash.pid()));
    said.putIfAbsent("comm", String.valueOf(crash.comm()));
    for (String attr : expected.attrs) {
      String[] nameAndValue = attr.split("=", 2);
      assertThat(said).containsEntry(nameAndValue[0], nameAndValue[1]);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "[   81.234567] ", "<6>[   81.234567] "})
  void whatHealthyMachinesSayIsNoEvent(String prefix) throws IOException {
    List<String> lines = read("/healthy.txt").lines().filter(l -> isText(l)).toList();
    assertThat(lines).hasSizeGreaterThan(400);
    for (String line : lines) {
      assertThat(analyze(prefix + line + "\n")).as(line).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "[   81.234567] "})
  void noLineMakesAnotherOneAnEvent(String prefix) throws IOException {
    StringBuilder log = new StringBuilder();
    read("/healthy.txt").lines().filter(l -> isText(l)).forEach(l -> log.append(prefix + l + "\n"));
    assertThat(analyze(log.toString())).isEmpty();
  }

  @Test
  void eachPartOfAMachineFailsByItself() throws IOException {
    assertThat(
            analyze(
                """
                [  812.000000] NVRM: Xid (PCI:0000:18:00): 79, GPU has fallen off the bus.
                [  842.000000] NVRM: Xid (PCI:0000:9c:00): 79, GPU has fallen off the bus.
                [  872.000000] NVRM: Xid (PCI:0000:18:00): 79, GPU has fallen off the bus.
                """))
        .extracting(crash -> crash.attrs().get("pci"))
        .containsExactly("0000:18:00", "0000:9c:00");
  }

  @Test
  void whatADiskRefusesIsNoFailure() throws IOException {
    String refused =
        """
        sd 0:0:0:0: [sda] tag#3 FAILED Result: hostbyte=DID_OK driverbyte=DRIVER_OK cmd_age=0s
        sd 0:0:0:0: [sda] tag#3 Sense Key : Illegal Request [current]
        sd 0:0:0:0: [sda] tag#3 Add. Sense: Invalid field in cdb
        sd 0:0:0:0: [sda] tag#3 CDB: Write same(16) 93 08 00 00 00 00 00 00 00 00 00 00 08 00 00 00
        """;
    assertThat(analyze(refused)).isEmpty();
    assertThat(analyze(refused.replace("DID_OK", "DID_TIME_OUT"))).hasSize(1);
  }

  @Test
  void whatFirmwareHasCorrectedIsNoReasonToTakeAMachineOut() throws IOException {
    assertThat(analyze(ghes("corrected")).getFirst().severity()).isEqualTo(Severity.WARNING);
    assertThat(analyze(ghes("recoverable")).getFirst().severity()).isEqualTo(Severity.ERROR);
    assertThat(analyze(ghes("fatal")).getFirst().severity()).isEqualTo(Severity.CRITICAL);
  }

  private static String ghes(String severity) {
    String said = "{1}[Hardware Error]: ";
    return (said + "Hardware error from APEI Generic Hardware Error Source: 1\n")
        + (said + "event severity: " + severity + "\n");
  }

  private static boolean isText(String line) {
    return !line.isBlank() && !line.startsWith("# ");
  }

  private static Stream<Case> incidents() {
    return Stream.of(read("/incidents.txt").split("\n\n"))
        .filter(c -> !c.startsWith("#"))
        .map(IncidentTextsTest::readCase);
  }

  private static Case readCase(String text) {
    List<String> lines = text.stripTrailing().lines().toList();
    String[] expected = lines.getFirst().split(" \\|", 2);
    String attrs = expected[1].strip();
    return new Case(
        expected[0],
        attrs.isEmpty() ? List.of() : Arrays.asList(attrs.split(",", -1)),
        lines.subList(1, lines.size()));
  }

  private static String read(String resource) {
    try (InputStream in = IncidentTextsTest.class.getResourceAsStream(resource)) {
      assertThat(in).isNotNull();
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<Crash> analyze(String log) throws IOException {
    return Analyzer.analyze(new ByteArrayInputStream(log.getBytes(StandardCharsets.UTF_8)));
  }
}
