package lastwords.store.embedded;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import lastwords.store.BadQueryException;
import lastwords.store.Filter;
import lastwords.store.Words;
import lastwords.store.embedded.LuceneField.Kind;
import org.apache.lucene.index.Term;
import org.apache.lucene.search.BooleanClause.Occur;
import org.apache.lucene.search.BooleanQuery;
import org.apache.lucene.search.FieldExistsQuery;
import org.apache.lucene.search.MatchAllDocsQuery;
import org.apache.lucene.search.PhraseQuery;
import org.apache.lucene.search.PrefixQuery;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.RegexpQuery;
import org.apache.lucene.search.TermInSetQuery;
import org.apache.lucene.search.TermQuery;
import org.apache.lucene.search.TermRangeQuery;
import org.apache.lucene.search.WildcardQuery;
import org.apache.lucene.util.BytesRef;
import org.apache.lucene.util.automaton.Operations;
import org.apache.lucene.util.automaton.RegExp;
import org.apache.lucene.util.automaton.TooComplexToDeterminizeException;
import org.jspecify.annotations.Nullable;

/// Says a [Filter] in Lucene's terms.
final class LuceneQueries {
  /// Longest regular expression: Lucene takes it apart by recursion.
  private static final int MAX_REGEX_CHARS = 500;

  private static final Query ALL = MatchAllDocsQuery.INSTANCE;

  private final Function<String, LuceneField> fields;

  LuceneQueries(Function<String, LuceneField> fields) {
    this.fields = fields;
  }

  /// @throws BadQueryException for values a field can't have, and for patterns that are too much
  ///   work
  Query of(Filter filter) {
    return switch (filter) {
      case Filter.All() -> ALL;
      case Filter.And(List<Filter> filters) -> and(filters);
      case Filter.Or(List<Filter> filters) -> or(filters);
      case Filter.Not not -> and(List.of(not));
      case Filter.Term(String field, String value) -> term(fields.apply(field), value);
      case Filter.Phrase(String field, String value) -> term(fields.apply(field), value);
      case Filter.Prefix(String field, String value) ->
          pattern(fields.apply(field), escaped(value) + "*");
      case Filter.Wildcard(String field, String pattern) -> pattern(fields.apply(field), pattern);
      case Filter.Regex(String field, String pattern) -> regex(fields.apply(field), pattern);
      case Filter.Range range -> range(fields.apply(range.field()), range);
      case Filter.In(String field, var values) -> in(fields.apply(field), List.copyOf(values));
      case Filter.Exists(String field) -> exists(fields.apply(field));
    };
  }

  private Query and(List<Filter> filters) {
    BooleanQuery.Builder all = new BooleanQuery.Builder().add(ALL, Occur.FILTER);
    for (Filter filter : filters) {
      if (filter instanceof Filter.Not(Filter inner)) {
        all.add(of(inner), Occur.MUST_NOT);
      } else {
        all.add(of(filter), Occur.FILTER);
      }
    }
    return all.build();
  }

  private Query or(List<Filter> filters) {
    BooleanQuery.Builder any = new BooleanQuery.Builder();
    for (Filter filter : filters) {
      any.add(of(filter), Occur.SHOULD);
    }
    return any.build();
  }

  private static Query term(LuceneField field, String value) {
    if (field.kind() != Kind.TEXT) {
      return new TermQuery(new Term(field.inLucene(), field.term(value)));
    }
    String[] words = Words.of(value).toArray(String[]::new);
    return switch (words.length) {
      case 0 -> throw new BadQueryException(-1, "'" + value + "' has no word to search for");
      case 1 -> new TermQuery(new Term(field.inLucene(), words[0]));
      default -> new PhraseQuery(field.inLucene(), words);
    };
  }

  private static Query in(LuceneField field, List<String> values) {
    if (field.kind() == Kind.TEXT) {
      BooleanQuery.Builder any = new BooleanQuery.Builder();
      values.forEach(value -> any.add(term(field, value), Occur.SHOULD));
      return any.build();
    }
    return new TermInSetQuery(
        field.inLucene(), values.stream().map(value -> new BytesRef(field.term(value))).toList());
  }

  private static Query exists(LuceneField field) {
    return switch (field.kind()) {
      case KEYWORD, NUMBER -> new FieldExistsQuery(field.inLucene());
      case USERDATA -> new PrefixQuery(new Term(field.inLucene(), field.before()));
      // Every message has a text, and there are too many words to go through.
      case TEXT ->
          field.name().equals("text")
              ? ALL
              : new TermRangeQuery(field.inLucene(), null, null, true, true);
    };
  }

  private static Query range(LuceneField field, Filter.Range range) {
    BytesRef from = bound(field, range.from());
    BytesRef to = bound(field, range.to());
    if (field.kind() != Kind.USERDATA) {
      return new TermRangeQuery(
          field.inLucene(), from, to, range.includesFrom(), range.includesTo());
    }
    // An open side ends with the key: what comes after `key=` is `key>`.
    return new TermRangeQuery(
        field.inLucene(),
        from == null ? new BytesRef(field.name() + "=") : from,
        to == null ? new BytesRef(field.name() + ">") : to,
        from == null || range.includesFrom(),
        to != null && range.includesTo());
  }

  private static @Nullable BytesRef bound(LuceneField field, @Nullable String value) {
    return value == null ? null : new BytesRef(field.term(value));
  }

  private static Query pattern(LuceneField field, String pattern) {
    return switch (field.kind()) {
      case NUMBER -> throw noPattern(field);
      case KEYWORD, USERDATA -> wildcard(field, escaped(field.before()) + Words.lower(pattern));
      case TEXT -> words(field, wordPatterns(pattern));
    };
  }

  private static Query words(LuceneField field, String pattern) {
    return pattern.indexOf('*') < 0 && pattern.indexOf('?') < 0
        ? new TermQuery(new Term(field.inLucene(), pattern))
        : wildcard(field, pattern);
  }

  /// Patterns of words next to each other; a `*` alone is any one word.
  private static Query words(LuceneField field, List<String> patterns) {
    if (patterns.isEmpty()) {
      return ALL;
    }
    if (patterns.size() == 1) {
      return words(field, patterns.getFirst());
    }
    List<LucenePhrase.Word> phrase = new ArrayList<>();
    for (int i = 0; i < patterns.size(); i++) {
      if (!isAnyWord(patterns.get(i))) {
        phrase.add(new LucenePhrase.Word(words(field, patterns.get(i)), i));
      }
    }
    return new LucenePhrase(field.inLucene(), phrase);
  }

  /// Cuts a pattern where no word can go on, in lower case; without a `*` alone at either end.
  private static List<String> wordPatterns(String pattern) {
    List<String> patterns = new ArrayList<>();
    StringBuilder word = new StringBuilder();
    for (int i = 0; i <= pattern.length(); i++) {
      char c = i == pattern.length() ? ' ' : pattern.charAt(i);
      boolean escaped = c == '\\' && i + 1 < pattern.length();
      if (!escaped && (c == '*' || c == '?')) {
        word.append(c);
        continue;
      }
      char meant = escaped ? pattern.charAt(++i) : c;
      if (Words.isWordChar(meant)) {
        word.append((char) Words.lower(meant));
      } else if (!word.isEmpty()) {
        patterns.add(word.toString());
        word.setLength(0);
      }
    }
    while (!patterns.isEmpty() && isAnyWord(patterns.getFirst())) {
      patterns.removeFirst();
    }
    while (!patterns.isEmpty() && isAnyWord(patterns.getLast())) {
      patterns.removeLast();
    }
    return patterns;
  }

  private static boolean isAnyWord(String pattern) {
    return pattern.chars().allMatch(c -> c == '*');
  }

  private static Query wildcard(LuceneField field, String pattern) {
    try {
      return new WildcardQuery(
          new Term(field.inLucene(), pattern), Operations.DEFAULT_DETERMINIZE_WORK_LIMIT);
    } catch (TooComplexToDeterminizeException e) {
      throw tooComplex(pattern);
    }
  }

  private static Query regex(LuceneField field, String pattern) {
    if (field.kind() == Kind.NUMBER) {
      throw noPattern(field);
    }
    if (pattern.length() > MAX_REGEX_CHARS) {
      throw new BadQueryException(
          -1, "a regular expression has at most " + MAX_REGEX_CHARS + " characters");
    }
    String before = field.before().replaceAll("[^a-z0-9]", "\\\\$0");
    try {
      return new RegexpQuery(
          new Term(field.inLucene(), before.isEmpty() ? pattern : before + "(" + pattern + ")"),
          RegExp.ALL,
          RegExp.CASE_INSENSITIVE | RegExp.CASE_INSENSITIVE_RANGE,
          Operations.DEFAULT_DETERMINIZE_WORK_LIMIT);
    } catch (TooComplexToDeterminizeException e) {
      throw tooComplex(pattern);
    } catch (IllegalArgumentException e) {
      throw new BadQueryException(
          -1, "'" + pattern + "' is no regular expression: " + e.getMessage());
    }
  }

  private static BadQueryException noPattern(LuceneField field) {
    return new BadQueryException(
        -1, field.name() + " is a number: ask for a value or a range like [0 TO 3]");
  }

  private static BadQueryException tooComplex(String pattern) {
    return new BadQueryException(
        -1, "'" + pattern + "' is too complex to search for; fewer stars or choices help");
  }

  private static String escaped(String value) {
    return value.replaceAll("[\\\\*?]", "\\\\$0");
  }
}
