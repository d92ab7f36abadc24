package lastwords.detect;

import java.util.ArrayList;
import java.util.List;
import lastwords.kernel.KernelMessage;

/// The pre-filter: which lines of a host without trouble have to be looked at at all.
///
/// A line that holds none of its literals is no headline, no "cut here" banner and no shutdown
/// message. So while nothing is open such a line is only remembered. [Detector] asks it of messages
/// and [LogText] of the bytes of a file, before it makes a message of them.
final class Gate {
  /// What printk writes for a byte that it does not print, also for a backslash: what such a line
  /// holds is only known when it is decoded.
  private static final String ESCAPE = "\\x";

  private static final Literals MESSAGES = literals(List.of());
  private static final Literals BYTES = literals(List.of(ESCAPE, LogText.PARTS));

  private Gate() {}

  /// Whether a message may be a headline or something else that has to be looked at.
  static boolean passes(KernelMessage message) {
    return MESSAGES.anyIn(message.text());
  }

  /// Walks over bytes until one that ends a line, or one from which on its line has to be looked
  /// at.
  ///
  /// @return the index of that byte, `to` where there is none before it
  static int scan(byte[] bytes, int from, int to) {
    return BYTES.endOfLineOrLiteral(bytes, from, to);
  }

  private static Literals literals(List<String> more) {
    List<String> all = new ArrayList<>(Table.allLiterals());
    all.addAll(ShutdownMessage.literals());
    all.add(Preface.CUT_HERE);
    all.add(Preface.REPLAYING);
    all.addAll(more);
    return new Literals(all.stream().distinct().toList());
  }
}
