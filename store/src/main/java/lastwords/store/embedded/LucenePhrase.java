package lastwords.store.embedded;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import lastwords.store.BadQueryException;
import org.apache.lucene.index.MultiTerms;
import org.apache.lucene.index.Term;
import org.apache.lucene.index.Terms;
import org.apache.lucene.index.TermsEnum;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.MatchNoDocsQuery;
import org.apache.lucene.search.MultiPhraseQuery;
import org.apache.lucene.search.MultiTermQuery;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.QueryVisitor;
import org.apache.lucene.search.TermQuery;
import org.apache.lucene.util.BytesRef;

/// Words next to each other, some of them patterns. Rewritten for each reader, by the words it has.
final class LucenePhrase extends Query {
  /// Words that one pattern inside a phrase may stand for: each is looked up in every document that
  /// has the rest.
  private static final int MAX_WORDS_OF_A_PATTERN = 1024;

  private final String field;
  private final List<Word> words;

  /// @param word a [TermQuery] or a [MultiTermQuery]
  /// @param at its place in the phrase
  record Word(Query word, int at) {}

  LucenePhrase(String field, List<Word> words) {
    this.field = field;
    this.words = List.copyOf(words);
  }

  /// @throws BadQueryException when a pattern stands for too many words
  @Override
  public Query rewrite(IndexSearcher searcher) throws IOException {
    MultiPhraseQuery.Builder phrase = new MultiPhraseQuery.Builder();
    for (Word word : words) {
      List<Term> terms = terms(searcher, word.word);
      if (terms.isEmpty()) {
        return new MatchNoDocsQuery("no word is like " + word.word);
      }
      phrase.add(terms.toArray(Term[]::new), word.at);
    }
    return phrase.build();
  }

  private List<Term> terms(IndexSearcher searcher, Query word) throws IOException {
    if (word instanceof TermQuery exact) {
      return List.of(exact.getTerm());
    }
    List<Term> found = new ArrayList<>();
    Terms terms = MultiTerms.getTerms(searcher.getIndexReader(), field);
    if (terms != null && word instanceof MultiTermQuery pattern) {
      TermsEnum matching = pattern.getTermsEnum(terms);
      for (BytesRef term = matching.next(); term != null; term = matching.next()) {
        if (found.size() == MAX_WORDS_OF_A_PATTERN) {
          throw new BadQueryException(
              -1,
              "more than "
                  + MAX_WORDS_OF_A_PATTERN
                  + " words are like a pattern inside a phrase; write more of it");
        }
        found.add(new Term(field, BytesRef.deepCopyOf(term)));
      }
    }
    return found;
  }

  @Override
  public void visit(QueryVisitor visitor) {
    visitor.visitLeaf(this);
  }

  @Override
  public String toString(String defaultField) {
    return field + ":" + words;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof LucenePhrase phrase
        && field.equals(phrase.field)
        && words.equals(phrase.words);
  }

  @Override
  public int hashCode() {
    return 31 * field.hashCode() + words.hashCode();
  }
}
