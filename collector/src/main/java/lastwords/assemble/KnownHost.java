package lastwords.assemble;

/// A host in memory: its stream, and what of it the ledger doesn't have yet.
final class KnownHost {
  /// Replaced where it failed.
  HostStream stream;

  /// The first datagram that the saved state does not account for; where the host begins when none
  /// was saved.
  long resumeOffset;

  /// Heard since its state was last saved.
  boolean unsaved;

  /// Changed since [HostStreams#changedHosts].
  boolean hostChanged;

  /// Changed since [HostStreams#changedRuns].
  boolean runsChanged;

  /// Whether the ledger may know of it.
  boolean inLedger;

  /// How much is known of it.
  KnownHosts.Standing standing = KnownHosts.Standing.NEWCOMER;

  /// Whether it has left memory; what it still hands on then changes nothing of the hosts' sums.
  boolean gone;

  /// Whether something of it waits for a time.
  boolean waiting;

  /// When it has to advance next, [Long#MAX_VALUE] where nothing waits; as of its last change.
  long deadlineMicros = Long.MAX_VALUE;

  /// Heap bytes that it holds, as of the last [KnownHosts#grew].
  long bytes;

  /// Heap bytes of its records that wait.
  long waitingBytes;

  KnownHost(HostStream stream, long resumeOffset) {
    this.stream = stream;
    this.resumeOffset = resumeOffset;
  }

  void changed() {
    hostChanged = true;
    runsChanged = true;
  }
}
