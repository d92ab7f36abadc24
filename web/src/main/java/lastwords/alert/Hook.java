package lastwords.alert;

import org.jspecify.annotations.Nullable;

/// A configured target and how it fares.
///
/// @param url without user, password and query
/// @param state `enabled`, or `disabled` after it said 410 Gone
/// @param reason why it is disabled, null while it isn't
/// @param pending deliveries waiting for their first or next attempt
/// @param oldestPendingMicros when the oldest of them was made, null while none waits
/// @param attempts,delivered,failed deliveries tried, taken and given up, since the process started
/// @param lastError why the last attempt failed, null after a success and before the first attempt
public record Hook(
    String name,
    String type,
    String url,
    String state,
    @Nullable String reason,
    long pending,
    @Nullable Long oldestPendingMicros,
    long attempts,
    long delivered,
    long failed,
    @Nullable Long lastDeliveredAtMicros,
    @Nullable String lastError) {}
