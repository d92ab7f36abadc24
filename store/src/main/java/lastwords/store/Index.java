package lastwords.store;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import lastwords.kernel.Crash;
import lastwords.kernel.KernelMessage;
import org.jspecify.annotations.Nullable;

/// Messages and crashes, searchable; derived from log and ledger, so it may be dropped and built
/// again.
///
/// One thread of one process writes ([#add], [#put], [#refresh], [#commit]); any thread may search.
/// What was written can be found after the next [#refresh] and survives the process after the next
/// [#commit]. When the disk fails or is full, or a part is found damaged, writing throws
/// [LostWritesException]. Writing a message again under its position or a crash under its id
/// replaces it. Searches throw [BadQueryException] for values a field can't have.
///
/// A search ends soon after its [SearchBudget] is spent and answers with what it has found until
/// then, the newest first; the budget then has the reason. Reading [#bytes], [#messageCount],
/// [#notes] and [#problems] never waits for writing.
///
/// Message fields: `text` (full text), `host`, `address`, `boot`, `severity`, `facility`,
/// `release`, `cpu`, `task`, `caller`, any userdata key. Crash fields: `title` (full text), `kind`,
/// `category`, `severity`, `signature`, `host`, `release`, `function`, `guilty`, `module`, `comm`,
/// `tainted`, `hardware`, `report` (full text), `id`. Matching ignores case.
public interface Index extends AutoCloseable {

  void add(List<KernelMessage> messages);

  void put(List<Crash> crashes);

  /// Takes crashes back, by id; ids that are not there change nothing.
  void drop(List<String> crashes);

  /// Makes all that was written findable.
  void refresh();

  /// Makes all that was written durable, with notes to find again after a restart.
  void commit(Map<String, String> notes);

  /// The notes of the last commit; empty for a new index.
  Map<String, String> notes();

  /// Messages received from `sinceMicros` (included) to `untilMicros` (excluded) that match, by
  /// position.
  ///
  /// @param after only those after this position in the order asked for; null for the first page
  /// @param limit at most this many, 1 to 10,000. A list of large messages ends earlier, and one
  ///   cut by its budget too: then [SearchBudget#resumeAfter] is the `after` of its next page.
  ///   Nothing that matches is missing before that.
  List<KernelMessage> messages(
      Filter filter,
      long sinceMicros,
      long untilMicros,
      boolean newestFirst,
      @Nullable Long after,
      int limit,
      SearchBudget budget);

  /// Messages in the order they became findable, for following: those written after the `from` that
  /// an earlier call returned.
  ///
  /// Messages that a spent budget left unsearched count as skipped.
  ///
  /// @param from where to go on; -1 begins at the end and returns nothing yet
  Tail tail(Filter filter, long from, int limit, SearchBudget budget);

  /// @param messages at most `limit`, the oldest first; the newest ones where there were more
  /// @param skipped how many matched and were left out
  /// @param next for the following call
  record Tail(List<KernelMessage> messages, long skipped, long next) {}

  /// The message at a position.
  Optional<KernelMessage> message(long position);

  /// How many messages match, in equal slices of the time from `sinceMicros` to `untilMicros`; for
  /// each value of the field `by`, or under the key "" when that is null. At most 100 values, the
  /// most frequent ones.
  Map<String, long[]> histogram(
      Filter filter,
      long sinceMicros,
      long untilMicros,
      int buckets,
      @Nullable String by,
      SearchBudget budget);

  /// The most frequent values of a field among the messages that match, most frequent first. Where
  /// there are more different values than fit into bounded memory, rare ones may be missing or
  /// counted too low, and the budget has the reason.
  Map<String, Long> values(
      Filter filter,
      long sinceMicros,
      long untilMicros,
      String field,
      int limit,
      SearchBudget budget);

  /// Ids of crashes received in that time that match, by position, newest first.
  List<String> crashes(
      Filter filter,
      long sinceMicros,
      long untilMicros,
      @Nullable Long after,
      int limit,
      SearchBudget budget);

  /// The signatures that have a crash that matches.
  Collection<String> signatures(
      Filter filter, long sinceMicros, long untilMicros, SearchBudget budget);

  /// Drops messages of days that ended before this; returns how many days went.
  int dropBefore(long micros);

  /// Drops the oldest messages, at most a day of them, if there are later ones; returns whether.
  boolean dropOldest();

  /// What the index occupies on disk, as of the last commit.
  long bytes();

  /// How many messages can be found.
  long messageCount();

  /// What can't be searched now although it was written, a sentence each with path and reason;
  /// empty when all is well.
  List<String> problems();

  /// How often what was written since the last commit was lost, because the disk failed or was
  /// full, since this process opened the index. See [LostWritesException].
  long lostWrites();

  @Override
  void close();
}
