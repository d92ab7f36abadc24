package lastwords.detect;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/// The reports of one host that are being collected, and when each is due to be told.
///
/// A report with a stack is its context's own. Of plain ones a context has as many as it names
/// parts that fail: their lines may stand between those of others.
final class OpenReports {
  static final long TOLD_AFTER_QUIET_MICROS = 1_000_000;
  static final long TOLD_AFTER_MICROS = 2_000_000;
  static final long COMPLETE_AFTER_QUIET_MICROS = 5_000_000;

  /// A report that goes on for longer has lost its end.
  static final long MAX_OPEN_MICROS = 60_000_000;

  /// Reports open at once on one host; a machine whose every CPU reports is still read in full.
  static final int MAX = 64;

  private static final String ASIDE = " aside";
  private static final String PLAIN = " plain ";

  private final Map<String, Report> byKey = new LinkedHashMap<>();

  /// Plain reports filed so far.
  private long plainSoFar;

  /// Nothing is due before; may be too early, never too late.
  private long nextDueMicros = Long.MAX_VALUE;

  boolean isEmpty() {
    return byKey.isEmpty();
  }

  /// Whether lines that are no headlines may belong to any, after the line of this number.
  boolean awaitLines(long number) {
    for (Report report : byKey.values()) {
      if (report.awaitsLines(number)) {
        return true;
      }
    }
    return false;
  }

  boolean isFull() {
    return byKey.size() >= MAX;
  }

  /// Lines held.
  long held() {
    return byKey.values().stream().mapToLong(Report::held).sum();
  }

  /// Oldest first.
  List<Report> list() {
    return List.copyOf(byKey.values());
  }

  /// The one that is closed early to make room: the oldest that shows no stack, else the oldest.
  /// Headlines alone are cheap to make up, and most of what is worth reading has a stack.
  Report least() {
    for (Report report : byKey.values()) {
      if (!report.hasStack) {
        return report;
      }
    }
    return byKey.values().iterator().next();
  }

  /// The report of a context, null for none.
  @Nullable Report of(String context) {
    return byKey.get(context);
  }

  /// The plain report of a context and kind that a headline about this goes on with: the one that
  /// names the same, else the one that was last added to and doesn't name another; null for none.
  @Nullable Report plain(String context, String kind, Affected affected) {
    Report latest = null;
    for (Report report : byKey.values()) {
      if (!isPlain(report, context) || !report.row.kind().equals(kind)) {
        continue;
      }
      if (report.affected.is(affected)) {
        return report;
      }
      boolean later = latest == null || report.lastNumber > latest.lastNumber;
      latest = later && report.affected.mayBe(affected) ? report : latest;
    }
    return latest;
  }

  /// Files a report where [#of] or [#plain] finds it; one of the same context that has a stack, as
  /// it has, is no longer open.
  void put(String context, Report report) {
    String key = report.row.isPlain() ? context + PLAIN + ++plainSoFar : context;
    byKey.remove(key);
    byKey.put(key, report);
    changed(report);
  }

  /// Files a report beside the one of its context, which goes on too.
  ///
  /// @return the one that was there, no longer open
  @Nullable Report setAside(String context, Report report) {
    Report before = byKey.remove(context + ASIDE);
    byKey.put(context + ASIDE, report);
    changed(report);
    return before;
  }

  /// Takes the one out that a report of this row would push out.
  @Nullable Report take(String context, Row row) {
    return row.isPlain() ? null : byKey.remove(context);
  }

  boolean remove(Report report) {
    return byKey.values().remove(report);
  }

  /// The report that asked all CPUs for their stacks, null for none.
  @Nullable Report awaitingCpus() {
    for (Report report : byKey.values()) {
      if (report.awaitsCpus && !report.ended) {
        return report;
      }
    }
    return null;
  }

  /// The plain reports of a context that this line belongs to: of each kind the one that was last
  /// added to.
  List<Report> owners(String context, String line) {
    List<Report> owners = new ArrayList<>(0);
    for (Report report : byKey.values()) {
      if (isPlain(report, context) && report.row.owns(line)) {
        addLatest(owners, report);
      }
    }
    return owners;
  }

  private static void addLatest(List<Report> ofKinds, Report report) {
    for (int i = 0; i < ofKinds.size(); i++) {
      if (ofKinds.get(i).row.kind().equals(report.row.kind())) {
        ofKinds.set(i, report.lastNumber > ofKinds.get(i).lastNumber ? report : ofKinds.get(i));
        return;
      }
    }
    ofKinds.add(report);
  }

  private static boolean isPlain(Report report, String context) {
    return report.row.isPlain() && report.context.equals(context);
  }

  /// A report has news or came to its end.
  void changed(Report report) {
    nextDueMicros = Math.min(nextDueMicros, due(report));
  }

  /// Whether nothing is due before that time or at it.
  boolean isIdleUntil(long nowMicros) {
    return nowMicros < nextDueMicros || byKey.isEmpty();
  }

  /// When the next is due; [Long#MAX_VALUE] for never.
  long deadlineMicros() {
    long first = Long.MAX_VALUE;
    for (Report report : byKey.values()) {
      first = Math.min(first, due(report));
    }
    return first;
  }

  /// Hands on what is due, with whether it is complete; that is no longer open.
  void advance(long nowMicros, BiConsumer<Report, Boolean> to) {
    if (isIdleUntil(nowMicros)) {
      return;
    }
    for (Map.Entry<String, Report> entry : List.copyOf(byKey.entrySet())) {
      Report report = entry.getValue();
      if (due(report) > nowMicros || byKey.get(entry.getKey()) != report) {
        continue;
      }
      boolean complete = report.ended || completeAt(report) <= nowMicros;
      if (complete) {
        report.fellSilent = !report.ended;
        byKey.remove(entry.getKey());
      }
      to.accept(report, complete);
    }
    nextDueMicros = deadlineMicros();
  }

  void clear() {
    byKey.clear();
  }

  private static long tellAt(Report report) {
    return Math.min(
        report.newsAtMicros + TOLD_AFTER_MICROS, report.lastAtMicros + TOLD_AFTER_QUIET_MICROS);
  }

  private static long completeAt(Report report) {
    return Math.min(
        report.newsAtMicros + MAX_OPEN_MICROS, report.lastAtMicros + COMPLETE_AFTER_QUIET_MICROS);
  }

  private static long due(Report report) {
    return report.told && !report.ended ? completeAt(report) : tellAt(report);
  }
}
