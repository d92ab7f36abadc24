package lastwords.query;

import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Part of a list, and where it goes on.
///
/// @param next the cursor of the next page; null on the last one
/// @param cursor the cursor behind an item, so that a page can be cut there; null where the list
///   has no further pages
public record Page<T>(List<T> items, @Nullable String next, @Nullable Function<T, String> cursor) {

  /// A page that can't be cut.
  public Page(List<T> items, @Nullable String next) {
    this(items, next, null);
  }

  /// The first `limit` of the items; the next page begins after the last of them.
  static <T> Page<T> of(List<T> items, int limit, Function<T, String> cursor) {
    if (items.size() <= limit) {
      return new Page<>(List.copyOf(items), null, cursor);
    }
    List<T> page = List.copyOf(items.subList(0, limit));
    return new Page<>(page, cursor.apply(page.getLast()), cursor);
  }
}
