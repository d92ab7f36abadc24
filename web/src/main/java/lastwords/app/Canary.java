package lastwords.app;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;
import lastwords.api.CanaryFailure;
import lastwords.api.CanaryFlight;
import lastwords.api.Status;
import lastwords.json.Json;
import lastwords.kernel.Cidr;
import lastwords.kernel.Datagram;
import lastwords.kernel.Host;
import lastwords.kernel.Position;
import lastwords.store.Checkpoint;
import lastwords.store.Ledger;
import lastwords.store.Log;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Sends the collector a datagram through the address it listens on, as a kernel would, and
/// measures how long until it is in the log, analyzed, and found by a search.
///
/// It is a message like any other, of the host [Host#CANARY], kept and counted like any other. Over
/// IPv4 it comes from an address of its own, [#SOURCE], so that nobody else's stream is disturbed.
/// Its numbers go on where the last canary's ended, which the ledger knows, and its time since boot
/// is longer than any machine's: so no restart, lost canary or step of a clock looks like a reboot.
///
/// One flies at a time. Safe for any number of threads.
final class Canary implements AutoCloseable {
  /// What takes longer didn't come through.
  static final Duration LIMIT = Duration.ofSeconds(30);

  /// A loopback address that nobody outside can send from.
  static final InetAddress SOURCE = Host.CANARY_SOURCE;

  private static final Logger LOG = LoggerFactory.getLogger(Canary.class);

  /// Where the ledger keeps the number of the next one.
  private static final String NAME = "canary";

  /// 31 years.
  private static final long UPTIME_MICROS = 1_000_000_000_000_000L;

  /// Facility user, severity info.
  private static final int PRIORITY = 14;

  private final InetSocketAddress address;
  private final Supplier<List<Cidr>> allow;
  private final Log log;
  private final Ledger ledger;
  private final LongSupplier analyzedBefore;
  private final Predicate<String> isFound;
  private final InstantSource clock;
  private final Duration limit;
  private final Semaphore flying = new Semaphore(1);

  private final AtomicLong sent = new AtomicLong();
  private final AtomicLong failures = new AtomicLong();
  private volatile boolean closed;
  private volatile @Nullable CanaryFlight last;
  private volatile @Nullable String problem;

  /// @param address where the collector listens
  /// @param allow whose datagrams it takes; empty: everybody's
  /// @param analyzedBefore every datagram before this one is accounted for by analysis
  /// @param isFound whether a search by that query finds anything
  Canary(
      InetSocketAddress address,
      Supplier<List<Cidr>> allow,
      Log log,
      Ledger ledger,
      LongSupplier analyzedBefore,
      Predicate<String> isFound,
      InstantSource clock,
      Duration limit) {
    this.address = address;
    this.allow = allow;
    this.log = log;
    this.ledger = ledger;
    this.analyzedBefore = analyzedBefore;
    this.isFound = isFound;
    this.clock = clock;
    this.limit = limit;
  }

  /// Sends one and waits for it.
  ///
  /// @throws CanaryFailure when it can't be sent, or doesn't come through within the limit
  CanaryFlight fly() throws CanaryFailure, InterruptedException {
    if (!flying.tryAcquire(limit.toMillis(), TimeUnit.MILLISECONDS)) {
      throw new CanaryFailure("other canaries have been under way for " + limit.toSeconds() + " s");
    }
    try {
      sent.incrementAndGet();
      CanaryFlight flight = flight();
      last = flight;
      problem = null;
      return flight;
    } catch (CanaryFailure e) {
      failures.incrementAndGet();
      problem = e.getMessage();
      throw e;
    } finally {
      flying.release();
    }
  }

  /// The same for a timer: what goes wrong is logged and kept.
  void flyByTimer() {
    String before = problem;
    try {
      fly();
    } catch (CanaryFailure e) {
      if (before == null) {
        LOG.error("a canary didn't come through: {}", e.getMessage());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /// Why the last one didn't come through, null when it did.
  @Nullable String problem() {
    return problem;
  }

  /// Gives up the one under way; none flies afterwards.
  @Override
  public void close() {
    closed = true;
    flying.acquireUninterruptibly();
  }

  /// Null before the first.
  Status.@Nullable Canary status() {
    return sent.get() == 0 ? null : new Status.Canary(sent.get(), failures.get(), last, problem);
  }

  private CanaryFlight flight() throws CanaryFailure, InterruptedException {
    String mark = UUID.randomUUID().toString().replace("-", "");
    InetSocketAddress to = target();
    try (DatagramChannel channel = connected(to);
        Log.Cursor cursor = log.read(log.end())) {
      byte[] payload = payload(number(), mark);
      long sentAtMicros = Json.micros(clock.instant());
      long startNanos = System.nanoTime();
      long deadlineNanos = startNanos + limit.toNanos();
      channel.write(ByteBuffer.wrap(payload));

      Datagram logged = find(cursor, payload, deadlineNanos);
      if (logged == null) {
        throw late(to, "came to the log");
      }
      final double loggedMillis = millisSince(startNanos);
      while (analyzedBefore.getAsLong() <= logged.offset()) {
        if (isOver(deadlineNanos)) {
          throw late(to, "was analyzed");
        }
      }
      final double analyzedMillis = millisSince(startNanos);
      while (!isFound.test("host:" + Host.CANARY + " AND text:" + mark)) {
        if (isOver(deadlineNanos)) {
          throw late(to, "could be found");
        }
      }
      return new CanaryFlight(
          sentAtMicros,
          Addresses.text(to),
          Position.of(logged.offset(), 0),
          loggedMillis,
          analyzedMillis,
          millisSince(startNanos));
    } catch (IOException e) {
      throw new CanaryFailure(
          "a canary can't be sent to %s: %s".formatted(Addresses.text(to), e.getMessage()));
    }
  }

  private static double millisSince(long startNanos) {
    return (System.nanoTime() - startNanos) / 1e6;
  }

  /// Waits a little; true when there is no time left for that.
  private boolean isOver(long deadlineNanos) throws InterruptedException {
    Thread.sleep(2);
    return isOverNow(deadlineNanos);
  }

  private boolean isOverNow(long deadlineNanos) {
    return closed || System.nanoTime() > deadlineNanos;
  }

  private CanaryFailure late(InetSocketAddress to, String never) {
    return new CanaryFailure(
        "a canary sent to %s never %s within %d s"
            .formatted(Addresses.text(to), never, limit.toSeconds()));
  }

  private @Nullable Datagram find(Log.Cursor cursor, byte[] payload, long deadlineNanos)
      throws InterruptedException {
    while (true) {
      Datagram next = cursor.next();
      if (next != null && Arrays.equals(next.payload(), payload)) {
        return next;
      }
      // In a flood there is always a next one.
      if (next == null ? isOver(deadlineNanos) : isOverNow(deadlineNanos)) {
        return null;
      }
    }
  }

  /// The number of this one. The next one's is kept before this one is sent.
  private long number() {
    long number = ledger.offset(NAME);
    ledger.save(NAME, new Checkpoint(number + 1, Map.of(), List.of()));
    return number;
  }

  private static byte[] payload(long number, String mark) {
    return "%d,%d,%d,-;%s %s\n host=%s\n"
        .formatted(PRIORITY, number, UPTIME_MICROS + number, Host.CANARY, mark, Host.CANARY)
        .getBytes(US_ASCII);
  }

  /// Where it listens on all addresses, the loopback one, of IPv4 also where it takes both: there
  /// the canary has an address of its own, and not every machine has `::1`.
  private InetSocketAddress target() {
    return address.getAddress().isAnyLocalAddress()
        ? new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), address.getPort())
        : address;
  }

  private DatagramChannel connected(InetSocketAddress to) throws IOException, CanaryFailure {
    DatagramChannel channel = DatagramChannel.open();
    boolean connected = false;
    try {
      if (to.getAddress() instanceof Inet4Address) {
        channel.bind(new InetSocketAddress(SOURCE, 0));
      }
      channel.connect(to);
      InetAddress source = ((InetSocketAddress) channel.getLocalAddress()).getAddress();
      List<Cidr> networks = allow.get();
      if (!networks.isEmpty() && networks.stream().noneMatch(it -> it.contains(source))) {
        throw new CanaryFailure(
            "no canary can pass: allow refuses %s, where they come from; add it"
                .formatted(source.getHostAddress()));
      }
      connected = true;
      return channel;
    } finally {
      if (!connected) {
        channel.close();
      }
    }
  }
}
