package lastwords.store.embedded;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import lastwords.store.SearchBudget;
import org.apache.lucene.index.NumericDocValues;
import org.jspecify.annotations.Nullable;

/// Lists what matches by position, or by the order of writing.
///
/// A list by position that its budget cuts is complete as far as it goes: what was found beyond the
/// first gap is left out, and [SearchBudget#resumeAfter] is where the list continues.
final class LuceneList {
  /// Documents looked at first where the oldest are asked for: a segment is sorted the other way
  /// round, so that all that matches in a range is visited before the oldest is known.
  private static final int FIRST_RANGE = 1 << 14;

  /// A range grows up to this many documents, which is what a cut may have to repeat.
  private static final int MAX_RANGE = 1 << 22;

  private final List<LuceneSegment> segments;
  private final LuceneScan scan;

  /// A document that matches.
  ///
  /// @param number its position, or where lists by writing are concerned its number there
  record Hit(long number, LuceneSegment segment, int document) {}

  /// @param newestFirst at most as many as asked for
  /// @param count how many there are, those left out and those not looked at included
  record Written(List<Hit> newestFirst, long count) {}

  /// @param segments the one with the highest position first
  LuceneList(List<LuceneSegment> segments, LuceneScan scan) {
    this.segments = segments;
    this.scan = scan;
  }

  /// At most `limit` with the highest positions below `after`, the highest first.
  List<Hit> newest(@Nullable Long after, int limit) throws IOException {
    long start = after == null ? Long.MAX_VALUE : after - 1;
    List<LuceneSegment> within = segments.stream().filter(s -> s.minPosition() <= start).toList();
    List<Hit> hits = new ArrayList<>();
    for (int i = 0; i < within.size(); i++) {
      LuceneSegment segment = within.get(i);
      if (hits.size() == limit && hits.getLast().number > segment.maxPosition()) {
        break;
      }
      List<Hit> more = new ArrayList<>();
      int end = segment.documents();
      int first = segment.firstAtOrBelow(start);
      NumericDocValues positions = segment.numbers(LuceneDocument.POSITION);
      int seen =
          scan.visit(
              segment,
              first,
              end,
              document -> {
                more.add(new Hit(LuceneSegment.number(positions, document), segment, document));
                return more.size() < limit;
              });
      hits.addAll(more);
      hits.sort(Comparator.comparingLong(Hit::number).reversed());
      keep(hits, limit);
      if (seen < end) {
        long next = i + 1 < within.size() ? within.get(i + 1).maxPosition() : Long.MIN_VALUE;
        long unseen = Math.min(start, Math.max(next, segment.position(seen)));
        hits.removeIf(hit -> hit.number <= unseen);
        if (hits.size() < limit) {
          boolean moved = i > 0 || seen > first;
          cut(moved && unseen < start, unseen + 1);
        }
        break;
      }
    }
    return hits;
  }

  /// At most `limit` with the lowest positions above `after`, the lowest first.
  List<Hit> oldest(@Nullable Long after, int limit) throws IOException {
    long start = after == null ? Long.MIN_VALUE : after + 1;
    List<LuceneSegment> within =
        segments.stream()
            .filter(segment -> segment.maxPosition() >= start)
            .sorted(Comparator.comparingLong(LuceneSegment::minPosition))
            .toList();
    List<Hit> hits = new ArrayList<>();
    for (int i = 0; i < within.size(); i++) {
      LuceneSegment segment = within.get(i);
      if (hits.size() == limit && hits.getLast().number < segment.minPosition()) {
        break;
      }
      int unseen = oldest(segment, start, limit, hits);
      if (unseen > 0) {
        long next = i + 1 < within.size() ? within.get(i + 1).minPosition() : Long.MAX_VALUE;
        long lowest = Math.max(start, Math.min(next, segment.position(unseen - 1)));
        hits.removeIf(hit -> hit.number >= lowest);
        if (hits.size() < limit) {
          boolean moved = i > 0 || unseen < end(segment, start);
          cut(moved && lowest > start, lowest - 1);
        }
        break;
      }
    }
    return hits;
  }

  /// Adds a segment's oldest documents, range by range from its end.
  ///
  /// @return how many documents at its beginning were not looked at when the budget was spent
  private int oldest(LuceneSegment segment, long start, int limit, List<Hit> hits)
      throws IOException {
    int end = end(segment, start);
    int range = FIRST_RANGE;
    while (end > 0) {
      if (hits.size() == limit && hits.getLast().number < segment.position(end - 1)) {
        return 0;
      }
      int from = Math.max(0, end - range);
      ArrayList<Hit> more = new ArrayList<>();
      NumericDocValues positions = segment.numbers(LuceneDocument.POSITION);
      int seen =
          scan.visit(
              segment,
              from,
              end,
              document -> {
                more.add(new Hit(LuceneSegment.number(positions, document), segment, document));
                if (more.size() >= 2 * limit) {
                  more.subList(0, more.size() - limit).clear(); // the last are the oldest
                }
                return true;
              });
      if (seen < end) {
        return end;
      }
      hits.addAll(more);
      hits.sort(Comparator.comparingLong(Hit::number));
      keep(hits, limit);
      end = from;
      range = Math.min(MAX_RANGE, 4 * range);
    }
    return 0;
  }

  /// One more than the last document with this position or a higher one.
  private static int end(LuceneSegment segment, long start) throws IOException {
    return start == Long.MIN_VALUE ? segment.documents() : segment.firstAtOrBelow(start - 1);
  }

  private static void keep(List<Hit> hits, int limit) {
    if (hits.size() > limit) {
      hits.subList(limit, hits.size()).clear();
    }
  }

  /// @param moved whether anything was looked at: a list that would continue where it began has no
  ///   next page
  private void cut(boolean moved, long after) {
    SearchBudget budget = scan.budget();
    budget.cut();
    if (moved) {
      budget.resumeAfter(after);
    }
  }

  /// At most `limit` that were written last.
  Written written(int limit) throws IOException {
    PriorityQueue<Hit> last = new PriorityQueue<>(Comparator.comparingLong(Hit::number));
    long[] count = {0};
    for (LuceneSegment segment : segments) {
      NumericDocValues numbers = segment.numbers(LuceneDocument.WRITTEN);
      int end = segment.documents();
      int seen =
          scan.visit(
              segment,
              0,
              end,
              document -> {
                count[0]++;
                long number = LuceneSegment.number(numbers, document);
                if (last.size() < limit) {
                  last.add(new Hit(number, segment, document));
                } else if (number > last.element().number) {
                  last.remove();
                  last.add(new Hit(number, segment, document));
                }
                return true;
              });
      if (seen < end) {
        scan.budget().cut();
        count[0] += end - seen;
      }
    }
    return new Written(
        last.stream().sorted(Comparator.comparingLong(Hit::number).reversed()).toList(), count[0]);
  }
}
