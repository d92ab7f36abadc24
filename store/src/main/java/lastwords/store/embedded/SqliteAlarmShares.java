package lastwords.store.embedded;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;

/// How many alarms a sender and a source network have, and which are dropped first: as crashes are,
/// see [SqliteShares]. An alarm's deliveries go with it. One with a pending delivery stays.
final class SqliteAlarmShares {
  /// As for crashes, of which each makes one alarm at most.
  static final int MAX_ALARMS_PER_SENDER = SqliteShares.MAX_CRASHES_PER_ADDRESS;

  static final int MAX_ALARMS_PER_NETWORK = SqliteShares.MAX_CRASHES_PER_NETWORK;

  /// Alarms dropped beyond a share at a time, so that not each new one costs a look.
  private static final int STEP = 100;

  /// Senders of a network that lose some at a time: of what one call adds, ten times as many.
  private static final int MAX_ROUNDS = 50;

  /// The largest senders of a network that are tried.
  private static final int TRIED = 5;

  private static final String HAS_PENDING =
      """
      EXISTS (SELECT 1 FROM delivery
        WHERE delivery.alarm = alarm.id AND delivery.state = 'PENDING')
      """;

  private SqliteAlarmShares() {}

  /// How many were dropped.
  record Gone(int alarms, int deliveries) {
    static final Gone NONE = new Gone(0, 0);

    Gone plus(Gone other) {
      return new Gone(alarms + other.alarms, deliveries + other.deliveries);
    }
  }

  /// Drops what a sender has beyond its share.
  static Gone keepSender(SqliteSession in, String sender) throws SQLException {
    long alarms = alarms(in, "SELECT alarms FROM alarm_share WHERE sender = ?", sender);
    long over = alarms - MAX_ALARMS_PER_SENDER;
    if (over <= 0) {
      return Gone.NONE;
    }
    return dropOf(in, sender, over + STEP, alarms > 2L * MAX_ALARMS_PER_SENDER);
  }

  /// Drops what a network has beyond its share.
  static Gone keepNetwork(SqliteSession in, String network) throws SQLException {
    long alarms = alarms(in, "SELECT alarms FROM alarm_network_share WHERE network = ?", network);
    Gone gone = Gone.NONE;
    // A sender after the other, so that none loses much more than others of its network.
    for (int i = 0; i < MAX_ROUNDS && alarms - gone.alarms > MAX_ALARMS_PER_NETWORK; i++) {
      Gone now = dropOfLargest(in, network, alarms > 2L * MAX_ALARMS_PER_NETWORK);
      if (now.alarms == 0) {
        break;
      }
      gone = gone.plus(now);
    }
    return gone;
  }

  private static Gone dropOfLargest(SqliteSession in, String network, boolean alsoHeld)
      throws SQLException {
    for (String sender :
        in.all(
            "SELECT sender FROM alarm_share WHERE network = ? ORDER BY alarms DESC LIMIT ?",
            row -> row.getString(1),
            network,
            TRIED)) {
      Gone gone = dropOf(in, sender, STEP, alsoHeld);
      if (gone.alarms > 0) {
        return gone;
      }
    }
    return Gone.NONE;
  }

  private static long alarms(SqliteSession in, String sql, String whose) throws SQLException {
    return in.one(sql, row -> row.getLong(1), whose).orElse(0L);
  }

  /// @param alsoHeld also those that an alert storm holds and the next summary counts: while
  ///   alerting hangs, there must be a bound
  private static Gone dropOf(SqliteSession in, String sender, long alarms, boolean alsoHeld)
      throws SQLException {
    return drop(
        in,
        in.all(
            """
            SELECT number, id FROM alarm
            WHERE sender = ?1 AND NOT %s
              AND (?2 OR state <> 'open' OR reason ISNULL OR reason <> 'storm')
            ORDER BY EXISTS (SELECT 1 FROM alarm AS later WHERE later.sender = ?1
                AND later.signature = alarm.signature AND later.number > alarm.number) DESC,
              %s DESC, number
            LIMIT ?3
            """
                .formatted(HAS_PENDING, SqliteOutbox.GRAVITY),
            Row::of,
            sender,
            alsoHeld ? 1 : 0,
            Math.min(alarms, SqliteShares.MAX_AT_ONCE)));
  }

  /// Drops the oldest alarms raised before that.
  static Gone dropBefore(SqliteSession in, long micros) throws SQLException {
    return drop(
        in,
        in.all(
            """
            SELECT number, id FROM alarm WHERE raised_at < ? AND NOT %s ORDER BY raised_at LIMIT ?
            """
                .formatted(HAS_PENDING),
            Row::of,
            micros,
            SqliteShares.MAX_AT_ONCE));
  }

  private record Row(long number, String id) {
    static Row of(ResultSet row) throws SQLException {
      return new Row(row.getLong(1), row.getString(2));
    }
  }

  private static Gone drop(SqliteSession in, List<Row> alarms) throws SQLException {
    int deliveries = 0;
    for (Row alarm : alarms) {
      deliveries += in.change("DELETE FROM delivery WHERE alarm = ?", alarm.id);
      in.change("DELETE FROM alarm WHERE number = ?", alarm.number);
    }
    return new Gone(alarms.size(), deliveries);
  }
}
