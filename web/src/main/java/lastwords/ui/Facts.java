package lastwords.ui;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Names and values, one under another; what isn't known is left out.
final class Facts {
  private final List<Html> facts = new ArrayList<>();

  /// @param value [Html] as it is, anything else as text
  Facts add(String name, @Nullable Object value) {
    if (value != null && !value.toString().isEmpty()) {
      facts.add(Html.of("<dt>{}</dt><dd>{}</dd>\n", name, value));
    }
    return this;
  }

  Html html() {
    return Html.of("<dl class=\"facts\">\n{}</dl>\n", Html.all(facts.stream()));
  }
}
