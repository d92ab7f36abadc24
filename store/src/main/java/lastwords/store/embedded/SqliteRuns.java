package lastwords.store.embedded;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import lastwords.kernel.Exposure;
import lastwords.kernel.Run;
import lastwords.kernel.Sightings;
import lastwords.store.Ledger;
import org.jspecify.annotations.Nullable;

/// What the ledger knows of how long hosts were watched.
///
/// Nothing is added up when it is written: a run is a row, and everything else is asked of the
/// rows.
final class SqliteRuns {
  /// The runs with what counts of each of them, `began` to `ended`. A host's next boot ends a run
  /// also when it came from another of its addresses, so that no host counts twice.
  ///
  /// Arguments: 1 since, 2 until, 3 silence. The place is for a condition on hosts.
  private static final String SPANS =
      """
      span AS (
        SELECT boot, host, release, hardware, announced, max(started_at, ?1) AS began,
          min(?2, last_heard + ?3,
            coalesce(lead(started_at) OVER (PARTITION BY host ORDER BY started_at, number), ?2),
            coalesce((SELECT min(received_at) FROM crash
              WHERE crash.boot = run.boot AND panicked = 1), ?2)) AS ended
        FROM run WHERE last_heard + ?3 > ?1 %s)
      """;

  /// The crashes of signature 4, each with its run; a restart that nothing announced ended the boot
  /// before the one that tells of it.
  private static final String SEEN =
      """
      seen AS (
        SELECT run.boot, run.host, received_at
        FROM crash LEFT JOIN run ON run.boot = CASE crash.kind
          WHEN 'reboot' THEN (SELECT previous FROM run AS next WHERE next.boot = crash.boot)
          ELSE crash.boot END
        WHERE signature = ?4 AND received_at >= ?1 AND received_at < ?2)
      """;

  private SqliteRuns() {}

  static int put(SqliteSession in, Collection<Run> runs) throws SQLException {
    int put = 0;
    for (Run run : runs) {
      put += put(in, run);
    }
    in.change("DELETE FROM run WHERE number <= (SELECT max(number) FROM run) - ?", Ledger.MAX_RUNS);
    return put;
  }

  private static int put(SqliteSession in, Run run) throws SQLException {
    boolean isNew = in.one("SELECT 1 FROM run WHERE boot = ?", row -> 1, run.boot()).isEmpty();
    int put =
        in.change(
            """
            INSERT INTO run (boot, previous, address, host, release, hardware, announced,
              started_at, last_heard)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?9, ?7, ?8)
            ON CONFLICT (boot) DO UPDATE SET host = ?4, release = coalesce(?5, release),
              hardware = coalesce(?6, hardware), started_at = min(started_at, ?7),
              last_heard = max(last_heard, ?8)
            """,
            run.boot(),
            run.previous(),
            run.address(),
            run.host(),
            run.release(),
            run.hardware(),
            run.startedAtMicros(),
            run.lastHeardMicros(),
            run.announced() ? 1 : 0);
    if (isNew) {
      in.change(
          """
          DELETE FROM run WHERE address = ?1 AND number <= (
            SELECT number FROM run WHERE address = ?1 ORDER BY number DESC LIMIT 1 OFFSET ?2)
          """,
          run.address(),
          Ledger.MAX_RUNS_PER_ADDRESS);
    }
    return put;
  }

  static List<Exposure> exposures(SqliteSession in, Ledger.Watch watch) throws SQLException {
    return in.all(
        "WITH "
            + SPANS.formatted("")
            + """
            SELECT release, hardware, count(DISTINCT host) AS hosts, sum(ended - began) AS micros,
              min(began) AS began, max(ended) AS ended
            FROM span WHERE ended > began GROUP BY release, hardware
            """,
        row ->
            new Exposure(
                row.getString("release"),
                row.getString("hardware"),
                row.getLong("hosts"),
                row.getLong("micros"),
                row.getLong("began"),
                row.getLong("ended")),
        watch.sinceMicros(),
        watch.untilMicros(),
        watch.silenceMicros());
  }

  static Sightings sightings(SqliteSession in, String signature, Ledger.Watch watch)
      throws SQLException {
    Map<String, List<Sightings.Span>> spans = new HashMap<>();
    Set<String> announced = new HashSet<>();
    in.all(
        "WITH "
            + SEEN
            + ", "
            + SPANS.formatted("AND host IN (SELECT host FROM seen)")
            + """
            SELECT host, announced, release, hardware, began, max(began, ended) AS ended, first
            FROM span LEFT JOIN
              (SELECT boot, min(received_at) AS first FROM seen GROUP BY boot) USING (boot)
            WHERE ended > began OR first NOTNULL
            ORDER BY host, began
            """,
        row -> {
          String host = row.getString("host");
          List<Sightings.Span> ran = spans.computeIfAbsent(host, any -> new ArrayList<>());
          if (ran.isEmpty() && row.getInt("announced") != 0) {
            announced.add(host);
          }
          return ran.add(span(row));
        },
        arguments(signature, watch));
    List<Sightings.OnHost> hosts = new ArrayList<>(spans.size());
    long[] unplaced = {0};
    in.all(
        "WITH "
            + SEEN
            + """
            SELECT host, count(*) AS crashes,
              count(DISTINCT received_at / 3600000000) AS episodes
            FROM seen WHERE ?3 NOTNULL GROUP BY host ORDER BY host
            """,
        row -> {
          String host = row.getString("host");
          List<Sightings.Span> ran = host == null ? null : spans.get(host);
          if (ran == null) {
            return unplaced[0] += row.getLong("crashes");
          }
          return hosts.add(
              new Sightings.OnHost(
                  host,
                  row.getLong("crashes"),
                  row.getLong("episodes"),
                  announced.contains(host),
                  List.copyOf(ran)));
        },
        arguments(signature, watch));
    return new Sightings(List.copyOf(hosts), unplaced[0]);
  }

  private static @Nullable Object[] arguments(String signature, Ledger.Watch watch) {
    return new Object[] {
      watch.sinceMicros(), watch.untilMicros(), watch.silenceMicros(), signature
    };
  }

  private static Sightings.Span span(ResultSet row) throws SQLException {
    long first = row.getLong("first");
    boolean crashed = !row.wasNull();
    return new Sightings.Span(
        row.getString("release"),
        row.getString("hardware"),
        row.getLong("began"),
        row.getLong("ended"),
        crashed ? first : null);
  }
}
