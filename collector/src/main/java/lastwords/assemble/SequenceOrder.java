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
/// [#MAX_WAITING] others, which hold at most [#MAX_WAITING_BYTES]; then the numbers that are
/// missing are given up. One that comes after its number was given up is late.
///
/// Anybody can forge a number that is far ahead. So the order remembers where it was when it had to
/// jump, and goes on there when a record comes that belongs there: a forged number delays and
/// reorders none of the records behind it. Belongs to the thread of its host.
final class SequenceOrder {
  /// Networks overtake within a few ms; a number that was never sent costs this much.
  static final long WAIT_MICROS = 250_000;

  static final int MAX_WAITING = 512;

  /// Heap bytes of the records that wait, one host's: more than twice [#MAX_WAITING] ordinary ones.
  static final long MAX_WAITING_BYTES = 1 << 20;

  /// The most numbers that one gap may stand for, as many as the largest rings in use hold records:
  /// what is missing beyond is taken for a number that was forged.
  static final long MAX_GAP = 1 << 16;

  /// What comes out.
  interface Output {
    /// It is this record's turn.
    void say(Numbered record);

    /// It would have been its turn before.
    void late(Numbered record);

    /// A record of which only part had come waits no more: all of it came.
    void replaced(Numbered incomplete);

    /// These numbers, from the first to the last, were given up; at most [#MAX_GAP].
    void missing(long first, long last);

    /// More than [#MAX_WAITING] would wait.
    void overflow();

    /// More than [#MAX_WAITING_BYTES] would wait.
    void overflowBytes();
  }

  private final TreeMap<Long, Numbered> waiting = new TreeMap<>();
  private long waitingBytes;
  private long deadlineMicros = Long.MAX_VALUE;
  private long next = -1;
  private long highest = -1;

  /// The number that was next before the last jump, or would be next behind the last record that
  /// was late by more than [#MAX_WAITING]; -1 for none.
  private long otherNext = -1;

  void add(Numbered record, Output to) {
    long number = record.sequence();
    if (next < 0 && number == 0) {
      next = 0;
    }
    if (!isNear(number, next) && isNear(number, otherNext)) {
      jump(to);
    }
    if (number < next) {
      if (!isNear(number, next)) {
        otherNext = number + 1;
      }
      to.late(record);
      return;
    }
    highest = Math.max(highest, number);
    if (number == next) {
      next++;
      to.say(record);
      if (!waiting.isEmpty()) {
        sayWhatIsInTurn(to);
      }
      return;
    }
    Numbered kept = record.kept();
    Numbered other = waiting.put(number, kept);
    waitingBytes += kept.heldBytes();
    if (other != null) {
      waitingBytes -= other.heldBytes();
      if (other.whole()) {
        to.say(other);
      } else {
        to.replaced(other);
      }
    }
    deadlineMicros = Math.min(deadlineMicros, record.receivedAtMicros() + WAIT_MICROS);
    if (waiting.size() > MAX_WAITING) {
      to.overflow();
      skipToLowest(to);
    }
    if (waitingBytes > MAX_WAITING_BYTES) {
      to.overflowBytes();
      while (waitingBytes > MAX_WAITING_BYTES) {
        skipToLowest(to);
      }
    }
  }

  /// Continues at the other number, and remembers this one. What waits below is released.
  private void jump(Output to) {
    long left = next;
    next = otherNext;
    otherNext = left;
    while (!waiting.isEmpty() && waiting.firstKey() < next) {
      sayFirst(to);
    }
    sayWhatIsInTurn(to);
    highest = waiting.isEmpty() ? next - 1 : Math.max(next - 1, waiting.lastKey());
  }

  private void sayFirst(Output to) {
    Numbered record = waiting.pollFirstEntry().getValue();
    waitingBytes -= record.heldBytes();
    to.say(record);
  }

  /// Gives up what was waited for long enough.
  void advance(long nowMicros, Output to) {
    while (deadlineMicros <= nowMicros) {
      skipToLowest(to);
    }
  }

  /// Gives up all that is missing, before its time.
  void release(Output to) {
    while (!waiting.isEmpty()) {
      skipToLowest(to);
    }
  }

  /// Gives up all that is missing, before the boot ends, and knows nothing of the next one.
  void end(Output to) {
    release(to);
    next = -1;
    highest = -1;
    otherNext = -1;
  }

  private void sayWhatIsInTurn(Output to) {
    while (!waiting.isEmpty() && waiting.firstKey() == next) {
      next++;
      sayFirst(to);
    }
    deadlineMicros = Long.MAX_VALUE;
    for (Numbered record : waiting.values()) {
      deadlineMicros = Math.min(deadlineMicros, record.receivedAtMicros() + WAIT_MICROS);
    }
  }

  private void skipToLowest(Output to) {
    long lowest = waiting.firstKey();
    if (next >= 0 && lowest > next) {
      to.missing(Math.max(next, lowest - MAX_GAP), lowest - 1);
      if (lowest - next > MAX_WAITING) {
        otherNext = next;
      }
    }
    next = lowest;
    sayWhatIsInTurn(to);
  }

  /// Whether the boot's numbers were near that one, before or behind the last jump.
  boolean expects(long number) {
    return number > highest - MAX_WAITING || isNear(number, next) || isNear(number, otherNext);
  }

  private static boolean isNear(long number, long to) {
    return to >= 0 && Math.abs(number - to) <= MAX_WAITING;
  }

  /// Heap bytes of the records that wait, never less than they occupy.
  long heldBytes() {
    return waitingBytes;
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
    to.writeLong(otherNext);
  }

  void load(DataInput from) throws IOException {
    loadWithoutJump(from);
    otherNext = from.readLong();
  }

  /// Reads what was saved before jumps were remembered.
  void loadWithoutJump(DataInput from) throws IOException {
    next = from.readLong();
    highest = from.readLong();
  }
}
