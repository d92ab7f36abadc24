package lastwords.store.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import lastwords.json.Json;
import lastwords.kernel.Crash;
import lastwords.kernel.Run;
import lastwords.kernel.Signature;
import lastwords.store.Crashes;
import lastwords.store.Ledger;
import lastwords.store.LedgerContract;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SqliteLedgerTest extends LedgerContract {
  @TempDir Path folder;
  private Path file = Path.of("");

  @BeforeEach
  void nameTheFile() {
    file = folder.resolve("made/on/opening/ledger.sqlite");
  }

  @Override
  protected Ledger open() {
    return SqliteLedger.open(file);
  }

  @Override
  protected void decide(String signature, Signature.State state) {
    change(file, "INSERT INTO decision VALUES (?, ?)", signature, state.name());
  }

  @Test
  void crashIsTheSameInWhateverOrderItsJsonWasWritten() {
    Crash crash = Crashes.at(1);
    try (Ledger ledger = open()) {
      ledger.put(List.of(crash));
      String json = Json.write(crash);
      String device = "\"device\":\"nvme0n1\"";
      String sector = "\"sector\":\"2048\"";
      String attrs =
          json.contains(device + "," + sector) ? sector + "," + device : device + "," + sector;
      change(
          file,
          "UPDATE crash SET json = ?",
          json.replaceFirst("\"attrs\":\\{[^}]*}", "\"attrs\":{" + attrs + "}"));

      ledger.put(List.of(crash));

      assertThat(ledger.lastChange()).isEqualTo(1);
      assertThat(crash.attrs()).isEqualTo(Map.of("device", "nvme0n1", "sector", "2048"));
    }
  }

  @Test
  void severalMayMakeItAtOnce() throws Exception {
    for (int round = 0; round < 10; round++) {
      Path made = folder.resolve("ledger" + round);
      Set<String> ids = ConcurrentHashMap.newKeySet();
      List<Thread> threads = List.of(opening(made, ids), opening(made, ids), opening(made, ids));
      for (Thread thread : threads) {
        thread.join();
      }
      assertThat(ids).hasSize(1).noneMatch(id -> id.contains("Exception"));
    }
  }

  private static Thread opening(Path made, Set<String> ids) {
    return Thread.ofPlatform()
        .start(
            () -> {
              try (Ledger ledger = SqliteLedger.open(made)) {
                ids.add(ledger.id());
              } catch (RuntimeException e) {
                ids.add(e.toString());
              }
            });
  }

  @Test
  void fileThatIsNoDatabaseIsRefusedAndKept() throws Exception {
    Files.createDirectories(folder.resolve("made/on/opening"));
    Files.writeString(file, "not a database, ".repeat(1_000));

    assertRefused("no ledger at all", "move it away");
    assertThat(file).content().startsWith("not a database");
  }

  @Test
  void damagedLedgerIsRefused() throws Exception {
    try (Ledger ledger = open()) {
      ledger.put(List.of(Crashes.at(1)));
    }
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.allocate(4_000), 100);
    }

    assertRefused("damaged", "put back a copy");
  }

  @Test
  void databaseOfAnotherProgramIsRefused() throws Exception {
    Files.createDirectories(folder.resolve("made/on/opening"));
    change(file, "CREATE TABLE bookmarks (url TEXT)");

    assertRefused("another program", "choose another folder");
  }

  @Test
  void ledgerOfANewerVersionIsRefused() {
    try (Ledger ledger = open()) {
      assertThat(ledger.lastChange()).isZero();
    }
    change(file, "PRAGMA user_version = 4");

    assertRefused("version 4", "knows version 3");
  }

  @Test
  void ledgerOfTheVersionBeforeIsTakenOverWithItsCrashes() {
    Crash crash = Crashes.panicked(Crashes.at(1));
    try (Ledger ledger = open()) {
      ledger.put(List.of(crash));
    }
    for (String undo :
        List.of(
            "DROP INDEX delivery_by_state",
            "ALTER TABLE host DROP COLUMN incomplete",
            "DROP INDEX crash_panicked",
            "DROP INDEX crash_by_signature_and_time",
            "CREATE INDEX crash_by_signature_and_time ON crash (signature, received_at)",
            "ALTER TABLE crash DROP COLUMN boot",
            "ALTER TABLE crash DROP COLUMN panicked",
            "DROP TABLE run",
            "ALTER TABLE alarm DROP COLUMN part",
            "PRAGMA user_version = 1")) {
      change(file, undo);
    }

    try (Ledger ledger = open()) {
      assertThat(ledger.crash("c1")).contains(crash);
      ledger.putRuns(List.of(new Run("b0", null, "10.0.0.1", "db1", null, null, true, 1, 2)));
      assertThat(
              ledger.sightings("00000000000000aa", new Ledger.Watch(0, Long.MAX_VALUE, 1)).hosts())
          .hasSize(1);
    }
  }

  @Test
  void crashWithoutItsPlaceIsRefused() {
    Crash analyzed =
        Json.read("{\"kind\":\"oops\",\"title\":\"t\",\"severity\":\"error\"}", Crash.class);
    try (Ledger ledger = open()) {
      assertThatThrownBy(() -> ledger.put(List.of(analyzed)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("without id");
    }
  }

  private void assertRefused(String... saying) {
    assertThatThrownBy(this::open)
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining(file.toString())
        .hasMessageContainingAll(saying);
  }

  private static void change(Path file, String sql, Object... arguments) {
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
        PreparedStatement statement = connection.prepareStatement(sql)) {
      for (int i = 0; i < arguments.length; i++) {
        statement.setObject(i + 1, arguments[i]);
      }
      statement.execute();
    } catch (SQLException e) {
      throw new UncheckedIOException(new IOException(e));
    }
  }
}
