package lastwords.store.embedded;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import lastwords.json.Json;
import lastwords.kernel.Category;
import lastwords.kernel.Crash;
import lastwords.kernel.Severity;
import lastwords.kernel.Signature;
import org.jspecify.annotations.Nullable;

/// The sums of signatures and host names over their crashes: kept as crashes are written, so that
/// reading them costs the same however many crashes there are, and dropping a crash takes nothing
/// from them.
final class SqliteSignatures {
  /// A severity's place here is its `gravity` in the file: never move one.
  static final List<Severity> GRAVEST_FIRST =
      List.of(Severity.CRITICAL, Severity.ERROR, Severity.WARNING, Severity.INFO);

  /// Host names counted of one signature: the whole of a large fleet. Names beyond it, which only
  /// forged senders have, are not counted, so that one signature takes some 10 MB at most.
  static final int MAX_HOSTS = 100_000;

  /// Releases counted of one signature; crashes of further ones count for the signature only.
  static final int MAX_RELEASES = 1_000;

  /// Crashes looked at to find the severity of a signature again: those received last.
  private static final int MAX_LOOKED_AT = 1_000;

  private SqliteSignatures() {}

  /// What the sums need of a crash.
  record Counted(
      long number,
      @Nullable String signature,
      @Nullable String host,
      String release,
      int gravity,
      long receivedAt,
      String kind,
      Category category,
      String title) {
    static Counted of(long number, Crash crash) {
      return new Counted(
          number,
          crash.signature(),
          crash.host(),
          Objects.requireNonNullElse(crash.kernel(), ""),
          GRAVEST_FIRST.indexOf(crash.severity()),
          Objects.requireNonNull(crash.receivedAtMicros()),
          crash.kind(),
          crash.category(),
          crash.title());
    }

    boolean isCountedAs(Counted other) {
      return Objects.equals(signature, other.signature)
          && Objects.equals(host, other.host)
          && release.equals(other.release)
          && receivedAt == other.receivedAt;
    }
  }

  /// Counts a crash that was written for the first time.
  static void add(SqliteSession in, Counted crash, String network) throws SQLException {
    String signature = crash.signature;
    String host = crash.host;
    if (host != null) {
      in.change(
          """
          INSERT INTO crash_host VALUES (?1, 1, ?2) ON CONFLICT (host) DO UPDATE
            SET events = events + 1, last_seen = max(last_seen, ?2)
          """,
          host,
          crash.receivedAt);
    }
    if (signature == null) {
      return;
    }
    boolean first =
        in.one(
                    """
                    INSERT INTO signature (signature, title, kind, category, gravity, events, hosts,
                      first_seen, last_seen, first, newest, network)
                    VALUES (?1, ?2, ?3, ?4, ?5, 1, ?9, ?6, ?6, ?7, ?7, ?8)
                    ON CONFLICT (signature) DO UPDATE SET
                      events = events + 1,
                      gravity = min(gravity, ?5),
                      first = iif(?6 < first_seen, ?7, first),
                      first_seen = min(first_seen, ?6),
                      title = iif(?6 >= last_seen, ?2, title),
                      kind = iif(?6 >= last_seen, ?3, kind),
                      category = iif(?6 >= last_seen, ?4, category),
                      newest = iif(?6 >= last_seen, ?7, newest),
                      last_seen = max(last_seen, ?6),
                      network = iif(network = ?8, network, NULL)
                    RETURNING events
                    """,
                    row -> row.getLong(1),
                    signature,
                    crash.title,
                    crash.kind,
                    crash.category.name(),
                    crash.gravity,
                    crash.receivedAt,
                    crash.number,
                    network,
                    host == null ? 0 : 1)
                .orElseThrow()
            == 1;
    if (first) {
      addFirst(in, signature, host, crash.release);
    } else if (host == null || !addAgain(in, signature, host, crash.release)) {
      addRelease(in, signature, host, crash.release);
    }
  }

  /// Counts host and release of a signature that had none; its row has the host already.
  private static void addFirst(
      SqliteSession in, String signature, @Nullable String host, String release)
      throws SQLException {
    if (host != null) {
      in.change("INSERT INTO signature_host VALUES (?, ?, ?, 1)", signature, host, release);
    }
    in.change(
        "INSERT INTO signature_release VALUES (?, ?, 1, ?)",
        signature,
        release,
        host == null ? 0 : 1);
  }

  /// Counts a host and release that both were seen with the signature: nearly all are. Returns
  /// false, with nothing counted, for one that wasn't.
  private static boolean addAgain(SqliteSession in, String signature, String host, String release)
      throws SQLException {
    boolean counted =
        in.change(
                """
                UPDATE signature_release SET events = events + 1
                  WHERE signature = ?1 AND release = ?2 AND EXISTS (SELECT 1 FROM signature_host
                    WHERE signature = ?1 AND host = ?3 AND release = ?2)
                """,
                signature,
                release,
                host)
            > 0;
    if (counted) {
      in.change(
          """
          UPDATE signature_host SET events = events + 1
            WHERE signature = ? AND host = ? AND release = ?
          """,
          signature,
          host,
          release);
    }
    return counted;
  }

  private static void addRelease(
      SqliteSession in, String signature, @Nullable String host, String release)
      throws SQLException {
    boolean counted = countsRelease(in, signature, release);
    boolean newOnRelease = host != null && addHost(in, signature, host, counted ? release : "");
    if (counted) {
      in.change(
          """
          INSERT INTO signature_release VALUES (?1, ?2, 1, ?3)
          ON CONFLICT (signature, release) DO UPDATE SET events = events + 1, hosts = hosts + ?3
          """,
          signature,
          release,
          newOnRelease ? 1 : 0);
    }
  }

  private static boolean countsRelease(SqliteSession in, String signature, String release)
      throws SQLException {
    return in.one(
            """
            SELECT 1 WHERE EXISTS
                (SELECT 1 FROM signature_release WHERE signature = ?1 AND release = ?2)
              OR (SELECT count(*) FROM signature_release WHERE signature = ?1) < ?3
            """,
            row -> 1,
            signature,
            release,
            MAX_RELEASES)
        .isPresent();
  }

  /// Counts a crash for its host, unless the signature has [#MAX_HOSTS] others; returns whether it
  /// is the host's first one of that release.
  private static boolean addHost(SqliteSession in, String signature, String host, String release)
      throws SQLException {
    boolean known =
        in.one(
                "SELECT 1 FROM signature_host WHERE signature = ? AND host = ? LIMIT 1",
                row -> 1,
                signature,
                host)
            .isPresent();
    if (!known
        && in.change(
                "UPDATE signature SET hosts = hosts + 1 WHERE signature = ? AND hosts < ?",
                signature,
                MAX_HOSTS)
            == 0) {
      return false;
    }
    return in.change(
                """
                UPDATE signature_host SET events = events + 1
                  WHERE signature = ? AND host = ? AND release = ?
                """,
                signature,
                host,
                release)
            == 0
        && in.change("INSERT INTO signature_host VALUES (?, ?, ?, 1)", signature, host, release)
            > 0;
  }

  /// Counts a crash anew that was written again; its row must be the new one already.
  static void change(SqliteSession in, Counted before, Counted after, String network)
      throws SQLException {
    if (!before.isCountedAs(after)) {
      takeBack(in, before);
      add(in, after, network);
      return;
    }
    String signature = after.signature;
    if (signature == null) {
      return;
    }
    in.change(
        """
        UPDATE signature SET gravity = min(gravity, ?2),
          title = iif(newest = ?3, ?4, title),
          kind = iif(newest = ?3, ?5, kind),
          category = iif(newest = ?3, ?6, category)
        WHERE signature = ?1
        """,
        signature,
        after.gravity,
        after.number,
        after.title,
        after.kind,
        after.category.name());
    if (after.gravity > before.gravity) {
      findGravity(in, signature);
    }
  }

  /// Undoes [#add].
  private static void takeBack(SqliteSession in, Counted crash) throws SQLException {
    String signature = crash.signature;
    String host = crash.host;
    if (host != null) {
      in.change("UPDATE crash_host SET events = events - 1 WHERE host = ?", host);
      in.change("DELETE FROM crash_host WHERE host = ? AND events <= 0", host);
    }
    if (signature == null) {
      return;
    }
    in.change("UPDATE signature SET events = events - 1 WHERE signature = ?", signature);
    int gone = 0;
    if (host != null) {
      in.change(
          """
          UPDATE signature_host SET events = events - 1
            WHERE signature = ? AND host = ? AND release = ?
          """,
          signature,
          host,
          crash.release);
      gone =
          in.change(
              """
              DELETE FROM signature_host
                WHERE signature = ? AND host = ? AND release = ? AND events <= 0
              """,
              signature,
              host,
              crash.release);
      if (gone > 0) {
        in.change(
            """
            UPDATE signature SET hosts = hosts - 1 WHERE signature = ?1 AND NOT EXISTS
              (SELECT 1 FROM signature_host WHERE signature = ?1 AND host = ?2)
            """,
            signature,
            host);
      }
    }
    in.change(
        """
        UPDATE signature_release SET events = events - 1, hosts = hosts - ?3
          WHERE signature = ?1 AND release = ?2
        """,
        signature,
        crash.release,
        gone);
    in.change(
        "DELETE FROM signature_release WHERE signature = ? AND release = ? AND events <= 0",
        signature,
        crash.release);
    leave(in, signature, crash.number);
    findGravity(in, signature);
  }

  /// Leaves what a crash counted when it is dropped.
  static void drop(SqliteSession in, String signature, long number) throws SQLException {
    in.change("UPDATE signature SET dropped = dropped + 1 WHERE signature = ?", signature);
    leave(in, signature, number);
  }

  /// Finds the first and the newest crash of a signature again, after it lost one; forgets a
  /// signature that has none left.
  private static void leave(SqliteSession in, String signature, long number) throws SQLException {
    if (in.change("DELETE FROM signature WHERE signature = ? AND events <= dropped", signature)
        > 0) {
      in.change("DELETE FROM signature_host WHERE signature = ?", signature);
      in.change("DELETE FROM signature_release WHERE signature = ?", signature);
      return;
    }
    // Times too where all of its crashes are there, and a crash left it for another signature.
    in.change(
        """
        UPDATE OR IGNORE signature SET (first, first_seen) =
          (SELECT first_change, iif(dropped = 0, received_at, first_seen) FROM crash
            WHERE crash.signature = ?1 ORDER BY received_at LIMIT 1)
        WHERE signature = ?1 AND first = ?2
        """,
        signature,
        number);
    in.change(
        """
        UPDATE OR IGNORE signature SET (newest, title, kind, category, last_seen) =
          (SELECT crash.first_change, crash.title, crash.kind, crash.category,
            iif(dropped = 0, received_at, last_seen) FROM crash
            WHERE crash.signature = ?1 ORDER BY received_at DESC LIMIT 1)
        WHERE signature = ?1 AND newest = ?2
        """,
        signature,
        number);
  }

  /// Of the crashes that are there; a signature that lost some keeps what it had.
  private static void findGravity(SqliteSession in, String signature) throws SQLException {
    in.change(
        """
        UPDATE signature SET gravity = coalesce((SELECT min(gravity) FROM
          (SELECT gravity FROM crash WHERE crash.signature = ?1
            ORDER BY received_at DESC LIMIT ?2)), gravity)
        WHERE signature = ?1 AND dropped = 0
        """,
        signature,
        MAX_LOOKED_AT);
  }

  private static final String COLUMNS =
      """
      SELECT signature.*, decision.state FROM signature
      LEFT JOIN decision ON decision.signature = signature.signature
      """;

  /// @param asked a JSON array of signatures, or null for all
  static List<Signature> read(SqliteSession in, @Nullable String asked) throws SQLException {
    String those =
        asked == null ? "?1 ISNULL" : "signature.signature IN (SELECT value FROM json_each(?1))";
    String ofThose = asked == null ? "?1 ISNULL" : "signature IN (SELECT value FROM json_each(?1))";
    Map<String, List<Signature.Release>> releases = releases(in, ofThose, asked);
    return in.all(
        COLUMNS + "WHERE " + those + " ORDER BY last_seen DESC, signature.signature",
        row -> signature(row, releases),
        asked);
  }

  /// A page of all signatures, last seen first.
  static List<Signature> page(SqliteSession in, long lastSeen, String after, int limit)
      throws SQLException {
    List<String> names =
        in.all(
            """
            SELECT signature FROM signature
            WHERE last_seen <= ?1 AND (last_seen < ?1 OR signature > ?2)
            ORDER BY last_seen DESC, signature LIMIT ?3
            """,
            row -> row.getString(1),
            lastSeen,
            after,
            limit);
    return read(in, Json.write(names));
  }

  private static Map<String, List<Signature.Release>> releases(
      SqliteSession in, String those, @Nullable String asked) throws SQLException {
    Map<String, List<Signature.Release>> releases = new HashMap<>();
    in.all(
        """
        SELECT signature, nullif(release, '') AS release, events, hosts FROM signature_release
        WHERE %s ORDER BY events DESC, release
        """
            .formatted(those),
        row ->
            releases
                .computeIfAbsent(row.getString("signature"), any -> new ArrayList<>(2))
                .add(SqliteRows.release(row)),
        asked);
    return releases;
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
        GRAVEST_FIRST.get(row.getInt("gravity")),
        state == null ? Signature.State.OPEN : Signature.State.valueOf(state),
        row.getLong("events"),
        row.getLong("hosts"),
        row.getLong("first_seen"),
        row.getLong("last_seen"),
        List.copyOf(releases.getOrDefault(signature, List.of())),
        null);
  }
}
