package lastwords.triage;

import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiPredicate;
import lastwords.kernel.Triage.Hint;
import lastwords.kernel.Triage.Suspect;
import org.jspecify.annotations.Nullable;

/// That a part of the fleet has more than its share, and how likely that is by chance.
///
/// @param about which runs the part is, by release and hardware
/// @param part,rest the part, and everything it is compared with
/// @param chance the probability of at least so many in the part, not corrected
/// @param tried how many claims it was chosen from
record Claim(
    Suspect suspect,
    String subject,
    BiPredicate<@Nullable String, @Nullable String> about,
    Group part,
    Group rest,
    double chance,
    long tried) {

  static final Comparator<Claim> LEAST_LIKELY_FIRST =
      Comparator.<Claim>comparingDouble(claim -> claim.chance).thenComparing(Claim::subject);

  static Claim of(
      Suspect suspect,
      String subject,
      BiPredicate<@Nullable String, @Nullable String> about,
      Group part,
      Group rest,
      long tried) {
    double chance = chance(part, rest);
    return new Claim(suspect, subject, about, part, rest, chance, tried);
  }

  /// That of the events of both at least so many fall on the part.
  static double chance(Group part, Group rest) {
    return Chance.atLeast(
        part.events(), part.events() + rest.events(), part.hours() / (part.hours() + rest.hours()));
  }

  double corrected() {
    return Math.min(1, chance * tried);
  }

  /// How many times the rate of the rest; infinite where the rest has none.
  double ratio() {
    return part.events() / part.hours() / (rest.events() / rest.hours());
  }

  /// Whether it is of enough hosts and large enough to act on, if it is true.
  boolean isWorthSaying() {
    return part.affected().size() >= Triager.MIN_HOSTS && ratio() >= Triager.MIN_RATIO;
  }

  /// How many events, all in a part of that share, make it less likely than that.
  int enough(double chance) {
    double share = part.hours() / (part.hours() + rest.hours());
    return Math.max(
        Triager.MIN_HOSTS, (int) Math.ceil(Math.log(chance / tried) / Math.log(share) - 1e-9));
  }

  /// The same claim within each part of the fleet that is alike in something else: the probability
  /// when what is alike there has the same rate whether it is in the part or not.
  ///
  /// @param groups by what else they are, and whether they are in the part
  static double chanceWithin(Map<Cell, Group> groups) {
    Map<String, Group[]> strata = new HashMap<>();
    groups.forEach(
        (cell, group) ->
            strata
                    .computeIfAbsent(cell.other, any -> new Group[] {new Group(), new Group()})[
                    cell.isPart ? 0 : 1] =
                group);
    int events = strata.values().stream().mapToInt(both -> both[0].events()).sum();
    List<Chance.Stratum> tested =
        strata.values().stream()
            .map(
                both ->
                    new Chance.Stratum(
                        both[0].events() + both[1].events(),
                        both[0].hours() / (both[0].hours() + both[1].hours())))
            .filter(stratum -> stratum.events() > 0)
            .toList();
    return Chance.atLeast(events, tested);
  }

  /// @param other what else the runs are
  record Cell(String other, boolean isPart) {}

  Hint hint(double confidence) {
    return hint(
        suspect,
        subject,
        corrected(),
        new Count(part.events(), part.hours()),
        part.affected().size(),
        new Count(rest.events(), rest.hours()),
        confidence);
  }

  /// @param hours host-hours
  record Count(int events, double hours) {
    double rate() {
      return hours > 0 ? events / hours : 0;
    }
  }

  static Hint hint(
      Suspect suspect,
      String subject,
      double corrected,
      Count part,
      long hosts,
      Count rest,
      double confidence) {
    int all = part.events + rest.events;
    double odds = rest.hours / part.hours;
    double low = Chance.lowShare(part.events, all, confidence);
    double high = Chance.highShare(part.events, all, confidence);
    boolean elsewhere = rest.events > 0;
    return new Hint(
        suspect,
        subject,
        corrected,
        part.events,
        hosts,
        part.hours,
        part.rate(),
        rest.events,
        rest.hours,
        rest.rate(),
        elsewhere ? part.rate() / rest.rate() : null,
        low / (1 - low) * odds,
        elsewhere ? high / (1 - high) * odds : null);
  }
}
