package lastwords.query;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/// Reads a page of a list in batches, until it has the items asked for or about [#MAX_BYTES] of
/// them.
///
/// A thousand crashes can be 300 MB, so a store is never asked for a page at once: a batch has at
/// most twice as many items as the one before, at most [#MAX_BATCH], and about as many as still fit
/// by the average so far. A page has one item at least.
public final class Batches {
  /// Of items in memory, for one page.
  public static final long MAX_BYTES = 4 << 20;

  static final int FIRST_BATCH = 16;
  static final int MAX_BATCH = 128;

  private Batches() {}

  /// Items of a list behind one of them.
  public interface Source<T, K> {
    /// At most `limit` items behind the one of that key, null for the first ones.
    List<T> after(@Nullable K key, int limit);
  }

  /// What a page reads of an item.
  ///
  /// @param key continues the list behind it
  /// @param bytes what it takes in memory, about
  /// @param cursor what the outside continues with
  public record Items<T, K>(
      Function<T, K> key, ToLongFunction<T> bytes, Function<T, String> cursor) {}

  /// The page of at most `limit` items behind the key.
  public static <T, K> Page<T> page(
      int limit, @Nullable K after, Source<T, K> source, Items<T, K> items) {
    List<T> page = new ArrayList<>();
    long used = 0;
    int batch = FIRST_BATCH;
    K key = after;
    while (true) {
      int asked = Math.min(batch, limit + 1 - page.size());
      List<T> read = source.after(key, asked);
      for (T item : read) {
        long bytes = Math.max(1, items.bytes.applyAsLong(item));
        if (page.size() == limit || (!page.isEmpty() && bytes > MAX_BYTES - used)) {
          return new Page<>(page, items.cursor.apply(page.getLast()), items.cursor);
        }
        page.add(item);
        used += bytes;
      }
      if (read.size() < asked) {
        return new Page<>(page, null, items.cursor);
      }
      key = items.key.apply(page.getLast());
      long fitting = (MAX_BYTES - used) / (used / page.size() + 1) + 1;
      batch = Math.clamp(Math.min(fitting, 2L * batch), 1, MAX_BATCH);
    }
  }
}
