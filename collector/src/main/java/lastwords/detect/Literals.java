package lastwords.detect;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Finds which of many literals occur in a line, in one pass over it (Aho and Corasick, 1975).
///
/// Literals are printable ASCII; whatever else a line holds matches nothing. A state is the offset
/// of its row in one table, a column for each character that some literal has: what healthy lines
/// visit of it stays in the nearest cache. Immutable.
final class Literals {
  private static final int CHARACTERS = 256;

  /// The column of a byte; 0 for all that no literal has.
  private final byte[] column = new byte[CHARACTERS];

  private final int columns;

  /// The next state for a state and a column. States in which a literal ends are the highest.
  private int[] next;

  /// The lowest state in which a literal ends.
  private final int firstEnding;

  /// The literals that end in a state, from [#firstEnding] on.
  private final BitSet[] ending;

  /// @param literals by number: what `literals.get(i)` finds is reported as `i`
  Literals(List<String> literals) {
    int used = 1;
    for (String literal : literals) {
      for (int i = 0; i < literal.length(); i++) {
        char letter = literal.charAt(i);
        if (letter < ' ' || letter > '~') {
          throw new IllegalArgumentException("not printable ASCII: " + literal);
        }
        if (column[letter] == 0) {
          column[letter] = (byte) used++;
        }
      }
    }
    columns = used;
    next = new int[columns];
    List<BitSet> endings = new ArrayList<>();
    endings.add(new BitSet());
    for (int i = 0; i < literals.size(); i++) {
      add(literals.get(i), i, endings);
    }
    link(endings);
    int quiet = (int) endings.stream().filter(BitSet::isEmpty).count();
    firstEnding = quiet * columns;
    ending = new BitSet[endings.size() - quiet];
    sort(endings);
  }

  /// The numbers of the literals in this text, null where there is none.
  @Nullable BitSet in(String text) {
    BitSet found = null;
    int state = 0;
    for (int i = 0; i < text.length(); i++) {
      char letter = text.charAt(i);
      state = letter < CHARACTERS ? next[state + column[letter]] : 0;
      if (state >= firstEnding) {
        if (found == null) {
          found = new BitSet();
        }
        found.or(ending[(state - firstEnding) / columns]);
      }
    }
    return found;
  }

  /// Whether any literal is in this text.
  boolean anyIn(String text) {
    int state = 0;
    for (int i = 0; i < text.length(); i++) {
      char letter = text.charAt(i);
      state = letter < CHARACTERS ? next[state + column[letter]] : 0;
      if (state >= firstEnding) {
        return true;
      }
    }
    return false;
  }

  /// Walks over bytes until the one at which a line or a literal ends; `\n` is in no literal.
  ///
  /// @return the index of that byte, `to` where neither ends before it
  int endOfLineOrLiteral(byte[] bytes, int from, int to) {
    byte[] columnOf = column;
    int[] nextOf = next;
    int limit = firstEnding;
    int state = 0;
    for (int i = from; i < to; i++) {
      byte letter = bytes[i];
      state = nextOf[state + columnOf[letter & 0xff]];
      if (state >= limit || letter == '\n') {
        return i;
      }
    }
    return to;
  }

  private void add(String literal, int number, List<BitSet> endings) {
    int state = 0;
    for (int i = 0; i < literal.length(); i++) {
      int at = state * columns + column[literal.charAt(i)];
      if (next[at] == 0) {
        if (next.length < (endings.size() + 1) * columns) {
          next = Arrays.copyOf(next, 2 * (endings.size() + 1) * columns);
        }
        next[at] = endings.size();
        endings.add(new BitSet());
      }
      state = next[at];
    }
    endings.get(state).set(number);
  }

  /// Makes every missing transition lead where the longest suffix that is a prefix would.
  private void link(List<BitSet> endings) {
    int[] fallback = new int[endings.size()];
    ArrayDeque<Integer> queue = new ArrayDeque<>();
    for (int letter = 1; letter < columns; letter++) {
      if (next[letter] != 0) {
        queue.add(next[letter]);
      }
    }
    while (!queue.isEmpty()) {
      int state = queue.remove();
      endings.get(state).or(endings.get(fallback[state]));
      for (int letter = 1; letter < columns; letter++) {
        int at = state * columns + letter;
        int below = next[fallback[state] * columns + letter];
        if (next[at] == 0) {
          next[at] = below;
        } else {
          fallback[next[at]] = below;
          queue.add(next[at]);
        }
      }
    }
  }

  /// Renumbers the states, those nearest the root first, so that one comparison tells whether a
  /// literal ends, and makes each the offset of its row.
  private void sort(List<BitSet> endings) {
    int[] rowOf = new int[endings.size()];
    int quiet = 0;
    int loud = firstEnding;
    for (int state : breadthFirst(endings.size())) {
      if (endings.get(state).isEmpty()) {
        rowOf[state] = quiet;
        quiet += columns;
      } else {
        ending[(loud - firstEnding) / columns] = endings.get(state);
        rowOf[state] = loud;
        loud += columns;
      }
    }
    int[] sorted = new int[endings.size() * columns];
    for (int state = 0; state < endings.size(); state++) {
      for (int letter = 0; letter < columns; letter++) {
        sorted[rowOf[state] + letter] = rowOf[next[state * columns + letter]];
      }
    }
    next = sorted;
  }

  private List<Integer> breadthFirst(int states) {
    List<Integer> order = new ArrayList<>();
    BitSet seen = new BitSet(states);
    order.add(0);
    seen.set(0);
    for (int i = 0; i < order.size(); i++) {
      for (int letter = 1; letter < columns; letter++) {
        int to = next[order.get(i) * columns + letter];
        if (!seen.get(to)) {
          seen.set(to);
          order.add(to);
        }
      }
    }
    return order;
  }
}
