package lastwords.kernel;

import org.jspecify.annotations.Nullable;

/// One alarm on its way to one target.
///
/// @param id `<alarm>.<target>`, of an update `<alarm>.<what it became>.<target>`: the same at
///   every attempt, so that a receiver can tell a repetition
/// @param target the target's name in the configuration
/// @param priority what waits is sent by ascending priority, see [#priority]
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
    int priority,
    State state,
    int attempts,
    long createdAtMicros,
    long nextAttemptMicros,
    @Nullable Long deliveredAtMicros,
    @Nullable Integer status,
    @Nullable String error,
    String payload) {

  private static final int TURNS = 100_000;

  /// Most severe first; among equals the alarm whose address had the fewest within the minute, so
  /// that one address with many alarms does not delay the first alarm of another.
  ///
  /// @param turn how many alarms of the same address were notified within the minute before it
  public static int priority(Severity severity, int turn) {
    int rank =
        switch (severity) {
          case CRITICAL -> 0;
          case ERROR -> 1;
          case WARNING -> 2;
          case INFO -> 3;
        };
    return rank * TURNS + Math.min(turn, TURNS - 1);
  }

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
