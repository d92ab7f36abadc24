package lastwords.readers;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import lastwords.assemble.HostNames;
import lastwords.assemble.HostReader;
import lastwords.detect.Counters;
import lastwords.detect.Detector;
import lastwords.kernel.Crash;
import lastwords.kernel.Event;
import lastwords.store.Checkpoint;
import lastwords.store.Ledger;
import lastwords.store.Log;

/// Reads the log for trouble: decode → assemble → detect and sign → the crash into the ledger, and
/// what is known of each host.
public final class Analysis extends Reader {
  private static final String NAME = "analysis";
  private static final Duration CHECKPOINT_EVERY = Duration.ofSeconds(10);
  private static final long HOSTS_EVERY_MICROS = 1_000_000;

  private final Ledger ledger;
  private final Found found;
  private long nextHostsMicros;

  public Analysis(Log log, Ledger ledger, HostNames names, InstantSource clock) {
    this(log, ledger, names, clock, new Found());
  }

  private Analysis(Log log, Ledger ledger, HostNames names, InstantSource clock, Found found) {
    super(NAME, log, names, clock, CHECKPOINT_EVERY, found::newHost);
    this.ledger = ledger;
    this.found = found;
  }

  /// What detection counted.
  public Counters detection() {
    return found.counters;
  }

  @Override
  Checkpoint start() {
    return ledger.checkpoint(NAME);
  }

  @Override
  void passOn(long nowMicros) {
    if (!found.crashes.isEmpty()) {
      ledger.put(found.crashes.values());
      found.crashes.clear();
    }
    if (nowMicros >= nextHostsMicros) {
      ledger.putHosts(streams.changedHosts());
      nextHostsMicros = nowMicros + HOSTS_EVERY_MICROS;
    }
  }

  @Override
  void keep(Checkpoint checkpoint) {
    ledger.putHosts(streams.changedHosts());
    ledger.save(NAME, checkpoint);
  }

  /// The crashes found and not yet passed on, by id, each as it was last told.
  private static final class Found {
    final Map<String, Crash> crashes = new LinkedHashMap<>();
    final Counters counters = new Counters();

    HostReader newHost() {
      return new Detection(
          new Detector(crash -> crashes.put(String.valueOf(crash.id()), crash), counters));
    }
  }

  private record Detection(Detector detector) implements HostReader {
    @Override
    public void accept(Event event) {
      detector.accept(event);
    }

    @Override
    public void advance(long nowMicros) {
      detector.advance(nowMicros);
    }

    @Override
    public long deadlineMicros() {
      return detector.deadlineMicros();
    }

    @Override
    public boolean isAtRest() {
      return detector.isAtRest();
    }

    @Override
    public void save(DataOutput to) throws IOException {
      byte[] state = detector.save();
      to.writeInt(state.length);
      to.write(state);
    }

    @Override
    public void load(DataInput from) throws IOException {
      byte[] state = new byte[from.readInt()];
      from.readFully(state);
      detector.load(state);
    }
  }
}
