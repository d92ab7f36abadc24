package lastwords.store.embedded;

import java.io.Closeable;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import lastwords.linux.Disk;
import lastwords.linux.Memory;
import lastwords.linux.WritableFile;
import lastwords.store.DatagramBatch;
import lastwords.store.FreeSpace;
import lastwords.store.Log;
import net.openhft.chronicle.bytes.Bytes;
import net.openhft.chronicle.bytes.BytesStore;
import net.openhft.chronicle.core.time.TimeProvider;
import net.openhft.chronicle.queue.ExcerptAppender;
import net.openhft.chronicle.queue.RollCycle;
import net.openhft.chronicle.queue.RollCycles;
import net.openhft.chronicle.queue.impl.single.SingleChronicleQueue;
import net.openhft.chronicle.queue.impl.single.SingleChronicleQueueBuilder;
import net.openhft.chronicle.wire.DocumentContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The log of one machine: a Chronicle Queue in a folder, one document for each [DatagramBatch].
///
/// One process at a time may have it open for appending, which a file lock sees to; any number may
/// have it open for reading. What was appended lies in the kernel's memory and survives the death
/// of the process at any moment; [#sync] writes it through by `fdatasync` of the files, which takes
/// the pages that are mapped with it, so Chronicle itself runs with `SyncMode.NONE`. A file whose
/// sync failed is not trusted again: the next datagrams go into a new file, and the old one counts
/// as not durable until it was copied; see [Syncing].
///
/// Files roll by time that never goes back: after a backward step of the clock, also one across a
/// restart, everything goes into the newest file until the clock has caught up. So a file's name
/// says little about when its datagrams came.
///
/// What Chronicle writes itself it maps, and that would fail on a full disk at a random later line
/// instead of at the write, so [#append] has its disk blocks reserved before it writes. When the
/// disk has none left, it goes on in short files that were set aside, each used again once
/// [#makeRoom] has taken it back; when all are in use it throws with nothing written, and goes on
/// when there is room again.
public final class ChronicleLog implements Log {
  static {
    // Before any class of Chronicle looks: no usage reports.
    System.setProperty("chronicle.analytics.disable", "true");
    // Nor its warning that a full disk might kill the JVM: blocks are reserved here.
    System.setProperty("chronicle.disk.monitor.disable", "true");
  }

  private static final Logger LOG = LoggerFactory.getLogger(ChronicleLog.class);

  /// How long to wait for a file or document to be finished. Only the appending process finishes
  /// any, so what it left half-made when it died need not be waited for.
  private static final int HALF_MADE_MILLIS = 500;

  /// Between two attempts to copy a file whose sync failed: on a disk that fails it is in vain.
  private static final long REWRITE_EVERY_NANOS = 10_000_000_000L;

  /// Between two new files that begin because the sync of the one before failed: while the disk
  /// fails, each of them does. The pause doubles from one to the next.
  private static final long NEW_FILE_EVERY_NANOS = 5_000_000_000L;

  private static final long LONGEST_NEW_FILE_NANOS = 60_000_000_000L;

  private static final String METADATA = "metadata.cq4t";

  private final Path folder;
  private final SingleChronicleQueue queue;
  private final Documents documents;
  private final @Nullable FileChannel lock;
  private final FreeSpace disk;
  private final SpareFiles spares;
  private final Reservation reservation;
  private final Packer packer;
  private final Clock clock;
  private final Options options;
  private @Nullable ExcerptAppender appender;
  private @Nullable BytesStore<?, ?> advised;
  private @Nullable File written;
  private @Nullable WritableFile writtenAs;
  private boolean unsure;
  private volatile boolean full;
  private volatile long end;
  private volatile long leastOffset;
  private final Object syncing = new Object();
  private final Syncing syncs;
  private final ExecutorService syncer =
      Executors.newSingleThreadExecutor(Thread.ofPlatform().daemon().name("log sync").factory());
  private volatile long syncedEnd;

  /// The newest cycle whose file isn't trusted any more.
  private volatile int distrustedCycle = Integer.MIN_VALUE;

  private long rewriteNanos = System.nanoTime() - REWRITE_EVERY_NANOS;
  private long newFileNanos = System.nanoTime() - NEW_FILE_EVERY_NANOS;
  private long newFilePause = NEW_FILE_EVERY_NANOS;

  /// The sync that [#awaitSynced] began last; guarded by [#syncer].
  private Future<?> underWay = CompletableFuture.completedFuture(null);

  private long underWayNanos;

  /// Looks at the files that there were at the start, which receiving doesn't wait for.
  private final Thread check;

  private volatile boolean closing;

  private ChronicleLog(
      Path folder,
      SingleChronicleQueue queue,
      @Nullable FileChannel lock,
      Clock clock,
      Options options,
      FileSync sync) {
    this.folder = folder;
    syncs = new Syncing(folder, sync);
    this.queue = queue;
    this.lock = lock;
    this.clock = clock;
    this.options = options;
    disk = new FreeSpace(folder);
    spares = new SpareFiles(folder, disk);
    reservation = new Reservation(disk, spares, options.leastFreeBytes);
    documents = new Documents(folder, queue);
    packer = new Packer(documents, disk, options.leastFreeBytes);
    end = endOnDisk();
    check = Thread.ofPlatform().name("log check").daemon().unstarted(this::checkGaps);
  }

  private void checkGaps() {
    try {
      documents.checkGaps(() -> closing);
    } catch (RuntimeException e) {
      LOG.error("{}: its files can't be looked at for what is missing", folder, e);
    }
  }

  /// How long one file is written to, which is also the least that retention deletes.
  public enum Roll {
    HOURLY,
    DAILY;

    private RollCycle cycle() {
      return switch (this) {
        case HOURLY -> RollCycles.FAST_HOURLY;
        case DAILY -> RollCycles.FAST_DAILY;
      };
    }
  }

  /// @param roll for a new log; one that exists keeps its own
  /// @param clockMillis the time now, milliseconds since 1970; may step as it likes
  /// @param firstOffset no datagram appended gets a smaller offset, so that a log that lost its
  ///   end, or was deleted, under a living ledger doesn't use offsets again
  /// @param leastFreeBytes of the disk: where less would be left, the log doesn't grow
  /// @param fileBytes about how large a file may become before the next one begins, however early,
  ///   so that there is always an oldest one to delete
  public record Options(
      Roll roll, LongSupplier clockMillis, long firstOffset, long leastFreeBytes, long fileBytes) {
    public static final Options DEFAULT = new Options(Roll.HOURLY, System::currentTimeMillis, 0);

    public Options {
      if (firstOffset < 0) {
        throw new IllegalArgumentException("the first offset is " + firstOffset + ", below 0");
      }
    }

    public Options(Roll roll, LongSupplier clockMillis, long firstOffset) {
      this(roll, clockMillis, firstOffset, 0, Long.MAX_VALUE);
    }

    public Options withDisk(long leastFree, long file) {
      return new Options(roll, clockMillis, firstOffset, leastFree, file);
    }
  }

  /// Opens the log for appending and makes it when there is none.
  ///
  /// @throws UncheckedIOException when the folder can't be written, a new log's disk is full, or
  ///   another process has it open for appending
  public static ChronicleLog open(Path folder, Options options) {
    return open(folder, options, FileSync.REAL);
  }

  static ChronicleLog open(Path folder, Options options, FileSync sync) {
    FileChannel lock = lock(folder);
    try {
      Packer.clean(folder);
      LogRepair repair = new LogRepair(folder);
      repair.setAside();
      Path metadata = folder.resolve(METADATA);
      if (!Files.exists(metadata)) {
        new FreeSpace(folder).require(Reservation.STEP_BYTES);
      }
      Clock clock = new Clock(options.clockMillis);
      SingleChronicleQueue queue =
          repair.open(
              metadata,
              () ->
                  SingleChronicleQueueBuilder.binary(folder)
                      .rollCycle(options.roll.cycle())
                      .timeProvider(clock)
                      .timeoutMS(HALF_MADE_MILLIS)
                      .build());
      if (!queue.rollCycle().equals(options.roll.cycle())) {
        LOG.warn("{} was made with files per {}, and keeps it", folder, queue.rollCycle());
      }
      // It is mapped, and written to by each roll.
      Disk.reserve(metadata, 0, Files.size(metadata));
      ChronicleLog log = new ChronicleLog(folder, queue, lock, clock, options, sync);
      log.documents.checkEnd();
      log.documents.checkOldest(options.firstOffset);
      log.end = log.endOnDisk();
      clock.notBefore(log.documents.newestFileMillis());
      log.check.start();
      return log;
    } catch (IOException | RuntimeException e) {
      closeQuietly(lock);
      throw failed(folder, "can't be opened as a log", e);
    }
  }

  /// Opens a log that exists for reading only, also while another process appends to it.
  ///
  /// @throws UncheckedIOException when there is none or it can't be read
  public static ChronicleLog openReadOnly(Path folder) {
    if (!Files.exists(folder.resolve(METADATA))) {
      throw new UncheckedIOException(new IOException(folder + ": there is no log here"));
    }
    try {
      SingleChronicleQueue queue =
          SingleChronicleQueueBuilder.binary(folder)
              .rollCycle(Roll.HOURLY.cycle()) // the usual one; the log's own overrides it
              .readOnly(true)
              .timeoutMS(HALF_MADE_MILLIS)
              .build();
      return new ChronicleLog(
          folder,
          queue,
          null,
          new Clock(System::currentTimeMillis),
          Options.DEFAULT,
          FileSync.REAL);
    } catch (RuntimeException e) {
      throw failed(folder, "can't be opened as a log", e);
    }
  }

  private static FileChannel lock(Path folder) {
    try {
      Files.createDirectories(folder);
      FileChannel channel =
          FileChannel.open(
              folder.resolve("append.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      if (tryLock(channel) == null) {
        channel.close();
        throw new IOException(folder + ": another process has this log open for appending");
      }
      return channel;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException e) {
      return null; // this very process
    }
  }

  @Override
  public void append(DatagramBatch batch) {
    if (lock == null) {
      throw new IllegalStateException(folder + " is open for reading only");
    }
    clock.look();
    ExcerptAppender to = ready();
    if (batch.isEmpty()) {
      return;
    }
    long offset = Math.max(end, leastOffset);
    try {
      ByteBuffer document = batch.document(offset);
      try (DocumentContext context = to.writingDocument()) {
        var bytes = context.wire().bytes();
        withoutReadAhead(bytes);
        long at = bytes.writePosition();
        // First, so that the document has its length if it can't be written, and is only damaged.
        bytes.writeSkip(document.remaining());
        reservation.usedUpTo(bytes.writePosition());
        writable(to.currentFile()).write(document, at);
      }
      end = offset + batch.count();
    } catch (IOException | RuntimeException | Error e) {
      unsure = true;
      closeAppender();
      if (!isThere(offset + batch.count())) {
        throw failed(folder, "can't be appended to", e);
      }
      LOG.warn("{}: what was appended is there, although {}", folder, e.toString());
    }
    batch.clear();
  }

  /// The appender, with room for what it will write next.
  private ExcerptAppender ready() {
    try {
      ExcerptAppender appender = appender();
      makeRoomForNext();
      full = false;
      return appender;
    } catch (UncheckedIOException e) {
      full = true;
      throw e;
    } catch (RuntimeException | Error e) {
      unsure = true;
      closeAppender();
      throw failed(folder, "can't be appended to", e);
    }
  }

  /// Begins a new file where the present one is long enough, or the disk has no more for it.
  private void makeRoomForNext() {
    if (queue.cycle() <= distrustedCycle) {
      clock.notBefore((distrustedCycle + 1L) * queue.rollCycle().lengthInMillis());
    }
    int cycle = queue.cycle();
    Path file = documents.path(cycle);
    if (reservation.used(file) <= options.fileBytes && reservation.reserve(file)) {
      return;
    }
    clock.notBefore((cycle + 1L) * queue.rollCycle().lengthInMillis());
    if (!reservation.reserve(documents.path(cycle + 1))) {
      throw failed(folder, "can't be appended to", new IOException("no space left"));
    }
  }

  /// Whether a document that failed to be written was written all the same.
  private boolean isThere(long endThen) {
    try {
      appender();
      return end == endThen;
    } catch (RuntimeException | Error e) {
      LOG.debug("{}: {}", folder, e.toString());
      return false;
    }
  }

  /// The file that is being appended to. Content is written by `pwrite` and only what frames it by
  /// Chronicle through its mapping, both into the same pages of the kernel's: a mapping costs a
  /// page fault for each 4 KiB, which was a quarter of what a datagram costs.
  private WritableFile writable(File file) throws IOException {
    WritableFile writable = writtenAs;
    if (writable == null || !file.equals(written)) {
      closeQuietly(writable);
      writable = new WritableFile(file.toPath());
      writtenAs = writable;
      written = file;
    }
    return writable;
  }

  /// Reading ahead of an append brings in pages by the megabyte, all zeros, from memory that no
  /// cache knows any more: it was a third of what a datagram costs.
  @SuppressWarnings("ReferenceEquality") // another mapping is another object
  private void withoutReadAhead(Bytes<?> to) {
    BytesStore<?, ?> mapped = to.bytesStore();
    if (mapped != advised) {
      advised = mapped;
      long address = to.addressForWrite(to.writePosition());
      Memory.withoutReadAhead(
          address, mapped.realCapacity() - (to.writePosition() - mapped.start()));
    }
  }

  /// Made by the thread that appends, and made anew after a failure.
  private ExcerptAppender appender() {
    ExcerptAppender appender = this.appender;
    if (appender == null) {
      if (unsure) {
        documents.checkEnd();
        clock.notBefore(documents.newestFileMillis());
        unsure = false;
      }
      end = endOnDisk();
      appender = queue.createAppender();
      this.appender = appender;
    }
    return appender;
  }

  private void closeAppender() {
    if (appender != null) {
      appender.close();
      appender = null;
    }
    closeQuietly(writtenAs);
    writtenAs = null;
  }

  @Override
  public long first() {
    long first = documents.first();
    return first < 0 ? options.firstOffset : first;
  }

  @Override
  public long end() {
    return lock == null ? endOnDisk() : end;
  }

  private long endOnDisk() {
    return Math.max(options.firstOffset, documents.end());
  }

  /// Whether a folder has a file of a log with anything in it.
  ///
  /// @throws UncheckedIOException when it can't be read
  public static boolean holdsAny(Path folder) {
    if (!Files.exists(folder)) {
      return false;
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files.anyMatch(file -> file.getFileName().toString().contains(Documents.SUFFIX));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public synchronized void skipTo(long offset) {
    if (offset > Math.max(end(), leastOffset)) {
      LOG.error(
          "{}: datagrams up to offset {} were lost: the ledger knows them, and the log ends at {};"
              + " the next one gets {}",
          folder,
          offset,
          end(),
          offset);
      leastOffset = offset;
    }
  }

  @Override
  public void sync(long before) {
    synchronized (syncing) {
      if (before <= syncedEnd) {
        return;
      }
      long upTo = end();
      List<Documents.File> files = documents.files();
      rewriteDistrusted();
      try {
        syncs.sync(files);
        syncedEnd = upTo;
        newFilePause = NEW_FILE_EVERY_NANOS;
      } catch (IOException e) {
        beginNewFile();
        throw failed(folder, "can't be written through to its disk", e);
      }
    }
  }

  /// Has the next datagrams go into another file than those whose sync failed, unless that was so a
  /// moment ago; then they count as not durable meanwhile.
  private void beginNewFile() {
    int newest = distrustedCycle;
    for (Documents.File file : syncs.distrusted()) {
      newest = Math.max(newest, file.cycle());
    }
    if (newest > distrustedCycle && System.nanoTime() - newFileNanos >= newFilePause) {
      boolean again = distrustedCycle != Integer.MIN_VALUE;
      newFilePause = again ? Math.min(2 * newFilePause, LONGEST_NEW_FILE_NANOS) : newFilePause;
      newFileNanos = System.nanoTime();
      distrustedCycle = newest;
    }
  }

  /// Copies files whose sync failed, once nothing is appended to them any more.
  private void rewriteDistrusted() {
    List<Documents.File> distrusted = syncs.distrusted();
    if (lock == null
        || distrusted.isEmpty()
        || System.nanoTime() - rewriteNanos < REWRITE_EVERY_NANOS) {
      return;
    }
    for (Documents.File file : distrusted) {
      // Its appender moves the clock on before it writes to a newer file, and never back.
      if (queue.cycle() > file.cycle()) {
        rewriteNanos = System.nanoTime();
        if (packer.rewrite(file)) {
          LOG.warn("{}: recovered: it was copied into a new file, which is synced", file.path());
        }
      }
    }
  }

  @Override
  public boolean awaitSynced(long before, Duration most) {
    if (before <= syncedEnd) {
      return true;
    }
    Future<?> waitFor;
    long left;
    synchronized (syncer) {
      if (underWay.isDone()) {
        underWay = syncer.submit(() -> sync(before));
        underWayNanos = System.nanoTime();
      }
      waitFor = underWay;
      // Who waited in vain for one that still hangs doesn't wait as long again.
      left = most.toNanos() - (System.nanoTime() - underWayNanos);
    }
    try {
      waitFor.get(Math.max(0, left), TimeUnit.NANOSECONDS);
    } catch (ExecutionException | TimeoutException e) {
      LOG.debug("{}: {}", folder, e.toString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return before <= syncedEnd;
  }

  @Override
  public long syncFailures() {
    return syncs.failures();
  }

  @Override
  public boolean isLeavingFile() {
    return distrustedCycle != Integer.MIN_VALUE && queue.cycle() <= distrustedCycle;
  }

  @Override
  public long syncedEnd() {
    return syncedEnd;
  }

  @Override
  public Cursor read(long offset) {
    return new ChronicleCursor(
        folder,
        documents,
        offset,
        this::first,
        lock == null ? () -> ChronicleCursor.UNKNOWN : this::end);
  }

  @Override
  public long allocatedBytes() {
    return documents.files().stream().mapToLong(file -> Disk.allocatedBytes(file.path())).sum();
  }

  /// Ages go by the time the datagrams were received, files by their order: whatever comes before a
  /// file that is old enough is old enough too, even if a wrong clock dated it into the future.
  @Override
  public long retain(Duration age, long bytes, long nowMicros) {
    long before = first();
    List<Documents.File> files = documents.filesBeforeTheLast();
    int delete = 0;
    for (int i = 0; i < files.size(); i++) {
      long newest = documents.newestMicros(files.get(i));
      if (newest < nowMicros - age.toMillis() * 1_000) {
        delete = i + 1;
      } else if (newest <= nowMicros) {
        break;
      }
    }
    long allocated = allocatedBytes();
    for (int i = 0; i < files.size() && (i < delete || allocated > bytes); i++) {
      allocated -= Disk.allocatedBytes(files.get(i).path());
      documents.delete(files.get(i));
    }
    queue.refreshDirectoryListing();
    return first() - before;
  }

  @Override
  public long makeRoom(long freeBytes, long before) {
    long first = first();
    spares.fill(options.leastFreeBytes);
    for (Documents.File file : documents.filesBeforeTheLast()) {
      boolean enough = disk.bytes() >= freeBytes && !spares.areMissing();
      if (enough || documents.firstAfter(file) > before) {
        break;
      }
      documents.giveUp(file, spares::take);
    }
    queue.refreshDirectoryListing();
    return first() - first;
  }

  @Override
  public boolean compress() {
    if (lock == null) {
      throw new IllegalStateException(folder + " is open for reading only");
    }
    return packer.packOne();
  }

  @Override
  public Compression compression() {
    return packer.done();
  }

  @Override
  public boolean isFull() {
    return full;
  }

  /// Once nobody uses it any more, and all cursors are closed.
  @Override
  public void close() {
    closing = true;
    syncer.shutdown();
    joinCheck();
    packer.close();
    closeAppender();
    documents.close();
    queue.close();
    closeQuietly(lock);
  }

  private void joinCheck() {
    boolean interrupted = false;
    while (check.isAlive()) {
      try {
        check.join();
      } catch (InterruptedException e) {
        interrupted = true; // it stops behind the file it looks at
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private static void closeQuietly(@Nullable Closeable file) {
    try {
      if (file != null) {
        file.close();
      }
    } catch (IOException e) {
      LOG.warn("can't close a file: {}", e.toString());
    }
  }

  static UncheckedIOException failed(Path folder, String what, Throwable why) {
    return new UncheckedIOException(
        new IOException(folder + " " + what + ": " + why.getMessage(), why));
  }

  /// Time that never goes back, which Chronicle can't do without: it refuses to append to any file
  /// but the newest.
  private static final class Clock implements TimeProvider {
    private final LongSupplier millis;
    private final AtomicLong latest = new AtomicLong();

    /// Until the next look it stands still, so that Chronicle goes on in the file that is ready.
    void look() {
      notBefore(millis.getAsLong());
    }

    Clock(LongSupplier millis) {
      this.millis = millis;
      look();
    }

    void notBefore(long millis) {
      latest.accumulateAndGet(millis, Math::max);
    }

    @Override
    public long currentTimeMillis() {
      return latest.get();
    }
  }
}
