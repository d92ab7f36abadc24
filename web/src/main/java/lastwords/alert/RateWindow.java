package lastwords.alert;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import lastwords.kernel.Alarm;
import lastwords.kernel.HostSource;
import lastwords.kernel.Severity;

/// The minute that begins with an alarm, in which at most `alarms-per-minute` alarms are notified
/// one by one, and how they are shared among senders that nothing authenticates.
///
/// An alarm is notified at once while its address, its network and, unless it is the first of its
/// address, its signature have not taken their shares. What is beyond a share is held, and released
/// as the minute passes; see [#release]. So a fleet that fails together gets all of the minute, and
/// a sender with hundreds of alarms leaves room for the first alarm of another machine. The first
/// critical alarm of an address has a headroom above the cap.
///
/// Hosts that the inventory names have half as many alarms again to themselves, shared in the same
/// way: nobody takes that from them who doesn't send with their addresses. Who forges hundreds of
/// addresses in many networks can delay the alarm of any other host by minutes, since nothing tells
/// its alarms from real ones; it can't keep one back.
///
/// Memory is bounded by the cap: only what was notified is counted. Not thread-safe.
final class RateWindow {
  static final Duration LENGTH = Duration.ofMinutes(1);

  /// One address gets at once a fiftieth of the minute: a machine with many failing disks has some
  /// dozen alarms, the rest of which follow within seconds where nobody else needs the room.
  static final int ADDRESS_SHARE = 50;

  /// One network gets at once a quarter of the minute: a whole rack of 250 machines by default.
  static final int NETWORK_SHARE = 4;

  /// Later alarms of an address with a signature that was notified already get at once a quarter.
  static final int SIGNATURE_SHARE = 4;

  /// A share is never smaller: so small a cap leaves nothing to divide, who comes first has it.
  static final int LEAST_SHARE = 4;

  /// A tenth above the cap, for the first critical alarm of an address only.
  static final int HEADROOM = 10;

  /// Half of the minute's cap is for hosts of the inventory, in addition.
  static final int INVENTORY_SHARE = 2;

  private final Share all;
  private final Share inventory;
  private final long number;
  private final long openedAtMicros;

  /// @param cap `alarms-per-minute`
  /// @param number the ledger's number of the crash that began it
  RateWindow(int cap, long number, long openedAtMicros) {
    this.all = new Share(cap);
    this.inventory = new Share(cap / INVENTORY_SHARE);
    this.number = number;
    this.openedAtMicros = openedAtMicros;
  }

  /// Whether the alarm is notified at once. Counts it when it is.
  boolean admit(Alarm alarm, long nowMicros) {
    double passed = passed(nowMicros);
    int ofAddress = ofAddress(alarm);
    return count(alarm, share -> share.admits(alarm, ofAddress, passed));
  }

  /// Whether an alarm that was held is notified now. Counts it when it is. The last quarter is kept
  /// for the first alarm of an address.
  boolean release(Alarm alarm, long nowMicros) {
    double passed = passed(nowMicros);
    int ofAddress = ofAddress(alarm);
    return count(alarm, share -> share.releases(ofAddress, passed));
  }

  private boolean count(Alarm alarm, Predicate<Share> takes) {
    if (isOfInventory(alarm) && takes.test(inventory)) {
      inventory.count(alarm);
      return true;
    }
    if (takes.test(all)) {
      all.count(alarm);
      return true;
    }
    return false;
  }

  /// Whether anything that was held may be notified now.
  ///
  /// @param ofInventory of hosts that the inventory names, or of all others
  boolean hasRoom(boolean ofInventory, long nowMicros) {
    double passed = passed(nowMicros);
    return all.hasRoom(passed) || (ofInventory && inventory.hasRoom(passed));
  }

  private double passed(long nowMicros) {
    double passed = (nowMicros - openedAtMicros) / (double) TimeUnit.MICROSECONDS.convert(LENGTH);
    return Math.clamp(passed, 0, 1);
  }

  private static boolean isOfInventory(Alarm alarm) {
    return alarm.hostSource() == HostSource.INVENTORY;
  }

  /// Counts an alarm that was notified within this minute, by a process before this one.
  void count(Alarm alarm) {
    Share share = isOfInventory(alarm) && inventory.notified < inventory.cap ? inventory : all;
    share.count(alarm);
  }

  /// Alarms of the same address that were notified within this minute.
  int ofAddress(Alarm alarm) {
    return all.ofAddress(alarm) + inventory.ofAddress(alarm);
  }

  /// Also when the clock was set back to before its beginning.
  boolean isOver(long nowMicros) {
    return nowMicros < openedAtMicros
        || nowMicros - openedAtMicros >= TimeUnit.MICROSECONDS.convert(LENGTH);
  }

  /// Names the alert storm that this minute is once an alarm is held; comes from the number of the
  /// crash that began it, so that the summary is the same one after a restart.
  String id() {
    return "storm-" + number;
  }

  long number() {
    return number;
  }

  long openedAtMicros() {
    return openedAtMicros;
  }

  /// Alarms notified one by one.
  int notified() {
    return all.notified + inventory.notified;
  }

  /// So many alarms, divided by address, network and signature. What may be used grows over the
  /// minute, so that a flood at its beginning leaves room for what happens at its end.
  private static final class Share {
    private final int cap;
    private final Map<String, Integer> byAddress = new HashMap<>();
    private final Map<String, Integer> byNetwork = new HashMap<>();
    private final Map<String, Integer> bySignature = new HashMap<>();
    private int notified;

    Share(int cap) {
      this.cap = cap;
    }

    /// @param ofAddress alarms of that address so far
    /// @param passed of the minute, from 0 to 1
    boolean admits(Alarm alarm, int ofAddress, double passed) {
      int ofSignature = bySignature.getOrDefault(alarm.signature(), 0);
      if (ofAddress >= part(ADDRESS_SHARE)
          || byNetwork.getOrDefault(alarm.network(), 0) >= part(NETWORK_SHARE)) {
        return false;
      }
      if (ofAddress == 0) {
        return alarm.severity() == Severity.CRITICAL
            ? notified < cap + cap / HEADROOM
            : notified < threeQuarters();
      }
      return (ofSignature == 0 || ofSignature < part(SIGNATURE_SHARE))
          && notified < until(threeQuarters(), passed);
    }

    boolean releases(int ofAddress, double passed) {
      return notified < until(ofAddress == 0 ? cap : threeQuarters(), passed);
    }

    boolean hasRoom(double passed) {
      return notified < until(cap, passed);
    }

    /// Half of that many at the beginning, and all of them at the end.
    private int until(int most, double passed) {
      return Math.min(most, Math.max(LEAST_SHARE, (int) (most * (0.5 + 0.5 * passed))));
    }

    private int part(int divisor) {
      return Math.min(cap, Math.max(LEAST_SHARE, cap / divisor));
    }

    private int threeQuarters() {
      return Math.min(cap, Math.max(LEAST_SHARE, cap - cap / 4));
    }

    void count(Alarm alarm) {
      notified++;
      byAddress.merge(alarm.sender(), 1, Integer::sum);
      byNetwork.merge(alarm.network(), 1, Integer::sum);
      bySignature.merge(alarm.signature(), 1, Integer::sum);
    }

    int ofAddress(Alarm alarm) {
      return byAddress.getOrDefault(alarm.sender(), 0);
    }
  }
}
