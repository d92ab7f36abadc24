package lastwords.readers;

import java.time.Duration;

/// Comes due once in a while by a clock that may be set back: that is no reason to wait for it.
final class Pace {
  private final long everyMicros;
  private long lastMicros = Long.MIN_VALUE >> 1;

  Pace(Duration every) {
    everyMicros = every.toNanos() / 1_000;
  }

  boolean isDue(long nowMicros) {
    return nowMicros < lastMicros || nowMicros - lastMicros >= everyMicros;
  }

  void done(long nowMicros) {
    lastMicros = nowMicros;
  }
}
