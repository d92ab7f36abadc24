package lastwords.app;

import java.util.ArrayList;
import java.util.List;

/// Breaks text into lines no wider than a terminal.
final class Lines {
  private Lines() {}

  /// The text on lines of at most `width` characters, broken at blanks where there are any; lines
  /// after the first begin with `indent` blanks, which count.
  static List<String> wrapped(String text, int width, int indent) {
    int room = Math.max(width, indent + 20);
    List<String> lines = new ArrayList<>();
    String rest = text;
    while (rest.length() > room) {
      int at = rest.lastIndexOf(' ', room);
      boolean blank = at > (lines.isEmpty() ? 0 : indent) && !rest.substring(0, at).isBlank();
      int end = blank ? at : room;
      lines.add(rest.substring(0, end).stripTrailing());
      rest = " ".repeat(indent) + rest.substring(end).stripLeading();
    }
    if (!rest.isBlank() || lines.isEmpty()) {
      lines.add(rest);
    }
    return lines;
  }
}
