package lastwords.store;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import lastwords.kernel.Alarm;
import lastwords.kernel.Crash;
import lastwords.kernel.Delivery;
import lastwords.kernel.Exposure;
import lastwords.kernel.Host;
import lastwords.kernel.Run;
import lastwords.kernel.Severity;
import lastwords.kernel.Sightings;
import lastwords.kernel.Signature;
import org.jspecify.annotations.Nullable;

/// What outlives the log or cannot be derived: crashes, what people decided, alarms and their
/// deliveries, what is known of each host, where each reader stands.
///
/// Safe for any number of threads and, where the implementation says so, processes. Each method is
/// one transaction: done as a whole and durable when it returns, or not done at all. Writing what
/// is already there changes nothing.
public interface Ledger extends AutoCloseable {

  /// Names this ledger for as long as it exists; a new one has another name.
  String id();

  /// The log offset from which on crashes are news: what a new ledger found in the log when it was
  /// made is not. Set once, by the first call with a new ledger; later calls return what was set.
  long newsFrom(long endOfLog);

  // Readers.

  /// Where the reader of that name may go on; [Place#START] when it never saved one.
  Place place(String reader);

  /// A reader's place in the log, and whose states are kept beside it.
  ///
  /// @param offset that of the last [Checkpoint]
  /// @param addresses saved longest ago first
  record Place(long offset, List<String> addresses) {
    public static final Place START = new Place(0, List.of());
  }

  /// The state of that address, as the reader last saved it.
  Optional<Checkpoint.State> state(String reader, String address);

  /// How far the reader of that name had come when it last saved: no state of its accounts for this
  /// offset or a later one; 0 when it never saved. Cheap, unlike [#place].
  long offset(String reader);

  /// Keeps a reader's place and, of its states, those given; drops those forgotten.
  void save(String reader, Checkpoint checkpoint);

  /// Forgets a reader's place and states.
  void forget(String reader);

  // Crashes, written by analysis.

  /// Writes crashes by id. One that is already there with the same content is no change. One that
  /// is already there under another version of the rules keeps title, signature and explanation:
  /// better rules name new crashes only.
  void put(Collection<Crash> crashes);

  /// The crash of that id.
  Optional<Crash> crash(String id);

  /// Crashes by id, in the order asked; unknown ids are left out.
  List<Crash> crashes(List<String> ids);

  /// Crashes by position, newest first, received in that time, after the position given.
  List<Crash> crashes(long sinceMicros, long untilMicros, @Nullable Long after, int limit);

  /// Crashes as they were first written, in that order: what alerting reads.
  List<Change> newCrashesAfter(long number, int limit);

  /// Crashes as they were last written or completed, in that order: what indexing reads.
  List<Change> changedCrashesAfter(long number, int limit);

  /// The number of the last change of any crash; 0 when there is none.
  long lastChange();

  /// @param number where this change stands in the order asked for
  record Change(long number, Crash crash) {}

  /// Crashes that retention dropped, in that order: what indexing takes back. Only the last 100,000
  /// are known; an id that is in no ledger any more must be tolerated everywhere.
  List<Gone> droppedCrashesAfter(long number, int limit);

  /// @param number where this one stands in the order
  /// @param id that of the crash
  record Gone(long number, String id) {}

  // Signatures, derived from crashes, and what people decided about them. Their numbers count the
  // crashes too that retention dropped.

  /// Those of the given signatures that exist, or all when null; last seen first.
  List<Signature> signatures(@Nullable Collection<String> signatures);

  Optional<Signature> signature(String signature);

  /// A page of all signatures, last seen first, those after the one given.
  ///
  /// @param lastSeenMicros,after of the last one of the page before; `Long.MAX_VALUE` and "" for
  ///   the first page
  List<Signature> signatures(long lastSeenMicros, String after, int limit);

  /// The signatures in a state people put them in; [Signature.State#OPEN] is what is in none.
  Collection<String> signaturesIn(Signature.State state);

  // Hosts, written by analysis.

  void putHosts(Collection<Host> hosts);

  /// Forgets what is known of these addresses and how long they were watched; not their crashes.
  void forgetHosts(Collection<String> addresses);

  /// All addresses known, by host name, then address.
  List<Host> hosts();

  /// The addresses of the host names that come first after the one given, by host name, then
  /// address.
  ///
  /// @param after "" for the first page
  /// @param limit how many host names
  List<Host> hosts(String after, int limit);

  /// The addresses known of a host name.
  List<Host> hostsNamed(String host);

  /// How many crashes each of these host names had; those without are left out.
  Map<String, Long> crashesByHost(Collection<String> hosts);

  // Runs: how long hosts were watched, and with what; written by analysis.

  /// Writes runs by boot. What is there of a boot only grows: its end moves on, and a release or
  /// hardware once known stays known until another is said. An address keeps its
  /// [#MAX_RUNS_PER_ADDRESS] newest, the ledger its [#MAX_RUNS] newest.
  void putRuns(Collection<Run> runs);

  /// A machine that boots once an hour for four days; what crashed before is not judged any more.
  int MAX_RUNS_PER_ADDRESS = 100;

  /// Of 100,000 hosts ten each; a million spoofed senders take the place of these and no more.
  int MAX_RUNS = 1_000_000;

  /// How long hosts were watched, by release and hardware.
  List<Exposure> exposures(Watch watch);

  /// The hosts on which a signature was seen, by name, with all they ran.
  Sightings sightings(String signature, Watch watch);

  /// What counts as watched: a boot from its start until the host's next boot, a panic, or a
  /// silence.
  ///
  /// @param sinceMicros,untilMicros only what lies between
  /// @param silenceMicros how long after its last word a host still counts as running
  record Watch(long sinceMicros, long untilMicros, long silenceMicros) {}

  // Alarms and their deliveries, written by alerting.

  /// Raises alarms with their deliveries and keeps alerting's place, all or nothing. An alarm whose
  /// id is there is changed where its [Alarm#version] is newer, and left as it is otherwise. A
  /// delivery whose id is there is left as it is; a new one replaces, as what a target is to be
  /// reminded of, the earlier deliveries of its alarm to that target.
  ///
  /// @param repeats alarms of which crashes came again that raise no alarm of their own
  void raise(
      Collection<Alarm> alarms,
      Collection<Delivery> deliveries,
      Collection<Repeat> repeats,
      long lastNumber);

  /// As above, without repeats.
  default void raise(Collection<Alarm> alarms, Collection<Delivery> deliveries, long lastNumber) {
    raise(alarms, deliveries, List.of(), lastNumber);
  }

  /// An alarm whose crash came again at that time.
  record Repeat(String alarm, long atMicros) {}

  /// The number of the last crash alerting has dealt with.
  long alertedUpTo();

  /// The last alarm of that signature on that host at that address, raised at or before the time;
  /// of that part of it, where the part is known of both. An alarm of an earlier version, which has
  /// no address, counts for each address.
  Optional<Alarm> lastAlarm(Origin origin, long atMicros);

  /// Whose alarm: another sender under the same name is another origin.
  record Origin(String signature, String host, @Nullable String address, @Nullable String part) {}

  Optional<Alarm> alarm(String id);

  /// Alarms raised, newest first, those after the id given.
  List<Alarm> alarms(AlarmQuery query, @Nullable String after, int limit);

  /// Which alarms; null asks for any.
  ///
  /// @param storm the alert storm they were held in
  /// @param sinceMicros raised at or after
  record AlarmQuery(
      @Nullable String state,
      @Nullable String reason,
      @Nullable String storm,
      @Nullable Long sinceMicros) {
    public static final AlarmQuery ALL = new AlarmQuery(null, null, null, null);

    /// Those in one state.
    public static AlarmQuery in(String state) {
      return new AlarmQuery(state, null, null, null);
    }
  }

  /// Alarms notified at or after that time, in no order: what counts towards the rate limit.
  List<Alarm> notifiedSince(long micros);

  /// Alarms with the reason `storm`, raised at or after that time: the first of each address before
  /// the second of any, among equals the most severe first, then the newest. An address's are in
  /// turn the most severe and the newest: who sends with its address can make many of one sort, and
  /// what happens now is worth more than what happened before.
  ///
  /// @param ofInventory those of hosts that the inventory names, or all others
  List<Alarm> held(boolean ofInventory, long sinceMicros, int limit);

  /// What is held of an alert storm.
  ///
  /// @param limit signatures named
  /// @param hosts hosts named for each
  HeldAlarms heldIn(String storm, int limit, int hosts);

  /// Alarms of an alert storm that were not notified one by one.
  ///
  /// @param largest signatures, the most severe first, among equals the most widespread
  record HeldAlarms(
      long alarms, long hosts, long signatures, Severity severity, List<HeldSignature> largest) {}

  /// @param hosts how many
  /// @param names of some of them
  record HeldSignature(
      String signature,
      String title,
      String kind,
      Severity severity,
      long alarms,
      long hosts,
      List<String> names) {}

  /// Pending deliveries to a target whose time has come, by ascending priority, then oldest first;
  /// of each alarm only the first that is pending.
  List<Delivery> due(String target, long nowMicros, int limit);

  /// Writes what became of deliveries, all or nothing.
  void update(Collection<Delivery> deliveries);

  /// Writes what became of a delivery.
  default void update(Delivery delivery) {
    update(List.of(delivery));
  }

  Optional<Delivery> delivery(String id);

  /// The delivery of an alarm to a target that was made last.
  Optional<Delivery> lastDelivery(String alarm, String target);

  /// Deliveries, newest first, to one target or any, in one state or any, those after the id given.
  List<Delivery> deliveries(
      @Nullable String target, Delivery.@Nullable State state, @Nullable String after, int limit);

  /// The deliveries a target is to be reminded of: the latest of each alarm, storm or test, whose
  /// crash was last seen after that time and whose alarm is not resolved; most severe first.
  List<String> firing(String target, long lastSeenAfterMicros, int limit);

  /// Likewise, what is over: last seen within the time, or resolved within the time that is so much
  /// later.
  List<String> over(String target, long sinceMicros, long untilMicros, long lastsMicros, int limit);

  /// Deliveries by id, with when their crash was last seen; unknown ids are left out.
  List<Reminder> reminders(List<String> ids);

  record Reminder(Delivery delivery, long lastSeenMicros) {}

  /// What waits to be delivered, to all targets.
  Outbox outbox();

  /// @param pending deliveries still to be made
  /// @param oldestMicros when the one that waits longest was written; 0 when none does
  /// @param failed deliveries that were given up
  record Outbox(long pending, long oldestMicros, long failed) {}

  // Retention, called by the process that writes crashes.

  /// Drops what is beyond the limits, in short transactions and a bounded number of them: to be
  /// called each second, by one thread. Returns how many rows went.
  ///
  /// Never dropped: pending deliveries, the first and the newest crash of a signature that people
  /// decided about or that several source networks showed, and the decisions themselves. Readers'
  /// states go with their hosts, and where they hold too much, those of the hosts known for the
  /// shortest time; such a host begins anew. A sender's share (of its address, of its network) is
  /// kept by [#put] already.
  long retain(Limits limits, long nowMicros);

  /// How many rows were dropped since this process opened the ledger.
  Map<Dropped, Long> dropped();

  /// What the ledger occupies on its disk. Waits for nothing.
  long bytes();

  /// Why its disk isn't trusted: it failed to take what was written, and not all of that was
  /// written again and synced yet. Nothing counts as done that such a failure concerns. Waits for
  /// nothing.
  Optional<String> problem();

  /// How often its disk failed to take what was written, since this process opened the ledger.
  long diskFailures();

  /// @param bytes that may be in use; files hold somewhat more, see [#bytes]
  /// @param crashes how long crashes and alarms are kept
  /// @param deliveries how long deliveries are kept once they are made or given up
  /// @param hosts how long a host and its runs are kept since it was last heard
  record Limits(long bytes, Duration crashes, Duration deliveries, Duration hosts) {}

  /// What may be dropped, and why.
  enum Dropped {
    CRASH_AGE("crash", "age"),
    CRASH_ADDRESS_SHARE("crash", "address_share"),
    CRASH_NETWORK_SHARE("crash", "network_share"),
    CRASH_BYTES("crash", "bytes"),
    SIGNATURE_COUNT("crash", "signature_count"),
    SIGNATURE_BYTES("crash", "signature_bytes"),
    ALARM_AGE("alarm", "age"),
    ALARM_ADDRESS_SHARE("alarm", "address_share"),
    ALARM_NETWORK_SHARE("alarm", "network_share"),
    ALARM_COUNT("alarm", "count"),
    ALARM_BYTES("alarm", "bytes"),
    DELIVERY_AGE("delivery", "age"),
    DELIVERY_ALARM("delivery", "alarm"),
    DELIVERY_BYTES("delivery", "bytes"),
    HOST_AGE("host", "age"),
    STATE_BYTES("state", "bytes"),
    RUN_AGE("run", "age"),
    RUN_BYTES("run", "bytes");

    private final String what;
    private final String reason;

    Dropped(String what, String reason) {
      this.what = what;
      this.reason = reason;
    }

    /// The kind of row, as metrics name it.
    public String what() {
      return what;
    }

    /// Which limit it was beyond, as metrics name it.
    public String reason() {
      return reason;
    }
  }

  /// What waits to be delivered to one target; cheap.
  Waiting waiting(String target);

  /// @param oldestMicros as in [Outbox]
  record Waiting(long pending, long oldestMicros) {}

  /// Why a target takes no more deliveries, or empty while it does.
  Optional<Disabled> disabled(String target);

  record Disabled(String reason, long sinceMicros) {}

  /// Switches a target off with a reason.
  void disable(String target, String reason, long sinceMicros);

  /// Switches a target on.
  void enable(String target);

  /// Keeps a digest of how a target is configured. Switches the target on when it was off and was
  /// configured otherwise before; returns whether it did.
  boolean configured(String target, String digest);

  /// The targets that were configured or have deliveries to be made, each with the digest that
  /// [#configured] keeps; empty where there is none.
  Map<String, String> targets();

  /// Takes a target away: gives up what is to be delivered to it, no longer counts what was
  /// delivered as [#firing], and forgets how it was configured and that it was switched off.
  /// Returns how many deliveries were given up.
  ///
  /// @param reason becomes their error
  int withdraw(String target, String reason, long nowMicros);

  @Override
  void close();
}
