package lastwords.app;

import lastwords.kernel.Datagram;
import lastwords.store.Log;

/// How old the oldest datagram is that a reader of the log hasn't dealt with.
///
/// Asks the log and not the reader: of one that stands still, or never began, the lag grows.
final class Lag {
  private final Log log;
  private long offset = -1;
  private long receivedMicros;

  Lag(Log log) {
    this.log = log;
  }

  /// @param next the first datagram it hasn't dealt with
  /// @return 0 when there is none
  synchronized double seconds(long next, long nowMicros) {
    if (next != offset) {
      try (Log.Cursor cursor = log.read(next)) {
        Datagram datagram = cursor.next();
        if (datagram == null) {
          return 0;
        }
        offset = next;
        receivedMicros = datagram.receivedAtMicros();
      }
    }
    return Math.max(0, nowMicros - receivedMicros) / 1e6;
  }
}
