package lastwords.detect;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/// What the reports of each host, and of all hosts together, may keep in memory.
///
/// The second bound is for many hosts in trouble at once, or one sender that forges many. Where a
/// bound is reached, a report is taken from its detector: an open one is completed early and
/// counted, a closed one only forgotten. Of one host it is the report that began first. Of all
/// hosts it is the report that began first among the hosts that hold more than the average, so that
/// who holds much makes room for who holds little. Belongs to the one thread of all detectors that
/// share it.
public final class Budget {
  /// Bytes, estimated, over all hosts: as much as some thousand ordinary reports, and a small part
  /// of the smallest heap a collector is run with.
  static final long MAX_BYTES = 64L << 20;

  /// Bytes, estimated, of one host: reports of 64 CPUs at once, 200 lines each.
  static final long MAX_HOST_BYTES = 4L << 20;

  private final long maxBytes;

  /// In the order in which they began, with the detectors that give them up.
  private final Map<Report, Detector> holders = new LinkedHashMap<>();

  private final Map<Detector, Long> bytesOf = new HashMap<>();
  private long bytes;

  public Budget() {
    this(MAX_BYTES);
  }

  Budget(long maxBytes) {
    this.maxBytes = maxBytes;
  }

  /// A report begins.
  void hold(Report report, Detector by) {
    holders.put(report, by);
    grew(report, report.bytes());
  }

  /// A report that is held grew.
  void grew(Report report, long by) {
    Detector holder = holders.get(report);
    if (holder == null) {
      return;
    }
    add(holder, by);
    while (bytes(holder) > MAX_HOST_BYTES && giveUp(holder)) {
      // Until what is left is below the bound, or one report.
    }
    while (bytes > maxBytes && holders.size() > 1) {
      giveUp(first());
    }
  }

  /// Takes the first report from a detector that holds more than one.
  private boolean giveUp(Detector holder) {
    Report first = null;
    int count = 0;
    for (Map.Entry<Report, Detector> held : holders.entrySet()) {
      if (held.getValue() == holder) {
        first = first == null ? held.getKey() : first;
        count++;
      }
    }
    if (first == null || count == 1) {
      return false;
    }
    giveUp(first);
    return true;
  }

  private void giveUp(Report report) {
    Detector holder = holders.get(report);
    free(report);
    if (holder != null) {
      holder.giveUp(report);
    }
  }

  private Report first() {
    long average = bytes / bytesOf.size();
    for (Map.Entry<Report, Detector> held : holders.entrySet()) {
      if (bytes(held.getValue()) >= average) {
        return held.getKey();
      }
    }
    throw new IllegalStateException("no host holds the average of " + average + " bytes");
  }

  /// A report is no longer needed; does nothing for one that isn't held.
  void free(Report report) {
    Detector holder = holders.remove(report);
    if (holder != null) {
      add(holder, -report.bytes());
    }
  }

  private void add(Detector holder, long by) {
    bytes += by;
    bytesOf.merge(holder, by, (before, more) -> before + more == 0 ? null : before + more);
  }

  long bytes() {
    return bytes;
  }

  /// What the reports of one host take.
  long bytes(Detector holder) {
    return bytesOf.getOrDefault(holder, 0L);
  }
}
