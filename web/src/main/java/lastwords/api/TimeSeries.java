package lastwords.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.ArrayList;
import java.util.List;
import lastwords.query.Histogram;
import org.jspecify.annotations.Nullable;

/// How `/messages/histogram` answers.
///
/// @param sinceMicros where the first slice begins
/// @param untilMicros where the last slice ends
/// @param series one where no field was asked for, else one for each of its values; none when
///   nothing matched
/// @param partial true when a limit of work was reached, so that counts are too low; null when not
/// @param partialReason which limit; null when none was
record TimeSeries(
    long sinceMicros,
    long untilMicros,
    @JsonInclude(JsonInclude.Include.ALWAYS) List<Series> series,
    @Nullable Boolean partial,
    @Nullable String partialReason) {

  /// @param value the field's value; null when none was asked for
  /// @param counts one for each slice; the slices are equally long
  @SuppressWarnings("ArrayRecordComponent") // written as JSON and forgotten
  record Series(@Nullable String value, long[] counts) {}

  static TimeSeries of(Histogram histogram, boolean byValue, @Nullable String partialReason) {
    List<Series> series = new ArrayList<>();
    histogram
        .counts()
        .forEach((value, counts) -> series.add(new Series(byValue ? value : null, counts)));
    return new TimeSeries(
        histogram.sinceMicros(),
        histogram.untilMicros(),
        series,
        partialReason == null ? null : true,
        partialReason);
  }
}
