package lastwords.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

final class MainTest {
  private static final List<String> COMMANDS =
      List.of(
          "serve",
          "demo",
          "analyze",
          "replay",
          "export",
          "search",
          "tail",
          "crashes",
          "crash",
          "signatures",
          "signature",
          "hosts",
          "host",
          "completion");

  @Test
  void everyCommandExplainsItselfAndHasAVersion() {
    for (String command : COMMANDS) {
      Run help = Run.of(command, "--help");
      assertThat(help.status()).isZero();
      assertThat(help.out()).startsWith("Usage: lastwords " + command);
      assertThat(Run.of(command, "--version").out()).startsWith("lastwords ");
    }
    assertThat(Run.of("--help").out()).contains(COMMANDS);
  }

  @Test
  void wrongUsageIsStatusTwoAndOneLineThatSaysWhereHelpIs() {
    for (String[] wrong :
        new String[][] {
          {},
          {"nonsense"},
          {"crash"},
          {"search"},
          {"serve", "--nope"},
          {"replay", "--max", "--rate", "1", "x"}
        }) {
      Run run = Run.of(wrong);
      assertThat(run.status()).isEqualTo(2);
      assertThat(run.err().lines()).singleElement().asString().contains("--help");
    }
  }

  @Test
  void completionKnowsCommandsAndOptions() {
    assertThat(Run.of("completion").out()).contains("signatures").contains("--keep-log-bytes");
  }
}
