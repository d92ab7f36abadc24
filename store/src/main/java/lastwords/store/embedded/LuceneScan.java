package lastwords.store.embedded;

import java.io.IOException;
import lastwords.store.SearchBudget;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.search.BulkScorer;
import org.apache.lucene.search.CollectionTerminatedException;
import org.apache.lucene.search.DocIdSetIterator;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.LeafCollector;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.Scorable;
import org.apache.lucene.search.ScoreMode;
import org.apache.lucene.search.ScorerSupplier;
import org.apache.lucene.search.Weight;
import org.apache.lucene.util.Bits;

/// Goes through what matches a query, segment by segment, as long as a budget lasts.
final class LuceneScan {
  /// Documents between two looks at the clock: some milliseconds of a slow query.
  private static final int DOCUMENTS_PER_LOOK = 1 << 16;

  private final Query query;
  private final SearchBudget budget;

  LuceneScan(Query query, SearchBudget budget) {
    this.query = query;
    this.budget = budget;
  }

  SearchBudget budget() {
    return budget;
  }

  /// The same with another budget.
  LuceneScan within(SearchBudget other) {
    return new LuceneScan(query, other);
  }

  /// Takes the documents that match, in their order.
  @FunctionalInterface
  interface Visitor {
    /// Returns whether to continue.
    boolean visit(int document) throws IOException;
  }

  /// Visits what matches among the documents of a segment from `from` to before `to`, until the
  /// visitor ends it.
  ///
  /// @return the first document that was not looked at when the budget was spent before the end,
  ///   else `to`
  int visit(LuceneSegment segment, int from, int to, Visitor visitor) throws IOException {
    int at = from;
    if (at >= to) {
      return to;
    }
    try {
      if (budget.isSpent()) {
        return at;
      }
      IndexSearcher searcher = new IndexSearcher(new LuceneBudget(segment.reader(), budget));
      searcher.setQueryCache(null); // it would fill without looking at the budget
      LeafReaderContext leaf = searcher.getLeafContexts().getFirst();
      Weight weight =
          searcher.createWeight(searcher.rewrite(query), ScoreMode.COMPLETE_NO_SCORES, 1);
      ScorerSupplier supplier = weight.scorerSupplier(leaf);
      if (supplier == null) {
        return to;
      }
      BulkScorer scorer = supplier.bulkScorer();
      Bits live = segment.reader().getLiveDocs();
      LeafCollector collector = collector(visitor);
      while (at < to) {
        if (budget.isSpent()) {
          return at;
        }
        int end = to - at > DOCUMENTS_PER_LOOK ? at + DOCUMENTS_PER_LOOK : to;
        int next = scorer.score(collector, live, at, end);
        at = next == DocIdSetIterator.NO_MORE_DOCS ? to : Math.min(to, Math.max(end, next));
      }
      return to;
    } catch (LuceneBudget.Spent _) {
      return at;
    } catch (CollectionTerminatedException _) {
      return to;
    }
  }

  private static LeafCollector collector(Visitor visitor) {
    return new LeafCollector() {
      @Override
      public void setScorer(Scorable scorer) {}

      @Override
      public void collect(int document) throws IOException {
        if (!visitor.visit(document)) {
          throw new CollectionTerminatedException();
        }
      }
    };
  }
}
