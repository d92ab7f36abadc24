package lastwords.triage;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import lastwords.kernel.Sightings;
import lastwords.kernel.Triage.Hint;
import lastwords.kernel.Triage.Suspect;

/// Whether a few machines repeat what the others hardly show.
///
/// Each host is tried alone: that of all hours with a crash so many are its own, given its share of
/// the time. Those that stand out have to hold half of them together, or the trouble is not theirs.
final class SingleHosts {
  /// More of them are no accident of single machines.
  private static final int MAX_SUSPECTS = 5;

  private static final double MICROS_PER_HOUR = 3_600e6;

  /// @param episodes hours with a crash
  private record Host(String name, int episodes, double hours, double chance) {}

  private final List<Host> hosts = new ArrayList<>();
  private final double allHours;
  private final long tried;
  private int episodes;

  /// @param watched hosts in all
  /// @param families how many sorts of claims are tried in all
  SingleHosts(List<Sightings.OnHost> seen, double fleetHours, long watched, int families) {
    tried = Math.max(watched, 1) * families;
    double hours = 0;
    for (Sightings.OnHost host : seen) {
      episodes += (int) Math.min(host.episodes(), Integer.MAX_VALUE / 2 - episodes);
      hours += hours(host);
    }
    allHours = Math.max(fleetHours, hours);
    for (Sightings.OnHost host : seen) {
      int own = (int) host.episodes();
      double chance = Chance.atLeast(own, episodes, hours(host) / allHours);
      hosts.add(new Host(host.host(), own, hours(host), chance));
    }
    hosts.sort(Comparator.comparingInt(Host::episodes).reversed().thenComparing(Host::name));
  }

  private static double hours(Sightings.OnHost host) {
    long micros = 0;
    for (Sightings.Span span : host.spans()) {
      micros += span.toMicros() - span.fromMicros();
    }
    return Math.max((double) micros, Group.LEAST_MICROS) / MICROS_PER_HOUR;
  }

  int episodes() {
    return episodes;
  }

  /// Those who hold most of it, most episodes first; empty where there are none.
  List<Hint> suspects(double confidence) {
    List<Host> suspects =
        hosts.stream()
            .filter(host -> host.episodes >= Triager.MIN_EPISODES)
            .filter(host -> host.chance * tried <= 1 - confidence)
            .toList();
    int theirs = suspects.stream().mapToInt(Host::episodes).sum();
    return suspects.size() > MAX_SUSPECTS || 2 * theirs < episodes
        ? List.of()
        : suspects.stream().map(host -> hint(host, confidence)).toList();
  }

  private Hint hint(Host host, double confidence) {
    return Claim.hint(
        Suspect.HARDWARE,
        host.name,
        Math.min(1, host.chance * tried),
        new Claim.Count(host.episodes, host.hours),
        1,
        new Claim.Count(episodes - host.episodes, Math.max(0, allHours - host.hours)),
        confidence);
  }
}
