package lastwords.detect;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What the kernel says between `cut here` and a headline: the words that go with a `WARN`.
final class Preface {
  static final String CUT_HERE = "[ cut here ]";
  static final String REPLAYING = "** replaying previous printk message **";

  /// Lines kept.
  static final int MAX_LINES = 3;

  /// Lines of the host, whoever's, among which the headline must come.
  private static final int HEADLINE_WITHIN = 100;

  /// What of it survives a restart of the program.
  record Saved(@Nullable String context, List<String> lines, int age) {}

  /// The context that said `cut here`; null outside of a preface.
  private @Nullable String context;

  private final List<String> lines = new ArrayList<>();
  private int age;

  /// Looks at a line that is no headline.
  void add(String ofContext, String line) {
    if (line.contains(CUT_HERE)) {
      context = ofContext;
      lines.clear();
      age = 0;
    } else if (ofContext.equals(context) && lines.size() < MAX_LINES) {
      lines.add(Table.head(line));
    }
    if (++age > HEADLINE_WITHIN) {
      context = null;
    }
  }

  /// The words before a headline of this context, "" where there are none; the preface is over.
  String take(String ofContext) {
    String said = ofContext.equals(context) ? String.join("\n", lines) : "";
    context = null;
    return said;
  }

  /// Whether a headline is awaited.
  boolean isOpen() {
    return context != null;
  }

  void forget() {
    context = null;
    lines.clear();
  }

  /// Lines held.
  int size() {
    return lines.size();
  }

  /// What it takes in memory at the most.
  long heldBytes() {
    return lines.stream().mapToLong(Bounds::heapBytes).sum();
  }

  Saved save() {
    return new Saved(context, List.copyOf(lines), age);
  }

  void load(Saved saved) {
    context = saved.context;
    age = saved.age;
    lines.clear();
    lines.addAll(saved.lines);
  }
}
