package lastwords.alert;

import java.net.URI;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import lastwords.kernel.Severity;

/// What raises alarms, how many, and who is told.
///
/// @param repeat `alarm-repeat`: the same signature on the same host is news again after this time
/// @param maxAge `alarm-max-age`: a crash older than this when alerting sees it is told to nobody
/// @param severity `alarm-severity`: the least severity that raises an alarm; never `info`
/// @param perMinute `alarms-per-minute`: how many alarms a minute are delivered one by one, over
///   all targets alike; the rest of the minute is one summary. By default more than a fleet has in
///   an ordinary bad minute, since a robot wants each host by itself; where people are paged
///   without an Alertmanager in between, far less is better
/// @param publicUrl `public-url`: where people reach the pages, for the links in what is sent
/// @param hooks `hooks`: who is told
public record AlertSettings(
    Duration repeat,
    Duration maxAge,
    Severity severity,
    int perMinute,
    URI publicUrl,
    List<HookSettings> hooks) {

  /// The bound on `alarms-per-minute`: the net can be widened, not taken away.
  public static final int MAX_PER_MINUTE = 10_000;

  /// The bound on `alarm-max-age`, for the same reason.
  public static final Duration MAX_MAX_AGE = Duration.ofHours(24);

  private static final Duration MIN_DURATION = Duration.ofMinutes(1);
  private static final Duration MAX_REPEAT = Duration.ofDays(366);

  /// What applies where nothing is configured: alarms are raised and nobody is told.
  public static final AlertSettings DEFAULT =
      new AlertSettings(
          Duration.ofHours(24),
          Duration.ofHours(1),
          Severity.ERROR,
          1_000,
          URI.create("http://127.0.0.1:8066"),
          List.of());

  /// @throws IllegalArgumentException naming key, value and what is allowed
  public AlertSettings {
    within("alarm-repeat", repeat, MIN_DURATION, MAX_REPEAT);
    within("alarm-max-age", maxAge, MIN_DURATION, MAX_MAX_AGE);
    if (severity == Severity.INFO) {
      throw new IllegalArgumentException(
          "alarm-severity: 'info' never raises alarms; allowed are critical, error, warning");
    }
    if (perMinute < 1 || perMinute > MAX_PER_MINUTE) {
      throw new IllegalArgumentException(
          "alarms-per-minute: " + perMinute + " is outside 1 to " + MAX_PER_MINUTE);
    }
    HookSettings.requireHttp("public-url", publicUrl);
    hooks = List.copyOf(hooks);
    Set<String> names = new HashSet<>();
    for (HookSettings hook : hooks) {
      if (!names.add(hook.name())) {
        throw new IllegalArgumentException(
            "hooks: the name '" + hook.name() + "' is there twice; each hook has its own");
      }
    }
  }

  private static void within(String key, Duration value, Duration least, Duration most) {
    if (value.compareTo(least) < 0 || value.compareTo(most) > 0) {
      throw new IllegalArgumentException(
          "%s: %ds is outside %ds to %ds"
              .formatted(key, value.toSeconds(), least.toSeconds(), most.toSeconds()));
    }
  }
}
