package lastwords.app;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;

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

  /// A whole crash: headline, where and what died, stack, and with `lines` the report and what came
  /// before it.
  void crash(JsonNode crash, boolean lines) {
    terminal.out().println(terminal.bold(Terminal.safe(text(crash, "title"))));
    crashFields(crash);
    stack(crash.path("frames"));
    if (lines) {
      lines("Report", crash.path("report"));
      lines("Last words before it", crash.path("last_words"));
    }
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

  private void crashFields(JsonNode crash) {
    field("what", joined(text(crash, "severity"), text(crash, "category"), text(crash, "kind")));
    field("id", text(crash, "id"));
    field("signature", text(crash, "signature"));
    field("line", text(crash, "line"));
    field("received", text(crash, "received_at"));
    field("host", joined(text(crash, "host"), differing(crash, "address", "host")));
    field("kernel", joined(text(crash, "kernel"), text(crash, "arch"), taint(crash)));
    field("hardware", text(crash, "hardware"));
    field(
        "running",
        joined(
            text(crash, "comm"),
            labelled("pid ", crash, "pid"),
            labelled("uid ", crash, "uid"),
            labelled("CPU ", crash, "cpu")));
    field("guilty", text(crash, "guilty"));
    field("at", differing(crash, "ip", "guilty"));
    field("modules", text(crash, "modules"));
    crash
        .path("attrs")
        .properties()
        .forEach(
            attribute -> {
              String name = attribute.getKey();
              String value = attribute.getValue().asText();
              if (!value.equals(text(crash, name))) { // said above already
                field(name, value);
              }
            });
    field("note", String.join("; ", notes(crash)));
  }

  private static List<String> notes(JsonNode crash) {
    List<String> notes = new ArrayList<>();
    if (crash.path("panicked").asBoolean()) {
      notes.add("the machine went down with it");
    }
    if (crash.path("corrupted").asBoolean()) {
      notes.add("other lines are mixed in");
    }
    if (crash.path("suppressed").asBoolean()) {
      notes.add("follows from an earlier crash");
    }
    if (!crash.path("complete").asBoolean(true)) {
      notes.add("its end was not seen");
    }
    if (crash.path("lines_lost").asInt() > 0) {
      notes.add(text(crash, "lines_lost") + " lines are missing");
    }
    return notes;
  }

  private void stack(JsonNode frames) {
    if (frames.isEmpty()) {
      return;
    }
    heading("Stack");
    for (JsonNode frame : frames) {
      String line = text(frame, "function");
      if (frame.has("offset") && frame.has("size")) {
        line += "+0x%x/0x%x".formatted(frame.path("offset").asInt(), frame.path("size").asInt());
      }
      if (frame.has("module")) {
        line += " [" + text(frame, "module") + "]";
      }
      if (frame.has("file")) {
        line += " " + text(frame, "file") + labelled(":", frame, "line");
      }
      if (frame.path("inline").asBoolean()) {
        line += " (inlined)";
      }
      boolean guess = !frame.path("reliable").asBoolean(true);
      terminal.out().println((guess ? "  ? " : "    ") + Terminal.safe(line));
    }
  }

  private void lines(String heading, JsonNode lines) {
    if (lines.isEmpty()) {
      return;
    }
    heading(heading);
    for (JsonNode line : lines) {
      terminal.out().println("    " + Terminal.safeLines(line.asText()).replace("\n", "\n    "));
    }
  }

  private static String taint(JsonNode crash) {
    if (!crash.has("tainted")) {
      return "";
    }
    String letters = text(crash, "tainted");
    return letters.isEmpty() ? "not tainted" : "tainted " + letters;
  }

  private static String labelled(String label, JsonNode of, String field) {
    return of.has(field) ? label + text(of, field) : "";
  }

  /// The field, unless another one says the same.
  private static String differing(JsonNode of, String field, String from) {
    return text(of, field).equals(text(of, from)) ? "" : text(of, field);
  }

  private static String joined(String... texts) {
    return Stream.of(texts).filter(text -> !text.isEmpty()).collect(Collectors.joining(", "));
  }
}
