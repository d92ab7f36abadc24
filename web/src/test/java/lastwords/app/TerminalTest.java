package lastwords.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import lastwords.json.Json;
import org.junit.jupiter.api.Test;

final class TerminalTest {
  @Test
  void whatDrivesATerminalIsShownInHex() {
    assertThat(Terminal.safe("a\033[2Jb\rc\u009bd\u202ee\u007f\nf"))
        .isEqualTo("a\\x1b[2Jb\\x0dc\\x9bd\\u202ee\\x7f\\x0af");
    assertThat(Terminal.safe("größer 大")).isEqualTo("größer 大");
  }

  @Test
  void whatDrivesATerminalIsEscapedInJsonAndReadsTheSame() {
    String text = "a\033[2Jb\rc\u009bd\u202ee\u007f\nf\u2028 größer 大 \ud83d\ude00\udb40\udc41";
    String json = Terminal.asJson(Json.tree(text));
    assertThat(json).contains("größer 大 \ud83d\ude00");
    assertThat(json.codePoints())
        .allMatch(c -> Terminal.safe(Character.toString(c)).equals(Character.toString(c)));
    assertThat(Json.read(json, String.class)).isEqualTo(text);
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
