package lastwords.store.embedded;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.LeafReaderContext;
import org.jspecify.annotations.Nullable;

/// What can be found at one time: the segments of all folders. Its readers stay open until it was
/// released as often as it was retained, the constructor included. Safe for any thread.
///
/// Folders are not joined to one reader, since Lucene's readers end at 2,147,483,519 documents.
final class LuceneSnapshot {
  private record Opened(DirectoryReader reader, List<LuceneSegment> segments) {}

  private final AtomicInteger references = new AtomicInteger(1);
  private final List<Opened> opened = new ArrayList<>();
  private final List<LuceneSegment> newestFirst;
  private final long documents;

  /// @param before what it replaces; what is unchanged is not looked at again
  LuceneSnapshot(List<DirectoryReader> readers, @Nullable LuceneSnapshot before)
      throws IOException {
    boolean complete = false;
    try {
      for (DirectoryReader reader : readers) {
        Opened known = before == null ? null : before.opened(reader);
        Opened now = known == null ? new Opened(reader, segments(reader)) : known;
        reader.incRef();
        opened.add(now);
      }
      complete = true;
    } finally {
      if (!complete) {
        release();
      }
    }
    newestFirst =
        opened.stream()
            .flatMap(of -> of.segments.stream())
            .sorted(Comparator.comparingLong(LuceneSegment::maxPosition).reversed())
            .toList();
    documents = readers.stream().mapToLong(DirectoryReader::numDocs).sum();
  }

  @SuppressWarnings("ReferenceEquality") // readers have no equality but their own
  private @Nullable Opened opened(DirectoryReader reader) {
    return opened.stream().filter(of -> of.reader == reader).findFirst().orElse(null);
  }

  private static List<LuceneSegment> segments(DirectoryReader reader) throws IOException {
    List<LuceneSegment> segments = new ArrayList<>();
    for (LeafReaderContext leaf : reader.leaves()) {
      segments.add(LuceneSegment.of(leaf.reader()));
    }
    return segments;
  }

  /// Whether it is made of exactly these.
  boolean isOf(List<DirectoryReader> readers) {
    return opened.stream().map(Opened::reader).toList().equals(readers);
  }

  /// The segments, the one with the highest position first.
  List<LuceneSegment> newestFirst() {
    return newestFirst;
  }

  /// How many documents can be found.
  long documents() {
    return documents;
  }

  /// -1 in an empty index.
  long highestPosition() {
    return newestFirst.isEmpty() ? -1 : newestFirst.getFirst().maxPosition();
  }

  /// The number of the message that was written last; -1 in an empty index.
  long highestWritten() {
    return newestFirst.stream().mapToLong(LuceneSegment::maxWritten).max().orElse(-1);
  }

  /// False when it was released for the last time.
  boolean tryRetain() {
    for (int now = references.get(); now > 0; now = references.get()) {
      if (references.compareAndSet(now, now + 1)) {
        return true;
      }
    }
    return false;
  }

  void release() throws IOException {
    if (references.decrementAndGet() == 0) {
      for (Opened of : opened) {
        of.reader.decRef();
      }
    }
  }

  int references() {
    return references.get();
  }
}
