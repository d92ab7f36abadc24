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
import java.util.concurrent.atomic.LongAdder;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;
import lastwords.kernel.Crash;
import lastwords.kernel.KernelMessage;
import lastwords.store.BadQueryException;
import lastwords.store.Filter;
import lastwords.store.FreeSpace;
import lastwords.store.Index;
import lastwords.store.LostWritesException;
import lastwords.store.SearchBudget;
import lastwords.store.embedded.LuceneFolder.Access;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.NumericDocValuesField;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.Term;
import org.apache.lucene.search.BooleanClause.Occur;
import org.apache.lucene.search.BooleanQuery;
import org.apache.lucene.search.Query;
import org.apache.lucene.store.AlreadyClosedException;
import org.apache.lucene.util.BytesRef;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The index of one machine, in a folder.
///
/// ```
/// messages/2026-11-21/   one Lucene index per UTC day of receiving, dropped as a whole
/// messages/2026-11-21.2/ the same day after the first part was full or could not be written
/// crashes/               one Lucene index; its commits carry the notes, as the last of a commit
/// ```
///
/// A search goes through the segments of all folders one by one, those with the newest messages
/// first. So no number of days is too large for Lucene, whose joined readers end at 2,147,483,519
/// documents, and what a spent budget cuts off is the oldest.
///
/// The writing process locks the folder. Others may read it with [#openReadOnly]: they see, after
/// each [#refresh], what was committed.
///
/// A folder found damaged by the writing process, when it is opened or later, is renamed to
/// `….damaged-1`, and the notes are emptied, so that all of it is written again. One that can't be
/// opened for another reason is left out, reported in [#problems] and tried again. Where less than
/// its share of the disk is left it takes no messages, and keeps crashes in memory.
///
/// Patterns are matched against single words of a text, so a regular expression with a blank in it
/// finds nothing there. The `hardware` of a crash is a full text too. Userdata keys may also name
/// the kernel's own dictionary: `subsystem`, `device`.
public final class LuceneIndex implements Index {
  /// Documents of one folder, deleted ones included: half of what Lucene's `IndexWriter` takes, so
  /// that nothing a writer does by itself reaches that end. 12,000 messages a second fill a part in
  /// a day.
  static final int MAX_DOCUMENTS_PER_PART = 1 << 30;

  /// Parts being written at the same time: of today, and of the day before around midnight. One
  /// more ends writing the one written longest ago.
  private static final int MAX_WRITTEN_PARTS = 2;

  /// Bytes of text in one list of messages, so that lists of large messages stay small.
  private static final long MAX_LIST_BYTES = 8L << 20;

  /// Of crashes, as on a full disk, that are found before they are committed.
  private static final int CRASHES_MEBIBYTES = 4;

  private static final int MAX_VALUES_OF_A_HISTOGRAM = 100;

  /// Share of the crashes that is dropped from the index when it holds too many.
  private static final int DROPPED_SHARE = 4;

  private static final Logger LOG = LoggerFactory.getLogger(LuceneIndex.class);

  private final Path folder;
  private final Access access;
  private final long leastFreeBytes;
  private final int maxDocuments;
  private final LuceneDays days;
  private final LuceneFolder crashFolder;
  private final LuceneView messages;
  private final LuceneView crashes;

  /// The highest position ever written: messages beyond it replace nothing.
  private long highestPosition;

  /// Counts messages as they are written, from 1.
  private long lastWritten;

  private volatile Map<String, String> notes;
  private volatile long bytes;
  private volatile long messageCount;
  private final LongAdder lostWrites = new LongAdder();

  /// Messages that Lucene refused for what is in them; they can't be found.
  private long refused;

  /// Came of dropping days, which isn't done by who writes, who has to know.
  private @Nullable LostWritesException untold;

  private @Nullable FreeSpace disk;

  private LuceneIndex(Path folder, Access access, long leastFreeBytes, int maxDocuments) {
    this.folder = folder;
    this.access = access;
    this.leastFreeBytes = leastFreeBytes;
    this.maxDocuments = maxDocuments;
    this.days =
        new LuceneDays(
            folder.resolve("messages"), access, leastFreeBytes, MAX_WRITTEN_PARTS, maxDocuments);
    this.crashFolder =
        new LuceneFolder(
            folder.resolve("crashes"),
            access,
            leastFreeBytes,
            CRASHES_MEBIBYTES,
            Integer.MAX_VALUE);
    this.messages = new LuceneView(folder, days::folders, days::refresh, LuceneField::ofMessages);
    this.crashes =
        new LuceneView(
            folder, () -> Stream.of(crashFolder), LuceneFolder::refresh, LuceneField::ofCrashes);
    this.notes = crashFolder.notes();
    this.highestPosition = ask(LuceneSnapshot::highestPosition);
    this.lastWritten = Math.max(0, ask(LuceneSnapshot::highestWritten));
    publishCount();
    publishBytes();
  }

  private long ask(ToLongFunction<LuceneSnapshot> question) {
    return messages.ask(
        Filter.ALL,
        List.of(),
        SearchBudget.unlimited(),
        (snapshot, _) -> question.applyAsLong(snapshot));
  }

  private void publishCount() {
    messageCount = ask(LuceneSnapshot::documents);
  }

  private void publishBytes() {
    bytes = crashFolder.bytes() + days.folders().mapToLong(LuceneFolder::bytes).sum();
  }

  /// Opens the index for writing and searching, or makes a new one.
  ///
  /// @throws UncheckedIOException when another process writes it or its disk fails, with the path
  public static LuceneIndex open(Path folder) {
    return open(folder, 0);
  }

  /// @param leastFreeBytes of the disk: where less is left, messages are refused
  public static LuceneIndex open(Path folder, long leastFreeBytes) {
    return open(folder, leastFreeBytes, MAX_DOCUMENTS_PER_PART);
  }

  /// @param maxDocuments of a part of a day, and of all crashes
  static LuceneIndex open(Path folder, long leastFreeBytes, int maxDocuments) {
    LuceneIndex index = new LuceneIndex(folder, Access.WRITE, leastFreeBytes, maxDocuments);
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
    return new LuceneIndex(folder, Access.READ, 0, MAX_DOCUMENTS_PER_PART);
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
            add(message, LuceneDocument.of(message, ++lastWritten));
            highestPosition = Math.max(highestPosition, message.position());
          }
        });
  }

  /// Into the newest part of its day, or into another one when Lucene takes no more there.
  private void add(KernelMessage message, Document document) throws IOException {
    try {
      boolean added = false;
      while (!added) {
        added = days.of(message.receivedAtMicros()).add(document, message.position());
      }
    } catch (IllegalArgumentException e) {
      if (Long.bitCount(++refused) == 1) { // the 1st, 2nd, 4th, 8th …
        LOG.error("{} messages dropped from the index, the last one: {}", refused, e.toString());
      }
    }
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
      lostWrites.increment();
      goBack(why);
      throw new LostWritesException(why);
    }
  }

  private void goBack(UncheckedIOException why) {
    try {
      days.goBack();
      crashFolder.goBack();
      if (crashFolder.isFull()) {
        crashFolder.setAside(why); // it has the notes, so there can't be another one
      }
      emptyNotesOfDamaged();
      notes = crashFolder.notes();
      messages.maybeRefreshBlocking();
      crashes.maybeRefreshBlocking();
      publishCount();
      publishBytes();
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
      for (LuceneFolder part : days.holding(message.receivedAtMicros(), message.position())) {
        positions.computeIfAbsent(part, _ -> new ArrayList<>()).add(message.position());
      }
    }
    for (Map.Entry<LuceneFolder, List<Long>> part : positions.entrySet()) {
      days.writing(part.getKey()).writer().deleteDocuments(at(part.getValue()));
    }
  }

  private static Query at(List<Long> positions) {
    long[] set = positions.stream().mapToLong(Long::longValue).toArray();
    Query near =
        LuceneView.between(
            LuceneDocument.POSITION, Collections.min(positions), Collections.max(positions));
    return new BooleanQuery.Builder()
        .add(NumericDocValuesField.newSlowSetQuery(LuceneDocument.POSITION, set), Occur.FILTER)
        .add(near, Occur.FILTER)
        .build();
  }

  @Override
  public synchronized void put(List<Crash> batch) {
    write(
        () -> {
          for (Crash crash : batch) {
            String id = LuceneField.keyword(String.valueOf(crash.id()));
            long position = crash.position() == null ? 0 : crash.position();
            Term same = new Term(LuceneDocument.ID, id);
            if (!crashFolder.update(same, LuceneDocument.of(crash), position)) {
              throw new IOException("crashes take no more documents");
            }
          }
          dropOldCrashes();
        });
  }

  /// Keeps the crashes far from Lucene's limit. The ledger has what is dropped here.
  private void dropOldCrashes() throws IOException {
    IndexWriter writer = crashFolder.writer();
    int crashCount = writer.getDocStats().numDocs;
    if (crashCount <= maxDocuments) {
      return;
    }
    crashes.maybeRefreshBlocking();
    long before =
        crashes.ask(
            Filter.ALL,
            List.of(),
            SearchBudget.unlimited(),
            (snapshot, _) -> positionOfOldest(snapshot, maxDocuments / DROPPED_SHARE));
    writer.deleteDocuments(LuceneView.between(LuceneDocument.POSITION, Long.MIN_VALUE, before));
    crashes.maybeRefreshBlocking(); // or they would still count
    LOG.error(
        "{} crashes are too many for the index: the oldest were dropped from it, down to position"
            + " {}",
        crashCount,
        before);
  }

  /// A position with so many documents at or below it, or more where several segments overlap.
  private static long positionOfOldest(LuceneSnapshot snapshot, int count) throws IOException {
    long left = count;
    for (LuceneSegment segment : snapshot.newestFirst().reversed()) {
      if (segment.reader().numDocs() >= left) {
        // Deleted ones are mostly the oldest.
        long passed = Math.min(segment.documents(), left + segment.reader().numDeletedDocs());
        return segment.position((int) (segment.documents() - passed));
      }
      left -= segment.reader().numDocs();
    }
    return Long.MAX_VALUE;
  }

  @Override
  public synchronized void drop(List<String> ids) {
    write(
        () -> {
          IndexWriter writer = crashFolder.writer();
          for (String id : ids) {
            writer.deleteDocuments(new Term(LuceneDocument.ID, LuceneField.keyword(id)));
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
            publishBytes();
          }
          publishCount();
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
          days.retry();
          publishBytes();
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
      refreshAfterDrop();
    }
    return dropped;
  }

  @Override
  public synchronized boolean dropOldest() {
    boolean dropped = days.dropOldest();
    if (dropped) {
      refreshAfterDrop();
    }
    return dropped;
  }

  private void refreshAfterDrop() {
    try {
      refresh();
      publishBytes();
    } catch (LostWritesException e) {
      untold = e;
      throw e;
    }
  }

  @Override
  public long bytes() {
    return bytes;
  }

  @Override
  public long messageCount() {
    return messageCount;
  }

  @Override
  public List<String> problems() {
    return days.problems();
  }

  @Override
  public long lostWrites() {
    return lostWrites.sum();
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
      int limit,
      SearchBudget budget) {
    budget.startList();
    return messages.ask(
        filter,
        received(sinceMicros, untilMicros),
        budget,
        (snapshot, scan) -> {
          LuceneList list = new LuceneList(overlapping(snapshot, sinceMicros, untilMicros), scan);
          return read(newestFirst ? list.newest(after, limit) : list.oldest(after, limit), budget);
        });
  }

  /// What may hold something of a time, the newest first.
  private static List<LuceneSegment> overlapping(
      LuceneSnapshot snapshot, long sinceMicros, long untilMicros) {
    return snapshot.newestFirst().stream()
        .filter(segment -> segment.overlaps(sinceMicros, untilMicros))
        .toList();
  }

  /// Reads messages until they are too much for one list; the list then continues after the last.
  private static List<KernelMessage> read(List<LuceneList.Hit> hits, SearchBudget budget)
      throws IOException {
    List<KernelMessage> found = new ArrayList<>(hits.size());
    LuceneStored stored = new LuceneStored();
    long listBytes = 0;
    for (LuceneList.Hit hit : hits) {
      BytesRef message = stored.message(hit);
      if (!found.isEmpty() && message.length > MAX_LIST_BYTES - listBytes) {
        budget.resumeAfter(found.getLast().position());
        break;
      }
      listBytes += message.length;
      found.add(LuceneMessage.read(message));
    }
    return found;
  }

  @Override
  public Tail tail(Filter filter, long from, int limit, SearchBudget budget) {
    return messages.ask(
        filter,
        List.of(LuceneView.between(LuceneDocument.WRITTEN, from + 1, Long.MAX_VALUE)),
        budget,
        (snapshot, scan) -> {
          long end = Math.max(0, snapshot.highestWritten());
          if (from < 0 || end <= from) {
            return new Tail(List.of(), 0, Math.max(from, end));
          }
          List<LuceneSegment> later =
              snapshot.newestFirst().stream().filter(s -> s.maxWritten() > from).toList();
          LuceneList.Written written = new LuceneList(later, scan).written(limit);
          List<KernelMessage> found = new ArrayList<>();
          LuceneStored stored = new LuceneStored();
          long listBytes = 0;
          for (LuceneList.Hit hit : written.newestFirst()) {
            BytesRef message = stored.message(hit);
            if (!found.isEmpty() && message.length > MAX_LIST_BYTES - listBytes) {
              break;
            }
            listBytes += message.length;
            found.add(LuceneMessage.read(message));
          }
          Collections.reverse(found);
          return new Tail(found, written.count() - found.size(), end);
        });
  }

  @Override
  public Optional<KernelMessage> message(long position) {
    return messages.ask(
        Filter.ALL,
        List.of(LuceneView.between(LuceneDocument.POSITION, position, position)),
        SearchBudget.unlimited(), // one look into each segment
        (snapshot, scan) -> {
          List<LuceneSegment> around =
              snapshot.newestFirst().stream()
                  .filter(s -> s.minPosition() <= position && s.maxPosition() >= position)
                  .toList();
          List<LuceneList.Hit> hits = new LuceneList(around, scan).newest(null, 1);
          return read(hits, scan.budget()).stream().findFirst();
        });
  }

  @Override
  public Map<String, long[]> histogram(
      Filter filter,
      long sinceMicros,
      long untilMicros,
      int buckets,
      @Nullable String by,
      SearchBudget budget) {
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
        budget,
        (snapshot, scan) ->
            new LuceneCounts(overlapping(snapshot, sinceMicros, untilMicros), scan)
                .histogram(sinceMicros, untilMicros, buckets, field, MAX_VALUES_OF_A_HISTOGRAM));
  }

  @Override
  public Map<String, Long> values(
      Filter filter,
      long sinceMicros,
      long untilMicros,
      String field,
      int limit,
      SearchBudget budget) {
    LuceneField counted = countable(field);
    return messages.ask(
        filter,
        received(sinceMicros, untilMicros),
        budget,
        (snapshot, scan) ->
            new LuceneCounts(overlapping(snapshot, sinceMicros, untilMicros), scan)
                .values(counted, limit));
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
      Filter filter,
      long sinceMicros,
      long untilMicros,
      @Nullable Long after,
      int limit,
      SearchBudget budget) {
    budget.startList();
    return crashes.ask(
        filter,
        received(sinceMicros, untilMicros),
        budget,
        (snapshot, scan) -> {
          List<String> ids = new ArrayList<>();
          LuceneList list = new LuceneList(overlapping(snapshot, sinceMicros, untilMicros), scan);
          LuceneStored stored = new LuceneStored();
          for (LuceneList.Hit hit : list.newest(after, limit)) {
            ids.add(stored.crashId(hit));
          }
          return ids;
        });
  }

  @Override
  public Collection<String> signatures(
      Filter filter, long sinceMicros, long untilMicros, SearchBudget budget) {
    LuceneField signature = LuceneField.ofCrashes("signature");
    return crashes.ask(
        filter,
        received(sinceMicros, untilMicros),
        budget,
        (snapshot, scan) ->
            new LuceneCounts(overlapping(snapshot, sinceMicros, untilMicros), scan)
                .values(signature, Integer.MAX_VALUE)
                .keySet());
  }

  private static List<Query> received(long sinceMicros, long untilMicros) {
    return sinceMicros <= 0 && untilMicros == Long.MAX_VALUE
        ? List.of()
        : List.of(LuceneView.between(LuceneDocument.RECEIVED_AT, sinceMicros, untilMicros - 1));
  }

  private UncheckedIOException failed(Exception e) {
    if (e instanceof UncheckedIOException told) {
      return told;
    }
    IOException cause = e instanceof IOException io ? io : new IOException(e);
    return new UncheckedIOException("the index in " + folder + ": " + e.getMessage(), cause);
  }
}
