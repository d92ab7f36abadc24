package lastwords.receive;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import lastwords.kernel.Cidr;
import lastwords.kernel.Datagram;
import lastwords.store.DatagramBatch;
import lastwords.store.Log;
import lastwords.store.embedded.ChronicleLog;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Of what was sent every datagram is in the log or counted, whatever the rate.
class EveryDatagramTest {
  /// As small as the kernel makes it: a few dozen datagrams.
  private static final int SMALLEST_BUFFER = 1;

  private static final int PER_SENDER = 40_000;
  private static final int PAYLOAD = 180;
  private static final long PATIENCE_NANOS = 60_000_000_000L;

  /// Every so many datagrams there is one with nothing in it.
  private static final int EMPTY_EVERY = 100;

  @TempDir Path folder;
  private final Map<String, AtomicLong> sent = new TreeMap<>();

  @Test
  void whatIsSentIsInTheLogOrRefusedOrDroppedByTheSocket() throws Exception {
    try (Log log = ChronicleLog.open(folder, ChronicleLog.Options.DEFAULT)) {
      ReceiveCounters counters;
      long drops;
      try (Receiver receiver = start(log)) {
        flood(receiver, List.of("127.0.0.2", "127.0.0.3", "127.0.0.66"));
        counters = receiver.counters();
        awaitAll(receiver);
        drops = receiver.drops();
        assertThat(drops).as("far more was sent than can be taken").isPositive();
      }
      assertThat(counters.datagrams.sum() + drops).isEqualTo(total());
      assertThat(counters.appended.sum() + counters.refused()).isEqualTo(counters.datagrams.sum());
      assertThat(counters.notAllowed.sum()).isPositive();
      assertThat(log.end()).isEqualTo(counters.appended.sum());
      assertEachOnceAndInOrder(log);
    }
  }

  @Test
  void whatTheLogCouldNotTakeIsCounted() throws Exception {
    try (Log log = new Failing(ChronicleLog.open(folder, ChronicleLog.Options.DEFAULT));
        Receiver receiver = start(log)) {
      flood(receiver, List.of("127.0.0.2"));
      awaitAll(receiver);

      ReceiveCounters counters = receiver.counters();
      assertThat(counters.notAppended.sum()).isPositive();
      assertThat(counters.appended.sum() + counters.notAppended.sum() + receiver.drops())
          .isEqualTo(total());
      assertThat(log.end()).isEqualTo(counters.appended.sum());
    }
  }

  @Test
  void aLogThatCanBeWrittenAgainIsNoProblemAlsoWhereNothingComes() throws Exception {
    try (Failing log = new Failing(ChronicleLog.open(folder, ChronicleLog.Options.DEFAULT));
        Receiver receiver = start(log)) {
      log.full.set(true);
      sendOne(receiver);
      await(() -> receiver.problem() != null);
      assertThat(receiver.problem()).contains("no space left");

      log.full.set(false);
      await(() -> receiver.problem() == null);
      assertThat(receiver.problem()).isNull();
      assertThat(receiver.counters().notAppended.sum()).isEqualTo(1);
    }
  }

  @Test
  void theEndOfItsThreadIsAProblem() throws Exception {
    try (Failing log = new Failing(ChronicleLog.open(folder, ChronicleLog.Options.DEFAULT));
        Receiver receiver = start(log)) {
      assertThat(receiver.problem()).isNull();
      log.fatal.set(true);
      sendOne(receiver);
      await(() -> receiver.problem() != null);
      assertThat(receiver.problem()).contains("has ended");
    }
  }

  private static void sendOne(Receiver receiver) {
    send("127.0.0.2", receiver.addresses().getFirst(), new AtomicLong(PER_SENDER - 1));
  }

  @Test
  void dropsAreCountedOnWhereTheKernelsCounterWraps() {
    long drops = UdpSocket.dropsAfter(0xffff_fff0L, 0x10);

    assertThat(drops).isEqualTo(0x1_0000_0010L);
    assertThat(UdpSocket.dropsAfter(drops, 0x11)).isEqualTo(0x1_0000_0011L);
    assertThat(UdpSocket.dropsAfter(drops, 0x10)).isEqualTo(drops);
  }

  @Test
  void dropsOfASocketOutliveIt() throws Exception {
    try (Log log = ChronicleLog.open(folder, ChronicleLog.Options.DEFAULT)) {
      Receiver receiver = start(log);
      flood(receiver, List.of("127.0.0.2"));
      awaitAll(receiver);
      long drops = receiver.drops();
      receiver.close();

      assertThat(receiver.drops()).isEqualTo(drops).isPositive();
      assertThat(receiver.sockets()).hasSize(2).noneMatch(SocketState::isOpen);
    }
  }

  private static Receiver start(Log log) {
    return Receiver.start(
        new ReceiveSettings(
            List.of(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0)),
            List.of(Cidr.parse("127.0.0.0/28")),
            SMALLEST_BUFFER,
            2),
        log);
  }

  /// Sends numbered datagrams as fast as can be, all senders at once.
  private void flood(Receiver receiver, List<String> sources) throws InterruptedException {
    List<Thread> senders = new ArrayList<>();
    for (String source : sources) {
      AtomicLong count = new AtomicLong();
      sent.put(source, count);
      senders.add(
          Thread.ofPlatform().start(() -> send(source, receiver.addresses().getFirst(), count)));
    }
    for (Thread sender : senders) {
      sender.join();
    }
  }

  private static void send(String source, InetSocketAddress to, AtomicLong count) {
    try (DatagramChannel channel = DatagramChannel.open()) {
      channel.bind(new InetSocketAddress(InetAddress.ofLiteral(source), 0));
      ByteBuffer payload = ByteBuffer.allocateDirect(PAYLOAD);
      for (int i = count.intValue(); i < PER_SENDER; i++) {
        payload.clear();
        if (i % EMPTY_EVERY == 0) {
          payload.limit(0);
        } else {
          payload.putInt(0, i);
        }
        channel.send(payload, to); // write would not send an empty one
        count.incrementAndGet();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Waits until all that was sent is accounted for, or for long enough that it never will be.
  private void awaitAll(Receiver receiver) throws InterruptedException {
    ReceiveCounters counters = receiver.counters();
    await(
        () ->
            counters.datagrams.sum() + receiver.drops() == total()
                && counters.datagrams.sum()
                    == counters.appended.sum() + counters.notAppended.sum() + counters.refused());
  }

  private static void await(BooleanSupplier condition) throws InterruptedException {
    long deadlineNanos = System.nanoTime() + PATIENCE_NANOS;
    while (System.nanoTime() < deadlineNanos && !condition.getAsBoolean()) {
      Thread.sleep(5);
    }
  }

  private long total() {
    return sent.values().stream().mapToLong(AtomicLong::get).sum();
  }

  private void assertEachOnceAndInOrder(Log log) {
    Map<String, Integer> last = new TreeMap<>();
    try (Log.Cursor cursor = log.read(0)) {
      for (Datagram next = cursor.next(); next != null; next = cursor.next()) {
        String source = next.source().getHostAddress();
        assertThat(source).isIn("127.0.0.2", "127.0.0.3");
        if (next.payload().length > 0) {
          int number = ByteBuffer.wrap(next.payload()).getInt();
          Integer before = last.put(source, number);
          assertThat(number).isGreaterThan(before == null ? -1 : before);
        }
      }
    }
    assertThat(last).isNotEmpty();
  }

  /// A log on a disk that is full now and then, as memory is.
  private record Failing(Log log, AtomicLong appends, AtomicBoolean full, AtomicBoolean fatal)
      implements Log {
    Failing(Log log) {
      this(log, new AtomicLong(), new AtomicBoolean(), new AtomicBoolean());
    }

    @Override
    public void append(DatagramBatch batch) {
      long append = appends.incrementAndGet();
      if (fatal.get()) {
        throw new Unspeakable();
      }
      if (append % 6 == 5) {
        throw new OutOfMemoryError("Map failed");
      }
      if (full.get() || append % 3 == 0) {
        throw new UncheckedIOException(new IOException("no space left"));
      }
      log.append(batch);
    }

    @Override
    public boolean awaitSynced(long before, Duration most) {
      return log.awaitSynced(before, most);
    }

    @Override
    public long syncFailures() {
      return log.syncFailures();
    }

    @Override
    public boolean isLeavingFile() {
      return log.isLeavingFile();
    }

    @Override
    public void skipTo(long offset) {
      log.skipTo(offset);
    }

    @Override
    public long first() {
      return log.first();
    }

    @Override
    public long end() {
      return log.end();
    }

    @Override
    public Cursor read(long offset) {
      return log.read(offset);
    }

    @Override
    public long allocatedBytes() {
      return log.allocatedBytes();
    }

    @Override
    public boolean compress() {
      return log.compress();
    }

    @Override
    public Compression compression() {
      return log.compression();
    }

    @Override
    public long retain(Duration age, long bytes, long nowMicros) {
      return log.retain(age, bytes, nowMicros);
    }

    @Override
    public long makeRoom(long freeBytes, long before) {
      return log.makeRoom(freeBytes, before);
    }

    @Override
    public boolean isFull() {
      return log.isFull();
    }

    @Override
    public void sync(long before) {
      log.sync(before);
    }

    @Override
    public long syncedEnd() {
      return log.syncedEnd();
    }

    @Override
    public void close() {
      log.close();
    }
  }

  /// What even talking of it fails with.
  private static final class Unspeakable extends Error {
    private static final long serialVersionUID = 1;

    @Override
    public String getMessage() {
      throw new OutOfMemoryError();
    }
  }
}
