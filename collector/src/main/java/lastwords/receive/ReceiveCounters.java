package lastwords.receive;

import java.util.concurrent.atomic.LongAdder;

/// What came off the sockets since the start; written by the receiving thread, read by any.
///
/// `datagrams = appended + notAppended + refused()` once nothing is under way, and what was sent to
/// the sockets is `datagrams` and what they dropped, see [SocketState].
public final class ReceiveCounters {
  /// Datagrams read.
  public final LongAdder datagrams = new LongAdder();

  /// Bytes of their payloads.
  public final LongAdder bytes = new LongAdder();

  /// Written into the log.
  public final LongAdder appended = new LongAdder();

  /// Passed over because the sender is on no allow-list.
  public final LongAdder notAllowed = new LongAdder();

  /// Passed over because they are larger than UDP can carry without jumbograms.
  public final LongAdder tooLarge = new LongAdder();

  /// Lost because the log couldn't be written.
  public final LongAdder notAppended = new LongAdder();

  /// Passed over for any reason.
  public long refused() {
    return notAllowed.sum() + tooLarge.sum();
  }
}
