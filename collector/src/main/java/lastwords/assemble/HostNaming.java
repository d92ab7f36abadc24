package lastwords.assemble;

import java.net.InetAddress;
import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Map;
import lastwords.kernel.Host;
import lastwords.kernel.HostSource;
import org.jspecify.annotations.Nullable;

/// Decides what each host of one reader is called.
///
/// In this order: the name that the inventory has for the address; the name in the userdata of the
/// current boot, unless it belongs to another host; the name from reverse DNS where that is on; the
/// address. A name in userdata belongs to another host when the inventory has it for another
/// address, when another address has it (see [HeldNames]), when it is an address, or when it is the
/// canary's. Such a name is only claimed.
///
/// Belongs to the reader's thread.
final class HostNaming {
  private final HostNames names;
  private final HeldNames held = new HeldNames();

  HostNaming(HostNames names) {
    this.names = names;
  }

  /// Changes when an address may have another name than before.
  int version() {
    return names.version();
  }

  /// Changes when the inventory is another one.
  int inventoryVersion() {
    return names.inventoryVersion();
  }

  /// Gives names to the addresses that had them before a restart.
  void restore(Collection<Host> hosts) {
    // Of two that had one name, whichever was there first.
    for (Host host :
        hosts.stream().sorted(Comparator.comparingLong(Host::firstSeenMicros)).toList()) {
      boolean own = host.hostSource() == null && !host.host().equals(host.address());
      boolean dns = host.hostSource() == HostSource.DNS;
      String name = HostName.clean(host.host());
      if ((own || dns || host.hostSource() == HostSource.USERDATA)
          && name != null
          && !name.equalsIgnoreCase(Host.CANARY)) {
        held.hold(name, host.address(), host.lastSeenMicros(), dns);
      }
    }
  }

  /// What the host is called now.
  ///
  /// @param userdata the name in the userdata of its current boot, as [HostName#clean] returns it;
  ///   null while there is none
  /// @param nowMicros when the host was heard
  HostNames.Name of(InetAddress source, String address, @Nullable String userdata, long nowMicros) {
    Inventory.Entry entry = names.inventory().find(source);
    Map<String, String> labels = entry == null ? Map.of() : entry.labels();
    if (entry != null && entry.host() != null) {
      boolean same = userdata == null || HostName.isSame(userdata, entry.host());
      return new HostNames.Name(entry.host(), HostSource.INVENTORY, same ? null : userdata, labels);
    }
    if (userdata != null && mayHave(source, address, userdata, nowMicros)) {
      return new HostNames.Name(userdata, HostSource.USERDATA, null, labels);
    }
    String claimed = userdata == null || userdata.equals(address) ? null : userdata;
    String resolved = names.resolved(source);
    if (resolved != null && !isReserved(resolved)) {
      held.hold(resolved, address, nowMicros, true);
      boolean same = claimed != null && HostName.isSame(claimed, resolved);
      return new HostNames.Name(resolved, HostSource.DNS, same ? null : claimed, labels);
    }
    return new HostNames.Name(address, HostSource.ADDRESS, claimed, labels);
  }

  /// A host that is not in memory, as it is called now. What no inventory says is left as it is.
  Host renamed(Host host) {
    InetAddress source = InetAddress.ofLiteral(host.address());
    Inventory.Entry entry = names.inventory().find(source);
    boolean inventoried = entry != null && entry.host() != null;
    if (!inventoried
        && host.hostSource() != HostSource.INVENTORY
        && host.hostSource() != HostSource.USERDATA) {
      Map<String, String> labels = entry == null ? Map.of() : entry.labels();
      return host.named(host.host(), host.hostSource(), host.claimedHost(), labels);
    }
    String userdata = host.hostSource() == HostSource.USERDATA ? host.host() : host.claimedHost();
    HostNames.Name name = of(source, host.address(), userdata, host.lastSeenMicros());
    return host.named(name.host(), name.source(), name.claimed(), name.labels());
  }

  private boolean mayHave(InetAddress source, String address, String name, long nowMicros) {
    if (name.equalsIgnoreCase(Host.CANARY)) {
      return HostName.isCanary(source);
    }
    return !isReserved(name)
        && !HostName.isAddress(name)
        && held.hold(name, address, nowMicros, false);
  }

  /// Whether no address outside the inventory may have the name.
  private boolean isReserved(String name) {
    return name.equalsIgnoreCase(Host.CANARY)
        || names.inventory().hasName(name.toLowerCase(Locale.ROOT));
  }
}
