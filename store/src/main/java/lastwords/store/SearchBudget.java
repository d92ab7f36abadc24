package lastwords.store;

import java.time.Duration;
import java.util.OptionalLong;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// The work that one search may do, and what became of the search.
///
/// A search looks at [#isSpent] again and again and ends soon after it is true, with what it has
/// found until then. It records with [#cut] that something is missing from its answer. One budget
/// belongs to one request, whose searches share it. [#cancel] may be called by any thread; all else
/// belongs to the thread that searches, until it has handed over its answer.
public final class SearchBudget {
  private final @Nullable SearchBudget whole;
  private final LongSupplier nanoTime;
  private final long startNanos;
  private final long limitNanos;
  private volatile @Nullable String cancelled;
  private @Nullable String partialReason;
  private @Nullable Long resumeAfter;

  private SearchBudget(@Nullable SearchBudget whole, LongSupplier nanoTime, long limitNanos) {
    this.whole = whole;
    this.nanoTime = nanoTime;
    this.limitNanos = limitNanos;
    this.startNanos = nanoTime.getAsLong();
  }

  /// A budget without a time limit.
  public static SearchBudget unlimited() {
    return new SearchBudget(null, System::nanoTime, Long.MAX_VALUE);
  }

  /// A budget that is spent so long after now.
  public static SearchBudget of(Duration limit) {
    return of(limit, System::nanoTime);
  }

  /// @param nanoTime a clock like [System#nanoTime]
  public static SearchBudget of(Duration limit, LongSupplier nanoTime) {
    return new SearchBudget(null, nanoTime, limit.toNanos());
  }

  /// A budget for the first part of the work: half of the time that is left. Ends with the whole.
  public SearchBudget half() {
    return new SearchBudget(
        this,
        nanoTime,
        limitNanos == Long.MAX_VALUE
            ? limitNanos
            : Math.max(0, limitNanos - (nanoTime.getAsLong() - startNanos)) / 2);
  }

  /// Whether the search has to end: its time is over, or it was cancelled.
  public boolean isSpent() {
    return isCancelled()
        || (limitNanos != Long.MAX_VALUE && nanoTime.getAsLong() - startNanos >= limitNanos);
  }

  public boolean isCancelled() {
    return cancelled != null || (whole != null && whole.isCancelled());
  }

  /// Ends the search soon.
  ///
  /// @param why such as "the client disconnected"
  public void cancel(String why) {
    cancelled = why;
  }

  /// Records that the answer lacks what was not searched before the budget was spent.
  public void cut() {
    if (whole != null) {
      whole.cut();
      return;
    }
    String why = cancelled;
    cut(
        why == null
            ? "the search reached its time limit of "
                + Duration.ofNanos(limitNanos).toSeconds()
                + " s; what is older was not searched"
            : why);
  }

  /// Records that the answer lacks something.
  ///
  /// @param why a reason other than time
  public void cut(String why) {
    if (whole != null) {
      whole.cut(why);
    } else if (partialReason == null) {
      partialReason = why;
    }
  }

  /// Why the answer lacks something; null when it is whole.
  public @Nullable String partialReason() {
    return partialReason;
  }

  /// Records where a list that ended early continues: all between its start and this position was
  /// searched, the position included.
  public void resumeAfter(long position) {
    resumeAfter = position;
  }

  /// Where the last list continues that ended before its limit; empty when it reached its end or
  /// its limit, or has searched nothing.
  public OptionalLong resumeAfter() {
    return resumeAfter == null ? OptionalLong.empty() : OptionalLong.of(resumeAfter);
  }

  /// Forgets where a list before continued.
  public void startList() {
    resumeAfter = null;
  }
}
