package lastwords.triage;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import lastwords.kernel.Exposure;
import lastwords.kernel.Sightings;
import lastwords.kernel.Triage.Suspect;
import org.jspecify.annotations.Nullable;

/// The fleet by hardware: whether a model, or one firmware of it, has more than its share.
final class Platforms {
  /// Those that were watched longest.
  private static final int MAX_PLATFORMS = 1_000;

  private final Map<Machine, Group> firmwares;
  private final Map<Machine, List<Group>> models =
      new TreeMap<>(Comparator.comparing(Machine::toString));

  Platforms(List<Exposure> exposures, List<Sightings.OnHost> seen) {
    firmwares = new TreeMap<>(Comparator.comparing(Machine::toString));
    Group.<Machine>by((release, hardware) -> Machine.of(hardware), exposures, seen)
        .entrySet()
        .stream()
        .sorted(
            Map.Entry.<Machine, Group>comparingByValue(
                (a, b) -> Double.compare(b.hours(), a.hours())))
        .limit(MAX_PLATFORMS)
        .forEach(
            group -> {
              firmwares.put(group.getKey(), group.getValue());
              models
                  .computeIfAbsent(group.getKey().anyFirmware(), any -> new ArrayList<>())
                  .add(group.getValue());
            });
  }

  /// How many models.
  int count() {
    return models.size();
  }

  Group all() {
    return Group.all(firmwares.values());
  }

  /// The least likely model, or firmware of a model that has several; null where there is nothing
  /// to compare. Of two equally unlikely the model.
  ///
  /// @param families how many sorts of claims are tried in all
  @Nullable Claim best(int families) {
    long several = firmwares.keySet().stream().filter(this::hasSeveral).count();
    long tried = (models.size() + several) * families;
    Group all = all();
    Machine best = null;
    double least = Double.POSITIVE_INFINITY;
    for (Map.Entry<Machine, List<Group>> model : models.entrySet()) {
      double chance = models.size() > 1 ? chance(model.getValue(), all) : 1;
      if (chance < least) {
        least = chance;
        best = model.getKey();
      }
    }
    boolean isFirmware = false;
    for (Map.Entry<Machine, Group> machine : firmwares.entrySet()) {
      double chance = hasSeveral(machine.getKey()) ? chance(List.of(machine.getValue()), all) : 1;
      if (chance < least) {
        least = chance;
        best = machine.getKey();
        isFirmware = true;
      }
    }
    if (best == null || firmwares.size() < 2) {
      return null;
    }
    return claim(best, isFirmware ? machine -> machine : Machine::anyFirmware, tried);
  }

  private static double chance(List<Group> part, Group all) {
    int events = part.stream().mapToInt(Group::events).sum();
    double hours = part.stream().mapToDouble(Group::hours).sum();
    return Chance.atLeast(events, all.events(), Math.min(1, hours / all.hours()));
  }

  private boolean hasSeveral(Machine machine) {
    return models.getOrDefault(machine.anyFirmware(), List.of()).size() > 1;
  }

  private Claim claim(Machine of, UnaryOperator<Machine> asClaimed, long tried) {
    List<Group> part = new ArrayList<>();
    List<Group> rest = new ArrayList<>();
    firmwares.forEach(
        (machine, group) -> (asClaimed.apply(machine).equals(of) ? part : rest).add(group));
    return Claim.of(
        Suspect.PLATFORM,
        of.toString(),
        (release, hardware) -> {
          Machine machine = Machine.of(hardware);
          return machine != null && asClaimed.apply(machine).equals(of);
        },
        Group.all(part),
        Group.all(rest),
        tried);
  }
}
