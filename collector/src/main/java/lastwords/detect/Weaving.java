package lastwords.detect;

/// Tells reports apart that were printed at once where nothing says whose a line is.
final class Weaving {
  void forget() {}
}
