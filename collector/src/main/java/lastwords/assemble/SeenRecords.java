package lastwords.assemble;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Arrays;

/// The last records of one boot, each as a hash of its time and text under its number, to know them
/// again.
///
/// Grows with what the host says, not with the numbers it uses, up to [#MAX_RECORDS]; older ones
/// are forgotten. Extended records are numbered by their sequence, basic ones by their arrival.
final class SeenRecords {
  /// As many records as the ring of a kernel with a 128 KiB log buffer holds, and of most with 256
  /// KiB.
  static final int MAX_RECORDS = 2048;

  /// Stands for a record of which only part arrived: it is like any other of its number.
  static final long ANY = 1;

  /// No record of that number.
  static final long NONE = 0;

  private static final int FIRST_ROOM = 16;

  /// As much of a text as tells it from others. The end of one that printk cut may have another
  /// target's userdata behind it.
  private static final int IDENTITY_CHARS = 256;

  private long[] hashes = new long[FIRST_ROOM];
  private long highest = -1;
  private long lowest = Long.MAX_VALUE;

  /// The identity of a record: a hash of the time in the upper half, of the beginning of the text's
  /// first line in the lower.
  static long identity(long uptimeMicros, String text) {
    int newline = text.indexOf('\n');
    int end = Math.min(newline < 0 ? text.length() : newline, IDENTITY_CHARS);
    int textHash = (end == text.length() ? text : text.substring(0, end)).hashCode();
    long time = (uptimeMicros * 0x9E3779B97F4A7C15L) >>> 33;
    return (time | 2) << 32 | (textHash & 0xffff_ffffL);
  }

  void put(long number, long identity) {
    lowest = Math.min(lowest, number);
    grow(Math.min(Math.max(highest, number) - lowest + 1, MAX_RECORDS));
    if (number > highest) {
      if (number - highest >= hashes.length) {
        Arrays.fill(hashes, NONE);
      }
      for (long i = Math.max(highest + 1, number - hashes.length + 1); i < number; i++) {
        hashes[slot(i)] = NONE;
      }
      highest = number;
    } else if (number <= highest - hashes.length) {
      return;
    }
    hashes[slot(number)] = identity;
  }

  /// What was put under that number, [#NONE] when nothing or forgotten.
  long get(long number) {
    return number > highest || number <= highest - hashes.length || number < 0
        ? NONE
        : hashes[slot(number)];
  }

  /// Whether a record of that identity is known, under any number; without a time, by its text
  /// alone.
  boolean contains(long identity, boolean hasTime) {
    long mask = hasTime ? -1 : 0xffff_ffffL;
    for (long hash : hashes) {
      if (hash != NONE && hash != ANY && ((hash ^ identity) & mask) == 0) {
        return true;
      }
    }
    return false;
  }

  void clear() {
    hashes = new long[FIRST_ROOM];
    highest = -1;
    lowest = Long.MAX_VALUE;
  }

  long heldBytes() {
    return (long) hashes.length * Long.BYTES;
  }

  void save(DataOutput to) throws IOException {
    to.writeLong(highest);
    to.writeLong(lowest);
    to.writeInt(hashes.length);
    for (long hash : hashes) {
      to.writeLong(hash);
    }
  }

  void load(DataInput from) throws IOException {
    highest = from.readLong();
    lowest = from.readLong();
    hashes = new long[from.readInt()];
    for (int i = 0; i < hashes.length; i++) {
      hashes[i] = from.readLong();
    }
  }

  /// Room for `span` numbers up to the highest; a power of two, so that a number's slot is its
  /// lower bits.
  private void grow(long span) {
    if (span <= hashes.length) {
      return;
    }
    long[] old = hashes;
    hashes = new long[Math.min(MAX_RECORDS, Integer.highestOneBit((int) span - 1) << 1)];
    for (long i = Math.max(0, highest - old.length + 1); i <= highest; i++) {
      hashes[slot(i)] = old[(int) (i & (old.length - 1))];
    }
  }

  private int slot(long number) {
    return (int) (number & (hashes.length - 1));
  }
}
