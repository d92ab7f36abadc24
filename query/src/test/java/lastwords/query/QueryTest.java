package lastwords.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.List;
import lastwords.store.BadQueryException;
import lastwords.store.Filter;
import org.junit.jupiter.api.Test;

final class QueryTest {
  @Test
  void aQueryWithoutWordsMatchesEverything() {
    for (String query : new String[] {null, "", "  ", "*", "*:*"}) {
      assertThat(Query.ofMessages(query)).isEqualTo(Filter.ALL);
      assertThat(Query.ofCrashes(query)).isEqualTo(Filter.ALL);
    }
  }

  @Test
  void anAddressIsFoundInAnyFormItIsWritten() {
    reads("address:\"::1\"", "address:\"0:0:0:0:0:0:0:1\"");
    reads("host:2001\\:DB8\\:\\:1", "host:2001:db8:0:0:0:0:0:1");
    reads("address:\"::ffff:192.0.2.1\"", "address:\"192.0.2.1\"");
    reads("host:\"a:b\"", "host:\"a:b\"");
    reads("text:\"::1\"", "text:\"::1\"");
  }

  @Test
  void termsPhrasesAndPatternsReadAsInLucene() {
    reads("oops", "text:oops");
    reads("host:db1", "host:db1");
    reads("HOST:Db1", "host:Db1");
    reads("\"two words\"", "text:\"two words\"");
    reads("host:\"db 1\"", "host:\"db 1\"");
    reads("\"a \\\"b\\\" \\\\\"", "text:\"a \"b\" \\\"");
    reads("ext4*", "text:prefix(ext4)");
    reads("host:db?", "host:like(db?)");
    reads("*fault*", "text:like(*fault*)");
    reads("a*b*", "text:like(a*b*)");
    reads("a\\*", "text:a*");
    reads("a\\**", "text:prefix(a*)");
    reads("a\\*b?", "text:like(a\\*b?)");
    reads("host:*", "exists(host)");
    reads("host:(* OR db1)", "(exists(host) OR host:db1)");
    reads("/nvme[0-9]+/", "text:/nvme[0-9]+/");
    reads("task:/a\\/b\\./", "task:/a/b\\./");
  }

  @Test
  void rangesAreClosedOpenAndMixed() {
    reads("severity:[0 TO 3]", "severity:[0..3]");
    reads("severity:{0 TO 3}", "severity:{0..3}");
    reads("severity:[0 TO 3}", "severity:[0..3}");
    reads("severity:[* TO err]", "severity:[null..err]");
    reads("release:[\"6.1 rc\" TO *]", "release:[6.1 rc..null]");
    reads("severity:>=3", "severity:[3..null]");
    reads("severity:>3", "severity:{3..null]");
    reads("severity:<=err", "severity:[null..err]");
    reads("severity:<err)".replace(")", ""), "severity:[null..err}");
  }

  @Test
  void termsSideBySideMustAllHold() {
    reads("a b c", "(text:a AND text:b AND text:c)");
    reads("a AND b && c", "(text:a AND text:b AND text:c)");
    reads("a OR b || c", "(text:a OR text:b OR text:c)");
    reads("a OR b c", "(text:a OR (text:b AND text:c))");
    reads("(a OR b) c", "((text:a OR text:b) AND text:c)");
    reads("NOT a", "not(text:a)");
    reads("a -b", "(text:a AND not(text:b))");
    reads("a !b", "(text:a AND not(text:b))");
    reads("a AND NOT (b OR c)", "(text:a AND not((text:b OR text:c)))");
    reads("+a +b", "(text:a AND text:b)");
    reads("-host:db1", "not(host:db1)");
    reads("host:(a OR \"b\")", "(host:a OR host:\"b\")");
    reads("host:(a severity:3) b", "((host:a AND severity:3) AND text:b)");
    reads("foo(bar)", "(text:foo AND text:bar)");
  }

  @Test
  void operatorsInsideTermsAreText() {
    reads("kworker/u8:2", "text:kworker/u8:2");
    reads("a-b+c", "text:a-b+c");
    reads("ext4_do_update_inode+0x1b/0x40", "text:ext4_do_update_inode+0x1b/0x40");
    reads("0000:18:00.0", "text:0000:18:00.0");
    reads("device:0000:18:00.0", "device:0000:18:00.0");
    reads("and or not", "(text:and AND text:or AND text:not)");
    reads("ANDROID ORACLE NOTES", "(text:ANDROID AND text:ORACLE AND text:NOTES)");
    reads("rack.unit-2:b", "rack.unit-2:b");
    reads("a\\ b", "text:a b");
    reads("\\/dev/sda", "text:/dev/sda");
    reads("\\OR", "text:OR");
  }

  @Test
  void crashesAreAskedForByTheirTitle() {
    assertThat(text(Query.ofCrashes("null-ptr state:open Kind:panic")))
        .isEqualTo("(title:null-ptr AND state:open AND kind:panic)");
  }

  @Test
  void whatCannotBeUnderstoodSaysWhereAndWhy() {
    refused("a AND", 5, "a term is missing");
    refused("OR a", 0, "before this operator");
    refused("a OR OR b", 5, "before this operator");
    refused("a )", 2, "closes nothing");
    refused("()", 1, "a term is missing");
    refused("a (b", 2, "never closed");
    refused("a \"b", 2, "never closed");
    refused("\"a\"b", 3, "a blank must follow");
    refused("\"a b\"~3", 5, "a blank must follow");
    refused("/dev/sda1", 5, "a path goes in quotes");
    refused("a /b", 2, "never closed");
    refused("BUG: unable", 4, "a value is missing after 'BUG:'");
    refused("host:", 5, "a value is missing");
    refused("host:)", 5, "a value is missing");
    refused("severity:[0 3]", 9, "[a TO b]");
    refused("severity:[0 TO ]", 9, "[a TO b]");
    refused("severity:[0 TO 3", 9, "[a TO b]");
    refused("[  12.345] foo", 0, "[a TO b]");
    refused("severity:[\"0 TO 3]", 10, "never closed");
    refused("severity:>", 9, "a value is missing");
    refused("a\\", 1, "a backslash needs");
    refused("a severity:bad", 11, "severity is a number or one of", "err", "not 'bad'");
    refused("severity:[0 TO bad]", 9, "not 'bad'");
    refused("severity:e*", 9, "severity is a number");
    refused("cpu:-1", 4, "cpu is a number, not '-1'");
    refused("a - b", 2, "no word");
    refused("a \"...\"", 2, "no word");
  }

  @Test
  void anUnknownFieldOfACrashNamesTheKnownOnes() {
    refusedOfCrashes("a hots:db1", 2, "no field 'hots'", "host", "guilty", "state");
    refusedOfCrashes("state:closed", 6, "open, acknowledged, resolved, ignored");
    refusedOfCrashes("state:o*", 6, "open, acknowledged");
    refusedOfCrashes("report:-- a", 7, "no word");
  }

  @Test
  void sizeIsBounded() {
    refused("x".repeat(Query.MAX_CHARS + 1), Query.MAX_CHARS, "characters");
    refused("a ".repeat(Query.MAX_CLAUSES + 1), 2 * Query.MAX_CLAUSES, "at most");
    refused("(".repeat(4000), Query.MAX_DEPTH, "deep");
    refused("-".repeat(4000) + "a", Query.MAX_DEPTH, "deep");
    assertThat(Query.ofMessages("(".repeat(Query.MAX_DEPTH) + "a" + ")".repeat(Query.MAX_DEPTH)))
        .isEqualTo(new Filter.Term("text", "a"));
  }

  private static void reads(String query, String expected) {
    assertThat(text(Query.ofMessages(query))).as(query).isEqualTo(expected);
  }

  private static void refused(String query, int at, String... why) {
    assertThatExceptionOfType(BadQueryException.class)
        .as(query)
        .isThrownBy(() -> Query.ofMessages(query))
        .satisfies(bad -> assertThat(bad.at()).as(query).isEqualTo(at))
        .satisfies(bad -> assertThat(bad.getMessage()).contains(why));
  }

  private static void refusedOfCrashes(String query, int at, String... why) {
    assertThatExceptionOfType(BadQueryException.class)
        .as(query)
        .isThrownBy(() -> Query.ofCrashes(query))
        .satisfies(bad -> assertThat(bad.at()).as(query).isEqualTo(at))
        .satisfies(bad -> assertThat(bad.getMessage()).contains(why));
  }

  private static String text(Filter filter) {
    return switch (filter) {
      case Filter.All() -> "all";
      case Filter.And(List<Filter> filters) -> joined(filters, " AND ");
      case Filter.Or(List<Filter> filters) -> joined(filters, " OR ");
      case Filter.Not(Filter inner) -> "not(" + text(inner) + ")";
      case Filter.Term(String field, String value) -> field + ":" + value;
      case Filter.Phrase(String field, String value) -> field + ":\"" + value + "\"";
      case Filter.Prefix(String field, String value) -> field + ":prefix(" + value + ")";
      case Filter.Wildcard(String field, String pattern) -> field + ":like(" + pattern + ")";
      case Filter.Regex(String field, String pattern) -> field + ":/" + pattern + "/";
      case Filter.Range range ->
          "%s:%s%s..%s%s"
              .formatted(
                  range.field(),
                  range.includesFrom() ? "[" : "{",
                  range.from(),
                  range.to(),
                  range.includesTo() ? "]" : "}");
      case Filter.In(String field, var values) -> field + " in " + values;
      case Filter.Exists(String field) -> "exists(" + field + ")";
    };
  }

  private static String joined(List<Filter> filters, String by) {
    return "("
        + String.join(by, filters.stream().map(QueryTest::text).toArray(String[]::new))
        + ")";
  }
}
