package lastwords.detect;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.regex.Matcher;
import org.jspecify.annotations.Nullable;

/// All rows, and which of them a line is the headline of.
final class Table {
  /// A line longer than this is judged by its beginning: kernels print no longer ones, and patterns
  /// must stay cheap on what a hostile guest sends.
  static final int MAX_LINE = 1_024;

  private static final List<Row> ROWS = inOrder();
  private static final List<Integer> ROW_OF_LITERAL = new ArrayList<>();
  private static final Literals LITERALS = literals();

  private Table() {}

  /// A line as far as it is searched.
  static String head(String line) {
    if (line.length() <= MAX_LINE) {
      return line;
    }
    return line.substring(0, Bounds.isWithinPair(line, MAX_LINE) ? MAX_LINE - 1 : MAX_LINE);
  }

  /// The first row whose headline this line is, null for none.
  static @Nullable Row find(String line) {
    List<Row> rows = all(line, 1);
    return rows.isEmpty() ? null : rows.getFirst();
  }

  /// The rows whose headline this line is, in the order of the table, at most so many.
  static List<Row> all(String line, int limit) {
    String head = head(line);
    BitSet found = LITERALS.in(head);
    if (found == null) {
      return List.of();
    }
    List<Row> rows = new ArrayList<>();
    int tried = -1;
    for (int i = found.nextSetBit(0); i >= 0; i = found.nextSetBit(i + 1)) {
      int number = ROW_OF_LITERAL.get(i);
      Row row = ROWS.get(number);
      if (number != tried
          && row.headline().matcher(head).find()
          && (row.except() == null || !row.except().matcher(head).find())) {
        rows.add(row);
        if (rows.size() == limit) {
          break;
        }
      }
      tried = number;
    }
    return rows;
  }

  /// The headline of this row in its line.
  static Matcher headline(Row row, String line) {
    Matcher matcher = row.headline().matcher(head(line));
    if (!matcher.find()) {
      throw new IllegalStateException("not a headline of " + row.kind() + ": " + line);
    }
    return matcher;
  }

  /// What a line must hold one of to be a headline.
  static List<String> allLiterals() {
    return ROWS.stream().flatMap(row -> row.literals().stream()).toList();
  }

  static List<Row> rows() {
    return ROWS;
  }

  private static List<Row> inOrder() {
    List<Row> rows = new ArrayList<>(Panics.rows());
    rows.addAll(Incidents.rows());
    rows.addAll(Faults.rows());
    return List.copyOf(rows);
  }

  private static Literals literals() {
    List<String> literals = new ArrayList<>();
    for (int i = 0; i < ROWS.size(); i++) {
      for (String literal : ROWS.get(i).literals()) {
        literals.add(literal);
        ROW_OF_LITERAL.add(i);
      }
    }
    return new Literals(literals);
  }
}
