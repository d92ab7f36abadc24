package lastwords.store.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SqliteLibraryTest {
  private static final int KILLED = 137;

  /// Opens a ledger and is gone at once, as if it were killed.
  static final class Killed {
    private Killed() {}

    @SuppressWarnings("resource")
    public static void main(String[] arguments) {
      SqliteLedger.open(Path.of(arguments[0])).id();
      Runtime.getRuntime().halt(KILLED);
    }
  }

  @TempDir Path folder;

  @Test
  void startsThatAreKilledLeaveNothingInTheTemporaryFolder() throws Exception {
    Path temporary = Files.createDirectory(folder.resolve("tmp"));
    Path data = Files.createDirectory(folder.resolve("data"));
    for (int start = 0; start < 2; start++) {
      Process process =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "--enable-native-access=ALL-UNNAMED",
                  "-Djava.io.tmpdir=" + temporary,
                  "-cp",
                  System.getProperty("java.class.path"),
                  Killed.class.getName(),
                  data.resolve("ledger.db").toString())
              .redirectErrorStream(true)
              .redirectOutput(folder.resolve("out").toFile())
              .start();
      assertThat(process.waitFor()).as(Files.readString(folder.resolve("out"))).isEqualTo(KILLED);
      assertThat(files(temporary)).noneMatch(file -> file.toString().contains("sqlite"));
      assertThat(files(data.resolve("native"))).hasSize(1);
    }
  }

  private static List<Path> files(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.toList();
    }
  }
}
