package lastwords.triage;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import lastwords.kernel.Exposure;
import lastwords.kernel.Sightings;
import lastwords.kernel.Triage.Suspect;
import org.jspecify.annotations.Nullable;

/// The fleet by kernel release: whether one release, or some that follow each other, have more than
/// their share.
///
/// A fault that came with a release stays in those after it until it is mended, so a regression is
/// a range of releases, and the range that fits best names the release it came with.
final class Releases {
  /// Those that were watched longest; nobody runs so many on purpose.
  private static final int MAX_RELEASES = 100;

  private final List<String> names;
  private final List<Group> groups;

  Releases(List<Exposure> exposures, List<Sightings.OnHost> seen) {
    TreeMap<String, Group> sorted = new TreeMap<>(ReleaseOrder.OLDEST_FIRST);
    Map<String, Group> all = Group.<String>by((release, hardware) -> release, exposures, seen);
    all.entrySet().stream()
        .sorted(
            Map.Entry.<String, Group>comparingByValue(
                (a, b) -> Double.compare(b.hours(), a.hours())))
        .limit(MAX_RELEASES)
        .forEach(group -> sorted.put(group.getKey(), group.getValue()));
    names = List.copyOf(sorted.keySet());
    groups = List.copyOf(sorted.values());
  }

  int count() {
    return names.size();
  }

  Group all() {
    return Group.all(groups);
  }

  /// How many ranges there are to choose from; all of them together are none.
  private long ranges() {
    return Math.max(1, count() * (count() + 1L) / 2 - 1);
  }

  /// The range that is least likely by chance.
  ///
  /// @param predecessor the release before the range, null where there is none
  record Best(Claim claim, @Nullable String predecessor, @Nullable Group before) {}

  /// The least likely range; null where there is nothing to compare.
  ///
  /// @param families how many sorts of claims are tried in all
  @Nullable Best best(int families) {
    Group all = all();
    double least = Double.POSITIVE_INFINITY;
    int bestFirst = -1;
    int bestLast = -1;
    for (int first = 0; first < count(); first++) {
      int events = 0;
      double hours = 0;
      for (int last = first; last < count(); last++) {
        events += groups.get(last).events();
        hours += groups.get(last).hours();
        boolean mayEnd = groups.get(first).events() > 0 && groups.get(last).events() > 0;
        if (mayEnd && last - first + 1 < count()) {
          double chance = Chance.atLeast(events, all.events(), Math.min(1, hours / all.hours()));
          if (chance < least) {
            least = chance;
            bestFirst = first;
            bestLast = last;
          }
        }
      }
    }
    return bestFirst < 0 ? null : range(bestFirst, bestLast, families);
  }

  private Best range(int first, int last, int families) {
    List<Group> rest = new ArrayList<>(groups.subList(0, first));
    rest.addAll(groups.subList(last + 1, count()));
    TreeSet<String> in = new TreeSet<>(names.subList(first, last + 1));
    String subject = first == last ? names.get(first) : names.get(first) + " to " + names.get(last);
    Claim claim =
        Claim.of(
            Suspect.RELEASE,
            subject,
            (release, hardware) -> release != null && in.contains(release),
            Group.all(groups.subList(first, last + 1)),
            Group.all(rest),
            ranges() * families);
    return first == 0
        ? new Best(claim, null, null)
        : new Best(claim, names.get(first - 1), groups.get(first - 1));
  }
}
