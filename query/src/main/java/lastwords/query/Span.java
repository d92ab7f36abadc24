package lastwords.query;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.OffsetDateTime;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import lastwords.json.Json;
import org.jspecify.annotations.Nullable;

/// A stretch of time that people asked for.
///
/// @param sinceMicros microseconds since 1970, included
/// @param untilMicros microseconds since 1970, excluded
record Span(long sinceMicros, long untilMicros) {
  private static final Pattern DURATION = Pattern.compile("(\\d{1,6})([smhd])");

  /// Reads two times, each RFC 3339 or a duration back from now; null leaves a side open.
  ///
  /// @throws IllegalArgumentException when one isn't a time, naming it
  static Span of(@Nullable String since, @Nullable String until, InstantSource clock) {
    return new Span(
        since == null ? 0 : micros("since", since, clock),
        until == null ? Long.MAX_VALUE : micros("until", until, clock));
  }

  /// The same with both sides closed: up to now, and `back` before the end where no start is given.
  static Span closed(
      @Nullable String since, @Nullable String until, Duration back, InstantSource clock) {
    long to = until == null ? Json.micros(clock.instant()) : micros("until", until, clock);
    long from = since == null ? to - back.toNanos() / 1000 : micros("since", since, clock);
    if (from >= to) {
      throw new IllegalArgumentException(
          "since (" + Json.time(from) + ") is not before until (" + Json.time(to) + ")");
    }
    return new Span(from, to);
  }

  private static long micros(String name, String time, InstantSource clock) {
    Matcher duration = DURATION.matcher(time);
    if (duration.matches()) {
      Instant then = clock.instant().minus(duration(duration.group(1), duration.group(2)));
      return Json.micros(then);
    }
    try {
      return Json.micros(OffsetDateTime.parse(time).toInstant());
    } catch (DateTimeException | ArithmeticException e) {
      throw new IllegalArgumentException(
          "%s: '%s' is no time; one reads 2026-11-21T08:00:00Z, or 90s, 15m, 24h, 30d back from now"
              .formatted(name, time),
          e);
    }
  }

  private static Duration duration(String number, String unit) {
    long count = Long.parseLong(number);
    return switch (unit) {
      case "s" -> Duration.ofSeconds(count);
      case "m" -> Duration.ofMinutes(count);
      case "h" -> Duration.ofHours(count);
      default -> Duration.ofDays(count);
    };
  }
}
