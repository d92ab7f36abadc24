package lastwords.assemble;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.LongFunction;
import lastwords.kernel.Datagram;
import lastwords.kernel.Host;
import lastwords.store.Checkpoint;
import lastwords.store.Ledger;
import org.junit.jupiter.api.Test;

/// Whatever hosts send, what is held of it stays below its bound: of one host, and of all.
final class MemoryTest {
  private static final long SECOND = 1_000_000;

  /// All kinds of records that wait of one host, and one that was added last.
  private static final long ONE_HOST =
      2 * HostStream.MAX_WAITING_BYTES
          + SequenceOrder.MAX_WAITING_BYTES
          + Fragments.MAX_BYTES
          + (1 << 20);

  private final StreamCounters counters = new StreamCounters();
  private final HostStreams streams =
      new HostStreams(
          () -> event -> {}, new HostNames(Inventory.EMPTY, false), counters, KnownHosts.MAX_HOSTS);
  private final Map<String, Host> hosts = new HashMap<>();
  private long offset;
  private long nowMicros = 1_795_248_000L * SECOND;

  @Test
  void largeRecordsOfWhichTheBootIsUndecidedAreHeldUpToABound() throws Exception {
    for (int i = 0; i < 10; i++) {
      accept(1, "6,%d,%d,-;x\n".formatted(1_000_000 + i, SECOND), 0);
    }

    flood(4_000, 1, i -> "6,%d,%d,-;".formatted(1_000 + i, SECOND), ONE_HOST);

    assertThat(counters.byteOverflows.sum()).isPositive();
    assertThat(counters.truncated.sum()).isEqualTo(4_000);
  }

  @Test
  void largeRecordsThatWaitForOneBeforeThemAreHeldUpToABound() throws Exception {
    accept(1, "6,0,1,-;x\n", 0);
    flood(2_000, 1, i -> "6,%d,%d,-;".formatted(2 * i + 2, SECOND), ONE_HOST);

    assertThat(counters.byteOverflows.sum()).isPositive();
  }

  @Test
  void largeBasicRecordsAreHeldUpToABound() throws Exception {
    flood(2_000, 1, i -> "[%5d.000000] ".formatted(i), ONE_HOST);

    assertThat(counters.byteOverflows.sum()).isPositive();
  }

  @Test
  void smallFragmentsAndManyOfThemAreHeldUpToABound() throws Exception {
    for (int i = 0; i < 200_000; i++) {
      accept(1, "6,%d,1,-,ncfrag=%d/90000;x".formatted(i % 300, 2 * (i / 300)), 0);
      assertThat(streams.heldBytes()).isLessThan(ONE_HOST);
    }
  }

  @Test
  void recordsOfManySendersThatWaitAreHeldUpToABoundTogether() throws Exception {
    for (int host = 0; host < 400; host++) {
      accept(host, "6,1000000,%d,-;x\n".formatted(SECOND), 0);
    }
    long most = HostStreams.MAX_WAITING_BYTES + (1 << 20);
    for (int i = 0; i < 8_000; i++) {
      accept(i % 400, "6,%d,%d,-;".formatted(1_000 + i, SECOND), 60_000);
      assertThat(streams.waitingBytes()).isLessThan(most);
    }

    assertThat(counters.fullOverflows.sum()).isPositive();
    assertThat(counters.records.sum()).isPositive();
  }

  @Test
  void whoFloodsGivesWayBeforeWhoWaitsForOneRecord() throws Exception {
    accept(999, "6,0,1,-;first\n", 0);
    accept(999, "6,2,2,-;third\n", 0);
    for (int i = 0; counters.fullOverflows.sum() == 0; i++) {
      accept(i % 50, "6,%d,%d,-;".formatted(1_000_000 - i * 1_000L, SECOND), 60_000);
    }
    assertThat(host("10.0.3.231").sequenceGaps()).isZero();

    accept(999, "6,1,1,-;second\n", 0);
    assertThat(host("10.0.3.231").messages()).isEqualTo(3);
    assertThat(host("10.0.3.231").sequenceGaps()).isZero();
  }

  @Test
  void endlessCutLinesAreOneRecordUpToABoundOnly() throws Exception {
    flood(20_000, 1, i -> i == 0 ? "[    1.000000] " : "x", ONE_HOST);
    streams.end();

    assertThat(streams.waitingBytes()).isZero();
  }

  @Test
  void whatWasHeldIsFreeOnceItIsForwarded() throws Exception {
    for (int host = 0; host < 100; host++) {
      accept(host, "6,1000000,%d,-;x\n".formatted(SECOND), 0);
      accept(host, "6,1000,%d,-;".formatted(SECOND), 60_000);
      accept(host, "6,1000007,%d,-;".formatted(SECOND), 60_000);
      accept(host, "[    1.000000] ", 60_000);
      accept(host, "6,1000009,%d,-,ncfrag=0/900;x".formatted(SECOND), 0);
    }
    assertThat(streams.waitingBytes()).isPositive();
    streams.end();
    assertThat(streams.waitingBytes()).isZero();

    streams.goOn(Ledger.Place.START, address -> Optional.<Checkpoint.State>empty());
    nowMicros += HostStreams.IDLE_MICROS;
    streams.advance(nowMicros);
    streams.kept(streams.checkpoint(offset));
    assertThat(streams.heldBytes()).isZero();
  }

  private void flood(int datagrams, int host, LongFunction<String> head, long bound)
      throws UnknownHostException {
    for (int i = 0; i < datagrams; i++) {
      accept(host, head.apply(i), 60_000);
      assertThat(streams.heldBytes()).isLessThan(bound);
    }
  }

  /// The head, and so many bytes behind it that each have to be escaped.
  private void accept(int host, String head, int junk) throws UnknownHostException {
    byte[] begin = head.getBytes(ISO_8859_1);
    byte[] bytes = Arrays.copyOf(begin, begin.length + junk);
    Arrays.fill(bytes, begin.length, bytes.length, (byte) 0xff);
    InetAddress source =
        InetAddress.getByAddress(new byte[] {10, 0, (byte) (host >> 8), (byte) host});
    streams.accept(new Datagram(offset++, nowMicros++, source, 6665, 6666, bytes));
  }

  private Host host(String address) {
    List<Host> changed = streams.changedHosts();
    changed.forEach(host -> hosts.put(host.address(), host));
    return Objects.requireNonNull(hosts.get(address), address);
  }
}
