package lastwords.kernel;

import org.jspecify.annotations.Nullable;

/// Something that people or robots should act on, raised once for a crash signature on a host, or
/// on a part of it.
///
/// @param id `a` and the id of the crash that raised it: stable however often the log is read
/// @param crash the id of that crash
/// @param hostSource where the host's name comes from, null where an earlier version did not record
///   it
/// @param claimedHost a name in the sender's userdata that belongs to another host
/// @param address the sender's address, null where an earlier version did not record it
/// @param part see [Crash#part]
/// @param state `open` until a robot or a person resolves it
/// @param reason why no delivery was made for it, null where deliveries were made: `late`,
///   `replayed`, …
public record Alarm(
    String id,
    String crash,
    String signature,
    String host,
    @Nullable HostSource hostSource,
    @Nullable String claimedHost,
    @Nullable String address,
    @Nullable String part,
    String kind,
    String title,
    Severity severity,
    long raisedAtMicros,
    String state,
    @Nullable String reason) {}
