package lastwords.api;

import java.util.*;
import java.util.stream.*;
import lastwords.kernel.*;
import lastwords.store.*;

@SuppressWarnings("all")
final class FakeLedger implements Ledger {
  final List<Crash> crashes = new ArrayList<>();
  final List<Host> hosts = new ArrayList<>();
  final List<Alarm> alarms = new ArrayList<>();
  final List<Delivery> deliveries = new ArrayList<>();

  public String id() {
    return "x";
  }

  public long newsFrom(long e) {
    return 0;
  }

  public Checkpoint checkpoint(String r) {
    return Checkpoint.START;
  }

  public void save(String r, Checkpoint c) {}

  public void forget(String r) {}

  public void put(Collection<Crash> c) {
    crashes.addAll(c);
  }

  public Optional<Crash> crash(String id) {
    return crashes.stream().filter(c -> c.id().equals(id)).findFirst();
  }

  public List<Crash> crashes(List<String> ids) {
    return ids.stream().flatMap(i -> crash(i).stream()).toList();
  }

  public List<Crash> crashes(long since, long until, Long after, int limit) {
    return crashes.stream()
        .filter(
            c ->
                c.receivedAtMicros() >= since
                    && c.receivedAtMicros() < until
                    && (after == null || c.position() < after))
        .sorted(Comparator.comparing(Crash::position).reversed())
        .limit(limit)
        .toList();
  }

  public List<Change> newCrashesAfter(long n, int l) {
    return List.of();
  }

  public List<Change> changedCrashesAfter(long n, int l) {
    return List.of();
  }

  public long lastChange() {
    return 0;
  }

  public List<Signature> signatures(Collection<String> s) {
    return crashes.stream().collect(Collectors.groupingBy(Crash::signature)).values().stream()
        .filter(l -> s == null || s.contains(l.get(0).signature()))
        .map(
            l ->
                new Signature(
                    l.get(0).signature(),
                    l.get(0).title(),
                    l.get(0).kind(),
                    l.get(0).category(),
                    l.get(0).severity(),
                    Signature.State.OPEN,
                    l.size(),
                    l.stream().map(Crash::host).distinct().count(),
                    l.stream().mapToLong(Crash::receivedAtMicros).min().getAsLong(),
                    l.stream().mapToLong(Crash::receivedAtMicros).max().getAsLong(),
                    l.stream()
                        .collect(Collectors.groupingBy(c -> Optional.ofNullable(c.kernel())))
                        .entrySet()
                        .stream()
                        .map(
                            e ->
                                new Signature.Release(
                                    e.getKey().orElse(null),
                                    e.getValue().size(),
                                    e.getValue().stream().map(Crash::host).distinct().count()))
                        .toList()))
        .toList();
  }

  public Optional<Signature> signature(String s) {
    return signatures(List.of(s)).stream().findFirst();
  }

  public Collection<String> signaturesIn(Signature.State s) {
    return List.of();
  }

  public void putHosts(Collection<Host> h) {
    hosts.addAll(h);
  }

  public List<Host> hosts() {
    return hosts;
  }

  public Map<String, Long> crashesByHost() {
    return crashes.stream().collect(Collectors.groupingBy(Crash::host, Collectors.counting()));
  }

  public void raise(Collection<Alarm> a, Collection<Delivery> d, long n) {
    alarms.addAll(a);
    deliveries.addAll(d);
  }

  public long alertedUpTo() {
    return 0;
  }

  public Optional<Alarm> lastAlarm(String s, String h, long at) {
    return Optional.empty();
  }

  public Optional<Alarm> alarm(String id) {
    return Optional.empty();
  }

  public List<Alarm> alarms(String state, String after, int limit) {
    return alarms.stream()
        .filter(a -> state == null || a.state().equals(state))
        .sorted(Comparator.comparing(Alarm::id).reversed())
        .filter(a -> after == null || a.id().compareTo(after) < 0)
        .limit(limit)
        .toList();
  }

  public List<Delivery> due(String t, long n, int l) {
    return List.of();
  }

  public void update(Delivery d) {}

  public Optional<Delivery> delivery(String id) {
    return Optional.empty();
  }

  public List<Delivery> deliveries(String t, Delivery.State s, String after, int limit) {
    return deliveries.stream()
        .filter(d -> (t == null || d.target().equals(t)) && (s == null || d.state() == s))
        .sorted(Comparator.comparing(Delivery::id).reversed())
        .filter(d -> after == null || d.id().compareTo(after) < 0)
        .limit(limit)
        .toList();
  }

  public Optional<String> disabled(String t) {
    return Optional.empty();
  }

  public void disable(String t, String r) {}

  public void close() {}
}
