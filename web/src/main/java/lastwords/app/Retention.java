package lastwords.app;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.util.function.LongSupplier;
import lastwords.store.Index;
import lastwords.store.Log;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Deletes what is old, and what is oldest when the disk is nearly full; looks once a second.
///
/// When the disk is short of room, files of the log go that no reader needs again. When it is
/// nearly full, also those that only indexing hasn't read. When the log had to stop for a while,
/// what is oldest goes: a day of the index, else a file that analysis hasn't read. What a reader
/// misses by that it counts.
final class Retention {
  private static final Logger LOG = LoggerFactory.getLogger(Retention.class);

  private static final long BY_AGE_EVERY_MICROS = 60_000_000;

  /// How long the log stands, for analysis to catch up, before something unread is deleted.
  private static final long PATIENCE_MICROS = 10_000_000;

  private final Config config;
  private final @Nullable Log log;
  private final @Nullable Index index;
  private final LongSupplier analyzed;
  private final LongSupplier kept;
  private final FileStore disk;
  private long byAgeMicros = Long.MIN_VALUE;
  private long fullSinceMicros = Long.MAX_VALUE;

  /// @param log what this process receives into, if it does
  /// @param index what this process writes, if it does
  /// @param analyzed every datagram before this one was read by analysis
  /// @param kept no datagram before this one is needed by any reader again
  Retention(
      Config config,
      @Nullable Log log,
      @Nullable Index index,
      LongSupplier analyzed,
      LongSupplier kept) {
    this.config = config;
    this.log = log;
    this.index = index;
    this.analyzed = analyzed;
    this.kept = kept;
    try {
      disk = Files.getFileStore(config.data());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  void run(long nowMicros) {
    if (nowMicros < byAgeMicros || nowMicros - byAgeMicros >= BY_AGE_EVERY_MICROS) {
      byAge(nowMicros);
      byAgeMicros = nowMicros;
    }
    makeRoom(nowMicros);
  }

  private void byAge(long nowMicros) {
    if (log != null) {
      long deleted = log.retain(config.keepLog(), config.keepLogBytes(), nowMicros);
      if (deleted > 0) {
        LOG.info("retention deleted the {} oldest datagrams of the log", deleted);
      }
    }
    if (index != null) {
      int days = index.dropBefore(nowMicros - config.keepIndex().toNanos() / 1_000);
      if (days > 0) {
        LOG.info("retention dropped {} days of the index", days);
      }
    }
  }

  private void makeRoom(long nowMicros) {
    long least = config.keepFreeBytes();
    if (log != null && free() < least + least / 4) {
      delete(log, least + least / 4, kept.getAsLong());
      delete(log, least + least / 8, analyzed.getAsLong());
    }
    if (free() >= least + least / 16) {
      fullSinceMicros = Long.MAX_VALUE;
      return;
    }
    fullSinceMicros = Math.min(fullSinceMicros, nowMicros);
    if (nowMicros - fullSinceMicros < PATIENCE_MICROS) {
      return;
    }
    if (index != null && index.dropOldest()) {
      LOG.warn("the disk is full: the oldest day of the index was dropped");
    } else if (log != null) {
      delete(log, least + least / 8, Long.MAX_VALUE);
    }
  }

  private void delete(Log from, long freeBytes, long before) {
    long deleted = from.makeRoom(freeBytes, before);
    if (deleted > 0) {
      LOG.warn("the disk is nearly full: the {} oldest datagrams of the log were deleted", deleted);
    }
  }

  private long free() {
    try {
      return disk.getUsableSpace();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
