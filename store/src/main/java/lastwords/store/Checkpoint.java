package lastwords.store;

import java.util.Collection;
import java.util.Map;

/// Where a reader of the log can go on after a restart, and what it knew then.
///
/// A reader keeps a state per sending address. A state is saved only when nothing of its host is
/// half-done, with the offset up to which it accounts for that host's datagrams. On restart the
/// reader begins at `offset` and passes over every datagram before its host's own offset: being
/// early costs time, never truth.
///
/// @param offset no datagram before this one is needed again
/// @param states by address, those that changed
/// @param forgotten addresses whose states are no longer wanted, unless they are among `states` too
public record Checkpoint(long offset, Map<String, State> states, Collection<String> forgotten) {
  /// @param offset the first datagram this state doesn't account for
  /// @param bytes what the reader makes of it; its own format
  @SuppressWarnings("ArrayRecordComponent") // handed through, never compared
  public record State(long offset, byte[] bytes) {}
}
