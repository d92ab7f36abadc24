package lastwords.alert;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/// What alerting did since the process started, for the metrics. Any thread may read.
///
/// @param raised alarms that were delivered, or would have been had there been a target
/// @param quiet crashes that were told to nobody by themselves, by why: `late`, `replayed`,
///   `storm`, …
/// @param targets by target name
public record AlertCounters(
    LongAdder raised, Map<String, LongAdder> quiet, Map<String, ToTarget> targets) {

  /// @param attempted requests sent
  /// @param delivered deliveries that a target took
  /// @param failed deliveries given up
  public record ToTarget(LongAdder attempted, LongAdder delivered, LongAdder failed) {}

  static AlertCounters ofNothing() {
    Map<String, LongAdder> quiet = new LinkedHashMap<>();
    Arrays.stream(Quiet.values()).forEach(why -> quiet.put(why.toString(), new LongAdder()));
    return new AlertCounters(new LongAdder(), quiet, new ConcurrentHashMap<>());
  }

  /// Those of a target; they go on counting when it is configured otherwise.
  ToTarget to(String target) {
    return targets.computeIfAbsent(
        target, _ -> new ToTarget(new LongAdder(), new LongAdder(), new LongAdder()));
  }
}
