package lastwords.store.embedded;

import java.io.IOException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import lastwords.store.SearchBudget;
import org.apache.lucene.index.DocValues;
import org.apache.lucene.index.LeafReader;
import org.apache.lucene.index.NumericDocValues;
import org.apache.lucene.index.SortedSetDocValues;
import org.apache.lucene.util.BytesRef;
import org.jspecify.annotations.Nullable;

/// Counts the documents that match a query, the newest segments first, as long as the budget lasts.
final class LuceneCounts {
  /// Different values of a segment counted at one time, in 16 MiB; more of them need another pass
  /// over what matches.
  private static final int MAX_ORDINALS = 4 << 20;

  /// Values between two looks at the clock.
  private static final int VALUES_PER_LOOK = 1 << 14;

  private final List<LuceneSegment> segments;
  private final LuceneScan scan;
  private final int maxOrdinals;

  LuceneCounts(List<LuceneSegment> segments, LuceneScan scan) {
    this(segments, scan, MAX_ORDINALS);
  }

  /// @param maxOrdinals different values of a segment counted at one time
  LuceneCounts(List<LuceneSegment> segments, LuceneScan scan, int maxOrdinals) {
    this.segments = segments;
    this.scan = scan;
    this.maxOrdinals = maxOrdinals;
  }

  /// How many documents have each value of a field, the most frequent first, at most `limit`.
  Map<String, Long> values(LuceneField field, int limit) throws IOException {
    TopValues counts = new TopValues();
    for (LuceneSegment segment : segments) {
      if (!count(segment, field, counts)) {
        scan.budget().cut();
        break;
      }
    }
    if (counts.forgot()) {
      scan.budget()
          .cut("there are too many different values: the rare ones are missing or counted too low");
    }
    return counts.first(limit);
  }

  private boolean count(LuceneSegment segment, LuceneField field, TopValues counts)
      throws IOException {
    SortedSetDocValues all = DocValues.getSortedSet(segment.reader(), field.inLucene());
    long end = end(all, field);
    for (long from = start(all, field); from < end; from += maxOrdinals) {
      if (!count(segment, field, counts, from, Math.min(end, from + maxOrdinals))) {
        return false;
      }
    }
    return true;
  }

  /// Values of one userdata key lie together, those of other fields are all there are.
  private static long start(SortedSetDocValues all, LuceneField field) throws IOException {
    return ordinalFrom(all, field.before());
  }

  private static long end(SortedSetDocValues all, LuceneField field) throws IOException {
    String before = field.before();
    // What comes after `key=` is `key>`.
    return before.isEmpty()
        ? all.getValueCount()
        : ordinalFrom(all, before.substring(0, before.length() - 1) + ">");
  }

  private static long ordinalFrom(SortedSetDocValues all, String value) throws IOException {
    long ordinal = value.isEmpty() ? 0 : all.lookupTerm(new BytesRef(value));
    return ordinal < 0 ? -1 - ordinal : ordinal;
  }

  /// Counts the values with the ordinals from `from` to before `to`; what was counted when the
  /// budget ended counts too.
  private boolean count(
      LuceneSegment segment, LuceneField field, TopValues counts, long from, long to)
      throws IOException {
    SortedSetDocValues values = DocValues.getSortedSet(segment.reader(), field.inLucene());
    int[] byOrdinal = new int[(int) (to - from)];
    int documents = segment.documents();
    int seen =
        scan.visit(
            segment,
            0,
            documents,
            document -> {
              if (values.advanceExact(document)) {
                for (int i = values.docValueCount(); i > 0; i--) {
                  long ordinal = values.nextOrd() - from;
                  if (ordinal >= 0 && ordinal < byOrdinal.length) {
                    byOrdinal[(int) ordinal]++;
                  }
                }
              }
              return true;
            });
    for (int ordinal = 0; ordinal < byOrdinal.length; ordinal++) {
      if (ordinal % VALUES_PER_LOOK == 0 && ordinal > 0 && scan.budget().isSpent()) {
        return false;
      }
      if (byOrdinal[ordinal] > 0) {
        String value = field.outside(values.lookupOrd(from + ordinal).utf8ToString());
        if (value != null) {
          counts.add(value, byOrdinal[ordinal]);
        }
      }
    }
    return seen == documents;
  }

  /// Counts per slice of time, for each of the most frequent values of a field, or together.
  Map<String, long[]> histogram(
      long sinceMicros, long untilMicros, int buckets, @Nullable LuceneField by, int maxValues)
      throws IOException {
    Map<String, long[]> counts = new LinkedHashMap<>();
    if (by == null) {
      counts.put("", new long[buckets]);
    } else {
      SearchBudget half = scan.budget().half();
      new LuceneCounts(segments, scan.within(half), maxOrdinals)
          .values(by, maxValues)
          .keySet()
          .forEach(value -> counts.put(value, new long[buckets]));
    }
    for (LuceneSegment segment : segments) {
      NumericDocValues times = segment.numbers(LuceneDocument.RECEIVED_AT);
      Slots slots = by == null ? null : new Slots(segment.reader(), by, counts);
      long[] together = counts.get("");
      int documents = segment.documents();
      int seen =
          scan.visit(
              segment,
              0,
              documents,
              document -> {
                long time = LuceneSegment.number(times, document) - sinceMicros;
                int bucket = (int) (time * buckets / (untilMicros - sinceMicros));
                if (slots != null) {
                  slots.count(document, bucket);
                } else if (together != null) {
                  together[bucket]++;
                }
                return true;
              });
      if (seen < documents) {
        scan.budget().cut();
        break;
      }
    }
    return counts;
  }

  /// Where the values of one segment are counted.
  private static final class Slots {
    private final SortedSetDocValues values;
    private final Map<Long, long[]> byOrdinal = new HashMap<>();

    Slots(LeafReader reader, LuceneField field, Map<String, long[]> counts) throws IOException {
      values = DocValues.getSortedSet(reader, field.inLucene());
      for (Map.Entry<String, long[]> count : counts.entrySet()) {
        long ordinal = values.lookupTerm(new BytesRef(field.kept(count.getKey())));
        if (ordinal >= 0) {
          byOrdinal.put(ordinal, count.getValue());
        }
      }
    }

    void count(int doc, int bucket) throws IOException {
      if (values.advanceExact(doc)) {
        for (int i = values.docValueCount(); i > 0; i--) {
          long[] counts = byOrdinal.get(values.nextOrd());
          if (counts != null) {
            counts[bucket]++;
          }
        }
      }
    }
  }
}
