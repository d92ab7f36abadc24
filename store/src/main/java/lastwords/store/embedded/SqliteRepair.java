package lastwords.store.embedded;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.sqlite.SQLiteErrorCode;

/// Finds damage in the file of a ledger, and makes a new file of what is sound in it.
///
/// Sums are computed anew from the crashes that are left. Rows are read in the order of their
/// numbers; where a page can't be read, reading goes on behind it. What is derived and lost is made
/// again from the log, since analysis then begins anew; what the log tells once more is no news.
final class SqliteRepair {
  private static final Logger LOG = LoggerFactory.getLogger(SqliteRepair.class);

  private static final List<String> TABLES =
      List.of(
          "value",
          "crash",
          "decision",
          "host",
          "alarm",
          "delivery",
          "disabled_target",
          "run",
          "dropped_crash",
          "reader",
          "reader_state");

  /// Attempts to get behind a page that can't be read; each goes twice as far as the one before.
  private static final int MAX_PROBES = 2_000;

  private static final long MAX_STEP = 1 << 16;

  private final Path file;
  private final Set<String> damaged = new TreeSet<>();
  private long saved;

  private SqliteRepair(Path file) {
    this.file = file;
  }

  /// Only for who alone has the ledger: before it is opened.
  static void check(Path file) {
    if (!Files.exists(file)) {
      return;
    }
    SqliteLibrary.unpackBeside(file);
    String damage = damage(file);
    if (damage != null) {
      new SqliteRepair(file).repair(damage);
    }
  }

  /// What is wrong with the file, null when nothing is or when it is no ledger.
  private static @Nullable String damage(Path file) {
    try (Connection connection = connect(file);
        Statement statement = connection.createStatement()) {
      try (ResultSet rows = statement.executeQuery("PRAGMA quick_check(1)")) {
        String found = rows.next() ? rows.getString(1) : "nothing came of a check";
        return "ok".equals(found) ? null : found.replace('\n', ' ');
      }
    } catch (SQLException e) {
      return switch (SQLiteErrorCode.getErrorCode(e.getErrorCode() & 0xff)) {
        case SQLITE_CORRUPT, SQLITE_NOTADB -> e.getMessage();
        default -> null; // who opens it will say so
      };
    }
  }

  private static Connection connect(Path file) throws SQLException {
    return DriverManager.getConnection("jdbc:sqlite:" + file);
  }

  private void repair(String damage) {
    Path aside = setAside();
    LOG.error("{} is damaged ({}); it is now {}", file, damage, aside);
    try (SqliteFile made = new SqliteFile(file)) {
      LOG.debug("{} was made", made);
    }
    try (Connection from = connect(aside);
        Connection to = connect(file)) {
      to.setAutoCommit(false);
      for (String table : TABLES) {
        try {
          copy(table, from, to);
        } catch (SQLException e) {
          damaged.add(table);
          LOG.debug("{} of {}", table, aside, e);
        }
      }
      straighten(to);
      to.commit();
    } catch (SQLException e) {
      throw new UncheckedIOException(
          new IOException(file + " can't be made again from " + aside + ": " + e.getMessage(), e));
    }
    LOG.error(
        "{}: {} rows were saved; rows are missing of: {}; what can be made again from the log is,"
            + " and nobody is told of it twice",
        file,
        saved,
        damaged.isEmpty() ? "nothing" : String.join(", ", damaged));
  }

  private Path setAside() {
    try {
      Path aside = file;
      for (int i = 1; Files.exists(aside); i++) {
        aside = file.resolveSibling(file.getFileName() + ".damaged-" + i);
      }
      Path log = Path.of(file + "-wal");
      if (Files.exists(log)) {
        Files.move(log, Path.of(aside + "-wal"));
      }
      Files.deleteIfExists(Path.of(file + "-shm"));
      return Files.move(file, aside);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void copy(String table, Connection from, Connection to) throws SQLException {
    long next = 0;
    long step = 1;
    for (int probes = 0; probes < MAX_PROBES; ) {
      try {
        long first = copyFrom(table, next, true, from, to);
        if (step > 1 && first > 0) {
          copyBackwards(table, first - 1, from, to);
        }
        return;
      } catch (Unreadable e) {
        damaged.add(table);
        if (e.first > 0 && step > 1) {
          copyBackwards(table, e.first - 1, from, to);
        }
        if (e.last >= next) {
          next = e.last + 1;
          step = 1;
          probes = 0;
        } else {
          next += step;
          step = Math.min(step * 2, MAX_STEP);
          probes++;
        }
      }
    }
    copyBackwards(table, Long.MAX_VALUE, from, to);
  }

  private void copyBackwards(String table, long last, Connection from, Connection to)
      throws SQLException {
    try {
      copyFrom(table, last, false, from, to);
    } catch (Unreadable _) {
      damaged.add(table);
    }
  }

  /// A page that can't be read.
  private static final class Unreadable extends Exception {
    private static final long serialVersionUID = 1;

    /// The numbers of the first and last row read before it; 0 when there was none.
    private final long first;

    private final long last;

    Unreadable(long first, long last, SQLException why) {
      super(why);
      this.first = first;
      this.last = last;
    }
  }

  /// Copies rows from that number on, up or down; returns the first one's, 0 when there was none.
  private long copyFrom(String table, long number, boolean up, Connection from, Connection to)
      throws Unreadable, SQLException {
    long first = 0;
    long last = 0;
    String sql =
        up
            ? "SELECT rowid, * FROM %s WHERE rowid >= ? ORDER BY rowid"
            : "SELECT rowid, * FROM %s WHERE rowid <= ? ORDER BY rowid DESC";
    try (PreparedStatement select = from.prepareStatement(sql.formatted(table))) {
      select.setLong(1, number);
      try (ResultSet rows = select.executeQuery();
          PreparedStatement insert = to.prepareStatement(insert(table, rows.getMetaData()))) {
        while (rows.next()) {
          for (int i = 2; i <= rows.getMetaData().getColumnCount(); i++) {
            insert.setObject(i - 1, rows.getObject(i));
          }
          last = rows.getLong(1);
          first = first == 0 ? last : first;
          saved += put(insert);
        }
      }
    } catch (SQLException e) {
      throw new Unreadable(first, last, e);
    }
    return first;
  }

  /// 0 for a row that the new table doesn't take: damage, too.
  private int put(PreparedStatement insert) {
    try {
      return insert.executeUpdate();
    } catch (SQLException e) {
      LOG.debug("a row was refused", e);
      return 0;
    }
  }

  private static String insert(String table, ResultSetMetaData columns) throws SQLException {
    int count = columns.getColumnCount();
    StringBuilder names = new StringBuilder();
    for (int i = 2; i <= count; i++) {
      names.append(i == 2 ? "" : ", ").append(columns.getColumnName(i));
    }
    String values = IntStream.range(1, count).mapToObj(_ -> "?").collect(Collectors.joining(", "));
    String how = table.equals("value") ? "REPLACE" : "INSERT OR IGNORE";
    return "%s INTO %s (%s) VALUES (%s)".formatted(how, table, names, values);
  }

  /// Has what was lost read again, and what is old be no news.
  private void straighten(Connection to) throws SQLException {
    try (Statement statement = to.createStatement()) {
      statement.executeUpdate(SqliteFile.schema(SqliteFile.SUMS));
      if (damaged.stream().anyMatch(Set.of("reader", "reader_state")::contains)) {
        statement.executeUpdate("DELETE FROM reader");
        statement.executeUpdate("DELETE FROM reader_state");
      }
      if (!damaged.stream().allMatch(Set.of("decision", "delivery")::contains)) {
        statement.executeUpdate("DELETE FROM reader WHERE reader = 'analysis'");
        statement.executeUpdate("DELETE FROM reader_state WHERE reader = 'analysis'");
        statement.executeUpdate("DELETE FROM value WHERE name = 'news_from'");
        statement.executeUpdate(
            "UPDATE value SET value = lower(hex(randomblob(16))) WHERE name = 'id'");
      }
      statement.executeUpdate(
          """
          UPDATE value SET value = max(value, (SELECT coalesce(max(last_change), 0) FROM crash))
          WHERE name = 'last_change'
          """);
      if (damaged.contains("value")) {
        statement.executeUpdate(
            """
            UPDATE value SET value = (SELECT value FROM value WHERE name = 'last_change')
            WHERE name = 'alerted_up_to'
            """);
      }
    }
  }
}
