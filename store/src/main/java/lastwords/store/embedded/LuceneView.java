package lastwords.store.embedded;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import lastwords.store.BadQueryException;
import lastwords.store.Filter;
import lastwords.store.SearchBudget;
import org.apache.lucene.document.NumericDocValuesField;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.search.BooleanClause.Occur;
import org.apache.lucene.search.BooleanQuery;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.ReferenceManager;
import org.apache.lucene.util.automaton.TooComplexToDeterminizeException;
import org.jspecify.annotations.Nullable;

/// Several folders searched together, as they were at the last [#maybeRefreshBlocking]. Any thread
/// may [#ask]; what it asks for stays open meanwhile.
final class LuceneView extends ReferenceManager<LuceneSnapshot> {
  private final Path path;
  private final Supplier<Stream<LuceneFolder>> folders;
  private final Consumer<LuceneFolder> refresh;
  private final Function<String, LuceneField> fields;

  /// @param refresh what makes a folder see what was written
  LuceneView(
      Path path,
      Supplier<Stream<LuceneFolder>> folders,
      Consumer<LuceneFolder> refresh,
      Function<String, LuceneField> fields) {
    this.path = path;
    this.folders = folders;
    this.refresh = refresh;
    this.fields = fields;
    this.current = snapshot(readers(), null);
  }

  /// A question put to a snapshot; the query is its filter within its bounds.
  @FunctionalInterface
  interface Question<T> {
    T answer(LuceneSnapshot snapshot, LuceneScan scan) throws IOException;
  }

  /// @throws BadQueryException when the filter can't be answered
  <T> T ask(Filter filter, List<Query> bounds, SearchBudget budget, Question<T> question) {
    try {
      LuceneSnapshot snapshot = acquire();
      try {
        BooleanQuery.Builder all = new BooleanQuery.Builder();
        bounds.forEach(bound -> all.add(bound, Occur.FILTER));
        all.add(new LuceneQueries(fields).of(filter), Occur.FILTER);
        return question.answer(snapshot, new LuceneScan(all.build(), budget));
      } finally {
        release(snapshot);
      }
    } catch (IndexSearcher.TooManyClauses _) {
      throw new BadQueryException(-1, "the query has too many words");
    } catch (TooComplexToDeterminizeException _) {
      throw new BadQueryException(-1, "the pattern is too complex to search for");
    } catch (IOException e) {
      throw failed(e);
    }
  }

  /// Documents whose number lies between these, both included.
  static Query between(String field, long from, long to) {
    return NumericDocValuesField.newSlowRangeQuery(field, from, to);
  }

  private List<DirectoryReader> readers() {
    return folders.get().map(LuceneFolder::reader).filter(Objects::nonNull).toList();
  }

  private LuceneSnapshot snapshot(List<DirectoryReader> readers, @Nullable LuceneSnapshot before) {
    try {
      return new LuceneSnapshot(readers, before);
    } catch (IOException e) {
      throw failed(e);
    }
  }

  private UncheckedIOException failed(IOException e) {
    return new UncheckedIOException("the index in " + path + ": " + e.getMessage(), e);
  }

  @Override
  protected @Nullable LuceneSnapshot refreshIfNeeded(LuceneSnapshot old) {
    folders.get().toList().forEach(refresh);
    List<DirectoryReader> now = readers();
    return old.isOf(now) ? null : snapshot(now, old);
  }

  @Override
  protected boolean tryIncRef(LuceneSnapshot snapshot) {
    return snapshot.tryRetain();
  }

  @Override
  protected void decRef(LuceneSnapshot snapshot) throws IOException {
    snapshot.release();
  }

  @Override
  protected int getRefCount(LuceneSnapshot snapshot) {
    return snapshot.references();
  }
}
