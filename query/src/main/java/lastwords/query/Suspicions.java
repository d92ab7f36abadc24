package lastwords.query;

import java.time.Duration;
import java.time.InstantSource;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import lastwords.json.Json;
import lastwords.kernel.Exposure;
import lastwords.kernel.Signature;
import lastwords.kernel.Triage;
import lastwords.store.Ledger;
import lastwords.triage.Triager;
import org.jspecify.annotations.Nullable;

/// What to suspect behind signatures, from what the ledger knows of the fleet now.
///
/// What the whole fleet ran is the same for all of them. It and what was made of each signature are
/// kept for a moment: so many times what they cost, so that asking all the time costs little in any
/// fleet, and a small one is always told the newest. Safe for any number of threads.
final class Suspicions {
  /// Older crashes and host-hours are of another fleet.
  static final Duration EVIDENCE = Duration.ofDays(90);

  /// A healthy kernel may say nothing for days: for so long after its last word a host still counts
  /// as running what it ran.
  static final Duration SILENCE = Duration.ofDays(7);

  private static final long KEPT_TIMES = 20;

  /// In a list, where one word is shown of it.
  private static final long KEPT_TIMES_IN_LISTS = 1_000;

  private static final long MAX_KEPT_NANOS = TimeUnit.MINUTES.toNanos(10);

  /// What a list may cost; those of its signatures that are not reached then have no word.
  private static final long LIST_NANOS = TimeUnit.SECONDS.toNanos(1);

  private static final int MAX_KEPT = 10_000;

  private final Ledger ledger;
  private final InstantSource clock;
  private final ReentrantLock asking = new ReentrantLock();
  private volatile @Nullable Fleet fleet;

  private final Map<String, Judged> judged =
      Collections.synchronizedMap(
          new LinkedHashMap<>() {
            private static final long serialVersionUID = 1;

            @Override
            protected boolean removeEldestEntry(Map.Entry<String, Judged> eldest) {
              return size() > MAX_KEPT;
            }
          });

  Suspicions(Ledger ledger, InstantSource clock) {
    this.ledger = ledger;
    this.clock = clock;
  }

  private record Fleet(Ledger.Watch watch, List<Exposure> exposures, long until) {}

  private record Judged(Triage triage, long at, long cost) {
    boolean isFresh(long times) {
      return System.nanoTime() - at < Math.min(MAX_KEPT_NANOS, times * cost);
    }
  }

  /// The signature with what to suspect behind it.
  Signature with(Signature signature) {
    return signature.with(judge(signature.signature(), KEPT_TIMES));
  }

  /// The signatures with what to suspect behind them, as far as there is time.
  List<Signature> with(List<Signature> signatures) {
    long start = System.nanoTime();
    return signatures.stream()
        .map(
            signature -> {
              String name = signature.signature();
              Judged known = judged.get(name);
              boolean isFresh = known != null && known.isFresh(KEPT_TIMES_IN_LISTS);
              return isFresh || System.nanoTime() - start < LIST_NANOS
                  ? signature.with(judge(name, KEPT_TIMES_IN_LISTS))
                  : signature;
            })
        .toList();
  }

  private Triage judge(String signature, long times) {
    Judged known = judged.get(signature);
    if (known != null && known.isFresh(times)) {
      return known.triage;
    }
    Fleet now = fleet();
    long start = System.nanoTime();
    Triage triage = Triager.triage(now.exposures, ledger.sightings(signature, now.watch));
    long end = System.nanoTime();
    judged.put(signature, new Judged(triage, end, end - start));
    return triage;
  }

  private Fleet fleet() {
    Fleet kept = fleet;
    if (kept != null && kept.until - System.nanoTime() > 0) {
      return kept;
    }
    asking.lock();
    try {
      kept = fleet;
      if (kept != null && kept.until - System.nanoTime() > 0) {
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
