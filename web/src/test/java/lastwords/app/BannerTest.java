package lastwords.app;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Map;
import lastwords.store.Log;
import lastwords.store.embedded.ChronicleLog;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class BannerTest {
  @TempDir private Path folder;

  @Test
  void aNewLogLacksNothing() {
    assertThat(banner(0)).contains("log      0 datagrams").doesNotContain("gone");
  }

  @Test
  void aLogWhoseFilesAreLostIsNotShownAsANewOne() {
    assertThat(banner(42)).contains("gone     all 42 datagrams that the log held");
  }

  /// @param next the number of the next datagram, as the ledger knows it
  private String banner(long next) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (Log log =
        ChronicleLog.open(
            folder.resolve("log"),
            new ChronicleLog.Options(ChronicleLog.Roll.HOURLY, System::currentTimeMillis, next))) {
      Config config = ConfigReader.read(null, Map.of());
      Banner.print(config, null, log, new PrintStream(out, true, UTF_8));
    }
    return out.toString(UTF_8);
  }
}
