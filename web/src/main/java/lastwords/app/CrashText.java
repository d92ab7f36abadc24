package lastwords.app;

import static lastwords.app.Shown.text;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import lastwords.demangle.Demangler;
import lastwords.kernel.Taint;
import org.jspecify.annotations.Nullable;

/// How a crash reads to people: what died and why it is called so, then the stack folded to what
/// matters, then what came before. No wider than the terminal.
final class CrashText {
  /// Lines that made the title, shown of one crash.
  private static final int MAX_REASONS = 8;

  /// Last words shown where the whole log is at hand anyway.
  private static final int FEW_LAST_WORDS = 5;

  private static final int NAME = 12;

  private static final String GUESS = "guess";

  /// Attributes shown in words of their own.
  private static final Set<String> VICTIM = Set.of("victim", "victim_pid", "invoker");

  private final Terminal terminal;
  private final JsonNode crash;

  CrashText(Terminal terminal, JsonNode crash) {
    this.terminal = terminal;
    this.crash = crash;
  }

  /// @param number how it is counted among others, "" for one alone
  /// @param whole with the report and all last words
  void print(String number, boolean whole) {
    String title = Terminal.safe(number + text(crash, "title"));
    put(title, 0, line -> terminal.bold(colored(line)));
    put("  " + Terminal.safe(inWords()), 2, line -> line);
    terminal.out().println();
    fields();
    why();
    stack();
    if (whole) {
      lines("Report", crash.path("report"), Integer.MAX_VALUE);
    }
    lines(
        "Last words before it",
        crash.path("last_words"),
        whole ? Integer.MAX_VALUE : FEW_LAST_WORDS);
  }

  /// Prints that it is one more of what was printed before.
  void printRepeated(String number, int before) {
    put(Terminal.safe(number + text(crash, "title")), 0, line -> terminal.bold(colored(line)));
    put("  " + Terminal.safe(inWords()), 2, line -> line);
    put("  the same as " + before + ", by signature and path", 2, terminal::faint);
  }

  private String colored(String line) {
    return switch (text(crash, "severity")) {
      case "critical", "error" -> terminal.red(line);
      case "warning" -> terminal.yellow(line);
      default -> line;
    };
  }

  private String inWords() {
    List<String> words = new ArrayList<>();
    words.add(text(crash, "severity"));
    words.add(text(crash, "category") + " (" + text(crash, "kind") + ")");
    if (crash.has("line")) {
      words.add("line " + text(crash, "line"));
    }
    if (crash.path("panicked").asBoolean()) {
      words.add("the machine went down with it");
    }
    if (crash.path("suppressed").asBoolean()) {
      words.add("follows from an earlier crash");
    }
    if (crash.path("corrupted").asBoolean()) {
      words.add("lines of it are missing, or others mixed in");
    }
    if (!crash.path("complete").asBoolean(true)) {
      words.add("its end was not seen");
    }
    if (crash.path("lines_lost").asInt() > 0) {
      words.add(text(crash, "lines_lost") + " lines are missing");
    }
    return String.join(" · ", words);
  }

  private void fields() {
    field("id", text(crash, "id"));
    field("received", text(crash, "received_at"));
    String address = text(crash, "address");
    field("host", joined(text(crash, "host"), address.equals(text(crash, "host")) ? "" : address));
    field("name from", text(crash, "host_source"));
    field("claims to be", text(crash, "claimed_host"));
    who();
    field("kernel", joined(text(crash, "kernel"), text(crash, "arch")));
    field("tainted", taint());
    field("hardware", text(crash, "hardware"));
    crash
        .path("attrs")
        .properties()
        .forEach(
            attribute -> {
              String value = attribute.getValue().asText();
              boolean said =
                  value.equals(text(crash, attribute.getKey()))
                      || VICTIM.contains(attribute.getKey());
              if (!said) {
                field(attribute.getKey(), value);
              }
            });
    field("modules", crash.path("modules").isEmpty() ? "" : text(crash, "modules"));
  }

  /// The task that ran, or whom it was about.
  private void who() {
    JsonNode attributes = crash.path("attrs");
    if (attributes.has("victim")) {
      String pid = text(attributes, "victim_pid");
      field("killed", joined(text(attributes, "victim"), pid.isEmpty() ? "" : "pid " + pid));
    }
    String task =
        joined(
            crash.has("comm") ? text(crash, "comm") : text(attributes, "invoker"),
            labelled("pid ", "pid"),
            labelled("uid ", "uid"),
            labelled("CPU ", "cpu"));
    String how =
        switch (text(crash, "kind")) {
          case "oom-kill" -> "on behalf of";
          case "hung-task" -> "blocked";
          default -> text(crash, "category").equals("userspace") ? "died" : "running";
        };
    field(how, task);
  }

  private String taint() {
    if (!crash.has("tainted")) {
      return "";
    }
    String letters = text(crash, "tainted");
    List<Taint> taints =
        Taint.of(letters).stream().filter(taint -> !taint.name().isEmpty()).toList();
    return taints.isEmpty()
        ? (letters.isEmpty() || letters.equals("G") ? "no" : letters)
        : letters + ": " + taints.stream().map(Taint::meaning).collect(Collectors.joining("; "));
  }

  /// Which lines and functions made title and signature.
  private void why() {
    JsonNode explanation = crash.path("explanation");
    if (explanation.isMissingNode()) {
      field("signature", text(crash, "signature"));
      field("guilty", text(crash, "guilty"));
      return;
    }
    heading("Why it is called and grouped so");
    JsonNode report = crash.path("report");
    int shown = 0;
    for (JsonNode index : explanation.path("lines")) {
      String line = report.path(index.asInt()).asText("").strip();
      if (!line.isEmpty() && shown++ < MAX_REASONS) {
        for (String part :
            Lines.wrapped(Terminal.safe(line.replace('\t', ' ')), terminal.width() - 4, 4)) {
          terminal.out().println(terminal.faint("  │ " + part));
        }
      }
    }
    field("said by", text(explanation, "source"));
    field("guilty", guilty(explanation));
    field(
        "signature",
        joined(
            text(crash, "signature"),
            explanation.path("signed").isEmpty()
                ? ""
                : "of “"
                    + explanation
                        .path("signed")
                        .valueStream()
                        .map(JsonNode::asText)
                        .collect(Collectors.joining("” and “"))
                    + "”"));
    field("path", joined(text(explanation, "path"), path(explanation)));
  }

  private String guilty(JsonNode explanation) {
    String guilty = text(crash, "guilty");
    List<String> above = new ArrayList<>();
    for (JsonNode judged : explanation.path("frames")) {
      String verdict = text(judged, "verdict");
      if (verdict.equals("guilty")) {
        return above.isEmpty()
            ? guilty
            : guilty + ", below " + String.join(", ", above.subList(0, Math.min(4, above.size())));
      }
      if (!verdict.equals(GUESS)) {
        above.add(text(judged, "function") + " (" + verdict + ")");
      }
    }
    return guilty;
  }

  private static String path(JsonNode explanation) {
    String way =
        explanation
            .path("frames")
            .valueStream()
            .filter(f -> List.of("guilty", "path").contains(text(f, "verdict")))
            .map(f -> text(f, "function"))
            .distinct()
            .collect(Collectors.joining(" ← "));
    return way.isEmpty() ? "" : "of " + way;
  }

  private void stack() {
    JsonNode frames = crash.path("frames");
    if (frames.isEmpty()) {
      return;
    }
    heading("Stack");
    Verdicts verdicts = new Verdicts(crash.path("explanation").path("frames"));
    String pointer = text(crash, "ip");
    if (!pointer.isEmpty()
        && verdicts.beginWith(pointer)
        && !Demangler.readable(firstCalled(frames)).equals(Demangler.readable(pointer))) {
      String verdict = verdicts.of(pointer);
      print(Terminal.safe(printed(pointer)), "", verdict != null && verdict.equals("guilty"));
    }
    List<JsonNode> folded = new ArrayList<>();
    List<String> reasons = new ArrayList<>();
    List<JsonNode> inlined = new ArrayList<>();
    for (JsonNode frame : frames) {
      if (frame.path("inline").asBoolean()) {
        inlined.add(frame);
        continue;
      }
      String judged = verdicts.of(text(frame, "function"));
      boolean sure = frame.path("reliable").asBoolean(true) || "guilty".equals(judged);
      String verdict = sure ? judged : GUESS;
      inlined.add(frame);
      if (verdict == null || verdict.equals("guilty") || verdict.equals("path")) {
        fold(folded, reasons);
        for (JsonNode one : inlined) {
          boolean guilty =
              Demangler.readable(text(one, "function"))
                  .equals(Demangler.readable(text(crash, "guilty")));
          print(Terminal.safe(named(one)), Terminal.safe(place(one)), guilty);
        }
      } else {
        for (JsonNode one : inlined) {
          folded.add(one);
          reasons.add(verdict);
        }
      }
      inlined.clear();
    }
    inlined.forEach(one -> print(Terminal.safe(named(one)), Terminal.safe(place(one)), false));
    fold(folded, reasons);
  }

  /// The first function that isn't inlined: the one an address lies in.
  private static String firstCalled(JsonNode frames) {
    return frames
        .valueStream()
        .filter(f -> !f.path("inline").asBoolean())
        .map(f -> text(f, "function"))
        .findFirst()
        .orElse("");
  }

  /// The frame as the report has it, the bare name where it doesn't.
  private String printed(String function) {
    Pattern frame =
        Pattern.compile(
            "(?<![A-Za-z0-9_.])" + Pattern.quote(function) + "\\+0x[0-9a-f/x]++(?: \\[\\w++\\])?");
    return crash
        .path("report")
        .valueStream()
        .map(line -> frame.matcher(line.asText()))
        .filter(Matcher::find)
        .map(Matcher::group)
        .findFirst()
        .orElse(Demangler.readable(function));
  }

  /// What was judged of each frame, asked for from the top.
  private static final class Verdicts {
    private final List<String> functions = new ArrayList<>();
    private final List<String> verdicts = new ArrayList<>();
    private int next;

    Verdicts(JsonNode judged) {
      for (JsonNode frame : judged) {
        functions.add(text(frame, "function"));
        verdicts.add(text(frame, "verdict"));
      }
    }

    /// Whether it was judged before all others, or nothing was.
    boolean beginWith(String symbol) {
      return functions.isEmpty() || functions.getFirst().equals(Demangler.readable(symbol));
    }

    /// Null where nothing was judged at all.
    @Nullable String of(String symbol) {
      if (functions.isEmpty()) {
        return null;
      }
      int ahead = functions.subList(next, functions.size()).indexOf(Demangler.readable(symbol));
      if (ahead < 0) {
        return "further below";
      }
      next += ahead + 1;
      return verdicts.get(next - 1);
    }
  }

  /// One line for frames that tell nothing of this fault.
  private void fold(List<JsonNode> frames, List<String> reasons) {
    if (frames.isEmpty()) {
      return;
    }
    Map<String, Integer> counts = new LinkedHashMap<>();
    reasons.forEach(reason -> counts.merge(reason, 1, Integer::sum));
    String why =
        counts.size() == 1
            ? reasons.getFirst()
            : counts.entrySet().stream()
                .map(e -> e.getValue() + " × " + e.getKey())
                .collect(Collectors.joining(", "));
    String what =
        frames.size() == 1
            ? joined(named(frames.getFirst()), place(frames.getFirst()))
            : frames.size()
                + " frames, "
                + inSource(frames.getFirst())
                + " … "
                + inSource(frames.getLast());
    put("    · " + Terminal.safe(what + " (" + why + ")"), 8, terminal::faint);
    frames.clear();
    reasons.clear();
  }

  /// A frame, its place on a line of its own where it doesn't fit.
  private void print(String function, String place, boolean guilty) {
    String head = (guilty ? "  ▶ " : "    ") + function;
    UnaryOperator<String> how = guilty ? l -> terminal.bold(terminal.red(l)) : l -> l;
    if (!place.isEmpty() && head.length() + 2 + place.length() <= terminal.width()) {
      terminal.out().println(how.apply(head) + "  " + terminal.faint(place));
      return;
    }
    put(head, 8, how);
    if (!place.isEmpty()) {
      put("        " + place, 8, terminal::faint);
    }
  }

  private static String named(JsonNode frame) {
    String line = inSource(frame);
    if (frame.has("offset")) {
      line += "+0x%x".formatted(frame.path("offset").asInt());
    }
    if (frame.has("size")) {
      line += "/0x%x".formatted(frame.path("size").asInt());
    }
    return frame.has("module") ? line + " [" + text(frame, "module") + "]" : line;
  }

  private static String inSource(JsonNode frame) {
    String symbol = text(frame, "function");
    return Demangler.demangle(symbol).orElse(symbol);
  }

  private static String place(JsonNode frame) {
    String place = text(frame, "file");
    if (frame.has("line")) {
      place += ":" + text(frame, "line");
    }
    return frame.path("inline").asBoolean() ? joined(place, "inlined") : place;
  }

  private void lines(String heading, JsonNode lines, int most) {
    if (lines.isEmpty()) {
      return;
    }
    heading(heading);
    List<String> said =
        lines.valueStream().map(JsonNode::asText).filter(line -> !line.isBlank()).toList();
    for (String text : said.subList(Math.max(0, said.size() - most), said.size())) {
      for (String line : Terminal.safeLines(text).split("\n", -1)) {
        put("    " + line, 8, shown -> shown);
      }
    }
  }

  private void heading(String text) {
    terminal.out().println();
    terminal.out().println(terminal.bold(text));
  }

  /// A named value; nothing where it is empty.
  private void field(String name, String value) {
    if (value.isEmpty()) {
      return;
    }
    String label = String.format(Locale.ROOT, "  %-" + NAME + "s ", Terminal.safe(name));
    String lead = terminal.faint(label);
    for (String line : Lines.wrapped(Terminal.safe(value), terminal.width() - label.length(), 0)) {
      terminal.out().println(lead + line);
      lead = " ".repeat(label.length());
    }
  }

  private void put(String text, int indent, UnaryOperator<String> how) {
    Lines.wrapped(text, terminal.width(), indent)
        .forEach(line -> terminal.out().println(how.apply(line)));
  }

  private String labelled(String label, String field) {
    return crash.has(field) ? label + text(crash, field) : "";
  }

  private static String joined(String... texts) {
    return Stream.of(texts).filter(text -> !text.isEmpty()).collect(Collectors.joining(", "));
  }
}
