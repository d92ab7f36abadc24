package lastwords.app;

import java.util.function.LongSupplier;
import java.util.function.Supplier;
import lastwords.store.FreeSpace;
import lastwords.store.Index;
import lastwords.store.Ledger;
import lastwords.store.Log;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Deletes what is old, and what is oldest when the disk is nearly full; looks once a second.
///
/// The ledger drops what is beyond its own bound first. What it doesn't occupy yet of that bound is
/// kept free of the log, so that a ledger that grows never displaces files of the log. When the
/// disk is short of room, files of the log go that no reader needs again. When it is nearly full,
/// also those that only indexing hasn't read: what will alarm matters more than what can be
/// searched. When that doesn't help for a while, a day of the index goes, and when the log had to
/// stop for a while, a file that analysis hasn't read. What a reader misses by that it counts.
final class Retention {
  private static final Logger LOG = LoggerFactory.getLogger(Retention.class);

  private static final long BY_AGE_EVERY_MICROS = 60_000_000;

  /// How long the disk is full, or the log stands, before something is deleted for which somebody
  /// may still come.
  private static final long PATIENCE_MICROS = 10_000_000;

  /// While the disk is full, something goes each second.
  private static final long SAY_EVERY_NANOS = 10_000_000_000L;

  private final Config config;
  private final @Nullable Log log;
  private final Supplier<@Nullable Index> written;
  private final Supplier<@Nullable Ledger> ledger;
  private final Ledger.Limits ledgerLimits;
  private final boolean writesLedger;
  private final LongSupplier analyzed;
  private final LongSupplier kept;
  private final FreeSpace disk;
  private long byAgeMicros = Long.MAX_VALUE;
  private long fullSinceMicros = Long.MAX_VALUE;
  private long standingSinceMicros = Long.MAX_VALUE;
  private long saidNanos = System.nanoTime() - SAY_EVERY_NANOS;
  private long deleted;

  /// @param log what this process receives into, if it does
  /// @param written the index that this process writes, if it does and once it is open
  /// @param ledger once it is open
  /// @param writesLedger whether this process writes crashes
  /// @param analyzed every datagram before this one was read by analysis
  /// @param kept no datagram before this one is needed by any reader again
  Retention(
      Config config,
      @Nullable Log log,
      Supplier<@Nullable Index> written,
      Supplier<@Nullable Ledger> ledger,
      boolean writesLedger,
      LongSupplier analyzed,
      LongSupplier kept) {
    this.config = config;
    this.log = log;
    this.written = written;
    this.analyzed = analyzed;
    this.kept = kept;
    this.ledger = ledger;
    this.writesLedger = writesLedger;
    disk = new FreeSpace(config.data());
    ledgerLimits = config.ledgerLimits(disk.totalBytes());
  }

  /// Does all of it, whatever of it fails.
  void run(long nowMicros) {
    try {
      if (nowMicros < byAgeMicros || nowMicros - byAgeMicros >= BY_AGE_EVERY_MICROS) {
        byAgeMicros = nowMicros; // also when it fails: again a minute later
        byAge(nowMicros);
      }
    } finally {
      try {
        if (writesLedger) {
          limitLedger(nowMicros);
        }
      } finally {
        makeRoom(nowMicros);
      }
    }
  }

  private void limitLedger(long nowMicros) {
    Ledger open = ledger.get();
    long dropped = open == null ? 0 : open.retain(ledgerLimits, nowMicros);
    if (dropped > 0) {
      LOG.debug("retention dropped {} rows of the ledger", dropped);
    }
  }

  private void byAge(long nowMicros) {
    if (log != null) {
      long deleted = log.retain(config.keepLog(), config.keepLogBytes(), nowMicros);
      if (deleted > 0) {
        LOG.info("retention deleted the {} oldest datagrams of the log", deleted);
      }
    }
    Index index = written.get();
    if (index != null) {
      int days = index.dropBefore(nowMicros - config.keepIndex().toNanos() / 1_000);
      if (days > 0) {
        LOG.info("retention dropped {} days of the index", days);
      }
    }
  }

  private void makeRoom(long nowMicros) {
    long least = config.keepFreeBytes();
    if (log != null) {
      Ledger open = ledger.get();
      long ofLedger = open == null ? 0 : Math.max(0, ledgerLimits.bytes() - open.bytes());
      delete(log, least + least / 4 + ofLedger, kept.getAsLong());
      delete(log, least + least / 8, analyzed.getAsLong());
      standingSinceMicros =
          log.isFull() ? Math.min(standingSinceMicros, nowMicros) : Long.MAX_VALUE;
    }
    fullSinceMicros =
        disk.bytes() < least + least / 16 ? Math.min(fullSinceMicros, nowMicros) : Long.MAX_VALUE;
    Index index = written.get();
    if (isOver(fullSinceMicros, nowMicros) && index != null && index.dropOldest()) {
      LOG.error("the disk is full: the oldest day of the index was dropped");
    } else if (isOver(standingSinceMicros, nowMicros) && log != null) {
      delete(log, least + least / 8, Long.MAX_VALUE);
    }
  }

  private static boolean isOver(long sinceMicros, long nowMicros) {
    return nowMicros - PATIENCE_MICROS >= sinceMicros;
  }

  private void delete(Log from, long freeBytes, long before) {
    long now = from.makeRoom(freeBytes, before);
    deleted += now;
    if (now > 0 && System.nanoTime() - saidNanos >= SAY_EVERY_NANOS) {
      LOG.error(
          "the disk is nearly full: the {} oldest datagrams of the log were deleted", deleted);
      saidNanos = System.nanoTime();
      deleted = 0;
    }
  }
}
