package lastwords.store.embedded;

import static java.nio.charset.StandardCharsets.UTF_8;
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
import java.sql.Statement;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import lastwords.json.Json;
import lastwords.kernel.Alarm;
import lastwords.kernel.Crash;
import lastwords.kernel.Delivery;
import lastwords.kernel.Run;
import lastwords.kernel.Severity;
import lastwords.kernel.Signature;
import lastwords.store.Checkpoint;
import lastwords.store.Crashes;
import lastwords.store.Ledger;
import lastwords.store.LedgerContract;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class SqliteLedgerTest extends LedgerContract {
  private static final int PAGE = 4096;

  /// That of [Crashes#at(long)].
  private static final String SIGNATURE = "00000000000000aa";

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
  void onAFullDiskItKeepsAHundredCrashesMoreThenRefusesAndGoesOnByItself() throws Exception {
    assertThat(Program.onASmallDisk(40, folder, FullLedger.class))
        .containsSubsequence(
            "refused",
            "kept more than a hundred",
            "refused\n".repeat(20),
            "goes on",
            "begins again",
            "all there");
  }

  /// SQLite maps a file of which it writes one byte in each page: too little where a block is
  /// smaller, and a page that gets no block is a SIGBUS.
  @Test
  void whereBlocksAreSmallAFullDiskDoesNotEndTheProcess() throws Exception {
    Path disk = Files.createDirectories(folder.resolve("disk"));
    Path image = folder.resolve("image");
    assertThat(Program.onASmallDiskOfSmallBlocks(48, disk, image, FullLedger.class))
        .containsSubsequence("refused", "goes on", "begins again", "all there");
  }

  @Test
  void noOtherProcessTakesItselfForTheLastOneThatHasItOpen() throws Exception {
    try (Ledger ledger = open()) {
      ledger.save("reader", new Checkpoint(1, Map.of(), List.of()));
      assertThat(whatAnotherProcessSees()).isEqualTo("another has it open");

      // It grows by more than what was reserved, so that more is.
      Checkpoint.State state = new Checkpoint.State(2, new byte[12 << 20]);
      ledger.save("reader", new Checkpoint(2, Map.of("10.0.0.1", state), List.of()));
      assertThat(whatAnotherProcessSees()).isEqualTo("another has it open");
    }
    assertThat(whatAnotherProcessSees()).isEqualTo("nobody has it open");
  }

  private String whatAnotherProcessSees() throws Exception {
    Process other = Program.start(List.of(), LedgerCloser.class, file.toString());
    String output = new String(other.getInputStream().readAllBytes(), UTF_8);
    assertThat(other.waitFor()).isZero();
    return output.strip();
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

  /// One page after the other: whatever it holds, what is on the others is kept.
  @Test
  void damagedPageCostsWhatIsOnItAndNothingElse() throws Exception {
    List<Crash> crashes = LongStream.rangeClosed(1, 200).mapToObj(Crashes::at).toList();
    try (Ledger ledger = open()) {
      ledger.newsFrom(7);
      ledger.put(crashes);
      ledger.raise(List.of(), List.of(), 200);
      ledger.save("analysis", new Checkpoint(201, Map.of(), List.of()));
    }
    decide("00000000000000aa", Signature.State.IGNORED);
    byte[] sound = Files.readAllBytes(file);
    int found = 0;
    int roots = 0;
    for (int page = 1; page < sound.length / PAGE; page += 3) {
      byte[] bytes = sound.clone();
      Arrays.fill(bytes, page * PAGE, page * PAGE + PAGE, (byte) 0xa5);
      Path copy =
          Files.write(Files.createDirectories(folder.resolve("p" + page)).resolve("l"), bytes);
      try (Ledger ledger = SqliteLedger.openRepaired(copy)) {
        List<Crash> kept = ledger.crashes(0, Long.MAX_VALUE, null, 1_000);
        roots += kept.size() > 100 ? 0 : 1;
        assertThat(crashes).as("page %d", page).containsAll(kept);
        if (Files.exists(copy.resolveSibling("l.damaged-1"))) {
          found++;
          assertThat(Files.readAllBytes(copy.resolveSibling("l.damaged-1"))).hasSize(bytes.length);
        }
        if (kept.size() < crashes.size()) {
          assertThat(ledger.place("analysis")).isEqualTo(Ledger.Place.START);
          assertThat(ledger.newsFrom(999)).as("what is old is no news").isEqualTo(999);
        }
        ledger.put(crashes);
        assertThat(ledger.crashes(0, Long.MAX_VALUE, null, 1_000)).hasSize(crashes.size());
      }
    }
    assertThat(roots).as("only without the root of its tree a table is lost").isLessThan(2);
    assertThat(found).isGreaterThan(sound.length / PAGE / 6);
  }

  @Test
  void ledgerWithoutItsFirstPageIsSetAside() throws Exception {
    try (Ledger ledger = open()) {
      ledger.put(List.of(Crashes.at(1)));
    }
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.allocate(PAGE), 0);
    }
    try (Ledger ledger = SqliteLedger.openRepaired(file)) {
      assertThat(ledger.lastChange()).isZero();
      assertThat(file.resolveSibling("ledger.sqlite.damaged-1")).exists();
    }
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
    int newer = SqliteFile.VERSION + 1;
    change(file, "PRAGMA user_version = " + newer);

    assertRefused("version " + newer, "knows version " + SqliteFile.VERSION);
  }

  static IntStream earlierVersions() {
    return IntStream.range(1, SqliteFile.VERSION);
  }

  @ParameterizedTest
  @MethodSource("earlierVersions")
  void ledgerOfAnEarlierVersionIsTakenOverWithItsCrashes(int version) throws Exception {
    Crash crash = Crashes.panicked(Crashes.at(1));
    Crash again = Crashes.at(2, SIGNATURE, "db2", Severity.WARNING, "6.12.2", "newest");
    makeOld(version, List.of(crash, again));

    try (Ledger ledger = open()) {
      assertThat(ledger.crash("c1")).contains(crash);
      assertThat(ledger.crashes(List.of("c2"))).containsExactly(again);
      Signature signature = ledger.signature(SIGNATURE).orElseThrow();
      assertThat(signature.events()).isEqualTo(2);
      assertThat(signature.hosts()).isEqualTo(2);
      assertThat(signature.severity()).isEqualTo(Severity.CRITICAL);
      assertThat(signature.title()).isEqualTo("newest");
      assertThat(signature.releases())
          .containsExactly(
              new Signature.Release("6.12.1", 1, 1), new Signature.Release("6.12.2", 1, 1));
      assertThat(ledger.crashesByHost(List.of("db1", "db2")))
          .isEqualTo(Map.of("db1", 1L, "db2", 1L));
      Alarm alarm = ledger.alarm("ac1").orElseThrow();
      assertThat(ledger.lastAlarm(new Ledger.Origin("aa", "db1", "10.0.0.1", null), 9))
          .as("under any address")
          .isPresent();
      if (version < 5) {
        assertThat(alarm.panicked()).as("reported already, as far as the upgrade goes").isTrue();
        assertThat(alarm.notifiedAtMicros()).isEqualTo(7);
        assertThat(ledger.due("pager", 9, 9))
            .extracting(Delivery::priority)
            .containsExactly(Delivery.priority(Severity.ERROR, 0));
      }
      ledger.putRuns(List.of(new Run("b0", null, "10.0.0.1", "db1", null, null, true, 1, 2)));
      assertThat(
              ledger.sightings("00000000000000aa", new Ledger.Watch(0, Long.MAX_VALUE, 1)).hosts())
          .hasSize(1);

      // What it had is counted to its senders, and may be dropped, as what comes now is.
      ledger.put(List.of(Crashes.at(3)));
      ledger.retain(DAY, Crashes.START_MICROS + 40 * 3_600_000_000L);
      assertThat(ledger.crash("c2")).as("neither first nor newest").isEmpty();
      assertThat(ledger.signature(SIGNATURE).orElseThrow().events()).isEqualTo(3);
      assertThat(ledger.droppedCrashesAfter(0, 10)).extracting(Ledger.Gone::id).contains("c2");
    }
  }

  private static final Ledger.Limits DAY =
      new Ledger.Limits(
          SqliteLedger.DEFAULT_BYTES, Duration.ofDays(1), Duration.ofDays(1), Duration.ofDays(1));

  /// As the program of that version made it.
  private void makeOld(int version, List<Crash> crashes) throws Exception {
    Files.createDirectories(file.getParent());
    change(file, "PRAGMA application_id = " + 0x4c574c47);
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
        Statement statement = connection.createStatement()) {
      for (String schema : SqliteFile.SCHEMAS.subList(0, version)) {
        statement.executeUpdate(SqliteFile.schema(schema));
      }
    }
    change(file, "PRAGMA user_version = " + version);
    change(file, "INSERT INTO value VALUES ('id', 'old'), ('alerted_up_to', ?)", crashes.size());
    change(file, "INSERT INTO value VALUES ('last_change', ?)", crashes.size());
    for (int i = 0; i < crashes.size(); i++) {
      Crash crash = crashes.get(i);
      change(
          file,
          """
          INSERT INTO crash (first_change, last_change, id, position, received_at, host, signature,
            kind, category, title, gravity, release, json)
          VALUES (?1, ?1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
          """,
          i + 1,
          crash.id(),
          crash.position(),
          crash.receivedAtMicros(),
          crash.host(),
          crash.signature(),
          crash.kind(),
          crash.category().name(),
          crash.title(),
          SqliteSignatures.GRAVEST_FIRST.indexOf(crash.severity()),
          crash.kernel(),
          Json.write(crash));
      if (version >= 2) {
        change(
            file,
            "UPDATE crash SET panicked = ?, boot = ? WHERE id = ?",
            crash.panicked() ? 1 : 0,
            crash.boot(),
            crash.id());
      }
    }
    if (version >= 7) {
      try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
          Statement statement = connection.createStatement()) {
        statement.executeUpdate(SqliteFile.schema(SqliteFile.SUMS)); // as it was written
      }
    }
    change(
        file,
        "INSERT INTO alarm (id, crash, signature, host, kind, title, severity, raised_at, state)"
            + " VALUES ('ac1', 'c1', 'aa', 'db1', 'oops', 'oops', 'ERROR', 7, 'open')");
    change(
        file,
        "INSERT INTO delivery (id, alarm, target, state, attempts, created_at, next_attempt,"
            + " payload) VALUES ('ac1.pager', 'ac1', 'pager', 'PENDING', 0, 7, 7, '{}')");
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

  private static void change(Path file, String sql, @Nullable Object... arguments) {
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
