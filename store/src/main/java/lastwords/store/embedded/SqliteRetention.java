package lastwords.store.embedded;

import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;
import lastwords.json.Json;
import lastwords.store.Ledger;
import lastwords.store.Ledger.Dropped;

/// Drops what is beyond the limits of the ledger, in many short transactions: whoever writes beside
/// it waits for one of them at most.
///
/// By age first. When the ledger holds more bytes than it may: deliveries that are done, where they
/// hold more than their part, then runs, then crashes (see [SqliteShares]), then old alarms, then
/// signatures. Pending deliveries and what people decided are never dropped.
final class SqliteRetention {
  /// Signatures, their sums and two crashes each: what a fleet of every kernel shows in years.
  static final int MAX_SIGNATURES = 50_000;

  /// Of all hosts one a day, for a week.
  static final int MAX_ALARMS = 700_000;

  /// An alarm younger than this is never dropped for want of room.
  private static final long RECENT_MICROS = 7 * 86_400_000_000L;

  /// A delivery seen since then may belong to an alarm that still fires, and is repeated.
  private static final long FIRING_MICROS = 2 * 3_600_000_000L;

  /// Deliveries that are done may hold this part of the ledger.
  private static final int DELIVERIES_PART = 8;

  /// Readers' states of hosts may hold this part of the ledger: else those of a hundred thousand
  /// forged hosts would take the room of crashes.
  private static final int STATES_PART = 8;

  /// States looked at in one pass, which is made each minute.
  private static final int MAX_STATES = 50_000;

  /// Runs that stay when there is no room.
  private static final int LEAST_RUNS = 100_000;

  private static final long BY_AGE_EVERY_MICROS = 60_000_000;

  /// Transactions of one kind in one call, which is made each second.
  private static final int MAX_ROUNDS = 40;

  /// Crashes of an earlier version that are sized at a time.
  private static final int SIZED_AT_ONCE = 100;

  private static final int FREE_PART = 8;
  private static final int LEAST_FREE_PAGES = 2_048;
  private static final int FREED_PAGES = 512;

  /// Of a state: no datagram that it accounts for is read again.
  private static final String IS_BEHIND =
      """
      reader_state.next_offset <= (SELECT reader.next_offset FROM reader
        WHERE reader.reader = reader_state.reader)
      """;

  private final SqliteFile file;
  private final Map<Dropped, LongAdder> dropped = new EnumMap<>(Dropped.class);
  private long byAgeMicros = Long.MAX_VALUE;

  SqliteRetention(SqliteFile file) {
    this.file = file;
    for (Dropped each : Dropped.values()) {
      dropped.put(each, new LongAdder());
    }
  }

  /// What was dropped since this process began.
  Map<Dropped, Long> dropped() {
    Map<Dropped, Long> counts = new EnumMap<>(Dropped.class);
    dropped.forEach((what, count) -> counts.put(what, count.sum()));
    return counts;
  }

  void count(Dropped what, long count) {
    Objects.requireNonNull(dropped.get(what)).add(count);
  }

  private interface Step {
    int drop(SqliteSession in) throws SQLException;
  }

  /// Does a step until there is no more to drop, [#MAX_ROUNDS] times at most.
  private long repeat(Dropped what, Step step) {
    long all = 0;
    for (int i = 0; i < MAX_ROUNDS; i++) {
      int now = file.write(step::drop);
      all += now;
      if (now == 0) {
        break;
      }
    }
    count(what, all);
    return all;
  }

  /// Used by one thread.
  synchronized long retain(Ledger.Limits limits, long nowMicros) {
    for (int i = 0; i < MAX_ROUNDS; i++) {
      if (file.write(in -> SqliteShares.addOlder(in, SIZED_AT_ONCE)) == 0) {
        break;
      }
    }
    long before = sum();
    if (nowMicros < byAgeMicros || nowMicros - byAgeMicros >= BY_AGE_EVERY_MICROS) {
      byAge(limits, nowMicros);
      byAgeMicros = nowMicros;
    }
    makeRoom(limits.bytes(), nowMicros);
    shrink();
    return sum() - before;
  }

  private long sum() {
    return dropped.values().stream().mapToLong(LongAdder::sum).sum();
  }

  private void byAge(Ledger.Limits limits, long nowMicros) {
    long crashes = nowMicros - micros(limits.crashes());
    repeat(Dropped.CRASH_AGE, in -> SqliteShares.dropBefore(in, crashes));
    repeat(Dropped.ALARM_AGE, in -> dropAlarms(in, crashes));
    repeat(
        Dropped.ALARM_COUNT,
        in ->
            number(in, "SELECT coalesce(max(number) - min(number), 0) FROM alarm") > MAX_ALARMS
                ? dropAlarms(in, nowMicros)
                : 0);
    long deliveries = nowMicros - micros(limits.deliveries());
    repeat(Dropped.DELIVERY_AGE, in -> dropDeliveries(in, deliveries));
    long hosts = nowMicros - micros(limits.hosts());
    repeat(Dropped.HOST_AGE, in -> dropHosts(in, hosts));
    repeat(Dropped.RUN_AGE, in -> dropRuns(in, hosts));
    dropStates(limits.bytes() / STATES_PART);
    file.write(
        in ->
            in.change(
                """
                DELETE FROM crash_host WHERE last_seen < ?
                  AND NOT EXISTS (SELECT 1 FROM host WHERE host.host = crash_host.host)
                """,
                Math.min(hosts, crashes)));
    repeat(
        Dropped.SIGNATURE_COUNT,
        in ->
            number(in, "SELECT count(*) FROM signature") > MAX_SIGNATURES
                ? SqliteShares.dropSignature(in)
                : 0);
  }

  private void makeRoom(long bytes, long nowMicros) {
    repeat(
        Dropped.DELIVERY_BYTES,
        in ->
            isFull(in, bytes) && heldByDone(in) > bytes / DELIVERIES_PART
                ? dropDeliveries(in, nowMicros - FIRING_MICROS)
                : 0);
    repeat(Dropped.RUN_BYTES, in -> isFull(in, bytes) ? dropOldestRuns(in) : 0);
    repeat(Dropped.CRASH_BYTES, in -> isFull(in, bytes) ? SqliteShares.dropOfLargest(in) : 0);
    repeat(
        Dropped.ALARM_BYTES,
        in -> isFull(in, bytes) ? dropAlarms(in, nowMicros - RECENT_MICROS) : 0);
    repeat(Dropped.SIGNATURE_BYTES, in -> isFull(in, bytes) ? SqliteShares.dropSignature(in) : 0);
  }

  /// Gives pages back to the disk where many are free. A ledger that an older version made keeps
  /// them, and uses them again.
  private void shrink() {
    for (int i = 0; i < MAX_ROUNDS; i++) {
      long free = file.read(in -> number(in, "PRAGMA freelist_count"));
      long pages = file.read(in -> number(in, "PRAGMA page_count"));
      boolean can = file.read(in -> number(in, "PRAGMA auto_vacuum")) == 2;
      if (!can || free < LEAST_FREE_PAGES || free < pages / FREE_PART) {
        break;
      }
      file.write(
          in -> {
            in.script("PRAGMA incremental_vacuum(" + FREED_PAGES + ")");
            return FREED_PAGES;
          });
    }
  }

  /// Whether the pages in use are more than that.
  static boolean isFull(SqliteSession in, long bytes) throws SQLException {
    return used(in) > bytes;
  }

  private static long used(SqliteSession in) throws SQLException {
    return (number(in, "PRAGMA page_count") - number(in, "PRAGMA freelist_count"))
        * number(in, "PRAGMA page_size");
  }

  private static long heldByDone(SqliteSession in) throws SQLException {
    return number(in, "SELECT coalesce(sum(bytes), 0) FROM delivery_sum WHERE state <> 'PENDING'");
  }

  private int dropAlarms(SqliteSession in, long before) throws SQLException {
    SqliteAlarmShares.Gone gone = SqliteAlarmShares.dropBefore(in, before);
    count(Dropped.DELIVERY_ALARM, gone.deliveries());
    return gone.alarms();
  }

  private static int dropDeliveries(SqliteSession in, long before) throws SQLException {
    int dropped = 0;
    for (String state : new String[] {"DELIVERED", "FAILED"}) {
      dropped +=
          in.change(
              """
              DELETE FROM delivery WHERE number IN (SELECT number FROM delivery
                WHERE state = ? AND created_at < ? AND last_seen < ? ORDER BY created_at LIMIT ?)
              """,
              state,
              before,
              before,
              SqliteShares.MAX_AT_ONCE / 2);
    }
    return dropped;
  }

  private static int dropHosts(SqliteSession in, long before) throws SQLException {
    List<String> addresses =
        in.all(
            "SELECT address FROM host WHERE last_seen < ? ORDER BY last_seen LIMIT ?",
            row -> row.getString(1),
            before,
            SqliteShares.MAX_AT_ONCE);
    String gone = Json.write(addresses);
    in.change(
        "DELETE FROM reader_state WHERE address IN (SELECT value FROM json_each(?)) AND "
            + IS_BEHIND,
        gone);
    return in.change("DELETE FROM host WHERE address IN (SELECT value FROM json_each(?))", gone);
  }

  /// A state to drop.
  private record State(long row, long bytes) {}

  /// Of the hosts known for the shortest time first, and of these the largest.
  private void dropStates(long most) {
    long held =
        file.read(in -> number(in, "SELECT coalesce(sum(length(bytes)), 0) FROM reader_state"));
    if (held <= most) {
      return;
    }
    List<State> first =
        file.read(
            in ->
                in.all(
                    """
                    SELECT reader_state.rowid, length(bytes) FROM reader_state
                    JOIN host ON host.address = reader_state.address
                    WHERE %s
                    ORDER BY last_seen - first_seen, length(bytes) DESC LIMIT ?
                    """
                        .formatted(IS_BEHIND),
                    row -> new State(row.getLong(1), row.getLong(2)),
                    MAX_STATES));
    for (int from = 0; from < first.size() && held > most; ) {
      List<Long> rows = new ArrayList<>();
      while (from < first.size() && held > most && rows.size() < SqliteShares.MAX_AT_ONCE) {
        State state = first.get(from++);
        held -= state.bytes;
        rows.add(state.row);
      }
      String gone = Json.write(rows);
      count(
          Dropped.STATE_BYTES,
          file.write(
              in ->
                  in.change(
                      "DELETE FROM reader_state WHERE rowid IN (SELECT value FROM json_each(?))",
                      gone)));
    }
  }

  private static int dropRuns(SqliteSession in, long before) throws SQLException {
    return in.change(
        """
        DELETE FROM run WHERE number IN
          (SELECT number FROM run WHERE last_heard < ? ORDER BY last_heard LIMIT ?)
        """,
        before,
        SqliteShares.MAX_AT_ONCE);
  }

  private static int dropOldestRuns(SqliteSession in) throws SQLException {
    return in.change(
        """
        DELETE FROM run WHERE number IN (SELECT number FROM run
          WHERE number < (SELECT max(number) FROM run) - ? ORDER BY number LIMIT ?)
        """,
        LEAST_RUNS,
        SqliteShares.MAX_AT_ONCE);
  }

  private static long number(SqliteSession in, String sql) throws SQLException {
    return in.one(sql, row -> row.getLong(1)).orElseThrow();
  }

  private static long micros(Duration duration) {
    return duration.toNanos() / 1_000;
  }
}
