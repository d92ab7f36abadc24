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
/// an export writes in binary, are passed over.
final class JournalText {
  private static final String CURSOR = "__CURSOR=";
  private static final String JSON = "{\"";

  /// What stands before each entry of `-o json-seq`.
  private static final String RECORD = '\u001e' + JSON;

  private static final int MAX_FIELDS = 200;

  /// @param facility 0 for the kernel
  /// @param uptimeMicros -1 for unknown
  record Entry(String host, int facility, int severity, long uptimeMicros, String text) {}

  private final ObjectMapper mapper = Json.newMapper();
  private final Map<String, String> fields = new LinkedHashMap<>();
  private boolean isExport;
  private @Nullable Entry entry;

  /// Whether the lines to come are fields of an export.
  boolean isOpen() {
    return isExport;
  }

  /// Takes a line that belongs to an entry; false for a line that doesn't.
  boolean takes(byte[] line) {
    entry = null;
    if (isExport) {
      field(new String(line, StandardCharsets.UTF_8));
      return true;
    }
    if (begins(line, JSON)) {
      return json(new String(line, StandardCharsets.UTF_8));
    }
    if (begins(line, RECORD)) {
      return json(new String(line, 1, line.length - 1, StandardCharsets.UTF_8));
    }
    if (begins(line, CURSOR)) {
      isExport = true;
      field(new String(line, StandardCharsets.UTF_8));
      return true;
    }
    return false;
  }

  /// The entry that the line taken last made whole, null where it made none.
  @Nullable Entry entry() {
    return entry;
  }

  /// The input is over: the last entry, null where there is none.
  @Nullable Entry end() {
    Entry last = fields.isEmpty() ? null : of(fields);
    fields.clear();
    return last;
  }

  private void field(String line) {
    if (line.isBlank() || (line.startsWith(CURSOR) && !fields.isEmpty())) {
      entry = end();
    }
    int equals = line.indexOf('=');
    if (equals > 0 && fields.size() < MAX_FIELDS) {
      fields.putIfAbsent(line.substring(0, equals), line.substring(equals + 1).stripTrailing());
    }
  }

  private boolean json(String line) {
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
      entry = of(values);
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

  private static @Nullable Entry of(Map<String, String> fields) {
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
