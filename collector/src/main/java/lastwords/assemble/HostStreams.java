package lastwords.assemble;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import lastwords.assemble.PrintkRecord.Numbered;
import lastwords.decode.Decoded;
import lastwords.decode.Decoder;
import lastwords.decode.Extended;
import lastwords.kernel.Datagram;
import lastwords.kernel.Host;
import lastwords.kernel.Run;
import lastwords.store.Checkpoint;
import lastwords.store.Ledger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// All hosts' streams as one reader of the log sees them, and where that reader could go on after a
/// restart.
///
/// A host that has nothing to say leaves memory once its state is saved, and is brought back when
/// it speaks. Belongs to one thread. Time comes with [#accept] and [#advance] and never goes back:
/// a datagram received before one that stands in front of it in the log counts as received with
/// that one.
public final class HostStreams {
  private static final Logger LOG = LoggerFactory.getLogger(HostStreams.class);

  /// Waiting hosts are looked through at most this often. It changes no decision: before a host's
  /// own datagram its own times are kept exactly.
  private static final long SWEEP_MICROS = 10_000;

  /// The collector's clock going back this far was set, not slewed.
  static final long CLOCK_STEPPED_MICROS = 2_000_000;

  /// Where more hosts wait than this, [#settledBefore] looks through them each [#SETTLE_MICROS].
  private static final int MANY_WAITING = 1_000;

  private static final long SETTLE_MICROS = 100_000;

  /// Datagrams a restarted reader reads again at the most: some seconds' work. A host that has had
  /// something half-done for as long as this, since it never stops talking, is decided early, which
  /// may cost it an order or the end of a report.
  static final int MAX_READ_AGAIN = 500_000;

  /// A host that was silent for as long leaves memory.
  static final long IDLE_MICROS = 60_000_000;

  /// What hosts may hold in memory before those leave it too that spoke a moment ago: about 1,500
  /// that said thousands of lines, or 15,000 that said few.
  static final long CROWDED_BYTES = 32 << 20;

  /// What they may hold before what waits for a time is decided early, so that all can leave.
  static final long FULL_BYTES = 3 * CROWDED_BYTES;

  /// Heap bytes of all records that wait, over all hosts. Held to between two datagrams, with what
  /// one datagram may add.
  static final long MAX_WAITING_BYTES = 32 << 20;

  /// Between two lines of the log about hosts that failed.
  private static final long COMPLAIN_MICROS = 60_000_000;

  private final Supplier<HostReader> readers;
  private final HostNaming names;
  private int inventoryVersion = -1;
  private final StreamCounters counters;
  private final KnownHosts hosts;

  /// What a datagram is, and the record that it is the whole of: nothing is made for one that
  /// needn't wait.
  private final Extended reused = new Extended();

  private final Numbered arriving = Numbered.reusing(reused);

  /// The saved state of a host that is away; null while none can be.
  private @Nullable Function<String, Optional<Checkpoint.State>> states;

  /// Hosts that the ledger has known for a short time only; until [#goOn].
  private final Set<String> recent = new HashSet<>();

  /// Those with something that waits for a time.
  private final Set<KnownHost> waiting = new LinkedHashSet<>();

  private long nextDeadlineMicros = Long.MAX_VALUE;
  private long nowMicros = Long.MIN_VALUE;
  private long settled;
  private long settledMicros = Long.MIN_VALUE >> 1;

  /// When a failed host was last logged, and how many failed since.
  private long complainedMicros = Long.MIN_VALUE >> 1;

  private long failedSinceComplaint;

  /// Addresses that the ledger knows and should know no more.
  private final List<String> forgotten = new ArrayList<>();

  public HostStreams(Supplier<HostReader> readers, HostNames names, StreamCounters counters) {
    this(readers, names, counters, KnownHosts.MAX_HOSTS);
  }

  HostStreams(
      Supplier<HostReader> readers, HostNames names, StreamCounters counters, int maxHosts) {
    this.readers = readers;
    this.names = new HostNaming(names);
    this.counters = counters;
    this.hosts = new KnownHosts(maxHosts);
  }

  /// Takes the log's next datagram.
  public void accept(Datagram datagram) {
    counters.datagrams.increment();
    if (datagram.receivedAtMicros() < nowMicros - CLOCK_STEPPED_MICROS) {
      clockStepsBackTo(datagram.receivedAtMicros());
    }
    advance(datagram.receivedAtMicros());
    KnownHost host = hosts.find(datagram.source());
    if (host == null && hosts.isAway(datagram.source())) {
      host = bringBack(datagram.source());
    }
    if (host != null && datagram.offset() < host.resumeOffset) {
      counters.reread.increment();
      return;
    }
    Decoded decoded = Decoder.decode(datagram.payload(), reused);
    switch (decoded) {
      case Extended extended -> counters.extended.increment();
      case Decoded.Basic basic -> counters.basic.increment();
      case Decoded.Malformed malformed -> {
        // It says nothing of its sender, and whoever sends only such is no host.
        counters.malformed.increment();
        return;
      }
    }
    if (host == null) {
      host = new KnownHost(newStream(datagram.source(), nowMicros), datagram.offset());
      hosts.add(host);
      makeRoom();
    }
    if (!host.unsaved) {
      // All it said before is saved, however long ago that was: only from here on is it needed.
      host.unsaved = true;
      host.resumeOffset = datagram.offset();
    }
    try {
      HostStream stream = host.stream;
      if (stream.deadlineMicros() <= nowMicros) {
        stream.advance(nowMicros);
      }
      stream.accept(datagram, decoded, arriving, nowMicros);
      changed(host);
    } catch (RuntimeException | StackOverflowError e) {
      counters.failed.increment();
      reset(host, e);
    }
    if (hosts.waitingBytes() > MAX_WAITING_BYTES) {
      releaseWaiting();
    }
  }

  private HostStream newStream(InetAddress source, long firstSeenMicros) {
    return new HostStream(source, readers.get(), names, counters, firstSeenMicros);
  }

  private void changed(KnownHost host) {
    host.changed();
    hosts.grew(host);
    watch(host);
  }

  /// What one host does with its stream. Where that throws, the host begins anew and all others
  /// continue: nothing that one host sends must stop the others.
  private void attempt(KnownHost host, Consumer<HostStream> action) {
    try {
      action.accept(host.stream);
      changed(host);
    } catch (RuntimeException | StackOverflowError e) {
      reset(host, e);
    }
  }

  /// Begins the host anew: what it had waiting, its boot and what its reader knew are lost.
  private void reset(KnownHost host, Throwable why) {
    counters.hostsFailed.increment();
    failedSinceComplaint++;
    if (nowMicros - complainedMicros >= COMPLAIN_MICROS || nowMicros < complainedMicros) {
      LOG.error(
          "failed: {} begins anew, all others continue; {} failures of hosts since the last line"
              + " like this",
          host.stream.address,
          failedSinceComplaint,
          why);
      complainedMicros = nowMicros;
      failedSinceComplaint = 0;
    }
    leave(host);
    host.stream = newStream(host.stream.source, host.stream.firstSeenMicros());
    changed(host);
  }

  /// The host's reader is not used again.
  private static void leave(KnownHost host) {
    try {
      host.stream.reader.leave();
    } catch (RuntimeException | StackOverflowError e) {
      LOG.debug("the reader of {} could not leave", host.stream.address, e);
    }
  }

  /// Hands on what waits before its time until half of what may wait is free, the largest holders
  /// first: a sender that floods gives way before those that wait for one record.
  private void releaseWaiting() {
    counters.fullOverflows.increment();
    long average = hosts.waitingBytes() / Math.max(1, waiting.size());
    for (long atLeast = average; hosts.waitingBytes() > MAX_WAITING_BYTES / 2; atLeast = 0) {
      for (KnownHost host : List.copyOf(waiting)) {
        if (host.waitingBytes >= atLeast && hosts.waitingBytes() > MAX_WAITING_BYTES / 2) {
          attempt(host, HostStream::release);
        }
      }
    }
  }

  /// Nothing that isn't yet accepted was received before this time.
  public void advance(long toMicros) {
    nowMicros = Math.max(nowMicros, toMicros);
    if (nowMicros < nextDeadlineMicros) {
      return;
    }
    long next = Long.MAX_VALUE;
    for (KnownHost host : List.copyOf(waiting)) {
      if (host.deadlineMicros <= nowMicros) {
        attempt(host, stream -> stream.advance(nowMicros));
      }
      next = Math.min(next, host.deadlineMicros);
    }
    nextDeadlineMicros = Math.max(next, nowMicros + SWEEP_MICROS);
  }

  /// The first datagram of which something waits to be handed on, `readOffset` when nothing does;
  /// where many hosts wait, as it was a moment ago.
  public long settledBefore(long readOffset) {
    long since = nowMicros - settledMicros;
    if (waiting.size() > MANY_WAITING && since >= 0 && since < SETTLE_MICROS) {
      return settled;
    }
    settled = readOffset;
    for (KnownHost host : waiting) {
      settled = Math.min(settled, host.stream.oldestWaitingOffset());
    }
    settledMicros = nowMicros;
    return settled;
  }

  /// Nothing more will be received: hands on all that waits.
  public void end() {
    for (KnownHost host : List.copyOf(waiting)) {
      endWaits(host);
    }
    nextDeadlineMicros = Long.MAX_VALUE;
  }

  /// Ends every wait, so that nobody waits for a time that takes hours to come back.
  private void clockStepsBackTo(long micros) {
    end();
    nowMicros = micros;
  }

  private void endWaits(KnownHost host) {
    while (host.deadlineMicros != Long.MAX_VALUE) {
      attempt(host, stream -> stream.advance(stream.deadlineMicros()));
    }
  }

  /// What changed of the hosts since the last call.
  public List<Host> changedHosts() {
    List<Host> changed = new ArrayList<>();
    for (KnownHost host : hosts.list()) {
      if (host.hostChanged) {
        host.hostChanged = false;
        host.inLedger = true;
        changed.add(host.stream.host());
      }
    }
    return changed;
  }

  /// The boots that began, ended or went on since the last call.
  public List<Run> changedRuns() {
    List<Run> changed = new ArrayList<>();
    for (KnownHost host : hosts.list()) {
      if (host.runsChanged) {
        host.runsChanged = false;
        host.inLedger = true;
        changed.addAll(host.stream.takeRuns());
      }
    }
    return changed;
  }

  /// Heap bytes of all hosts in memory, never less than what they hold of what they sent.
  long heldBytes() {
    return hosts.bytes();
  }

  /// Heap bytes of what waits, over all hosts.
  long waitingBytes() {
    return hosts.waitingBytes();
  }

  /// Whether a checkpoint should be made soon, so that hosts can leave memory.
  public boolean isCrowded() {
    return hosts.bytes() > CROWDED_BYTES;
  }

  /// Whether a checkpoint must be made before the next datagrams are accepted.
  public boolean isFull() {
    return hosts.bytes() > FULL_BYTES;
  }

  /// Where a reader that has accepted everything before `readOffset` could go on, with the states
  /// that changed since the last one [#kept]. A host with something half-done keeps the state it
  /// had, and the offset with it. What was decided early for it has been handed on.
  public Checkpoint checkpoint(long readOffset) {
    boolean full = isFull();
    Map<String, Checkpoint.State> saved = new HashMap<>();
    long offset = readOffset;
    for (KnownHost host : hosts.list()) {
      if (!host.unsaved) {
        continue;
      }
      if (full || readOffset - host.resumeOffset > MAX_READ_AGAIN) {
        endWaits(host);
      }
      byte[] state = null;
      if (isAtRest(host)) {
        state = save(host);
        if (state == null) {
          // Tried again with the next checkpoint; the others must not wait for it.
          host.resumeOffset = readOffset;
        } else {
          saved.put(host.stream.address, new Checkpoint.State(readOffset, state));
        }
      } else {
        offset = Math.min(offset, host.resumeOffset);
      }
    }
    return new Checkpoint(offset, saved, List.copyOf(forgotten));
  }

  /// The checkpoint just made is safe, and so is what [#changedHosts] and [#changedRuns] said
  /// before; until this is called its states are due again. Hosts leave memory here, if [#goOn] has
  /// said where their states are found.
  public void kept(Checkpoint checkpoint) {
    forgotten.clear();
    long room = isCrowded() ? CROWDED_BYTES / 2 : CROWDED_BYTES;
    for (KnownHost host : hosts.list()) {
      Checkpoint.State state = checkpoint.states().get(host.stream.address);
      if (state != null) {
        host.resumeOffset = state.offset();
        host.unsaved = false;
        host.inLedger = true;
      }
      boolean idle = nowMicros - host.stream.lastSeenMicros() >= IDLE_MICROS;
      if (states != null && !host.unsaved && (idle || hosts.bytes() > room)) {
        hosts.leave(host);
        leave(host);
      }
    }
    counters.hostsInMemory.set(hosts.present());
  }

  /// Goes on after a restart, or begins with a ledger that holds nothing: the reader accepts
  /// datagrams from the place's offset on, and a host is brought back when it speaks. A state that
  /// can't be read, as one of another version, is passed over: its host begins anew.
  ///
  /// @param savedStates what was saved of an address
  public void goOn(Ledger.Place place, Function<String, Optional<Checkpoint.State>> savedStates) {
    states = savedStates;
    for (String address : place.addresses()) {
      hosts.addAway(InetAddress.ofLiteral(address), recent.contains(address));
    }
    recent.clear();
    makeRoom();
  }

  /// Gives names to the hosts that had them before a restart, as the ledger knows them; before
  /// [#goOn].
  public void restoreNames(Collection<Host> known) {
    names.restore(known);
    for (Host host : known) {
      if (host.lastSeenMicros() - host.firstSeenMicros() < KnownHosts.ESTABLISHED_MICROS) {
        recent.add(host.address());
      }
    }
  }

  /// Those of the hosts that are not in memory which the inventory calls or labels otherwise now;
  /// those in memory are among the next [#changedHosts]. Empty while the inventory is the same as
  /// at the last call; the first call looks at all.
  ///
  /// @param known returns the hosts that the ledger has; only called when it is needed
  public List<Host> renamedHosts(Supplier<List<Host>> known) {
    int version = names.inventoryVersion();
    if (version == inventoryVersion) {
      return List.of();
    }
    inventoryVersion = version;
    Set<String> present = new HashSet<>();
    for (KnownHost host : hosts.list()) {
      present.add(host.stream.address);
      host.hostChanged = true;
    }
    List<Host> renamed = new ArrayList<>();
    for (Host host : known.get()) {
      Host now = present.contains(host.address()) ? host : names.renamed(host);
      if (!now.equals(host)) {
        renamed.add(now);
      }
    }
    return renamed;
  }

  private @Nullable KnownHost bringBack(InetAddress source) {
    String address = source.getHostAddress();
    Checkpoint.State state = states == null ? null : states.apply(address).orElse(null);
    if (state != null) {
      try {
        DataInputStream from = new DataInputStream(new ByteArrayInputStream(state.bytes()));
        HostStream stream = HostStream.load(from, source, readers.get(), names, counters);
        KnownHost host = new KnownHost(stream, state.offset());
        host.inLedger = true;
        hosts.add(host);
        return host;
      } catch (IOException | RuntimeException | StackOverflowError e) {
        LOG.warn("what was known of {} can't be read; it begins anew", address, e);
      }
    }
    hosts.forgetAway(source);
    return null;
  }

  private void makeRoom() {
    KnownHosts.Forgotten one;
    while ((one = hosts.forgetOne()) != null) {
      KnownHost host = one.present();
      if (host != null) {
        endWaits(host);
        leave(host);
      }
      if (host == null || host.inLedger) {
        forgotten.add(one.address());
      }
      counters.evictedHosts.increment();
    }
    counters.hosts.set(hosts.size());
    counters.hostsInMemory.set(hosts.present());
  }

  private void watch(KnownHost host) {
    long deadline = host.stream.deadlineMicros();
    host.deadlineMicros = deadline;
    boolean waits = deadline != Long.MAX_VALUE;
    if (waits != host.waiting) {
      host.waiting = waits;
      if (waits) {
        waiting.add(host);
      } else {
        waiting.remove(host);
      }
    }
    nextDeadlineMicros = Math.min(nextDeadlineMicros, deadline);
  }

  private boolean isAtRest(KnownHost host) {
    try {
      return host.stream.isAtRest();
    } catch (RuntimeException | StackOverflowError e) {
      reset(host, e);
      return host.stream.isAtRest();
    }
  }

  /// The host's state, or that of the host begun anew where its own can't be saved; null where that
  /// can't be saved either.
  private byte @Nullable [] save(KnownHost host) {
    for (int attempts = 0; attempts < 2; attempts++) {
      try {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(512);
        host.stream.save(new DataOutputStream(bytes));
        return bytes.toByteArray();
      } catch (IOException | RuntimeException | StackOverflowError e) {
        reset(host, e);
      }
    }
    return null;
  }
}
