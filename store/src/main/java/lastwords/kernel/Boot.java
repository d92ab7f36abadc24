package lastwords.kernel;

import org.jspecify.annotations.Nullable;

/// A machine's run from one start to the next, as its stream shows it; comes before its first
/// message.
///
/// @param id names the boot: `b` and the offset of its first datagram
/// @param host the host by its best known name when the boot was noticed
/// @param address the sender's address as text
/// @param offset the log offset of the boot's first datagram
/// @param receivedAtMicros when that datagram arrived
/// @param previous the host's boot before this one, null for the first one ever seen
/// @param previousEndedAtMicros when the last datagram of the previous boot arrived, -1 where there
///   is none
public record Boot(
    String id,
    String host,
    String address,
    long offset,
    long receivedAtMicros,
    @Nullable String previous,
    long previousEndedAtMicros)
    implements Event {

  /// The name of the boot that begins with the datagram at this offset.
  public static String id(long offset) {
    return "b" + offset;
  }

  @Override
  public String boot() {
    return id;
  }
}
