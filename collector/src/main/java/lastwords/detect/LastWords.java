package lastwords.detect;

import java.util.ArrayDeque;
import java.util.Collection;
import java.util.List;

/// The last lines that a host said, whoever said them: what stands before a headline.
final class LastWords {
  /// Lines kept, each as far as [Table#head].
  static final int MAX = 50;

  /// What a line takes in memory besides its characters.
  private static final int LINE_BYTES = 48;

  private final ArrayDeque<String> lines = new ArrayDeque<>();
  private long bytes;

  void add(String line) {
    if (lines.size() == MAX) {
      bytes -= LINE_BYTES + lines.removeFirst().length();
    }
    String head = Table.head(line);
    bytes += LINE_BYTES + head.length();
    lines.addLast(head);
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

  long heldBytes() {
    return bytes;
  }

  void clear() {
    bytes = 0;
    lines.clear();
  }
}
