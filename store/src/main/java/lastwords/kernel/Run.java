package lastwords.kernel;

import org.jspecify.annotations.Nullable;

/// One boot of one host as far as it was watched: what crashes are counted against.
///
/// @param boot see [Boot#id]; the key
/// @param previous the boot of the same address before it
/// @param address the sender's address as text
/// @param host its best known name
/// @param release the kernel's release, null until the boot says it
/// @param hardware what the kernel or the inventory says of the machine, null while neither did:
///   `Dell Inc. PowerEdge R650/0PYXKY, BIOS 1.4.4 10/07/2021`
/// @param announced whether it was heard from its start on, and not in the midst of its life only,
///   when it may have had a reason to speak
/// @param startedAtMicros when it started, by the collector's clock; never before the host was
///   known
/// @param lastHeardMicros when its last datagram came
public record Run(
    String boot,
    @Nullable String previous,
    String address,
    String host,
    @Nullable String release,
    @Nullable String hardware,
    boolean announced,
    long startedAtMicros,
    long lastHeardMicros) {}
