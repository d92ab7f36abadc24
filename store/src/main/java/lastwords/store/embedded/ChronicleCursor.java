package lastwords.store.embedded;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import lastwords.kernel.Datagram;
import lastwords.store.DatagramBatch;
import lastwords.store.Log;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Reads a queue's files document by document and hands out their datagrams one by one.
///
/// A file deleted or packed under it can still be read to its end; then it goes on with the oldest
/// that is there. One that is used again, for want of room, looks like a gap: so behind a gap it
/// looks whether the file still is where it was. What can't be read is passed over, named once, and
/// counted by the offsets that are missing before the next datagram.
final class ChronicleCursor implements Log.Cursor {
  private static final Logger LOG = LoggerFactory.getLogger(ChronicleCursor.class);

  static final long UNKNOWN = -1;
  private static final long NEVER = -2;

  /// How often a file is looked for that is gone when it is opened.
  private static final int LOOKS = 10;

  /// Damaged places that are named one by one.
  private static final int NAMED = 100;

  private final Path folder;
  private final Documents documents;
  private final LongSupplier first;
  private final LongSupplier end;
  private final List<Datagram> datagrams = new ArrayList<>();
  private int at;
  private @Nullable QueueFile file;
  private int cycle = Integer.MIN_VALUE;
  private boolean sealed;
  private long offset;
  private long missed;
  private long damaged;
  private int named;
  private long again = -1;

  /// The end of the log as it was when there was nothing sound in the rest of the file.
  private long searchedFor = NEVER;

  /// @param first the oldest offset kept
  /// @param end before which everything can be read now; [#UNKNOWN] where another process appends
  ChronicleCursor(
      Path folder, Documents documents, long offset, LongSupplier first, LongSupplier end) {
    this.folder = folder;
    this.documents = documents;
    this.first = first;
    this.end = end;
    this.offset = Math.max(offset, first.getAsLong());
    missed = this.offset - offset;
  }

  @Override
  public @Nullable Datagram next() {
    while (at < datagrams.size() || load()) {
      while (at < datagrams.size()) {
        Datagram next = datagrams.get(at++);
        if (next.offset() >= offset) {
          if (next.offset() > offset) {
            if (isGone()) {
              startAgain();
              break;
            }
            count(next.offset());
          }
          offset = next.offset() + 1;
          return next;
        }
      }
    }
    return null;
  }

  private boolean isGone() {
    return file != null && !Files.exists(file.path());
  }

  /// From this offset on, in whatever file it is.
  private void startAgain() {
    close();
    datagrams.clear();
    at = 0;
  }

  /// Tells what retention deleted from what is missing.
  private void count(long to) {
    long deleted = Math.max(0, Math.min(to, first.getAsLong()) - offset);
    missed += deleted;
    long lost = to - offset - deleted;
    if (lost > 0) {
      damaged += lost;
      name("%s: %d datagrams from %d on are missing".formatted(folder, lost, to - lost));
    }
  }

  private void name(String damage) {
    if (named++ < NAMED) {
      LOG.error("{}", damage);
    }
  }

  private boolean load() {
    datagrams.clear();
    at = 0;
    for (int look = 0; look < LOOKS; look++) {
      try {
        return file == null ? begin() && loadNext() : loadNext();
      } catch (FileNotFoundException _) {
        // It was deleted or packed after the folder was listed.
      } catch (IOException | RuntimeException e) {
        throw ChronicleLog.failed(folder, "can't be read at offset " + offset, e);
      }
    }
    return false;
  }

  private boolean begin() throws IOException {
    Documents.Place place = documents.find(offset);
    if (place == null) {
      return false;
    }
    open(place.file(), place.position());
    return true;
  }

  private void open(Documents.File next, long position) throws IOException {
    close();
    searchedFor = NEVER;
    again = -1;
    file = new QueueFile(next.path(), position);
    cycle = next.cycle();
    sealed = next.isSealed();
  }

  private boolean loadNext() throws IOException {
    while (true) {
      QueueFile from = file;
      if (from == null) {
        return false;
      }
      if (readFrom(from)) {
        return true;
      }
      boolean more = offset < end.getAsLong();
      Documents.File later = more || end.getAsLong() == UNKNOWN ? documents.after(cycle) : null;
      if (!more && later == null && !sealed) {
        return false; // nothing yet
      }
      if (readFrom(from)) { // came before the later file was begun
        return true;
      }
      if (!from.isEnded() && isGone()) {
        startAgain();
        return begin() && loadNext();
      }
      if (!from.isEnded() && resynced(from)) {
        continue;
      }
      if (later == null) {
        return false;
      }
      open(later, 0);
    }
  }

  private boolean resynced(QueueFile from) {
    long end = this.end.getAsLong();
    if (end == searchedFor) {
      return false;
    }
    long before = from.position();
    if (!from.resync()) {
      searchedFor = end;
      return false;
    }
    name("%s: bytes %d to %d can't be read".formatted(from.path(), before, from.position()));
    return true;
  }

  private boolean readFrom(QueueFile from) {
    long before = from.position();
    for (ByteBuffer next = from.next(); next != null; next = from.next()) {
      try {
        DatagramBatch.read(next, datagrams::add);
        return true;
      } catch (IllegalArgumentException e) {
        datagrams.clear();
        if (again != before) {
          again = before; // it may have been read while it was being written
          from.again(before);
          continue;
        }
        if (isGone()) {
          return false;
        }
        name("%s: the document at byte %d: %s".formatted(from.path(), before, e.getMessage()));
        from.passOver(before);
      }
      before = from.position();
    }
    return false;
  }

  @Override
  public long offset() {
    return offset;
  }

  @Override
  public long missed() {
    return missed;
  }

  @Override
  public long damaged() {
    return damaged;
  }

  @Override
  public void close() {
    if (file != null) {
      file.close();
      file = null;
    }
  }
}
