package lastwords.app;

import java.io.UncheckedIOException;
import lastwords.kernel.Datagram;
import lastwords.store.Log;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// How old the oldest datagram is that a reader of the log hasn't dealt with.
///
/// Asks the log and not the reader: of one that stands still, or never began, the lag grows. Where
/// the log can't be read, the last datagram that could be stands in.
final class Lag {
  private static final Logger LOG = LoggerFactory.getLogger(Lag.class);

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
      } catch (UncheckedIOException e) {
        LOG.debug("the lag is that of datagram {}", offset, e);
        if (offset < 0) {
          return 0;
        }
      }
    }
    return Math.max(0, nowMicros - receivedMicros) / 1e6;
  }
}
