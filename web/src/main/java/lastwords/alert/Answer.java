package lastwords.alert;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import org.jspecify.annotations.Nullable;

/// What a target said to an attempt.
///
/// @param status the HTTP status, null where none came
/// @param error why it is no success, null when it is one
/// @param retryAfter how long it asks to be left alone, null where it doesn't
record Answer(@Nullable Integer status, @Nullable String error, @Nullable Duration retryAfter) {

  boolean isSuccess() {
    return error == null;
  }

  /// Reads a `Retry-After`: seconds or an HTTP date. What is neither says nothing.
  static @Nullable Duration retryAfter(@Nullable String header, Instant now) {
    if (header == null) {
      return null;
    }
    String value = header.strip();
    try {
      if (value.matches("[0-9]{1,9}")) {
        return Duration.ofSeconds(Long.parseLong(value));
      }
      Instant until = ZonedDateTime.parse(value, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant();
      return until.isAfter(now) ? Duration.between(now, until) : Duration.ZERO;
    } catch (DateTimeException neither) {
      return null;
    }
  }
}
