package lastwords.ui;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class HtmlTest {

  @Test
  void whatIsNoHtmlIsEscaped() {
    assertThat(Html.of("<p title=\"{}\">{}</p>", "a\" onload=\"x'", "<script>&amp;</script>"))
        .hasToString(
            "<p title=\"a&quot; onload=&quot;x&#39;\">&lt;script&gt;&amp;amp;&lt;/script&gt;</p>");
  }

  @Test
  void whatIsNotVisibleReadsInHex() {
    assertThat(Html.of("<p>{}</p>", "a\u202eb\u009bc\u001bd\te\nf \u00e9 \ud83d\ude00"))
        .hasToString("<p>a\\u202eb\\x9bc\\x1bd\te\nf \u00e9 \ud83d\ude00</p>");
  }

  @Test
  void htmlIsTakenAsItIs() {
    Html cell = Html.of("<td>{}</td>", 7);
    assertThat(Html.of("<tr>{}</tr>", Html.all(Stream.of(cell, cell))))
        .hasToString("<tr><td>7</td><td>7</td></tr>");
  }

  @Test
  void placesInAValueAreText() {
    assertThat(Html.of("{} {}", "{}", "b")).hasToString("{} b");
  }

  @Test
  void asManyValuesAsPlacesAreNeeded() {
    assertThatThrownBy(() -> Html.of("{}")).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Html.of("{}", 1, 2)).isInstanceOf(IllegalArgumentException.class);
  }
}
