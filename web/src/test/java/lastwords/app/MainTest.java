package lastwords.app;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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
  void whatCantBeWrittenIsAFailureAndSaidSo() throws IOException {
    Process process =
        new ProcessBuilder(
                ProcessHandle.current().info().command().orElse("java"),
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName(),
                "completion")
            .redirectOutput(new File("/dev/full"))
            .start();
    assertThat(new String(process.getErrorStream().readAllBytes(), UTF_8))
        .contains("lastwords: not all could be written to standard output");
    assertThat(process.onExit().join().exitValue()).isEqualTo(1);
  }

  @Test
  void aFileWhereTheDataFolderShouldBeIsNamed(@TempDir Path folder) throws IOException {
    Path file = Files.createFile(folder.resolve("data"));
    Run run = Run.of("serve", "--data", file.toString(), "--udp", "127.0.0.1:0");
    assertThat(run.status()).isEqualTo(1);
    assertThat(run.err()).isEqualTo("lastwords: " + file + ": not a folder\n");
  }

  @Test
  void completionKnowsCommandsAndOptions() {
    assertThat(Run.of("completion").out()).contains("signatures").contains("--keep-log-bytes");
  }
}
