package lastwords.kernel;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// Where one signature was seen.
///
/// @param hosts those it was seen on
/// @param unplaced crashes of it in boots of which no [Run] is known
public record Sightings(List<OnHost> hosts, long unplaced) {

  /// On one host.
  ///
  /// @param crashes how often
  /// @param episodes in how many different hours: a host that repeats itself, or crashes as soon as
  ///   it is up, is one trouble and not many
  /// @param announced whether the oldest of its runs was heard from its start on
  /// @param spans all its runs, those without a crash too, oldest first
  public record OnHost(
      String host, long crashes, long episodes, boolean announced, List<Span> spans) {}

  /// One run of that host.
  ///
  /// @param firstCrashMicros the first crash of the signature in it, null where it had none
  public record Span(
      @Nullable String release,
      @Nullable String hardware,
      long fromMicros,
      long toMicros,
      @Nullable Long firstCrashMicros) {}
}
