package lastwords.store.embedded;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import lastwords.kernel.Crash;
import lastwords.kernel.SourceNetwork;
import org.jspecify.annotations.Nullable;

/// Who holds how much of the ledger, and which crashes are dropped first.
///
/// UDP senders can't be authenticated, so space is given out by where datagrams come from: an
/// address and a network each have a share, and who is beyond it loses crashes of their own. When
/// the whole ledger is full, the network that holds most loses first. Within an address repeats of
/// a signature go first, then the less severe, then the older ones.
///
/// The first and the newest crash of a signature stay when people decided about it, or several
/// networks showed it: one sender can neither displace nor pile them up.
final class SqliteShares {
  /// What a machine leaves that crashes each minute for 16 hours. More of the same explains
  /// nothing, and the signature counts it.
  static final int MAX_CRASHES_PER_ADDRESS = 1_000;

  /// A rack that goes down together, 80 times.
  static final int MAX_CRASHES_PER_NETWORK = 20_000;

  /// Of the ledger's bytes: ten networks full of forged senders are needed to fill it.
  private static final int NETWORK_PART = 10;

  private static final int ADDRESS_PART = 100;

  /// What a crash costs beside its JSON, measured: its columns, indexes and sums.
  static final int ROW_BYTES = 900;

  /// Ids of dropped crashes kept: what analysis reads again after it was killed, at 10,000 a
  /// second, and what indexing may be behind. 8 MB.
  static final int MAX_DROPPED = 100_000;

  /// Crashes dropped beyond a share at a time, so that not each new one costs a look.
  private static final int STEP = 100;

  /// In one transaction, so that it is short.
  static final int MAX_AT_ONCE = 500;

  /// Addresses of a network that lose some at a time: of what one call adds, ten times as many.
  private static final int MAX_ROUNDS = 50;

  /// The largest of a network or of all that are tried before something else is.
  private static final int TRIED = 5;

  /// A condition on a row of `kept`: whether it is one of the two crashes that its signature keeps.
  private static final String IS_KEPT_FOR_ITS_SIGNATURE =
      """
      EXISTS (SELECT 1 FROM signature AS s WHERE s.signature = kept.signature
        AND (s.first = kept.number OR s.newest = kept.number)
        AND (s.network ISNULL OR EXISTS (SELECT 1 FROM decision
          WHERE decision.signature = s.signature)))
      """;

  private SqliteShares() {}

  static String address(Crash crash) {
    return crash.address() != null ? crash.address() : Objects.requireNonNullElse(crash.host(), "");
  }

  static String network(Crash crash) {
    return SourceNetwork.of(address(crash));
  }

  /// What crashes of one transaction add to the shares of their senders: written once for each.
  static final class Added {
    private final Map<String, long[]> byAddress = new LinkedHashMap<>();

    private void add(String address, long bytes) {
      long[] sum = byAddress.computeIfAbsent(address, any -> new long[2]);
      sum[0]++;
      sum[1] += bytes;
    }

    void write(SqliteSession in) throws SQLException {
      for (var each : byAddress.entrySet()) {
        long[] sum = each.getValue();
        count(in, each.getKey(), SourceNetwork.of(each.getKey()), sum[0], sum[1]);
      }
      byAddress.clear();
    }
  }

  /// Counts a crash for its sender.
  ///
  /// @param bytes of its JSON, as stored
  static void add(SqliteSession in, Added to, long number, Crash crash, int gravity, int bytes)
      throws SQLException {
    String address = address(crash);
    String network = SourceNetwork.of(address);
    int all = bytes + ROW_BYTES;
    int added =
        in.change(
            "INSERT INTO kept VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
            number,
            address,
            network,
            crash.signature(),
            gravity,
            crash.receivedAtMicros(),
            all);
    if (added > 0) {
      to.add(address, all);
    }
  }

  /// Counts a crash anew that was written again.
  static void change(SqliteSession in, Added to, long number, Crash crash, int gravity, int bytes)
      throws SQLException {
    Kept before =
        in.one("SELECT * FROM kept WHERE number = ?", SqliteShares::kept, number).orElse(null);
    if (before != null) {
      to.write(in); // what is taken from may not be there yet
      count(in, before.address, before.network, -1, -before.bytes);
      in.change("DELETE FROM kept WHERE number = ?", number);
      add(in, to, number, crash, gravity, bytes);
    }
  }

  private static void count(
      SqliteSession in, String address, String network, long crashes, long bytes)
      throws SQLException {
    in.change(
        """
        INSERT INTO address_share VALUES (?1, ?2, ?3, ?4) ON CONFLICT (address)
          DO UPDATE SET crashes = crashes + ?3, bytes = bytes + ?4
        """,
        address,
        network,
        crashes,
        bytes);
    in.change(
        """
        INSERT INTO network_share VALUES (?1, ?2, ?3) ON CONFLICT (network)
          DO UPDATE SET crashes = crashes + ?2, bytes = bytes + ?3
        """,
        network,
        crashes,
        bytes);
    if (crashes < 0) {
      in.change("DELETE FROM address_share WHERE address = ? AND crashes <= 0", address);
      in.change("DELETE FROM network_share WHERE network = ? AND crashes <= 0", network);
    }
  }

  private record Kept(
      long number, String address, String network, @Nullable String signature, int bytes) {}

  private static Kept kept(ResultSet row) throws SQLException {
    return new Kept(
        row.getLong("number"),
        row.getString("address"),
        row.getString("network"),
        row.getString("signature"),
        row.getInt("bytes"));
  }

  private record Share(long crashes, long bytes) {
    static Share of(ResultSet row) throws SQLException {
      return new Share(row.getLong("crashes"), row.getLong("bytes"));
    }
  }

  /// Drops what an address has beyond its share; returns how many crashes.
  static int keepAddress(SqliteSession in, String address, long ledgerBytes) throws SQLException {
    Share share =
        in.one("SELECT crashes, bytes FROM address_share WHERE address = ?", Share::of, address)
            .orElse(new Share(0, 0));
    long mostBytes = ledgerBytes / ADDRESS_PART;
    if (share.crashes <= MAX_CRASHES_PER_ADDRESS && share.bytes <= mostBytes) {
      return 0;
    }
    // While alerting hangs, what it didn't see may go too: there must be a bound.
    boolean seenOnly = share.crashes <= 2 * MAX_CRASHES_PER_ADDRESS && share.bytes <= 2 * mostBytes;
    long crashes = share.crashes - MAX_CRASHES_PER_ADDRESS;
    long bytes = share.bytes - mostBytes;
    return drop(
        in,
        address,
        crashes > 0 ? crashes + STEP : 0,
        bytes > 0 ? bytes + mostBytes / 10 : 0,
        seenOnly);
  }

  /// Drops what a network has beyond its share; returns how many crashes.
  static int keepNetwork(SqliteSession in, String network, long ledgerBytes) throws SQLException {
    Share share =
        in.one("SELECT crashes, bytes FROM network_share WHERE network = ?", Share::of, network)
            .orElse(new Share(0, 0));
    long mostBytes = ledgerBytes / NETWORK_PART;
    if (share.crashes <= MAX_CRASHES_PER_NETWORK && share.bytes <= mostBytes) {
      return 0;
    }
    boolean seenOnly = share.crashes <= 2 * MAX_CRASHES_PER_NETWORK && share.bytes <= 2 * mostBytes;
    int dropped = 0;
    for (int i = 0; i < MAX_ROUNDS; i++) {
      int now = dropOfNetwork(in, network, seenOnly);
      dropped += now;
      if (now == 0
          || share.bytes > mostBytes
          || share.crashes - dropped <= MAX_CRASHES_PER_NETWORK) {
        break; // bytes are looked at again with the next crash
      }
    }
    return dropped;
  }

  /// Drops some crashes of the network that holds most; returns how many, 0 when the largest have
  /// none that may go.
  static int dropOfLargest(SqliteSession in) throws SQLException {
    for (String network :
        in.all(
            "SELECT network FROM network_share ORDER BY bytes DESC LIMIT ?",
            row -> row.getString(1),
            TRIED)) {
      int dropped = dropOfNetwork(in, network, true);
      if (dropped > 0) {
        return dropped;
      }
    }
    return 0;
  }

  private static int dropOfNetwork(SqliteSession in, String network, boolean seenOnly)
      throws SQLException {
    for (String address :
        in.all(
            "SELECT address FROM address_share WHERE network = ? ORDER BY bytes DESC LIMIT ?",
            row -> row.getString(1),
            network,
            TRIED)) {
      int dropped = drop(in, address, STEP, 0, seenOnly);
      if (dropped > 0) {
        return dropped;
      }
    }
    return 0;
  }

  /// Drops crashes of an address until so many, or so many bytes, are gone.
  private static int drop(
      SqliteSession in, String address, long crashes, long bytes, boolean seenOnly)
      throws SQLException {
    List<Kept> candidates =
        in.all(
            """
            SELECT * FROM kept WHERE address = ?1
              AND NOT %s
              AND (?2 = 0 OR (SELECT last_change FROM crash WHERE first_change = kept.number) <=
                (SELECT value FROM value WHERE name = 'alerted_up_to'))
            ORDER BY EXISTS (SELECT 1 FROM kept AS later WHERE later.address = ?1
                AND later.signature = kept.signature AND later.number > kept.number) DESC,
              gravity DESC, number
            LIMIT ?3
            """
                .formatted(IS_KEPT_FOR_ITS_SIGNATURE),
            SqliteShares::kept,
            address,
            seenOnly ? 1 : 0,
            MAX_AT_ONCE);
    long droppedBytes = 0;
    int dropped = 0;
    for (Kept kept : candidates) {
      if (dropped >= crashes && droppedBytes >= bytes) {
        break;
      }
      drop(in, kept);
      dropped++;
      droppedBytes += kept.bytes;
    }
    return dropped;
  }

  /// Drops crashes received before that; returns how many, fewer than [#MAX_AT_ONCE] when there are
  /// no more. The first and newest crash of each signature stay.
  static int dropBefore(SqliteSession in, long micros) throws SQLException {
    List<Kept> old =
        in.all(
            """
            SELECT * FROM kept WHERE received_at < ? AND NOT EXISTS
              (SELECT 1 FROM signature AS s WHERE s.signature = kept.signature
                AND (s.first = kept.number OR s.newest = kept.number))
            ORDER BY received_at LIMIT ?
            """,
            SqliteShares::kept,
            micros,
            MAX_AT_ONCE);
    for (Kept kept : old) {
      drop(in, kept);
    }
    return old.size();
  }

  /// Drops crashes of the signature that may go first: of one network alone, about which people
  /// decided nothing, last seen longest ago. When there is none, one of several networks.
  static int dropSignature(SqliteSession in) throws SQLException {
    String sql =
        """
        SELECT signature FROM signature WHERE %s AND NOT EXISTS
          (SELECT 1 FROM decision WHERE decision.signature = signature.signature)
        ORDER BY last_seen LIMIT 1
        """;
    String signature =
        in.one(sql.formatted("network NOTNULL"), row -> row.getString(1))
            .or(() -> oldest(in, sql))
            .orElse(null);
    if (signature == null) {
      return 0;
    }
    List<Kept> crashes =
        in.all(
            """
            SELECT kept.* FROM crash JOIN kept ON kept.number = crash.first_change
            WHERE crash.signature = ? LIMIT ?
            """,
            SqliteShares::kept,
            signature,
            MAX_AT_ONCE);
    for (Kept kept : crashes) {
      drop(in, kept);
    }
    return crashes.size();
  }

  private static java.util.Optional<String> oldest(SqliteSession in, String sql) {
    try {
      return in.one(sql.formatted("true"), row -> row.getString(1));
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void drop(SqliteSession in, Kept kept) throws SQLException {
    in.change(
        "INSERT OR IGNORE INTO dropped_crash (id) SELECT id FROM crash WHERE first_change = ?",
        kept.number);
    in.change("DELETE FROM crash WHERE first_change = ?", kept.number);
    in.change("DELETE FROM kept WHERE number = ?", kept.number);
    count(in, kept.address, kept.network, -1, -kept.bytes);
    if (kept.signature != null) {
      SqliteSignatures.drop(in, kept.signature, kept.number);
    }
    in.change(
        "DELETE FROM dropped_crash WHERE number <= (SELECT max(number) FROM dropped_crash) - ?",
        MAX_DROPPED);
  }

  /// Adds crashes that an earlier version wrote; returns how many, 0 when all have been added.
  static int addOlder(SqliteSession in, int limit) throws SQLException {
    long from = SqliteLedger.value(in, "sized_up_to");
    long until = SqliteLedger.value(in, "sized_until");
    if (from >= until) {
      return 0;
    }
    List<Sized> sized =
        in.all(
            """
            SELECT first_change, gravity, octet_length(json) + coalesce(octet_length(packed), 0)
              AS bytes, json, packed
            FROM crash WHERE first_change > ? AND first_change <= ? ORDER BY first_change LIMIT ?
            """,
            row -> new Sized(row.getLong(1), row.getInt(2), row.getInt(3), SqliteRows.crash(row)),
            from,
            until,
            limit);
    Added added = new Added();
    for (Sized one : sized) {
      add(in, added, one.number, one.crash, one.gravity, one.bytes);
    }
    added.write(in);
    SqliteLedger.set(in, "sized_up_to", sized.isEmpty() ? until : sized.getLast().number);
    return sized.size();
  }

  private record Sized(long number, int gravity, int bytes, Crash crash) {}
}
