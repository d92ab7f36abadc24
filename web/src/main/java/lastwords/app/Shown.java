package lastwords.app;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Locale;
import java.util.stream.Collectors;

/// How the API's objects read to people. Everything goes through [Terminal#safe].
final class Shown {
  private static final int SECONDS_CHARS = "2026-11-21T08:00:00".length();
  private static final int ERROR = 3;
  private static final int WARNING = 4;

  private final Terminal terminal;

  Shown(Terminal terminal) {
    this.terminal = terminal;
  }

  /// A field as text, a list's texts with commas; empty when it is absent.
  static String text(JsonNode of, String field) {
    JsonNode value = of.path(field);
    return value.isArray()
        ? value.valueStream().map(JsonNode::asText).collect(Collectors.joining(", "))
        : value.asText("");
  }

  /// A time without its fractions.
  static String time(JsonNode of, String field) {
    String time = text(of, field);
    return time.length() > SECONDS_CHARS
        ? time.substring(0, SECONDS_CHARS).replace('T', ' ') + "Z"
        : time;
  }

  /// One kernel message; further lines of it are indented.
  void message(JsonNode message) {
    String head = text(message, "received_at") + " " + text(message, "host") + " ";
    if (message.has("uptime_us")) {
      long micros = message.path("uptime_us").asLong();
      head += String.format(Locale.ROOT, "[%5d.%06d] ", micros / 1_000_000, micros % 1_000_000);
    }
    String said = Terminal.safeLines(text(message, "text")).replace("\n", "\n    ");
    int severity = message.path("severity").asInt(WARNING + 1);
    if (severity <= ERROR) {
      said = terminal.red(said);
    } else if (severity == WARNING) {
      said = terminal.yellow(said);
    }
    terminal.out().println(terminal.faint(Terminal.safe(head)) + said);
  }

  void heading(String text) {
    terminal.out().println();
    terminal.out().println(terminal.bold(text));
  }

  /// A named value; nothing where it is empty.
  void field(String name, String value) {
    if (!value.isEmpty()) {
      String padded = String.format(Locale.ROOT, "  %-13s ", Terminal.safe(name));
      terminal.out().println(terminal.faint(padded) + Terminal.safe(value));
    }
  }
}
