package lastwords.kernel;

import org.jspecify.annotations.Nullable;

/// A machine's run from one start to the next, as its stream shows it; comes before its first
/// message.
///
/// @param id names the boot: `b` and the offset of its first datagram
/// @param host the host by its best known name when the boot was noticed
/// @param hostSource where the name comes from
/// @param claimedHost a name in the sender's userdata that belongs to another host
/// @param address the sender's address as text
/// @param offset the log offset of the boot's first datagram
/// @param receivedAtMicros when that datagram arrived
/// @param previous the host's boot before this one, null for the first one ever seen
/// @param previousEndedAtMicros when the last datagram of the previous boot arrived, -1 where there
///   is none
public record Boot(
    String id,
    String host,
    @Nullable HostSource hostSource,
    @Nullable String claimedHost,
    String address,
    long offset,
    long receivedAtMicros,
    @Nullable String previous,
    long previousEndedAtMicros)
    implements Event {

  /// A boot whose host's name is of unknown source.
  public Boot(
      String id,
      String host,
      String address,
      long offset,
      long receivedAtMicros,
      @Nullable String previous,
      long previousEndedAtMicros) {
    this(id, host, null, null, address, offset, receivedAtMicros, previous, previousEndedAtMicros);
  }

  /// The name of the boot that begins with the datagram at this offset.
  public static String id(long offset) {
    return "b" + offset;
  }

  @Override
  public String boot() {
    return id;
  }
}
