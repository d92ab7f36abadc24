package lastwords.app;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import lastwords.json.Json;
import lastwords.kernel.Category;
import lastwords.kernel.Crash;

/// The crashes of one log for people: what there is of them in a few lines, then each.
///
/// Few are held back until all are known, so that the sum comes first; what is more than that is
/// printed as it comes, since a log may hold more than fits into memory.
final class CrashList {
  private static final int HELD_BACK = 100;

  /// Ordinals of crashes named in the sum.
  private static final int DOWNS = 3;

  /// Ways to crash of one log that are remembered.
  private static final int MAX_SEEN = 1_000;

  private final Terminal terminal;
  private final List<Crash> held = new ArrayList<>();
  private final Map<String, Integer> seen = new HashMap<>();
  private int printed;
  private boolean any;

  CrashList(Terminal terminal) {
    this.terminal = terminal;
  }

  /// Takes the next crash.
  void add(Crash crash) {
    held.add(crash);
    if (held.size() >= HELD_BACK) {
      if (!any) {
        terminal.out().println(terminal.bold("more than " + (HELD_BACK - 1) + " events"));
        terminal.out().println();
      }
      printHeld(true);
    }
  }

  /// Prints what wasn't yet; false where there was nothing at all.
  boolean print() {
    boolean several = any || held.size() > 1;
    if (!any && !held.isEmpty() && (several || !isTrouble(held.getFirst()))) {
      summary();
    }
    printHeld(several);
    return any;
  }

  private void summary() {
    List<Crash> crashes = held.stream().filter(CrashList::isTrouble).toList();
    List<String> downs =
        IntStream.range(0, crashes.size())
            .filter(i -> crashes.get(i).panicked())
            .mapToObj(i -> ordinal(i + 1))
            .toList();
    String sum =
        crashes.isEmpty()
            ? "no crash"
            : crashes.size() == 1 ? "1 crash" : crashes.size() + " crashes";
    if (!downs.isEmpty()) {
      sum += ", the machine went down with ";
      sum +=
          crashes.size() == 1
              ? "it"
              : downs.size() > DOWNS
                  ? downs.size() + " of them"
                  : "the " + String.join(", the ", downs);
    }
    long followUps = crashes.stream().filter(Crash::suppressed).count();
    if (followUps > 0) {
      sum +=
          followUps == 1 ? "; one follows from another" : "; " + followUps + " follow from others";
    }
    Lines.wrapped(sum, terminal.width(), 2)
        .forEach(line -> terminal.out().println(terminal.bold(line)));
    int number = 0;
    for (Crash crash : held) {
      boolean trouble = isTrouble(crash);
      String line =
          "%4s  %s%s"
              .formatted(
                  trouble ? ++number : "",
                  crash.line() == null ? "" : "line %-6d ".formatted(crash.line()),
                  Terminal.safe(crash.title()));
      Lines.wrapped(line, terminal.width(), 6)
          .forEach(text -> terminal.out().println(trouble ? text : terminal.faint(text)));
    }
    terminal.out().println();
  }

  /// What is only worth knowing, such as a boot, is listed and no crash.
  private static boolean isTrouble(Crash crash) {
    return crash.category() != Category.INFO;
  }

  private void printHeld(boolean counted) {
    for (Crash crash : held) {
      any = true;
      if (isTrouble(crash)) {
        printed++;
        print(new CrashText(terminal, Json.tree(crash)), crash, counted ? printed + ". " : "");
        terminal.out().println();
      }
    }
    held.clear();
  }

  /// What came before in the same way is not told again.
  private void print(CrashText text, Crash crash, String number) {
    String path = crash.explanation() == null ? null : crash.explanation().path();
    String same = crash.signature() + " " + path + " " + crash.kernel();
    Integer before = seen.size() < MAX_SEEN ? seen.putIfAbsent(same, printed) : seen.get(same);
    if (before == null) {
      text.print(number, false);
    } else {
      text.printRepeated(number, before);
    }
  }

  private static String ordinal(int number) {
    String end =
        number % 100 / 10 == 1
            ? "th"
            : switch (number % 10) {
              case 1 -> "st";
              case 2 -> "nd";
              case 3 -> "rd";
              default -> "th";
            };
    return number + end;
  }
}
