package lastwords.detect;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;

/// Finds which of many literals occur in a line, in one pass over it (Aho and Corasick, 1975).
///
/// Literals are printable ASCII; whatever else a line holds matches nothing. Immutable.
final class Literals {
  private static final int FIRST = ' ';
  private static final int LETTERS = '~' - FIRST + 1;

  /// The next state for a state and a letter.
  private int[] next = new int[LETTERS];

  /// The literals that end in a state, null where none does.
  private BitSet[] ending = new BitSet[1];

  private int states = 1;

  /// @param literals by number: what `literals.get(i)` finds is reported as `i`
  Literals(List<String> literals) {
    for (int i = 0; i < literals.size(); i++) {
      add(literals.get(i), i);
    }
    link();
  }

  /// The numbers of the literals in this text, null where there is none.
  @org.jspecify.annotations.Nullable
  BitSet in(String text) {
    BitSet found = null;
    int state = 0;
    for (int i = 0; i < text.length(); i++) {
      int letter = text.charAt(i) - FIRST;
      state = letter < 0 || letter >= LETTERS ? 0 : next[state * LETTERS + letter];
      if (ending[state] != null) {
        if (found == null) {
          found = new BitSet();
        }
        found.or(ending[state]);
      }
    }
    return found;
  }

  private void add(String literal, int number) {
    int state = 0;
    for (int i = 0; i < literal.length(); i++) {
      int at = state * LETTERS + literal.charAt(i) - FIRST;
      if (next[at] == 0) {
        next = Arrays.copyOf(next, (states + 1) * LETTERS);
        ending = Arrays.copyOf(ending, states + 1);
        next[at] = states++;
      }
      state = next[at];
    }
    if (ending[state] == null) {
      ending[state] = new BitSet();
    }
    ending[state].set(number);
  }

  /// Makes every missing transition lead where the longest suffix that is a prefix would.
  private void link() {
    int[] fallback = new int[states];
    ArrayDeque<Integer> queue = new ArrayDeque<>();
    for (int letter = 0; letter < LETTERS; letter++) {
      if (next[letter] != 0) {
        queue.add(next[letter]);
      }
    }
    while (!queue.isEmpty()) {
      int state = queue.remove();
      BitSet shorter = ending[fallback[state]];
      if (shorter != null) {
        ending[state] = union(ending[state], shorter);
      }
      for (int letter = 0; letter < LETTERS; letter++) {
        int at = state * LETTERS + letter;
        int below = next[fallback[state] * LETTERS + letter];
        if (next[at] == 0) {
          next[at] = below;
        } else {
          fallback[next[at]] = below;
          queue.add(next[at]);
        }
      }
    }
  }

  private static BitSet union(@org.jspecify.annotations.Nullable BitSet one, BitSet other) {
    BitSet all = (BitSet) other.clone();
    if (one != null) {
      all.or(one);
    }
    return all;
  }
}
