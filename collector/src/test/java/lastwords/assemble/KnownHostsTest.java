package lastwords.assemble;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import lastwords.kernel.Boot;
import lastwords.kernel.Datagram;
import lastwords.kernel.Event;
import lastwords.kernel.Host;
import lastwords.kernel.KernelMessage;
import lastwords.store.Checkpoint;
import lastwords.store.Ledger;
import lastwords.store.embedded.SqliteLedger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class KnownHostsTest {
  private static final long SECOND = 1_000_000;
  private static final int REAL = 10;
  private static final int SPOOFED = 127;

  @TempDir Path folder;
  private final List<Event> events = new ArrayList<>();
  private StreamCounters counters = new StreamCounters();
  private Ledger ledger;
  private HostStreams streams;
  private long offset;
  private long nowMicros = 1_795_248_000L * SECOND;

  @BeforeEach
  void open() {
    ledger = SqliteLedger.open(folder.resolve("ledger.db"));
    begin(1_000);
  }

  @AfterEach
  void close() {
    ledger.close();
  }

  @Test
  void aSilentHostLeavesMemoryAndIsTheSameWhenItSpeaksAgain() throws Exception {
    say(REAL, 1, 0, 20);
    keep();
    assertThat(counters.hostsInMemory.get()).isEqualTo(1);
    pass(HostStreams.IDLE_MICROS);
    keep();
    assertThat(counters.hostsInMemory.get()).isZero();
    assertThat(counters.hosts.get()).isEqualTo(1);

    say(REAL, 1, 19, 21);
    keep();

    assertThat(events).filteredOn(Boot.class::isInstance).hasSize(1);
    assertThat(texts()).hasSize(21).last().isEqualTo("line 20");
    Host host = ledger.hosts().getFirst();
    assertThat(host.messages()).isEqualTo(21);
    assertThat(host.duplicates()).isEqualTo(1);
  }

  @Test
  void aHostWithSomethingHalfDoneStaysInMemory() throws Exception {
    say(REAL, 1, 0, 20);
    say(REAL, 1, 25, 26);
    keep();
    nowMicros += 10 * HostStreams.IDLE_MICROS;
    keep();

    assertThat(counters.hostsInMemory.get()).isEqualTo(1);
  }

  @Test
  void aRestartBringsAHostBackWhenItSpeaksAndNotBefore() throws Exception {
    for (int host = 0; host < 50; host++) {
      say(REAL, host, 0, 20);
    }
    keep();
    begin(1_000);
    assertThat(counters.hosts.get()).isEqualTo(50);

    say(REAL, 7, 20, 21);
    keep();

    assertThat(counters.hostsInMemory.get()).isEqualTo(1);
    assertThat(events).filteredOn(Boot.class::isInstance).hasSize(50);
  }

  @Test
  void hostsHeardAtOnceLeaveMemoryBeforeItIsFull() throws Exception {
    begin(200_000);
    boolean wasCrowded = false;
    for (int host = 0; host < 20_000; host++) {
      say(REAL, host, 0, 1);
      if (streams.isCrowded()) {
        wasCrowded = true;
        keep();
        assertThat(streams.isCrowded()).isFalse();
      }
    }

    assertThat(wasCrowded).isTrue();
    assertThat(counters.hosts.get()).isEqualTo(20_000);
    assertThat(counters.evictedHosts.sum()).isZero();
  }

  @Test
  void whatWaitsIsDecidedEarlyWhereMemoryIsFull() throws Exception {
    begin(200_000);
    int host = 0;
    while (!streams.isFull()) {
      say(REAL, host++, 1, 2);
    }
    keep();

    assertThat(streams.isCrowded()).isFalse();
  }

  @Test
  void madeUpSendersMakeRoomForEachOtherAndRealHostsStayKnown() throws Exception {
    int real = 500;
    for (int host = 0; host < real; host++) {
      say(REAL, host, 0, 20);
    }
    pass(HostStreams.IDLE_MICROS);
    keep();
    int spoofed = 20_000;
    for (int i = 0; i < spoofed; i++) {
      say(SPOOFED, i, 1, 2);
      if (i % 3_000 == 0) {
        keep();
      }
    }
    pass(SECOND);
    keep();
    assertThat(counters.hosts.get()).isEqualTo(1_000);
    assertThat(counters.evictedHosts.sum()).isEqualTo(real + spoofed - 1_000);
    assertThat(ledger.hosts()).hasSize(1_000);
    assertThat(ledger.place("test").addresses()).hasSize(1_000);

    events.clear();
    begin(1_000);
    for (int host = 0; host < real; host++) {
      say(REAL, host, 20, 21);
    }

    assertThat(events).hasSize(real).noneMatch(Boot.class::isInstance);
    assertThat(ledger.exposures(new Ledger.Watch(0, Long.MAX_VALUE, 1)))
        .allMatch(exposure -> exposure.hosts() <= 1_000);
  }

  @Test
  void forgedSendersThatSayMuchEvictNoHostThatWasKnownBefore() throws Exception {
    begin(20_000);
    int real = 100;
    establish(real);
    for (int i = 0; i < 30_000; i++) {
      say(SPOOFED, i * 7_919, 0, KnownHosts.NEWCOMER_MESSAGES + 1);
      if (i % 3_000 == 0) {
        keep();
      }
      events.clear();
    }
    keep();

    assertThat(counters.evictedHosts.sum()).isEqualTo(30_000 + real - 20_000);
    assertThat(ledger.hosts())
        .extracting(Host::address)
        .filteredOn(address -> address.startsWith(REAL + "."))
        .hasSize(real);
    for (int host = 0; host < real; host++) {
      say(REAL, host, 11, 12);
    }
    assertThat(events).hasSize(real).noneMatch(Boot.class::isInstance);
  }

  @Test
  void aRestartMakesNoForgedSenderAnEstablishedHost() throws Exception {
    begin(20_000);
    int real = 100;
    establish(real);
    for (int restart = 0; restart < 2; restart++) {
      for (int i = 0; i < 20_000; i++) {
        say(SPOOFED, (restart * 20_000 + i) * 7_919, 0, KnownHosts.NEWCOMER_MESSAGES + 1);
        events.clear();
      }
      pass(HostStreams.IDLE_MICROS);
      keep();
      begin(20_000);
    }
    for (int host = 0; host < real; host++) {
      say(REAL, host, 11, 12);
    }
    assertThat(events).hasSize(real).noneMatch(Boot.class::isInstance);
  }

  /// So many real hosts that were heard of for long, and said ten messages and one.
  private void establish(int real) throws Exception {
    for (int host = 0; host < real; host++) {
      say(REAL, host, 0, 10);
    }
    nowMicros += KnownHosts.ESTABLISHED_MICROS;
    for (int host = 0; host < real; host++) {
      say(REAL, host, 10, 11);
    }
    pass(HostStreams.IDLE_MICROS);
    keep();
  }

  @Test
  void addressesOfOneNetworkEvictThoseOfTheirOwn() throws Exception {
    begin(2_000);
    for (int host = 0; host < 100; host++) {
      say(REAL, host << 8, 0, 10);
    }
    pass(HostStreams.IDLE_MICROS);
    keep();
    InetAddress prefix = InetAddress.ofLiteral("2001:db8::");
    for (int i = 0; i < 10_000; i++) {
      byte[] address = prefix.getAddress();
      address[14] = (byte) (i >> 8);
      address[15] = (byte) i;
      say(InetAddress.getByAddress(address), 0, 10);
      if (i % 200 == 0) {
        pass(HostStreams.IDLE_MICROS);
        keep();
      }
    }
    keep();

    assertThat(ledger.hosts())
        .extracting(Host::address)
        .filteredOn(address -> address.startsWith(REAL + "."))
        .hasSize(100);
  }

  @Test
  void oneNetworkCannotHaveAllPlacesOfEstablishedHosts() throws Exception {
    begin(1_000);
    for (int round = 0; round < 2; round++) {
      for (int host = 0; host < 900; host++) {
        byte[] address = InetAddress.ofLiteral("2001:db8::").getAddress();
        address[14] = (byte) (host >> 8);
        address[15] = (byte) host;
        say(InetAddress.getByAddress(address), 10 * round, 10 * round + 10);
      }
      nowMicros += KnownHosts.ESTABLISHED_MICROS;
    }
    keep();
    for (int host = 0; host < 500; host++) {
      say(REAL, host << 8, 0, 10);
      pass(HostStreams.IDLE_MICROS);
      keep();
    }

    assertThat(ledger.hosts())
        .extracting(Host::address)
        .filteredOn(address -> address.startsWith(REAL + "."))
        .hasSizeGreaterThan(450);
  }

  @Test
  void aNewHostBecomesKnownWhileMadeUpSendersFloodIn() throws Exception {
    for (int i = 0; i < 5_000; i++) {
      say(SPOOFED, i, 0, 1);
      if (i % 20 == 0) {
        say(REAL, 1, i / 20, i / 20 + 1);
      }
    }

    assertThat(events.stream().filter(Boot.class::isInstance).map(Boot.class::cast))
        .filteredOn(boot -> boot.address().equals("10.0.0.1"))
        .hasSize(1);
  }

  @Test
  void aHostForgottenWhileItWaitsSaysWhatItHasAndStaysForgotten() throws Exception {
    begin(10);
    say(REAL, 1, 0, 7);
    say(REAL, 1, 10, 12);
    for (int i = 0; i < 10; i++) {
      say(SPOOFED, i, 0, 1);
    }

    assertThat(counters.hosts.get()).isEqualTo(10);
    assertThat(texts()).contains("line 10", "line 11");
    assertThat(streams.changedHosts()).hasSize(10);
  }

  @Test
  void whereOnlyKnownHostsSpeakTheOneSilentForLongestLeaves() throws Exception {
    begin(100);
    for (int host = 0; host < 101; host++) {
      say(REAL, host, 0, 20);
    }
    keep();

    assertThat(ledger.hosts()).hasSize(100).extracting(Host::address).doesNotContain("10.0.0.0");
  }

  @Test
  void aMillionMadeUpSendersCostNoMoreThanTheBound() throws Exception {
    begin(20_000);
    for (int host = 0; host < 1_000; host++) {
      say(REAL, host, 0, 10);
    }
    events.clear();
    for (int i = 0; i < 1_000_000; i++) {
      say(SPOOFED, i, 0, 1);
      if (i % 100_000 == 0) {
        keep();
      }
      events.clear();
    }
    keep();
    for (int host = 0; host < 1_000; host++) {
      say(REAL, host, 10, 11);
    }

    assertThat(events).hasSize(1_000).noneMatch(Boot.class::isInstance);
    assertThat(counters.hosts.get()).isEqualTo(20_000);
    assertThat(counters.evictedHosts.sum()).isEqualTo(981_000);
    assertThat(ledger.hosts()).hasSizeLessThanOrEqualTo(20_000);
  }

  private void begin(int maxHosts) {
    counters = new StreamCounters();
    HostNames names = new HostNames(Inventory.EMPTY, false);
    streams = new HostStreams(() -> events::add, names, counters, maxHosts);
    streams.restoreNames(ledger.hosts());
    streams.goOn(ledger.place("test"), address -> ledger.state("test", address));
  }

  /// As analysis does it.
  private void keep() {
    Checkpoint checkpoint = streams.checkpoint(offset);
    ledger.forgetHosts(checkpoint.forgotten());
    ledger.putHosts(streams.changedHosts());
    ledger.putRuns(streams.changedRuns());
    ledger.save("test", checkpoint);
    streams.kept(checkpoint);
  }

  private void say(int net, int host, int from, int to) throws UnknownHostException {
    InetAddress source =
        InetAddress.getByAddress(
            new byte[] {(byte) net, (byte) (host >> 16), (byte) (host >> 8), (byte) host});
    say(source, from, to);
  }

  private void say(InetAddress source, int from, int to) {
    for (int i = from; i < to; i++) {
      byte[] bytes =
          ("6," + i + "," + (i + 1) * SECOND + ",-;line " + i + "\n").getBytes(ISO_8859_1);
      streams.accept(new Datagram(offset++, nowMicros++, source, 6665, 6666, bytes));
    }
  }

  private void pass(long micros) {
    nowMicros += micros;
    streams.advance(nowMicros);
  }

  private List<String> texts() {
    return events.stream()
        .filter(KernelMessage.class::isInstance)
        .map(event -> ((KernelMessage) event).text())
        .toList();
  }
}
