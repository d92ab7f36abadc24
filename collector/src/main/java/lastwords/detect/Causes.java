package lastwords.detect;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import lastwords.kernel.Category;
import lastwords.kernel.KernelMessage;
import lastwords.kernel.Position;
import lastwords.kernel.Severity;
import org.jspecify.annotations.Nullable;

/// Reports that are closed, but may have caused what comes next: the panic that belongs to them,
/// reports that follow from the damage, or their own lines where they took long to get here.
final class Causes {
  /// How long a fault, by the host's own clock, explains the panic after it.
  static final long LEADS_TO_PANIC_MICROS = 60_000_000;

  /// For how many lines it does in a file without times: all CPUs may print their stacks between.
  static final int LEADS_TO_PANIC_LINES = 1_000;

  /// Reports remembered.
  static final int MAX = 8;

  /// Bytes remembered of one host, estimated: some ten ordinary reports, or one of the longest.
  /// They are saved with its state.
  static final long MAX_BYTES = 512 << 10;

  /// Lines of the host after which a report that fell silent has lost its end for good. It bounds
  /// how long every line has to be looked at where lines carry no time.
  static final int MAX_LINES_LATE = 2_000;

  private static final Pattern HARDWARE =
      Pattern.compile(
          "[Mm]achine [Cc]heck|MCE\\b|[Hh]ardware error|NMI(?!.*LOCKUP)|SError|broadcast"
              + " exception");

  private static final Pattern MEMORY = Pattern.compile("ut of memory|deadlocked on memory");

  private static final Pattern STORAGE =
      Pattern.compile(
          "\\((?:device )?(?<device>[^() ]{1,64})\\): (?:panic forced after error|fs panic from)"
              + "|panic (?:forced after|from previous) error|dm-verity device ");

  private final ArrayDeque<Report> closed = new ArrayDeque<>();

  /// Lines looked at since a report was last added.
  private int linesSince;

  private final Budget budget;

  Causes(Budget budget) {
    this.budget = budget;
  }

  /// A report that may lead to a panic; any other may not be its cause.
  static boolean leads(Row row) {
    return !row.is(Row.Trait.ONLY_WITH_STACK)
        && (row.category() == Category.OOPS
            || row.category() == Category.HARDWARE
            || row.is(Row.Trait.MAY_PANIC)
            || row.kind().equals("oom-kill"));
  }

  /// Remembers a report that was closed, and frees those that were closed longest ago, panics
  /// first: a panic leads to no other, and anybody can make up many of them.
  void add(Report report) {
    linesSince = 0;
    closed.remove(report);
    closed.addLast(report);
    long bytes = closed.stream().mapToLong(Report::bytes).sum();
    while (closed.size() > MAX || (bytes > MAX_BYTES && closed.size() > 1)) {
      Report first =
          closed.stream()
              .filter(r -> r.row.is(Row.Trait.PANIC))
              .findFirst()
              .orElseGet(closed::getFirst);
      closed.remove(first);
      bytes -= first.bytes();
      budget.free(first);
    }
  }

  void remove(Report report) {
    closed.remove(report);
  }

  /// Whether the report whose headline stands there is among them.
  boolean hold(long position) {
    return closed.stream().anyMatch(r -> r.head.place() == position);
  }

  /// Whether the next line may belong to a report that fell silent.
  boolean mayGoOn() {
    return !closed.isEmpty() && closed.getLast().fellSilent && linesSince < MAX_LINES_LATE;
  }

  /// Forgets what the host's clock left behind, before the line of this number is looked at.
  ///
  /// Contexts may have clocks of their own, so that one that fell silent is left to go on.
  void passOn(KernelMessage message, String context, long number) {
    linesSince++;
    closed.removeIf(
        r -> {
          boolean over =
              !isRecent(r, message)
                  && (!r.fellSilent || r.context.equals(context) || !mayGoOn())
                  && !r.isFollowedBy(number);
          if (over) {
            budget.free(r);
          }
          return over;
        });
  }

  /// The latest report of this context, where its lines only took long to get here: by the host's
  /// own clock nothing was quiet, or what comes can't stand alone.
  @Nullable Report late(KernelMessage message, String context, String line, long number) {
    if (!mayGoOn()) {
      return null;
    }
    Report last = closed.getLast();
    if (!last.context.equals(context) || !last.mayReopen()) {
      return null;
    }
    long pause = message.uptimeMicros() - last.lastUptimeMicros;
    boolean soon = pause >= 0 && pause <= OpenReports.COMPLETE_AFTER_QUIET_MICROS;
    if (!soon && !last.isContinuedBy(line, number)) {
      return null;
    }
    closed.removeLast();
    return last;
  }

  /// The report that led to a panic: of the same context, else of those that explain it best the
  /// latest.
  @Nullable Report of(
      KernelMessage message,
      long number,
      String panic,
      @Nullable Report sameContext,
      List<Report> open) {
    if (sameContext != null && sameContext.mayReopen() && explains(sameContext, panic) > 0) {
      return sameContext;
    }
    List<Report> all = new ArrayList<>(closed);
    all.addAll(open);
    Report best = null;
    for (Report report : all.reversed()) {
      if ((isRecent(report, message) || report.isFollowedBy(number))
          && report.mayReopen()
          && report.row.severity().compareTo(Severity.WARNING) <= 0
          && explains(report, panic) > (best == null ? 0 : explains(best, panic))) {
        best = report;
      }
    }
    return best;
  }

  /// How well a report explains a panic with these words, 0 for not at all.
  ///
  /// Machines correct errors every day: what was corrected explains only a panic about hardware.
  private static int explains(Report report, String panic) {
    if (!leads(report.row)) {
      return 0;
    }
    boolean damaged = report.row.severity().compareTo(Severity.ERROR) <= 0;
    return switch (report.row.category()) {
      case HARDWARE -> {
        if (isAbout(HARDWARE, panic)) {
          yield damaged ? 5 : 4;
        }
        yield damaged ? 1 : 0;
      }
      case MEMORY -> isAbout(MEMORY, panic) ? 4 : 2;
      case STORAGE -> isForced(report, panic) ? 5 : 0;
      // A machine that gave up already has said so: this panic is rather another report's.
      default -> report.row.is(Row.Trait.PANIC) ? 1 : 3;
    };
  }

  /// Whether a panic was forced by an error of this device, or the panic names none: disks fail
  /// every day, and explain no other panic.
  private static boolean isForced(Report report, String panic) {
    Matcher forced = STORAGE.matcher(Table.head(panic));
    if (!forced.find()) {
      return false;
    }
    String device = forced.group("device");
    String failed = report.affected.names().get("device");
    return device == null || failed == null || device.equals(failed);
  }

  private static boolean isAbout(Pattern what, String panic) {
    return what.matcher(Table.head(panic)).find();
  }

  /// Whether some other report had damaged the kernel a moment ago.
  boolean damagedBefore(Report report) {
    return closed.stream()
        .anyMatch(
            r ->
                r != report
                    && r.row.category() == Category.OOPS
                    && r.row.severity().compareTo(Severity.ERROR) <= 0
                    && report.head.uptime() - r.lastUptimeMicros < LEADS_TO_PANIC_MICROS);
  }

  void forget() {
    closed.forEach(budget::free);
    closed.clear();
  }

  /// Lines held.
  long held() {
    return closed.stream().mapToLong(Report::held).sum();
  }

  /// Lines looked at since a report was last added, to be saved beside them.
  int linesSince() {
    return linesSince;
  }

  /// After those that were saved were added again.
  void goOn(int savedLinesSince) {
    linesSince = savedLinesSince;
  }

  List<Report.Saved> save() {
    return closed.stream().map(Report::save).toList();
  }

  /// By the host's own clock; where it tells no time by when its lines arrived, and in a file by
  /// how far they stand apart.
  private static boolean isRecent(Report report, KernelMessage message) {
    if (message.uptimeMicros() >= 0 && report.lastUptimeMicros >= 0) {
      return message.uptimeMicros() - report.lastUptimeMicros < LEADS_TO_PANIC_MICROS;
    }
    boolean received = !message.boot().isEmpty();
    return received
        ? message.receivedAtMicros() - report.lastAtMicros < LEADS_TO_PANIC_MICROS
        : Position.offset(message.position()) - Position.offset(report.lastPlace)
            < LEADS_TO_PANIC_LINES;
  }
}
