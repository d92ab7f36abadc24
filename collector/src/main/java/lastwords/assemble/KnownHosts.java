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
/// Whoever can send a datagram can make a million hosts of it. So one that said hardly anything is
/// a newcomer, and where there are too many, newcomers make room for newcomers: first those in
/// memory, which came last. What was known before a flood stays known.
final class KnownHosts {
  /// Hosts known at once, about 100 bytes each while they are away.
  static final int MAX_HOSTS = 200_000;

  /// Messages after which a host is a newcomer no more. A kernel that starts or dies says more.
  static final int NEWCOMER_MESSAGES = 8;

  /// One of so many places is newcomers' also when regulars could use it, so that a new host can
  /// become one.
  private static final int NEWCOMERS_SHARE = 20;

  /// What the objects of a host take that holds nothing.
  private static final int HOST_BYTES = 2_048;

  /// A host that has to be forgotten.
  ///
  /// @param present null when it is away
  record Forgotten(String address, @Nullable KnownHost present) {}

  private final int maxHosts;
  private final int newcomersPlaces;

  // Least recently heard first.
  private final LinkedHashMap<Object, KnownHost> newcomers = new LinkedHashMap<>(64, 0.75f, true);
  private final LinkedHashMap<Object, KnownHost> regulars = new LinkedHashMap<>(64, 0.75f, true);

  // Away for longest first.
  private final LinkedHashSet<Object> newcomersAway = new LinkedHashSet<>();
  private final LinkedHashSet<Object> regularsAway = new LinkedHashSet<>();

  private long bytes;

  KnownHosts(int maxHosts) {
    this.maxHosts = maxHosts;
    this.newcomersPlaces = maxHosts / NEWCOMERS_SHARE;
  }

  int size() {
    return newcomers.size() + regulars.size() + newcomersAway.size() + regularsAway.size();
  }

  /// Hosts in memory.
  int present() {
    return newcomers.size() + regulars.size();
  }

  /// What the hosts in memory hold, estimated.
  long bytes() {
    return bytes;
  }

  /// The host of that address if it is in memory; it was just heard.
  @Nullable KnownHost find(InetAddress source) {
    Object sender = sender(source);
    KnownHost regular = regulars.get(sender);
    return regular == null ? newcomers.get(sender) : regular;
  }

  boolean isAway(InetAddress source) {
    Object sender = sender(source);
    return regularsAway.contains(sender) || newcomersAway.contains(sender);
  }

  /// A host whose state the ledger has; what is added later was heard later.
  void addAway(InetAddress source) {
    regularsAway.add(sender(source));
  }

  /// A host that is new, or is back.
  void add(KnownHost host) {
    forgetAway(host.stream.source);
    newcomers.put(sender(host.stream.source), host);
    grew(host);
  }

  /// A host that was away and can't be brought back.
  void forgetAway(InetAddress source) {
    Object sender = sender(source);
    if (!regularsAway.remove(sender)) {
      newcomersAway.remove(sender);
    }
  }

  /// A host in memory has changed.
  void grew(KnownHost host) {
    long holds = HOST_BYTES + host.stream.heldBytes();
    bytes += holds - host.bytes;
    host.bytes = holds;
    if (!host.regular && host.stream.messages() >= NEWCOMER_MESSAGES) {
      host.regular = true;
      Object sender = sender(host.stream.source);
      newcomers.remove(sender);
      regulars.put(sender, host);
    }
  }

  /// A host in memory, which the ledger has whole, leaves it.
  void leave(KnownHost host) {
    Object sender = sender(host.stream.source);
    bytes -= host.bytes;
    (host.regular ? regulars : newcomers).remove(sender);
    (host.regular ? regularsAway : newcomersAway).add(sender);
  }

  /// The hosts in memory, newcomers first, least recently heard first.
  List<KnownHost> list() {
    List<KnownHost> all = new ArrayList<>(present());
    all.addAll(newcomers.values());
    all.addAll(regulars.values());
    return all;
  }

  /// Forgets one host if there are more than there is room for; null if not.
  @Nullable Forgotten forgetOne() {
    if (size() <= maxHosts) {
      return null;
    }
    if (newcomers.size() > newcomersPlaces) {
      return forgetFirst(newcomers);
    }
    if (newcomers.size() + newcomersAway.size() > newcomersPlaces && !newcomersAway.isEmpty()) {
      return new Forgotten(address(newcomersAway.removeFirst()), null);
    }
    if (!regularsAway.isEmpty()) {
      return new Forgotten(address(regularsAway.removeFirst()), null);
    }
    return forgetFirst(regulars);
  }

  private Forgotten forgetFirst(SequencedMap<Object, KnownHost> hosts) {
    KnownHost first = hosts.pollFirstEntry().getValue();
    bytes -= first.bytes;
    return new Forgotten(first.stream.address, first);
  }

  /// What tells one sender from another: its address, and of a link-local one its link, which
  /// [java.net.Inet6Address] passes over when it compares.
  private static Object sender(InetAddress source) {
    return source instanceof Inet6Address ipv6 && ipv6.getScopeId() != 0
        ? ipv6.getHostAddress()
        : source;
  }

  private static String address(Object sender) {
    return sender instanceof InetAddress address ? address.getHostAddress() : sender.toString();
  }
}
