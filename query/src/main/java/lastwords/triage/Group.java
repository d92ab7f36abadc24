package lastwords.triage;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import lastwords.kernel.Exposure;
import lastwords.kernel.Sightings;
import org.jspecify.annotations.Nullable;

/// A part of the fleet: how long it was watched, and which of its hosts are affected. A host that
/// is affected counts once, and its time only until it is.
final class Group {
  private static final double MICROS_PER_HOUR = 3_600e6;

  /// What a host counts at least: one that is down as soon as it is up was watched too.
  static final double LEAST_MICROS = 60e6;

  private double micros;
  private long hosts;
  private long fromMicros = Long.MAX_VALUE;
  private long toMicros = Long.MIN_VALUE;
  private final Set<String> affected = new HashSet<>();
  private final List<Long> firstCrashes = new ArrayList<>();

  /// Groups a fleet by a key; what has none is in no group.
  static <K> Map<K, Group> by(
      BiFunction<@Nullable String, @Nullable String, @Nullable K> of,
      List<Exposure> exposures,
      List<Sightings.OnHost> seen) {
    Keys<K> key = new Keys<>(of, new HashMap<>());
    Map<K, Group> groups = new HashMap<>();
    for (Exposure exposure : exposures) {
      K group = key.of(exposure.release(), exposure.hardware());
      if (group != null) {
        groups.computeIfAbsent(group, any -> new Group()).add(exposure);
      }
    }
    for (Sightings.OnHost host : seen) {
      Map<K, Long> firsts = new HashMap<>();
      for (Sightings.Span span : host.spans()) {
        K group = key.of(span.release(), span.hardware());
        if (group != null && span.firstCrashMicros() != null) {
          firsts.merge(group, span.firstCrashMicros(), Math::min);
        }
      }
      for (Sightings.Span span : host.spans()) {
        K group = key.of(span.release(), span.hardware());
        Long first = group == null ? null : firsts.get(group);
        if (group != null && first != null) {
          long after = span.toMicros() - Math.max(span.fromMicros(), first);
          groups.computeIfAbsent(group, any -> new Group()).micros -= Math.max(0, after);
        }
      }
      firsts.forEach(
          (group, first) ->
              groups.computeIfAbsent(group, any -> new Group()).add(host.host(), first));
    }
    return groups;
  }

  /// Keys, made once for each release and hardware: spans are many, kinds of them few.
  private record Keys<K>(
      BiFunction<@Nullable String, @Nullable String, @Nullable K> of,
      Map<Kind, Optional<K>> known) {

    private record Kind(@Nullable String release, @Nullable String hardware) {}

    @Nullable K of(@Nullable String release, @Nullable String hardware) {
      return known
          .computeIfAbsent(
              new Kind(release, hardware), any -> Optional.ofNullable(of.apply(release, hardware)))
          .orElse(null);
    }
  }

  /// Groups taken as one.
  static Group all(Collection<Group> groups) {
    Group all = new Group();
    for (Group group : groups) {
      all.micros += group.hours() * MICROS_PER_HOUR;
      all.hosts += group.hosts();
      all.fromMicros = Math.min(all.fromMicros, group.fromMicros);
      all.toMicros = Math.max(all.toMicros, group.toMicros);
      all.affected.addAll(group.affected);
      all.firstCrashes.addAll(group.firstCrashes);
    }
    return all;
  }

  private void add(Exposure exposure) {
    micros += exposure.micros();
    hosts += exposure.hosts();
    fromMicros = Math.min(fromMicros, exposure.fromMicros());
    toMicros = Math.max(toMicros, exposure.toMicros());
  }

  private void add(String host, long firstCrashMicros) {
    affected.add(host);
    firstCrashes.add(firstCrashMicros);
  }

  /// First crashes; of several groups taken as one a host may have several.
  int events() {
    return firstCrashes.size();
  }

  /// The hosts affected.
  Set<String> affected() {
    return affected;
  }

  /// The hosts watched, those that crashed among them: a boot of which no more than the crash is
  /// known has no time, and its host was watched all the same. One that was watched in two ways
  /// counts twice.
  long hosts() {
    return Math.max(hosts, affected.size());
  }

  /// More than 0 where there are hosts.
  double hours() {
    return Math.max(micros, hosts() * LEAST_MICROS) / MICROS_PER_HOUR;
  }

  long fromMicros() {
    return fromMicros;
  }

  long toMicros() {
    return toMicros;
  }

  List<Long> firstCrashes() {
    return firstCrashes;
  }
}
