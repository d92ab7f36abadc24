package lastwords.store.embedded;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import lastwords.store.DatagramBatch;
import net.openhft.chronicle.queue.ExcerptTailer;
import net.openhft.chronicle.queue.impl.RollingResourcesCache;
import net.openhft.chronicle.queue.impl.single.SingleChronicleQueue;
import net.openhft.chronicle.wire.DocumentContext;

/// Finds documents in a queue: the first, the last, the one that holds an offset.
///
/// A queue's file is named by its cycle, the number of its hour (or day) since 1970, and its
/// documents are numbered from 0. A file may hold none. Looks at the folder each time, since
/// another process may add files and delete them. Safe for any thread.
final class Documents implements AutoCloseable {
  private static final String SUFFIX = ".cq4";

  private final Path folder;
  private final SingleChronicleQueue queue;
  private final RollingResourcesCache names;
  private final ExcerptTailer tailer;
  private ByteBuffer document = newBuffer(DatagramBatch.FULL_BYTES * 2);

  Documents(Path folder, SingleChronicleQueue queue) {
    this.folder = folder;
    this.queue = queue;
    names =
        new RollingResourcesCache(
            queue.rollCycle(),
            queue.epoch(),
            name -> folder.resolve(name + SUFFIX).toFile(),
            file -> file.getName().substring(0, file.getName().length() - SUFFIX.length()));
    tailer = queue.createTailer();
    tailer.singleThreadedCheckDisabled(true); // every use is synchronized
  }

  record File(int cycle, Path path) {}

  /// Oldest first.
  List<File> files() {
    try (Stream<Path> paths = Files.list(folder)) {
      return paths
          .map(path -> path.getFileName().toString())
          .filter(name -> name.endsWith(SUFFIX))
          .sorted()
          .map(name -> name.substring(0, name.length() - SUFFIX.length()))
          .map(name -> new File(names.parseCount(name), folder.resolve(name + SUFFIX)))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Those older than the newest one that holds anything.
  synchronized List<File> filesBeforeTheLast() {
    List<File> files = files();
    int last = files.size() - 1;
    while (last > 0 && count(files.get(last).cycle) == 0) {
      last--;
    }
    return files.subList(0, Math.max(0, last));
  }

  void delete(File file) {
    try {
      Files.deleteIfExists(file.path);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  boolean exists(int cycle) {
    return names.resourceFor(cycle).path.exists();
  }

  /// When the newest file began by its name; 0 when there is none.
  long newestFileMillis() {
    List<File> files = files();
    return files.isEmpty()
        ? 0
        : (long) files.getLast().cycle * queue.rollCycle().lengthInMillis() + queue.epoch();
  }

  /// The offset of the oldest datagram; -1 when there is none.
  synchronized long first() {
    List<File> files = files();
    long first = firstFrom(files, 0);
    return first == Long.MAX_VALUE ? -1 : first;
  }

  /// The offset of the oldest datagram after a file; the greatest of all when there is none.
  synchronized long firstAfter(File file) {
    List<File> files = files();
    return firstFrom(files.stream().filter(later -> later.cycle > file.cycle).toList(), 0);
  }

  /// One more than the offset of the newest datagram; 0 when there is none.
  synchronized long end() {
    for (File file : files().reversed()) {
      long count = count(file.cycle);
      if (count > 0 && load(file.cycle, count - 1)) {
        return DatagramBatch.firstOffset(document) + DatagramBatch.count(document);
      }
    }
    return 0;
  }

  /// When the last datagrams of a file were received; before everything for an empty one.
  synchronized long newestMicros(int cycle) {
    long count = count(cycle);
    long[] newest = {Long.MIN_VALUE};
    if (count > 0 && load(cycle, count - 1)) {
      DatagramBatch.read(document, d -> newest[0] = Math.max(newest[0], d.receivedAtMicros()));
    }
    return newest[0];
  }

  /// Chronicle's index of the document that holds the offset, or of the nearest one: the oldest if
  /// it is later, the newest if it is earlier; -1 when there is none at all.
  synchronized long find(long offset) {
    List<File> files = files();
    int file = lastAtOrBefore(0, files.size(), i -> firstFrom(files, (int) i), offset);
    for (; file < files.size(); file++) {
      int cycle = files.get(file).cycle;
      long count = count(cycle);
      if (count > 0) {
        long number = lastAtOrBefore(0, (int) count, i -> firstOffset(cycle, i), offset);
        return queue.rollCycle().toIndex(cycle, number);
      }
    }
    return -1;
  }

  private interface FirstOffset {
    long of(long i);
  }

  /// The last of `from` to `to` - 1 that begins at or before the offset; `from` if all begin later.
  private static int lastAtOrBefore(int from, int to, FirstOffset first, long offset) {
    int low = from;
    int high = to;
    while (high - low > 1) {
      int middle = (low + high) >>> 1;
      if (first.of(middle) <= offset) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return low;
  }

  /// The first offset of this file or, if it is empty, of the next that isn't.
  private long firstFrom(List<File> files, int from) {
    for (File file : files.subList(from, files.size())) {
      if (load(file.cycle, 0)) {
        return DatagramBatch.firstOffset(document);
      }
    }
    return Long.MAX_VALUE;
  }

  private long firstOffset(int cycle, long number) {
    return load(cycle, number) ? DatagramBatch.firstOffset(document) : Long.MAX_VALUE;
  }

  private long count(int cycle) {
    return Math.max(0, tailer.excerptsInCycle(cycle));
  }

  private boolean load(int cycle, long number) {
    if (!tailer.moveToIndex(queue.rollCycle().toIndex(cycle, number))) {
      return false;
    }
    try (DocumentContext context = tailer.readingDocument()) {
      if (!context.isPresent()) {
        return false;
      }
      document = copy(context, document);
      return true;
    }
  }

  static ByteBuffer newBuffer(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  /// Copies a document into the buffer, or into a larger one where it doesn't fit.
  static ByteBuffer copy(DocumentContext context, ByteBuffer into) {
    var bytes = context.wire().bytes();
    int length = Math.toIntExact(bytes.readRemaining());
    ByteBuffer to = length <= into.capacity() ? into : newBuffer(length);
    bytes.read(to.clear().limit(length));
    return to.flip();
  }

  @Override
  public synchronized void close() {
    tailer.close();
  }
}
