package lastwords.app;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import lastwords.json.Json;
import lastwords.kernel.Crash;

/// The crashes of one log for people: what there is of them in a few lines, then each.
///
/// Few are held back until all are known, so that the sum comes first; what is more than that is
/// printed as it comes, since a log may hold more than fits into memory.
final class CrashList {
  private static final int HELD_BACK = 100;

  private final Terminal terminal;
  private final List<Crash> held = new ArrayList<>();
  private int printed;

  CrashList(Terminal terminal) {
    this.terminal = terminal;
  }

  /// Takes the next crash.
  void add(Crash crash) {
    held.add(crash);
    if (held.size() >= HELD_BACK) {
      if (printed == 0) {
        terminal.out().println(terminal.bold("more than " + (HELD_BACK - 1) + " crashes"));
        terminal.out().println();
      }
      printHeld(true);
    }
  }

  /// Prints what wasn't yet; false where there was no crash at all.
  boolean print() {
    boolean several = printed + held.size() > 1;
    if (several && printed == 0) {
      summary();
    }
    printHeld(several);
    return printed > 0;
  }

  private void summary() {
    List<String> downs =
        IntStream.range(0, held.size())
            .filter(i -> held.get(i).panicked())
            .mapToObj(i -> ordinal(i + 1))
            .toList();
    String sum = held.size() + " crashes";
    if (!downs.isEmpty()) {
      sum += ", the machine went down with the " + String.join(", the ", downs);
    }
    long followUps = held.stream().filter(Crash::suppressed).count();
    if (followUps > 0) {
      sum +=
          followUps == 1 ? "; one follows from another" : "; " + followUps + " follow from others";
    }
    Lines.wrapped(sum, terminal.width(), 2)
        .forEach(line -> terminal.out().println(terminal.bold(line)));
    for (int i = 0; i < held.size(); i++) {
      Crash crash = held.get(i);
      String line =
          "%4d  %s%s"
              .formatted(
                  i + 1,
                  crash.line() == null ? "" : "line %-6d ".formatted(crash.line()),
                  Terminal.safe(crash.title()));
      terminal
          .out()
          .println(
              Lines.wrapped(line, terminal.width(), 6).stream().collect(Collectors.joining("\n")));
    }
    terminal.out().println();
  }

  private void printHeld(boolean counted) {
    for (Crash crash : held) {
      printed++;
      new CrashText(terminal, Json.tree(crash)).print(counted ? printed + ". " : "", false);
      terminal.out().println();
    }
    held.clear();
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
