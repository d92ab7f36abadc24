package lastwords.receive;

import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import lastwords.kernel.Cidr;
import lastwords.linux.ReceivedDatagrams;
import lastwords.store.DatagramBatch;
import lastwords.store.Log;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// From a socket into the log: each datagram into the batch, the batch into the log when it is full
/// or the turn over.
///
/// Belongs to the receiving thread; shared by all its sockets. Allocates nothing per datagram.
final class Intake {
  private static final Logger LOG = LoggerFactory.getLogger(Intake.class);
  private static final long LOG_EVERY_NANOS = 10_000_000_000L;

  /// After so many datagrams other sockets get their turn. As many as come in a [Nap] at half a
  /// million a second.
  private static final int DATAGRAMS_PER_TURN = 1024;

  private final ReceiveCounters counters;
  private final Log log;
  private final DatagramBatch batch = new DatagramBatch();
  private final ReceivedDatagrams received = new ReceivedDatagrams();
  private final InstantSource clock = InstantSource.system();
  private volatile Cidr[] allow = {};
  private volatile @Nullable String problem;
  private long nowMicros;
  private boolean readSome;
  private boolean leftSome;
  private long loggedNanos = System.nanoTime() - LOG_EVERY_NANOS;

  Intake(List<Cidr> allow, ReceiveCounters counters, Log log) {
    this.counters = counters;
    this.log = log;
    allow(allow);
  }

  /// From now on takes datagrams of these networks only; empty: everybody's. Any thread.
  void allow(List<Cidr> networks) {
    allow = networks.toArray(new Cidr[0]);
  }

  @Nullable String problem() {
    return problem;
  }

  /// A socket's turn: takes what waits in it, as far as [#DATAGRAMS_PER_TURN].
  ///
  /// @param socket its file descriptor
  /// @param port where it listens
  void read(int socket, int port) {
    int datagrams = 0;
    long bytes = 0;
    int count;
    do {
      count = receive(socket);
      for (int i = 0; i < count; i++) {
        bytes += received.length(i);
        take(i, port);
      }
      datagrams += count;
    } while (count == ReceivedDatagrams.MOST && datagrams < DATAGRAMS_PER_TURN);
    append();
    counters.datagrams.add(datagrams);
    counters.bytes.add(bytes);
    readSome |= datagrams > 0;
    leftSome |= datagrams >= DATAGRAMS_PER_TURN;
  }

  private int receive(int socket) {
    try {
      return received.receive(socket);
    } catch (IOException e) {
      // Such as the answer "port unreachable" to a packet that somebody forged in our name.
      LOG.debug("{}", e.toString());
      return 0;
    }
  }

  private void take(int i, int port) {
    long high = received.addressHigh(i);
    long low = received.addressLow(i);
    int length = received.length(i);
    if (!isAllowed(high, low)) {
      counters.notAllowed.increment();
      return;
    }
    if (length > DatagramBatch.MAX_PAYLOAD) {
      counters.tooLarge.increment();
      return;
    }
    if (batch.isFull()) {
      append();
    }
    if (batch.isEmpty()) {
      nowMicros = micros(clock.instant());
    }
    batch.add(
        nowMicros,
        high,
        low,
        received.scope(i),
        received.port(i),
        port,
        received.payloads(),
        received.payloadAt(i),
        length);
  }

  /// Whether something was read since this was asked last, and all that there was.
  boolean hasEmptiedSockets() {
    boolean emptied = readSome && !leftSome;
    readSome = false;
    leftSome = false;
    return emptied;
  }

  private static long micros(Instant instant) {
    return instant.getEpochSecond() * 1_000_000 + instant.getNano() / 1_000;
  }

  /// Asks the log again where it couldn't be written, or where a sync failed, so that it leaves
  /// that file: nothing may come that would show that it can. Whoever sends elsewhere because of
  /// the [#problem] wouldn't come back.
  void tryAgain() {
    if (problem != null || log.isLeavingFile()) {
      write();
    }
  }

  private void append() {
    if (!batch.isEmpty()) {
      write();
    }
  }

  private void write() {
    int count = batch.count();
    try {
      log.append(batch);
      counters.appended.add(count);
      problem = null;
    } catch (RuntimeException | Error e) {
      // A full disk, mostly. Receiving goes on, so that what can't be kept is at least counted.
      batch.clear();
      counters.notAppended.add(count);
      problem = "the log can't be written: " + e.getMessage();
      if (count > 0 && System.nanoTime() - loggedNanos >= LOG_EVERY_NANOS) {
        loggedNanos = System.nanoTime();
        LOG.error("{} datagrams are lost so far", counters.notAppended.sum(), e);
      }
    }
  }

  private boolean isAllowed(long high, long low) {
    Cidr[] networks = allow;
    for (Cidr network : networks) {
      if (network.contains(high, low)) {
        return true;
      }
    }
    return networks.length == 0;
  }
}
