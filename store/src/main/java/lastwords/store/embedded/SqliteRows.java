package lastwords.store.embedded;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Map;
import lastwords.json.Json;
import lastwords.kernel.Alarm;
import lastwords.kernel.Crash;
import lastwords.kernel.Delivery;
import lastwords.kernel.Host;
import lastwords.kernel.HostSource;
import lastwords.kernel.Severity;
import lastwords.kernel.Signature;
import org.jspecify.annotations.Nullable;

/// What the rows of the ledger's tables become.
final class SqliteRows {
  private SqliteRows() {}

  static Crash crash(ResultSet row) throws SQLException {
    return Json.read(text(row, "json"), Crash.class);
  }

  /// The text of that column, or what is packed beside it.
  static String text(ResultSet row, String column) throws SQLException {
    byte[] packed = row.getBytes("packed");
    return packed == null ? row.getString(column) : PackedText.unpack(packed);
  }

  static Host host(ResultSet row) throws SQLException {
    Map<String, String> labels = new LinkedHashMap<>();
    ((Map<?, ?>) Json.read(row.getString("labels"), Map.class))
        .forEach((name, value) -> labels.put((String) name, (String) value));
    return new Host(
        row.getString("address"),
        row.getString("host"),
        source(row),
        row.getString("claimed_host"),
        row.getLong("first_seen"),
        row.getLong("last_seen"),
        row.getString("boot"),
        row.getString("release"),
        row.getString("format"),
        row.getLong("messages"),
        row.getLong("sequence_gaps"),
        row.getLong("messages_lost"),
        row.getLong("duplicates"),
        row.getLong("incomplete"),
        row.getInt("boots"),
        labels);
  }

  static Alarm alarm(ResultSet row) throws SQLException {
    return new Alarm(
        row.getString("id"),
        row.getString("crash"),
        row.getString("signature"),
        row.getString("host"),
        source(row),
        row.getString("claimed_host"),
        row.getString("address"),
        row.getString("part"),
        row.getString("kind"),
        row.getString("title"),
        Severity.valueOf(row.getString("severity")),
        row.getInt("panicked") == 1,
        row.getLong("raised_at"),
        row.getString("state"),
        row.getString("reason"),
        row.getInt("version"),
        row.getLong("updated_at"),
        longOrNull(row, "notified_at"),
        row.getString("storm"));
  }

  private static @Nullable HostSource source(ResultSet row) throws SQLException {
    String source = row.getString("host_source");
    return source == null ? null : HostSource.valueOf(source);
  }

  static Delivery delivery(ResultSet row) throws SQLException {
    Long status = longOrNull(row, "status");
    return new Delivery(
        row.getString("id"),
        row.getString("alarm"),
        row.getString("target"),
        row.getInt("priority"),
        Delivery.State.valueOf(row.getString("state")),
        row.getInt("attempts"),
        row.getLong("created_at"),
        row.getLong("next_attempt"),
        longOrNull(row, "delivered_at"),
        status == null ? null : status.intValue(),
        row.getString("error"),
        text(row, "payload"));
  }

  static Signature.Release release(ResultSet row) throws SQLException {
    return new Signature.Release(
        row.getString("release"), row.getLong("events"), row.getLong("hosts"));
  }

  private static @Nullable Long longOrNull(ResultSet row, String column) throws SQLException {
    long value = row.getLong(column);
    return row.wasNull() ? null : value;
  }
}
