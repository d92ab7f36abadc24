package lastwords.detect;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.List;
import lastwords.kernel.Crash;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What a host sends is put into a title, and is never taken for a title's place to be filled.
class TitlePlacesTest {
  @ParameterizedTest
  @ValueSource(strings = {"{next}", "{victim}", "{F}", "{F2}", "{1}", "{2}", "{xid}", "{sxid}"})
  void aPlaceInAHostsTextStays(String place) throws IOException {
    Crash crash = only("Kernel panic - not syncing: look " + place + " here", "the next line");
    assertThat(crash.title())
        .contains("look " + place.replaceAll("\\{[0-9]\\}", "{NUM}") + " here");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"{x\u0001id}", "{xid+0x1/0x2}", "\u0001\u0002", "{ne\u0001xt}", "$1 \\1 \\{next}"})
  void aPlaceThatCleaningWouldMakeStays(String text) throws IOException {
    Crash crash = only("NVRM: Xid (PCI:0000:01:00): 79, " + text, "the next line");
    assertThat(crash.attrs()).containsEntry("xid", "79");
    assertThat(crash.title().split("79", -1)).hasSizeLessThanOrEqualTo(2);
    assertThat(crash.title()).doesNotContain("the next line").doesNotContain("\u0001");
  }

  @Test
  void theNumberOfAnErrorIsInItsTitle() throws IOException {
    assertThat(only("NVRM: Xid (PCI:0000:01:00): 79, GPU has fallen off the bus.").title())
        .contains("79");
  }

  private static Crash only(String... lines) throws IOException {
    String log = "[    1.000000] " + String.join("\n[    1.000000] ", lines) + "\n";
    List<Crash> crashes = Analyzer.analyze(new ByteArrayInputStream(log.getBytes(UTF_8)));
    assertThat(crashes).hasSize(1);
    return crashes.getFirst();
  }
}
