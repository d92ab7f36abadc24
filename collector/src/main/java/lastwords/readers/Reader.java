package lastwords.readers;

import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import lastwords.assemble.HostNames;
import lastwords.assemble.HostReader;
import lastwords.assemble.HostStreams;
import lastwords.assemble.StreamCounters;
import lastwords.kernel.Datagram;
import lastwords.kernel.Host;
import lastwords.linux.Priority;
import lastwords.store.Checkpoint;
import lastwords.store.Ledger;
import lastwords.store.Log;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What every reader of the log does: reads on, hands datagrams to the hosts' streams, and keeps
/// its place now and then.
///
/// At the head of the log the clock stands in for the next datagram's time, a little late: what the
/// receiver took off the socket in that little may not be in the log yet, and must not be decided
/// without.
public abstract sealed class Reader implements AutoCloseable permits Analysis, Indexing {
  private static final Logger LOG = LoggerFactory.getLogger(Reader.class);

  /// From socket to log takes less than this, garbage collections included.
  private static final long HEAD_LAG_MICROS = 200_000;

  /// Waiting for news at the head of the log.
  private static final long IDLE_MILLIS = 10;

  /// Between two failures, such as of a full disk.
  private static final long RETRY_MILLIS = 1_000;

  /// An alarm is to be out within five seconds, also when the disk takes longer for a sync.
  private static final Duration SYNC_PATIENCE = Duration.ofSeconds(1);

  /// While many hosts are heard at once, so that they can leave memory.
  private static final Duration CROWDED_CHECKPOINT_EVERY = Duration.ofSeconds(1);

  // What may be under way between two calls of passOn; a datagram may hold a thousand lines.
  private static final int DATAGRAMS_PER_ROUND = 2_000;
  private static final long BYTES_PER_ROUND = 8 << 20;
  private static final long MESSAGES_PER_ROUND = 20_000;

  /// Heap bytes collected for [#passOn] that end a round: about what [#BYTES_PER_ROUND] become, and
  /// a small part of the smallest heap a collector is run with.
  private static final long COLLECTED_BYTES_PER_ROUND = 16 << 20;

  private final String name;
  private final Log log;
  private final InstantSource clock;
  private final Pace checkpoints;
  private final Pace crowdedCheckpoints = new Pace(CROWDED_CHECKPOINT_EVERY);
  private final StreamCounters counters = new StreamCounters();
  private final CountDownLatch closed = new CountDownLatch(1);
  private final Thread thread;

  private final Supplier<HostStreams> anew;

  HostStreams streams;

  private Log.@Nullable Cursor cursor;
  private volatile long startOffset;
  private volatile long readOffset;
  private volatile long keptOffset;
  private volatile long settledOffset;
  private long lastReadMicros;
  private long lastReadNanos;
  private volatile long missed;
  private long missedBefore;
  private volatile long damaged;
  private long damagedBefore;
  private volatile @Nullable String problem;
  private final LongAdder moves = new LongAdder();

  Reader(
      String name,
      Log log,
      HostNames names,
      InstantSource clock,
      Duration checkpointEvery,
      Supplier<HostReader> readers,
      Priority priority,
      long settledOffset) {
    this.name = name;
    this.settledOffset = settledOffset;
    this.log = log;
    this.clock = clock;
    this.checkpoints = new Pace(checkpointEvery);
    this.anew = () -> new HostStreams(readers, names, counters);
    this.streams = anew.get();
    this.thread = Thread.ofPlatform().name(name).unstarted(priority.of(this::run));
  }

  /// Where to begin.
  abstract Ledger.Place start();

  /// What was saved of an address.
  abstract Optional<Checkpoint.State> state(String address);

  /// The hosts that the ledger knows.
  abstract List<Host> known();

  /// Passes on what the streams made of the last datagrams; called often, also when there were
  /// none.
  ///
  /// @param settledOffset then every datagram before this one is accounted for
  abstract void passOn(long nowMicros, long settledOffset);

  /// Heap bytes of what was collected for [#passOn], estimated.
  abstract long collectedBytes();

  /// Keeps the place, after everything before it was passed on.
  abstract void keep(Checkpoint checkpoint);

  /// Starts reading, on a thread of its own. Once only.
  public void begin() {
    thread.start();
  }

  /// Where it began to read; as much further back as it has read again since.
  public final long startOffset() {
    return startOffset;
  }

  /// Every datagram from [#startOffset] to this one was taken or [#missed].
  public final long readOffset() {
    return readOffset;
  }

  /// No datagram before this one is needed again after a restart.
  public final long keptOffset() {
    return keptOffset;
  }

  /// All that came of the datagrams before this one was passed on; before it begins, as far as it
  /// had come when it ended.
  public final long settledOffset() {
    return settledOffset;
  }

  /// Datagrams that retention deleted before they were read.
  public final long missed() {
    return missed;
  }

  /// Datagrams passed over because the log is damaged where they were.
  public final long damaged() {
    return damaged;
  }

  public final StreamCounters counters() {
    return counters;
  }

  /// Grows as long as its thread goes round, also while there is nothing to read or an attempt
  /// fails; stands still where it hangs.
  public final long moves() {
    return moves.sum();
  }

  /// What keeps this reader from going on, null while nothing does.
  public final @Nullable String problem() {
    boolean died = thread.getState() == Thread.State.TERMINATED && closed.getCount() > 0;
    return died ? name + " has ended; only a restart helps" : problem;
  }

  private void run() {
    while (closed.getCount() > 0) {
      moves.increment();
      try {
        boolean idle = !round();
        if (problem != null) {
          LOG.warn("{} goes on, at datagram {}", name, readOffset);
          problem = null;
        }
        pause(idle ? IDLE_MILLIS : 0);
      } catch (OutOfMemoryError e) {
        // Nobody knows what it left half-done; the JVM ends, or systemd's watchdog ends it.
        throw e;
      } catch (RuntimeException | Error e) {
        String why = name + " can't go on: " + cause(e);
        if (!why.equals(problem)) {
          LOG.error("{}, near datagram {}; trying again each second", why, readOffset, e);
        }
        problem = why;
        pause(RETRY_MILLIS);
      }
    }
    try {
      if (cursor != null) {
        passOnAll(now());
        checkpoint();
      }
    } catch (RuntimeException | Error e) {
      LOG.warn("{} couldn't keep its place; it reads a little again at the next start", name, e);
    } finally {
      if (cursor != null) {
        cursor.close();
      }
    }
  }

  private static Throwable cause(Throwable e) {
    return e instanceof UncheckedIOException io ? Objects.requireNonNull(io.getCause()) : e;
  }

  /// Forgets all that isn't kept, and begins again where the place was kept last. What waits is
  /// handed on to nobody, so that the counts of datagrams go up.
  final void startOver() {
    if (cursor != null) {
      streams.end();
      cursor.close();
      cursor = null;
    }
  }

  /// Reads on a bit; false when there was nothing to read.
  private boolean round() {
    Log.Cursor from = cursor;
    if (from == null) {
      Ledger.Place place = start();
      streams = anew.get();
      streams.restoreNames(known());
      streams.goOn(place, this::state);
      keptOffset = place.offset();
      from = log.read(place.offset());
      cursor = from;
      missedBefore = missed;
      damagedBefore = damaged;
      startOffset = place.offset() - counters.datagrams.sum() - missed - damaged;
      readOffset = from.offset();
    }
    if (problem != null) {
      // What could not be passed on goes first, so that it doesn't grow with each attempt.
      passOnAll(now());
    }
    long before = readOffset;
    boolean atHead = read(from);
    if (readOffset != before) {
      lastReadNanos = System.nanoTime();
    }
    missed = missedBefore + from.missed();
    damaged = damagedBefore + from.damaged();
    long now = now();
    if (atHead) {
      streams.advance(Math.max(now, sinceLastReadMicros()) - HEAD_LAG_MICROS);
    }
    passOnAll(now);
    if (checkpoints.isDue(now)
        || streams.isFull()
        || (streams.isCrowded() && crowdedCheckpoints.isDue(now))) {
      checkpoint();
      checkpoints.done(now);
      crowdedCheckpoints.done(now);
    }
    return !atHead;
  }

  private void passOnAll(long now) {
    long settled = streams.settledBefore(readOffset);
    passOn(now, settled);
    settledOffset = settled;
  }

  /// Reads a round's share; true when it came to the end of the log.
  private boolean read(Log.Cursor from) {
    long bytes = 0;
    long messagesBefore = counters.messages.sum();
    for (int read = 0; read < DATAGRAMS_PER_ROUND && closed.getCount() > 0; read++) {
      if (bytes > BYTES_PER_ROUND
          || counters.messages.sum() - messagesBefore > MESSAGES_PER_ROUND) {
        return false;
      }
      Datagram datagram = from.next();
      if (datagram == null) {
        return true;
      }
      // Before it is accepted: what made that fail would do so each time, and is passed over.
      readOffset = from.offset();
      lastReadMicros = datagram.receivedAtMicros();
      bytes += datagram.payload().length;
      accept(datagram);
      if (streams.isFull() || collectedBytes() > COLLECTED_BYTES_PER_ROUND) {
        return false;
      }
    }
    return false;
  }

  /// Has the log written through up to here before others keep what came of it; false when the disk
  /// fails or needs longer than [#SYNC_PATIENCE].
  final boolean makeDurable() {
    return log.awaitSynced(readOffset, SYNC_PATIENCE);
  }

  /// What fails in a host's stream stays there; what fails here is a store, whose trouble is
  /// another's too.
  private void accept(Datagram datagram) {
    try {
      streams.accept(datagram);
    } catch (RuntimeException | Error e) {
      counters.failed.increment();
      throw e;
    }
  }

  private void checkpoint() {
    // A checkpoint can wait as long as there is memory for the hosts.
    if (!makeDurable() && !streams.isFull() && closed.getCount() > 0) {
      return;
    }
    Checkpoint checkpoint = streams.checkpoint(readOffset);
    // What it decided early is found before the state that knows of it is kept.
    passOnAll(now());
    keep(checkpoint);
    streams.kept(checkpoint);
    keptOffset = checkpoint.offset();
  }

  /// The time of the last datagram read and what has passed since: a clock that was set back makes
  /// nobody wait until it is that late again.
  private long sinceLastReadMicros() {
    return lastReadMicros + (System.nanoTime() - lastReadNanos) / 1_000;
  }

  private long now() {
    return clock.millis() * 1_000;
  }

  private void pause(long millis) {
    try {
      if (millis > 0 && closed.await(millis, TimeUnit.MILLISECONDS)) {
        return;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      closed.countDown();
    }
  }

  /// Whether its thread has ended, or never began.
  public final boolean isClosed() {
    return !thread.isAlive();
  }

  /// Stops reading and keeps the place; returns when that is done, or after five seconds.
  @Override
  public void close() {
    closed.countDown();
    try {
      thread.join(Duration.ofSeconds(5));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
