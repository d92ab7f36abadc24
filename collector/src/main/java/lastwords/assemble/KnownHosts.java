package lastwords.assemble;

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
  record Forgotten(InetAddress source, @Nullable KnownHost present) {}

  private final int maxHosts;
  private final int newcomersPlaces;

  // Least recently heard first.
  private final LinkedHashMap<InetAddress, KnownHost> newcomers =
      new LinkedHashMap<>(64, 0.75f, true);
  private final LinkedHashMap<InetAddress, KnownHost> regulars =
      new LinkedHashMap<>(64, 0.75f, true);

  // Away for longest first.
  private final LinkedHashSet<InetAddress> newcomersAway = new LinkedHashSet<>();
  private final LinkedHashSet<InetAddress> regularsAway = new LinkedHashSet<>();

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
    KnownHost regular = regulars.get(source);
    return regular == null ? newcomers.get(source) : regular;
  }

  boolean isAway(InetAddress source) {
    return regularsAway.contains(source) || newcomersAway.contains(source);
  }

  /// A host whose state the ledger has; what is added later was heard later.
  void addAway(InetAddress source) {
    regularsAway.add(source);
  }

  /// A host that is new, or is back.
  void add(KnownHost host) {
    InetAddress source = host.stream.source;
    forgetAway(source);
    (isNewcomer(host) ? newcomers : regulars).put(source, host);
    grew(host);
  }

  /// A host that was away and can't be brought back.
  void forgetAway(InetAddress source) {
    if (!regularsAway.remove(source)) {
      newcomersAway.remove(source);
    }
  }

  /// A host in memory has changed.
  void grew(KnownHost host) {
    long holds = HOST_BYTES + host.stream.heldBytes();
    bytes += holds - host.bytes;
    host.bytes = holds;
    if (!isNewcomer(host) && newcomers.remove(host.stream.source, host)) {
      regulars.put(host.stream.source, host);
    }
  }

  /// A host in memory, which the ledger has whole, leaves it.
  void leave(KnownHost host) {
    InetAddress source = host.stream.source;
    bytes -= host.bytes;
    if (newcomers.remove(source, host)) {
      newcomersAway.add(source);
    } else if (regulars.remove(source, host)) {
      regularsAway.add(source);
    }
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
      return new Forgotten(newcomersAway.removeFirst(), null);
    }
    if (!regularsAway.isEmpty()) {
      return new Forgotten(regularsAway.removeFirst(), null);
    }
    return forgetFirst(regulars);
  }

  private Forgotten forgetFirst(SequencedMap<InetAddress, KnownHost> hosts) {
    KnownHost first = hosts.pollFirstEntry().getValue();
    bytes -= first.bytes;
    return new Forgotten(first.stream.source, first);
  }

  private static boolean isNewcomer(KnownHost host) {
    return host.stream.messages() < NEWCOMER_MESSAGES;
  }
}
