package lastwords.detect;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/// The reports of one host that are being collected, and when each is due to be told.
///
/// A report with a stack is its context's own; a plain one is filed by context and kind, since its
/// lines may stand between those of others.
final class OpenReports {
  static final long TOLD_AFTER_QUIET_MICROS = 1_000_000;
  static final long TOLD_AFTER_MICROS = 2_000_000;
  static final long COMPLETE_AFTER_QUIET_MICROS = 5_000_000;

  /// A report that goes on for longer has lost its end.
  static final long MAX_OPEN_MICROS = 60_000_000;

  /// Reports open at once on one host; a machine whose every CPU reports is still read in full.
  static final int MAX = 64;

  private static final String ASIDE = " aside";

  private final Map<String, Report> byKey = new LinkedHashMap<>();

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

  Report oldest() {
    return byKey.values().iterator().next();
  }

  /// The report of a context, null for none.
  @Nullable Report of(String context) {
    return byKey.get(context);
  }

  /// The plain report of a context and kind, null for none.
  @Nullable Report plain(String context, String kind) {
    return byKey.get(plainKey(context, kind));
  }

  /// Files a report where [#of] or [#plain] finds it.
  ///
  /// @return the one that was there, no longer open
  @Nullable Report put(String context, Report report) {
    String key = report.row.isPlain() ? plainKey(context, report.row.kind()) : context;
    Report before = byKey.remove(key);
    byKey.put(key, report);
    changed(report);
    return before == report ? null : before;
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
    return byKey.remove(row.isPlain() ? plainKey(context, row.kind()) : context);
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

  /// The plain reports of a context that this line belongs to.
  List<Report> owners(String context, String line) {
    List<Report> owners = new ArrayList<>(0);
    for (Report report : byKey.values()) {
      if (report.row.isPlain() && report.context.equals(context) && report.row.owns(line)) {
        owners.add(report);
      }
    }
    return owners;
  }

  /// A report has news or came to its end.
  void changed(Report report) {
    nextDueMicros = Math.min(nextDueMicros, due(report));
  }

  /// When the next is due; [Long#MAX_VALUE] for never.
  long deadlineMicros() {
    return byKey.values().stream().mapToLong(OpenReports::due).min().orElse(Long.MAX_VALUE);
  }

  /// Hands on what is due, with whether it is complete; that is no longer open.
  void advance(long nowMicros, BiConsumer<Report, Boolean> to) {
    if (nowMicros < nextDueMicros || byKey.isEmpty()) {
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

  private static String plainKey(String context, String kind) {
    return context + " " + kind;
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
