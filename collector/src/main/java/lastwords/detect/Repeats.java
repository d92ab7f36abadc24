package lastwords.detect;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import lastwords.kernel.Crash;

/// What one boot has reported already, and how much: decides what is told again. What lies as far
/// ahead as it would have to lie behind is as old: the collector's clock was set back meanwhile.
final class Repeats {
  /// A fault that one boot reports for this often is told; then it is only counted.
  static final int MAX_REPEATS = 8;

  /// A disk that goes on failing is one crash until it was quiet for so long.
  static final long INCIDENT_QUIET_MICROS = 600_000_000;

  /// Crashes told in [#RATE_MICROS], and as many panics; more are only counted.
  static final int MAX_CRASHES = 200;

  static final long RATE_MICROS = 60_000_000;

  /// Signatures remembered of one boot; more push out the one that was seen longest ago.
  private static final int MAX_REMEMBERED = 256;

  /// How often this boot reported something, and when last, by receive time.
  record Seen(int times, long lastAt) {}

  /// What of it survives a restart of the program.
  record Saved(Map<String, Seen> seen, long rateSince, int crashesSince, int panicsSince) {}

  private final LinkedHashMap<String, Seen> seen = new LinkedHashMap<>();
  private long rateSinceMicros;
  private int crashesSince;
  private int panicsSince;

  /// Remembers that this was reported and marks it `suppressed` where it is no news.
  ///
  /// @param follows whether it happened in a kernel that something else had damaged
  /// @return whether it is not to be told
  boolean judge(Report report, Crash crash, boolean follows) {
    return isRepeat(report, crash, follows) || !isWithinRate(report);
  }

  /// Counts one more to tell; false for more than any machine in trouble has to tell. Panics are
  /// counted by themselves, so that nothing else keeps one from being told.
  boolean isWithinRate(Report report) {
    if (Math.abs(report.lastAtMicros - rateSinceMicros) >= RATE_MICROS) {
      rateSinceMicros = report.lastAtMicros;
      crashesSince = 0;
      panicsSince = 0;
    }
    return (report.panicked() ? panicsSince++ : crashesSince++) < MAX_CRASHES;
  }

  private boolean isRepeat(Report report, Crash crash, boolean follows) {
    boolean plain = report.row.isPlain();
    String key =
        plain
            ? crash.kind()
                + " "
                + Objects.requireNonNullElse(crash.part(), "")
                + " "
                + crash.title()
            : String.valueOf(crash.signature());
    Seen before = seen.remove(key);
    int times = before == null ? 1 : before.times + 1;
    seen.put(key, new Seen(times, report.lastAtMicros));
    if (seen.size() > MAX_REMEMBERED) {
      seen.remove(seen.keySet().iterator().next());
    }
    if (plain) {
      return before != null
          && Math.abs(report.head.received() - before.lastAt) < INCIDENT_QUIET_MICROS;
    }
    report.suppressed = times > 1 || follows;
    return times > MAX_REPEATS;
  }

  /// The next boot begins: all is news again, but not more of it in a minute.
  void forget() {
    seen.clear();
  }

  /// Signatures held.
  int size() {
    return seen.size();
  }

  Saved save() {
    return new Saved(new LinkedHashMap<>(seen), rateSinceMicros, crashesSince, panicsSince);
  }

  void load(Saved saved) {
    seen.clear();
    seen.putAll(saved.seen);
    rateSinceMicros = saved.rateSince;
    crashesSince = saved.crashesSince;
    panicsSince = saved.panicsSince;
  }
}
