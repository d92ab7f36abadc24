package lastwords.app;

import java.util.List;
import lastwords.api.Status;
import org.jspecify.annotations.Nullable;

/// What the kernel dropped since somebody last asked, for the log. Not thread-safe.
final class SocketDrops {
  private long before;

  /// What was lost and what to do, null where nothing was.
  @Nullable String since(List<Status.Socket> sockets) {
    // -1 where nobody knows.
    long drops = sockets.stream().mapToLong(socket -> Math.max(0, socket.drops())).sum();
    long more = drops - before;
    before = Math.max(before, drops);
    return more <= 0
        ? null
        : "%d datagrams are lost: they came faster than they were read, and the sockets' buffers were full; raise receive-buffer, and see socket_drops in docs/operations.md"
            .formatted(more);
  }
}
