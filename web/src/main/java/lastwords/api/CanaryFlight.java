package lastwords.api;

import com.fasterxml.jackson.annotation.JsonProperty;

/// One datagram that the collector sent itself, and how long it took through.
///
/// @param sentAtMicros when it was sent
/// @param to the UDP address it was sent to
/// @param position where its message is in the log
/// @param loggedMillis until it was in the log
/// @param analyzedMillis until analysis had dealt with it
/// @param searchableMillis until a search found it
public record CanaryFlight(
    long sentAtMicros,
    String to,
    long position,
    @JsonProperty("logged_ms") double loggedMillis,
    @JsonProperty("analyzed_ms") double analyzedMillis,
    @JsonProperty("searchable_ms") double searchableMillis) {}
