package lastwords.alert;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import lastwords.kernel.Delivery;
import lastwords.kernel.Delivery.State;
import lastwords.store.Checkpoint;
import lastwords.store.Ledger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Posts every firing alert to one Alertmanager again, and each one's end once.
///
/// An Alertmanager keeps its alerts in memory and expects its senders to repeat them. What fires is
/// read from the ledger at each round, so it survives our own restart, and an Alertmanager that is
/// down leaves nothing behind to be made up for: one round after it is back it has all alerts. An
/// alert is over `resolve-after` after its crash was last seen, or when its alarm is resolved.
///
/// Owned by its thread.
final class Reminders {
  private static final Logger LOG = LoggerFactory.getLogger(Reminders.class);

  /// Alerts repeated in a round, the most severe first: some ten megabytes a minute. An
  /// Alertmanager is built for some thousand alerts at a time.
  static final int MAX_ALERTS = 10_000;

  /// Bytes of alerts in one request.
  static final int MAX_POST_BYTES = 1 << 20;

  /// Deliveries read from the ledger at a time.
  private static final int BATCH = 100;

  /// Ends that are older than this are not posted: the alert has ended there by itself.
  private static final Duration MAX_LATE = Duration.ofMinutes(15);

  private final AlertmanagerTarget target;
  private final String name;
  private final long lastsMicros;
  private final Ledger ledger;
  private final Http http;
  private final AlertTime time;
  private final BooleanSupplier closing;
  private boolean failing;
  private boolean tooMany;

  Reminders(
      HookSettings hook,
      AlertmanagerTarget target,
      Ledger ledger,
      Http http,
      AlertTime time,
      BooleanSupplier closing) {
    this.target = target;
    this.name = hook.name();
    this.lastsMicros = TimeUnit.MICROSECONDS.convert(hook.resolveAfter());
    this.ledger = ledger;
    this.http = http;
    this.time = time;
    this.closing = closing;
  }

  /// One round.
  void remind() throws InterruptedException {
    if (ledger.disabled(name).isPresent()) {
      return;
    }
    long nowMicros = time.nowMicros();
    List<String> firing = ledger.firing(name, nowMicros - lastsMicros, MAX_ALERTS);
    if (firing.size() == MAX_ALERTS && !tooMany) {
      LOG.warn("hook {}: only the {} most severe alerts are repeated", name, MAX_ALERTS);
    }
    tooMany = firing.size() == MAX_ALERTS;
    Set<String> identities = new HashSet<>();
    if (post(firing, nowMicros, identities, false)) {
      end(nowMicros, identities);
    }
  }

  private void end(long nowMicros, Set<String> firing) throws InterruptedException {
    long since =
        Math.max(ledger.offset(checkpoint()), nowMicros - TimeUnit.MICROSECONDS.convert(MAX_LATE));
    List<String> over =
        ledger.over(name, since - lastsMicros, nowMicros - lastsMicros, lastsMicros, MAX_ALERTS);
    if (post(over, nowMicros, firing, true)) {
      ledger.save(checkpoint(), new Checkpoint(nowMicros, Map.of(), List.of()));
    }
  }

  /// Under this name the ledger keeps up to when ends were posted, in microseconds.
  private String checkpoint() {
    return "alerting-ends-" + name;
  }

  /// Posts alerts, in as many requests as it takes; false once one fails.
  ///
  /// @param firing identities of alerts that fire: those posted are added, of ends those that are
  ///   in it are left out, since another alarm keeps that alert firing
  private boolean post(List<String> ids, long nowMicros, Set<String> firing, boolean over)
      throws InterruptedException {
    ArrayNode alerts = JsonNodeFactory.instance.arrayNode();
    List<Delivery> settled = new ArrayList<>();
    int bytes = 0;
    for (int from = 0; from < ids.size(); from += BATCH) {
      List<String> batch = ids.subList(from, Math.min(ids.size(), from + BATCH));
      for (Ledger.Reminder reminder : ledger.reminders(batch)) {
        Delivery delivery = reminder.delivery();
        if (!target.takes(delivery.payload())) {
          continue;
        }
        ObjectNode alert =
            over
                ? target.over(delivery, nowMicros)
                : target.firing(delivery, reminder.lastSeenMicros(), nowMicros);
        if (alert == null || wasRejected(delivery)) {
          continue;
        }
        String identity = AlertmanagerTarget.identity(alert);
        if (over ? firing.contains(identity) : !firing.add(identity)) {
          continue;
        }
        if (bytes > 0 && bytes + delivery.payload().length() > MAX_POST_BYTES) {
          if (!post(alerts, settled)) {
            return false;
          }
          alerts = JsonNodeFactory.instance.arrayNode();
          settled.clear();
          bytes = 0;
        }
        alerts.add(alert);
        bytes += delivery.payload().length();
        if (!over && waits(delivery, nowMicros)) {
          settled.add(delivery);
        }
      }
    }
    return alerts.isEmpty() || post(alerts, settled);
  }

  private boolean post(ArrayNode alerts, List<Delivery> settled) throws InterruptedException {
    if (closing.getAsBoolean()) {
      return false;
    }
    Answer answer;
    try {
      answer = http.send(target.post(alerts), time.now()).get();
    } catch (ExecutionException e) {
      throw new IllegalStateException("an answer is never a failure", e);
    }
    if (answer.isSuccess() == failing && !closing.getAsBoolean()) {
      failing = !failing;
      if (failing) {
        LOG.warn("hook {}: alerts could not be repeated, retrying: {}", name, answer.error());
      } else {
        LOG.info("hook {}: alerts are repeated again", name);
      }
    }
    if (answer.isSuccess()) {
      long nowMicros = time.nowMicros();
      ledger.update(
          settled.stream()
              .map(delivery -> Attempts.after(delivery, answer, nowMicros, nowMicros))
              .toList());
    }
    return answer.isSuccess();
  }

  /// Whether it waits for its next attempt, or was given up for lack of an answer; what is due now
  /// is the courier's.
  private static boolean waits(Delivery delivery, long nowMicros) {
    return delivery.state() == State.FAILED
        || (delivery.state() == State.PENDING
            && delivery.attempts() > 0
            && delivery.nextAttemptMicros() > nowMicros);
  }

  private static boolean wasRejected(Delivery delivery) {
    Integer status = delivery.status();
    return delivery.state() != State.DELIVERED && status != null && status >= 400 && status < 500;
  }
}
