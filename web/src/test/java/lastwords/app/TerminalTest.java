package lastwords.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

final class TerminalTest {
  @Test
  void whatDrivesATerminalIsShownInHex() {
    assertThat(Terminal.safe("a\033[2Jb\rc\u009bd\u202ee\u007f\nf"))
        .isEqualTo("a\\x1b[2Jb\\x0dc\\x9bd\\u202ee\\x7f\\x0af");
    assertThat(Terminal.safe("größer 大")).isEqualTo("größer 大");
  }

  @Test
  void coloursAreNotForThoseWhoSaySo() {
    assertThat(Terminal.wantsColors(Map.of("TERM", "xterm"))).isTrue();
    assertThat(Terminal.wantsColors(Map.of("TERM", "xterm", "NO_COLOR", ""))).isTrue();
    assertThat(Terminal.wantsColors(Map.of("TERM", "xterm", "NO_COLOR", "1"))).isFalse();
    assertThat(Terminal.wantsColors(Map.of("TERM", "dumb"))).isFalse();
  }

  @Test
  void linesStayLines() {
    assertThat(Terminal.safeLines("a\n\tb\r\nc\u0007")).isEqualTo("a\n    b\nc\\x07");
  }
}
