package lastwords.detect;

/// How the stack of a report is read.
enum Recipe {
  /// There is none to read.
  NONE,
  /// There may be one, but the title does without it.
  OPTIONAL,
  /// The first call trace.
  TRACE,
  /// The instruction pointer, then the call trace.
  POINTER_AND_TRACE,
  /// The instruction pointer alone.
  POINTER,
  /// The instruction pointer and what follows; where that yields nothing, the first call trace.
  WARNING,
  /// The function in the headline, then the call trace.
  HEADLINE_AND_TRACE,
  /// From the timer interrupt on, else as [#POINTER_AND_TRACE], else as [#TRACE].
  INTERRUPTED,
  /// The lock's place, `at: function`, else the call trace.
  LOCK,
  /// The stack that allocated the page, else the call trace.
  ALLOCATION,
  /// The second stack where the report tells where a value came from, else the first.
  ORIGIN
}
