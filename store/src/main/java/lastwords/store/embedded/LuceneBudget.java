package lastwords.store.embedded;

import java.io.IOException;
import lastwords.store.SearchBudget;
import org.apache.lucene.index.FilterLeafReader;
import org.apache.lucene.index.LeafReader;
import org.apache.lucene.index.Terms;
import org.apache.lucene.index.TermsEnum;
import org.apache.lucene.util.BytesRef;
import org.apache.lucene.util.automaton.CompiledAutomaton;
import org.jspecify.annotations.Nullable;

/// A segment whose words can be gone through only as long as a search's budget lasts.
///
/// Patterns are compared with every word of a segment before Lucene looks at the first document, so
/// that Lucene's own time limit comes too late for them. What remains unbounded is one step of one
/// pattern, which is at most one pass over the words of one segment.
final class LuceneBudget extends FilterLeafReader {
  /// Words between two looks at the clock.
  private static final int WORDS_PER_LOOK = 16;

  private final SearchBudget budget;

  LuceneBudget(LeafReader in, SearchBudget budget) {
    super(in);
    this.budget = budget;
  }

  /// Ends a search whose budget is spent. Never leaves [LuceneScan].
  static final class Spent extends RuntimeException {
    private static final long serialVersionUID = 1;

    Spent() {
      super(null, null, false, false);
    }
  }

  private void look() {
    if (budget.isSpent()) {
      throw new Spent();
    }
  }

  @Override
  public @Nullable Terms terms(String field) throws IOException {
    Terms terms = in.terms(field);
    return terms == null ? null : new BudgetedTerms(terms);
  }

  @Override
  public CacheHelper getCoreCacheHelper() {
    return in.getCoreCacheHelper();
  }

  @Override
  public CacheHelper getReaderCacheHelper() {
    return in.getReaderCacheHelper();
  }

  private final class BudgetedTerms extends FilterTerms {
    BudgetedTerms(Terms in) {
      super(in);
    }

    @Override
    public TermsEnum intersect(CompiledAutomaton compiled, @Nullable BytesRef startTerm)
        throws IOException {
      look();
      return new BudgetedWords(in.intersect(compiled, startTerm));
    }

    @Override
    public TermsEnum iterator() throws IOException {
      look();
      return new BudgetedWords(in.iterator());
    }

    @Override
    public BytesRef getMin() throws IOException {
      return in.getMin();
    }

    @Override
    public BytesRef getMax() throws IOException {
      return in.getMax();
    }
  }

  private final class BudgetedWords extends FilterTermsEnum {
    private int words;

    BudgetedWords(TermsEnum in) {
      super(in);
    }

    @Override
    public @Nullable BytesRef next() throws IOException {
      if (++words % WORDS_PER_LOOK == 0) {
        look();
      }
      return in.next();
    }
  }
}
