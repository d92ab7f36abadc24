package lastwords.detect;

import java.util.ArrayDeque;
import java.util.Collection;
import java.util.List;

/// The last lines of a host, of the kernel and of programs: what stands before a headline.
///
/// Belongs to the thread of its detector.
final class LastWords {
  /// Lines kept, each as far as [Table#head].
  static final int MAX = 50;

  /// Characters kept of all lines together: each may have 327 on average, where real lines have
  /// about 80. What is kept of a host must not grow with what it is sent.
  static final int MAX_CHARS = 16 << 10;

  private final ArrayDeque<String> lines = new ArrayDeque<>();
  private int chars;

  void add(String line) {
    String head = Table.head(line);
    chars += head.length();
    lines.addLast(head);
    while (lines.size() > MAX || chars > MAX_CHARS) {
      chars -= lines.removeFirst().length();
    }
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

  /// What they take in memory at the most.
  long heldBytes() {
    return (long) lines.size() * Bounds.STRING_BYTES + 2L * chars;
  }

  void clear() {
    chars = 0;
    lines.clear();
  }
}
