package lastwords.app;

/// When the datagrams of a capture are sent.
sealed interface Pace {
  /// As the capture's times say, so many times faster.
  record Own(double speed) implements Pace {}

  /// As the capture's times say, but without pauses longer than this.
  record Capped(long maxPauseMicros) implements Pace {}

  /// So many a second, all hosts together.
  record Rate(double perSecond) implements Pace {}

  /// As fast as it goes.
  record Max() implements Pace {}
}
