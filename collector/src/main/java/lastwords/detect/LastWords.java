package lastwords.detect;

import java.util.ArrayDeque;
import java.util.Collection;
import java.util.List;

/// The last lines that a host said, whoever said them: what stands before a headline.
final class LastWords {
  /// Lines kept, each as far as [Table#head].
  static final int MAX = 50;

  private final ArrayDeque<String> lines = new ArrayDeque<>(MAX);

  void add(String line) {
    if (lines.size() == MAX) {
      lines.removeFirst();
    }
    lines.addLast(Table.head(line));
  }

  void addAll(Collection<String> saved) {
    saved.forEach(this::add);
  }

  /// The lines, oldest first.
  List<String> list() {
    return List.copyOf(lines);
  }

  int size() {
    return lines.size();
  }

  void clear() {
    lines.clear();
  }
}
