package lastwords.detect;

/// Which frame of a stack is held responsible.
enum Choice {
  /// The first one that may be blamed.
  FIRST,
  /// The one that the nearest dispatcher called: where a CPU spins is chance, what it was sent to
  /// do is not.
  STALL,
  /// The first one that is not about waiting.
  HANG
}
