package lastwords.triage;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import lastwords.kernel.Exposure;
import lastwords.kernel.Sightings;
import lastwords.kernel.Triage;
import org.jspecify.annotations.Nullable;

/// Hosts that run and crash, for tests; times in hours from the start of the watch.
final class Fleet {
  static final long HOUR = 3_600_000_000L;

  private record Key(@Nullable String release, @Nullable String hardware) {}

  private final Map<String, List<Sightings.Span>> spans = new TreeMap<>();
  private final Map<String, Set<Long>> episodes = new HashMap<>();
  private final Map<String, Long> crashes = new HashMap<>();
  private final Set<String> unannounced = new HashSet<>();
  private long unplaced;

  /// A host runs from one hour to another and crashes at some.
  Fleet runs(
      String host,
      @Nullable String release,
      @Nullable String hardware,
      double fromHour,
      double toHour,
      double... crashHours) {
    double[] sorted = crashHours.clone();
    Arrays.sort(sorted);
    spans
        .computeIfAbsent(host, any -> new ArrayList<>())
        .add(
            new Sightings.Span(
                release,
                hardware,
                micros(fromHour),
                micros(toHour),
                sorted.length == 0 ? null : micros(sorted[0])));
    for (double hour : sorted) {
      episodes.computeIfAbsent(host, any -> new HashSet<>()).add((long) hour);
      crashes.merge(host, 1L, Long::sum);
    }
    return this;
  }

  /// So many hosts of a kind, the first ones of which crash half way.
  Fleet many(
      String prefix,
      int hosts,
      @Nullable String release,
      @Nullable String hardware,
      double hours,
      int crashing) {
    for (int i = 0; i < hosts; i++) {
      if (i < crashing) {
        // Not all at once, which would be a burst.
        runs(prefix + i, release, hardware, 0, hours, hours * (i + 1) / (crashing + 1));
      } else {
        runs(prefix + i, release, hardware, 0, hours);
      }
    }
    return this;
  }

  /// The host was heard from the midst of its life on.
  Fleet unannounced(String host) {
    unannounced.add(host);
    return this;
  }

  Fleet unplaced(long count) {
    unplaced += count;
    return this;
  }

  Triage triage() {
    return Triager.triage(exposures(), sightings());
  }

  List<Exposure> exposures() {
    Map<Key, List<Sightings.Span>> cells = new HashMap<>();
    Map<Key, Set<String>> hosts = new HashMap<>();
    spans.forEach(
        (host, ran) -> {
          for (Sightings.Span span : ran) {
            Key key = new Key(span.release(), span.hardware());
            cells.computeIfAbsent(key, any -> new ArrayList<>()).add(span);
            hosts.computeIfAbsent(key, any -> new HashSet<>()).add(host);
          }
        });
    List<Exposure> exposures = new ArrayList<>();
    cells.forEach(
        (key, of) ->
            exposures.add(
                new Exposure(
                    key.release,
                    key.hardware,
                    hosts.getOrDefault(key, Set.of()).size(),
                    of.stream().mapToLong(s -> s.toMicros() - s.fromMicros()).sum(),
                    of.stream().mapToLong(Sightings.Span::fromMicros).min().orElseThrow(),
                    of.stream().mapToLong(Sightings.Span::toMicros).max().orElseThrow())));
    return exposures;
  }

  Sightings sightings() {
    List<Sightings.OnHost> hosts = new ArrayList<>();
    spans.forEach(
        (host, ran) -> {
          if (crashes.containsKey(host)) {
            hosts.add(
                new Sightings.OnHost(
                    host,
                    crashes.getOrDefault(host, 0L),
                    episodes.getOrDefault(host, Set.of()).size(),
                    !unannounced.contains(host),
                    ran));
          }
        });
    return new Sightings(hosts, unplaced);
  }

  private static long micros(double hours) {
    return Math.round(hours * HOUR);
  }
}
