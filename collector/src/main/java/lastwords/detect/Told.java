package lastwords.detect;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/// The lines of a report that its stacks are read from.
final class Told {
  /// Texts that print a stack but are no report; one in the middle of a report is not its own.
  private static final Pattern NO_REPORT =
      Pattern.compile(
          "vmalloc: allocation failure:|FAULT_INJECTION: forcing a failure|FAULT_FLAG_ALLOW_RETRY missing");

  /// What a kernel in trouble prints by the way: no part of the report.
  private static final String BY_THE_WAY = "Disabling lock debugging due to kernel taint";

  /// What follows a report that is complete: the panic it was configured to lead to, with the same
  /// stack again, or the locks that the printing itself took.
  private static final Pattern AFTERMATH =
      Pattern.compile(
          "Kernel panic - not syncing|WARNING: possible circular locking dependency detected");

  /// Lines of a report that is complete when its aftermath begins; shorter ones lack a stack.
  private static final int COMPLETE_LINES = 22;

  /// The same where reports have no registers.
  private static final int COMPLETE_BARE_LINES = 16;

  private static final Pattern GUESS = Pattern.compile(" \\? |\\(unreliable\\)$");

  private static final Pattern BLANK_GUESS = Pattern.compile(" \\? ");

  private Told() {}

  /// The report without guessed frames and what comes after it is complete. Kernels before 3.10
  /// without frame pointers guess all frames: then guesses are what there is.
  static List<String> lines(Report report) {
    List<String> told = lines(report, false);
    boolean guessed =
        report.lines.stream().anyMatch(l -> l.startsWith("Pid: "))
            && told.stream().noneMatch(FrameText::isFrame);
    return guessed ? lines(report, true) : told;
  }

  private static List<String> lines(Report report, boolean guesses) {
    List<String> told = new ArrayList<>();
    boolean goesOn = report.row.is(Row.Trait.STACK_OF_PANIC);
    int complete = report.row.kind().equals("kmsan") ? COMPLETE_BARE_LINES : COMPLETE_LINES;
    int count = 0;
    for (String whole : report.lines) {
      String line = Table.head(whole);
      boolean guess = GUESS.matcher(line).find() && !line.contains("<EOI>");
      if (count > 0 && guess) {
        if (!guesses) {
          continue;
        }
        line = BLANK_GUESS.matcher(line).replaceFirst(" ");
      }
      count++;
      if (!goesOn && count > complete && AFTERMATH.matcher(line).find()) {
        break;
      }
      if (count == 1 || !line.contains(BY_THE_WAY)) {
        told.add(line);
      }
    }
    return told;
  }

  /// Without caller ids, nothing tells the lines of another stack from the report's.
  static List<String> own(Report report, List<String> told) {
    if (report.hasCaller()) {
      return told;
    }
    for (int i = 1; i < told.size(); i++) {
      if (NO_REPORT.matcher(told.get(i)).find()) {
        return told.subList(0, i);
      }
    }
    return told;
  }
}
