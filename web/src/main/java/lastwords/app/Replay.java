package lastwords.app;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import lastwords.capture.CaptureReader;
import lastwords.kernel.Datagram;

/// Sends the datagrams of captures as their hosts did, from addresses that stand for them.
///
/// Captures go one after the other. Each datagram is sent once for each copy of its host. Belongs
/// to one thread.
final class Replay implements AutoCloseable {
  private static final long PROGRESS_NANOS = TimeUnit.SECONDS.toNanos(5);

  private final Senders senders;
  private final Pace pace;
  private final int copies;
  private final Terminal terminal;
  private final long startNanos = System.nanoTime();
  private long progressNanos = startNanos + PROGRESS_NANOS;
  private long sent;

  /// @param copies how many hosts each host of a capture becomes, at least 1
  Replay(InetSocketAddress to, Pace pace, int copies, Terminal terminal) {
    this.senders = new Senders(to);
    this.pace = pace;
    this.copies = copies;
    this.terminal = terminal;
  }

  /// Sends what is in a capture; when it is damaged, what comes before the damage.
  void send(CaptureReader capture) throws IOException {
    long captureStartNanos = System.nanoTime();
    long previousMicros = -1;
    long pausesMicros = 0;
    Datagram datagram;
    while ((datagram = capture.next()) != null) {
      long pause = previousMicros < 0 ? 0 : datagram.receivedAtMicros() - previousMicros;
      previousMicros = datagram.receivedAtMicros();
      pausesMicros += Math.max(0, pause(pause));
      waitUntil(captureStartNanos + TimeUnit.MICROSECONDS.toNanos(pausesMicros));
      for (int copy = 0; copy < copies; copy++) {
        if (pace instanceof Pace.Rate(double perSecond)) {
          waitUntil(startNanos + (long) (sent * 1e9 / perSecond));
        }
        senders.send(
            datagram.source(), copy, datagram.sourcePort(), ByteBuffer.wrap(datagram.payload()));
        sent++;
      }
      sayProgress();
    }
  }

  /// Whether the target can tell hosts apart by their addresses.
  boolean hostsHaveOwnAddresses() {
    return senders.haveOwnAddresses();
  }

  long sent() {
    return sent;
  }

  /// How many datagrams came back because nothing listens.
  long refused() {
    return senders.refused();
  }

  /// How many addresses were sent from.
  int hosts() {
    return senders.hosts();
  }

  double seconds() {
    return (System.nanoTime() - startNanos) / 1e9;
  }

  @Override
  public void close() {
    senders.close();
  }

  private long pause(long micros) {
    return switch (pace) {
      case Pace.Own(double speed) -> (long) (micros / speed);
      case Pace.Capped(long max) -> Math.min(micros, max);
      case Pace.Rate _, Pace.Max _ -> 0;
    };
  }

  private static void waitUntil(long nanos) {
    long left;
    while ((left = nanos - System.nanoTime()) > 0) {
      LockSupport.parkNanos(left);
      if (Thread.interrupted()) {
        throw new Failure("interrupted");
      }
    }
  }

  private void sayProgress() {
    long now = System.nanoTime();
    if (now > progressNanos) {
      progressNanos = now + PROGRESS_NANOS;
      terminal.err().printf("%,d datagrams sent in %.0f s%n", sent, seconds());
    }
  }
}
