package lastwords.detect;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import lastwords.kernel.KernelMessage;
import org.jspecify.annotations.Nullable;

/// One report while it is being collected: the headline and the lines after it.
final class Report {
  /// Lines kept of one report; a backtrace of many CPUs is the longest that real kernels print.
  static final int MAX_LINES = 2_000;

  /// Characters kept of one report.
  static final int MAX_CHARS = 1 << 18;

  private static final Pattern RULER = Pattern.compile("^={20,}\\s*$");

  /// What of a report outlives a restart of the program.
  ///
  /// @param head the message that held the headline
  record Saved(
      KernelMessage head,
      List<String> lines,
      List<String> lastWords,
      String preface,
      int linesLost,
      int panicFrom,
      long lastUptimeMicros,
      boolean suppressed) {}

  final Row row;
  final KernelMessage head;
  final List<String> lines;
  final List<String> lastWords;

  /// What the kernel said between `cut here` and the headline, "" where it said nothing.
  final String preface;

  int linesLost;

  /// The line where the kernel panicked, -1 where it didn't.
  int panicFrom = -1;

  /// When the headline, or the panic it led to, arrived.
  long newsAtMicros;

  long lastAtMicros;
  long lastUptimeMicros;
  boolean hasStack;

  /// No more lines are its own.
  boolean ended;

  /// Told as it stands now, apart from lines that only complete it.
  boolean told;

  /// Whether it had been told before; what was decided then stays.
  boolean toldOnce;

  boolean suppressed;

  /// Backtraces of other CPUs were asked for and belong to it.
  boolean awaitsCpus;

  private int chars;

  Report(Row row, KernelMessage head, String headline, List<String> lastWords, String preface) {
    this.row = row;
    this.head = head;
    this.lines = new ArrayList<>(List.of(headline));
    this.lastWords = lastWords;
    this.preface = preface;
    newsAtMicros = head.receivedAtMicros();
    lastAtMicros = head.receivedAtMicros();
    lastUptimeMicros = head.uptimeMicros();
    panicFrom = row.is(Row.Trait.PANIC) ? 0 : -1;
    ended = row.isPlain();
  }

  static @Nullable Report load(Saved saved) {
    Row row = Table.find(saved.lines.getFirst());
    if (row == null) {
      return null;
    }
    Report report =
        new Report(row, saved.head, saved.lines.getFirst(), saved.lastWords, saved.preface);
    report.lines.addAll(saved.lines.subList(1, saved.lines.size()));
    report.linesLost = saved.linesLost;
    report.panicFrom = saved.panicFrom;
    report.lastUptimeMicros = saved.lastUptimeMicros;
    report.suppressed = saved.suppressed;
    report.ended = true;
    report.told = true;
    report.toldOnce = true;
    return report;
  }

  Saved save() {
    return new Saved(
        head,
        List.copyOf(lines),
        lastWords,
        preface,
        linesLost,
        panicFrom,
        lastUptimeMicros,
        suppressed);
  }

  void add(KernelMessage message, String line) {
    lastAtMicros = message.receivedAtMicros();
    if (message.uptimeMicros() >= 0) {
      lastUptimeMicros = message.uptimeMicros();
    }
    if (lines.size() >= MAX_LINES || chars + line.length() > MAX_CHARS) {
      lose(1);
    } else {
      lines.add(line);
      chars += line.length();
    }
    hasStack |= Stack.isStart(line);
    awaitsCpus |= line.contains("Sending NMI from CPU");
    ended |= isEnd(line);
  }

  void panic(KernelMessage message, String line) {
    panicFrom = lines.size();
    ended = false;
    told = false;
    newsAtMicros = message.receivedAtMicros();
    add(message, line);
  }

  void lose(long count) {
    linesLost = (int) Math.min(Integer.MAX_VALUE, linesLost + count);
  }

  boolean panicked() {
    return panicFrom >= 0;
  }

  /// The lines that are about the fault: not those of the panic it led to, if it has its own stack.
  List<String> about() {
    if (panicFrom > 0 && lines.subList(0, panicFrom).stream().anyMatch(Stack::isStart)) {
      return lines.subList(0, panicFrom);
    }
    return lines;
  }

  private boolean isEnd(String line) {
    return line.startsWith("---[ end ")
        || line.startsWith("Rebooting in ")
        || (row.category() == lastwords.kernel.Category.MEMORY
            && line.startsWith("oom_reaper: reaped process"))
        || (lines.size() > 2 && RULER.matcher(line).find());
  }
}
