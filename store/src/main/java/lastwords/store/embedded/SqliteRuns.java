package lastwords.store.embedded;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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
    Map<String, List<Ran>> runs = new HashMap<>();
    Map<String, String> names = new HashMap<>();
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
            """,
        row ->
            runs.computeIfAbsent(row.getString(1), any -> new ArrayList<>(4)).add(ran(row, names)),
        arguments(signature, watch));
    List<Sightings.OnHost> hosts = new ArrayList<>(runs.size());
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
          String host = row.getString(1);
          List<Ran> ran = host == null ? null : runs.get(host);
          if (ran == null) {
            return unplaced[0] += row.getLong(2);
          }
          ran.sort(Comparator.comparingLong(run -> run.span.fromMicros()));
          return hosts.add(
              new Sightings.OnHost(
                  host,
                  row.getLong(2),
                  row.getLong(3),
                  ran.getFirst().announced,
                  ran.stream().map(Ran::span).toList()));
        },
        arguments(signature, watch));
    return new Sightings(List.copyOf(hosts), unplaced[0]);
  }

  private record Ran(Sightings.Span span, boolean announced) {}

  /// By number, since there are many rows; their releases and hardware are few, and kept once.
  private static Ran ran(ResultSet row, Map<String, String> names) throws SQLException {
    long first = row.getLong(7);
    boolean crashed = !row.wasNull();
    return new Ran(
        new Sightings.Span(
            once(row.getString(3), names),
            once(row.getString(4), names),
            row.getLong(5),
            row.getLong(6),
            crashed ? first : null),
        row.getInt(2) != 0);
  }

  private static @Nullable String once(@Nullable String name, Map<String, String> names) {
    return name == null ? null : names.computeIfAbsent(name, any -> any);
  }

  private static @Nullable Object[] arguments(String signature, Ledger.Watch watch) {
    return new Object[] {
      watch.sinceMicros(), watch.untilMicros(), watch.silenceMicros(), signature
    };
  }
}
