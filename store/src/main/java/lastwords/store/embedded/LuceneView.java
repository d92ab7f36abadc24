package lastwords.store.embedded;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import lastwords.store.BadQueryException;
import lastwords.store.Filter;
import org.apache.lucene.document.NumericDocValuesField;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexReader;
import org.apache.lucene.index.MultiReader;
import org.apache.lucene.search.BooleanClause.Occur;
import org.apache.lucene.search.BooleanQuery;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.ReferenceManager;
import org.apache.lucene.util.automaton.TooComplexToDeterminizeException;
import org.jspecify.annotations.Nullable;

/// Several folders searched as one, as they were at the last [#maybeRefreshBlocking]. Any thread
/// may [#ask]; what it asks for stays open meanwhile.
final class LuceneView extends ReferenceManager<IndexSearcher> {
  private final Path path;
  private final Supplier<Stream<LuceneFolder>> folders;
  private final Function<String, LuceneField> fields;

  LuceneView(
      Path path, Supplier<Stream<LuceneFolder>> folders, Function<String, LuceneField> fields) {
    this.path = path;
    this.folders = folders;
    this.fields = fields;
    this.current = searcher(readers());
  }

  /// A question put to a searcher; the query is its filter within its bounds.
  @FunctionalInterface
  interface Question<T> {
    T answer(IndexSearcher searcher, Query query) throws IOException;
  }

  /// @throws BadQueryException when the filter can't be answered
  <T> T ask(Filter filter, List<Query> bounds, Question<T> question) {
    try {
      IndexSearcher searcher = acquire();
      try {
        BooleanQuery.Builder all = new BooleanQuery.Builder();
        bounds.forEach(bound -> all.add(bound, Occur.FILTER));
        all.add(new LuceneQueries(searcher.getIndexReader(), fields).of(filter), Occur.FILTER);
        return question.answer(searcher, all.build());
      } finally {
        release(searcher);
      }
    } catch (IndexSearcher.TooManyClauses _) {
      throw new BadQueryException(-1, "the query has too many words");
    } catch (TooComplexToDeterminizeException _) {
      throw new BadQueryException(-1, "the pattern is too complex to search for");
    } catch (IOException e) {
      throw new UncheckedIOException("the index in " + path + ": " + e.getMessage(), e);
    }
  }

  /// Documents whose number lies between these, both included.
  static Query between(String field, long from, long to) {
    return NumericDocValuesField.newSlowRangeQuery(field, from, to);
  }

  private List<DirectoryReader> readers() {
    return folders.get().map(LuceneFolder::reader).filter(Objects::nonNull).toList();
  }

  private IndexSearcher searcher(List<DirectoryReader> readers) {
    try {
      return new IndexSearcher(new MultiReader(readers.toArray(IndexReader[]::new), false));
    } catch (IOException e) {
      throw new UncheckedIOException("the index in " + path + ": " + e.getMessage(), e);
    }
  }

  @Override
  protected @Nullable IndexSearcher refreshIfNeeded(IndexSearcher old) {
    folders.get().forEach(LuceneFolder::refresh);
    return searcher(readers());
  }

  @Override
  protected boolean tryIncRef(IndexSearcher searcher) {
    return searcher.getIndexReader().tryIncRef();
  }

  @Override
  protected void decRef(IndexSearcher searcher) throws IOException {
    searcher.getIndexReader().decRef();
  }

  @Override
  protected int getRefCount(IndexSearcher searcher) {
    return searcher.getIndexReader().getRefCount();
  }
}
