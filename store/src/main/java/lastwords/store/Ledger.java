package lastwords.store;

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

  // Signatures, derived from crashes, and what people decided about them.

  /// Those of the given signatures that exist, or all when null; last seen first.
  List<Signature> signatures(@Nullable Collection<String> signatures);

  Optional<Signature> signature(String signature);

  /// The signatures in a state people put them in; [Signature.State#OPEN] is what is in none.
  Collection<String> signaturesIn(Signature.State state);

  // Hosts, written by analysis.

  void putHosts(Collection<Host> hosts);

  /// Forgets what is known of these addresses and how long they were watched; not their crashes.
  void forgetHosts(Collection<String> addresses);

  /// All addresses known, by host name, then address.
  List<Host> hosts();

  /// How many crashes each host name has.
  Map<String, Long> crashesByHost();

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

  /// Raises alarms with their deliveries and keeps alerting's place, all or nothing. An alarm or
  /// delivery whose id is there is left as it is.
  void raise(Collection<Alarm> alarms, Collection<Delivery> deliveries, long lastNumber);

  /// The number of the last crash alerting has dealt with.
  long alertedUpTo();

  /// The last alarm of that signature on that host raised at or before the time; of that part of
  /// it, where the part is known of both.
  Optional<Alarm> lastAlarm(String signature, String host, @Nullable String part, long atMicros);

  Optional<Alarm> alarm(String id);

  /// Alarms raised, newest first, in one state or in any, those after the id given.
  List<Alarm> alarms(@Nullable String state, @Nullable String after, int limit);

  /// Pending deliveries to a target whose time has come, oldest first.
  List<Delivery> due(String target, long nowMicros, int limit);

  /// Writes what became of a delivery.
  void update(Delivery delivery);

  Optional<Delivery> delivery(String id);

  /// Deliveries, newest first, to one target or any, in one state or any, those after the id given.
  List<Delivery> deliveries(
      @Nullable String target, Delivery.@Nullable State state, @Nullable String after, int limit);

  /// What waits to be delivered, to all targets.
  Outbox outbox();

  /// @param pending deliveries still to be made
  /// @param oldestMicros when the one that waits longest was written; 0 when none does
  /// @param failed deliveries that were given up
  record Outbox(long pending, long oldestMicros, long failed) {}

  /// Why a target takes no more deliveries, or empty while it does.
  Optional<String> disabled(String target);

  /// Switches a target off with a reason, or on again with null.
  void disable(String target, @Nullable String reason);

  @Override
  void close();
}
