package lastwords.alert;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import lastwords.json.Json;
import lastwords.kernel.Delivery;
import lastwords.kernel.Delivery.State;
import lastwords.store.Ledger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Delivers to one target: most severe first, several requests at once, in order for each alarm.
///
/// Each target has its own courier on its own platform thread, so that neither a target that is
/// down nor a search delays another one. Only this thread writes what became of a delivery. What
/// came of an attempt is in the ledger before the alarm's next delivery is sent; an attempt that
/// was called off by closing leaves its delivery as it was, to be made again under the same id.
///
/// Requests at once begin at one, double with each success up to [#MAX_AT_ONCE], and halve with
/// each failure: a target that is down costs one request at a time.
final class Courier {
  private static final Logger LOG = LoggerFactory.getLogger(Courier.class);

  /// Requests to one target under way at a time. A target that takes 100 ms for each gets 160 a
  /// second, a target that takes one second gets a minute's 1,000 alarms nearly in that minute; a
  /// receiver of the usual kind has some dozen threads.
  static final int MAX_AT_ONCE = 16;

  /// How long a disabled target is left alone before one delivery is tried.
  static final Duration TRIAL_AFTER = Duration.ofDays(1);

  /// Deliveries read beyond those that fit: a target that is disabled refuses them all.
  private static final int BATCH = 50;

  /// Between two looks for due deliveries while requests are under way.
  private static final Duration LOOK_AGAIN = Duration.ofMillis(50);

  private final HookSettings hook;
  private final Target target;
  private final Ledger ledger;
  private final Http http;
  private final AlertTime time;
  private final AlertCounters.ToTarget counters;
  private final BooleanSupplier closing;

  private final BlockingQueue<Attempt> answered = new LinkedBlockingQueue<>();
  private final Set<String> underWay = new HashSet<>();
  private int requests;
  private int atOnce = 1;
  private boolean begun;
  private volatile @Nullable Long lastDeliveredAtMicros;
  private volatile @Nullable String lastError;

  /// One request that was answered.
  private record Attempt(List<Delivery> deliveries, Answer answer) {}

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

  HookSettings hook() {
    return hook;
  }

  Target target() {
    return target;
  }

  /// Makes one attempt at each delivery whose time has come, and returns when all are answered and
  /// none is due. Only the courier's thread calls this.
  void deliverDue() throws InterruptedException {
    begin();
    while (true) {
      boolean closed = closing.getAsBoolean();
      boolean more = !closed && requests < atOnce && sendDue(atOnce - requests);
      if (requests == 0 && !more) {
        return;
      }
      if (requests == 0) {
        continue; // all were refused
      }
      Attempt first = answered.poll(LOOK_AGAIN.toMillis(), TimeUnit.MILLISECONDS);
      if (first != null) {
        List<Attempt> attempts = new ArrayList<>(List.of(first));
        answered.drainTo(attempts);
        settle(attempts);
      }
    }
  }

  /// Makes the ledger fit for this hook as it is configured; once, before anything is sent. Any
  /// thread.
  synchronized void begin() {
    if (begun) {
      return;
    }
    // Written before the clock was set back, by this process or one before it.
    ledger.deliveries(name(), State.PENDING, null, MAX_AT_ONCE).stream()
        .mapToLong(Delivery::createdAtMicros)
        .forEach(time::notBefore);
    if (ledger.configured(name(), hook.fingerprint())) {
      LOG.warn("{} is enabled again, since its configuration changed", hook);
    }
    begun = true;
  }

  /// Sends what is due, in at most that many requests; false when nothing is.
  private boolean sendDue(int most) {
    List<Delivery> due =
        new ArrayList<>(
            ledger.due(
                name(), time.latestMicros(), BATCH + most * target.atOnce() + underWay.size()));
    due.removeIf(delivery -> underWay.contains(delivery.id()));
    if (due.isEmpty()) {
      return false;
    }
    Optional<Ledger.Disabled> disabled = ledger.disabled(name());
    boolean trial = disabled.isPresent() && isTrialDue(disabled.get());
    List<Delivery> refused = new ArrayList<>();
    List<Delivery> send = new ArrayList<>();
    for (Delivery delivery : due) {
      String refusal = refusal(delivery, trial && send.isEmpty() ? null : disabled.orElse(null));
      if (refusal == null) {
        send.add(delivery);
      } else {
        refused.add(Attempts.refused(delivery, refusal, time.nowMicros()));
      }
    }
    if (!refused.isEmpty()) {
      ledger.update(refused);
      refused.forEach(this::report);
    }
    int sent = 0;
    for (int from = 0; from < send.size() && sent < most; sent++) {
      int to = from + 1;
      while (to < send.size() && to - from < target.atOnce() && together(send, from, to)) {
        to++;
      }
      send(List.copyOf(send.subList(from, to)));
      from = to;
    }
    return true;
  }

  /// What a target rejected is tried again alone: one bad alert would cost its whole request.
  private static boolean together(List<Delivery> send, int first, int next) {
    return !wasRejected(send.get(first)) && !wasRejected(send.get(next));
  }

  private static boolean wasRejected(Delivery delivery) {
    Integer status = delivery.status();
    return delivery.attempts() > 0 && status != null && status >= 400 && status < 500;
  }

  private boolean isTrialDue(Ledger.Disabled disabled) {
    return requests == 0
        && time.latestMicros() - disabled.sinceMicros()
            >= TimeUnit.MICROSECONDS.convert(TRIAL_AFTER);
  }

  private @Nullable String refusal(Delivery delivery, Ledger.@Nullable Disabled disabled) {
    if (disabled != null) {
      return "the target is switched off: " + disabled.reason();
    }
    if (!target.takes(delivery.payload())) {
      return "it was made before the hook's type was changed";
    }
    return Attempts.isStale(delivery, time.earliestMicros())
        ? "it was due at " + Json.time(delivery.nextAttemptMicros()) + " and nobody sent it"
        : null;
  }

  private void send(List<Delivery> deliveries) {
    deliveries.forEach(delivery -> underWay.add(delivery.id()));
    requests++;
    counters.attempted().add(deliveries.size());
    var _ =
        http.send(target.request(deliveries, time.nowMicros()), time.now())
            .thenAccept(answer -> answered.add(new Attempt(deliveries, answer)));
  }

  private void settle(List<Attempt> attempts) {
    long nowMicros = time.nowMicros();
    List<Delivery> outcomes = new ArrayList<>();
    boolean gone = false;
    boolean success = false;
    for (Attempt attempt : attempts) {
      requests--;
      attempt.deliveries().forEach(delivery -> underWay.remove(delivery.id()));
      Answer answer = attempt.answer();
      if (!answer.isSuccess() && closing.getAsBoolean()) {
        continue;
      }
      success |= answer.isSuccess();
      gone |= Attempts.isGone(answer);
      atOnce = answer.isSuccess() ? Math.min(MAX_AT_ONCE, atOnce * 2) : Math.max(1, atOnce / 2);
      for (Delivery delivery : attempt.deliveries()) {
        outcomes.add(Attempts.after(delivery, answer, nowMicros, time.latestMicros()));
      }
    }
    if (gone) {
      disable(nowMicros);
    } else if (success && ledger.disabled(name()).isPresent()) {
      ledger.enable(name());
      LOG.warn("{} took a delivery and is enabled again", hook);
    } else if (!success && !outcomes.isEmpty()) {
      // A trial that failed: the next one is a day later.
      ledger
          .disabled(name())
          .ifPresent(off -> ledger.disable(name(), off.reason(), time.latestMicros()));
    }
    ledger.update(outcomes);
    outcomes.forEach(this::report);
  }

  private void disable(long nowMicros) {
    ledger.disable(name(), "it answered 410 Gone at " + Json.time(nowMicros), time.latestMicros());
    LOG.error(
        "{} answered 410 Gone and is disabled: alarms for it are given up; POST"
            + " /api/v1/hooks/{}/test enables it, so does a changed configuration;"
            + " one delivery is tried in {} hours",
        hook,
        name(),
        TRIAL_AFTER.toHours());
  }

  private void report(Delivery outcome) {
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
    Optional<Ledger.Disabled> disabled = ledger.disabled(name());
    Ledger.Waiting waiting = ledger.waiting(name());
    return new Hook(
        name(),
        hook.type(),
        hook.shownUrl(),
        disabled.isPresent() ? "disabled" : "enabled",
        disabled.map(Ledger.Disabled::reason).orElse(null),
        waiting.pending(),
        waiting.pending() == 0 ? null : waiting.oldestMicros(),
        counters.attempted().sum(),
        counters.delivered().sum(),
        counters.failed().sum(),
        lastDeliveredAtMicros,
        lastError);
  }
}
