package lastwords.assemble;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import lastwords.kernel.Datagram;
import lastwords.kernel.KernelMessage;
import lastwords.kernel.Position;
import lastwords.store.Checkpoint;
import lastwords.store.Ledger;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The sums of [StreamCounters] hold to the datagram, whatever is sent.
final class StreamCountersTest {
  private static final long SECOND = 1_000_000;
  private static final int DATAGRAMS = 12_000;
  private static final int HOSTS = 12;

  /// Fewer than there are, so that some are forgotten.
  private static final int MAX_HOSTS = 9;

  private StreamCounters counters = new StreamCounters();
  private long messages;
  private long nowMicros = 1_795_248_000L * SECOND;

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void everyDatagramOfAHostileMixtureIsAccountedFor(long seed) {
    HostStreams streams = streams();
    List<Datagram> log = mixture(new Random(seed));
    log.forEach(streams::accept);
    streams.end();

    assertThat(counters.datagrams.sum()).isEqualTo(DATAGRAMS);
    assertSumsHold();
    for (var each :
        List.of(
            counters.extended,
            counters.basic,
            counters.malformed,
            counters.joined,
            counters.duplicates,
            counters.copies,
            counters.furtherLines,
            counters.incomplete,
            counters.evictedHosts)) {
      assertThat(each.sum()).isPositive();
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {11, 12})
  void andOverARestart(long seed) {
    HostStreams before = streams();
    List<Datagram> log = mixture(new Random(seed));
    int half = log.size() / 2;
    log.subList(0, half).forEach(before::accept);
    Checkpoint checkpoint = before.checkpoint(half);

    counters = new StreamCounters();
    messages = 0;
    HostStreams after = streams();
    after.goOn(
        new Ledger.Place(checkpoint.offset(), List.copyOf(checkpoint.states().keySet())),
        address -> Optional.ofNullable(checkpoint.states().get(address)));
    log.subList(Math.toIntExact(checkpoint.offset()), log.size()).forEach(after::accept);
    after.end();

    assertThat(counters.datagrams.sum()).isEqualTo(log.size() - checkpoint.offset());
    assertSumsHold();
  }

  @ParameterizedTest
  @ValueSource(longs = {21, 22})
  void whatIsSettledIsHandedOn(long seed) {
    List<Long> positions = new ArrayList<>();
    HostStreams streams =
        new HostStreams(
            () ->
                event -> {
                  if (event instanceof KernelMessage message) {
                    positions.add(Position.offset(message.position()));
                  }
                },
            names(),
            counters,
            MAX_HOSTS);
    long settled = 0;
    for (Datagram datagram : mixture(new Random(seed))) {
      streams.accept(datagram);
      for (long position : positions) {
        assertThat(position).isGreaterThanOrEqualTo(settled);
      }
      positions.clear();
      long now = streams.settledBefore(datagram.offset() + 1);
      assertThat(now).isBetween(settled, datagram.offset() + 1);
      settled = now;
    }
    streams.end();
    assertThat(streams.settledBefore(DATAGRAMS)).isEqualTo(DATAGRAMS);
  }

  private void assertSumsHold() {
    StreamCounters c = counters;
    assertThat(c.extended.sum() + c.basic.sum() + c.malformed.sum() + c.reread.sum())
        .isEqualTo(c.datagrams.sum());
    assertThat(c.joined.sum() + c.duplicates.sum() + c.copies.sum() + c.records.sum())
        .isEqualTo(c.extended.sum() + c.basic.sum());
    assertThat(c.records.sum() + c.furtherLines.sum())
        .isEqualTo(c.messages.sum())
        .isEqualTo(messages);
  }

  private HostStreams streams() {
    return new HostStreams(
        () ->
            event -> {
              if (event instanceof KernelMessage) {
                messages++;
              }
            },
        names(),
        counters,
        MAX_HOSTS);
  }

  private static HostNames names() {
    return new HostNames(Inventory.EMPTY, false);
  }

  /// What kernels say, and what they never would: both formats, pieces that never come, come twice
  /// or don't fit, numbers that repeat, leap and go back, cut lines, reboots, steps of the clock.
  private List<Datagram> mixture(Random random) {
    List<Datagram> log = new ArrayList<>();
    List<byte[]> said = new ArrayList<>();
    long[] sequence = new long[HOSTS];
    long[] booted = new long[HOSTS];
    while (log.size() < DATAGRAMS) {
      int host = random.nextInt(HOSTS);
      nowMicros += random.nextInt(100) == 0 ? random.nextInt(3_000_000) : random.nextInt(20_000);
      if (random.nextInt(4_000) == 0) {
        nowMicros += (random.nextBoolean() ? 3_600 : -3_600) * SECOND;
      }
      if (random.nextInt(500) == 0 || booted[host] == 0) {
        sequence[host] = 0;
        booted[host] = nowMicros - random.nextInt(2_000_000);
      }
      byte[] next = next(random, ++sequence[host], Math.abs(nowMicros - booted[host]), said);
      said.add(next);
      log.add(
          new Datagram(log.size(), nowMicros, address(host), 6000 + random.nextInt(3), 6666, next));
      if (random.nextInt(10) == 0) {
        sequence[host] += random.nextInt(40) - 10;
        sequence[host] = Math.max(0, sequence[host]);
      }
    }
    return log;
  }

  private static byte[] next(Random random, long sequence, long uptime, List<byte[]> said) {
    String text = "line " + random.nextInt(50);
    String seconds = "[%d.%06d] ".formatted(uptime / SECOND, uptime % SECOND);
    String extended = "6," + sequence + "," + uptime + ",-";
    int total = 2 + random.nextInt(40);
    int from = random.nextInt(total);
    String datagram =
        switch (random.nextInt(14)) {
          case 0 -> "";
          case 1 -> "nul \0 byte";
          case 2 -> extended + ",ncfrag=" + total + "/" + from + ";outside";
          case 3 -> seconds + text + "\n" + seconds + "and more\n";
          case 4 -> seconds + text;
          case 5 -> text;
          case 6 -> "x".repeat(1_000);
          case 7, 8 -> extended + ",ncfrag=" + from + "/" + total + ";" + "p".repeat(total - from);
          case 9 -> extended + ",ncfrag=0/" + total + ";" + "p".repeat(Math.max(1, from));
          case 10 -> {
            byte[] noise = new byte[random.nextInt(60)];
            random.nextBytes(noise);
            yield new String(noise, ISO_8859_1);
          }
          case 11 ->
              said.isEmpty()
                  ? "first"
                  : new String(
                      said.get(Math.max(0, said.size() - 1 - random.nextInt(60))), ISO_8859_1);
          default -> extended + ";" + text + "\n msgid=" + sequence + "\n";
        };
    return datagram.getBytes(ISO_8859_1);
  }

  private static InetAddress address(int host) {
    try {
      return InetAddress.getByAddress(new byte[] {10, 0, 0, (byte) host});
    } catch (UnknownHostException e) {
      throw new IllegalStateException(e);
    }
  }
}
