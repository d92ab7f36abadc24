package lastwords.store;

import java.time.Duration;
import lastwords.kernel.Datagram;
import org.jspecify.annotations.Nullable;

/// Every datagram as it came, append-only, in the order of arrival, numbered from 0 without holes.
///
/// One thread of one process appends; any number of readers, also in other processes, follow. What
/// [#append] returned from survives the death of the process at any moment, and after [#sync] that
/// of the machine.
///
/// Everything here throws [java.io.UncheckedIOException] with the folder's path when the disk
/// fails.
public interface Log extends AutoCloseable {

  /// Writes the batch's datagrams after all that are there and empties the batch. An empty one
  /// changes nothing, but throws where others would find no room. Only the appending thread may
  /// call this; it waits for nobody and allocates nothing per datagram.
  void append(DatagramBatch batch);

  /// The offset of the oldest datagram still kept; equals [#end] when there is none.
  long first();

  /// The offset the next datagram will get: how many were ever appended.
  long end();

  /// Has the next datagram get that offset where it would get a smaller one, which leaves a hole in
  /// the numbers. Any thread of the appending process may call this.
  void skipTo(long offset);

  /// Writes what lies before that offset through to the disk, where it survives the death of the
  /// machine, unless that was done. Any thread may call this; it doesn't hold up the appending one.
  void sync(long before);

  /// As [#sync], but waits no longer than `most`, and throws nothing; whether it is done. What
  /// isn't done by then is continued on a thread of its own.
  boolean awaitSynced(long before, Duration most);

  /// How often the disk failed to take what was to be written through.
  long syncFailures();

  /// Whether the next append, also of nothing, begins a new file because a sync of the last one
  /// failed; that one can be copied only then.
  boolean isLeavingFile();

  /// Everything before this offset was written through to the disk. Stays where it is when a sync
  /// fails, until what it was about is durable in another file.
  long syncedEnd();

  /// Starts reading at the given offset, or at the oldest datagram kept if that is later. The
  /// cursor belongs to one thread.
  Cursor read(long offset);

  /// What its datagrams occupy on disk, in bytes really allocated.
  long allocatedBytes();

  /// Compresses a file that isn't written to any more, if there is one and room for it; nothing
  /// that can be read changes by that. False when there was none. Takes long; one thread at a time.
  boolean compress();

  /// What [#compress] did since the log was opened.
  Compression compression();

  /// Deletes the oldest files that hold nothing younger than `age` before `nowMicros`, and the
  /// oldest ones beyond `bytes` allocated. The file being written is always kept. Returns how many
  /// datagrams went.
  long retain(Duration age, long bytes, long nowMicros);

  /// Deletes the oldest files, while less than `freeBytes` are left of the disk, or of what the log
  /// has set aside for the time when it is full; as far as they hold nothing from the offset
  /// `before` on. The file being written is always kept. Returns how many datagrams went.
  long makeRoom(long freeBytes, long before);

  /// Whether the last [#append] found no room.
  boolean isFull();

  @Override
  void close();

  /// What compressing did.
  ///
  /// @param files how many were compressed
  /// @param bytesBefore what they occupied on disk
  /// @param bytesAfter what they occupy now
  /// @param failures files that were left as they were, because they are damaged or the disk is
  record Compression(long files, long bytesBefore, long bytesAfter, long failures) {
    public static final Compression NONE = new Compression(0, 0, 0, 0);
  }

  /// A place in the log that moves on as it is read.
  interface Cursor extends AutoCloseable {
    /// The next datagram, or null when there is none yet.
    @Nullable Datagram next();

    /// The offset that [#next] will return or wait for.
    long offset();

    /// How many datagrams retention deleted before this cursor came to them.
    long missed();

    /// How many datagrams were passed over because they can't be read or are missing between
    /// others.
    long damaged();

    @Override
    void close();
  }
}
