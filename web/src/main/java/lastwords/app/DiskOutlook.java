package lastwords.app;

import java.time.Duration;
import lastwords.api.Status;
import lastwords.kernel.Datagram;
import lastwords.store.Log;

/// How fast log and index grow, as seen over the last [#WINDOW], and when there will be no room.
///
/// What a datagram costs is what those kept cost on average.
///
/// @param logBytesPerSecond,indexBytesPerSecond NaN while the log is younger than [#LEAST_WINDOW]
record DiskOutlook(double logBytesPerSecond, double indexBytesPerSecond) {
  static final DiskOutlook UNKNOWN = new DiskOutlook(Double.NaN, Double.NaN);

  private static final Duration WINDOW = Duration.ofHours(24);

  /// Less than this says nothing of a day.
  private static final Duration LEAST_WINDOW = Duration.ofMinutes(10);

  private static final double SECONDS_PER_DAY = WINDOW.toSeconds();

  /// Looks into the log at some 40 places.
  static DiskOutlook of(Log log, long indexBytes, long nowMicros) {
    long first = log.first();
    long end = log.end();
    long since = nowMicros - WINDOW.toNanos() / 1_000;
    long low = first;
    long high = end;
    while (low < high) {
      long middle = (low + high) >>> 1;
      if (receivedMicros(log, middle, nowMicros) < since) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    long from = low > first ? since : receivedMicros(log, first, nowMicros);
    double seconds = (nowMicros - from) / 1e6;
    if (seconds < LEAST_WINDOW.toSeconds()) {
      return UNKNOWN;
    }
    double datagramsPerSecond = (double) (end - low) / seconds;
    double kept = (double) Math.max(1, end - first);
    return new DiskOutlook(
        datagramsPerSecond * ((double) log.allocatedBytes() / kept),
        datagramsPerSecond * ((double) indexBytes / kept));
  }

  private static long receivedMicros(Log log, long offset, long otherwise) {
    try (Log.Cursor cursor = log.read(offset)) {
      Datagram datagram = cursor.next();
      return datagram == null ? otherwise : datagram.receivedAtMicros();
    }
  }

  /// What comes first: the disk full; or the log at its limit, from which on it grows no more; or
  /// neither, since the log deletes by age as much as comes.
  Status.Disk status(long freeBytes, long logBytes, Duration keepLog, long keepLogBytes) {
    double both = logBytesPerSecond + indexBytesPerSecond;
    if (Double.isNaN(both)) {
      return new Status.Disk(freeBytes, null, null, null);
    }
    double perDay = both * SECONDS_PER_DAY;
    double byAge = logBytesPerSecond * keepLog.toSeconds();
    double ceiling = Math.min(byAge, (double) keepLogBytes);
    double toCeiling =
        logBytes >= ceiling ? 0 : (ceiling - logBytes) / Math.max(logBytesPerSecond, 1e-9);
    double toFull = both <= 0 ? Double.POSITIVE_INFINITY : (double) freeBytes / both;
    if (toFull <= toCeiling) {
      return new Status.Disk(freeBytes, perDay, toFull, null);
    }
    return new Status.Disk(freeBytes, perDay, null, byAge > keepLogBytes ? toCeiling : null);
  }
}
