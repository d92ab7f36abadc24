package lastwords.ui;

import java.util.stream.Collectors;
import java.util.stream.Stream;
import lastwords.kernel.Visible;

/// A piece of HTML that is safe to send: made from templates, with everything else escaped.
///
/// Each `{}` of a template takes one value: other HTML as it is, a list of HTML one after another,
/// anything else as escaped text, in which all that isn't visible reads in hex. A template is
/// written in the program, never put together from data, and has its attributes in double quotes.
final class Html {
  static final Html NONE = new Html("");

  private final String safe;

  private Html(String safe) {
    this.safe = safe;
  }

  /// @throws IllegalArgumentException when there are more or fewer values than places
  static Html of(String template, Object... values) {
    StringBuilder html = new StringBuilder(template.length() * 2);
    int from = 0;
    for (Object value : values) {
      int place = template.indexOf("{}", from);
      if (place < 0) {
        throw new IllegalArgumentException("more values than places: " + template);
      }
      html.append(template, from, place);
      append(html, value);
      from = place + 2;
    }
    if (template.indexOf("{}", from) >= 0) {
      throw new IllegalArgumentException("fewer values than places: " + template);
    }
    return new Html(html.append(template, from, template.length()).toString());
  }

  /// One after another.
  static Html all(Stream<Html> parts) {
    return new Html(parts.map(part -> part.safe).collect(Collectors.joining()));
  }

  private static void append(StringBuilder html, Object value) {
    switch (value) {
      case Html safe -> html.append(safe.safe);
      default -> escape(html, value.toString());
    }
  }

  private static void escape(StringBuilder html, String text) {
    for (char c : Visible.text(text).toCharArray()) {
      switch (c) {
        case '&' -> html.append("&amp;");
        case '<' -> html.append("&lt;");
        case '>' -> html.append("&gt;");
        case '"' -> html.append("&quot;");
        case '\'' -> html.append("&#39;");
        default -> html.append(c);
      }
    }
  }

  /// What is sent.
  @Override
  public String toString() {
    return safe;
  }
}
