package lastwords.query;

import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Optional;
import java.util.function.UnaryOperator;
import lastwords.kernel.Crash;
import lastwords.kernel.Host;
import lastwords.kernel.KernelMessage;
import lastwords.kernel.Position;
import lastwords.kernel.Signature;
import lastwords.store.Filter;
import lastwords.store.Index;
import lastwords.store.Ledger;
import lastwords.store.SearchBudget;
import org.jspecify.annotations.Nullable;

/// Every search that people and robots make, in the words they make it in.
///
/// Queries are those of [Query]; null or blank matches everything. `since` (included) and `until`
/// (excluded) are RFC 3339 times or durations back from now (`90s 15m 24h 30d`), null where open. A
/// cursor is the `next` of the page before, null for the first page. A limit is 1 to [#MAX_LIMIT];
/// a page of large items has fewer, see [Batches].
///
/// Everything throws [BadQueryException] for a query that can't be understood, and
/// [IllegalArgumentException], with a sentence for its user, for any other argument that can't be.
///
/// Searches end when a [SearchBudget] is spent, with what they have found; [#within] gives one, and
/// without it there is no limit.
///
/// Safe for any number of threads.
public final class Searches {
  public static final int DEFAULT_LIMIT = 100;
  public static final int MAX_LIMIT = 1000;
  public static final int MAX_BUCKETS = 1000;

  /// Crashes of the index looked at for one page, of which the ledger may have dropped some.
  private static final int MAX_IDS = 10_000;

  /// How far a histogram reaches back when nobody says.
  public static final Duration HISTOGRAM = Duration.ofHours(24);

  /// A healthy kernel may say nothing for hours.
  public static final Duration SILENT_AFTER = Duration.ofHours(24);

  private static final Batches.Items<KernelMessage, Long> MESSAGES =
      new Batches.Items<>(
          KernelMessage::position, Sizes::of, it -> Cursor.MESSAGES.of(it.position()));

  private static final Batches.Items<Crash, Long> CRASHES =
      new Batches.Items<>(Searches::position, Sizes::of, it -> Cursor.CRASHES.of(position(it)));

  private final Index index;
  private final Ledger ledger;
  private final InstantSource clock;
  private final States states;
  private final Hosts hosts;
  private final UnaryOperator<Crash> completed;
  private final Suspicions suspicions;
  private final @Nullable SearchBudget budget;

  /// @param silentAfter a host not heard of for so long is `silent`
  public Searches(Index index, Ledger ledger, InstantSource clock, Duration silentAfter) {
    this(index, ledger, clock, silentAfter, crash -> crash);
  }

  /// @param completed adds what is not kept to a crash that is shown whole
  public Searches(
      Index index,
      Ledger ledger,
      InstantSource clock,
      Duration silentAfter,
      UnaryOperator<Crash> completed) {
    this.completed = completed;
    this.index = index;
    this.ledger = ledger;
    this.clock = clock;
    this.states = new States(ledger);
    this.hosts = new Hosts(index, ledger, clock, silentAfter);
    this.suspicions = new Suspicions(ledger, clock);
    this.budget = null;
  }

  private Searches(Searches all, SearchBudget budget) {
    this.completed = all.completed;
    this.index = all.index;
    this.ledger = all.ledger;
    this.clock = all.clock;
    this.states = all.states;
    this.hosts = all.hosts;
    this.suspicions = all.suspicions;
    this.budget = budget;
  }

  /// The same searches for one request. Where the budget is spent, an answer has what was found
  /// until then, and the budget has the reason.
  public Searches within(SearchBudget ofRequest) {
    return new Searches(this, ofRequest);
  }

  private SearchBudget budget() {
    return budget == null ? SearchBudget.unlimited() : budget;
  }

  // Messages.

  /// Messages by position.
  public Page<KernelMessage> messages(
      @Nullable String query,
      @Nullable String since,
      @Nullable String until,
      boolean newestFirst,
      @Nullable String cursor,
      int limit) {
    Span span = Span.of(since, until, clock);
    SearchBudget work = budget();
    List<KernelMessage> found =
        index.messages(
            Query.ofMessages(query),
            span.sinceMicros(),
            span.untilMicros(),
            newestFirst,
            Cursor.MESSAGES.number(cursor),
            checked("limit", limit, 1, MAX_LIMIT) + 1,
            work);
    return continued(
        Page.of(found, limit, message -> Cursor.MESSAGES.of(message.position())),
        work,
        Cursor.MESSAGES);
  }

  /// A page that ended before its limit continues where the index says.
  private static <T> Page<T> continued(Page<T> page, SearchBudget work, Cursor cursor) {
    return page.next() == null && work.resumeAfter().isPresent()
        ? new Page<>(page.items(), cursor.of(work.resumeAfter().getAsLong()), page.cursor())
        : page;
  }

  /// Messages as they become findable, for following.
  ///
  /// @param from -1 at first, then `next` of the answer before
  public Index.Tail tail(@Nullable String query, long from, int limit) {
    return index.tail(
        Query.ofMessages(query), from, checked("limit", limit, 1, MAX_LIMIT), budget());
  }

  /// How many messages match in each of `buckets` equal slices of time, of the last [#HISTOGRAM]
  /// where no `since` is given.
  ///
  /// @param buckets 1 to [#MAX_BUCKETS]
  /// @param by a field to tell apart by; null counts all together, under ""
  public Histogram histogram(
      @Nullable String query,
      @Nullable String since,
      @Nullable String until,
      int buckets,
      @Nullable String by) {
    checked("buckets", buckets, 1, MAX_BUCKETS);
    Span span = Span.closed(since, until, HISTOGRAM, clock);
    Map<String, long[]> counts =
        index.histogram(
            Query.ofMessages(query),
            span.sinceMicros(),
            span.untilMicros(),
            buckets,
            by == null ? null : Fields.MESSAGES.named(by, -1),
            budget());
    return new Histogram(span.sinceMicros(), span.untilMicros(), counts);
  }

  /// The most frequent values of a field among the messages that match; one page.
  public Page<ValueCount> values(
      @Nullable String query,
      @Nullable String since,
      @Nullable String until,
      String field,
      int limit) {
    Span span = Span.of(since, until, clock);
    List<ValueCount> counts = new ArrayList<>();
    index
        .values(
            Query.ofMessages(query),
            span.sinceMicros(),
            span.untilMicros(),
            Fields.MESSAGES.named(field, -1),
            checked("limit", limit, 1, MAX_LIMIT),
            budget())
        .forEach((value, count) -> counts.add(new ValueCount(value, count)));
    return new Page<>(counts, null);
  }

  /// A message with the same host's messages around it, oldest first; empty when there is none at
  /// that position. Fewer than asked for where they are large: [Batches#MAX_BYTES] on each side,
  /// the nearest ones.
  ///
  /// @param position as [Position#text] writes it
  /// @param before,after at most so many messages, 0 to [#MAX_LIMIT]
  public Optional<List<KernelMessage>> context(String position, int before, int after) {
    checked("before", before, 0, MAX_LIMIT);
    checked("after", after, 0, MAX_LIMIT);
    return index
        .message(Position.parse(position))
        .map(
            message -> {
              List<KernelMessage> context = new ArrayList<>(around(message, true, before));
              Collections.reverse(context);
              context.add(message);
              context.addAll(around(message, false, after));
              return context;
            });
  }

  private List<KernelMessage> around(KernelMessage message, boolean before, int count) {
    Filter sameHost = new Filter.In("host", List.of(message.host()));
    return count == 0
        ? List.of()
        : Batches.page(
                count,
                message.position(),
                (after, batch) ->
                    index.messages(sameHost, 0, Long.MAX_VALUE, before, after, batch, budget()),
                MESSAGES)
            .items();
  }

  // Crashes.

  /// Crashes, newest first.
  public Page<Crash> crashes(
      @Nullable String query,
      @Nullable String since,
      @Nullable String until,
      @Nullable String cursor,
      int limit) {
    Span span = Span.of(since, until, clock);
    Filter filter = states.asSignatures(Query.ofCrashes(query));
    Long after = Cursor.CRASHES.number(cursor);
    checked("limit", limit, 1, MAX_LIMIT);
    long from = span.sinceMicros();
    long to = span.untilMicros();
    SearchBudget work = budget();
    return continued(
        Batches.page(
            limit,
            after,
            (behind, count) ->
                filter.equals(Filter.ALL)
                    ? ledger.crashes(from, to, behind, count)
                    : found(filter, span, behind, count, work),
            CRASHES),
        work,
        Cursor.CRASHES);
  }

  /// Crashes that the index finds and the ledger still has: it may have dropped some of which the
  /// index doesn't know yet, and a page must not end for that.
  private List<Crash> found(
      Filter filter, Span span, @Nullable Long after, int limit, SearchBudget work) {
    List<Crash> found = new ArrayList<>(limit);
    int read = 0;
    for (int asked = limit; found.size() < limit; asked = Math.min(4 * asked, MAX_IDS)) {
      List<String> ids =
          index.crashes(filter, span.sinceMicros(), span.untilMicros(), after, asked, work);
      while (read < ids.size() && found.size() < limit) {
        int end = Math.min(ids.size(), read + limit - found.size());
        found.addAll(ledger.crashes(ids.subList(read, end)));
        read = end;
      }
      if (ids.size() < asked || asked == MAX_IDS || ids.isEmpty()) {
        break;
      }
    }
    return found;
  }

  private static Long position(Crash crash) {
    return Objects.requireNonNull(crash.position(), "position of a crash of the ledger");
  }

  /// A crash by its id.
  public Optional<Crash> crash(String id) {
    return ledger.crash(id).map(completed);
  }

  // Signatures.

  /// The time that `since` gives, in microseconds; null when it is null.
  ///
  /// @throws IllegalArgumentException when it is neither a time nor a duration
  public @Nullable Long sinceMicros(@Nullable String since) {
    return since == null ? null : Span.of(since, null, clock).sinceMicros();
  }

  /// Signatures that have a crash that matches, received in that time; the one last seen first.
  /// With what to suspect behind them, but for those that would take too long.
  public Page<Signature> signatures(
      @Nullable String query,
      @Nullable String since,
      @Nullable String until,
      @Nullable String cursor,
      int limit) {
    checked("limit", limit, 1, MAX_LIMIT);
    Span span = Span.of(since, until, clock);
    Filter filter = states.asSignatures(Query.ofCrashes(query));
    String after = Cursor.SIGNATURES.key(cursor);
    List<Signature> found =
        filter.equals(Filter.ALL) && since == null && until == null
            ? allSignatures(after, limit + 1)
            : signatures(
                index.signatures(filter, span.sinceMicros(), span.untilMicros(), budget()),
                after,
                limit + 1);
    Page<Signature> page =
        Page.of(found, limit, signature -> Cursor.SIGNATURES.of(lastSeenFirst(signature)));
    return new Page<>(suspicions.with(page.items()), page.next(), page.cursor());
  }

  private List<Signature> signatures(
      Collection<String> matching, @Nullable String after, int limit) {
    return ledger.signatures(matching).stream()
        .sorted(Comparator.comparing(Searches::lastSeenFirst))
        .filter(s -> after == null || lastSeenFirst(s).compareTo(after) > 0)
        .limit(limit)
        .toList();
  }

  /// A page of all: as many as are asked for are read.
  private List<Signature> allSignatures(@Nullable String after, int limit) {
    if (after == null) {
      return ledger.signatures(Long.MAX_VALUE, "", limit);
    }
    String[] key = after.split(" ", 2);
    return key.length == 2 && key[0].matches("\\d{1,19}")
        ? ledger.signatures(Long.MAX_VALUE - Long.parseLong(key[0]), key[1], limit)
        : List.of();
  }

  /// A key that sorts as text, the signature last seen first.
  private static String lastSeenFirst(Signature signature) {
    return "%019d %s".formatted(Long.MAX_VALUE - signature.lastSeenMicros(), signature.signature());
  }

  /// A signature by its 16 hex digits, with what to suspect behind it.
  public Optional<Signature> signature(String signature) {
    return ledger.signature(signature).map(suspicions::with);
  }

  // Hosts.

  /// Hosts by name.
  public Page<HostSummary> hosts(@Nullable String cursor, int limit) {
    checked("limit", limit, 1, MAX_LIMIT);
    String after = Cursor.HOSTS.key(cursor);
    NavigableMap<String, List<Host>> found = hosts.byName(after == null ? "" : after, limit + 1);
    var page =
        Page.of(List.copyOf(found.entrySet()), limit, host -> Cursor.HOSTS.of(host.getKey()));
    Map<String, Long> crashes =
        hosts.crashesByHost(page.items().stream().map(Map.Entry::getKey).toList());
    SearchBudget work = budget();
    return new Page<>(
        page.items().stream()
            .map(
                host ->
                    hosts.summary(host.getValue(), crashes.getOrDefault(host.getKey(), 0L), work))
            .toList(),
        page.next());
  }

  /// A host by its exact name, or by its address where it has no other.
  public Optional<HostSummary> host(String nameOrAddress) {
    String name = AddressText.asKept(nameOrAddress);
    List<Host> addresses = hosts.named(name);
    return addresses.isEmpty()
        ? Optional.empty()
        : Optional.of(
            hosts.summary(
                addresses, hosts.crashesByHost(List.of(name)).getOrDefault(name, 0L), budget()));
  }

  private static int checked(String name, int value, int min, int max) {
    if (value < min || value > max) {
      throw new IllegalArgumentException(name + " is " + min + " to " + max + ", not " + value);
    }
    return value;
  }
}
