package lastwords.alert;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import lastwords.kernel.Alarm;
import lastwords.kernel.Crash;
import lastwords.kernel.Delivery;
import lastwords.kernel.Host;
import lastwords.kernel.Signature;
import lastwords.store.Checkpoint;
import lastwords.store.Ledger;
import org.jspecify.annotations.Nullable;

final class FakeLedger implements Ledger {
  private final Map<String, Crash> crashes = new LinkedHashMap<>();
  private final Map<String, Alarm> alarms = new LinkedHashMap<>();
  private final Map<String, Delivery> deliveries = new LinkedHashMap<>();
  private final Map<String, String> disabled = new LinkedHashMap<>();
  private final Map<String, Checkpoint> checkpoints = new LinkedHashMap<>();
  private final Set<String> ignored = new LinkedHashSet<>();
  private long place;
  private long newsFrom = -1;

  @Override
  public String id() {
    return "fake";
  }

  @Override
  public synchronized long newsFrom(long endOfLog) {
    newsFrom = newsFrom < 0 ? endOfLog : newsFrom;
    return newsFrom;
  }

  @Override
  public synchronized Checkpoint checkpoint(String reader) {
    return checkpoints.getOrDefault(reader, Checkpoint.START);
  }

  @Override
  public synchronized void save(String reader, Checkpoint checkpoint) {
    checkpoints.put(reader, checkpoint);
  }

  @Override
  public synchronized void forget(String reader) {
    checkpoints.remove(reader);
  }

  @Override
  public synchronized void put(Collection<Crash> more) {
    more.forEach(crash -> crashes.put(crash.id(), crash));
  }

  @Override
  public synchronized Optional<Crash> crash(String id) {
    return Optional.ofNullable(crashes.get(id));
  }

  @Override
  public List<Crash> crashes(List<String> ids) {
    throw new UnsupportedOperationException();
  }

  @Override
  public List<Crash> crashes(long sinceMicros, long untilMicros, @Nullable Long after, int limit) {
    throw new UnsupportedOperationException();
  }

  @Override
  public synchronized List<Change> newCrashesAfter(long number, int limit) {
    List<Change> changes = new ArrayList<>();
    long n = 0;
    for (Crash crash : crashes.values()) {
      if (++n > number && changes.size() < limit) {
        changes.add(new Change(n, crash));
      }
    }
    return changes;
  }

  @Override
  public List<Change> changedCrashesAfter(long number, int limit) {
    throw new UnsupportedOperationException();
  }

  @Override
  public long lastChange() {
    throw new UnsupportedOperationException();
  }

  @Override
  public List<Signature> signatures(@Nullable Collection<String> signatures) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Optional<Signature> signature(String signature) {
    throw new UnsupportedOperationException();
  }

  @Override
  public synchronized Collection<String> signaturesIn(Signature.State state) {
    return ignored;
  }

  @Override
  public void putHosts(Collection<Host> hosts) {
    throw new UnsupportedOperationException();
  }

  @Override
  public List<Host> hosts() {
    throw new UnsupportedOperationException();
  }

  @Override
  public Map<String, Long> crashesByHost() {
    throw new UnsupportedOperationException();
  }

  @Override
  public synchronized void raise(
      Collection<Alarm> raised, Collection<Delivery> made, long lastNumber) {
    raised.forEach(alarm -> alarms.putIfAbsent(alarm.id(), alarm));
    made.forEach(delivery -> deliveries.putIfAbsent(delivery.id(), delivery));
    place = lastNumber;
  }

  @Override
  public synchronized long alertedUpTo() {
    return place;
  }

  @Override
  public synchronized Optional<Alarm> lastAlarm(String signature, String host, long atMicros) {
    return alarms.values().stream()
        .filter(alarm -> alarm.signature().equals(signature) && alarm.host().equals(host))
        .filter(alarm -> alarm.raisedAtMicros() <= atMicros)
        .max(Comparator.comparingLong(Alarm::raisedAtMicros));
  }

  @Override
  public synchronized Optional<Alarm> alarm(String id) {
    return Optional.ofNullable(alarms.get(id));
  }

  @Override
  public synchronized List<Alarm> alarms(
      @Nullable String state, @Nullable String after, int limit) {
    return new ArrayList<>(alarms.values()).reversed().stream().limit(limit).toList();
  }

  @Override
  public synchronized List<Delivery> due(String target, long nowMicros, int limit) {
    return deliveries.values().stream()
        .filter(d -> d.target().equals(target) && d.state() == Delivery.State.PENDING)
        .filter(d -> d.nextAttemptMicros() <= nowMicros)
        .limit(limit)
        .toList();
  }

  @Override
  public synchronized void update(Delivery delivery) {
    deliveries.put(delivery.id(), delivery);
  }

  @Override
  public synchronized Optional<Delivery> delivery(String id) {
    return Optional.ofNullable(deliveries.get(id));
  }

  @Override
  public synchronized List<Delivery> deliveries(
      @Nullable String target, Delivery.@Nullable State state, @Nullable String after, int limit) {
    return new ArrayList<>(deliveries.values())
        .reversed().stream()
            .filter(d -> target == null || d.target().equals(target))
            .filter(d -> state == null || d.state() == state)
            .limit(limit)
            .toList();
  }

  @Override
  public synchronized Optional<String> disabled(String target) {
    return Optional.ofNullable(disabled.get(target));
  }

  @Override
  public synchronized void disable(String target, @Nullable String reason) {
    if (reason == null) {
      disabled.remove(target);
    } else {
      disabled.put(target, reason);
    }
  }

  @Override
  public void close() {}
}
