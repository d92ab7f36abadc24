package lastwords.query;

import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.ToLongFunction;
import lastwords.json.Json;
import lastwords.kernel.Crash;
import lastwords.kernel.Host;
import lastwords.kernel.Severity;
import lastwords.store.Filter;
import lastwords.store.Index;
import lastwords.store.Ledger;
import lastwords.store.SearchBudget;
import org.jspecify.annotations.Nullable;

/// Puts hosts together from their addresses and says how they are.
final class Hosts {
  /// How many of a host's newest crashes are looked at for its status; a boot has few.
  private static final int RECENT_CRASHES = 20;

  private final Index index;
  private final Ledger ledger;
  private final InstantSource clock;
  private final Duration silentAfter;

  Hosts(Index index, Ledger ledger, InstantSource clock, Duration silentAfter) {
    this.index = index;
    this.ledger = ledger;
    this.clock = clock;
    this.silentAfter = silentAfter;
  }

  /// The addresses of the hosts whose names come first after the one given, by host name.
  NavigableMap<String, List<Host>> byName(String after, int limit) {
    TreeMap<String, List<Host>> hosts = new TreeMap<>();
    for (Host host : ledger.hosts(after, limit)) {
      hosts.computeIfAbsent(host.host(), name -> new ArrayList<>()).add(host);
    }
    return hosts;
  }

  /// The addresses of a host; none when it is not known.
  List<Host> named(String host) {
    return ledger.hostsNamed(host);
  }

  Map<String, Long> crashesByHost(Collection<String> hosts) {
    return ledger.crashesByHost(hosts);
  }

  HostSummary summary(List<Host> addresses, long crashes, SearchBudget budget) {
    Host last =
        addresses.stream().max(Comparator.comparingLong(Host::lastSeenMicros)).orElseThrow();
    List<String> formats = addresses.stream().map(Host::format).distinct().toList();
    return new HostSummary(
        last.host(),
        last.hostSource(),
        claimed(addresses),
        addresses.stream().map(Host::address).toList(),
        addresses.stream().mapToLong(Host::firstSeenMicros).min().orElseThrow(),
        last.lastSeenMicros(),
        last.boot(),
        last.release(),
        formats.size() == 1 ? formats.getFirst() : "both",
        sum(addresses, Host::messages),
        sum(addresses, Host::sequenceGaps),
        sum(addresses, Host::messagesLost),
        sum(addresses, Host::duplicates),
        sum(addresses, Host::incomplete),
        crashes,
        status(last, crashes > 0 ? crashesOfBoot(last, budget) : List.of()));
  }

  private static @Nullable String claimed(List<Host> addresses) {
    return addresses.stream()
        .filter(host -> host.claimedHost() != null)
        .max(Comparator.comparingLong(Host::lastSeenMicros))
        .map(Host::claimedHost)
        .orElse(null);
  }

  /// At most [Long#MAX_VALUE]: what hosts count of their sequence numbers may be hostile.
  private static long sum(List<Host> addresses, ToLongFunction<Host> number) {
    long sum = 0;
    for (Host address : addresses) {
      long value = Math.max(0, number.applyAsLong(address));
      sum = value > Long.MAX_VALUE - sum ? Long.MAX_VALUE : sum + value;
    }
    return sum;
  }

  private String status(Host host, List<Crash> crashes) {
    if (crashes.stream().anyMatch(Crash::panicked)) {
      return "panicked";
    }
    if (host.host().equals(Host.CANARY)) {
      return "canary";
    }
    if (host.lastSeenMicros() < Json.micros(clock.instant().minus(silentAfter))) {
      return "silent";
    }
    return crashes.stream().anyMatch(c -> c.severity().compareTo(Severity.ERROR) <= 0)
        ? "crashed"
        : "up";
  }

  /// The crashes of its current boot; a restart without last words tells of the boot before.
  private List<Crash> crashesOfBoot(Host host, SearchBudget budget) {
    Filter ofHost = new Filter.In("host", List.of(host.host()));
    List<String> ids = index.crashes(ofHost, 0, Long.MAX_VALUE, null, RECENT_CRASHES, budget);
    return ledger.crashes(ids).stream()
        .filter(crash -> host.boot().equals(crash.boot()) && !crash.kind().equals("reboot"))
        .toList();
  }
}
