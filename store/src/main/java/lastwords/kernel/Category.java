package lastwords.kernel;

import java.util.Locale;

/// What part of a machine a crash is about.
public enum Category {
  OOPS,
  HARDWARE,
  STORAGE,
  NETWORK,
  MEMORY,
  GPU,
  THERMAL,
  USERSPACE,
  INFO;

  /// As it reads outside: lower case.
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
