package lastwords.store.embedded;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import lastwords.store.BadQueryException;
import lastwords.store.Words;
import org.jspecify.annotations.Nullable;

/// How one field is kept in Lucene, and what a value of it looks like there.
///
/// @param name the field as people name it
/// @param inLucene the Lucene field it is in
/// @param names other words for numbers, only of a [Kind#NUMBER]
record LuceneField(String name, String inLucene, Kind kind, Map<String, Integer> names) {

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
          Map.of(
              "severity",
              names("emerg alert crit err warning notice info debug", "panic 0 error 3 warn 4"),
              "facility",
              names(
                  "kern user mail daemon auth syslog lpr news uucp cron authpriv ftp",
                  "local0 16 local1 17 local2 18 local3 19 local4 20 local5 21 local6 22 local7 23"),
              "cpu",
              Map.of()));

  private static final Map<String, LuceneField> CRASHES =
      fields(
          List.of("title", "report", "hardware"),
          List.of(
              "kind",
              "category",
              "signature",
              "host",
              "release",
              "function",
              "guilty",
              "module",
              "comm",
              "tainted",
              "id"),
          Map.of("severity", names("critical error warning info", "")));

  static LuceneField ofMessages(String name) {
    LuceneField field = MESSAGES.get(name);
    return field == null
        ? new LuceneField(Words.lower(name), USERDATA, Kind.USERDATA, Map.of())
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
    return before() + (kind == Kind.NUMBER ? digits(number(value)) : keyword(value));
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

  private int number(String value) {
    Integer named = names.get(Words.lower(value));
    if (named != null) {
      return named;
    }
    try {
      int number = Integer.parseInt(value);
      if (number >= 0) {
        return number;
      }
    } catch (NumberFormatException e) {
      // Said below.
    }
    throw new BadQueryException(
        -1,
        "%s is a number%s, not '%s'"
            .formatted(
                name,
                names.isEmpty() ? "" : " or one of " + String.join(" ", names.keySet()),
                value));
  }

  private static Map<String, LuceneField> fields(
      List<String> texts, List<String> keywords, Map<String, Map<String, Integer>> numbers) {
    Map<String, LuceneField> fields = new LinkedHashMap<>();
    texts.forEach(name -> fields.put(name, new LuceneField(name, name, Kind.TEXT, Map.of())));
    keywords.forEach(name -> fields.put(name, new LuceneField(name, name, Kind.KEYWORD, Map.of())));
    numbers.forEach(
        (name, names) -> fields.put(name, new LuceneField(name, name, Kind.NUMBER, names)));
    return Map.copyOf(fields);
  }

  /// @param inOrder names of 0, 1, 2, …
  /// @param more further names, each with its number
  private static Map<String, Integer> names(String inOrder, String more) {
    Map<String, Integer> names = new LinkedHashMap<>();
    for (String name : inOrder.split(" ", -1)) {
      names.put(name, names.size());
    }
    String[] pairs = more.split(" ", -1);
    for (int i = 0; i + 1 < pairs.length; i += 2) {
      names.put(pairs[i], Integer.valueOf(pairs[i + 1]));
    }
    return names;
  }
}
