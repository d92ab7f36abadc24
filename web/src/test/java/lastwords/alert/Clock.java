package lastwords.alert;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import lastwords.json.Json;

/// A clock that a test moves.
final class Clock implements InstantSource {
  private volatile Instant now = Instant.parse("2026-11-21T12:00:00Z");

  @Override
  public Instant instant() {
    return now;
  }

  long micros() {
    return Json.micros(now);
  }

  void pass(Duration time) {
    now = now.plus(time);
  }
}
