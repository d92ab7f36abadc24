package lastwords.ui;

import java.time.Instant;
import java.util.List;
import java.util.Objects;
import lastwords.kernel.Crash;
import lastwords.kernel.Explanation;
import lastwords.kernel.Frame;
import org.jspecify.annotations.Nullable;

/// Crashes as a table, and one of them whole.
final class CrashView {
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
        Html.all(crashes.stream().map(crash -> row(crash, now))));
  }

  private static Html row(Crash crash, Instant now) {
    return Html.of(
        """
        <tr><td class="title">{}<span class="tags">{}</span></td><td>{}</td><td>{}</td>\
        <td class="dim">{}</td><td class="when">{}</td></tr>
        """,
        Show.crash(String.valueOf(crash.id()), crash.title()),
        crash.kind() + (crash.panicked() ? " · panicked" : ""),
        Show.severity(crash.severity()),
        crash.host() == null ? Html.NONE : Show.host(crash.host()),
        text(crash.kernel()),
        crash.receivedAtMicros() == null ? Html.NONE : Show.ago(crash.receivedAtMicros(), now));
  }

  static Html one(Crash crash) {
    return Html.of(
        """
        <h1>{}</h1>
        <p>{} {}</p>
        {}{}{}{}{}""",
        crash.title(),
        Show.severity(crash.severity()),
        tags(crash),
        facts(crash),
        crash.explanation() == null ? Html.NONE : why(crash, crash.explanation()),
        stack(crash),
        lines("Report", crash.report()),
        lines("Last words before it", crash.lastWords()));
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
            .add(
                "Received",
                crash.receivedAtMicros() == null ? null : Show.time(crash.receivedAtMicros()))
            .add("Uptime", crash.uptimeMicros() == null ? null : uptime(crash.uptimeMicros()))
            .add("Guilty", code(crash.guilty()))
            .add("Instruction at", code(crash.ip()))
            .add("Process", process(crash))
            .add("CPU", crash.cpu())
            .add("Kernel", crash.kernel())
            .add("Tainted", "".equals(crash.tainted()) ? "no" : crash.tainted())
            .add("Hardware", crash.hardware())
            .add("Architecture", crash.arch());
    crash.attrs().forEach(facts::add);
    return facts
        .add("Lines lost", crash.linesLost() == 0 ? null : crash.linesLost())
        .add("Modules", String.join(" ", crash.modules()))
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
    return crash.frames().isEmpty()
        ? Html.NONE
        : Html.of(
            "<h2>Stack</h2>\n<ol class=\"stack\">\n{}</ol>\n",
            Html.all(crash.frames().stream().map(frame -> frame(frame, crash.guilty()))));
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
        (frame.reliable() ? "" : "unreliable ") + (frame.function().equals(guilty) ? "guilty" : ""),
        frame.reliable() ? "" : "? ",
        frame.function(),
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
