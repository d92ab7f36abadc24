package lastwords.ui;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import lastwords.demangle.Demangler;
import lastwords.detect.InstructionPointer;
import lastwords.kernel.Crash;
import lastwords.kernel.Explanation;
import lastwords.kernel.Frame;
import lastwords.kernel.Taint;
import org.jspecify.annotations.Nullable;

/// Crashes as a table, and one of them whole.
final class CrashView {
  /// Guesses in a row that are shown as they are.
  private static final int FEW = 3;

  /// Attributes that are fields of every crash too.
  private static final List<String> SHOWN_ABOVE = List.of("comm", "cpu", "pid");

  private CrashView() {}

  static Html table(List<Crash> crashes, Instant now) {
    return Html.of(
        """
        <table class="cards">
        <thead><tr><th>Crash</th><th>Severity</th><th>Host</th><th>Kernel</th><th>When</th></tr>\
        </thead>
        <tbody>
        {}</tbody>
        </table>
        """,
        Html.all(crashes.stream().map(crash -> row(crash, now, differ(crashes)))));
  }

  /// Whether crashes of one signature came there on different ways.
  private static boolean differ(List<Crash> crashes) {
    return crashes.stream().map(Crash::signature).distinct().count() == 1
        && crashes.stream().map(CrashView::path).distinct().count() > 1;
  }

  private static String path(Crash crash) {
    return crash.explanation() == null ? "" : text(crash.explanation().path());
  }

  private static Html row(Crash crash, Instant now, boolean byPath) {
    return Html.of(
        """
        <tr><td class="title">{}<span class="tags">{}</span></td><td>{}</td><td>{}</td>\
        <td class="dim">{}</td><td class="when">{}</td></tr>
        """,
        Show.crash(String.valueOf(crash.id()), crash.title()),
        crash.kind()
            + (crash.panicked() ? " · panicked" : "")
            + (byPath && !path(crash).isEmpty() ? " · path " + path(crash) : ""),
        Show.severity(crash.severity()),
        crash.host() == null
            ? Html.NONE
            : Html.of("{}{}", Show.host(crash.host()), Show.claim(crash.claimedHost())),
        text(crash.kernel()),
        crash.receivedAtMicros() == null ? Html.NONE : Show.ago(crash.receivedAtMicros(), now));
  }

  static Html one(Crash crash) {
    return Html.of(
        """
        <h1>{}</h1>
        <p>{} {}</p>
        {}{}{}{}{}{}\
        """,
        crash.title(),
        Show.severity(crash.severity()),
        tags(crash),
        facts(crash),
        crash.explanation() == null ? Html.NONE : why(crash, crash.explanation()),
        stack(crash),
        lines("Report", crash.report()),
        lines("Last words before it", crash.lastWords()),
        modules(crash));
  }

  private static Html tags(Crash crash) {
    return Html.of(
        "{}{}{}{}{}",
        Show.tag(crash.kind()),
        crash.panicked() ? Show.tag("machine went down") : Html.NONE,
        crash.suppressed() ? Show.tag("follows an earlier crash") : Html.NONE,
        crash.corrupted() ? Show.tag("report is garbled") : Html.NONE,
        crash.complete() ? Html.NONE : Show.tag("end not seen"));
  }

  private static Html facts(Crash crash) {
    Facts facts =
        new Facts()
            .add("Host", crash.host() == null ? null : Show.host(crash.host()))
            .add("Address", crash.address())
            .add("Name from", crash.hostSource() == null ? null : crash.hostSource().toString())
            .add("Claims to be", crash.claimedHost())
            .add(
                "Received",
                crash.receivedAtMicros() == null ? null : Show.time(crash.receivedAtMicros()))
            .add("Uptime", crash.uptimeMicros() == null ? null : uptime(crash.uptimeMicros()))
            .add("Guilty", code(crash.guilty()))
            .add("Instruction at", code(crash.ip()))
            .add("Process", process(crash))
            .add("CPU", crash.cpu())
            .add("Kernel", (text(crash.kernel()) + " " + text(crash.arch())).strip())
            .add("Tainted", crash.tainted() == null ? null : taint(crash.tainted()))
            .add("Hardware", crash.hardware());
    TreeMap<String, String> attrs = new TreeMap<>(crash.attrs());
    attrs.keySet().removeAll(SHOWN_ABOVE);
    attrs.forEach((name, value) -> facts.add(named(name), value));
    return facts
        .add("Lines lost", crash.linesLost() == 0 ? null : crash.linesLost())
        .add(
            "Signature",
            crash.signature() == null
                ? null
                : Html.of("<code>{}</code>", Show.signature(crash.signature(), crash.signature())))
        .add("Boot", crash.boot())
        .add(
            "See also",
            Html.of(
                "{}<a href=\"{}\">this as JSON</a>",
                crash.position() == null
                    ? Html.NONE
                    : Html.of(
                        "<a href=\"{}\">messages around it</a> · ",
                        Show.messagePath(crash.position()) + "#here"),
                "/api/v1/crashes/" + Show.encoded(String.valueOf(crash.id()))))
        .html();
  }

  /// The letters and what they mean.
  private static String taint(String letters) {
    String meanings =
        Taint.of(letters).stream()
            .filter(taint -> !taint.name().isEmpty())
            .map(Taint::meaning)
            .collect(Collectors.joining("; "));
    return meanings.isEmpty() ? (letters.isEmpty() ? "no" : letters) : letters + ": " + meanings;
  }

  /// `victim_pid` as people write it.
  private static String named(String attribute) {
    String words = attribute.replace('_', ' ');
    return words.isEmpty() ? words : Character.toUpperCase(words.charAt(0)) + words.substring(1);
  }

  private static Html modules(Crash crash) {
    return crash.modules().isEmpty()
        ? Html.NONE
        : Html.of(
            """
            <details>
            <summary>Modules: {}</summary>
            <p class="dim">{}</p>
            </details>
            """,
            crash.modules().size(),
            String.join(" ", crash.modules()));
  }

  /// Which lines and functions made title and signature.
  private static Html why(Crash crash, Explanation why) {
    List<String> lines =
        why.lines().stream()
            .filter(i -> i >= 0 && i < crash.report().size())
            .map(crash.report()::get)
            .toList();
    List<String> way =
        why.frames().stream()
            .filter(f -> f.verdict().equals("guilty") || f.verdict().equals("path"))
            .map(Explanation.Judged::function)
            .distinct()
            .toList();
    return Html.of(
        """
        <details class="why">
        <summary>Why this title and signature</summary>
        {}{}<table>
        <thead><tr><th>Function</th><th>Judged</th></tr></thead>
        <tbody>
        {}</tbody>
        </table>
        </details>
        """,
        new Facts()
            .add("Said by", code(why.source()))
            .add("Signature of", String.join(" · ", why.signed()))
            .add(
                "Rules",
                crash.signatureVersion() == null ? null : "version " + crash.signatureVersion())
            .add("Path", code(why.path()))
            .add("Path of", String.join(" ← ", way))
            .html(),
        lines.isEmpty()
            ? Html.NONE
            : Html.of("<pre class=\"lines\">{}</pre>\n", String.join("\n", lines)),
        Html.all(
            why.frames().stream()
                .map(
                    f ->
                        Html.of(
                            "<tr><td><code>{}</code></td><td>{}</td></tr>\n",
                            f.function(),
                            f.verdict()))));
  }

  private static @Nullable Html code(@Nullable String text) {
    return text == null ? null : Html.of("<code>{}</code>", text);
  }

  private static String process(Crash crash) {
    return (text(crash.comm())
            + (crash.pid() == null ? "" : " pid " + crash.pid())
            + (crash.uid() == null ? "" : " uid " + crash.uid()))
        .strip();
  }

  private static String uptime(long micros) {
    return "%d.%06d s".formatted(micros / 1_000_000, micros % 1_000_000);
  }

  private static Html stack(Crash crash) {
    List<Frame> frames = frames(crash);
    return frames.isEmpty()
        ? Html.NONE
        : Html.of(
            "<h2>Stack</h2>\n<ol class=\"stack\">\n{}</ol>\n",
            Html.all(folded(frames, crash.guilty()).stream()));
  }

  /// The trace, below where it happened, which it may begin below of.
  private static List<Frame> frames(Crash crash) {
    Optional<Frame> pointer = InstructionPointer.of(crash);
    String top =
        crash.frames().stream()
            .filter(frame -> !frame.inline())
            .map(Frame::function)
            .findFirst()
            .orElse("");
    return Stream.concat(
            pointer.filter(frame -> !frame.function().equals(top)).stream(),
            crash.frames().stream())
        .toList();
  }

  /// Guesses in a row folded away: what is sure is the stack.
  private static List<Html> folded(List<Frame> frames, @Nullable String guilty) {
    List<Html> lines = new ArrayList<>();
    for (int from = 0; from < frames.size(); ) {
      boolean sure = frames.get(from).reliable();
      int to = from + 1;
      while (to < frames.size() && !sure && !frames.get(to).reliable()) {
        to++;
      }
      Html all = Html.all(frames.subList(from, to).stream().map(frame -> frame(frame, guilty)));
      lines.add(
          to - from < FEW
              ? all
              : Html.of(
                  "<li><details><summary>? {} guesses</summary>\n"
                      + "<ol class=\"stack\">\n"
                      + "{}</ol>\n"
                      + "</details></li>\n",
                  to - from,
                  all));
      from = to;
    }
    return lines;
  }

  private static Html frame(Frame frame, @Nullable String guilty) {
    StringBuilder place = new StringBuilder();
    if (frame.offset() != null) {
      place.append("+0x%x".formatted(frame.offset()));
    }
    if (frame.size() != null) {
      place.append("/0x%x".formatted(frame.size()));
    }
    if (frame.module() != null) {
      place.append(" [").append(frame.module()).append(']');
    }
    if (frame.file() != null) {
      place.append(' ').append(frame.file());
      place.append(frame.line() == null ? "" : ":" + frame.line());
    }
    return Html.of(
        "<li class=\"{}\">{}<b>{}</b><span class=\"dim\">{}{}</span></li>\n",
        (frame.reliable() ? "" : "unreliable ")
            + (Demangler.readable(frame.function()).equals(guilty) ? "guilty" : ""),
        frame.reliable() ? "" : "? ",
        Demangler.demangle(frame.function()).orElse(frame.function()),
        place,
        frame.inline() ? " (inlined)" : "");
  }

  private static Html lines(String title, List<String> lines) {
    return lines.isEmpty()
        ? Html.NONE
        : Html.of("<h2>{}</h2>\n<pre class=\"lines\">{}</pre>\n", title, String.join("\n", lines));
  }

  private static String text(@Nullable String text) {
    return Objects.requireNonNullElse(text, "");
  }
}
