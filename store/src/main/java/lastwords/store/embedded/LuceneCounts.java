package lastwords.store.embedded;

import java.io.IOException;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.lucene.index.DocValues;
import org.apache.lucene.index.LeafReader;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.index.NumericDocValues;
import org.apache.lucene.index.SortedSetDocValues;
import org.apache.lucene.search.DocIdSetIterator;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.ScoreMode;
import org.apache.lucene.search.Scorer;
import org.apache.lucene.search.Weight;
import org.apache.lucene.util.Bits;
import org.apache.lucene.util.BytesRef;
import org.jspecify.annotations.Nullable;

/// Counts the documents that match a query.
final class LuceneCounts {
  /// Different values of a field counted exactly: beyond it, rare ones are forgotten on the way.
  /// Hosts choose values, so there may be any number.
  private static final int MAX_VALUES = 100_000;

  private final IndexSearcher searcher;
  private final Weight weight;

  LuceneCounts(IndexSearcher searcher, Query query) throws IOException {
    this.searcher = searcher;
    this.weight = searcher.createWeight(searcher.rewrite(query), ScoreMode.COMPLETE_NO_SCORES, 1);
  }

  /// How many documents have each value of a field, the most frequent first, at most `limit`.
  Map<String, Long> values(LuceneField field, int limit) throws IOException {
    Map<String, Long> counts = new HashMap<>();
    for (LeafReaderContext leaf : searcher.getIndexReader().leaves()) {
      SortedSetDocValues values = DocValues.getSortedSet(leaf.reader(), field.inLucene());
      long[] byOrdinal = new long[Math.toIntExact(values.getValueCount())];
      each(leaf, doc -> count(values, doc, byOrdinal));
      for (int ordinal = 0; ordinal < byOrdinal.length; ordinal++) {
        if (byOrdinal[ordinal] > 0) {
          String value = field.outside(values.lookupOrd(ordinal).utf8ToString());
          if (value != null) {
            counts.merge(value, byOrdinal[ordinal], Long::sum);
          }
        }
      }
      if (counts.size() > MAX_VALUES) {
        counts = new HashMap<>(mostFrequent(counts, MAX_VALUES / 2));
      }
    }
    return mostFrequent(counts, limit);
  }

  private static void count(SortedSetDocValues values, int doc, long[] byOrdinal)
      throws IOException {
    if (values.advanceExact(doc)) {
      for (int i = values.docValueCount(); i > 0; i--) {
        byOrdinal[(int) values.nextOrd()]++;
      }
    }
  }

  private static Map<String, Long> mostFrequent(Map<String, Long> counts, int limit) {
    Map<String, Long> first = new LinkedHashMap<>();
    Stream<Map.Entry<String, Long>> byCount =
        counts.entrySet().stream()
            .sorted(
                Map.Entry.<String, Long>comparingByValue(Comparator.reverseOrder())
                    .thenComparing(Map.Entry.comparingByKey()));
    byCount.limit(limit).forEach(entry -> first.put(entry.getKey(), entry.getValue()));
    return first;
  }

  /// Counts per slice of time, for each of the most frequent values of a field, or together.
  Map<String, long[]> histogram(
      long sinceMicros, long untilMicros, int buckets, @Nullable LuceneField by, int maxValues)
      throws IOException {
    Map<String, long[]> counts = new LinkedHashMap<>();
    if (by == null) {
      counts.put("", new long[buckets]);
    } else {
      values(by, maxValues).keySet().forEach(value -> counts.put(value, new long[buckets]));
    }
    for (LeafReaderContext leaf : searcher.getIndexReader().leaves()) {
      NumericDocValues times = DocValues.getNumeric(leaf.reader(), LuceneDocument.RECEIVED_AT);
      Slots slots = by == null ? null : new Slots(leaf.reader(), by, counts);
      long[] together = counts.get("");
      each(
          leaf,
          doc -> {
            times.advanceExact(doc);
            int bucket =
                (int) ((times.longValue() - sinceMicros) * buckets / (untilMicros - sinceMicros));
            if (slots != null) {
              slots.count(doc, bucket);
            } else if (together != null) {
              together[bucket]++;
            }
          });
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

  @FunctionalInterface
  private interface ToDocument {
    void accept(int doc) throws IOException;
  }

  private void each(LeafReaderContext leaf, ToDocument to) throws IOException {
    Scorer scorer = weight.scorer(leaf);
    if (scorer == null) {
      return;
    }
    Bits live = leaf.reader().getLiveDocs();
    DocIdSetIterator docs = scorer.iterator();
    for (int doc = docs.nextDoc(); doc != DocIdSetIterator.NO_MORE_DOCS; doc = docs.nextDoc()) {
      if (live == null || live.get(doc)) {
        to.accept(doc);
      }
    }
  }
}
