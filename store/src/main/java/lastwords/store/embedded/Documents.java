package lastwords.store.embedded;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.DateTimeException;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import lastwords.linux.Disk;
import lastwords.store.DatagramBatch;
import net.openhft.chronicle.queue.ExcerptTailer;
import net.openhft.chronicle.queue.RollCycle;
import net.openhft.chronicle.queue.impl.RollingResourcesCache;
import net.openhft.chronicle.queue.impl.single.SingleChronicleQueue;
import net.openhft.chronicle.wire.DocumentContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Finds documents in a queue: the first, the last, the one that holds an offset.
///
/// A queue's file is named by its cycle, the number of its hour (or day) since 1970. A file may
/// hold no document. One whose end was found damaged is called `….cq4.damaged`: Chronicle, which
/// would append to it, doesn't see it any more, and here it is read like the others. So is one that
/// a [Packer] made of a file, which takes its place. Where documents are is asked of Chronicle's
/// index, of a packed file's own, and what stands there is seen for itself. Looks at the folder
/// each time, since another process may add files and delete them. Safe for any thread.
final class Documents implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Documents.class);
  static final String SUFFIX = ".cq4";
  static final String DAMAGED = ".damaged";
  private static final long COARSE_MILLIS = 1_000;

  /// A part of a damaged file that may be read in vain.
  private static final long SEARCHED_BYTES = 64 << 10;

  /// Documents before the last one that are looked at when a log is opened: 10 to 60 MiB, which is
  /// more than a power failure takes that comes between two syncs.
  private static final int LOOKED_AT = 4_096;

  private final Path folder;
  private final SingleChronicleQueue queue;
  private final RollingResourcesCache names;
  private final OldestOffset oldest;
  private ExcerptTailer tailer;

  private volatile @Nullable Listing listing;

  /// Follows the end of the newest file.
  private @Nullable QueueFile newest;

  private long end;

  Documents(Path folder, SingleChronicleQueue queue) {
    this.folder = folder;
    this.queue = queue;
    names =
        new RollingResourcesCache(
            queue.rollCycle(),
            queue.epoch(),
            name -> folder.resolve(name + SUFFIX).toFile(),
            file -> file.getName().substring(0, file.getName().length() - SUFFIX.length()));
    oldest = new OldestOffset(folder);
    tailer = tailer(queue);
  }

  private static ExcerptTailer tailer(SingleChronicleQueue queue) {
    ExcerptTailer tailer = queue.createTailer();
    tailer.singleThreadedCheckDisabled(true); // every use is synchronized
    return tailer;
  }

  record File(int cycle, Path path) {
    boolean isDamaged() {
      return path.toString().endsWith(DAMAGED);
    }

    boolean isPacked() {
      return PackedFile.is(path);
    }

    /// Whether Chronicle doesn't see it, and nobody writes to it any more.
    boolean isSealed() {
      return isDamaged() || isPacked();
    }
  }

  /// Where a document is.
  record Place(File file, long position) {}

  /// Oldest first. The folder is read again only after it changed; its time of change is coarse.
  List<File> files() {
    try {
      long changedMillis = Files.getLastModifiedTime(folder).toMillis();
      Listing known = listing;
      if (known != null && known.isOf(changedMillis)) {
        return known.files;
      }
      long atMillis = System.currentTimeMillis();
      List<File> files = list();
      listing = new Listing(files, changedMillis, atMillis);
      return files;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private record Listing(List<File> files, long changedMillis, long atMillis) {
    boolean isOf(long nowChangedMillis) {
      return changedMillis == nowChangedMillis && atMillis - changedMillis > COARSE_MILLIS;
    }
  }

  private List<File> list() throws IOException {
    try (Stream<Path> paths = Files.list(folder)) {
      Set<Path> all = paths.collect(Collectors.toSet());
      return all.stream()
          .filter(path -> !all.contains(PackedFile.of(path)))
          .map(path -> path.getFileName().toString())
          .filter(this::isFile)
          .sorted()
          .map(
              name ->
                  new File(
                      names.parseCount(name.substring(0, name.indexOf(SUFFIX))),
                      folder.resolve(name)))
          .toList();
    }
  }

  private boolean isFile(String name) {
    return (name.endsWith(SUFFIX)
            || name.endsWith(SUFFIX + DAMAGED)
            || name.endsWith(SUFFIX + PackedFile.SUFFIX))
        && isTime(name.substring(0, name.indexOf(SUFFIX)), queue.rollCycle());
  }

  /// Whether a file's name, without [#SUFFIX], is one of that cycle's.
  static boolean isTime(String name, RollCycle cycle) {
    try {
      DateTimeFormatter.ofPattern(cycle.format(), Locale.ROOT).parse(name);
      return true;
    } catch (DateTimeException _) {
      return false;
    }
  }

  /// The file of a cycle, whether there is one or not.
  Path path(int cycle) {
    return names.resourceFor(cycle).path.toPath();
  }

  /// Those older than the newest one that holds anything.
  List<File> filesBeforeTheLast() {
    List<File> files = files();
    int last = files.size() - 1;
    while (last > 0 && firstOffset(files.get(last)) < 0) {
      last--;
    }
    return files.subList(0, Math.max(0, last));
  }

  /// In either form.
  synchronized void delete(File file) {
    noteOldestAfter(file);
    remove(file);
  }

  /// Has a file taken out of the log, in whichever form it is now.
  synchronized void giveUp(File file, Consumer<Path> to) {
    noteOldestAfter(file);
    Path packed = PackedFile.of(file.path);
    Path now = Files.exists(packed) ? packed : file.path;
    if (Files.exists(now)) {
      to.accept(now);
    }
    remove(file);
  }

  private void noteOldestAfter(File file) {
    long first = firstAfter(file);
    if (first != Long.MAX_VALUE) {
      oldest.note(first);
    }
  }

  private void remove(File file) {
    try {
      Files.deleteIfExists(PackedFile.of(file.path));
      Files.deleteIfExists(file.path);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    release(file);
  }

  /// Puts what is in a file's place that was written under another name; false when retention
  /// deleted the file meanwhile. Whoever has the old one open can read it to its end.
  synchronized boolean replace(File file, Path packed) throws IOException {
    if (!Files.exists(file.path)) {
      return false;
    }
    Files.move(packed, PackedFile.of(file.path), StandardCopyOption.ATOMIC_MOVE);
    Disk.sync(folder);
    Files.delete(file.path);
    release(file);
    queue.refreshDirectoryListing();
    return true;
  }

  /// The oldest file after that one which holds a document; null when there is none.
  @Nullable File after(int cycle) {
    for (File file : files()) {
      if (file.cycle > cycle && firstOffset(file) >= 0) {
        return file;
      }
    }
    return null;
  }

  /// When the file begins, by its name, that may be appended to: the newest one, or the one after
  /// it where that one is sealed or says that it ends; 0 when there is none.
  long newestFileMillis() {
    List<File> files = files();
    if (files.isEmpty()) {
      return 0;
    }
    File last = files.getLast();
    return (last.cycle + (isEnded(last) ? 1L : 0)) * queue.rollCycle().lengthInMillis()
        + queue.epoch();
  }

  private synchronized boolean isEnded(File file) {
    if (file.isSealed()) {
      return true;
    }
    QueueFile opened = open(file, nearTheEnd(file, LOOKED_AT));
    if (opened == null) {
      return false;
    }
    try (opened) {
      while (opened.next() != null) {}
      return opened.isEnded();
    }
  }

  /// The offset of the oldest datagram; -1 when there is none.
  long first() {
    long first = firstFrom(files(), 0);
    return first == Long.MAX_VALUE ? -1 : first;
  }

  /// The offset of the oldest datagram after a file; the greatest of all when there is none.
  long firstAfter(File file) {
    return firstFrom(files().stream().filter(later -> later.cycle > file.cycle).toList(), 0);
  }

  /// One more than the offset of the newest datagram; 0 when there is none.
  synchronized long end() {
    List<File> files = files();
    for (File file : files.reversed()) {
      if (newest != null && newest.path().equals(file.path)) {
        return followed(newest);
      }
      if (firstOffset(file) >= 0) {
        follow(file);
        return newest == null ? 0 : followed(newest);
      }
    }
    return 0;
  }

  private void follow(File file) {
    closeNewest();
    newest = open(file, nearTheEnd(file, LOOKED_AT));
  }

  private long followed(QueueFile file) {
    boolean more = true;
    while (more) {
      long at = file.position();
      for (ByteBuffer next = file.next(); next != null; next = file.next()) {
        if (DatagramBatch.isSound(next)) {
          end = Math.max(end, DatagramBatch.firstOffset(next) + DatagramBatch.count(next));
        } else {
          file.passOver(at);
        }
        at = file.position();
      }
      // Nobody writes to it any more, so what follows a hole was there before it.
      more = isSealed(file) && !file.isEnded() && file.resync();
    }
    return end;
  }

  /// Says which datagrams are missing before the oldest file.
  ///
  /// @param otherwise where a log without any datagram begins
  void checkOldest(long otherwise) {
    long first = first();
    oldest.check(first < 0 ? otherwise : first);
  }

  /// Says which datagrams are missing between files: of those that there are now, one after the
  /// other, until it is told to stop.
  void checkGaps(BooleanSupplier stopped) {
    File before = null;
    for (File file : files()) {
      long first = stopped.getAsBoolean() ? -1 : firstOffset(file);
      if (first < 0) {
        continue;
      }
      long missing = before == null || before.isDamaged() ? 0 : first - endOf(before);
      if (before != null && missing > 0 && !isGone(before)) {
        LOG.error(
            "{} datagrams are missing between {} and {}: what they were in is gone or can't be"
                + " read",
            missing,
            before.path,
            file.path);
      }
      before = file;
    }
  }

  /// Whether it was deleted, packed or used again since the folder was read.
  private static boolean isGone(File file) {
    return !Files.exists(file.path);
  }

  private synchronized long endOf(File file) {
    long end = 0;
    QueueFile opened = open(file, nearTheEnd(file, 1));
    if (opened == null) {
      return Long.MAX_VALUE;
    }
    try (opened) {
      for (ByteBuffer next = next(opened); next != null; next = next(opened)) {
        if (DatagramBatch.isSound(next)) {
          end = DatagramBatch.firstOffset(next) + DatagramBatch.count(next);
        }
      }
    }
    return end;
  }

  /// Looks at the end of the newest file, before anything is appended to it. If there is damage in
  /// it, the file is renamed so that nothing is, and what is sound in it can still be read.
  synchronized void checkEnd() {
    List<File> files = files();
    for (File file : files.reversed()) {
      if (file.isSealed() || (firstOffset(file) < 0 && !isDamagedAtItsBeginning(file))) {
        continue;
      }
      String damage = damageAtTheEnd(file);
      if (damage != null) {
        LOG.error(
            "{} is damaged: {}; what is sound in it is kept, and the log goes on in a new file",
            file.path,
            damage);
        closeNewest();
        try {
          Files.move(file.path, folder.resolve(file.path.getFileName() + DAMAGED));
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
      return;
    }
  }

  private boolean isDamagedAtItsBeginning(File file) {
    QueueFile opened = open(file, 0);
    if (opened == null) {
      return false;
    }
    try (opened) {
      return opened.next() == null && opened.resync();
    }
  }

  private @Nullable String damageAtTheEnd(File file) {
    QueueFile opened = open(file, nearTheEnd(file, LOOKED_AT));
    if (opened == null) {
      return null;
    }
    try (opened) {
      while (true) {
        long at = opened.position();
        ByteBuffer next = opened.next();
        if (next == null) {
          at = opened.position();
          return opened.resync()
              ? "bytes %d to %d can't be read".formatted(at, opened.position())
              : null;
        }
        if (!DatagramBatch.isSound(next)) {
          return "the document at byte %d can't be read".formatted(at);
        }
      }
    }
  }

  /// When the last datagrams of a file were received; before everything for an empty one.
  synchronized long newestMicros(File file) {
    long[] newestMicros = {Long.MIN_VALUE};
    QueueFile opened = open(file, nearTheEnd(file, 1));
    if (opened == null) {
      return Long.MIN_VALUE;
    }
    try (opened) {
      for (ByteBuffer next = next(opened); next != null; next = next(opened)) {
        try {
          DatagramBatch.read(
              next, d -> newestMicros[0] = Math.max(newestMicros[0], d.receivedAtMicros()));
        } catch (IllegalArgumentException _) {
          // Said by who reads it.
        }
      }
    }
    return newestMicros[0];
  }

  private static @Nullable ByteBuffer next(QueueFile file) {
    ByteBuffer next = file.next();
    return next == null && !file.isEnded() && file.resync() ? file.next() : next;
  }

  /// Where to begin reading for an offset: at the document that holds it or an earlier one of its
  /// file, at the oldest one if that is later; null when there is none at all.
  synchronized @Nullable Place find(long offset) {
    List<File> files = files();
    int at = lastAtOrBefore(0, files.size(), i -> firstFrom(files, (int) i), offset);
    for (File file : files.subList(at, files.size())) {
      if (firstOffset(file) >= 0) {
        return new Place(file, holding(file, offset));
      }
    }
    return null;
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
  private static long firstFrom(List<File> files, int from) {
    for (File file : files.subList(from, files.size())) {
      long first = firstOffset(file);
      if (first >= 0) {
        return first;
      }
    }
    return Long.MAX_VALUE;
  }

  /// Of the first sound document of a file; -1 when it has none.
  private static long firstOffset(File file) {
    QueueFile opened = open(file, 0);
    if (opened == null) {
      return -1;
    }
    try (opened) {
      ByteBuffer next = opened.next();
      while (next != null && !DatagramBatch.isSound(next)) {
        next = opened.next();
      }
      if (next == null && file.isSealed() && !opened.isEnded() && opened.resync()) {
        next = opened.next();
      }
      return next == null ? -1 : DatagramBatch.firstOffset(next);
    }
  }

  private static @Nullable QueueFile open(File file, long position) {
    try {
      return new QueueFile(file.path, position);
    } catch (FileNotFoundException _) {
      // Retention deleted it, or it was packed after the folder was listed.
      return position == 0 && !file.isSealed()
          ? open(new File(file.cycle, PackedFile.of(file.path)), 0)
          : null;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Where the document is that is so many before the last one, as far as Chronicle's index knows;
  /// 0 when it doesn't.
  private long nearTheEnd(File file, int beforeTheLast) {
    if (file.isPacked()) {
      return indexed(file, index -> Math.max(0, index.count() - 1 - beforeTheLast));
    }
    return place(file, count -> Math.max(0, count - beforeTheLast));
  }

  /// Where the document is that holds an offset, or one before it; 0 when Chronicle's index doesn't
  /// know.
  private long holding(File file, long offset) {
    if (file.isDamaged()) {
      return searched(file, offset);
    }
    if (file.isPacked()) {
      return indexed(
          file, index -> lastAtOrBefore(0, (int) index.count(), index::firstOffset, offset));
    }
    return place(
        file,
        count -> lastAtOrBefore(0, Math.toIntExact(count), i -> firstOffset(file, i), offset));
  }

  private interface Entry {
    long of(PackedFile index);
  }

  /// Where a packed file's index says that a document is, if there is one; else 0.
  private static long indexed(File file, Entry entry) {
    try (PackedFile index = new PackedFile(file.path)) {
      long position = index.count() == 0 ? 0 : index.position(entry.of(index));
      return position > 0 && firstOffsetAt(file, position) >= 0 ? position : 0;
    } catch (FileNotFoundException _) {
      return 0; // retention deleted it
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Halves the file, since Chronicle doesn't know it any more.
  private static long searched(File file, long offset) {
    QueueFile opened = open(file, 0);
    if (opened == null) {
      return 0;
    }
    try (opened) {
      long low = 0;
      long high = opened.length();
      while (high - low > SEARCHED_BYTES) {
        long middle = ((low + high) >>> 1) & -Integer.BYTES;
        opened.again(middle);
        ByteBuffer found = opened.resync(high) ? opened.next() : null;
        if (found != null && DatagramBatch.firstOffset(found) <= offset) {
          low = middle;
        } else {
          high = middle;
        }
      }
      opened.again(low);
      return low > 0 && opened.resync() ? opened.position() : 0;
    }
  }

  private interface Choice {
    long of(long count);
  }

  private long place(File file, Choice number) {
    if (file.isDamaged()) {
      return 0;
    }
    try {
      long count = Math.max(0, tailer.excerptsInCycle(file.cycle));
      if (count == 0) {
        return 0;
      }
      long position = position(file, number.of(count));
      return position > 0 && firstOffsetAt(file, position) >= 0 ? position : 0;
    } catch (RuntimeException | Error e) {
      // What a damaged index makes of itself is no reason not to read the file.
      LOG.debug("{}: {}", file.path, e.toString());
      return 0;
    }
  }

  private long firstOffset(File file, long number) {
    long position = position(file, number);
    long first = position > 0 ? firstOffsetAt(file, position) : -1;
    return first < 0 ? Long.MAX_VALUE : first;
  }

  private static long firstOffsetAt(File file, long position) {
    QueueFile opened = open(file, position);
    if (opened == null) {
      return -1;
    }
    try (opened) {
      ByteBuffer next = opened.next();
      return next != null && DatagramBatch.isSound(next) ? DatagramBatch.firstOffset(next) : -1;
    }
  }

  private long position(File file, long number) {
    if (!tailer.moveToIndex(queue.rollCycle().toIndex(file.cycle, number))) {
      return -1;
    }
    try (DocumentContext context = tailer.readingDocument()) {
      return context.isPresent() ? context.wire().bytes().readPosition() - Integer.BYTES : -1;
    }
  }

  private static boolean isSealed(QueueFile file) {
    return file.path().toString().endsWith(DAMAGED) || PackedFile.is(file.path());
  }

  /// Has the disk get its blocks back.
  private void release(File file) {
    if (newest != null && newest.path().equals(file.path)) {
      closeNewest();
    }
    if (tailer.cycle() == file.cycle) {
      tailer.close();
      tailer = tailer(queue);
    }
  }

  private void closeNewest() {
    if (newest != null) {
      newest.close();
      newest = null;
    }
  }

  @Override
  public synchronized void close() {
    closeNewest();
    tailer.close();
  }
}
