package lastwords.alert;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import lastwords.kernel.Alarm;
import lastwords.kernel.Severity;
import lastwords.kernel.SourceNetwork;

/// The minute that begins with an alarm, in which at most `alarms-per-minute` alarms are notified
/// one by one, and how they are shared among senders that nothing authenticates.
///
/// An alarm is notified at once while its address, its network and, unless it is the first of its
/// address, its signature have not taken their shares. What is beyond a share is held, and released
/// as the minute passes without others that need the room; see [#releases]. So a fleet that fails
/// together gets all of the minute, and a sender with hundreds of alarms leaves room for the first
/// alarm of another machine. The first critical alarm of an address has a headroom above the cap.
/// Who forges hundreds of addresses in many networks can delay an alarm by minutes, since nothing
/// tells its alarms from real ones; it can't keep one back.
///
/// Memory is bounded by the cap: only what was notified is counted. Not thread-safe.
final class RateWindow {
  static final Duration LENGTH = Duration.ofMinutes(1);

  /// One address gets at once a twentieth of the minute: a machine with many failing disks has some
  /// dozen alarms, and a dozen forged addresses don't use up what is for [#LATER_ALARMS].
  static final int ADDRESS_SHARE = 20;

  /// One network gets at once a quarter of the minute: a whole rack of 250 machines by default.
  static final int NETWORK_SHARE = 4;

  /// Later alarms of an address with a signature that was notified already get at once a quarter.
  static final int SIGNATURE_SHARE = 4;

  /// All alarms but the first of each address get at once half of the minute.
  static final int LATER_ALARMS = 2;

  /// A share is never smaller: so small a cap leaves nothing to divide, who comes first has it.
  static final int LEAST_SHARE = 4;

  /// A tenth above the cap, for the first critical alarm of an address only.
  static final int HEADROOM = 10;

  /// What is held gets half of the minute's cap at once, and the rest of it over this time.
  static final Duration RELEASE_OVER = Duration.ofSeconds(30);

  private final int cap;
  private final long number;
  private final long openedAtMicros;
  private final Map<String, Integer> byAddress = new HashMap<>();
  private final Map<String, Integer> byNetwork = new HashMap<>();
  private final Map<String, Integer> bySignature = new HashMap<>();
  private int notified;

  /// @param cap `alarms-per-minute`
  /// @param number the ledger's number of the crash that began it
  RateWindow(int cap, long number, long openedAtMicros) {
    this.cap = cap;
    this.number = number;
    this.openedAtMicros = openedAtMicros;
  }

  /// Whether the alarm may be notified at once.
  boolean admits(Alarm alarm) {
    int ofAddress = ofAddress(alarm);
    int ofSignature = bySignature.getOrDefault(alarm.signature(), 0);
    if (ofAddress >= share(ADDRESS_SHARE)
        || byNetwork.getOrDefault(network(alarm), 0) >= share(NETWORK_SHARE)) {
      return false;
    }
    if (ofAddress == 0 && alarm.severity() == Severity.CRITICAL) {
      return notified < cap + cap / HEADROOM;
    }
    if (ofAddress == 0 || ofSignature == 0) {
      return notified < threeQuarters();
    }
    return ofSignature < share(SIGNATURE_SHARE) && notified < share(LATER_ALARMS);
  }

  /// Whether an alarm that was held may be notified now. The last quarter is kept for the first
  /// alarm of an address.
  boolean releases(Alarm alarm, long nowMicros) {
    return notified < releasable(nowMicros)
        && (ofAddress(alarm) == 0 || notified < threeQuarters());
  }

  /// How many alarms may be notified in all before the next one that was held has to wait.
  private long releasable(long nowMicros) {
    double passed =
        (nowMicros - openedAtMicros) / (double) TimeUnit.MICROSECONDS.convert(RELEASE_OVER);
    return Math.min(cap, (long) (cap * (0.5 + 0.5 * Math.max(0, passed))));
  }

  /// Whether anything that was held may be notified now.
  boolean hasRoom(long nowMicros) {
    return notified < releasable(nowMicros);
  }

  private int share(int part) {
    return Math.min(cap, Math.max(LEAST_SHARE, cap / part));
  }

  private int threeQuarters() {
    return Math.min(cap, Math.max(LEAST_SHARE, cap - cap / 4));
  }

  /// Counts an alarm that was notified within this minute.
  void count(Alarm alarm) {
    notified++;
    byAddress.merge(address(alarm), 1, Integer::sum);
    byNetwork.merge(network(alarm), 1, Integer::sum);
    bySignature.merge(alarm.signature(), 1, Integer::sum);
  }

  /// Alarms of the same address that were notified within this minute.
  int ofAddress(Alarm alarm) {
    return byAddress.getOrDefault(address(alarm), 0);
  }

  private static String address(Alarm alarm) {
    return Objects.requireNonNullElse(alarm.address(), alarm.host());
  }

  /// The network of the alarm's address; the address itself where it is none.
  private static String network(Alarm alarm) {
    return SourceNetwork.of(address(alarm));
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
    return notified;
  }
}
