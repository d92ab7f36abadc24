package lastwords.ui;

import java.util.Locale;
import lastwords.kernel.Triage;
import lastwords.kernel.Triage.Hint;
import lastwords.kernel.Triage.Suspect;
import org.jspecify.annotations.Nullable;

/// What to suspect behind a signature: the sentence, and the numbers it rests on.
final class TriageView {
  private TriageView() {}

  /// One word for a table; nothing where there is no suspicion.
  static String word(@Nullable Triage triage) {
    return triage == null || triage.suspect() == Suspect.NONE ? "" : triage.suspect().toString();
  }

  static Html of(@Nullable Triage triage) {
    if (triage == null) {
      return Html.NONE;
    }
    return Html.of(
        """
        <h2>What to suspect</h2>
        <p class="why">{}</p>
        {}{}""",
        triage.why(),
        triage.hints().isEmpty() ? Html.NONE : table(triage),
        lacking(triage));
  }

  private static Html lacking(Triage triage) {
    String lacking = triage.lacking();
    return lacking == null || triage.why().contains(lacking)
        ? Html.NONE
        : Html.of("<p class=\"dim\">To say more it would take {}.</p>\n", lacking);
  }

  private static Html table(Triage triage) {
    return Html.of(
        """
        <table>
        <thead><tr><th>Suspect</th><th>Which</th><th class="num">Affected</th>\
        <th class="num">Host-hours</th><th class="num">Rate</th>\
        <th class="num">Rate elsewhere</th><th class="num">Ratio ({} % confidence)</th>\
        <th class="num">p</th></tr></thead>
        <tbody>
        {}</tbody>
        </table>
        <p class="dim">Rates are for 1,000 host-hours. Of a release or a hardware model, each host \
        counts once, with its time up to its first crash; of a single host, each hour with a \
        crash. p is corrected for all that was tried.</p>
        """,
        "%.0f".formatted(100 * triage.confidence()),
        Html.all(triage.hints().stream().map(TriageView::row)));
  }

  private static Html row(Hint hint) {
    boolean hours = hint.suspect() == Suspect.HARDWARE;
    return Html.of(
        """
        <tr><td>{}</td><td>{}</td><td class="num">{}</td><td class="num">{}</td>\
        <td class="num">{}</td><td class="num">{}</td><td class="num">{}</td>\
        <td class="num">{}</td></tr>
        """,
        hint.suspect(),
        hours ? Show.host(hint.subject()) : hint.subject(),
        Show.count(hours ? hint.events() : hint.hosts()) + (hours ? " hours" : " hosts"),
        number(hint.hostHours()),
        number(1_000 * hint.rate()),
        number(1_000 * hint.rateElsewhere()),
        ratio(hint),
        probability(hint.pValue()));
  }

  private static String ratio(Hint hint) {
    Double ratio = hint.rateRatio();
    Double high = hint.rateRatioHigh();
    return ratio == null || high == null
        ? "≥ " + number(hint.rateRatioLow())
        : "%s (%s – %s)".formatted(number(ratio), number(hint.rateRatioLow()), number(high));
  }

  private static String number(double number) {
    String format = number == 0 ? "%.0f" : number < 0.1 ? "%.4f" : number < 10 ? "%.2f" : "%,.0f";
    return String.format(Locale.ROOT, format, number);
  }

  private static String probability(double p) {
    return p < 1e-12 ? "< 1e-12" : String.format(Locale.ROOT, p < 0.001 ? "%.0e" : "%.4f", p);
  }
}
