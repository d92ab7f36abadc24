package lastwords.app;

import static lastwords.store.Crashes.START_MICROS;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import lastwords.store.Crashes;
import lastwords.store.FreeSpace;
import lastwords.store.Ledger;
import lastwords.store.embedded.SqliteLedger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What is deleted of the ledger, with time passed in.
class RetentionTest {
  private static final long HOUR_MICROS = 3_600_000_000L;

  @TempDir private Path folder = Path.of("");

  private Config config(String... lines) {
    try {
      Path file =
          Files.writeString(
              folder.resolve("lastwords.yaml"),
              "data: " + folder + '\n' + String.join("\n", lines) + '\n');
      return ConfigReader.read(file, Map.of());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void whatIsOlderThanKeepCrashesGoesAtTheFirstLook() {
    try (Ledger ledger = SqliteLedger.open(folder.resolve("ledger.db"))) {
      ledger.put(List.of(Crashes.at(1), Crashes.at(2), Crashes.at(3)));
      Retention retention =
          new Retention(
              config("keep-crashes: 4h"), null, () -> null, () -> ledger, true, () -> 0, () -> 0);

      retention.run(START_MICROS + 5 * HOUR_MICROS);

      assertThat(ledger.crash("c2")).isEmpty();
      assertThat(ledger.crashes(List.of("c1", "c3"))).hasSize(2);
    }
  }

  @Test
  void ledgerHasAtMostATwentiethOfTheDisk() {
    long disk = new FreeSpace(folder).totalBytes();
    assertThat(config("keep-ledger-bytes: 900TiB").ledgerLimits(disk))
        .isEqualTo(
            new Ledger.Limits(
                Math.max(16 << 20, disk / 20),
                Duration.ofDays(400),
                Duration.ofDays(30),
                Duration.ofDays(90)));
  }
}
