package lastwords.store.embedded;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import lastwords.store.BadQueryException;
import lastwords.store.Numbers;
import lastwords.store.Words;
import org.jspecify.annotations.Nullable;

/// How one field is kept in Lucene, and what a value of it looks like there.
///
/// @param name the field as people name it
/// @param inLucene the Lucene field it is in
/// @param numbers how its values are written, only of a [Kind#NUMBER]
record LuceneField(String name, String inLucene, Kind kind, @Nullable Numbers numbers) {

  enum Kind {
    /// Words with their positions, lower case.
    TEXT,
    /// The whole value, lower case, cut to [#MAX_KEYWORD_CHARS]; what is cut is equal.
    KEYWORD,
    /// [#DIGITS] digits, so that text sorts as numbers do.
    NUMBER,
    /// `key=value` in one Lucene field for all keys, since hosts choose the keys.
    USERDATA
  }

  /// Lucene refuses terms of more than 32,766 bytes; nobody looks for a value this long.
  static final int MAX_KEYWORD_CHARS = 1024;

  static final String USERDATA = "userdata";

  private static final int DIGITS = 10;

  private static final Map<String, LuceneField> MESSAGES =
      fields(
          List.of("text"),
          List.of("host", "address", "boot", "release", "task", "caller"),
          Numbers.ofMessages());

  private static final Map<String, LuceneField> CRASHES =
      fields(
          List.of("title", "report", "hardware"),
          List.of(
              "kind",
              "category",
              "signature",
              "host",
              "host_source",
              "claimed_host",
              "address",
              "release",
              "function",
              "guilty",
              "module",
              "comm",
              "tainted",
              "panicked",
              "suppressed",
              "id"),
          Numbers.ofCrashes());

  static LuceneField ofMessages(String name) {
    LuceneField field = MESSAGES.get(name);
    return field == null
        ? new LuceneField(Words.lower(name), USERDATA, Kind.USERDATA, null)
        : field;
  }

  static LuceneField ofCrashes(String name) {
    LuceneField field = CRASHES.get(name);
    if (field == null) {
      throw new BadQueryException(-1, "crashes have no field '" + name + "'");
    }
    return field;
  }

  /// What comes before each value in Lucene.
  String before() {
    return kind == Kind.USERDATA ? name + "=" : "";
  }

  /// The term of a value people wrote.
  String term(String value) {
    return before() + (numbers == null ? keyword(value) : digits(numbers.number(value, -1)));
  }

  static String keyword(String value) {
    return Words.lower(cut(value));
  }

  static String cut(String value) {
    return value.length() <= MAX_KEYWORD_CHARS ? value : value.substring(0, MAX_KEYWORD_CHARS);
  }

  static String digits(int number) {
    String digits = Integer.toString(number);
    return "0".repeat(DIGITS - digits.length()) + digits;
  }

  /// The value as people know it, of one that Lucene keeps for counting; null where it belongs to
  /// another key.
  @Nullable String outside(String kept) {
    return switch (kind) {
      case TEXT, KEYWORD -> kept;
      case NUMBER -> Integer.toString(Integer.parseInt(kept));
      case USERDATA -> kept.startsWith(before()) ? kept.substring(before().length()) : null;
    };
  }

  /// What Lucene keeps for counting, of a value as [#outside] wrote it.
  String kept(String outside) {
    return kind == Kind.NUMBER ? digits(Integer.parseInt(outside)) : before() + outside;
  }

  private static Map<String, LuceneField> fields(
      List<String> texts, List<String> keywords, Map<String, Numbers> numbers) {
    Map<String, LuceneField> fields = new HashMap<>();
    texts.forEach(name -> fields.put(name, new LuceneField(name, name, Kind.TEXT, null)));
    keywords.forEach(name -> fields.put(name, new LuceneField(name, name, Kind.KEYWORD, null)));
    numbers.forEach((name, of) -> fields.put(name, new LuceneField(name, name, Kind.NUMBER, of)));
    return Map.copyOf(fields);
  }
}
