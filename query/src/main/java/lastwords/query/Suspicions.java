package lastwords.query;

import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import lastwords.json.Json;
import lastwords.kernel.Exposure;
import lastwords.kernel.Triage;
import lastwords.store.Ledger;
import lastwords.triage.Triager;
import org.jspecify.annotations.Nullable;

/// What to suspect behind signatures, from what the ledger knows of the fleet now.
///
/// What the whole fleet ran is the same for all of them and is kept for a moment: as long as
/// [#KEPT_TIMES] times what it cost to ask, so that asking all the time costs little in any fleet.
final class Suspicions {
  /// Older crashes and host-hours are of another fleet.
  static final Duration EVIDENCE = Duration.ofDays(90);

  /// A healthy kernel may say nothing for days: for so long after its last word a host still counts
  /// as running what it ran.
  static final Duration SILENCE = Duration.ofDays(7);

  private static final long KEPT_TIMES = 20;

  private final Ledger ledger;
  private final InstantSource clock;
  private final ReentrantLock asking = new ReentrantLock();
  private volatile @Nullable Fleet fleet;

  Suspicions(Ledger ledger, InstantSource clock) {
    this.ledger = ledger;
    this.clock = clock;
  }

  private record Fleet(Ledger.Watch watch, List<Exposure> exposures, long untilNanos) {}

  /// What to suspect behind a signature.
  Triage of(String signature) {
    Fleet now = fleet();
    return Triager.triage(now.exposures, ledger.sightings(signature, now.watch));
  }

  private Fleet fleet() {
    Fleet kept = fleet;
    if (kept != null && kept.untilNanos - System.nanoTime() > 0) {
      return kept;
    }
    asking.lock();
    try {
      kept = fleet;
      if (kept != null && kept.untilNanos - System.nanoTime() > 0) {
        return kept;
      }
      long startNanos = System.nanoTime();
      long nowMicros = Json.micros(clock.instant());
      Ledger.Watch watch =
          new Ledger.Watch(
              nowMicros - EVIDENCE.toNanos() / 1_000, nowMicros, SILENCE.toNanos() / 1_000);
      List<Exposure> exposures = ledger.exposures(watch);
      long endNanos = System.nanoTime();
      Fleet asked = new Fleet(watch, exposures, endNanos + KEPT_TIMES * (endNanos - startNanos));
      fleet = asked;
      return asked;
    } finally {
      asking.unlock();
    }
  }
}
