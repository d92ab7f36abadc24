package lastwords.store.embedded;

import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import lastwords.json.Json;
import lastwords.kernel.Alarm;
import lastwords.kernel.Crash;
import lastwords.kernel.Delivery;
import lastwords.kernel.Exposure;
import lastwords.kernel.Host;
import lastwords.kernel.HostSource;
import lastwords.kernel.Position;
import lastwords.kernel.Run;
import lastwords.kernel.Sightings;
import lastwords.kernel.Signature;
import lastwords.kernel.SourceNetwork;
import lastwords.store.Checkpoint;
import lastwords.store.Ledger;
import lastwords.store.embedded.SqliteSignatures.Counted;
import org.jspecify.annotations.Nullable;

/// The ledger of one machine: an SQLite file, whose tables `ledger.sql` describes. Several threads
/// and processes may share it.
///
/// A signature counts all of its crashes, follow-ups (suppressed crashes) included, also those that
/// retention dropped; its title, kind and category are those of the crash received last. Throws
/// [java.io.UncheckedIOException] with the file's path when the file is damaged or its disk fails.
public final class SqliteLedger implements Ledger {
  /// How much may be in use where no configuration gives another bound.
  public static final long DEFAULT_BYTES = 10L << 30;

  private final SqliteFile file;
  private final SqliteRetention retention;
  private final long mostBytes;

  private SqliteLedger(SqliteFile file, long mostBytes) {
    this.file = file;
    this.retention = new SqliteRetention(file);
    this.mostBytes = mostBytes;
  }

  /// Opens the ledger in that file, and makes it when there is none.
  ///
  /// @throws java.io.UncheckedIOException when the file is no ledger, or of a newer version, or
  ///   damaged; says what to do
  public static SqliteLedger open(Path file) {
    return open(file, DEFAULT_BYTES);
  }

  private static SqliteLedger open(Path file, long mostBytes) {
    return new SqliteLedger(new SqliteFile(file), mostBytes);
  }

  /// Opens the ledger as [#open] does, after a look at the whole file. When it is damaged, it is
  /// renamed to `….damaged-1` and a new one made of what is sound. Only for the process that writes
  /// crashes, at its start.
  ///
  /// @param mostBytes that may be in use, by which the shares of senders are measured
  /// @throws java.io.UncheckedIOException when the file is no ledger, or of a newer version
  public static SqliteLedger openRepaired(Path file, long mostBytes) {
    SqliteRepair.check(file);
    return open(file, mostBytes);
  }

  /// As [#openRepaired(Path, long)], with [#DEFAULT_BYTES].
  public static SqliteLedger openRepaired(Path file) {
    return openRepaired(file, DEFAULT_BYTES);
  }

  /// The least offset beyond all datagrams that the ledger in a file knows: those its readers have
  /// dealt with and those of its crashes. Neither makes nor changes the ledger.
  ///
  /// @throws java.io.UncheckedIOException when it can't be read
  public static long nextOffset(Path file) {
    return SqliteFile.peek(
        file,
        """
        SELECT max(
          coalesce((SELECT max(next_offset) FROM reader
            WHERE reader IN ('analysis', 'indexing')), 0),
          coalesce((SELECT max(next_offset) FROM reader_state WHERE reader = 'analysis'), 0),
          coalesce((SELECT max(next_offset) FROM reader_state WHERE reader = 'indexing'), 0),
          coalesce((SELECT max(position) / %d + 1 FROM crash), 0))
        """
            .formatted(Position.MAX_LINES));
  }

  @Override
  public String id() {
    return file.read(in -> in.one("SELECT value FROM value WHERE name = 'id'", SqliteLedger::text))
        .orElseThrow();
  }

  @Override
  public long newsFrom(long endOfLog) {
    return file.write(
        in -> {
          in.change("INSERT INTO value VALUES ('news_from', ?) ON CONFLICT DO NOTHING", endOfLog);
          return value(in, "news_from");
        });
  }

  @Override
  public Place place(String reader) {
    return file.read(
        in -> {
          Optional<Long> offset =
              in.one(
                  "SELECT next_offset FROM reader WHERE reader = ?", row -> row.getLong(1), reader);
          if (offset.isEmpty()) {
            return Place.START;
          }
          // What is saved again is a new row, so that the last one saved has the highest rowid.
          List<String> addresses =
              in.all(
                  "SELECT address FROM reader_state WHERE reader = ? ORDER BY rowid",
                  SqliteLedger::text,
                  reader);
          return new Place(offset.get(), addresses);
        });
  }

  @Override
  public Optional<Checkpoint.State> state(String reader, String address) {
    return file.read(
        in ->
            in.one(
                "SELECT next_offset, bytes FROM reader_state WHERE reader = ? AND address = ?",
                row -> new Checkpoint.State(row.getLong(1), row.getBytes(2)),
                reader,
                address));
  }

  @Override
  public long offset(String reader) {
    return file.read(
            in ->
                in.one(
                    """
                    SELECT max(
                      coalesce((SELECT next_offset FROM reader WHERE reader = ?), 0),
                      coalesce((SELECT max(next_offset) FROM reader_state WHERE reader = ?), 0))
                    """,
                    row -> row.getLong(1),
                    reader,
                    reader))
        .orElse(0L);
  }

  @Override
  public void save(String reader, Checkpoint checkpoint) {
    file.write(
        in -> {
          int saved = in.change("REPLACE INTO reader VALUES (?, ?)", reader, checkpoint.offset());
          for (String address : checkpoint.forgotten()) {
            saved +=
                in.change(
                    "DELETE FROM reader_state WHERE reader = ? AND address = ?", reader, address);
          }
          for (var state : checkpoint.states().entrySet()) {
            saved +=
                in.change(
                    "REPLACE INTO reader_state VALUES (?, ?, ?, ?)",
                    reader,
                    state.getKey(),
                    state.getValue().offset(),
                    state.getValue().bytes());
          }
          return saved;
        });
  }

  @Override
  public void forget(String reader) {
    file.write(
        in ->
            in.change("DELETE FROM reader WHERE reader = ?", reader)
                + in.change("DELETE FROM reader_state WHERE reader = ?", reader));
  }

  /// @throws IllegalArgumentException when a crash has no id, position or receive time
  @Override
  public void put(Collection<Crash> crashes) {
    if (crashes.isEmpty()) {
      return;
    }
    long[] dropped =
        file.write(
            in -> {
              long last = value(in, "last_change");
              long change = last;
              Set<String> addresses = new LinkedHashSet<>();
              SqliteShares.Added added = new SqliteShares.Added();
              for (Crash crash : crashes) {
                if (put(in, crash, change + 1, added)) {
                  change++;
                  addresses.add(SqliteShares.address(crash));
                }
              }
              if (change > last) {
                set(in, "last_change", change);
              }
              added.write(in);
              return keepShares(in, addresses);
            });
    retention.count(Dropped.CRASH_ADDRESS_SHARE, dropped[0]);
    retention.count(Dropped.CRASH_NETWORK_SHARE, dropped[1]);
    retention.count(Dropped.CRASH_BYTES, dropped[2]);
  }

  /// So that a flood can't grow the file until retention looks again.
  private long[] keepShares(SqliteSession in, Set<String> addresses) throws SQLException {
    long[] dropped = new long[3];
    Set<String> networks = new LinkedHashSet<>();
    for (String address : addresses) {
      dropped[0] += SqliteShares.keepAddress(in, address, mostBytes);
      networks.add(SourceNetwork.of(address));
    }
    for (String network : networks) {
      dropped[1] += SqliteShares.keepNetwork(in, network, mostBytes);
    }
    if (!addresses.isEmpty() && SqliteRetention.isFull(in, mostBytes)) {
      dropped[2] = SqliteShares.dropOfLargest(in);
    }
    return dropped;
  }

  private static boolean put(SqliteSession in, Crash found, long change, SqliteShares.Added added)
      throws SQLException {
    Crash crash = found;
    if (crash.id() == null || crash.position() == null || crash.receivedAtMicros() == null) {
      throw new IllegalArgumentException(
          "a crash without id, position or receive time: " + crash.title());
    }
    String json = Json.write(crash);
    Optional<Written> there =
        in.one(
            "SELECT first_change, json, packed FROM crash WHERE id = ?",
            row -> new Written(row.getLong(1), SqliteRows.text(row, "json")),
            crash.id());
    if (there.isPresent() && there.get().json.equals(json)) {
      return false;
    }
    Crash before = there.map(kept -> Json.read(kept.json, Crash.class)).orElse(null);
    if (before != null && !Objects.equals(before.signatureVersion(), crash.signatureVersion())) {
      // Read once more after an upgrade: other rules must not move it, nor make it news.
      crash = crash.named(before);
      json = Json.write(crash);
    }
    // The order of a map may differ from one process to the next, so equal texts don't decide.
    if (crash.equals(before)) {
      return false;
    }
    if (before == null && wasDropped(in, crash)) {
      return false;
    }
    byte[] packed = PackedText.pack(json);
    int gravity = SqliteSignatures.GRAVEST_FIRST.indexOf(crash.severity());
    in.change(
        """
        INSERT INTO crash (first_change, last_change, id, position, received_at, host, signature,
          kind, category, title, gravity, release, json, boot, panicked, packed)
        VALUES (?1, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)
        ON CONFLICT (id) DO UPDATE SET last_change = ?1, position = ?3, received_at = ?4,
          host = ?5, signature = ?6, kind = ?7, category = ?8, title = ?9, gravity = ?10,
          release = ?11, json = ?12, boot = ?13, panicked = ?14, packed = ?15
        """,
        change,
        crash.id(),
        crash.position(),
        crash.receivedAtMicros(),
        crash.host(),
        crash.signature(),
        crash.kind(),
        crash.category().name(),
        crash.title(),
        gravity,
        crash.kernel(),
        packed == null ? json : "",
        crash.boot(),
        crash.panicked() ? 1 : 0,
        packed);
    int bytes = packed == null ? json.length() : packed.length;
    String network = SqliteShares.network(crash);
    if (before == null) {
      SqliteSignatures.add(in, Counted.of(change, crash), network);
      SqliteShares.add(in, added, change, crash, gravity, bytes);
    } else {
      long number = there.orElseThrow().number;
      SqliteSignatures.change(in, Counted.of(number, before), Counted.of(number, crash), network);
      SqliteShares.change(in, added, number, crash, gravity, bytes);
    }
    return true;
  }

  private record Written(long number, String json) {}

  private static boolean wasDropped(SqliteSession in, Crash crash) throws SQLException {
    return in.one("SELECT 1 FROM dropped_crash WHERE id = ?", row -> 1, crash.id()).isPresent();
  }

  @Override
  public Optional<Crash> crash(String id) {
    return file.read(
        in -> in.one("SELECT json, packed FROM crash WHERE id = ?", SqliteRows::crash, id));
  }

  @Override
  public List<Crash> crashes(List<String> ids) {
    return file.read(
        in ->
            in.all(
                """
                SELECT crash.json, crash.packed FROM json_each(?) AS asked JOIN crash ON crash.id = asked.value
                ORDER BY asked.key
                """,
                SqliteRows::crash,
                Json.write(ids)));
  }

  @Override
  public List<Crash> crashes(long sinceMicros, long untilMicros, @Nullable Long after, int limit) {
    return file.read(
        in ->
            in.all(
                """
                SELECT json, packed FROM crash
                WHERE position < ? AND received_at >= ? AND received_at < ?
                ORDER BY position DESC, first_change DESC LIMIT ?
                """,
                SqliteRows::crash,
                after == null ? Long.MAX_VALUE : after,
                sinceMicros,
                untilMicros,
                limit));
  }

  @Override
  public List<Change> newCrashesAfter(long number, int limit) {
    return file.read(
        in ->
            in.all(
                """
                SELECT first_change, json, packed FROM crash WHERE first_change > ?
                ORDER BY first_change LIMIT ?
                """,
                SqliteLedger::change,
                number,
                limit));
  }

  @Override
  public List<Change> changedCrashesAfter(long number, int limit) {
    return file.read(
        in ->
            in.all(
                """
                SELECT last_change, json, packed FROM crash WHERE last_change > ?
                ORDER BY last_change LIMIT ?
                """,
                SqliteLedger::change,
                number,
                limit));
  }

  private static Change change(ResultSet row) throws SQLException {
    return new Change(row.getLong(1), SqliteRows.crash(row));
  }

  @Override
  public long lastChange() {
    return file.read(in -> value(in, "last_change"));
  }

  @Override
  public List<Signature> signatures(@Nullable Collection<String> signatures) {
    String asked = signatures == null ? null : Json.write(signatures);
    return file.read(in -> SqliteSignatures.read(in, asked));
  }

  @Override
  public Optional<Signature> signature(String signature) {
    return signatures(List.of(signature)).stream().findFirst();
  }

  @Override
  public List<Signature> signatures(long lastSeenMicros, String after, int limit) {
    return file.read(in -> SqliteSignatures.page(in, lastSeenMicros, after, limit));
  }

  @Override
  public Collection<String> signaturesIn(Signature.State state) {
    String sql =
        state == Signature.State.OPEN
            ? """
            SELECT signature FROM signature LEFT JOIN decision USING (signature)
            WHERE coalesce(state, 'OPEN') = ?
            """
            : """
            SELECT decision.signature FROM decision
            JOIN signature ON signature.signature = decision.signature WHERE state = ?
            """;
    return file.read(in -> in.all(sql, SqliteLedger::text, state.name()));
  }

  @Override
  public void putHosts(Collection<Host> hosts) {
    if (hosts.isEmpty()) {
      return;
    }
    file.write(
        in -> {
          int put = 0;
          for (Host host : hosts) {
            put += put(in, host);
          }
          return put;
        });
  }

  private static int put(SqliteSession in, Host host) throws SQLException {
    return in.change(
        "REPLACE INTO host VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        host.address(),
        host.host(),
        host.firstSeenMicros(),
        host.lastSeenMicros(),
        host.boot(),
        host.release(),
        host.format(),
        host.messages(),
        host.sequenceGaps(),
        host.messagesLost(),
        host.duplicates(),
        host.boots(),
        Json.write(host.labels()),
        host.incomplete(),
        name(host.hostSource()),
        host.claimedHost());
  }

  @Override
  public void forgetHosts(Collection<String> addresses) {
    if (addresses.isEmpty()) {
      return;
    }
    file.write(
        in -> {
          int forgotten = 0;
          for (String address : addresses) {
            forgotten += in.change("DELETE FROM host WHERE address = ?", address);
            forgotten += in.change("DELETE FROM run WHERE address = ?", address);
          }
          return forgotten;
        });
  }

  @Override
  public List<Host> hosts() {
    return file.read(in -> in.all("SELECT * FROM host ORDER BY host, address", SqliteRows::host));
  }

  @Override
  public List<Host> hosts(String after, int limit) {
    return file.read(
        in ->
            in.all(
                """
                SELECT * FROM host WHERE host IN
                  (SELECT DISTINCT host FROM host WHERE host > ? ORDER BY host LIMIT ?)
                ORDER BY host, address
                """,
                SqliteRows::host,
                after,
                limit));
  }

  @Override
  public List<Host> hostsNamed(String host) {
    return file.read(
        in -> in.all("SELECT * FROM host WHERE host = ? ORDER BY address", SqliteRows::host, host));
  }

  @Override
  public Map<String, Long> crashesByHost(Collection<String> hosts) {
    Map<String, Long> counts = new LinkedHashMap<>();
    file.read(
        in ->
            in.all(
                """
                SELECT host, events FROM crash_host
                WHERE host IN (SELECT value FROM json_each(?)) ORDER BY host
                """,
                row -> counts.put(row.getString(1), row.getLong(2)),
                Json.write(hosts)));
    return counts;
  }

  @Override
  public void putRuns(Collection<Run> runs) {
    if (!runs.isEmpty()) {
      file.write(in -> SqliteRuns.put(in, runs));
    }
  }

  @Override
  public List<Exposure> exposures(Watch watch) {
    return file.read(in -> SqliteRuns.exposures(in, watch));
  }

  @Override
  public Sightings sightings(String signature, Watch watch) {
    return file.read(in -> SqliteRuns.sightings(in, signature, watch));
  }

  @Override
  public void raise(
      Collection<Alarm> alarms,
      Collection<Delivery> deliveries,
      Collection<Repeat> repeats,
      long lastNumber) {
    SqliteAlarmShares.Gone[] gone = {SqliteAlarmShares.Gone.NONE, SqliteAlarmShares.Gone.NONE};
    file.write(
        in -> {
          Set<String> senders = new LinkedHashSet<>();
          for (Alarm alarm : alarms) {
            SqliteOutbox.raise(in, alarm);
            senders.add(alarm.sender());
          }
          for (Delivery delivery : deliveries) {
            SqliteOutbox.raise(in, delivery);
          }
          for (Repeat repeat : repeats) {
            SqliteOutbox.repeat(in, repeat);
          }
          keepAlarmShares(in, senders, gone);
          return set(in, "alerted_up_to", lastNumber);
        });
    retention.count(Dropped.ALARM_ADDRESS_SHARE, gone[0].alarms());
    retention.count(Dropped.ALARM_NETWORK_SHARE, gone[1].alarms());
    retention.count(Dropped.DELIVERY_ALARM, gone[0].deliveries() + gone[1].deliveries());
  }

  private static void keepAlarmShares(
      SqliteSession in, Set<String> senders, SqliteAlarmShares.Gone[] gone) throws SQLException {
    Set<String> networks = new LinkedHashSet<>();
    for (String sender : senders) {
      gone[0] = gone[0].plus(SqliteAlarmShares.keepSender(in, sender));
      networks.add(SourceNetwork.of(sender));
    }
    for (String network : networks) {
      gone[1] = gone[1].plus(SqliteAlarmShares.keepNetwork(in, network));
    }
  }

  @Override
  public long alertedUpTo() {
    return file.read(in -> value(in, "alerted_up_to"));
  }

  @Override
  public Optional<Alarm> lastAlarm(Origin origin, long atMicros) {
    return file.read(in -> SqliteOutbox.lastAlarm(in, origin, atMicros));
  }

  @Override
  public Optional<Alarm> alarm(String id) {
    return file.read(in -> in.one("SELECT * FROM alarm WHERE id = ?", SqliteRows::alarm, id));
  }

  @Override
  public List<Alarm> alarms(AlarmQuery query, @Nullable String after, int limit) {
    return file.read(in -> SqliteOutbox.alarms(in, query, after, limit));
  }

  @Override
  public List<Alarm> notifiedSince(long micros) {
    return file.read(in -> SqliteOutbox.notifiedSince(in, micros));
  }

  @Override
  public List<Alarm> held(boolean ofInventory, long sinceMicros, int limit) {
    return file.read(in -> SqliteOutbox.held(in, ofInventory, sinceMicros, limit));
  }

  @Override
  public HeldAlarms heldIn(String storm, int limit, int hosts) {
    return file.read(in -> SqliteOutbox.heldIn(in, storm, limit, hosts));
  }

  @Override
  public List<Delivery> due(String target, long nowMicros, int limit) {
    return file.read(in -> SqliteOutbox.due(in, target, nowMicros, limit));
  }

  /// @throws IllegalArgumentException when there is no delivery of an id
  @Override
  public void update(Collection<Delivery> deliveries) {
    if (deliveries.isEmpty()) {
      return;
    }
    file.write(
        in -> {
          int updated = 0;
          for (Delivery delivery : deliveries) {
            updated += SqliteOutbox.update(in, delivery);
          }
          return updated;
        });
  }

  @Override
  public Optional<Delivery> delivery(String id) {
    return file.read(in -> in.one("SELECT * FROM delivery WHERE id = ?", SqliteRows::delivery, id));
  }

  @Override
  public Optional<Delivery> lastDelivery(String alarm, String target) {
    return file.read(
        in ->
            in.one(
                """
                SELECT * FROM delivery WHERE alarm = ? AND target = ?
                ORDER BY number DESC LIMIT 1
                """,
                SqliteRows::delivery,
                alarm,
                target));
  }

  @Override
  public List<Delivery> deliveries(
      @Nullable String target, Delivery.@Nullable State state, @Nullable String after, int limit) {
    return file.read(in -> SqliteOutbox.deliveries(in, target, state, after, limit));
  }

  @Override
  public List<String> firing(String target, long lastSeenAfterMicros, int limit) {
    return file.read(in -> SqliteOutbox.firing(in, target, lastSeenAfterMicros, limit));
  }

  @Override
  public List<String> over(
      String target, long sinceMicros, long untilMicros, long lastsMicros, int limit) {
    return file.read(
        in -> SqliteOutbox.over(in, target, sinceMicros, untilMicros, lastsMicros, limit));
  }

  @Override
  public List<Reminder> reminders(List<String> ids) {
    return file.read(in -> SqliteOutbox.reminders(in, ids));
  }

  @Override
  public Outbox outbox() {
    return file.read(
            in ->
                in.one(
                    """
                    SELECT
                      coalesce((SELECT deliveries FROM delivery_sum WHERE state = ?1), 0) AS pending,
                      coalesce((SELECT min(created_at) FROM delivery WHERE state = ?1), 0) AS oldest,
                      coalesce((SELECT deliveries FROM delivery_sum WHERE state = ?2), 0) AS failed
                    """,
                    row ->
                        new Outbox(
                            row.getLong("pending"), row.getLong("oldest"), row.getLong("failed")),
                    Delivery.State.PENDING.name(),
                    Delivery.State.FAILED.name()))
        .orElseThrow();
  }

  @Override
  public List<Gone> droppedCrashesAfter(long number, int limit) {
    return file.read(
        in ->
            in.all(
                "SELECT number, id FROM dropped_crash WHERE number > ? ORDER BY number LIMIT ?",
                row -> new Gone(row.getLong(1), row.getString(2)),
                number,
                limit));
  }

  @Override
  public long retain(Limits limits, long nowMicros) {
    return retention.retain(limits, nowMicros);
  }

  @Override
  public Map<Dropped, Long> dropped() {
    return retention.dropped();
  }

  @Override
  public long bytes() {
    return file.bytes();
  }

  @Override
  public Optional<String> problem() {
    return Optional.ofNullable(file.problem());
  }

  @Override
  public long diskFailures() {
    return file.failures();
  }

  @Override
  public Waiting waiting(String target) {
    return file.read(in -> SqliteOutbox.waiting(in, target));
  }

  @Override
  public Optional<Disabled> disabled(String target) {
    return file.read(in -> SqliteOutbox.disabled(in, target));
  }

  @Override
  public void disable(String target, String reason, long sinceMicros) {
    file.write(
        in ->
            in.change(
                "REPLACE INTO disabled_target VALUES (?, ?, ?)", target, reason, sinceMicros));
  }

  @Override
  public void enable(String target) {
    file.write(in -> SqliteOutbox.enable(in, target));
  }

  @Override
  public boolean configured(String target, String digest) {
    return file.write(in -> SqliteOutbox.configured(in, target, digest));
  }

  @Override
  public Map<String, String> targets() {
    return file.read(SqliteOutbox::targets);
  }

  @Override
  public int withdraw(String target, String reason, long nowMicros) {
    int withdrawn = 0;
    for (int now = 1; now > 0; withdrawn += now) {
      now = file.write(in -> SqliteOutbox.giveUp(in, target, reason, nowMicros));
    }
    for (int now = 1; now > 0; ) {
      now = file.write(in -> SqliteOutbox.remindOfNothing(in, target));
    }
    file.write(in -> SqliteOutbox.forget(in, target));
    return withdrawn;
  }

  static long value(SqliteSession in, String name) throws SQLException {
    return in.one("SELECT value FROM value WHERE name = ?", row -> row.getLong(1), name)
        .orElseThrow();
  }

  static int set(SqliteSession in, String name, long value) throws SQLException {
    return in.change("UPDATE value SET value = ? WHERE name = ?", value, name);
  }

  /// See [SqliteFile#statements].
  Set<String> statements() {
    return file.statements();
  }

  private static @Nullable String name(@Nullable HostSource source) {
    return source == null ? null : source.name();
  }

  private static String text(ResultSet row) throws SQLException {
    return row.getString(1);
  }

  @Override
  public void close() {
    file.close();
  }
}
