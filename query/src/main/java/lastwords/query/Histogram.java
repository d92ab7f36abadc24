package lastwords.query;

import java.util.Map;

/// Counts over time.
///
/// @param sinceMicros where the first slice begins
/// @param untilMicros where the last slice ends
/// @param counts for each value of the field asked for, or under "" when none was, one number per
///   slice; the slices are equally long
public record Histogram(long sinceMicros, long untilMicros, Map<String, long[]> counts) {}
