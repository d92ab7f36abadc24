package lastwords.ui;

import java.time.Instant;
import java.util.List;
import java.util.Objects;
import lastwords.kernel.HostSource;
import lastwords.query.HostSummary;

/// Hosts as a table, and one of them.
final class HostView {
  private HostView() {}

  static Html table(List<HostSummary> hosts, Instant now) {
    return Html.of(
        """
        <table class="cards">
        <thead><tr><th>Host</th><th>Status</th><th>Release</th><th class="num">Messages</th>\
        <th class="num">Lost</th><th class="num">Crashes</th><th>Last seen</th></tr></thead>
        <tbody>
        {}</tbody>
        </table>
        """,
        Html.all(hosts.stream().map(host -> row(host, now))));
  }

  private static Html row(HostSummary host, Instant now) {
    return Html.of(
        """
        <tr><td class="title">{}{}<span class="tags">{}</span></td><td>{}</td>\
        <td class="dim">{}</td><td class="num" data-label="messages">{}</td>\
        <td class="num" data-label="lost">{}</td><td class="num" data-label="crashes">{}</td>\
        <td class="when" data-label="last">{}</td></tr>
        """,
        Show.host(host.host()),
        Show.claim(host.claimedHost()),
        tags(host),
        status(host.status()),
        Objects.requireNonNullElse(host.release(), ""),
        Show.count(host.messages()),
        Show.count(host.messagesLost()),
        Show.count(host.crashes()),
        Show.ago(host.lastSeenMicros(), now));
  }

  private static String tags(HostSummary host) {
    String addresses = String.join(", ", host.addresses());
    return host.hostSource() == null || host.hostSource() == HostSource.ADDRESS
        ? addresses
        : addresses + " · name from " + host.hostSource();
  }

  static Html one(HostSummary host) {
    return Html.of(
        "<h1>{}</h1>\n{}",
        host.host(),
        new Facts()
            .add("Status", status(host.status()))
            .add("Addresses", String.join(", ", host.addresses()))
            .add("Name from", host.hostSource() == null ? null : host.hostSource().toString())
            .add("Claims to be", host.claimedHost())
            .add("Kernel", host.release())
            .add("First seen", Show.time(host.firstSeenMicros()))
            .add("Last seen", Show.time(host.lastSeenMicros()))
            .add("Boot", host.boot())
            .add("Format", host.format())
            .add("Messages", Show.count(host.messages()))
            .add("Messages lost", Show.count(host.messagesLost()))
            .add("Sequence gaps", Show.count(host.sequenceGaps()))
            .add("Duplicates", Show.count(host.duplicates()))
            .add("Incomplete", Show.count(host.incomplete()))
            .add(
                "See also",
                Html.of(
                    "<a href=\"{}\">its messages</a>",
                    Show.path("/messages", "query", Show.exactly("host", host.host()))))
            .html());
  }

  private static Html status(String status) {
    return switch (status) {
      case "panicked" -> Html.of("<span class=\"severity critical\">{}</span>", status);
      case "crashed", "silent" -> Html.of("<span class=\"severity warning\">{}</span>", status);
      default -> Html.of("{}", status);
    };
  }
}
