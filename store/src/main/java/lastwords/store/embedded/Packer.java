package lastwords.store.embedded;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;
import lastwords.linux.Disk;
import lastwords.store.DatagramBatch;
import lastwords.store.FreeSpace;
import lastwords.store.Log;
import lastwords.store.PackedBatch;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Rewrites files that aren't written to any more as [PackedFile]s.
///
/// The new file is written under another name, through to the disk, and read back whole against the
/// old one. Then it gets its name, and only when that is on the disk, too, the old one goes. So at
/// any moment one of the two is there and whole; where both are, the packed one counts. A file with
/// damage in it stays as it is.
final class Packer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Packer.class);

  /// Text becomes a fifth. A file that becomes larger than half isn't worth it; it isn't begun
  /// unless there is room for a fourth.
  private static final int WORTH_IT = 2;

  private static final int ROOM = 4;

  private final Documents documents;
  private final FreeSpace disk;
  private final long leastFreeBytes;

  /// Files that stay as they are.
  private final Set<Path> left = new HashSet<>();

  private final LongAdder files = new LongAdder();
  private final LongAdder bytesBefore = new LongAdder();
  private final LongAdder bytesAfter = new LongAdder();
  private final LongAdder failed = new LongAdder();
  private volatile boolean closed;

  /// @param leastFreeBytes of the disk, which is left to others
  Packer(Documents documents, FreeSpace disk, long leastFreeBytes) {
    this.documents = documents;
    this.disk = disk;
    this.leastFreeBytes = leastFreeBytes;
  }

  /// Removes what a process that died half-way left.
  static void clean(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        if (PackedFile.isUnfinished(file) || Files.exists(PackedFile.of(file))) {
          Files.delete(file);
        }
      }
    }
  }

  Log.Compression done() {
    return new Log.Compression(files.sum(), bytesBefore.sum(), bytesAfter.sum(), failed.sum());
  }

  /// Packs the newest file that can be: it is kept longest, and may still be in memory. False when
  /// there is none.
  synchronized boolean packOne() {
    List<Documents.File> candidates = documents.filesBeforeTheLast();
    left.retainAll(candidates.stream().map(Documents.File::path).toList());
    for (Documents.File file : candidates.reversed()) {
      if (!file.isSealed() && !left.contains(file.path()) && hasRoom(file) && !closed) {
        pack(file, Disk.allocatedBytes(file.path()) / WORTH_IT, false);
        return true;
      }
    }
    return false;
  }

  /// Copies a file whose sync failed into a new one that takes its place, written and synced whole;
  /// true when that is done. Unlike [#packOne] it doesn't mind the size, and passes over damage:
  /// what the disk has lost doesn't come back. A file that holds nothing is deleted.
  synchronized boolean rewrite(Documents.File file) {
    if (closed || file.isSealed() || !hasRoom(file)) {
      return false;
    }
    if (pack(file, Long.MAX_VALUE, true)) {
      return true;
    }
    if (!closed && isEmpty(file)) {
      documents.delete(file);
      return true;
    }
    return false;
  }

  private static boolean isEmpty(Documents.File file) {
    try (QueueFile in = new QueueFile(file.path(), 0)) {
      return new Sound(in, true).next() == null;
    } catch (IOException | RuntimeException e) {
      LOG.debug("{}: {}", file.path(), e.toString());
      return false;
    }
  }

  private boolean hasRoom(Documents.File file) {
    return disk.bytes() - Disk.allocatedBytes(file.path()) / ROOM >= leastFreeBytes;
  }

  /// @param passingOver whether damage is passed over; else it leaves the file as it is
  private boolean pack(Documents.File file, long mostBytes, boolean passingOver) {
    Path unfinished = PackedFile.unfinished(file.path());
    long before = Disk.allocatedBytes(file.path());
    try {
      if (write(file.path(), unfinished, mostBytes, passingOver)) {
        requireSame(file.path(), unfinished, passingOver);
        long after = Disk.allocatedBytes(unfinished);
        if (!closed && documents.replace(file, unfinished)) {
          files.increment();
          bytesBefore.add(before);
          bytesAfter.add(after);
          return true;
        }
      }
    } catch (IOException | RuntimeException e) {
      if (Files.exists(file.path())) { // else retention was quicker
        failed.increment();
        left.add(file.path());
        LOG.warn("{} stays uncompressed: {}", file.path(), e.getMessage());
      }
    } finally {
      deleteIfExists(unfinished);
    }
    return false;
  }

  /// False when there is nothing in it, or no time any more.
  private boolean write(Path from, Path to, long mostBytes, boolean passingOver)
      throws IOException {
    try (QueueFile in = new QueueFile(from, 0);
        PackedFileWriter out = new PackedFileWriter(to)) {
      PackedBatch batch = new PackedBatch();
      Sound sound = new Sound(in, passingOver);
      for (ByteBuffer next = sound.next(); next != null && !closed; next = sound.next()) {
        if (!batch.add(next)) {
          flush(batch, out, mostBytes);
          batch.add(next);
        }
      }
      if (closed) {
        return false;
      }
      if (sound.passedOver) {
        LOG.error("{} is damaged; what can't be read is lost, the rest is copied", from);
      }
      if (batch.isEmpty()) {
        left.add(from);
        return false;
      }
      flush(batch, out, mostBytes);
      out.finish();
      return true;
    }
  }

  private void flush(PackedBatch batch, PackedFileWriter out, long mostBytes) throws IOException {
    out.add(batch.document());
    batch.clear();
    if (out.bytes() > mostBytes) {
      throw new IOException("it would hardly become smaller");
    }
    disk.require(leastFreeBytes);
  }

  private void requireSame(Path file, Path packed, boolean passingOver) throws IOException {
    try (QueueFile in = new QueueFile(file, 0);
        QueueFile documents = new QueueFile(packed, 0);
        PackedFile index = new PackedFile(packed)) {
      Sound expected = new Sound(in, passingOver);
      long count = 0;
      long at = documents.position();
      for (ByteBuffer next = documents.next(); next != null && !closed; next = documents.next()) {
        PackedBatch.Comparison comparison = PackedBatch.compare(next);
        boolean same =
            index.position(count) == at && index.firstOffset(count) == comparison.offset();
        while (same && !comparison.isDone()) {
          ByteBuffer document = expected.next();
          same = document != null && comparison.goesOnWith(document);
        }
        if (!same) {
          throw new IOException("what was written isn't what can be read, at byte " + at);
        }
        count++;
        at = documents.position();
      }
      if (!closed && (count != index.count() || !documents.isEnded() || expected.next() != null)) {
        throw new IOException("what was written ends at byte " + at);
      }
    }
  }

  /// The sound documents of a file in their order.
  private static final class Sound {
    private final QueueFile in;
    private final boolean passingOver;
    private long end = Long.MIN_VALUE;
    boolean passedOver;

    Sound(QueueFile in, boolean passingOver) {
      this.in = in;
      this.passingOver = passingOver;
    }

    /// Null at the end of the file.
    ///
    /// @throws IOException at damage that is not to be passed over
    @Nullable ByteBuffer next() throws IOException {
      while (true) {
        long at = in.position();
        ByteBuffer next = in.next();
        if (next == null && (in.isEnded() || !in.resync())) {
          return null;
        }
        if (next != null
            && DatagramBatch.isSound(next)
            && !next.hasRemaining()
            && DatagramBatch.firstOffset(next) >= end) {
          end = DatagramBatch.firstOffset(next) + DatagramBatch.count(next);
          return next.rewind();
        }
        if (!passingOver) {
          throw new IOException("it is damaged before byte " + in.position());
        }
        passedOver = true;
        if (next != null) {
          in.passOver(at);
        }
      }
    }
  }

  private static void deleteIfExists(Path unfinished) {
    try {
      Files.deleteIfExists(unfinished);
    } catch (IOException e) {
      LOG.warn("{} can't be deleted: {}", unfinished, e.toString());
    }
  }

  /// Stops what is under way, and waits for it.
  @Override
  public void close() {
    closed = true;
    synchronized (this) {
      LOG.debug("closed");
    }
  }
}
