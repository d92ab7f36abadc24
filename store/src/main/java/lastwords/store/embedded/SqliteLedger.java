package lastwords.store.embedded;

import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import lastwords.json.Json;
import lastwords.kernel.Alarm;
import lastwords.kernel.Category;
import lastwords.kernel.Crash;
import lastwords.kernel.Delivery;
import lastwords.kernel.Exposure;
import lastwords.kernel.Host;
import lastwords.kernel.HostSource;
import lastwords.kernel.Position;
import lastwords.kernel.Run;
import lastwords.kernel.Severity;
import lastwords.kernel.Sightings;
import lastwords.kernel.Signature;
import lastwords.store.Checkpoint;
import lastwords.store.Ledger;
import org.jspecify.annotations.Nullable;

/// The ledger of one machine: an SQLite file, whose tables `ledger.sql` describes. Several threads
/// and processes may share it.
///
/// A signature is derived from its crashes whenever it is asked for, follow-ups (suppressed
/// crashes) included, so that its numbers are those of the list of its crashes; its title, kind and
/// category are those of the crash received last. Throws [java.io.UncheckedIOException] with the
/// file's path when the file is damaged or its disk fails.
public final class SqliteLedger implements Ledger {
  /// A severity's place here is its `gravity` in the file: never move one.
  private static final List<Severity> GRAVEST_FIRST =
      List.of(Severity.CRITICAL, Severity.ERROR, Severity.WARNING, Severity.INFO);

  private final SqliteFile file;

  private SqliteLedger(SqliteFile file) {
    this.file = file;
  }

  /// Opens the ledger in that file, and makes it when there is none.
  ///
  /// @throws java.io.UncheckedIOException when the file is no ledger, or of a newer version, or
  ///   damaged; says what to do
  public static SqliteLedger open(Path file) {
    return new SqliteLedger(new SqliteFile(file));
  }

  /// Opens the ledger as [#open] does, after a look at the whole file. When it is damaged, it is
  /// renamed to `….damaged-1` and a new one made of what is sound. Only for the process that writes
  /// crashes, at its start.
  ///
  /// @throws java.io.UncheckedIOException when the file is no ledger, or of a newer version
  public static SqliteLedger openRepaired(Path file) {
    SqliteRepair.check(file);
    return open(file);
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
    file.write(
        in -> {
          long last = value(in, "last_change");
          long change = last;
          for (Crash crash : crashes) {
            if (put(in, crash, change + 1)) {
              change++;
            }
          }
          return change == last ? 0 : set(in, "last_change", change);
        });
  }

  private static boolean put(SqliteSession in, Crash found, long change) throws SQLException {
    Crash crash = found;
    if (crash.id() == null || crash.position() == null || crash.receivedAtMicros() == null) {
      throw new IllegalArgumentException(
          "a crash without id, position or receive time: " + crash.title());
    }
    String json = Json.write(crash);
    Optional<String> there =
        in.one("SELECT json FROM crash WHERE id = ?", SqliteLedger::text, crash.id());
    if (there.isPresent() && there.get().equals(json)) {
      return false;
    }
    Crash before = there.map(kept -> Json.read(kept, Crash.class)).orElse(null);
    if (before != null && !Objects.equals(before.signatureVersion(), crash.signatureVersion())) {
      // Read once more after an upgrade: other rules must not move it, nor make it news.
      crash = crash.named(before);
      json = Json.write(crash);
    }
    // The order of a map may differ from one process to the next, so equal texts don't decide.
    if (crash.equals(before)) {
      return false;
    }
    in.change(
        """
        INSERT INTO crash (first_change, last_change, id, position, received_at, host, signature,
          kind, category, title, gravity, release, json, boot, panicked)
        VALUES (?1, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)
        ON CONFLICT (id) DO UPDATE SET last_change = ?1, position = ?3, received_at = ?4,
          host = ?5, signature = ?6, kind = ?7, category = ?8, title = ?9, gravity = ?10,
          release = ?11, json = ?12, boot = ?13, panicked = ?14
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
        GRAVEST_FIRST.indexOf(crash.severity()),
        crash.kernel(),
        json,
        crash.boot(),
        crash.panicked() ? 1 : 0);
    return true;
  }

  @Override
  public Optional<Crash> crash(String id) {
    return file.read(in -> in.one("SELECT json FROM crash WHERE id = ?", SqliteRows::crash, id));
  }

  @Override
  public List<Crash> crashes(List<String> ids) {
    return file.read(
        in ->
            in.all(
                """
                SELECT crash.json FROM json_each(?) AS asked JOIN crash ON crash.id = asked.value
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
                SELECT json FROM crash
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
                SELECT first_change, json FROM crash WHERE first_change > ?
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
                SELECT last_change, json FROM crash WHERE last_change > ?
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
    return file.read(in -> signatures(in, asked));
  }

  @Override
  public Optional<Signature> signature(String signature) {
    return signatures(List.of(signature)).stream().findFirst();
  }

  /// @param asked a JSON array of signatures, or null for all
  private static List<Signature> signatures(SqliteSession in, @Nullable String asked)
      throws SQLException {
    String those =
        asked == null
            ? "signature NOTNULL AND ? ISNULL"
            : "signature IN (SELECT value FROM json_each(?))";
    Map<String, List<Signature.Release>> releases = new HashMap<>();
    in.all(
        """
        SELECT signature, release, count(*) AS events, count(DISTINCT host) AS hosts
        FROM crash WHERE %s GROUP BY signature, release ORDER BY events DESC, release
        """
            .formatted(those),
        row ->
            releases
                .computeIfAbsent(row.getString("signature"), any -> new ArrayList<>())
                .add(SqliteRows.release(row)),
        asked);
    return in.all(
        """
        WITH sums AS (
          SELECT signature, count(*) AS events, count(DISTINCT host) AS hosts,
            min(gravity) AS gravest, min(received_at) AS first_seen,
            max(received_at) AS last_seen
          FROM crash WHERE %s GROUP BY signature)
        SELECT sums.*, newest.title, newest.kind, newest.category, decision.state
        FROM sums
        JOIN crash AS newest ON newest.first_change = (
          SELECT first_change FROM crash WHERE crash.signature = sums.signature
          ORDER BY received_at DESC, first_change DESC LIMIT 1)
        LEFT JOIN decision ON decision.signature = sums.signature
        ORDER BY last_seen DESC, sums.signature
        """
            .formatted(those),
        row -> signature(row, releases),
        asked);
  }

  private static Signature signature(ResultSet row, Map<String, List<Signature.Release>> releases)
      throws SQLException {
    String signature = row.getString("signature");
    String state = row.getString("state");
    return new Signature(
        signature,
        row.getString("title"),
        row.getString("kind"),
        Category.valueOf(row.getString("category")),
        GRAVEST_FIRST.get(row.getInt("gravest")),
        state == null ? Signature.State.OPEN : Signature.State.valueOf(state),
        row.getLong("events"),
        row.getLong("hosts"),
        row.getLong("first_seen"),
        row.getLong("last_seen"),
        List.copyOf(releases.getOrDefault(signature, List.of())),
        null);
  }

  @Override
  public Collection<String> signaturesIn(Signature.State state) {
    return file.read(
        in ->
            in.all(
                """
                SELECT signature FROM
                  (SELECT DISTINCT signature FROM crash WHERE signature NOTNULL)
                LEFT JOIN decision USING (signature)
                WHERE coalesce(state, 'OPEN') = ?
                """,
                SqliteLedger::text,
                state.name()));
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
  public Map<String, Long> crashesByHost() {
    Map<String, Long> counts = new LinkedHashMap<>();
    file.read(
        in ->
            in.all(
                "SELECT host, count(*) FROM crash WHERE host NOTNULL GROUP BY host ORDER BY host",
                row -> counts.put(row.getString(1), row.getLong(2))));
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
    file.write(
        in -> {
          for (Alarm alarm : alarms) {
            SqliteOutbox.raise(in, alarm);
          }
          for (Delivery delivery : deliveries) {
            SqliteOutbox.raise(in, delivery);
          }
          for (Repeat repeat : repeats) {
            SqliteOutbox.repeat(in, repeat);
          }
          return set(in, "alerted_up_to", lastNumber);
        });
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
  public List<Alarm> held(long sinceMicros, int limit) {
    return file.read(in -> SqliteOutbox.held(in, sinceMicros, limit));
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
                      (SELECT count(*) FROM delivery WHERE state = ?1) AS pending,
                      coalesce((SELECT min(created_at) FROM delivery WHERE state = ?1), 0) AS oldest,
                      (SELECT count(*) FROM delivery WHERE state = ?2) AS failed
                    """,
                    row ->
                        new Outbox(
                            row.getLong("pending"), row.getLong("oldest"), row.getLong("failed")),
                    Delivery.State.PENDING.name(),
                    Delivery.State.FAILED.name()))
        .orElseThrow();
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
        in -> in.change("REPLACE INTO disabled_target VALUES (?, ?, ?)", target, reason, sinceMicros));
  }

  @Override
  public void enable(String target) {
    file.write(in -> SqliteOutbox.enable(in, target));
  }

  @Override
  public boolean configured(String target, String digest) {
    return file.write(in -> SqliteOutbox.configured(in, target, digest));
  }

  private static long value(SqliteSession in, String name) throws SQLException {
    return in.one("SELECT value FROM value WHERE name = ?", row -> row.getLong(1), name)
        .orElseThrow();
  }

  private static int set(SqliteSession in, String name, long value) throws SQLException {
    return in.change("UPDATE value SET value = ? WHERE name = ?", value, name);
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
