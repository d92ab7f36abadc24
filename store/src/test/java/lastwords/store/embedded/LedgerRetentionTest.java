package lastwords.store.embedded;

import static lastwords.store.Crashes.START_MICROS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import lastwords.json.Json;
import lastwords.kernel.Alarm;
import lastwords.kernel.Crash;
import lastwords.kernel.Delivery;
import lastwords.kernel.Host;
import lastwords.kernel.Severity;
import lastwords.kernel.Signature;
import lastwords.kernel.SourceNetwork;
import lastwords.store.Checkpoint;
import lastwords.store.Crashes;
import lastwords.store.Ledger;
import lastwords.store.Ledger.Dropped;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What the ledger drops, and what never.
final class LedgerRetentionTest {
  private static final long DAY_MICROS = 86_400_000_000L;
  private static final Duration DAYS = Duration.ofDays(36_500);
  private static final Ledger.Limits LIMITS =
      new Ledger.Limits(1L << 30, Duration.ofDays(10), Duration.ofDays(3), Duration.ofDays(5));

  @TempDir Path folder;

  private SqliteLedger open(long bytes) {
    return SqliteLedger.openRepaired(folder.resolve("ledger.db"), bytes);
  }

  private SqliteLedger open() {
    return open(LIMITS.bytes());
  }

  /// As alerting does with each, before the next come.
  private static void put(Ledger ledger, List<Crash> crashes) {
    ledger.put(crashes);
    ledger.raise(List.of(), List.of(), List.of(), ledger.lastChange());
  }

  private static Crash crash(long offset, String signature, String host, String address) {
    return Crashes.from(
        address, Crashes.at(offset, signature, host, Severity.CRITICAL, "6.12.1", "Kernel panic"));
  }

  @Test
  void oneSendersFakesDisplaceOnlyHisOwn() {
    List<Crash> honest =
        LongStream.range(0, 200)
            .mapToObj(i -> crash(i, "honest" + i % 7, "db" + i, "10.1.%d.9".formatted(i % 50)))
            .toList();
    try (Ledger ledger = open()) {
      put(ledger, honest);
      List<Crash> fakes = new ArrayList<>();
      for (long i = 1_000; i < 5_000; i++) {
        fakes.add(crash(i, "fake" + i, "host" + i, "192.0.2.66"));
        if (fakes.size() == 250) {
          put(ledger, fakes);
          fakes.clear();
        }
      }

      List<Crash> kept = ledger.crashes(0, Long.MAX_VALUE, null, 10_000);
      assertThat(kept).containsAll(honest);
      assertThat(kept.size() - honest.size()).isBetween(500, SqliteShares.MAX_CRASHES_PER_ADDRESS);
      assertThat(kept.getFirst().id()).as("the newest stay").isEqualTo("c4999");
      assertThat(ledger.dropped().get(Dropped.CRASH_ADDRESS_SHARE)).isEqualTo(4_200 - kept.size());
      assertThat(ledger.signatures(null)).hasSize(kept.size() - honest.size() + 7);
    }
  }

  @Test
  void numbersOfASignatureDoNotFallWhenItsCrashesAreDropped() {
    try (Ledger ledger = open()) {
      put(ledger, List.of(crash(1, "aa", "db1", "10.0.0.1"), crash(2, "aa", "db2", "10.0.7.2")));
      for (long i = 0; i < 6; i++) {
        put(
            ledger,
            LongStream.range(10 + i * 500, 510 + i * 500)
                .mapToObj(n -> crash(n, "aa", "db1", "10.0.0.1"))
                .toList());
      }

      Signature signature = ledger.signature("aa").orElseThrow();
      assertThat(ledger.crashes(0, Long.MAX_VALUE, null, 10_000))
          .hasSizeLessThan(1_200)
          .extracting(Crash::id)
          .as("first and newest of what several networks showed")
          .contains("c1", "c3009");
      assertThat(signature.events()).isEqualTo(3_002);
      assertThat(signature.hosts()).isEqualTo(2);
      assertThat(signature.firstSeenMicros()).isEqualTo(START_MICROS + 1_000_000);
      assertThat(signature.lastSeenMicros()).isEqualTo(START_MICROS + 3_009_000_000L);
      assertThat(signature.releases()).containsExactly(new Signature.Release("6.12.1", 3_002, 2));
      assertThat(ledger.crashesByHost(List.of("db1"))).isEqualTo(Map.of("db1", 3_001L));
    }
  }

  @Test
  void whatPeopleDecidedAboutKeepsItsFirstAndNewestCrash() throws SQLException {
    try (Ledger ledger = open()) {
      put(ledger, List.of(crash(1, "decided", "db1", "10.0.0.1")));
      put(ledger, List.of(crash(2, "other", "db1", "10.0.0.1")));
      change("INSERT INTO decision VALUES ('decided', 'ACKNOWLEDGED')");
      for (long i = 0; i < 6; i++) {
        put(
            ledger,
            LongStream.range(10 + i * 300, 310 + i * 300)
                .mapToObj(n -> crash(n, "flood" + n, "db1", "10.0.0.1"))
                .toList());
      }

      assertThat(ledger.crash("c1")).isPresent();
      assertThat(ledger.crash("c2")).isEmpty();
      assertThat(ledger.signature("other")).isEmpty();
    }
  }

  @Test
  void whatAlertingHasNotReadYetStaysForIt() {
    try (Ledger ledger = open()) {
      ledger.put(
          LongStream.range(0, 1_500).mapToObj(n -> crash(n, "aa", "db1", "10.0.0.1")).toList());
      assertThat(ledger.changedCrashesAfter(0, 10_000)).hasSize(1_500);

      ledger.raise(List.of(), List.of(), List.of(), ledger.lastChange());
      ledger.put(List.of(crash(9_998, "aa", "db1", "10.0.0.1")));
      ledger.put(List.of(crash(9_999, "aa", "db1", "10.0.0.1")));
      assertThat(ledger.crashes(0, Long.MAX_VALUE, null, 10_000))
          .hasSizeLessThan(SqliteShares.MAX_CRASHES_PER_ADDRESS);
    }
  }

  @Test
  void droppedCrashIsNotWrittenAgainAndReadersContinueBehindIt() {
    try (Ledger ledger = open()) {
      List<Crash> all =
          LongStream.range(0, 1_500).mapToObj(n -> crash(n, "aa", "db1", "10.0.0.1")).toList();
      put(ledger, all.subList(0, 900));
      put(ledger, all.subList(900, 1_500));
      List<String> dropped =
          ledger.droppedCrashesAfter(0, 10_000).stream().map(Ledger.Gone::id).toList();
      assertThat(dropped).isNotEmpty();
      long last = ledger.lastChange();

      ledger.put(all);

      assertThat(ledger.lastChange()).isEqualTo(last);
      assertThat(dropped).noneMatch(id -> ledger.crash(id).isPresent());
      assertThat(ledger.signature("aa").orElseThrow().events()).isEqualTo(1_500);
      assertThat(ledger.crashes(List.of(dropped.getFirst(), "c1499")))
          .extracting(Crash::id)
          .containsExactly("c1499");
      assertThat(ledger.changedCrashesAfter(0, 5)).hasSize(5);
    }
  }

  @Test
  void oneSendersAlarmsDisplaceOnlyHisOwnAndTheirDeliveriesGoWithThem() {
    try (Ledger ledger = open()) {
      for (int i = 0; i < 200; i++) {
        raise(ledger, List.of(alarm(i, "honest", "10.1.%d.9".formatted(i % 50))));
      }
      ledger.raise(
          List.of(alarm(500, "first", "192.0.2.66")),
          List.of(delivery("c500", Delivery.State.PENDING)),
          0);
      for (int i = 1_000; i < 5_000; i += 100) {
        raise(
            ledger,
            IntStream.range(i, i + 100).mapToObj(n -> alarm(n, "fake" + n, "192.0.2.66")).toList());
      }

      List<Alarm> kept = ledger.alarms(Ledger.AlarmQuery.ALL, null, 10_000);
      assertThat(kept).filteredOn(alarm -> alarm.signature().equals("honest")).hasSize(200);
      assertThat(kept.size() - 200).isBetween(500, SqliteAlarmShares.MAX_ALARMS_PER_SENDER);
      assertThat(kept.getFirst().id()).as("the newest stay").isEqualTo("ac4999");
      assertThat(ledger.alarm("ac500")).as("its delivery is pending").isPresent();
      assertThat(ledger.deliveries(null, null, null, 10_000))
          .extracting(Delivery::alarm)
          .containsExactlyInAnyOrderElementsOf(kept.stream().map(Alarm::id).toList());
      assertThat(ledger.dropped())
          .containsEntry(Dropped.ALARM_ADDRESS_SHARE, 4_201L - kept.size())
          .containsEntry(Dropped.DELIVERY_ALARM, 4_201L - kept.size());
      assertThat(ledger.outbox()).isEqualTo(new Ledger.Outbox(1, START_MICROS, 0));
    }
  }

  @Test
  void alarmsOfAnAddressGoRepeatsFirstThenTheLessSevere() {
    try (Ledger ledger = open()) {
      raise(ledger, List.of(alarm(1, "panic", "10.0.0.1", Severity.CRITICAL, null)));
      raise(ledger, List.of(alarm(2, "warning", "10.0.0.1", Severity.WARNING, null)));
      for (int i = 100; i < 2_100; i += 100) {
        raise(
            ledger,
            IntStream.range(i, i + 100).mapToObj(n -> alarm(n, "again", "10.0.0.1")).toList());
      }
      assertThat(ledger.alarm("ac2")).as("there were repeats enough").isPresent();

      for (int i = 3_000; i < 4_000; i += 100) {
        raise(
            ledger,
            IntStream.range(i, i + 100).mapToObj(n -> alarm(n, "new" + n, "10.0.0.1")).toList());
      }
      assertThat(ledger.alarm("ac2")).isEmpty();
      assertThat(ledger.alarm("ac1")).isPresent();
    }
  }

  @Test
  void forgedAddressesOfANetworkShareItsAlarms() {
    try (Ledger ledger = open()) {
      raise(ledger, List.of(alarm(1, "honest", "10.1.0.9")));
      for (int i = 1_000; i < 24_000; i += 500) {
        ledger.raise(
            IntStream.range(i, i + 500)
                .mapToObj(n -> alarm(n, "fake" + n, "192.0.2." + n % 250))
                .toList(),
            List.of(),
            0);
      }

      assertThat(ledger.alarms(Ledger.AlarmQuery.ALL, null, 100_000))
          .hasSizeBetween(15_000, SqliteAlarmShares.MAX_ALARMS_PER_NETWORK + 1)
          .extracting(Alarm::id)
          .contains("ac1", "ac23999");
      assertThat(ledger.dropped().get(Dropped.ALARM_NETWORK_SHARE)).isPositive();
    }
  }

  @Test
  void alarmsThatAStormHoldsStayForItsSummaryUpToTwiceTheShare() {
    try (Ledger ledger = open()) {
      for (int i = 0; i < 5_000; i += 100) {
        ledger.raise(
            IntStream.range(i, i + 100)
                .mapToObj(n -> alarm(n, "fake" + n, "10.0.0.1", Severity.ERROR, "storm"))
                .toList(),
            List.of(),
            0);
        if (i == 1_900) {
          assertThat(ledger.heldIn("s1", 1, 1).alarms()).isEqualTo(2_000);
        }
      }
      assertThat(ledger.heldIn("s1", 1, 1).alarms())
          .isLessThanOrEqualTo(2 * SqliteAlarmShares.MAX_ALARMS_PER_SENDER);
    }
  }

  private static void raise(Ledger ledger, List<Alarm> alarms) {
    ledger.raise(
        alarms,
        alarms.stream().map(each -> delivery(each.crash(), Delivery.State.DELIVERED)).toList(),
        0);
  }

  private static Alarm alarm(int number, String signature, String address) {
    return alarm(number, signature, address, Severity.ERROR, null);
  }

  private static Alarm alarm(
      int number, String signature, String address, Severity severity, @Nullable String held) {
    return new Alarm(
        "ac" + number,
        "c" + number,
        signature,
        "db1",
        null,
        null,
        address,
        null,
        "null-deref",
        "null-deref in f",
        severity,
        false,
        START_MICROS + number,
        "open",
        held,
        1,
        START_MICROS + number,
        held == null ? START_MICROS + number : null,
        held == null ? null : "s1");
  }

  @Test
  void crashesHostsAndDeliveriesGoByAge() throws SQLException {
    try (Ledger ledger = open()) {
      put(
          ledger,
          List.of(
              crash(1, "aa", "db1", "10.0.0.1"),
              crash(2, "aa", "db1", "10.0.0.1"),
              crash(3, "aa", "db1", "10.0.0.1")));
      host("10.0.0.1", START_MICROS);
      host("10.0.0.2", later(8));
      ledger.raise(
          List.of(),
          List.of(
              delivery("done", Delivery.State.DELIVERED),
              delivery("failed", Delivery.State.FAILED),
              delivery("waits", Delivery.State.PENDING)),
          List.of(),
          ledger.lastChange());

      ledger.retain(LIMITS, later(9));
      assertThat(ledger.crash("c2")).isPresent();
      assertThat(ledger.hosts()).extracting(Host::address).containsExactly("10.0.0.2");
      assertThat(ledger.deliveries(null, null, null, 10))
          .extracting(Delivery::id)
          .containsExactly("waits");
      assertThat(ledger.outbox()).isEqualTo(new Ledger.Outbox(1, START_MICROS, 0));

      ledger.retain(LIMITS, later(11));
      assertThat(ledger.crash("c2")).as("neither first nor newest").isEmpty();
      assertThat(ledger.crashes(List.of("c1", "c3"))).hasSize(2);
      assertThat(ledger.signature("aa").orElseThrow().events()).isEqualTo(3);
      assertThat(ledger.dropped())
          .containsEntry(Dropped.CRASH_AGE, 1L)
          .containsEntry(Dropped.HOST_AGE, 1L)
          .containsEntry(Dropped.DELIVERY_AGE, 2L);
    }
  }

  @Test
  void statesOfForgedHostsDisplaceNoCrashAndNoStateOfAHostKnownForLong() throws SQLException {
    int forged = 300;
    Map<String, Checkpoint.State> states = new HashMap<>();
    try (Ledger ledger = open()) {
      put(ledger, List.of(crash(1, "aa", "db1", "10.0.0.1"), crash(2, "aa", "db1", "10.0.0.1")));
      for (int i = 0; i < 10; i++) {
        host("10.0.0." + i, later(1));
        states.put("10.0.0." + i, new Checkpoint.State(5, new byte[20_000]));
      }
      for (int i = 0; i < forged; i++) {
        host("10.9." + i / 100 + "." + i % 100, 1_000);
        states.put("10.9." + i / 100 + "." + i % 100, new Checkpoint.State(5, new byte[26_000]));
      }
      states.put("index", new Checkpoint.State(0, new byte[36]));
      states.put("10.0.1.1", new Checkpoint.State(50, new byte[20_000])); // its host comes later
      ledger.save("indexing", new Checkpoint(5, states, List.of()));
      ledger.save("analysis", new Checkpoint(5, Map.of(), List.of()));

      ledger.retain(new Ledger.Limits(8 << 20, DAYS, DAYS, DAYS), later(2));

      Set<String> kept = Set.copyOf(ledger.place("indexing").addresses());
      assertThat(kept).contains("index", "10.0.1.1").hasSizeLessThan(60);
      assertThat(kept)
          .contains(IntStream.range(0, 10).mapToObj(i -> "10.0.0." + i).toArray(String[]::new));
      assertThat(ledger.dropped().get(Dropped.STATE_BYTES)).isGreaterThan(forged - 60);
      assertThat(ledger.crashes(List.of("c1", "c2"))).hasSize(2);
    }
  }

  @Test
  void aStateGoesWithItsHost() throws SQLException {
    try (Ledger ledger = open()) {
      host("10.0.0.1", START_MICROS);
      host("10.0.0.2", START_MICROS);
      ledger.save(
          "analysis",
          new Checkpoint(
              7,
              Map.of(
                  "10.0.0.1", new Checkpoint.State(7, new byte[10]),
                  "10.0.0.2", new Checkpoint.State(9, new byte[10])),
              List.of()));
      ledger.retain(LIMITS, later(9));
      assertThat(ledger.hosts()).isEmpty();
      assertThat(ledger.place("analysis").addresses())
          .as("one that accounts for what would be read again")
          .containsExactly("10.0.0.2");
    }
  }

  private static long later(int days) {
    return START_MICROS + days * DAY_MICROS;
  }

  @Test
  void beyondItsBytesTheNetworkThatHoldsMostLosesAndTheFileStaysBounded() throws Exception {
    long bytes = 24 << 20;
    Ledger.Limits limits =
        new Ledger.Limits(bytes, LIMITS.crashes(), LIMITS.deliveries(), LIMITS.hosts());
    List<Crash> honest = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      honest.add(large(i, "honest" + i % 5, "10.2.%d.1".formatted(i)));
    }
    try (Ledger ledger = open(bytes)) {
      put(ledger, honest);
      for (long i = 1_000; i < 3_000; i++) {
        // Forged, of 16 networks, so that no share but the bytes of all stop them.
        put(ledger, List.of(large(i, "fake" + i, "198.51.%d.%d".formatted(i % 16, i % 250))));
        if (i % 100 == 0) {
          ledger.retain(limits, later(1));
        }
      }
      ledger.retain(limits, later(1));

      assertThat(ledger.crashes(honest.stream().map(Crash::id).toList())).hasSize(honest.size());
      assertThat(ledger.dropped().get(Dropped.CRASH_BYTES)).isPositive();
      assertThat(Files.size(folder.resolve("ledger.db"))).isLessThan(bytes + (4 << 20));
      assertThat(Files.size(folder.resolve("ledger.db-wal"))).isLessThan(33 << 20);
      assertThat(ledger.bytes()).isLessThan(bytes + (64 << 20));
    }
  }

  /// 20 kB that can't be compressed.
  private static Crash large(long offset, String signature, String address) {
    byte[] random = new byte[15_000];
    new Random(offset).nextBytes(random);
    String line = java.util.Base64.getEncoder().encodeToString(random);
    String json =
        Json.write(crash(offset, signature, "h" + address, address))
            .replace("\"eth0: link up\"", '"' + line + '"');
    return Json.read(json, Crash.class);
  }

  @Test
  void largeReportsAndPayloadsAreCompressedAndComeBackAsTheyWentIn() throws SQLException {
    String lines = "\"[ 12.345678]  ? ext4_do_update_inode+0x1b/0x40 [ext4]\",".repeat(500);
    String json =
        Json.write(Crashes.at(7)).replace("\"eth0: link up\"", lines + "\"eth0: link up\"");
    Crash crash = Json.read(json, Crash.class);
    Delivery delivery = delivery("large", Delivery.State.PENDING, "{\"é\":[" + lines + "\"\"]}");
    try (Ledger ledger = open()) {
      ledger.put(List.of(crash));
      ledger.raise(List.of(), List.of(delivery), List.of(), 1);
      assertThat(ledger.crash("c7")).contains(crash);
      assertThat(ledger.crashes(List.of("c7"))).containsExactly(crash);
      assertThat(ledger.newCrashesAfter(0, 1).getFirst().crash()).isEqualTo(crash);
      assertThat(ledger.delivery("large")).contains(delivery);
      assertThat(ledger.due("robot", Long.MAX_VALUE, 1)).containsExactly(delivery);
      ledger.put(List.of(crash));
      assertThat(ledger.lastChange()).isEqualTo(1);
    }
    assertThat(number("SELECT octet_length(json) + octet_length(packed) FROM crash"))
        .isLessThan(json.length() / 20);
    assertThat(number("SELECT octet_length(payload) + octet_length(packed) FROM delivery"))
        .isLessThan(json.length() / 20);
  }

  @Test
  void readsThatRequestsAndAlertingMakeLookAtNoWholeTable() throws SQLException {
    try (SqliteLedger ledger = open()) {
      put(ledger, List.of(Crashes.at(1), Crashes.at(2)));
      ledger.signatures(Long.MAX_VALUE, "", 100);
      ledger.signatures(List.of("aa"));
      ledger.signaturesIn(Signature.State.IGNORED);
      ledger.crash("c1");
      ledger.crashes(List.of("c1"));
      ledger.crashes(0, Long.MAX_VALUE, null, 100);
      ledger.newCrashesAfter(0, 10);
      ledger.changedCrashesAfter(0, 10);
      ledger.droppedCrashesAfter(0, 10);
      ledger.hosts("", 100);
      ledger.hostsNamed("db1");
      ledger.crashesByHost(List.of("db1"));
      ledger.lastAlarm(new Ledger.Origin("aa", "db1", "10.0.0.1", null), Long.MAX_VALUE);
      ledger.alarm("ac1");
      ledger.alarms(Ledger.AlarmQuery.ALL, null, 100);
      ledger.alarms(Ledger.AlarmQuery.in("open"), "ac1", 100);
      ledger.due("robot", Long.MAX_VALUE, 10);
      ledger.delivery("d");
      for (String target : new String[] {null, "robot"}) {
        for (Delivery.State state : new Delivery.State[] {null, Delivery.State.PENDING}) {
          ledger.deliveries(target, state, null, 100);
          ledger.deliveries(target, state, "d", 100);
        }
      }
      ledger.outbox();
      ledger.waiting("robot");
      ledger.lastDelivery("ac1", "robot");
      ledger.disabled("robot");
      ledger.lastChange();
      ledger.alertedUpTo();
      ledger.offset("analysis");

      for (String sql : ledger.statements()) {
        String plan = plan(sql);
        boolean endsSoon = sql.contains("LIMIT") && !plan.contains("TEMP B-TREE");
        assertThat(endsSoon ? plan.replaceAll("SCAN (alarm|delivery|crash|host)\\b", "") : plan)
            .as(sql)
            .doesNotContainPattern("SCAN (crash|alarm|delivery|host|kept|run|signature)\\b");
      }
    }
  }

  private String plan(String sql) throws SQLException {
    StringBuilder plan = new StringBuilder();
    if (sql.startsWith("SELECT") || sql.startsWith("WITH")) {
      try (Connection connection = connect();
          Statement statement = connection.createStatement();
          ResultSet rows = statement.executeQuery("EXPLAIN QUERY PLAN " + sql)) {
        while (rows.next()) {
          plan.append(rows.getString("detail")).append('\n');
        }
      }
    }
    return plan.toString();
  }

  @Test
  void countsAreThereWhileAnotherTransactionWrites() throws SQLException {
    try (Ledger ledger = open();
        Connection other = connect();
        Statement statement = other.createStatement()) {
      put(ledger, List.of(Crashes.at(1)));
      statement.execute("BEGIN IMMEDIATE");
      statement.execute("DELETE FROM crash");

      assertThat(ledger.outbox()).isEqualTo(new Ledger.Outbox(0, 0, 0));
      assertThat(ledger.lastChange()).isEqualTo(1);
      assertThat(ledger.alertedUpTo()).isEqualTo(1);
      assertThat(ledger.changedCrashesAfter(0, 1)).hasSize(1);
      assertThat(ledger.bytes()).isPositive();
      statement.execute("ROLLBACK");
    }
  }

  @Test
  void readThatDoesNotEndIsCalledOffAndOthersGoOn() {
    String endless =
        "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT max(x) FROM n";
    try (SqliteFile file = new SqliteFile(folder.resolve("ledger.db"), 1_000_000)) {
      assertThatThrownBy(() -> file.read(in -> in.all(endless, row -> row.getLong(1))))
          .isInstanceOf(UncheckedIOException.class)
          .hasMessageContaining("took too long");
      assertThat(file.<Long>read(in -> SqliteLedger.value(in, "last_change"))).isZero();
    }
  }

  @Test
  @Timeout(60)
  void writeAheadLogIsEmptiedOnceAReadThatHeldItIsOver() throws Exception {
    Path wal = folder.resolve("ledger.db-wal");
    try (Ledger ledger = open();
        Connection reader = connect();
        Statement statement = reader.createStatement()) {
      statement.execute("BEGIN");
      try (ResultSet rows = statement.executeQuery("SELECT count(*) FROM crash")) {
        assertThat(rows.next()).isTrue();
      }
      for (int i = 0; i < 12; i++) {
        ledger.save("reader", state(i));
      }
      assertThat(Files.size(wal)).as("the read still needs it").isGreaterThan(34 << 20);
      statement.execute("COMMIT");
      long offset = 100;
      while (Files.size(wal) >= 34 << 20) { // it is tried once a second
        ledger.save("reader", new Checkpoint(offset++, Map.of(), List.of()));
      }
    }
  }

  private static Checkpoint state(int offset) {
    byte[] bytes = new byte[4 << 20];
    new Random(offset).nextBytes(bytes);
    return new Checkpoint(
        offset, Map.of("10.0.0.1", new Checkpoint.State(offset, bytes)), List.of());
  }

  @Test
  void networkOfAnAddressIsWhatOnePersonCanTakeAddressesFrom() {
    assertThat(SourceNetwork.of("192.0.2.77")).isEqualTo("192.0.2.0/24");
    assertThat(SourceNetwork.of("2001:db8:1:2:3:4:5:6")).isEqualTo("2001:db8:1:2::/64");
    assertThat(SourceNetwork.of("2001:db8:1:2::9")).isEqualTo("2001:db8:1:2::/64");
    assertThat(SourceNetwork.of("fe80::1%eth0")).isEqualTo("fe80:0:0:0::/64");
    assertThat(SourceNetwork.of("::ffff:192.0.2.77")).isEqualTo("192.0.2.0/24");
    assertThat(SourceNetwork.of("db1")).isEqualTo("db1");
    assertThat(SourceNetwork.of("")).isEmpty();
  }

  private void host(String address, long lastSeen) throws SQLException {
    change(
        """
        INSERT INTO host (address, host, first_seen, last_seen, boot, format, messages,
          sequence_gaps, messages_lost, duplicates, boots, labels)
        VALUES ('%s', 'db', 1, %d, 'b0', 'extended', 1, 0, 0, 0, 1, '{}')
        """
            .formatted(address, lastSeen));
  }

  private static Delivery delivery(String id, Delivery.State state) {
    return delivery(id, state, "{}");
  }

  private static Delivery delivery(String id, Delivery.State state, String payload) {
    return new Delivery(
        id, "a" + id, "robot", 0, state, 0, START_MICROS, START_MICROS, null, null, null, payload);
  }

  private Connection connect() throws SQLException {
    return DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("ledger.db"));
  }

  private void change(String sql) throws SQLException {
    try (Connection connection = connect();
        Statement statement = connection.createStatement()) {
      statement.executeUpdate(sql);
    }
  }

  private long number(String sql) throws SQLException {
    try (Connection connection = connect();
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      return rows.getLong(1);
    }
  }
}
