package lastwords.ui;

import io.javalin.http.Context;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// What was searched for on a page, and the form that does it.
///
/// @param path of the page
/// @param query,since,cursor as they came; null where they didn't or were empty
record Search(
    String path, @Nullable String query, @Nullable String since, @Nullable String cursor) {
  private static final List<String> SINCE = List.of("", "1h", "24h", "7d", "30d");

  static Search of(Context context) {
    return new Search(
        context.path(),
        given(context.queryParam("query")),
        given(context.queryParam("since")),
        given(context.queryParam("cursor")));
  }

  private static @Nullable String given(@Nullable String text) {
    return text == null || text.isBlank() ? null : text;
  }

  /// @param hint an example of a query
  Html form(String hint) {
    String chosen = Objects.requireNonNullElse(since, "");
    List<String> choices = new ArrayList<>(SINCE);
    if (!choices.contains(chosen)) {
      choices.add(chosen);
    }
    Html options =
        Html.all(
            choices.stream()
                .map(
                    choice ->
                        Html.of(
                            choice.equals(chosen)
                                ? "<option value=\"{}\" selected>{}</option>"
                                : "<option value=\"{}\">{}</option>",
                            choice,
                            choice.isEmpty() ? "any time" : "since " + choice)));
    return Html.of(
        """
        <form class="search" action="{}" role="search">
        <input name="query" value="{}" placeholder="{}" aria-label="Query" autocomplete="off" \
        autocapitalize="off" spellcheck="false">
        <select name="since" aria-label="Since">{}</select>
        <button>Search</button>
        </form>
        """,
        path,
        Objects.requireNonNullElse(query, ""),
        hint,
        options);
  }

  /// What is wrong with it.
  ///
  /// @param at the character of the query that is meant, -1 for none
  Html wrong(@Nullable String why, int at) {
    Html mark =
        query == null || at < 0
            ? Html.NONE
            : Html.of(
                "<pre>{}\n{}^</pre>",
                query.replaceAll("\\s", " "),
                " ".repeat(Math.min(at, query.length())));
    return Html.of("<div class=\"wrong\">{}{}</div>\n", String.valueOf(why), mark);
  }

  /// What is said where nothing was found.
  ///
  /// @param nothingYet why there is nothing at all
  Html nothing(String nothingYet) {
    boolean all = query == null && since == null && cursor == null;
    return Html.of("<p class=\"empty\">{}</p>\n", all ? nothingYet : "Nothing matches.");
  }

  /// A link to what follows, if anything does.
  Html more(@Nullable String next, String text) {
    return next == null
        ? Html.NONE
        : Html.of(
            "<p class=\"more\"><a href=\"{}\">{}</a></p>\n",
            Show.path(path, "query", query, "since", since, "cursor", next),
            text);
  }
}
