package lastwords.alert;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import lastwords.kernel.Alarm;
import lastwords.kernel.Severity;

/// The minute that begins with an alarm: how many were told one by one, and what the rest were.
///
/// Its id comes from the number of the crash that began it, so that the summary is the same one
/// after a restart. Not thread-safe.
final class Storm {
  static final Duration LENGTH = Duration.ofMinutes(1);

  /// Signatures told apart; alarms of further ones are only counted. Bounds memory against a flood
  /// that makes up a new signature each time.
  static final int MAX_SIGNATURES = 1000;

  /// Hosts named for a signature, and signatures named in a summary: what a person reads, and what
  /// fits a delivery.
  static final int MAX_NAMED_HOSTS = 10;

  static final int MAX_NAMED_SIGNATURES = 10;

  private final long number;
  private final long openedAtMicros;
  private final Map<String, Group> groups = new LinkedHashMap<>();
  private Severity gravest = Severity.INFO;
  private int told;
  private long held;

  /// @param number the ledger's number of the crash that began it
  Storm(long number, long openedAtMicros) {
    this.number = number;
    this.openedAtMicros = openedAtMicros;
  }

  /// The held alarms of one signature.
  ///
  /// @param hosts the first of them by name
  record Group(
      String signature,
      String title,
      String kind,
      Severity severity,
      long alarms,
      List<String> hosts) {

    Group with(String host) {
      List<String> more = new ArrayList<>(hosts);
      if (more.size() < MAX_NAMED_HOSTS) {
        more.add(Thin.text(host, Thin.MAX_TEXT_CHARS));
      }
      return new Group(signature, title, kind, severity, alarms + 1, List.copyOf(more));
    }
  }

  /// Takes in an alarm that was raised within this minute, told or held.
  void count(Alarm alarm) {
    if (alarm.reason() == null) {
      tell();
    } else if (alarm.reason().equals(Quiet.STORM.toString())) {
      hold(alarm);
    }
  }

  void tell() {
    told++;
  }

  void hold(Alarm alarm) {
    held++;
    gravest = alarm.severity().compareTo(gravest) < 0 ? alarm.severity() : gravest;
    Group group = groups.get(alarm.signature());
    if (group == null && groups.size() < MAX_SIGNATURES) {
      String title = Thin.text(alarm.title(), Thin.MAX_TEXT_CHARS);
      group = new Group(alarm.signature(), title, alarm.kind(), alarm.severity(), 0, List.of());
    }
    if (group != null) {
      groups.put(alarm.signature(), group.with(alarm.host()));
    }
  }

  /// Also when the clock was set back to before its beginning.
  boolean isOver(long nowMicros) {
    return nowMicros < openedAtMicros
        || nowMicros - openedAtMicros >= TimeUnit.MICROSECONDS.convert(LENGTH);
  }

  String id() {
    return "storm-" + number;
  }

  long number() {
    return number;
  }

  long openedAtMicros() {
    return openedAtMicros;
  }

  /// Alarms told one by one.
  int told() {
    return told;
  }

  /// Alarms kept back for the summary.
  long held() {
    return held;
  }

  /// The gravest severity among the alarms held.
  Severity gravest() {
    return gravest;
  }

  /// Signatures among the alarms held; at most [#MAX_SIGNATURES] are told apart.
  int signatures() {
    return groups.size();
  }

  /// The most frequent signatures among the alarms held.
  List<Group> largest() {
    return groups.values().stream()
        .sorted(Comparator.comparingLong(Group::alarms).reversed())
        .limit(MAX_NAMED_SIGNATURES)
        .toList();
  }
}
