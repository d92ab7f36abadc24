package lastwords.kernel;

import java.util.Locale;

/// How much a crash matters to the person on call; the names are PagerDuty's.
public enum Severity {
  /// The machine is down, or about to be.
  CRITICAL,
  /// The kernel broke a promise; the machine lives on, damaged.
  ERROR,
  /// Worth a ticket.
  WARNING,
  /// Explains other events.
  INFO;

  /// As it reads outside: lower case.
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
