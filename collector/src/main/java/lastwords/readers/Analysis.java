package lastwords.readers;

import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import lastwords.assemble.HostNames;
import lastwords.detect.Counters;
import lastwords.kernel.Host;
import lastwords.linux.Priority;
import lastwords.store.Checkpoint;
import lastwords.store.Ledger;
import lastwords.store.Log;

/// Reads the log for trouble: decode → assemble → detect and sign → the crash into the ledger, and
/// what is known of each host and its boots.
public final class Analysis extends Reader {
  private static final String NAME = "analysis";
  private static final Duration CHECKPOINT_EVERY = Duration.ofSeconds(10);
  private static final Duration HOSTS_EVERY = Duration.ofSeconds(1);

  private final Ledger ledger;
  private final Found found;
  private final LongAdder unsyncedCrashes = new LongAdder();
  private final Pace hosts = new Pace(HOSTS_EVERY);

  public Analysis(Log log, Ledger ledger, HostNames names, InstantSource clock) {
    this(log, ledger, names, clock, new Found());
  }

  private Analysis(Log log, Ledger ledger, HostNames names, InstantSource clock, Found found) {
    super(
        NAME,
        log,
        names,
        clock,
        CHECKPOINT_EVERY,
        found::newHost,
        Priority.ANALYSIS,
        ledger.offset(NAME));
    this.ledger = ledger;
    this.found = found;
  }

  /// Crashes, changes included, that were published before their datagrams were durable, because
  /// the disk failed or was slow.
  public LongAdder unsyncedCrashes() {
    return unsyncedCrashes;
  }

  /// What detection counted.
  public Counters detection() {
    return found.counters;
  }

  @Override
  Ledger.Place start() {
    return ledger.place(NAME);
  }

  @Override
  Optional<Checkpoint.State> state(String address) {
    return ledger.state(NAME, address);
  }

  @Override
  long collectedBytes() {
    return found.bytes();
  }

  @Override
  List<Host> known() {
    return ledger.hosts();
  }

  @Override
  void passOn(long nowMicros, long settledOffset) {
    if (!found.crashes.isEmpty()) {
      // An alarm matters more than durability: ids are safe, since a log that loses its end
      // continues
      // behind all offsets that the ledger knows.
      if (!makeDurable()) {
        unsyncedCrashes.add(found.crashes.size());
      }
      ledger.put(found.crashes.values());
      found.clear();
    }
    if (hosts.isDue(nowMicros)) {
      ledger.putHosts(streams.renamedHosts(ledger::hosts));
      ledger.putHosts(streams.changedHosts());
      hosts.done(nowMicros);
    }
  }

  @Override
  void keep(Checkpoint checkpoint) {
    ledger.forgetHosts(checkpoint.forgotten());
    ledger.putHosts(streams.changedHosts());
    ledger.putRuns(streams.changedRuns());
    ledger.save(NAME, checkpoint);
  }
}
