package lastwords.assemble;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/// The hosts that a reader knows: those in memory, and those that are away, of which it has the
/// address alone and the ledger the rest.
///
/// A single sender can make up a million hosts. So what is known longer counts for more
/// ([Standing]): where there are too many hosts, newcomers are evicted first, then recent hosts,
/// and established ones only for other established ones. Newcomers and recent hosts have a share of
/// the places that is theirs in any case, so that a new host can become known during a flood. Of
/// the recent hosts that are away, those are evicted first whose networks have the most of them;
/// and one network can't have more than a part of the established ones. Belongs to one thread.
final class KnownHosts {
  /// Hosts known at once, about 100 bytes each while they are away.
  static final int MAX_HOSTS = 200_000;

  /// Messages after which a host is a newcomer no more. A kernel that starts or dies says more.
  static final int NEWCOMER_MESSAGES = 8;

  /// From its first to its last message; then a host is established. Whoever forges senders has to
  /// keep all of them sending for as long.
  static final long ESTABLISHED_MICROS = 3_600_000_000L;

  /// One of so many places is for newcomers, and one for recent hosts, also where established ones
  /// could use it.
  private static final int SHARE = 20;

  /// A network has at most one of so many places for established hosts: more than a /24 has
  /// addresses, and a bound for the 2^64 of a /64.
  private static final int NETWORK_SHARE = 8;

  /// Networks are told apart by a hash of this many values, so that a million of them cost nothing.
  private static final int NETWORKS = 1 << 10;

  /// IPv4 networks are told apart by /24, IPv6 networks by /64.
  private static final int NETWORK_BYTES_IPV4 = 3;

  private static final int NETWORK_BYTES_IPV6 = 8;

  /// Heap bytes of the objects of a host that holds nothing.
  private static final int HOST_BYTES = 2_048;

  /// How much is known of a host, least first.
  enum Standing {
    /// Has sent fewer than [#NEWCOMER_MESSAGES].
    NEWCOMER,
    /// Has sent more, but not for [#ESTABLISHED_MICROS] yet.
    RECENT,
    /// Has been known for longer, also if that was before a restart.
    ESTABLISHED
  }

  /// A host that has to be forgotten.
  ///
  /// @param present null when it is away
  record Forgotten(String address, @Nullable KnownHost present) {}

  private final int maxHosts;

  // In memory, least recently heard first.
  private final LinkedHashMap<Object, KnownHost> newcomers = new LinkedHashMap<>(64, 0.75f, true);
  private final LinkedHashMap<Object, KnownHost> recent = new LinkedHashMap<>(64, 0.75f, true);
  private final LinkedHashMap<Object, KnownHost> established = new LinkedHashMap<>(64, 0.75f, true);

  // Away for longest first.
  private final LinkedHashSet<Object> newcomersAway = new LinkedHashSet<>();
  private final List<LinkedHashSet<Object>> recentAway = new ArrayList<>(NETWORKS);
  private int recentAwayCount;
  private final LinkedHashSet<Object> establishedAway = new LinkedHashSet<>();

  /// Established hosts by network, in memory or away.
  private final int[] establishedOf = new int[NETWORKS];

  private long bytes;
  private long waitingBytes;

  KnownHosts(int maxHosts) {
    this.maxHosts = maxHosts;
    for (int i = 0; i < NETWORKS; i++) {
      recentAway.add(new LinkedHashSet<>(0));
    }
  }

  int size() {
    return present() + newcomersAway.size() + recentAwayCount + establishedAway.size();
  }

  /// Hosts in memory.
  int present() {
    return newcomers.size() + recent.size() + established.size();
  }

  /// Heap bytes of the hosts in memory, estimated.
  long bytes() {
    return bytes;
  }

  /// Heap bytes of the records that wait.
  long waitingBytes() {
    return waitingBytes;
  }

  private SequencedMap<Object, KnownHost> present(Standing standing) {
    return switch (standing) {
      case NEWCOMER -> newcomers;
      case RECENT -> recent;
      case ESTABLISHED -> established;
    };
  }

  /// The host of that address if it is in memory; it was just heard.
  @Nullable KnownHost find(InetAddress source) {
    Object sender = sender(source);
    KnownHost found = established.get(sender);
    found = found == null ? recent.get(sender) : found;
    return found == null ? newcomers.get(sender) : found;
  }

  boolean isAway(InetAddress source) {
    Object sender = sender(source);
    return establishedAway.contains(sender)
        || recentAway.get(network(sender)).contains(sender)
        || newcomersAway.contains(sender);
  }

  /// A host whose state the ledger has; what is added later was heard later.
  ///
  /// @param isRecent whether it had not been heard for [#ESTABLISHED_MICROS]
  void addAway(InetAddress source, boolean isRecent) {
    Object sender = sender(source);
    boolean established = !isRecent && mayEstablish(sender);
    goAway(sender, established ? Standing.ESTABLISHED : Standing.RECENT, true);
  }

  /// A host that is new, or is back.
  void add(KnownHost host) {
    Object sender = sender(host.stream.source);
    host.standing = forgetAway(host.stream.source);
    if (host.standing == Standing.ESTABLISHED) {
      establishedOf[network(sender)]++;
    }
    present(host.standing).put(sender, host);
    grew(host);
  }

  /// A host that was away and can't be brought back; what it was, a newcomer if it was not away.
  Standing forgetAway(InetAddress source) {
    Object sender = sender(source);
    if (establishedAway.remove(sender)) {
      establishedOf[network(sender)]--;
      return Standing.ESTABLISHED;
    }
    if (recentAway.get(network(sender)).remove(sender)) {
      recentAwayCount--;
      return Standing.RECENT;
    }
    newcomersAway.remove(sender);
    return Standing.NEWCOMER;
  }

  /// A host in memory has changed.
  void grew(KnownHost host) {
    if (host.gone) {
      return;
    }
    long waits = host.stream.waitingBytes();
    long holds = HOST_BYTES + host.stream.heldBytes();
    waitingBytes += waits - host.waitingBytes;
    bytes += holds - host.bytes;
    host.waitingBytes = waits;
    host.bytes = holds;
    switch (host.standing) {
      case NEWCOMER -> {
        if (host.stream.messages() >= NEWCOMER_MESSAGES) {
          rise(host, Standing.RECENT);
        }
      }
      case RECENT -> {
        HostStream stream = host.stream;
        if (stream.lastSeenMicros() - stream.firstSeenMicros() >= ESTABLISHED_MICROS
            && mayEstablish(sender(stream.source))) {
          establishedOf[network(sender(stream.source))]++;
          rise(host, Standing.ESTABLISHED);
        }
      }
      case ESTABLISHED -> {}
    }
  }

  private void rise(KnownHost host, Standing to) {
    Object sender = sender(host.stream.source);
    present(host.standing).remove(sender);
    host.standing = to;
    present(to).put(sender, host);
  }

  private boolean mayEstablish(Object sender) {
    return establishedOf[network(sender)] < Math.max(1, maxHosts / NETWORK_SHARE);
  }

  /// A host in memory, which the ledger has whole, leaves it.
  void leave(KnownHost host) {
    Object sender = sender(host.stream.source);
    forgetBytes(host);
    present(host.standing).remove(sender);
    goAway(sender, host.standing, false);
  }

  private void goAway(Object sender, Standing standing, boolean counts) {
    switch (standing) {
      case NEWCOMER -> newcomersAway.add(sender);
      case RECENT -> {
        if (recentAway.get(network(sender)).add(sender)) {
          recentAwayCount++;
        }
      }
      case ESTABLISHED -> {
        establishedAway.add(sender);
        establishedOf[network(sender)] += counts ? 1 : 0;
      }
    }
  }

  private void forgetBytes(KnownHost host) {
    bytes -= host.bytes;
    waitingBytes -= host.waitingBytes;
    host.gone = true;
  }

  /// The hosts in memory, newcomers first, least recently heard first.
  List<KnownHost> list() {
    List<KnownHost> all = new ArrayList<>(present());
    all.addAll(newcomers.values());
    all.addAll(recent.values());
    all.addAll(established.values());
    return all;
  }

  /// Forgets one host if there are more than there is room for; null if not.
  @Nullable Forgotten forgetOne() {
    if (size() <= maxHosts) {
      return null;
    }
    int share = maxHosts / SHARE;
    if (newcomers.size() > share) {
      return forgetFirst(Standing.NEWCOMER);
    }
    if (newcomers.size() + newcomersAway.size() > share && !newcomersAway.isEmpty()) {
      return new Forgotten(address(newcomersAway.removeFirst()), null);
    }
    if (recent.size() + recentAwayCount > share
        || (establishedAway.isEmpty() && established.isEmpty())) {
      return recentAwayCount > 0 ? forgetRecentAway() : forgetFirst(Standing.RECENT);
    }
    if (!establishedAway.isEmpty()) {
      Object first = establishedAway.removeFirst();
      establishedOf[network(first)]--;
      return new Forgotten(address(first), null);
    }
    return forgetFirst(Standing.ESTABLISHED);
  }

  /// Of the networks that have the most recent hosts away, the host that is away for longest.
  private Forgotten forgetRecentAway() {
    LinkedHashSet<Object> most = recentAway.getFirst();
    for (LinkedHashSet<Object> hosts : recentAway) {
      if (hosts.size() > most.size()) {
        most = hosts;
      }
    }
    recentAwayCount--;
    return new Forgotten(address(most.removeFirst()), null);
  }

  private Forgotten forgetFirst(Standing standing) {
    KnownHost first = present(standing).pollFirstEntry().getValue();
    forgetBytes(first);
    if (standing == Standing.ESTABLISHED) {
      establishedOf[network(sender(first.stream.source))]--;
    }
    return new Forgotten(first.stream.address, first);
  }

  /// What tells one sender from another: its address, and of a link-local one its link, which
  /// [java.net.Inet6Address] passes over when it compares.
  private static Object sender(InetAddress source) {
    return source instanceof Inet6Address ipv6 && ipv6.getScopeId() != 0
        ? ipv6.getHostAddress()
        : source;
  }

  /// A hash of the sender's network: all link-local senders are one.
  private static int network(Object sender) {
    if (!(sender instanceof InetAddress address)) {
      return 0;
    }
    byte[] bytes = address.getAddress();
    int length = bytes.length == 4 ? NETWORK_BYTES_IPV4 : NETWORK_BYTES_IPV6;
    int hash = 0;
    for (int i = 0; i < length; i++) {
      hash = 31 * hash + bytes[i];
    }
    hash *= 0x9E3779B9;
    return hash >>> 22;
  }

  private static String address(Object sender) {
    return sender instanceof InetAddress address ? address.getHostAddress() : sender.toString();
  }
}
