package lastwords.triage;

import static java.util.Locale.ROOT;

import java.util.List;
import java.util.stream.Collectors;
import lastwords.kernel.Triage.Hint;
import lastwords.kernel.Triage.Suspect;
import org.jspecify.annotations.Nullable;

/// What was found, in words for whoever is on call.
final class Sentences {
  /// First crashes so close to each other may have a cause outside the hosts.
  private static final long BURST_MICROS = 600_000_000;

  /// Parts that were watched together for a smaller share of the time didn't run side by side.
  private static final double SIDE_BY_SIDE = 0.1;

  private static final int MAX_NAMED = 3;

  private Sentences() {}

  static String release(Releases.Best best, double confidence) {
    Claim claim = best.claim();
    return sentence(rates(claim, confidence) + predecessor(best) + caveats(claim));
  }

  static String platform(Claim claim, double confidence) {
    return sentence(rates(claim, confidence) + caveats(claim));
  }

  static String both(Claim first, Claim second, double confidence) {
    return sentence(
        "%s; it shows above all on %s, which has %s of its own%s"
            .formatted(
                rates(first, confidence), name(second), ratio(second, confidence), caveats(first)));
  }

  static String inseparable(Claim first, Claim second, double confidence) {
    return sentence(
        "%s and %s can't be told apart, since nearly all affected hosts have both: %s%s"
            .formatted(name(first), name(second), rates(first, confidence), caveats(first)));
  }

  /// Only our own word gets a capital: names are as they are.
  private static String sentence(String text) {
    return (text.startsWith("release") ? "R" + text.substring(1) : text) + ".";
  }

  private static String name(Claim claim) {
    return switch (claim.suspect()) {
      case RELEASE ->
          (claim.subject().contains(" to ") ? "releases " : "release ") + claim.subject();
      case PLATFORM, HARDWARE, NONE -> claim.subject();
    };
  }

  private static String rates(Claim claim, double confidence) {
    Group part = claim.part();
    Group rest = claim.rest();
    return "%s: %s of %s hosts crashed this way, %s, against %s on other %s: %s"
        .formatted(
            name(claim),
            count(part.affected().size()),
            count(part.hosts()),
            rate(part.events(), part.hours()),
            rate(rest.events(), rest.hours()),
            claim.suspect() == Suspect.RELEASE ? "releases" : "hardware",
            ratio(claim, confidence));
  }

  private static String ratio(Claim claim, double confidence) {
    return ratio(claim.hint(confidence), confidence);
  }

  private static String ratio(Hint hint, double confidence) {
    Double high = hint.rateRatioHigh();
    return hint.rateRatio() == null || high == null
        ? "at least %s times the rate (%s confidence, p = %s)"
            .formatted(number(hint.rateRatioLow()), percent(confidence), probability(hint.pValue()))
        : "%s times the rate (%s confidence: %s to %s, p = %s)"
            .formatted(
                number(hint.rateRatio()),
                percent(confidence),
                number(hint.rateRatioLow()),
                number(high),
                probability(hint.pValue()));
  }

  private static String predecessor(Releases.Best best) {
    Group before = best.before();
    if (before == null) {
      return "";
    }
    String rate = rate(before.events(), before.hours());
    String clear =
        Claim.chance(best.claim().part(), before) <= 1 - Triager.CONFIDENCE
            ? ""
            : ", too few host-hours to say whether it came with that one already";
    return "; its predecessor %s had %s%s".formatted(best.predecessor(), rate, clear);
  }

  private static String caveats(Claim claim) {
    StringBuilder caveats = new StringBuilder();
    long life = claim.part().toMicros() - claim.part().fromMicros();
    if (claim.rest().toMicros() - claim.part().fromMicros() < SIDE_BY_SIDE * life) {
      caveats.append("; they didn't run side by side, so whatever else changed then may be it");
    }
    int burst = burst(claim.part().firstCrashes());
    if (burst >= Triager.MIN_HOSTS && 2 * burst > claim.part().events()) {
      caveats
          .append("; ")
          .append(count(burst))
          .append(" of them within ten minutes, so look for a common cause outside as well");
    }
    return caveats.toString();
  }

  /// The most first crashes within [#BURST_MICROS].
  private static int burst(List<Long> firstCrashes) {
    List<Long> sorted = firstCrashes.stream().sorted().toList();
    int most = 0;
    int from = 0;
    for (int to = 0; to < sorted.size(); to++) {
      while (sorted.get(to) - sorted.get(from) > BURST_MICROS) {
        from++;
      }
      most = Math.max(most, to - from + 1);
    }
    return most;
  }

  static String hosts(List<Hint> hints, int episodes, double fleetHours, double confidence) {
    long theirs = hints.stream().mapToLong(Hint::events).sum();
    double hours = hints.stream().mapToDouble(Hint::hostHours).sum();
    String names =
        hints.stream().limit(MAX_NAMED).map(Hint::subject).collect(Collectors.joining(", "));
    return ("%s%s: %s of the %s hours in which this happened anywhere, with %s of the"
            + " host-hours; %s%s: suspect the machine, or what only it does.")
        .formatted(
            names,
            hints.size() > MAX_NAMED ? " and %d more".formatted(hints.size() - MAX_NAMED) : "",
            theirs == episodes ? "all" : count(theirs),
            count(episodes),
            percent(hours / fleetHours),
            hints.size() == 1 ? "" : "the first alone ",
            ratio(hints.getFirst(), confidence));
  }

  static String even(int hosts, int releases, int models, @Nullable Claim mostUneven) {
    String even =
        "Nothing stands out: %s affected, over %s and %s, about as their host-hours let expect"
            .formatted(
                hosts == 1 ? "one host is" : count(hosts) + " hosts are",
                counted(releases, "release"),
                counted(models, "hardware model"));
    return mostUneven == null
        ? even + "."
        : "%s; the most uneven is %s with %s."
            .formatted(even, name(mostUneven), ratio(mostUneven, Triager.CONFIDENCE));
  }

  static String tooLittle(long hosts, long unplacedHosts, long unplacedCrashes, String lacking) {
    StringBuilder text = new StringBuilder("Not enough data: ");
    text.append(hosts == 1 ? "one host is affected" : count(hosts) + " hosts are affected");
    if (unplacedHosts > 0) {
      text.append(", besides ")
          .append(counted((int) unplacedHosts, "host"))
          .append(" first heard when they crashed");
    }
    if (unplacedCrashes > 0) {
      text.append(", and ")
          .append(count(unplacedCrashes))
          .append(" crashes are of boots whose time isn't known");
    }
    return text.append("; it would take ").append(lacking).append(".").toString();
  }

  static String moreHosts(Claim claim, int events, int enough) {
    return "%s affected hosts instead of %s, all on %s with its %s of the host-hours"
        .formatted(
            count(enough),
            count(events),
            name(claim),
            percent(claim.part().hours() / (claim.part().hours() + claim.rest().hours())));
  }

  /// `one in 1,400 host-hours`.
  private static String rate(int events, double hours) {
    return events == 0
        ? "none in %s host-hours".formatted(number(hours))
        : events > hours
            ? "%s per host-hour".formatted(number(events / hours))
            : "one in %s host-hours".formatted(number(hours / events));
  }

  private static String counted(int number, String noun) {
    return count(number) + " " + noun + (number == 1 ? "" : "s");
  }

  private static String count(long number) {
    return String.format(ROOT, "%,d", number);
  }

  private static String number(double number) {
    return String.format(ROOT, number < 0.1 ? "%.3f" : number < 10 ? "%.1f" : "%,.0f", number);
  }

  private static String percent(double share) {
    double percent = 100 * share;
    return String.format(ROOT, percent < 1 && percent > 0 ? "%.2g %%" : "%.0f %%", percent);
  }

  private static String probability(double p) {
    return p < 1e-12 ? "1e-12 or less" : String.format(ROOT, p < 0.001 ? "%.0e" : "%.4f", p);
  }
}
