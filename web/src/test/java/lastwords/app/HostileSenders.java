package lastwords.app;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/// Sends [HostileDatagrams] from many addresses at a steady rate, with a burst of some kind now and
/// then, until it is closed.
final class HostileSenders implements AutoCloseable {
  /// What can be sent, so that one kind can be tried by itself.
  enum Kind {
    /// Whatever the grammars make.
    GRAMMAR,
    /// Releases that are longer than any kernel's.
    RELEASES,
    /// Records of the largest size that have to wait, in one burst.
    MEMORY,
    /// Numbers and gaps at the limits of 63 bits.
    NUMBERS,
    /// Each datagram from an address that was never seen before.
    ADDRESSES
  }

  /// Those that send again and again.
  private static final int STEADY = 50;

  private static final int UNDECIDED = 1_500;
  private static final int NEW_ADDRESSES = 400;
  private static final long BURST_EVERY_NANOS = TimeUnit.SECONDS.toNanos(5);
  private static final int SOURCE_PORT = 6665;

  final AtomicLong sent = new AtomicLong();
  private final InetSocketAddress to;
  private final Set<Kind> kinds;
  private final int perSecond;
  private final Random random;
  private final HostileDatagrams datagrams;
  private final Thread thread = Thread.ofPlatform().daemon().name("hostile").unstarted(this::run);
  private volatile boolean closed;

  HostileSenders(
      InetSocketAddress to, Set<Kind> kinds, int perSecond, long seed, List<String> names) {
    this.to = to;
    this.kinds = EnumSet.copyOf(kinds);
    this.perSecond = perSecond;
    this.random = new Random(seed);
    this.datagrams = new HostileDatagrams(seed, names);
  }

  void start() {
    thread.start();
  }

  private void run() {
    long startNanos = System.nanoTime();
    long nextBurstNanos = startNanos + BURST_EVERY_NANOS / 2;
    long steady = 0;
    List<Kind> bursts = kinds.stream().filter(kind -> kind != Kind.GRAMMAR).toList();
    int burst = 0;
    try (Senders senders = new Senders(to)) {
      while (!closed) {
        long now = System.nanoTime();
        if (kinds.contains(Kind.GRAMMAR)) {
          steady++;
          int sender = random.nextInt(STEADY);
          send(senders, address(80, sender), datagrams.next(steady, 5_000_000 + steady * 1_000));
        }
        if (!bursts.isEmpty() && now >= nextBurstNanos) {
          burst(bursts.get(burst++ % bursts.size()), senders);
          nextBurstNanos = System.nanoTime() + BURST_EVERY_NANOS;
        }
        long left = startNanos + steady * TimeUnit.SECONDS.toNanos(1) / perSecond - now;
        LockSupport.parkNanos(kinds.contains(Kind.GRAMMAR) ? left : 10_000_000);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void burst(Kind kind, Senders senders) throws IOException {
    switch (kind) {
      case GRAMMAR -> {}
      case RELEASES -> {
        for (String release : List.of("\u00ff".repeat(16_800), "6".repeat(65_000), "\u00ff")) {
          for (String head : List.of("", "6,0,77,-;", "6,9,1000000,-;")) {
            String banner = head + "Linux version " + release + " (gcc)\n";
            send(senders, address(81, random.nextInt(200)), latin(banner));
          }
        }
      }
      case MEMORY -> {
        InetAddress from = address(82, random.nextInt(200));
        for (int i = 0; i < 10; i++) {
          send(senders, from, latin("6,%d,%d,-;high".formatted(1_000_000 + i, 90_000_000 + i)));
        }
        for (int i = 0; i < UNDECIDED && !closed; i++) {
          send(senders, from, HostileDatagrams.undecided(1_000 + i));
        }
      }
      case NUMBERS -> {
        for (int i = 0; i < 4; i++) {
          InetAddress from = address(83, random.nextInt(200));
          for (long number : new long[] {0, (1L << 62) - 1, 5, 3, 1L << 61, 7}) {
            send(senders, from, latin("6,%d,%d,-;number".formatted(number, 1_000_000 + i)));
          }
        }
      }
      case ADDRESSES -> {
        for (int i = 0; i < NEW_ADDRESSES; i++) {
          InetAddress from =
              InetAddress.ofLiteral(
                  "10.%d.%d.%d"
                      .formatted(
                          90 + random.nextInt(100), random.nextInt(256), 1 + random.nextInt(250)));
          send(senders, from, datagrams.next(i, 5_000_000));
        }
      }
    }
  }

  private static InetAddress address(int group, int number) {
    return InetAddress.ofLiteral("10." + group + ".0." + (2 + number));
  }

  private static byte[] latin(String datagram) {
    byte[] bytes = datagram.getBytes(java.nio.charset.StandardCharsets.ISO_8859_1);
    return bytes.length <= HostileDatagrams.MAX_PAYLOAD_BYTES
        ? bytes
        : java.util.Arrays.copyOf(bytes, HostileDatagrams.MAX_PAYLOAD_BYTES);
  }

  private void send(Senders senders, InetAddress from, byte[] datagram) throws IOException {
    senders.send(from, 0, SOURCE_PORT, ByteBuffer.wrap(datagram));
    sent.incrementAndGet();
  }

  @Override
  public void close() {
    end();
  }

  /// Sends no more.
  void end() {
    closed = true;
    try {
      thread.join();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
