package lastwords.kernel;

import java.net.InetAddress;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What is known of one sending address; a host with several addresses has several of these under
/// one name.
///
/// @param address the sender's address as text; the key
/// @param host its best known name
/// @param hostSource where the name comes from, null where an earlier version did not record it
/// @param claimedHost a name in the sender's userdata that belongs to another host, null while
///   there is none
/// @param boot the current boot, see [Boot#id]
/// @param release the last kernel release seen
/// @param format `extended`, `basic`, or `both`
/// @param messages messages handed on, duplicates not counted
/// @param sequenceGaps sequence numbers never received
/// @param messagesLost messages known lost by `msgid`
/// @param duplicates records that came again
/// @param incomplete records handed on with a hole, because a fragment never came
/// @param boots boots seen, this one included
/// @param labels what the inventory says of it
public record Host(
    String address,
    String host,
    @Nullable HostSource hostSource,
    @Nullable String claimedHost,
    long firstSeenMicros,
    long lastSeenMicros,
    String boot,
    @Nullable String release,
    String format,
    long messages,
    long sequenceGaps,
    long messagesLost,
    long duplicates,
    long incomplete,
    int boots,
    Map<String, String> labels) {

  /// As this one, under another name.
  public Host named(
      String name,
      @Nullable HostSource source,
      @Nullable String claimed,
      Map<String, String> inventoryLabels) {
    return new Host(
        address,
        name,
        source,
        claimed,
        firstSeenMicros,
        lastSeenMicros,
        boot,
        release,
        format,
        messages,
        sequenceGaps,
        messagesLost,
        duplicates,
        incomplete,
        boots,
        inventoryLabels);
  }

  /// The name under which the collector's own canaries go: no machine, and silent most of the time.
  public static final String CANARY = "lastwords-canary";

  /// Where canaries over IPv4 come from, `L`, `W`, `C`: a loopback address, so that no other
  /// machine can send from it.
  public static final InetAddress CANARY_SOURCE = InetAddress.ofLiteral("127.76.87.67");
}
