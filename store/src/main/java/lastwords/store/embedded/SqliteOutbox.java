package lastwords.store.embedded;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import lastwords.json.Json;
import lastwords.kernel.Alarm;
import lastwords.kernel.Delivery;
import lastwords.kernel.Severity;
import lastwords.store.Ledger.AlarmQuery;
import lastwords.store.Ledger.Disabled;
import lastwords.store.Ledger.HeldAlarms;
import lastwords.store.Ledger.HeldSignature;
import lastwords.store.Ledger.Origin;
import lastwords.store.Ledger.Reminder;
import lastwords.store.Ledger.Repeat;
import lastwords.store.Ledger.Waiting;
import org.jspecify.annotations.Nullable;

/// The ledger's alarms and deliveries; each method runs within a transaction.
final class SqliteOutbox {
  /// A severity's rank in SQL: the name is what the file has.
  static final String GRAVITY =
      "CASE severity WHEN 'CRITICAL' THEN 0 WHEN 'ERROR' THEN 1 WHEN 'WARNING' THEN 2 ELSE 3 END";

  /// Deliveries changed in one transaction, for which other writers wait.
  private static final int AT_ONCE = 1_000;

  private SqliteOutbox() {}

  static void raise(SqliteSession in, Alarm alarm) throws SQLException {
    in.change(
        """
        INSERT INTO alarm (id, crash, signature, host, part, kind, title, severity, raised_at,
          state, reason, host_source, claimed_host, address, version, panicked, updated_at,
          notified_at, storm, sender, network)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (id) DO UPDATE SET severity = excluded.severity, state = excluded.state,
          reason = excluded.reason, version = excluded.version, panicked = excluded.panicked,
          updated_at = excluded.updated_at, notified_at = excluded.notified_at,
          storm = excluded.storm
        WHERE excluded.version > alarm.version
        """,
        alarm.id(),
        alarm.crash(),
        alarm.signature(),
        alarm.host(),
        alarm.part(),
        alarm.kind(),
        alarm.title(),
        alarm.severity().name(),
        alarm.raisedAtMicros(),
        alarm.state(),
        alarm.reason(),
        alarm.hostSource() == null ? null : alarm.hostSource().name(),
        alarm.claimedHost(),
        alarm.address(),
        alarm.version(),
        alarm.panicked() ? 1 : 0,
        alarm.updatedAtMicros(),
        alarm.notifiedAtMicros(),
        alarm.storm(),
        alarm.sender(),
        alarm.network());
  }

  static void raise(SqliteSession in, Delivery delivery) throws SQLException {
    byte[] packed = PackedText.pack(delivery.payload());
    int added =
        in.change(
            """
            INSERT INTO delivery (id, alarm, target, priority, state, attempts, created_at,
              next_attempt, delivered_at, status, error, payload, packed, last_seen)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13,
              max(?7, coalesce(?9, 0)))
            ON CONFLICT (id) DO NOTHING
            """,
            delivery.id(),
            delivery.alarm(),
            delivery.target(),
            delivery.priority(),
            delivery.state().name(),
            delivery.attempts(),
            delivery.createdAtMicros(),
            delivery.nextAttemptMicros(),
            delivery.deliveredAtMicros(),
            delivery.status(),
            delivery.error(),
            packed == null ? delivery.payload() : "",
            packed);
    if (added > 0) {
      in.change(
          "UPDATE delivery SET last_seen = 0 WHERE alarm = ? AND target = ? AND id <> ?",
          delivery.alarm(),
          delivery.target(),
          delivery.id());
    }
  }

  static void repeat(SqliteSession in, Repeat repeat) throws SQLException {
    in.change(
        "UPDATE delivery SET last_seen = ?1 WHERE alarm = ?2 AND last_seen BETWEEN 1 AND ?1",
        repeat.atMicros(),
        repeat.alarm());
  }

  static Optional<Alarm> lastAlarm(SqliteSession in, Origin of, long atMicros) throws SQLException {
    return in.one(
        """
        SELECT * FROM alarm WHERE signature = ?1 AND host = ?2 AND raised_at <= ?5
          AND (?3 ISNULL OR address ISNULL OR address = ?3)
          AND (?4 ISNULL OR part ISNULL OR part = ?4)
        ORDER BY raised_at DESC, number DESC LIMIT 1
        """,
        SqliteRows::alarm,
        of.signature(),
        of.host(),
        of.address(),
        of.part(),
        atMicros);
  }

  static List<Alarm> alarms(SqliteSession in, AlarmQuery query, @Nullable String after, int limit)
      throws SQLException {
    Conditions where = new Conditions();
    where.and("state = ?", query.state());
    where.and("reason = ?", query.reason());
    where.and("storm = ?", query.storm());
    where.and("raised_at >= ?", query.sinceMicros());
    where.and("number < (SELECT number FROM alarm WHERE id = ?)", after);
    return in.all(
        "SELECT * FROM alarm" + where.text() + " ORDER BY number DESC LIMIT ?",
        SqliteRows::alarm,
        where.with(limit));
  }

  static List<Delivery> deliveries(
      SqliteSession in,
      @Nullable String target,
      Delivery.@Nullable State state,
      @Nullable String after,
      int limit)
      throws SQLException {
    Conditions where = new Conditions();
    where.and("target = ?", target);
    where.and("state = ?", state == null ? null : state.name());
    where.and("number < (SELECT number FROM delivery WHERE id = ?)", after);
    return in.all(
        "SELECT * FROM delivery" + where.text() + " ORDER BY number DESC LIMIT ?",
        SqliteRows::delivery,
        where.with(limit));
  }

  /// Only what is asked for, so that SQLite can use its indexes.
  private static final class Conditions {
    private final List<String> conditions = new ArrayList<>();
    private final List<@Nullable Object> arguments = new ArrayList<>();

    void and(String condition, @Nullable Object argument) {
      if (argument != null) {
        conditions.add(condition);
        arguments.add(argument);
      }
    }

    String text() {
      return conditions.isEmpty() ? "" : " WHERE " + String.join(" AND ", conditions);
    }

    @Nullable Object[] with(Object last) {
      arguments.add(last);
      return arguments.toArray();
    }
  }

  static List<Alarm> notifiedSince(SqliteSession in, long micros) throws SQLException {
    return in.all(
        "SELECT * FROM alarm WHERE notified_at NOTNULL AND notified_at >= ?",
        SqliteRows::alarm,
        micros);
  }

  /// In two steps, since a flood may have a hundred thousand alarms held: who has any, then the few
  /// of each that can be meant.
  static List<Alarm> held(SqliteSession in, boolean ofInventory, long sinceMicros, int limit)
      throws SQLException {
    List<String> senders =
        in.all(
            """
            SELECT sender FROM alarm
            WHERE reason = 'storm' AND state = 'open' AND raised_at >= ? AND sender NOTNULL
              AND host_source %s 'INVENTORY'
            GROUP BY sender ORDER BY min(%s), max(number) DESC LIMIT ?
            """
                .formatted(ofInventory ? "IS" : "IS NOT", GRAVITY),
            row -> row.getString(1),
            sinceMicros,
            limit);
    List<List<Alarm>> bySender = new ArrayList<>();
    int each = Math.ceilDiv(limit, Math.max(1, senders.size()));
    for (String sender : senders) {
      bySender.add(heldBy(in, sender, ofInventory, sinceMicros, each));
    }
    List<Alarm> held = new ArrayList<>();
    for (int turn = 0; held.size() < limit; turn++) {
      int before = held.size();
      for (List<Alarm> alarms : bySender) {
        if (turn < alarms.size() && held.size() < limit) {
          held.add(alarms.get(turn));
        }
      }
      if (held.size() == before) {
        return held;
      }
    }
    return held;
  }

  /// The most severe and the newest in turn.
  private static List<Alarm> heldBy(
      SqliteSession in, String sender, boolean ofInventory, long sinceMicros, int limit)
      throws SQLException {
    String query =
        """
        SELECT * FROM alarm WHERE sender = ? AND reason = 'storm' AND state = 'open'
          AND raised_at >= ? AND host_source %s 'INVENTORY'
        """
            .formatted(ofInventory ? "IS" : "IS NOT");
    // CRITICAL and ERROR, of which nearly all alarms are, come first by their names too.
    List<Alarm> severe =
        in.all(
            query + "ORDER BY severity, number DESC LIMIT ?",
            SqliteRows::alarm,
            sender,
            sinceMicros,
            limit);
    List<Alarm> newest =
        in.all(
            query + "ORDER BY number DESC LIMIT ?", SqliteRows::alarm, sender, sinceMicros, limit);
    Map<String, Alarm> inTurn = new LinkedHashMap<>();
    for (int i = 0; i < severe.size(); i++) {
      inTurn.putIfAbsent(severe.get(i).id(), severe.get(i));
      inTurn.putIfAbsent(newest.get(i).id(), newest.get(i));
    }
    return List.copyOf(inTurn.values());
  }

  static HeldAlarms heldIn(SqliteSession in, String storm, int limit, int hosts)
      throws SQLException {
    List<HeldSignature> largest =
        in.all(
            """
            SELECT signature, max(title) AS title, max(kind) AS kind, min(%s) AS gravity,
              count(*) AS alarms, count(DISTINCT host) AS hosts
            FROM alarm WHERE storm = ? AND reason = 'storm' GROUP BY signature
            ORDER BY gravity, hosts DESC, alarms DESC, signature LIMIT ?
            """
                .formatted(GRAVITY),
            row ->
                new HeldSignature(
                    row.getString("signature"),
                    row.getString("title"),
                    row.getString("kind"),
                    SqliteSignatures.GRAVEST_FIRST.get(row.getInt("gravity")),
                    row.getLong("alarms"),
                    row.getLong("hosts"),
                    List.of()),
            storm,
            limit);
    List<HeldSignature> named = new ArrayList<>();
    for (HeldSignature held : largest) {
      List<String> names =
          in.all(
              """
              SELECT
                CASE WHEN address ISNULL OR address = host THEN host
                  ELSE host || ' (' || address || ')' END AS named
              FROM alarm WHERE storm = ? AND reason = 'storm' AND signature = ?
              GROUP BY named ORDER BY min(number) LIMIT ?
              """,
              row -> row.getString(1),
              storm,
              held.signature(),
              hosts);
      named.add(
          new HeldSignature(
              held.signature(),
              held.title(),
              held.kind(),
              held.severity(),
              held.alarms(),
              held.hosts(),
              names));
    }
    return in.one(
            """
            SELECT count(*), count(DISTINCT host), count(DISTINCT signature), min(%s)
            FROM alarm WHERE storm = ? AND reason = 'storm'
            """
                .formatted(GRAVITY),
            row ->
                new HeldAlarms(
                    row.getLong(1),
                    row.getLong(2),
                    row.getLong(3),
                    row.getLong(1) == 0
                        ? Severity.INFO
                        : SqliteSignatures.GRAVEST_FIRST.get(row.getInt(4)),
                    List.copyOf(named)),
            storm)
        .orElseThrow();
  }

  static List<Delivery> due(SqliteSession in, String target, long nowMicros, int limit)
      throws SQLException {
    return in.all(
        """
        SELECT * FROM delivery
        WHERE target = ? AND state = 'PENDING' AND next_attempt <= ?
          AND NOT EXISTS (
            SELECT 1 FROM delivery AS before
            WHERE before.alarm = delivery.alarm AND before.target = delivery.target
              AND before.number < delivery.number AND before.state = 'PENDING')
        ORDER BY priority, number LIMIT ?
        """,
        SqliteRows::delivery,
        target,
        nowMicros,
        limit);
  }

  static int update(SqliteSession in, Delivery delivery) throws SQLException {
    byte[] packed = PackedText.pack(delivery.payload());
    int updated =
        in.change(
            """
            UPDATE delivery SET state = ?1, attempts = ?2, next_attempt = ?3, delivered_at = ?4,
              status = ?5, error = ?6, payload = ?7, packed = ?9,
              last_seen = CASE last_seen WHEN 0 THEN 0 ELSE max(last_seen, coalesce(?4, 0)) END
            WHERE id = ?8
            """,
            delivery.state().name(),
            delivery.attempts(),
            delivery.nextAttemptMicros(),
            delivery.deliveredAtMicros(),
            delivery.status(),
            delivery.error(),
            packed == null ? delivery.payload() : "",
            delivery.id(),
            packed);
    if (updated == 0) {
      throw new IllegalArgumentException("there is no delivery " + delivery.id());
    }
    return updated;
  }

  static List<String> firing(SqliteSession in, String target, long afterMicros, int limit)
      throws SQLException {
    return in.all(
        """
        SELECT delivery.id FROM delivery LEFT JOIN alarm ON alarm.id = delivery.alarm
        WHERE target = ? AND last_seen > 0 AND last_seen > ?
          AND coalesce(alarm.state, 'open') <> 'resolved'
        ORDER BY priority, last_seen DESC LIMIT ?
        """,
        SqliteOutbox::text,
        target,
        afterMicros,
        limit);
  }

  static List<String> over(
      SqliteSession in,
      String target,
      long sinceMicros,
      long untilMicros,
      long lastsMicros,
      int limit)
      throws SQLException {
    return in.all(
        """
        SELECT id FROM delivery
        WHERE target = ?1 AND last_seen > 0 AND last_seen > ?2 AND last_seen <= ?3
        UNION
        SELECT delivery.id FROM alarm JOIN delivery ON delivery.alarm = alarm.id
        WHERE alarm.state = 'resolved' AND alarm.notified_at NOTNULL
          AND alarm.updated_at > ?2 + ?4 AND alarm.updated_at <= ?3 + ?4
          AND target = ?1 AND last_seen > 0 AND last_seen > ?2
        LIMIT ?5
        """,
        SqliteOutbox::text,
        target,
        sinceMicros,
        untilMicros,
        lastsMicros,
        limit);
  }

  static List<Reminder> reminders(SqliteSession in, List<String> ids) throws SQLException {
    return in.all(
        """
        SELECT delivery.* FROM json_each(?) AS asked JOIN delivery ON delivery.id = asked.value
        ORDER BY asked.key
        """,
        row -> new Reminder(SqliteRows.delivery(row), row.getLong("last_seen")),
        Json.write(ids));
  }

  static Waiting waiting(SqliteSession in, String target) throws SQLException {
    return in.one(
            """
            SELECT count(*), coalesce(min(created_at), 0) FROM delivery
            WHERE target = ? AND state = 'PENDING'
            """,
            row -> new Waiting(row.getLong(1), row.getLong(2)),
            target)
        .orElseThrow();
  }

  static Optional<Disabled> disabled(SqliteSession in, String target) throws SQLException {
    return in.one(
        "SELECT reason, since FROM disabled_target WHERE target = ?",
        row -> new Disabled(row.getString(1), row.getLong(2)),
        target);
  }

  static int enable(SqliteSession in, String target) throws SQLException {
    return in.change("DELETE FROM disabled_target WHERE target = ?", target);
  }

  static boolean configured(SqliteSession in, String target, String digest) throws SQLException {
    Optional<String> before =
        in.one("SELECT digest FROM target WHERE name = ?", SqliteOutbox::text, target);
    if (before.isPresent() && before.get().equals(digest)) {
      return false;
    }
    in.change("REPLACE INTO target VALUES (?, ?)", target, digest);
    return before.isPresent() && enable(in, target) > 0;
  }

  static Map<String, String> targets(SqliteSession in) throws SQLException {
    Map<String, String> targets = new LinkedHashMap<>();
    in.all(
            """
            SELECT name, digest FROM target UNION ALL
            SELECT DISTINCT target, '' FROM delivery
            WHERE state = 'PENDING' AND target NOT IN (SELECT name FROM target)
            """,
            row -> Map.entry(row.getString(1), row.getString(2)))
        .forEach(target -> targets.put(target.getKey(), target.getValue()));
    return targets;
  }

  /// Gives up some of what waits; 0 when nothing does.
  static int giveUp(SqliteSession in, String target, String reason, long nowMicros)
      throws SQLException {
    return in.change(
        """
        UPDATE delivery SET state = 'FAILED', error = ?, next_attempt = ? WHERE number IN (
          SELECT number FROM delivery WHERE target = ? AND state = 'PENDING' LIMIT ?)
        """,
        reason,
        nowMicros,
        target,
        AT_ONCE);
  }

  /// The same for what is firing.
  static int remindOfNothing(SqliteSession in, String target) throws SQLException {
    return in.change(
        """
        UPDATE delivery SET last_seen = 0 WHERE number IN (
          SELECT number FROM delivery WHERE target = ? AND last_seen > 0 LIMIT ?)
        """,
        target,
        AT_ONCE);
  }

  static int forget(SqliteSession in, String target) throws SQLException {
    return enable(in, target) + in.change("DELETE FROM target WHERE name = ?", target);
  }

  private static String text(ResultSet row) throws SQLException {
    return row.getString(1);
  }
}
