package lastwords.assemble;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import lastwords.decode.Decoded;
import lastwords.decode.Decoder;
import lastwords.kernel.Datagram;
import lastwords.kernel.Host;
import lastwords.kernel.Run;
import lastwords.store.Checkpoint;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// All hosts' streams as one reader of the log sees them, and where that reader could go on after a
/// restart.
///
/// Belongs to one thread. Time comes with [#accept] and [#advance] and never goes back: a datagram
/// received before one that stands in front of it in the log counts as received with that one.
public final class HostStreams {
  private static final Logger LOG = LoggerFactory.getLogger(HostStreams.class);

  /// Hosts known at once; one more makes the one silent for longest leave. A million spoofed
  /// senders cost this much memory and no more.
  static final int MAX_HOSTS = 200_000;

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

  private final Supplier<HostReader> readers;
  private final HostNames names;
  private final StreamCounters counters;
  private final int maxHosts;

  /// Least recently heard first.
  private final LinkedHashMap<Object, HostStream> streams = new LinkedHashMap<>(64, 0.75f, true);

  /// Those with something that waits for a time.
  private final Set<HostStream> waiting = new LinkedHashSet<>();

  private long nextDeadlineMicros = Long.MAX_VALUE;
  private long nowMicros = Long.MIN_VALUE;
  private long settled;
  private long settledMicros = Long.MIN_VALUE >> 1;

  // For checkpoints.
  private final Set<HostStream> changed = new LinkedHashSet<>();
  private final Set<HostStream> changedSinceHosts = new LinkedHashSet<>();
  private final Set<HostStream> changedSinceRuns = new LinkedHashSet<>();

  public HostStreams(Supplier<HostReader> readers, HostNames names, StreamCounters counters) {
    this(readers, names, counters, MAX_HOSTS);
  }

  HostStreams(
      Supplier<HostReader> readers, HostNames names, StreamCounters counters, int maxHosts) {
    this.readers = readers;
    this.names = names;
    this.counters = counters;
    this.maxHosts = maxHosts;
  }

  /// Takes the log's next datagram.
  public void accept(Datagram datagram) {
    counters.datagrams.increment();
    if (datagram.receivedAtMicros() < nowMicros - CLOCK_STEPPED_MICROS) {
      clockStepsBackTo(datagram.receivedAtMicros());
    }
    advance(datagram.receivedAtMicros());
    Object sender = sender(datagram.source());
    HostStream stream = streams.get(sender);
    if (stream != null && datagram.offset() < stream.resumeOffset) {
      counters.reread.increment();
      return;
    }
    Decoded decoded = Decoder.decode(datagram.payload());
    switch (decoded) {
      case Decoded.Extended extended -> counters.extended.increment();
      case Decoded.Basic basic -> counters.basic.increment();
      case Decoded.Malformed malformed -> {
        // It says nothing of its sender, and whoever sends only such is no host.
        counters.malformed.increment();
        return;
      }
    }
    if (stream == null) {
      stream = new HostStream(datagram.source(), readers.get(), names, counters, nowMicros);
      streams.put(sender, stream);
      makeRoom();
    }
    if (changed.add(stream)) {
      // All it said before is saved, however long ago that was: only from here on is it needed.
      stream.resumeOffset = datagram.offset();
    }
    if (stream.deadlineMicros() <= nowMicros) {
      stream.advance(nowMicros);
    }
    stream.accept(datagram, decoded, nowMicros);
    changedSinceHosts.add(stream);
    changedSinceRuns.add(stream);
    watch(stream);
  }

  /// What tells one sender from another: its address, and of a link-local one its link, which
  /// [java.net.Inet6Address] passes over when it compares.
  private static Object sender(InetAddress source) {
    return source instanceof Inet6Address ipv6 && ipv6.getScopeId() != 0
        ? ipv6.getHostAddress()
        : source;
  }

  /// Nothing that isn't yet accepted was received before this time.
  public void advance(long toMicros) {
    nowMicros = Math.max(nowMicros, toMicros);
    if (nowMicros < nextDeadlineMicros) {
      return;
    }
    long next = Long.MAX_VALUE;
    for (HostStream stream : List.copyOf(waiting)) {
      if (stream.deadlineMicros() <= nowMicros) {
        stream.advance(nowMicros);
        changedSinceHosts.add(stream);
        changedSinceRuns.add(stream);
      }
      watch(stream);
      next = Math.min(next, stream.deadlineMicros());
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
    for (HostStream stream : waiting) {
      settled = Math.min(settled, stream.oldestWaitingOffset());
    }
    settledMicros = nowMicros;
    return settled;
  }

  /// Nothing more will be received: hands on all that waits.
  public void end() {
    for (HostStream stream : List.copyOf(waiting)) {
      endWaits(stream);
    }
    waiting.clear();
    nextDeadlineMicros = Long.MAX_VALUE;
  }

  /// Ends every wait, so that nobody waits for a time that takes hours to come back.
  private void clockStepsBackTo(long micros) {
    end();
    nowMicros = micros;
  }

  private static void endWaits(HostStream stream) {
    while (stream.deadlineMicros() != Long.MAX_VALUE) {
      stream.advance(stream.deadlineMicros());
    }
  }

  /// What changed of the hosts since the last call.
  public List<Host> changedHosts() {
    List<Host> hosts = new ArrayList<>(changedSinceHosts.size());
    for (HostStream stream : changedSinceHosts) {
      hosts.add(stream.host());
    }
    changedSinceHosts.clear();
    return hosts;
  }

  /// The boots that began, ended or went on since the last call.
  public List<Run> changedRuns() {
    List<Run> runs = new ArrayList<>(changedSinceRuns.size());
    for (HostStream stream : changedSinceRuns) {
      runs.addAll(stream.takeRuns());
    }
    changedSinceRuns.clear();
    return runs;
  }

  /// Where a reader that has accepted everything before `readOffset` could go on, with the states
  /// that changed since the last one [#kept]. A host with something half-done keeps the state it
  /// had, and the offset with it.
  public Checkpoint checkpoint(long readOffset) {
    Map<String, Checkpoint.State> states = new HashMap<>();
    long offset = readOffset;
    for (HostStream stream : changed) {
      if (readOffset - stream.resumeOffset > MAX_READ_AGAIN) {
        endWaits(stream);
      }
      if (stream.isAtRest()) {
        states.put(stream.address, new Checkpoint.State(readOffset, save(stream)));
      } else {
        offset = Math.min(offset, stream.resumeOffset);
      }
    }
    return new Checkpoint(offset, states);
  }

  /// The checkpoint just made is safe; until this is called its states are due again.
  public void kept(Checkpoint checkpoint) {
    for (Iterator<HostStream> unsaved = changed.iterator(); unsaved.hasNext(); ) {
      HostStream stream = unsaved.next();
      Checkpoint.State state = checkpoint.states().get(stream.address);
      if (state != null) {
        stream.resumeOffset = state.offset();
        unsaved.remove();
      }
    }
  }

  /// Goes on from a checkpoint; the reader then accepts datagrams from its offset on. A state that
  /// can't be read, as one of another version, is passed over: its host begins anew.
  public void restore(Checkpoint checkpoint) {
    checkpoint
        .states()
        .forEach(
            (address, state) -> {
              try {
                InetAddress source = InetAddress.ofLiteral(address);
                DataInputStream from = new DataInputStream(new ByteArrayInputStream(state.bytes()));
                HostStream stream = HostStream.load(from, source, readers.get(), names, counters);
                stream.resumeOffset = state.offset();
                streams.put(sender(source), stream);
                makeRoom();
              } catch (IOException | IllegalArgumentException e) {
                LOG.warn("what was known of {} can't be read; it begins anew", address, e);
              }
            });
  }

  private void makeRoom() {
    if (streams.size() > maxHosts) {
      HostStream eldest = streams.pollFirstEntry().getValue();
      endWaits(eldest);
      waiting.remove(eldest);
      changed.remove(eldest);
      changedSinceHosts.remove(eldest);
      changedSinceRuns.remove(eldest);
      counters.evictedHosts.increment();
    }
    counters.hosts.set(streams.size());
  }

  private void watch(HostStream stream) {
    long deadline = stream.deadlineMicros();
    if (deadline == Long.MAX_VALUE) {
      waiting.remove(stream);
    } else {
      waiting.add(stream);
      nextDeadlineMicros = Math.min(nextDeadlineMicros, deadline);
    }
  }

  private static byte[] save(HostStream stream) {
    try {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream(512);
      stream.save(new DataOutputStream(bytes));
      return bytes.toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
