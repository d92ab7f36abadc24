package lastwords.app;

import java.time.Duration;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// What one thread last found out about something that may hang, such as a disk or a lock. Any
/// thread reads it without waiting.
final class Observation<T> {
  /// A look that takes longer is a reason not to be ready.
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final String of;
  private final Supplier<T> look;
  private volatile T value;
  private volatile long lookedNanos = System.nanoTime();

  /// @param of what is looked at, as `/readyz` names it
  /// @param before the value before the first look
  Observation(String of, T before, Supplier<T> look) {
    this.of = of;
    this.look = look;
    value = before;
  }

  /// Looks, however long that takes; by one thread.
  void look() {
    try {
      value = look.get();
    } finally {
      lookedNanos = System.nanoTime();
    }
  }

  /// As of the last look that succeeded.
  T value() {
    return value;
  }

  /// That the last look is too old, null while it isn't.
  @Nullable String stale(long nowNanos) {
    long age = nowNanos - lookedNanos;
    return age <= PATIENCE.toNanos()
        ? null
        : "%s hasn't answered for %d s; figures about it are as old"
            .formatted(of, Duration.ofNanos(age).toSeconds());
  }
}
