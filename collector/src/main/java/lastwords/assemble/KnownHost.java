package lastwords.assemble;

/// A host in memory: its stream, and what of it the ledger doesn't have yet.
final class KnownHost {
  final HostStream stream;

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

  /// Whether it has said enough to be no newcomer; see [KnownHosts].
  boolean regular;

  /// Whether something of it waits for a time.
  boolean waiting;

  /// What it was last found to hold in memory.
  long bytes;

  KnownHost(HostStream stream, long resumeOffset) {
    this.stream = stream;
    this.resumeOffset = resumeOffset;
  }

  void changed() {
    hostChanged = true;
    runsChanged = true;
  }
}
