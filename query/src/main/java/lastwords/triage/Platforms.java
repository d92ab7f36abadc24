package lastwords.triage;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import lastwords.kernel.Exposure;
import lastwords.kernel.Sightings;
import lastwords.kernel.Triage.Suspect;
import org.jspecify.annotations.Nullable;

/// The fleet by hardware: whether a model, or one firmware of it, has more than its share.
final class Platforms {
  /// Those that were watched longest.
  private static final int MAX_PLATFORMS = 1_000;

  private final Map<Machine, Group> firmwares;
  private final Map<Machine, List<Group>> models = new HashMap<>();

  Platforms(List<Exposure> exposures, List<Sightings.OnHost> seen) {
    firmwares = new HashMap<>();
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
    List<Claim> claims = new ArrayList<>();
    long severalFirmwares =
        firmwares.keySet().stream().filter(machine -> hasSeveral(machine)).count();
    long tried = (models.size() + severalFirmwares) * families;
    models.forEach(
        (model, groups) -> {
          if (models.size() > 1 && groups.stream().anyMatch(group -> group.events() > 0)) {
            claims.add(claim(model, Machine::anyFirmware, tried));
          }
        });
    firmwares.forEach(
        (machine, group) -> {
          if (group.events() > 0 && hasSeveral(machine)) {
            claims.add(claim(machine, any -> any, tried));
          }
        });
    return claims.stream().min(Claim.LEAST_LIKELY_FIRST).orElse(null);
  }

  private boolean hasSeveral(Machine machine) {
    return models.getOrDefault(machine.anyFirmware(), List.of()).size() > 1;
  }

  private Claim claim(Machine of, java.util.function.UnaryOperator<Machine> asClaimed, long tried) {
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
