package lastwords.detect;

import java.util.concurrent.atomic.LongAdder;

/// What happened in all detectors that share these; safe for many threads.
///
/// @param reports reports begun
/// @param crashes crashes made of them, each counted once
/// @param repeats reports only counted: the same boot had reported it already, or too many others
/// @param linesDropped lines of reports longer than [Report#MAX_LINES] or [Bounds#MAX_REPORT_BYTES]
/// @param linesCut lines of reports longer than [Bounds#MAX_LINE_BYTES], of which the head is kept
/// @param crashesCut crashes of which something else was longer than its bound in [Bounds]
/// @param reportsCutShort reports closed early because a host, or all hosts, had too much open
/// @param unreadable reports published by their headline alone, and lines passed over, because
///   reading them failed: a bug
public record Counters(
    LongAdder reports,
    LongAdder crashes,
    LongAdder repeats,
    LongAdder linesDropped,
    LongAdder linesCut,
    LongAdder crashesCut,
    LongAdder reportsCutShort,
    LongAdder unreadable) {
  public Counters() {
    this(
        new LongAdder(),
        new LongAdder(),
        new LongAdder(),
        new LongAdder(),
        new LongAdder(),
        new LongAdder(),
        new LongAdder(),
        new LongAdder());
  }
}
