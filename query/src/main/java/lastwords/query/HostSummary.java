package lastwords.query;

import java.util.List;
import lastwords.kernel.HostSource;
import org.jspecify.annotations.Nullable;

/// What is known of a host, all its addresses taken together.
///
/// Numbers are summed over the addresses; `boot` and `release` are those of the address heard last.
///
/// @param hostSource where the name of the address heard last comes from
/// @param claimedHost a name in the userdata of one of its addresses that belongs to another host;
///   of several the one heard last
/// @param format `extended`, `basic`, or `both`
/// @param incomplete messages handed on with a hole, because a fragment never came
/// @param crashes how many crashes are kept of it
/// @param status the first of these that holds: `panicked`, the boot heard last ended in a panic;
///   `canary`, it is [lastwords.kernel.Host#CANARY] and no machine; `silent`, nothing came for so
///   long that it may be down; `crashed`, the boot heard last had a crash of severity critical or
///   error; `up`
public record HostSummary(
    String host,
    @Nullable HostSource hostSource,
    @Nullable String claimedHost,
    List<String> addresses,
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
    long crashes,
    String status) {}
