package lastwords.api;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/// The status, also while asking for it fails: then it is the last one that was returned, with the
/// failure as a reason of its [Status#notReady].
///
/// Safe for any number of threads.
final class LastStatus implements Supplier<Status> {
  private final Supplier<Status> status;
  private final ScrapedMeters meters;
  private volatile Status last =
      new Status(
          0,
          0,
          0,
          0,
          0,
          0,
          0,
          0,
          0,
          0,
          0,
          0,
          0,
          Map.of(),
          List.of(),
          List.of(),
          new Status.Disk(0, null, null, null),
          new Status.Outbox(0, 0, 0),
          null,
          new Status.Configuration(0, 0, 0, null, List.of()),
          List.of());

  /// @param meters counts the failures
  LastStatus(Supplier<Status> status, ScrapedMeters meters) {
    this.status = status;
    this.meters = meters;
  }

  /// Throws nothing.
  @Override
  public Status get() {
    try {
      last = status.get();
      return last;
    } catch (RuntimeException e) {
      meters.failed("status", e);
      List<String> reasons = new ArrayList<>(last.notReady());
      reasons.add("the status can't be determined, its last values are shown; the log says why");
      return last.withNotReady(reasons);
    }
  }
}
