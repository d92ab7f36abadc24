package lastwords.store.embedded;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import lastwords.kernel.Crash;
import lastwords.kernel.KernelMessage;
import lastwords.store.BadQueryException;
import lastwords.store.Filter;
import lastwords.store.FreeSpace;
import lastwords.store.Index;
import lastwords.store.LostWritesException;
import lastwords.store.embedded.LuceneFolder.Access;
import org.apache.lucene.document.NumericDocValuesField;
import org.apache.lucene.index.DocValuesSkipper;
import org.apache.lucene.index.IndexReader;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.StoredFields;
import org.apache.lucene.index.Term;
import org.apache.lucene.search.BooleanClause.Occur;
import org.apache.lucene.search.BooleanQuery;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.search.Sort;
import org.apache.lucene.search.SortField;
import org.apache.lucene.search.TopFieldCollectorManager;
import org.apache.lucene.store.AlreadyClosedException;
import org.jspecify.annotations.Nullable;

/// The index of one machine, in a folder.
///
/// ```
/// messages/2026-11-21/   one Lucene index per UTC day of receiving, dropped as a whole
/// crashes/               one Lucene index; its commits carry the notes, as the last of a commit
/// ```
///
/// The writing process locks the folder. Others may read it with [#openReadOnly]: they see, after
/// each [#refresh], what was committed.
///
/// A folder found damaged by the writing process, when it is opened or later, is renamed to
/// `….damaged-1`, and the notes are emptied, so that all of it is written again. Where less than
/// its share of the disk is left it takes no messages, and keeps crashes in memory.
///
/// Patterns are matched against single words of a text, so a regular expression with a blank in it
/// finds nothing there. The `hardware` of a crash is a full text too. Userdata keys may also name
/// the kernel's own dictionary: `subsystem`, `device`.
public final class LuceneIndex implements Index {
  /// Days being written at the same time: today, and the day before around midnight. One more ends
  /// writing the one written longest ago.
  private static final int MAX_WRITTEN_DAYS = 2;

  /// Of crashes, as on a full disk, that are found before they are committed.
  private static final int CRASHES_MEBIBYTES = 4;

  private static final int MAX_VALUES_OF_A_HISTOGRAM = 100;

  /// How many positions a search for the oldest looks at first: those of some thousand datagrams.
  private static final long FIRST_WINDOW = 4L << 20;

  private final Path folder;
  private final Access access;
  private final long leastFreeBytes;
  private final LuceneDays days;
  private final LuceneFolder crashFolder;
  private final LuceneView messages;
  private final LuceneView crashes;

  /// The highest position ever written: messages beyond it replace nothing.
  private long highestPosition;

  /// Counts messages as they are written, from 1.
  private long lastWritten;

  private volatile Map<String, String> notes;

  /// Came of dropping days, which isn't done by who writes, who has to know.
  private @Nullable LostWritesException untold;

  private @Nullable FreeSpace disk;

  private LuceneIndex(Path folder, Access access, long leastFreeBytes) {
    this.folder = folder;
    this.access = access;
    this.leastFreeBytes = leastFreeBytes;
    this.days =
        new LuceneDays(folder.resolve("messages"), access, leastFreeBytes, MAX_WRITTEN_DAYS);
    this.crashFolder =
        new LuceneFolder(folder.resolve("crashes"), access, leastFreeBytes, CRASHES_MEBIBYTES);
    this.messages = new LuceneView(folder, days::folders, LuceneField::ofMessages);
    this.crashes = new LuceneView(folder, () -> Stream.of(crashFolder), LuceneField::ofCrashes);
    this.notes = crashFolder.notes();
    this.highestPosition = highest(LuceneDocument.POSITION);
    this.lastWritten = Math.max(0, highest(LuceneDocument.WRITTEN));
  }

  /// Opens the index for writing and searching, or makes a new one.
  ///
  /// @throws UncheckedIOException when another process writes it or its disk fails, with the path
  public static LuceneIndex open(Path folder) {
    return open(folder, 0);
  }

  /// @param leastFreeBytes of the disk: where less is left, messages are refused
  public static LuceneIndex open(Path folder, long leastFreeBytes) {
    LuceneIndex index = new LuceneIndex(folder, Access.WRITE, leastFreeBytes);
    try {
      index.crashFolder.writer(); // locks the whole folder
      index.disk = new FreeSpace(folder);
      index.emptyNotesOfDamaged();
      return index;
    } catch (RuntimeException e) {
      index.close();
      throw e;
    }
  }

  /// Opens an index that another process writes, or will write.
  ///
  /// @throws UncheckedIOException when it is damaged, with the path
  public static LuceneIndex openReadOnly(Path folder) {
    return new LuceneIndex(folder, Access.READ, 0);
  }

  // Writing.

  @Override
  public synchronized void add(List<KernelMessage> batch) {
    requireSpace();
    Map<Long, KernelMessage> byPosition = new LinkedHashMap<>();
    batch.forEach(message -> byPosition.put(message.position(), message));
    long highestBefore = highestPosition;
    write(
        () -> {
          remove(byPosition.values().stream().filter(m -> m.position() <= highestBefore).toList());
          for (KernelMessage message : byPosition.values()) {
            IndexWriter writer = days.of(message.receivedAtMicros()).writer();
            writer.addDocument(LuceneDocument.of(message, ++lastWritten));
            highestPosition = Math.max(highestPosition, message.position());
          }
        });
  }

  /// Without it, a writer of Lucene's would end, with all that it had not committed.
  private void requireSpace() {
    if (disk != null) {
      disk.require(leastFreeBytes);
    }
  }

  private interface Step {
    void run() throws IOException;
  }

  /// A writer of Lucene's that failed is closed for good, and what it had not committed is gone. So
  /// all of them go back to their last commit.
  private void write(Step step) {
    LostWritesException before = untold;
    if (before != null) {
      untold = null;
      throw before;
    }
    try {
      step.run();
    } catch (IOException | UncheckedIOException | AlreadyClosedException e) {
      UncheckedIOException why = failed(e);
      if (access == Access.READ) {
        throw why;
      }
      goBack(why);
      throw new LostWritesException(why);
    }
  }

  private void goBack(UncheckedIOException why) {
    try {
      days.folders().forEach(LuceneFolder::goBack);
      crashFolder.goBack();
      emptyNotesOfDamaged();
      notes = crashFolder.notes();
      messages.maybeRefreshBlocking();
      crashes.maybeRefreshBlocking();
    } catch (IOException | RuntimeException e) {
      why.addSuppressed(e); // such as a disk that is still full; the next write comes here again
    }
  }

  /// Has everything written again after a folder was set aside.
  private void emptyNotesOfDamaged() {
    boolean damaged = crashFolder.takeDamaged();
    for (LuceneFolder day : days.folders().toList()) {
      damaged |= day.takeDamaged();
    }
    if (damaged) {
      crashFolder.commit(Map.of());
      crashFolder.refresh();
      notes = Map.of();
    }
  }

  /// Removes what is there under the positions of these messages.
  private void remove(List<KernelMessage> again) throws IOException {
    Map<LuceneFolder, List<Long>> positions = new LinkedHashMap<>();
    for (KernelMessage message : again) {
      positions
          .computeIfAbsent(days.of(message.receivedAtMicros()), day -> new ArrayList<>())
          .add(message.position());
    }
    for (Map.Entry<LuceneFolder, List<Long>> day : positions.entrySet()) {
      day.getKey().writer().deleteDocuments(at(day.getValue()));
    }
  }

  private static Query at(List<Long> positions) {
    long[] set = positions.stream().mapToLong(Long::longValue).toArray();
    return bounded(
        NumericDocValuesField.newSlowSetQuery(LuceneDocument.POSITION, set),
        Collections.min(positions),
        Collections.max(positions));
  }

  @Override
  public synchronized void put(List<Crash> batch) {
    write(
        () -> {
          IndexWriter writer = crashFolder.writer();
          for (Crash crash : batch) {
            String id = LuceneField.keyword(String.valueOf(crash.id()));
            writer.updateDocument(new Term(LuceneDocument.ID, id), LuceneDocument.of(crash));
          }
        });
  }

  @Override
  public synchronized void refresh() {
    write(
        () -> {
          if (access == Access.READ) {
            days.look();
          }
          messages.maybeRefreshBlocking();
          crashes.maybeRefreshBlocking();
          if (access == Access.READ) {
            notes = crashFolder.notes();
          }
        });
  }

  @Override
  public synchronized void commit(Map<String, String> newNotes) {
    requireSpace();
    write(
        () -> {
          days.folders().forEach(LuceneFolder::commit);
          crashFolder.commit(newNotes);
          notes = Map.copyOf(newNotes);
        });
  }

  @Override
  public Map<String, String> notes() {
    return notes;
  }

  @Override
  public synchronized int dropBefore(long micros) {
    int dropped = days.dropBefore(micros);
    if (dropped > 0) {
      try {
        refresh();
      } catch (LostWritesException e) {
        untold = e;
        throw e;
      }
    }
    return dropped;
  }

  @Override
  public synchronized boolean dropOldest() {
    return days.secondMicros() > 0 && dropBefore(days.secondMicros()) > 0;
  }

  @Override
  public synchronized long bytes() {
    return crashFolder.bytes() + days.folders().mapToLong(LuceneFolder::bytes).sum();
  }

  /// Commits what was written, under the notes of the last commit.
  @Override
  public synchronized void close() {
    UncheckedIOException failure = null;
    try {
      messages.close();
      crashes.close();
    } catch (IOException e) {
      failure = failed(e);
    }
    for (LuceneFolder open : Stream.concat(days.folders(), Stream.of(crashFolder)).toList()) {
      try {
        open.close();
      } catch (UncheckedIOException e) {
        failure = e;
      }
    }
    if (failure != null) {
      throw failure;
    }
  }

  // Searching.

  @Override
  public List<KernelMessage> messages(
      Filter filter,
      long sinceMicros,
      long untilMicros,
      boolean newestFirst,
      @Nullable Long after,
      int limit) {
    return messages.ask(
        filter,
        received(sinceMicros, untilMicros),
        (searcher, query) ->
            newestFirst
                ? read(searcher, newest(searcher, query, after, limit))
                : oldest(searcher, query, after, limit));
  }

  private static ScoreDoc[] newest(
      IndexSearcher searcher, Query query, @Nullable Long after, int limit) throws IOException {
    Query within = after == null ? query : bounded(query, Long.MIN_VALUE, after - 1);
    return top(searcher, within, LuceneFolder.NEWEST_FIRST, limit);
  }

  /// Looks in windows of positions that grow: the index is sorted the other way round, so asking
  /// for all at once would visit every match.
  private static List<KernelMessage> oldest(
      IndexSearcher searcher, Query query, @Nullable Long after, int limit) throws IOException {
    SortField oldestFirst = new SortField(LuceneDocument.POSITION, SortField.Type.LONG);
    long last = highest(searcher, LuceneDocument.POSITION);
    long from = after == null ? lowestPosition(searcher) : after + 1;
    List<KernelMessage> found = new ArrayList<>();
    for (long window = FIRST_WINDOW; from <= last && found.size() < limit; window *= 8) {
      long to = window > 0 && last - from > window ? from + window : last;
      Query within = bounded(query, from, to);
      found.addAll(read(searcher, top(searcher, within, oldestFirst, limit - found.size())));
      from = to + 1;
    }
    return found;
  }

  private static ScoreDoc[] top(IndexSearcher searcher, Query query, SortField by, int limit)
      throws IOException {
    return searcher.search(query, new TopFieldCollectorManager(new Sort(by), limit, limit))
        .scoreDocs;
  }

  private static Query bounded(Query query, long fromPosition, long toPosition) {
    return new BooleanQuery.Builder()
        .add(query, Occur.FILTER)
        .add(LuceneView.between(LuceneDocument.POSITION, fromPosition, toPosition), Occur.FILTER)
        .build();
  }

  private static List<KernelMessage> read(IndexSearcher searcher, ScoreDoc[] documents)
      throws IOException {
    StoredFields stored = searcher.storedFields();
    Set<String> fields = Set.of(LuceneDocument.MESSAGE);
    List<KernelMessage> found = new ArrayList<>(documents.length);
    for (ScoreDoc document : documents) {
      var bytes = stored.document(document.doc, fields).getBinaryValue(LuceneDocument.MESSAGE);
      found.add(LuceneMessage.read(bytes));
    }
    return found;
  }

  @Override
  public Tail tail(Filter filter, long from, int limit) {
    SortField lastFirst = new SortField(LuceneDocument.WRITTEN, SortField.Type.LONG, true);
    return messages.ask(
        filter,
        List.of(LuceneView.between(LuceneDocument.WRITTEN, from + 1, Long.MAX_VALUE)),
        (searcher, query) -> {
          long end = Math.max(0, highest(searcher, LuceneDocument.WRITTEN));
          if (from < 0 || end <= from) {
            return new Tail(List.of(), 0, Math.max(from, end));
          }
          List<KernelMessage> found = read(searcher, top(searcher, query, lastFirst, limit));
          Collections.reverse(found);
          return new Tail(found, searcher.count(query) - found.size(), end);
        });
  }

  @Override
  public Optional<KernelMessage> message(long position) {
    return messages.ask(
        Filter.ALL,
        List.of(LuceneView.between(LuceneDocument.POSITION, position, position)),
        (searcher, query) -> read(searcher, newest(searcher, query, null, 1)).stream().findFirst());
  }

  @Override
  public Map<String, long[]> histogram(
      Filter filter, long sinceMicros, long untilMicros, int buckets, @Nullable String by) {
    if (buckets < 1
        || sinceMicros < 0
        || sinceMicros >= untilMicros
        || untilMicros - sinceMicros > Long.MAX_VALUE / buckets) {
      throw new IllegalArgumentException(
          "no %d slices of the time from %d to %d".formatted(buckets, sinceMicros, untilMicros));
    }
    LuceneField field = by == null ? null : countable(by);
    return messages.ask(
        filter,
        received(sinceMicros, untilMicros),
        (searcher, query) ->
            new LuceneCounts(searcher, query)
                .histogram(sinceMicros, untilMicros, buckets, field, MAX_VALUES_OF_A_HISTOGRAM));
  }

  @Override
  public Map<String, Long> values(
      Filter filter, long sinceMicros, long untilMicros, String field, int limit) {
    LuceneField counted = countable(field);
    return messages.ask(
        filter,
        received(sinceMicros, untilMicros),
        (searcher, query) -> new LuceneCounts(searcher, query).values(counted, limit));
  }

  private static LuceneField countable(String name) {
    LuceneField field = LuceneField.ofMessages(name);
    if (field.kind() == LuceneField.Kind.TEXT) {
      throw new BadQueryException(-1, name + " is a full text: its values can't be counted");
    }
    return field;
  }

  @Override
  public List<String> crashes(
      Filter filter, long sinceMicros, long untilMicros, @Nullable Long after, int limit) {
    Set<String> fields = Set.of(LuceneDocument.ID);
    return crashes.ask(
        filter,
        received(sinceMicros, untilMicros),
        (searcher, query) -> {
          StoredFields stored = searcher.storedFields();
          List<String> ids = new ArrayList<>();
          for (ScoreDoc document : newest(searcher, query, after, limit)) {
            ids.add(stored.document(document.doc, fields).get(LuceneDocument.ID));
          }
          return ids;
        });
  }

  @Override
  public Collection<String> signatures(Filter filter, long sinceMicros, long untilMicros) {
    LuceneField signature = LuceneField.ofCrashes("signature");
    return crashes.ask(
        filter,
        received(sinceMicros, untilMicros),
        (searcher, query) ->
            new LuceneCounts(searcher, query).values(signature, Integer.MAX_VALUE).keySet());
  }

  @Override
  public long messageCount() {
    return messages.ask(
        Filter.ALL, List.of(), (searcher, _) -> (long) searcher.getIndexReader().numDocs());
  }

  private static List<Query> received(long sinceMicros, long untilMicros) {
    return sinceMicros <= 0 && untilMicros == Long.MAX_VALUE
        ? List.of()
        : List.of(LuceneView.between(LuceneDocument.RECEIVED_AT, sinceMicros, untilMicros - 1));
  }

  private long highest(String field) {
    return messages.ask(Filter.ALL, List.of(), (searcher, _) -> highest(searcher, field));
  }

  /// -1 in an empty index.
  private static long highest(IndexSearcher searcher, String field) throws IOException {
    IndexReader reader = searcher.getIndexReader();
    return reader.leaves().isEmpty() ? -1 : DocValuesSkipper.globalMaxValue(reader, field);
  }

  /// 0 in an empty index.
  private static long lowestPosition(IndexSearcher searcher) throws IOException {
    IndexReader reader = searcher.getIndexReader();
    return reader.leaves().isEmpty()
        ? 0
        : DocValuesSkipper.globalMinValue(reader, LuceneDocument.POSITION);
  }

  private UncheckedIOException failed(Exception e) {
    if (e instanceof UncheckedIOException told) {
      return told;
    }
    IOException cause = e instanceof IOException io ? io : new IOException(e);
    return new UncheckedIOException("the index in " + folder + ": " + e.getMessage(), cause);
  }
}
