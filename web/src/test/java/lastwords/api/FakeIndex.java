package lastwords.api;

import java.util.*;
import java.util.stream.*;
import lastwords.kernel.*;
import lastwords.store.*;

@SuppressWarnings("all")
final class FakeIndex implements Index {
  final List<KernelMessage> all = new ArrayList<>();
  final List<Crash> crashes = new ArrayList<>();

  static boolean is(Filter f, java.util.function.Function<String, String> get) {
    return switch (f) {
      case Filter.All a -> true;
      case Filter.And(var l) -> l.stream().allMatch(x -> is(x, get));
      case Filter.Or(var l) -> l.stream().anyMatch(x -> is(x, get));
      case Filter.Not(var x) -> !is(x, get);
      case Filter.Term(var k, var v) -> get.apply(k).toLowerCase().contains(v.toLowerCase());
      case Filter.Phrase(var k, var v) -> get.apply(k).toLowerCase().contains(v.toLowerCase());
      case Filter.Prefix(var k, var v) -> get.apply(k).toLowerCase().contains(v.toLowerCase());
      case Filter.In(var k, var v) -> v.contains(get.apply(k));
      case Filter.Exists(var k) -> !get.apply(k).isEmpty();
      default -> throw new BadQueryException(0, "not in the fake");
    };
  }

  static String field(KernelMessage m, String k) {
    return switch (k) {
      case "text" -> m.text();
      case "host" -> m.host();
      default -> m.userdata().getOrDefault(k, "");
    };
  }

  static String field(Crash c, String k) {
    return switch (k) {
      case "title" -> c.title();
      case "host" -> c.host();
      case "kind" -> c.kind();
      case "signature" -> c.signature();
      default -> "";
    };
  }

  public synchronized void add(List<KernelMessage> m) {
    all.addAll(m);
  }

  public void put(List<Crash> c) {
    crashes.addAll(c);
  }

  public void refresh() {}

  public void commit(Map<String, String> notes) {}

  public Map<String, String> notes() {
    return Map.of();
  }

  Stream<KernelMessage> in(Filter f, long since, long until) {
    return new ArrayList<>(all)
        .stream()
            .filter(m -> m.receivedAtMicros() >= since && m.receivedAtMicros() < until)
            .filter(m -> is(f, k -> field(m, k)));
  }

  public List<KernelMessage> messages(
      Filter f, long since, long until, boolean newest, Long after, int limit) {
    Comparator<KernelMessage> c = Comparator.comparing(KernelMessage::position);
    return in(f, since, until)
        .sorted(newest ? c.reversed() : c)
        .filter(m -> after == null || (newest ? m.position() < after : m.position() > after))
        .limit(limit)
        .toList();
  }

  public synchronized Tail tail(Filter f, long from, int limit) {
    if (from < 0) return new Tail(List.of(), 0, all.size());
    List<KernelMessage> l =
        all.subList((int) from, all.size()).stream().filter(m -> is(f, k -> field(m, k))).toList();
    int skip = Math.max(0, l.size() - limit);
    return new Tail(List.copyOf(l.subList(skip, l.size())), skip, all.size());
  }

  public Optional<KernelMessage> message(long p) {
    return all.stream().filter(m -> m.position() == p).findFirst();
  }

  public Map<String, long[]> histogram(Filter f, long since, long until, int buckets, String by) {
    Map<String, long[]> r = new TreeMap<>();
    in(f, since, until)
        .forEach(
            m ->
                r.computeIfAbsent(by == null ? "" : field(m, by), x -> new long[buckets])[
                    (int) ((m.receivedAtMicros() - since) * buckets / (until - since))]++);
    return r;
  }

  public Map<String, Long> values(Filter f, long since, long until, String field, int limit) {
    return in(f, since, until)
        .collect(Collectors.groupingBy(m -> field(m, field), TreeMap::new, Collectors.counting()));
  }

  public List<String> crashes(Filter f, long since, long until, Long after, int limit) {
    return crashes.stream().filter(c -> is(f, k -> field(c, k))).map(Crash::id).toList();
  }

  public Collection<String> signatures(Filter f, long since, long until) {
    return crashes.stream().filter(c -> is(f, k -> field(c, k))).map(Crash::signature).toList();
  }

  public int dropBefore(long micros) {
    return 0;
  }

  public long bytes() {
    return 1;
  }

  public long messageCount() {
    return all.size();
  }

  public void close() {}
}
