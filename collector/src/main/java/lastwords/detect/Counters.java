package lastwords.detect;

import java.util.concurrent.atomic.LongAdder;

/// What happened in all detectors that share these; safe for many threads.
///
/// @param reports reports begun
/// @param crashes crashes made of them, each counted once
/// @param repeats reports not passed on: the same boot had reported it already, or too many others
/// @param linesDropped lines of reports longer than the limit
/// @param reportsCutShort reports closed early because a host had too many open
/// @param unreadable reports told by their headline alone, because reading the rest failed: a bug
public record Counters(
    LongAdder reports,
    LongAdder crashes,
    LongAdder repeats,
    LongAdder linesDropped,
    LongAdder reportsCutShort,
    LongAdder unreadable) {
  public Counters() {
    this(
        new LongAdder(),
        new LongAdder(),
        new LongAdder(),
        new LongAdder(),
        new LongAdder(),
        new LongAdder());
  }
}
