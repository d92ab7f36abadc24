package lastwords.assemble;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/// The last records of one boot, each as a hash of its time and text under its number, to know them
/// again.
///
/// Grows with what the host sends, not with the numbers it uses, up to [#MAX_RECORDS]; older ones
/// are overwritten. Extended records are numbered by their sequence, basic ones by their arrival.
final class SeenRecords {
  /// As many records as the ring of a kernel with a 128 KiB log buffer holds, and of most with 256
  /// KiB.
  static final int MAX_RECORDS = 2048;

  /// Stands for a record of which only part arrived: another part of it is a duplicate, the whole
  /// record is not.
  static final long ANY = 1;

  /// No record of that number.
  static final long NONE = 0;

  private static final int FIRST_ROOM = 16;

  /// As much of a text as tells it from others. The end of one that printk cut may have another
  /// target's userdata behind it.
  private static final int IDENTITY_CHARS = 256;

  /// Bits of a number that its slot always holds: those of the smallest room.
  private static final int TAG_SHIFT = 4;

  /// Records of higher numbers are forged, and not remembered: no boot lasts for 68 billion.
  private static final long MAX_NUMBER = (1L << (Integer.SIZE + TAG_SHIFT)) - 1;

  /// A number that is this much lower, in tags, than the one in its slot is none that is merely
  /// older: one of the two was forged, and the newer one is remembered.
  private static final int FAR_TAGS = (16 * MAX_RECORDS) >> TAG_SHIFT;

  /// The headers of both arrays.
  private static final long ARRAY_BYTES = 48;

  private long[] hashes = new long[FIRST_ROOM];

  /// The number of each record without its lowest [#TAG_SHIFT] bits.
  private int[] tags = new int[FIRST_ROOM];

  /// The identity of a record: a hash of the time in the upper half, of the beginning of the text's
  /// first line in the lower.
  static long identity(long uptimeMicros, String text) {
    int newline = text.indexOf('\n');
    int end = Math.min(newline < 0 ? text.length() : newline, IDENTITY_CHARS);
    int textHash = (end == text.length() ? text : text.substring(0, end)).hashCode();
    long time = (uptimeMicros * 0x9E3779B97F4A7C15L) >>> 33;
    return (time | 2) << 32 | (textHash & 0xffff_ffffL);
  }

  /// Remembers a record. A number that is far from all others, such as a forged one, takes the slot
  /// of one record at the most.
  void put(long number, long identity) {
    if (number > MAX_NUMBER) {
      return;
    }
    int tag = tag(number);
    int slot = slot(number);
    while (hashes[slot] != NONE && tags[slot] != tag && hashes.length < MAX_RECORDS) {
      grow();
      slot = slot(number);
    }
    int above = tags[slot] - tag;
    boolean isOlder = hashes[slot] != NONE && above > 0 && above < FAR_TAGS;
    if (!isOlder) {
      hashes[slot] = identity;
      tags[slot] = tag;
    }
  }

  /// What was put under that number, [#NONE] when nothing or forgotten.
  long get(long number) {
    int slot = slot(number);
    return number < 0 || number > MAX_NUMBER || tags[slot] != tag(number) ? NONE : hashes[slot];
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
    tags = new int[FIRST_ROOM];
  }

  /// Heap bytes of both arrays.
  long heldBytes() {
    return ARRAY_BYTES + (long) hashes.length * (Long.BYTES + Integer.BYTES);
  }

  void save(DataOutput to) throws IOException {
    to.writeInt(hashes.length);
    for (int slot = 0; slot < hashes.length; slot++) {
      to.writeLong(hashes[slot]);
      to.writeInt(tags[slot]);
    }
  }

  void load(DataInput from) throws IOException {
    int room = room(from);
    hashes = new long[room];
    tags = new int[room];
    for (int slot = 0; slot < room; slot++) {
      hashes[slot] = from.readLong();
      tags[slot] = from.readInt();
    }
  }

  /// Reads what was saved before the numbers stood beside the hashes.
  void loadWithoutNumbers(DataInput from) throws IOException {
    long highest = from.readLong();
    from.readLong(); // the lowest
    int room = room(from);
    long[] saved = new long[room];
    for (int slot = 0; slot < room; slot++) {
      saved[slot] = from.readLong();
    }
    clear();
    for (long number = Math.max(0, highest - room + 1); number <= highest; number++) {
      long identity = saved[(int) (number & (room - 1))];
      if (identity != NONE) {
        put(number, identity);
      }
    }
  }

  private static int room(DataInput from) throws IOException {
    int room = from.readInt();
    if (room < FIRST_ROOM || room > MAX_RECORDS || Integer.bitCount(room) != 1) {
      throw new IOException("room for " + room + " records");
    }
    return room;
  }

  /// Room for twice as many records.
  private void grow() {
    long[] oldHashes = hashes;
    int[] oldTags = tags;
    hashes = new long[2 * oldHashes.length];
    tags = new int[hashes.length];
    for (int i = 0; i < oldHashes.length; i++) {
      if (oldHashes[i] != NONE) {
        int slot = slot((long) oldTags[i] << TAG_SHIFT | (i & (FIRST_ROOM - 1)));
        hashes[slot] = oldHashes[i];
        tags[slot] = oldTags[i];
      }
    }
  }

  private static int tag(long number) {
    return (int) (number >>> TAG_SHIFT);
  }

  /// The lower bits of a number: a power of two of slots.
  private int slot(long number) {
    return (int) (number & (hashes.length - 1));
  }
}
