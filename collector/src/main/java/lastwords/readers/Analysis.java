package lastwords.readers;

import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import lastwords.assemble.HostNames;
import lastwords.detect.Counters;
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
  void passOn(long nowMicros, long settledOffset) {
    if (!found.crashes.isEmpty()) {
      makeDurable();
      ledger.put(found.crashes.values());
      found.clear();
    }
    if (hosts.isDue(nowMicros)) {
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
