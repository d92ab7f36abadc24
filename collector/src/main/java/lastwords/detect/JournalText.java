package lastwords.detect;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import lastwords.json.Json;
import org.jspecify.annotations.Nullable;

/// Entries of a systemd journal as `journalctl -o json` and `-o export` write them.
///
/// The kernel's are those that came by `_TRANSPORT=kernel` with the kernel's facility; all others
/// are a program's. Format: systemd's "Journal Export Formats". Fields with newlines in them, which
/// an export writes in binary, are passed over; since they may hold whatever a program said, their
/// entry ends where the next begins, and any other at its blank line.
final class JournalText {
  private static final String CURSOR = "__CURSOR=";
  private static final String JSON = "{\"";

  /// What stands before each entry of `-o json-seq`.
  private static final String RECORD = '\u001e' + JSON;

  private static final int MAX_FIELDS = 200;

  /// @param line the line of its message, counted as the reader does
  /// @param facility 0 for the kernel
  /// @param uptimeMicros -1 for unknown
  record Entry(
      long line, String host, int facility, int severity, long uptimeMicros, String text) {}

  private final ObjectMapper mapper = Json.newMapper();
  private final Map<String, String> fields = new LinkedHashMap<>();
  private boolean isExport;

  /// Whether the entry has a field in binary.
  private boolean isBinary;

  private long messageAt;
  private @Nullable Entry entry;

  /// Whether the lines to come are fields of an export.
  boolean isOpen() {
    return isExport;
  }

  /// Takes a line that belongs to an entry; false for a line that doesn't.
  ///
  /// @param at its number
  boolean takes(byte[] line, long at) {
    entry = null;
    if (begins(line, CURSOR)) {
      entry = end();
      isExport = true;
    } else if (isExport && fields.isEmpty() && !isBinary && !isPart(line)) {
      isExport = false;
    }
    if (isExport) {
      field(new String(line, StandardCharsets.UTF_8), at);
      return true;
    }
    if (begins(line, JSON)) {
      return json(new String(line, StandardCharsets.UTF_8), at);
    }
    return begins(line, RECORD)
        && json(new String(line, 1, line.length - 1, StandardCharsets.UTF_8), at);
  }

  /// The entry that the line taken last made whole, null where it made none.
  @Nullable Entry entry() {
    return entry;
  }

  /// The entry as far as it was read, as where the input is over; null where there is none.
  @Nullable Entry end() {
    Entry last = fields.isEmpty() ? null : of(fields, messageAt);
    fields.clear();
    isBinary = false;
    return last;
  }

  /// Whether a line stands between two entries or begins one.
  private static boolean isPart(byte[] line) {
    return nameEnd(line) > 0 || new String(line, StandardCharsets.UTF_8).isBlank();
  }

  /// Where the name of a field ends that a line begins with, 0 where there is none.
  private static int nameEnd(byte[] line) {
    int at = 0;
    while (at < line.length
        && (line[at] == '_'
            || (line[at] >= 'A' && line[at] <= 'Z')
            || (line[at] >= '0' && line[at] <= '9'))) {
      at++;
    }
    return at < line.length && line[at] == '=' ? at : 0;
  }

  private void field(String line, long at) {
    if (line.isBlank()) {
      entry = isBinary ? null : end();
      return;
    }
    int equals = line.indexOf('=');
    if (equals > 0 && fields.size() < MAX_FIELDS) {
      String name = line.substring(0, equals);
      boolean isNew = fields.putIfAbsent(name, line.substring(equals + 1).stripTrailing()) == null;
      messageAt = isNew && name.equals("MESSAGE") ? at : messageAt;
    }
    isBinary |= equals <= 0;
  }

  private boolean json(String line, long at) {
    try {
      JsonNode object = mapper.readTree(line);
      if (object == null || !object.has("MESSAGE")) {
        return false;
      }
      Map<String, String> values = new LinkedHashMap<>();
      object
          .properties()
          .forEach(
              field -> {
                String value = text(field.getValue());
                if (value != null) {
                  values.put(field.getKey(), value);
                }
              });
      entry = of(values, at);
      return true;
    } catch (JsonProcessingException e) {
      return false;
    }
  }

  /// A text, or one that isn't UTF-8 as an array of its bytes; null for anything else.
  private static @Nullable String text(JsonNode value) {
    if (!value.isArray()) {
      return value.isNull() ? null : value.asText();
    }
    StringBuilder text = new StringBuilder();
    for (JsonNode element : value) {
      if (!element.isInt()) {
        return element.isTextual() ? element.asText() : null;
      }
      text.append((char) (element.asInt() & 0xff));
    }
    return text.toString();
  }

  private static @Nullable Entry of(Map<String, String> fields, long line) {
    String message = fields.get("MESSAGE");
    if (message == null) {
      return null;
    }
    String transport = fields.get("_TRANSPORT");
    boolean kernel =
        transport == null
            ? "kernel".equals(fields.get("SYSLOG_IDENTIFIER"))
            : transport.equals("kernel") && fields.getOrDefault("SYSLOG_FACILITY", "0").equals("0");
    String stamp =
        fields.getOrDefault(
            "_SOURCE_MONOTONIC_TIMESTAMP", fields.getOrDefault("__MONOTONIC_TIMESTAMP", ""));
    Integer severity = FrameText.number(digits(fields.getOrDefault("PRIORITY", "")), 10);
    return new Entry(
        line,
        fields.getOrDefault("_HOSTNAME", ""),
        kernel ? 0 : LinePrefix.USER_FACILITY,
        severity == null ? -1 : severity & 7,
        micros(stamp),
        message);
  }

  private static long micros(String stamp) {
    String digits = digits(stamp);
    return digits == null || digits.length() > 17 ? -1 : Long.parseLong(digits);
  }

  private static @Nullable String digits(String text) {
    boolean all = !text.isEmpty() && text.chars().allMatch(c -> c >= '0' && c <= '9');
    return all ? text : null;
  }

  private static boolean begins(byte[] line, String with) {
    if (line.length < with.length()) {
      return false;
    }
    for (int i = 0; i < with.length(); i++) {
      if (line[i] != with.charAt(i)) {
        return false;
      }
    }
    return true;
  }
}
