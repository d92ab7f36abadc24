package lastwords.alert;

import java.util.Optional;
import java.util.function.BooleanSupplier;
import lastwords.json.Json;
import lastwords.kernel.Delivery;
import lastwords.kernel.Delivery.State;
import lastwords.store.Ledger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Brings one target its deliveries, one at a time, oldest first.
///
/// Each target has its own courier on its own thread, so that a dead one holds up nobody else. What
/// came of an attempt is in the ledger before the next one begins; an attempt that [#deliverDue]
/// was called off from leaves its delivery as it was, to be made again under the same id.
final class Courier {
  private static final Logger LOG = LoggerFactory.getLogger(Courier.class);

  /// Deliveries taken from the ledger at a time.
  private static final int BATCH = 10;

  /// Waiting deliveries counted for people to see.
  static final int MAX_COUNTED = 100;

  private final HookSettings hook;
  private final Target target;
  private final Ledger ledger;
  private final Http http;
  private final AlertTime time;
  private final AlertCounters.ToTarget counters;
  private final BooleanSupplier closing;

  private boolean begun;
  private volatile @Nullable Long lastDeliveredAtMicros;
  private volatile @Nullable String lastError;

  Courier(
      HookSettings hook,
      Target target,
      Ledger ledger,
      Http http,
      AlertTime time,
      AlertCounters.ToTarget counters,
      BooleanSupplier closing) {
    this.hook = hook;
    this.target = target;
    this.ledger = ledger;
    this.http = http;
    this.time = time;
    this.counters = counters;
    this.closing = closing;
  }

  String name() {
    return hook.name();
  }

  Target target() {
    return target;
  }

  /// Makes one attempt at each delivery whose time has come. Only the courier's thread calls this.
  void deliverDue() throws InterruptedException {
    if (!begun) {
      // Written before the clock was set back, by this process or one before it.
      ledger.deliveries(name(), State.PENDING, null, BATCH).stream()
          .mapToLong(Delivery::createdAtMicros)
          .forEach(time::notBefore);
      begun = true;
    }
    for (Delivery delivery : ledger.due(name(), time.latestMicros(), BATCH)) {
      if (closing.getAsBoolean()) {
        return;
      }
      String refusal = refusal(delivery);
      if (refusal == null) {
        attempt(delivery);
      } else {
        Delivery outcome = Attempts.refused(delivery, refusal, time.nowMicros());
        ledger.update(outcome);
        tell(outcome);
      }
    }
  }

  private @Nullable String refusal(Delivery delivery) {
    Optional<String> disabled = ledger.disabled(name());
    if (disabled.isPresent()) {
      return "the target is switched off: " + disabled.get();
    }
    return Attempts.isStale(delivery, time.earliestMicros())
        ? "it was due at " + Json.time(delivery.nextAttemptMicros()) + " and nobody sent it"
        : null;
  }

  private void attempt(Delivery delivery) throws InterruptedException {
    counters.attempted().increment();
    Answer answer = http.send(target.request(delivery, time.nowMicros()), time.now());
    if (!answer.isSuccess() && closing.getAsBoolean()) {
      return;
    }
    long nowMicros = time.nowMicros();
    if (Attempts.isGone(answer)) {
      ledger.disable(name(), "it answered 410 Gone at " + Json.time(nowMicros));
      LOG.error("{} answered 410 Gone and is switched off; POST a test to switch it on", hook);
    }
    Delivery outcome = Attempts.after(delivery, answer, nowMicros, time.latestMicros());
    ledger.update(outcome);
    tell(outcome);
  }

  private void tell(Delivery outcome) {
    if (outcome.state() == State.DELIVERED) {
      counters.delivered().increment();
      if (lastError != null) {
        LOG.info("{} takes deliveries again", hook);
      }
      lastDeliveredAtMicros = outcome.deliveredAtMicros();
    } else if (outcome.state() == State.FAILED) {
      counters.failed().increment();
      LOG.error("{}: gave up {}: {}", hook, outcome.id(), outcome.error());
    } else if (lastError == null) {
      LOG.warn("{}: {} will be tried again: {}", hook, outcome.id(), outcome.error());
    }
    lastError = outcome.error();
  }

  Hook view() {
    Optional<String> disabled = ledger.disabled(name());
    return new Hook(
        name(),
        hook.type(),
        hook.shownUrl(),
        disabled.isPresent() ? "disabled" : "enabled",
        disabled.orElse(null),
        ledger.deliveries(name(), State.PENDING, null, MAX_COUNTED).size(),
        counters.delivered().sum(),
        counters.failed().sum(),
        lastDeliveredAtMicros,
        lastError);
  }
}
