package lastwords.alert;

import java.time.Instant;
import java.time.InstantSource;
import lastwords.json.Json;

/// What time it is, by a clock that may be set by hours at any moment, which is no reason to tell
/// nobody or to keep anybody waiting.
///
/// Safe for any number of threads.
final class AlertTime {
  private final InstantSource clock;
  private final long startedMicros;
  private final long startedNanos = System.nanoTime();
  private long latestMicros;
  private long latestNanos = startedNanos;

  AlertTime(InstantSource clock) {
    this.clock = clock;
    startedMicros = Json.micros(clock.instant());
    latestMicros = startedMicros;
  }

  /// As the clock says, for people and signatures.
  Instant now() {
    return clock.instant();
  }

  /// The same in microseconds.
  long nowMicros() {
    return Json.micros(now());
  }

  /// For what must not be too old: the clock's time, but no later than it would be had nobody set
  /// the clock forward since the start.
  long earliestMicros() {
    return Math.min(nowMicros(), startedMicros + passedMicros(startedNanos));
  }

  /// For what waits: the clock's time, but never back, and going on while the clock is behind.
  synchronized long latestMicros() {
    notBefore(nowMicros());
    return latestMicros;
  }

  /// It was this late already, as something written then shows.
  synchronized void notBefore(long micros) {
    long passed = passedMicros(latestNanos);
    latestMicros = Math.max(latestMicros + passed, micros);
    latestNanos += passed * 1_000;
  }

  private static long passedMicros(long sinceNanos) {
    return (System.nanoTime() - sinceNanos) / 1_000;
  }
}
