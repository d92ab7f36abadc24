package lastwords.alert;

import lastwords.store.Ledger;

/// What is notified, after a minute with too many alarms, of those that were held.
///
/// @param id of the alert storm
/// @param openedAtMicros when the minute began
/// @param notified alarms notified one by one within it
record StormSummary(String id, long openedAtMicros, int notified, Ledger.HeldAlarms held) {
  /// Signatures named, and hosts named for each: what a person reads, and what fits a delivery.
  static final int MAX_NAMED_SIGNATURES = 10;

  static final int MAX_NAMED_HOSTS = 10;
}
