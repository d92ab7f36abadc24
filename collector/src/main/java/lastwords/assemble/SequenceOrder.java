package lastwords.assemble;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Collection;
import java.util.TreeMap;
import lastwords.assemble.PrintkRecord.Numbered;

/// Puts the records of one boot into the order of their numbers.
///
/// One that comes early waits for those before it, at most [#WAIT_MICROS] and with at most
/// [#MAX_WAITING] others; then the numbers that are missing are given up. One that comes after its
/// number was given up is late. Belongs to the thread of its host.
final class SequenceOrder {
  /// Networks overtake within a few ms; a number that was never sent costs this much.
  static final long WAIT_MICROS = 250_000;

  static final int MAX_WAITING = 512;

  /// What comes out.
  interface Output {
    /// It is this record's turn.
    void say(Numbered record);

    /// It would have been its turn before.
    void late(Numbered record);

    /// These numbers, from the first to the last, were given up.
    void missing(long first, long last);

    /// More than [#MAX_WAITING] would wait.
    void overflow();
  }

  private final TreeMap<Long, Numbered> waiting = new TreeMap<>();
  private long deadlineMicros = Long.MAX_VALUE;
  private long next = -1;
  private long highest = -1;

  void add(Numbered record, Output to) {
    long number = record.sequence();
    highest = Math.max(highest, number);
    if (next < 0 && number == 0) {
      next = 0;
    }
    if (next >= 0 && number < next) {
      to.late(record);
      return;
    }
    if (number == next) {
      next++;
      to.say(record);
      if (!waiting.isEmpty()) {
        sayWhatIsInTurn(to);
      }
      return;
    }
    Numbered other = waiting.put(number, record.kept());
    if (other != null) {
      to.say(other);
    }
    deadlineMicros = Math.min(deadlineMicros, record.receivedAtMicros() + WAIT_MICROS);
    if (waiting.size() > MAX_WAITING) {
      to.overflow();
      skipToLowest(to);
    }
  }

  /// Gives up what was waited for long enough.
  void advance(long nowMicros, Output to) {
    while (deadlineMicros <= nowMicros) {
      skipToLowest(to);
    }
  }

  /// Gives up all that is missing, before the boot ends, and knows nothing of the next one.
  void end(Output to) {
    while (!waiting.isEmpty()) {
      skipToLowest(to);
    }
    next = -1;
    highest = -1;
  }

  private void sayWhatIsInTurn(Output to) {
    while (!waiting.isEmpty() && waiting.firstKey() == next) {
      next++;
      to.say(waiting.pollFirstEntry().getValue());
    }
    deadlineMicros = Long.MAX_VALUE;
    for (Numbered record : waiting.values()) {
      deadlineMicros = Math.min(deadlineMicros, record.receivedAtMicros() + WAIT_MICROS);
    }
  }

  private void skipToLowest(Output to) {
    long lowest = waiting.firstKey();
    if (next >= 0 && lowest > next) {
      to.missing(next, lowest - 1);
    }
    next = lowest;
    sayWhatIsInTurn(to);
  }

  /// When [#advance] is needed next; [Long#MAX_VALUE] while nothing waits.
  long deadlineMicros() {
    return deadlineMicros;
  }

  /// The highest number so far, -1 before the first.
  long highest() {
    return highest;
  }

  Collection<Numbered> waiting() {
    return waiting.values();
  }

  /// Only while nothing waits.
  void save(DataOutput to) throws IOException {
    to.writeLong(next);
    to.writeLong(highest);
  }

  void load(DataInput from) throws IOException {
    next = from.readLong();
    highest = from.readLong();
  }
}
