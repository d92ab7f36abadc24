package lastwords.detect;

import java.util.LinkedHashMap;
import java.util.Map;

/// What the reports of all hosts together may keep in memory.
///
/// Each host's own limits hold besides; this one is for many hosts in trouble at once, or one
/// sender that spoofs many. Where it is reached, the report that began first is taken from its
/// detector: an open one is completed early and counted, a closed one only forgotten. Belongs to
/// the one thread of all detectors that share it.
public final class Budget {
  /// Bytes, estimated, over all hosts: as much as some thousand ordinary reports, and a small part
  /// of the smallest heap a collector is run with.
  static final long MAX_BYTES = 64L << 20;

  private final long maxBytes;

  /// In the order in which they began, with whom to ask to give them up.
  private final Map<Report, Detector> holders = new LinkedHashMap<>();

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
    if (!holders.containsKey(report)) {
      return;
    }
    bytes += by;
    while (bytes > maxBytes && holders.size() > 1) {
      Map.Entry<Report, Detector> oldest = holders.entrySet().iterator().next();
      Report first = oldest.getKey();
      Detector holder = oldest.getValue();
      free(first);
      holder.giveUp(first);
    }
  }

  /// A report is no longer needed; does nothing for one that isn't held.
  void free(Report report) {
    if (holders.remove(report) != null) {
      bytes -= report.bytes();
    }
  }

  long bytes() {
    return bytes;
  }
}
