package lastwords.store;

import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A query, taken apart: what a message, crash or signature must be like.
///
/// Fields are named as the query language names them. Values are as people wrote them; what a field
/// makes of them (words of a text, a number, the name of a severity) is the index's to know.
public sealed interface Filter {
  /// Everything matches.
  Filter ALL = new All();

  /// Matches everything.
  record All() implements Filter {}

  /// All of them hold.
  record And(List<Filter> filters) implements Filter {}

  /// At least one of them holds.
  record Or(List<Filter> filters) implements Filter {}

  /// It does not hold.
  record Not(Filter filter) implements Filter {}

  /// The field has the value; of a full text: the value's words, next to each other.
  record Term(String field, String value) implements Filter {}

  /// The field's text has these words next to each other in this order.
  record Phrase(String field, String value) implements Filter {}

  /// The field, or a word of its text, begins with this.
  record Prefix(String field, String value) implements Filter {}

  /// The field, or a word of its text, is like this; `*` any characters, `?` any one character, `\`
  /// before one that is meant.
  record Wildcard(String field, String pattern) implements Filter {}

  /// The field, or a word of its text, is like this regular expression as a whole, in Lucene's
  /// syntax.
  record Regex(String field, String pattern) implements Filter {}

  /// The field lies between two bounds; null leaves a side open.
  record Range(
      String field,
      @Nullable String from,
      @Nullable String to,
      boolean includesFrom,
      boolean includesTo)
      implements Filter {}

  /// The field has one of these values; the same as a [Term] for each of them, and cheaper.
  record In(String field, Collection<String> values) implements Filter {}

  /// The field has any value.
  record Exists(String field) implements Filter {}
}
