package lastwords.kernel;

import org.jspecify.annotations.Nullable;

/// For how long all hosts together ran one kernel on one hardware.
///
/// @param release null where the kernel didn't say
/// @param hardware null where nobody said
/// @param hosts how many hosts did
/// @param micros the sum of their times
/// @param fromMicros,toMicros when the first of them began and the last one ended
public record Exposure(
    @Nullable String release,
    @Nullable String hardware,
    long hosts,
    long micros,
    long fromMicros,
    long toMicros) {}
