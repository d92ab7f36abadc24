package lastwords.ui;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import lastwords.kernel.Alarm;
import org.jspecify.annotations.Nullable;

/// Alarms as a table, with the form that filters them.
final class AlarmView {
  private static final List<String> STATES = List.of("", Alarm.OPEN, Alarm.RESOLVED);
  private static final List<String> REASONS =
      List.of("", "storm", "late", "replayed", "ignored", "repeated");
  private static final List<String> SINCE = List.of("", "1h", "24h", "7d", "30d");

  private AlarmView() {}

  static Html form(AlarmFilter filter) {
    return Html.of(
        """
        <form class="search" action="/alarms" role="search">
        {}{}{}<input name="storm" value="{}" placeholder="alert storm, e.g. storm-14" \
        aria-label="Alert storm" autocomplete="off" spellcheck="false">
        <button>Filter</button>
        </form>
        """,
        choice("state", filter.state(), STATES, "any state", ""),
        choice("reason", filter.reason(), REASONS, "notified or not", "not notified: "),
        choice("since", filter.since(), SINCE, "any time", "since "),
        Objects.requireNonNullElse(filter.storm(), ""));
  }

  private static Html choice(
      String name, @Nullable String given, List<String> known, String any, String before) {
    String chosen = Objects.requireNonNullElse(given, "");
    List<String> choices = new ArrayList<>(known);
    if (!choices.contains(chosen)) {
      choices.add(chosen);
    }
    return Html.of(
        "<select name=\"{}\" aria-label=\"{}\">{}</select>\n",
        name,
        name,
        Html.all(
            choices.stream()
                .map(
                    choice ->
                        Html.of(
                            choice.equals(chosen)
                                ? "<option value=\"{}\" selected>{}</option>"
                                : "<option value=\"{}\">{}</option>",
                            choice,
                            choice.isEmpty() ? any : before + choice))));
  }

  /// @param alarms one more than `rows` when there is a further page
  static Html list(List<Alarm> alarms, AlarmFilter filter, int rows, Instant now) {
    if (alarms.isEmpty()) {
      return Html.of(
          "<p class=\"empty\">{}</p>\n",
          filter.isEmpty() ? "No alarm was raised yet." : "Nothing matches.");
    }
    List<Alarm> shown = alarms.subList(0, Math.min(rows, alarms.size()));
    Html more =
        alarms.size() <= rows
            ? Html.NONE
            : Html.of(
                "<p class=\"more\"><a href=\"{}\">Earlier ones</a></p>\n",
                filter.path(shown.getLast().id()));
    return Html.of(
        """
        <table class="cards">
        <thead><tr><th>Alarm</th><th>Severity</th><th>Host</th><th>State</th><th>Notified</th>\
        <th>Raised</th></tr></thead>
        <tbody>
        {}</tbody>
        </table>
        {}\
        """,
        Html.all(shown.stream().map(alarm -> row(alarm, now))),
        more);
  }

  private static Html row(Alarm alarm, Instant now) {
    return Html.of(
        """
        <tr><td class="title">{}<span class="tags">{}</span></td><td>{}</td>\
        <td>{} <span class="dim">{}</span></td><td>{}</td><td class="when" data-label="notified">{}</td>\
        <td class="when" data-label="raised">{}</td></tr>
        """,
        Show.crash(alarm.crash(), alarm.title()),
        alarm.part() == null ? alarm.kind() : alarm.kind() + " · " + alarm.part(),
        Show.severity(alarm.severity()),
        Show.host(alarm.host()),
        sender(alarm),
        alarm.state(),
        notified(alarm, now),
        Show.ago(alarm.raisedAtMicros(), now));
  }

  /// What tells the sender from another one under the same name.
  private static String sender(Alarm alarm) {
    String address = alarm.address();
    return address == null || address.equals(alarm.host()) ? "" : address;
  }

  private static Html notified(Alarm alarm, Instant now) {
    String reason = alarm.reason();
    Long at = alarm.notifiedAtMicros();
    if (reason != null) {
      return Html.of("<span class=\"dim\">no: {}</span>", reason);
    }
    return at == null ? Html.NONE : Show.ago(at, now);
  }
}
