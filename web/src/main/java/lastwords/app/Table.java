package lastwords.app;

import java.util.ArrayList;
import java.util.List;

/// Rows under titles, as wide as what is in them; the last column ends where its text ends.
final class Table {
  private final List<List<String>> rows = new ArrayList<>();

  Table(String... titles) {
    rows.add(List.of(titles));
  }

  /// Adds a row with a cell under each title; what isn't fit for a terminal is made so.
  void row(String... cells) {
    rows.add(List.of(cells).stream().map(Terminal::safe).toList());
  }

  /// Prints the rows in the order added; without any, nothing.
  void print(Terminal terminal) {
    if (rows.size() == 1) {
      return;
    }
    int[] widths = new int[rows.getFirst().size()];
    for (List<String> row : rows) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], row.get(i).length());
      }
    }
    for (int i = 0; i < rows.size(); i++) {
      String line = line(rows.get(i), widths);
      terminal.out().println(i == 0 ? terminal.faint(line) : line);
    }
  }

  private static String line(List<String> row, int[] widths) {
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < widths.length; i++) {
      line.append(row.get(i));
      if (i < widths.length - 1) {
        line.append(" ".repeat(widths[i] - row.get(i).length() + 2));
      }
    }
    return line.toString();
  }
}
