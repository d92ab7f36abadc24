package lastwords.kernel;

import org.jspecify.annotations.Nullable;

/// One alarm on its way to one target.
///
/// @param id `<alarm>.<target>`: the same at every attempt, so that a receiver can tell a
///   repetition
/// @param target the target's name in the configuration
/// @param state see [State]
/// @param attempts how often it was tried
/// @param nextAttemptMicros when it will be tried next; meaningless unless pending
/// @param status the last HTTP status, null where none was received
/// @param error why the last attempt failed, null after a success
/// @param payload the body, as JSON; made once, so that every attempt says the same
public record Delivery(
    String id,
    String alarm,
    String target,
    State state,
    int attempts,
    long createdAtMicros,
    long nextAttemptMicros,
    @Nullable Long deliveredAtMicros,
    @Nullable Integer status,
    @Nullable String error,
    String payload) {

  /// Where a delivery stands.
  public enum State {
    /// Waiting for its first or next attempt.
    PENDING,
    /// The target said 2xx.
    DELIVERED,
    /// Given up: all attempts are used, or the target refused for good. Kept, and can be sent
    /// again.
    FAILED;

    /// As it reads outside: lower case.
    @Override
    public String toString() {
      return name().toLowerCase(java.util.Locale.ROOT);
    }
  }
}
