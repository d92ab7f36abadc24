package lastwords.assemble;

import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Which address has which host name, of the names that are not from the inventory.
///
/// The first address that is heard under a name has it until it has been silent for [#HELD_MICROS],
/// or calls itself by another name. An address has one name. Names compare without regard to case.
/// A name from reverse DNS takes the place of the same name from userdata, since whoever runs the
/// network gave it; several addresses may share one from DNS. Belongs to one reader of the log and
/// its thread, so that what it decides follows from the order of the log.
final class HeldNames {
  /// How long a name stays with an address after its last message: as long as a host may be silent
  /// before it counts as silent. An address that a machine gave up, as by DHCP, gives the name up
  /// at the latest then; at once when its next machine has another name.
  static final long HELD_MICROS = TimeUnit.HOURS.toMicros(24);

  /// Estimated bytes of all names: room for 130,000 ordinary ones. When they are used up, a further
  /// name is only claimed until an older one ends: a flood of made-up names takes no name away.
  static final long MAX_BYTES = 32L << 20;

  /// Estimated bytes of a name without its characters, in both maps.
  private static final int ENTRY_BYTES = 200;

  private record Holder(String address, long heardMicros, boolean dns) {}

  private final long maxBytes;

  /// By name in lower case, least recently heard first.
  private final LinkedHashMap<String, Holder> holders = new LinkedHashMap<>(64, 0.75f, true);

  private final Map<String, String> nameOf = new HashMap<>();
  private long bytes;

  HeldNames() {
    this(MAX_BYTES);
  }

  HeldNames(long maxBytes) {
    this.maxBytes = maxBytes;
  }

  /// Gives the name to the address, or returns false where another address has it or there is no
  /// room. A name from DNS is refused for want of room only. An address that has the name is heard
  /// again.
  ///
  /// @param dns whether reverse DNS names the address so
  boolean hold(String name, String address, long nowMicros, boolean dns) {
    String key = name.toLowerCase(Locale.ROOT);
    Holder holder = holders.get(key);
    if (holder != null && !holder.address.equals(address)) {
      boolean living = nowMicros - holder.heardMicros < HELD_MICROS;
      if (living && (!dns || holder.dns)) {
        return dns;
      }
      remove(key, holder);
      holder = null;
    }
    if (holder == null) {
      if (!makeRoom(cost(key), nowMicros)) {
        return false;
      }
      giveUp(address);
      nameOf.put(address, key);
      bytes += cost(key);
    }
    long heard = holder == null ? nowMicros : Math.max(holder.heardMicros, nowMicros);
    holders.put(key, new Holder(address, heard, dns));
    return true;
  }

  private void giveUp(String address) {
    String before = nameOf.get(address);
    Holder holder = before == null ? null : holders.get(before);
    if (before != null && holder != null) {
      remove(before, holder);
    }
  }

  private boolean makeRoom(long need, long nowMicros) {
    Iterator<Map.Entry<String, Holder>> oldest = holders.entrySet().iterator();
    while (bytes + need > maxBytes && oldest.hasNext()) {
      Map.Entry<String, Holder> next = oldest.next();
      if (nowMicros - next.getValue().heardMicros < HELD_MICROS) {
        return false;
      }
      oldest.remove();
      nameOf.remove(next.getValue().address);
      bytes -= cost(next.getKey());
    }
    return bytes + need <= maxBytes;
  }

  private void remove(String key, Holder holder) {
    holders.remove(key);
    nameOf.remove(holder.address);
    bytes -= cost(key);
  }

  private static long cost(String key) {
    return ENTRY_BYTES + 2L * key.length();
  }

  /// The address that has the name, null when none has.
  @Nullable String holder(String name) {
    Holder holder = holders.get(name.toLowerCase(Locale.ROOT));
    return holder == null ? null : holder.address;
  }

  long bytes() {
    return bytes;
  }
}
