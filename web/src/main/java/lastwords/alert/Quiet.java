package lastwords.alert;

import java.util.Locale;

/// Why a crash is told to nobody by itself.
enum Quiet {
  /// A follow-up of an earlier crash.
  SUPPRESSED(false),
  /// About a program, or only information.
  CATEGORY(false),
  /// Less grave than what is configured.
  SEVERITY(false),
  /// That host had an alarm of that signature less than `alarm-repeat` before.
  REPEATED(false),
  /// It was in the log before the ledger was made.
  REPLAYED(true),
  /// It was older than `alarm-max-age` when alerting saw it.
  LATE(true),
  /// People put its signature into the state `ignored`.
  IGNORED(true),
  /// The minute's alarms were used up; it is part of the minute's summary.
  STORM(true);

  /// Whether an alarm is raised nevertheless, with this as its reason, so that people see it.
  final boolean raises;

  Quiet(boolean raises) {
    this.raises = raises;
  }

  /// As it reads outside: lower case.
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
