package lastwords.ui;

import java.time.Instant;
import java.util.List;
import java.util.Objects;
import lastwords.kernel.Signature;

/// Signatures as a table, and one of them.
final class SignatureView {
  /// Releases named in a row of the table.
  private static final int RELEASES = 2;

  private SignatureView() {}

  static Html table(List<Signature> signatures, Instant now) {
    return Html.of(
        """
        <table class="cards">
        <thead><tr><th>Signature</th><th>Severity</th><th>State</th><th class="num">Events</th>\
        <th class="num">Hosts</th><th>Suspect</th><th>Releases</th><th>First seen</th><th>Last seen</th></tr></thead>
        <tbody>
        {}</tbody>
        </table>
        """,
        Html.all(signatures.stream().map(signature -> row(signature, now))));
  }

  private static Html row(Signature signature, Instant now) {
    return Html.of(
        """
        <tr><td class="title">{}<span class="tags">{}</span></td><td>{}</td><td>{}</td>\
        <td class="num" data-label="events">{}</td><td class="num" data-label="hosts">{}</td>\
        <td>{}</td><td class="dim">{}</td><td class="when" data-label="first">{}</td>\
        <td class="when" data-label="last">{}</td></tr>
        """,
        Show.signature(signature.signature(), signature.title()),
        signature.kind(),
        Show.severity(signature.severity()),
        signature.state(),
        Show.count(signature.events()),
        Show.count(signature.hosts()),
        TriageView.word(signature.triage()),
        releases(signature.releases()),
        Show.ago(signature.firstSeenMicros(), now),
        Show.ago(signature.lastSeenMicros(), now));
  }

  private static String releases(List<Signature.Release> releases) {
    List<String> names =
        releases.stream().map(Signature.Release::release).filter(Objects::nonNull).toList();
    String first = String.join(", ", names.subList(0, Math.min(RELEASES, names.size())));
    return names.size() <= RELEASES ? first : first + " +" + (names.size() - RELEASES);
  }

  static Html one(Signature signature) {
    return Html.of(
        """
        <h1>{}</h1>
        <p>{} {}{}</p>
        {}{}
        <h2>Releases</h2>
        <table>
        <thead><tr><th>Release</th><th class="num">Events</th><th class="num">Hosts</th></tr></thead>
        <tbody>
        {}</tbody>
        </table>
        """,
        signature.title(),
        Show.severity(signature.severity()),
        Show.tag(signature.kind()),
        Show.tag(signature.state().toString()),
        new Facts()
            .add("Events", Show.count(signature.events()))
            .add("Hosts", Show.count(signature.hosts()))
            .add("First seen", Show.time(signature.firstSeenMicros()))
            .add("Last seen", Show.time(signature.lastSeenMicros()))
            .add("Category", signature.category())
            .add("Signature", Html.of("<code>{}</code>", signature.signature()))
            .html(),
        TriageView.of(signature.triage()),
        Html.all(signature.releases().stream().map(SignatureView::release)));
  }

  private static Html release(Signature.Release release) {
    return Html.of(
        "<tr><td>{}</td><td class=\"num\">{}</td><td class=\"num\">{}</td></tr>\n",
        Objects.requireNonNullElse(release.release(), "not said"),
        Show.count(release.events()),
        Show.count(release.hosts()));
  }
}
