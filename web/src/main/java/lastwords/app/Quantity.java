package lastwords.app;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Durations and sizes as people write them.
final class Quantity {
  private static final Pattern NUMBER_AND_UNIT = Pattern.compile("(\\d{1,18})([A-Za-z]*)");
  private static final Map<String, Long> MILLIS =
      Map.of("ms", 1L, "s", 1_000L, "m", 60_000L, "h", 3_600_000L, "d", 86_400_000L);
  private static final Map<String, Long> BYTES =
      Map.of("", 1L, "B", 1L, "KiB", 1L << 10, "MiB", 1L << 20, "GiB", 1L << 30, "TiB", 1L << 40);

  private Quantity() {}

  /// Reads `250ms`, `90s`, `15m`, `24h`, `30d`.
  ///
  /// @throws IllegalArgumentException with what is allowed
  static Duration duration(String text) {
    return Duration.ofMillis(read(text, MILLIS, "a duration reads 90s, 15m, 24h or 30d"));
  }

  /// Reads `512MiB`, `50GiB`, or plain bytes.
  ///
  /// @throws IllegalArgumentException with what is allowed
  static long bytes(String text) {
    return read(text, BYTES, "a size reads 512MiB, 50GiB, or is a number of bytes");
  }

  /// Writes what [#duration] reads, in the largest unit that fits.
  static String text(Duration duration) {
    for (String unit : List.of("d", "h", "m", "s")) {
      if (duration.toMillis() % MILLIS.getOrDefault(unit, 1L) == 0) {
        return duration.toMillis() / MILLIS.getOrDefault(unit, 1L) + unit;
      }
    }
    return duration.toMillis() + "ms";
  }

  /// Writes a size for people, to a tenth of its unit: `4.2MiB`.
  static String text(long bytes) {
    for (String unit : List.of("TiB", "GiB", "MiB", "KiB")) {
      long one = BYTES.getOrDefault(unit, 1L);
      if (bytes >= one) {
        return bytes % one == 0
            ? bytes / one + unit
            : String.format(Locale.ROOT, "%.1f%s", (double) bytes / one, unit);
      }
    }
    return bytes + "B";
  }

  private static long read(String text, Map<String, Long> units, String allowed) {
    Matcher matcher = NUMBER_AND_UNIT.matcher(text.strip());
    Long unit = matcher.matches() ? units.get(matcher.group(2)) : null;
    if (unit == null) {
      throw new IllegalArgumentException(allowed);
    }
    try {
      return Math.multiplyExact(Long.parseLong(matcher.group(1)), unit);
    } catch (ArithmeticException e) {
      throw new IllegalArgumentException(allowed + ", and less than that", e);
    }
  }
}
