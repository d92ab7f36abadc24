package lastwords.query;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import lastwords.store.BadQueryException;
import lastwords.store.Filter;
import org.jspecify.annotations.Nullable;

/// The query language: Lucene's syntax over named fields, read by recursive descent.
///
/// ```
/// or      = and { ("OR" | "||") and }
/// and     = clause { ["AND" | "&&"] clause }
/// clause  = ("NOT" | "!" | "-" | "+") clause | [field ":"] value
/// value   = "(" or ")" | phrase | regex | range | comparison | term
/// phrase  = '"' characters '"'
/// regex   = "/" characters "/"
/// range   = ("[" | "{") bound "TO" bound ("]" | "}")      a bound `*` is open
/// comparison = (">" | ">=" | "<" | "<=") characters       after a field only
/// term    = characters up to a blank, a parenthesis or a quote; `*` and `?` stand for others
/// ```
///
/// Two clauses side by side must both hold (Lucene's own default is that one is enough): people in
/// a hurry add words to narrow down. `+` therefore says nothing new and is allowed for habit's
/// sake. Operators are upper case; `+`, `-`, `!` and `/` mean something only where a term starts. A
/// field's name starts with a letter or `_`, so `0000:18:00.0` is text, and only the first colon
/// ends a name, so `device:0000:18:00.0` is a field and its value. A backslash takes the next
/// character's meaning away. An empty query and `*` match everything; `field:*` matches what has
/// any value there. A userdata key that has the name of a field of messages can't be asked for.
public final class Query {
  /// Longest query, so that nothing made of it grows without bound.
  public static final int MAX_CHARS = 8_192;

  /// Most terms, phrases, ranges and so on in one query.
  public static final int MAX_CLAUSES = 512;

  /// Deepest nesting of parentheses and negations: each level is a few frames of the thread's
  /// stack.
  public static final int MAX_DEPTH = 50;

  private final String query;
  private final Fields fields;
  private int at;
  private int depth;
  private int clauses;

  private Query(String query, Fields fields) {
    this.query = query;
    this.fields = fields;
  }

  /// A query for messages: text where no field is named, and any unknown field a userdata key.
  ///
  /// @throws BadQueryException when it can't be understood; says at which character and why
  public static Filter ofMessages(@Nullable String query) {
    return parse(query, Fields.MESSAGES);
  }

  /// A query for crashes, or for signatures by their crashes: the title where no field is named.
  ///
  /// @throws BadQueryException when it can't be understood; says at which character and why
  public static Filter ofCrashes(@Nullable String query) {
    return parse(query, Fields.CRASHES);
  }

  private static Filter parse(@Nullable String query, Fields fields) {
    return query == null || query.isBlank() ? Filter.ALL : new Query(query, fields).whole();
  }

  private Filter whole() {
    if (query.length() > MAX_CHARS) {
      throw new BadQueryException(MAX_CHARS, "a query has at most " + MAX_CHARS + " characters");
    }
    Filter filter = or(fields.byDefault);
    if (at < query.length()) {
      throw bad(at, "this ) closes nothing; to search for it, write \\) or use quotes");
    }
    return filter;
  }

  private Filter or(String field) {
    List<Filter> filters = new ArrayList<>();
    filters.add(and(field));
    while (skipOperator("OR", "||")) {
      filters.add(and(field));
    }
    return filters.size() == 1 ? filters.getFirst() : new Filter.Or(List.copyOf(filters));
  }

  private Filter and(String field) {
    List<Filter> filters = new ArrayList<>();
    filters.add(clause(field));
    while (skipOperator("AND", "&&") || startsClause()) {
      filters.add(clause(field));
    }
    return filters.size() == 1 ? filters.getFirst() : new Filter.And(List.copyOf(filters));
  }

  private boolean startsClause() {
    skipBlanks();
    return at < query.length() && query.charAt(at) != ')' && !isOperator("OR", "||");
  }

  private Filter clause(String field) {
    skipBlanks();
    int start = at;
    if (at == query.length() || query.charAt(at) == ')') {
      throw bad(at, "a term is missing here");
    }
    if (isOperator("AND", "&&") || isOperator("OR", "||")) {
      throw bad(at, "a term is missing before this operator; in lower case or quotes it is a word");
    }
    if (skipOperator("NOT", "!") || skipSign('-') || skipSign('!')) {
      return nested(start, () -> new Filter.Not(clause(field)));
    }
    if (skipSign('+')) {
      return nested(start, () -> clause(field));
    }
    String named = fieldName();
    return value(named == null ? field : fields.named(named, start), at);
  }

  /// The name before a colon, taken off the query; null and nothing taken where there is none.
  private @Nullable String fieldName() {
    int end = at;
    while (end < query.length() && isNameChar(query.charAt(end), end == at)) {
      end++;
    }
    if (end == at || end == query.length() || query.charAt(end) != ':') {
      return null;
    }
    String name = query.substring(at, end);
    at = end + 1;
    if (at == query.length() || isBlank(query.charAt(at)) || query.charAt(at) == ')') {
      throw bad(at, "a value is missing after '" + name + ":'; text with a colon goes in quotes");
    }
    return name;
  }

  private static boolean isNameChar(char c, boolean first) {
    return Character.isLetter(c)
        || c == '_'
        || (!first && (Character.isDigit(c) || c == '.' || c == '-'));
  }

  private Filter value(String field, int start) {
    if (query.charAt(at) == '(') {
      at++;
      return nested(start, () -> group(field, start));
    }
    if (++clauses > MAX_CLAUSES) {
      throw bad(start, "a query has at most " + MAX_CLAUSES + " terms");
    }
    Filter filter =
        switch (query.charAt(at)) {
          case '"' -> new Filter.Phrase(field, phrase());
          case '/' -> new Filter.Regex(field, regex());
          case '[', '{' -> range(field);
          case '<', '>' -> isDefault(field) ? term(field) : comparison(field);
          default -> term(field);
        };
    return fields.checked(filter, start);
  }

  private Filter group(String field, int start) {
    Filter filter = or(field);
    skipBlanks();
    if (at == query.length()) {
      throw bad(start, "this ( is never closed");
    }
    at++;
    return filter;
  }

  private Filter nested(int start, Supplier<Filter> inner) {
    if (++depth > MAX_DEPTH) {
      throw bad(start, "a query nests at most " + MAX_DEPTH + " deep");
    }
    Filter filter = inner.get();
    depth--;
    return filter;
  }

  private String phrase() {
    int start = at++;
    StringBuilder text = new StringBuilder();
    while (at < query.length() && query.charAt(at) != '"') {
      text.append(unescaped());
    }
    close(start, "this quote is never closed", "a blank must follow a closing quote");
    return text.toString();
  }

  private String regex() {
    int start = at++;
    StringBuilder pattern = new StringBuilder();
    while (at < query.length() && query.charAt(at) != '/') {
      if (query.startsWith("\\/", at)) {
        at++;
      } else if (query.charAt(at) == '\\' && at + 1 < query.length()) {
        pattern.append(query.charAt(at++));
      }
      pattern.append(query.charAt(at++));
    }
    String hint = "; a term that starts with / is one, a path goes in quotes";
    close(
        start,
        "this regular expression is never closed" + hint,
        "a blank must follow a regular expression" + hint);
    return pattern.toString();
  }

  private void close(int start, String neverClosed, String noBlank) {
    if (at == query.length()) {
      throw bad(start, neverClosed);
    }
    at++;
    if (at < query.length() && !endsTerm(query.charAt(at))) {
      throw bad(at, noBlank);
    }
  }

  private Filter range(String field) {
    int start = at;
    boolean includesFrom = query.charAt(at++) == '[';
    String from = bound(start);
    skipBlanks();
    if (!query.startsWith("TO", at) || at + 2 >= query.length() || !isBlank(query.charAt(at + 2))) {
      throw badRange(start);
    }
    at += 2;
    String to = bound(start);
    skipBlanks();
    if (at == query.length() || (query.charAt(at) != ']' && query.charAt(at) != '}')) {
      throw badRange(start);
    }
    boolean includesTo = query.charAt(at++) == ']';
    return new Filter.Range(field, from, to, includesFrom, includesTo);
  }

  /// One end of a range; null where it is open.
  private @Nullable String bound(int start) {
    skipBlanks();
    if (at < query.length() && query.charAt(at) == '"') {
      int quote = at++;
      StringBuilder quoted = new StringBuilder();
      while (at < query.length() && query.charAt(at) != '"') {
        quoted.append(unescaped());
      }
      if (at++ == query.length()) {
        throw bad(quote, "this quote is never closed");
      }
      return quoted.toString();
    }
    int first = at;
    StringBuilder value = new StringBuilder();
    while (at < query.length()
        && !isBlank(query.charAt(at))
        && "]}".indexOf(query.charAt(at)) < 0) {
      value.append(unescaped());
    }
    if (value.isEmpty()) {
      throw badRange(start);
    }
    return query.substring(first, at).equals("*") ? null : value.toString();
  }

  private BadQueryException badRange(int start) {
    return bad(start, "a range reads [a TO b] or {a TO b}; text with brackets goes in quotes");
  }

  private Filter comparison(String field) {
    int start = at;
    boolean less = query.charAt(at++) == '<';
    boolean includes = at < query.length() && query.charAt(at) == '=';
    if (includes) {
      at++;
    }
    StringBuilder value = new StringBuilder();
    while (at < query.length() && !endsTerm(query.charAt(at))) {
      value.append(unescaped());
    }
    if (value.isEmpty()) {
      throw bad(start, "a value is missing after the comparison");
    }
    return less
        ? new Filter.Range(field, null, value.toString(), true, includes)
        : new Filter.Range(field, value.toString(), null, includes, true);
  }

  private Filter term(String field) {
    int start = at;
    StringBuilder value = new StringBuilder();
    StringBuilder pattern = new StringBuilder();
    int wildcards = 0;
    while (at < query.length() && !endsTerm(query.charAt(at))) {
      char meant = query.charAt(at);
      boolean wildcard = meant == '*' || meant == '?';
      char c = unescaped();
      wildcards += wildcard ? 1 : 0;
      value.append(c);
      pattern.append(!wildcard && (c == '*' || c == '?' || c == '\\') ? "\\" : "").append(c);
    }
    String written = query.substring(start, at);
    if (written.equals("*") || written.equals("*:*")) {
      return isDefault(field) ? Filter.ALL : new Filter.Exists(field);
    }
    if (wildcards == 0) {
      return new Filter.Term(field, value.toString());
    }
    return wildcards == 1 && query.charAt(at - 1) == '*' && !written.endsWith("\\*")
        ? new Filter.Prefix(field, value.substring(0, value.length() - 1))
        : new Filter.Wildcard(field, pattern.toString());
  }

  private boolean isDefault(String field) {
    return field.equals(fields.byDefault);
  }

  /// The next character, or the one after a backslash.
  private char unescaped() {
    if (query.charAt(at) != '\\') {
      return query.charAt(at++);
    }
    if (at + 1 == query.length()) {
      throw bad(at, "a backslash needs a character after it; write \\\\ to search for one");
    }
    at += 2;
    return query.charAt(at - 1);
  }

  private boolean skipOperator(String word, String sign) {
    skipBlanks();
    if (!isOperator(word, sign)) {
      return false;
    }
    at += query.startsWith(word, at) ? word.length() : sign.length();
    return true;
  }

  /// Whether an operator stands here: the word, or a sign of two characters.
  private boolean isOperator(String word, String sign) {
    int end = at + word.length();
    boolean isWord =
        query.startsWith(word, at) && (end == query.length() || endsTerm(query.charAt(end)));
    return isWord || (sign.length() == 2 && query.startsWith(sign, at));
  }

  /// Takes a sign that belongs to what follows it; one that stands alone is text.
  private boolean skipSign(char sign) {
    if (query.charAt(at) != sign || at + 1 == query.length() || isBlank(query.charAt(at + 1))) {
      return false;
    }
    at++;
    return true;
  }

  private void skipBlanks() {
    while (at < query.length() && isBlank(query.charAt(at))) {
      at++;
    }
  }

  private static boolean endsTerm(char c) {
    return isBlank(c) || c == '(' || c == ')' || c == '"';
  }

  private static boolean isBlank(char c) {
    return Character.isWhitespace(c);
  }

  private static BadQueryException bad(int at, String why) {
    return new BadQueryException(at, why);
  }
}
