package lastwords.store.embedded;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;
import org.sqlite.ProgressHandler;

/// One connection and the statements prepared on it, each kept for the next time. Used by one
/// thread at a time, always within a transaction.
final class SqliteSession implements AutoCloseable {
  private final Connection connection;
  private final Map<String, PreparedStatement> statements = new HashMap<>();

  private final String begin;
  private volatile long begunNanos;

  /// @param connection in auto-commit mode: without it, the driver begins the next transaction, and
  ///   takes its lock, as soon as one ends
  /// @param begin how a transaction begins
  SqliteSession(Connection connection, String begin) {
    this.connection = connection;
    this.begin = begin;
  }

  /// Notes that a transaction begins now, for [#limit].
  void begun() {
    begunNanos = System.nanoTime();
  }

  /// Has a transaction called off that takes too long.
  ///
  /// @param every after so many instructions of SQLite its time is looked at
  /// @param tooLong of the nanoseconds since [#begun]
  void limit(int every, LongPredicate tooLong) throws SQLException {
    ProgressHandler.setHandler(
        connection,
        every,
        new ProgressHandler() {
          @Override
          protected int progress() {
            return tooLong.test(System.nanoTime() - begunNanos) ? 1 : 0;
          }
        });
  }

  /// What a row becomes.
  interface Row<T> {
    T of(ResultSet row) throws SQLException;
  }

  /// Does several statements that take no arguments.
  void script(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.executeUpdate(sql);
    }
  }

  /// Changes something; returns how many rows.
  int change(String sql, @Nullable Object... arguments) throws SQLException {
    return prepared(sql, arguments).executeUpdate();
  }

  <T> List<T> all(String sql, Row<T> row, @Nullable Object... arguments) throws SQLException {
    try (ResultSet rows = prepared(sql, arguments).executeQuery()) {
      List<T> all = new ArrayList<>();
      while (rows.next()) {
        all.add(row.of(rows));
      }
      return all;
    }
  }

  /// The first row, if there is one.
  <T> Optional<T> one(String sql, Row<T> row, @Nullable Object... arguments) throws SQLException {
    try (ResultSet rows = prepared(sql, arguments).executeQuery()) {
      return rows.next() ? Optional.of(row.of(rows)) : Optional.empty();
    }
  }

  private PreparedStatement prepared(String sql, @Nullable Object... arguments)
      throws SQLException {
    PreparedStatement statement = statements.get(sql);
    if (statement == null) {
      statement = connection.prepareStatement(sql);
      statements.put(sql, statement);
    }
    for (int i = 0; i < arguments.length; i++) {
      statement.setObject(i + 1, arguments[i]);
    }
    return statement;
  }

  /// What was prepared on it so far.
  Set<String> statements() {
    return Set.copyOf(statements.keySet());
  }

  /// Something to do within a transaction.
  interface Work<T> {
    T in(SqliteSession session) throws SQLException;
  }

  /// Does something as a whole, or nothing of it when it throws.
  <T> T transaction(Work<T> work) throws SQLException {
    change(begin);
    try {
      T result = work.in(this);
      change("COMMIT");
      return result;
    } catch (SQLException | RuntimeException | Error e) {
      try {
        change("ROLLBACK");
      } catch (SQLException again) {
        e.addSuppressed(again); // SQLite may have done so by itself, as on a full disk
      }
      throw e;
    }
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}
