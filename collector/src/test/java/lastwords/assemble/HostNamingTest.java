package lastwords.assemble;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import lastwords.kernel.Boot;
import lastwords.kernel.Datagram;
import lastwords.kernel.Event;
import lastwords.kernel.Host;
import lastwords.kernel.HostSource;
import lastwords.kernel.KernelMessage;
import lastwords.store.Checkpoint;
import lastwords.store.Ledger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class HostNamingTest {
  private static final long SECOND = 1_000_000;
  private static final String WEB1 = "10.0.0.1";
  private static final String OTHER = "10.0.0.99";

  @TempDir Path folder;

  private final List<Event> events = new ArrayList<>();
  private final StreamCounters counters = new StreamCounters();
  private final HostNames names = new HostNames(Inventory.EMPTY, false);
  private HostStreams streams = streams();
  private long nowMicros = 1_795_248_000_000_000L;
  private long offset;
  private int sequence;

  @Test
  void whatTheInventoryCallsAnAddressWinsOverItsUserdata() throws IOException {
    useInventory("- {address: 10.0.0.1, host: db42}");
    send(WEB1, " host=cache9");

    assertThat(last())
        .extracting(KernelMessage::host, KernelMessage::hostSource, KernelMessage::claimedHost)
        .containsExactly("db42", HostSource.INVENTORY, "cache9");
    assertThat(counters.claimedHosts.sum()).isEqualTo(1);
  }

  @Test
  void ownNameWithItsDomainIsNoClaim() throws IOException {
    useInventory("- {address: 10.0.0.1, host: db42}");
    send(WEB1, " host=DB42.example.com.");

    assertThat(last().claimedHost()).isNull();
    assertThat(counters.claimedHosts.sum()).isZero();
  }

  @Test
  void nobodyElseGetsANameOfTheInventory() throws IOException {
    useInventory("- {address: 10.0.0.1, host: Web1}\n- {address: 10.0.0.2, host: web2}");
    send(OTHER, " host=wEB1");
    assertThat(last())
        .extracting(KernelMessage::host, KernelMessage::hostSource, KernelMessage::claimedHost)
        .containsExactly(OTHER, HostSource.ADDRESS, "wEB1");

    send("10.0.0.2", " host=web1");
    assertThat(last().host()).isEqualTo("web2");
    assertThat(last().claimedHost()).isEqualTo("web1");
  }

  @Test
  void nameBelongsToTheFirstThatHasItWhileItLives() {
    send(WEB1, " host=web1");
    send(OTHER, " host=WEB1");
    assertThat(last())
        .extracting(KernelMessage::host, KernelMessage::hostSource, KernelMessage::claimedHost)
        .containsExactly(OTHER, HostSource.ADDRESS, "WEB1");

    for (int hour = 0; hour < 30; hour++) {
      pass(TimeUnit.HOURS.toMicros(1));
      send(WEB1, " host=web1");
      send(OTHER, " host=web1");
      assertThat(last().host()).isEqualTo(OTHER);
    }
    assertThat(said(WEB1).getLast().host()).isEqualTo("web1");
  }

  @Test
  void machineWithANewAddressGetsItsNameWhenTheOldOneHasBeenSilentForADay() {
    send(WEB1, " host=web1");
    send(OTHER, " host=web1");
    pass(HeldNames.HELD_MICROS + SECOND);
    send(OTHER, " host=web1");

    assertThat(last())
        .extracting(KernelMessage::host, KernelMessage::hostSource, KernelMessage::claimedHost)
        .containsExactly("web1", HostSource.USERDATA, null);
    send(WEB1, " host=web1");
    pass(HostStream.NAME_MICROS);
    send(WEB1, " host=web1");
    assertThat(last().host()).isEqualTo(WEB1);
  }

  @Test
  void machineWithANewAddressGetsItsNameOnceTheOldOneHasAnother() {
    send(WEB1, " host=web1");
    send(OTHER, " host=web1");
    send(WEB1, " host=web7");
    pass(HostStream.NAME_MICROS);
    send(OTHER, " host=web1");

    assertThat(last().host()).isEqualTo("web1");
    assertThat(said(WEB1).getLast().host()).isEqualTo("web7");
  }

  @Test
  void aNameIsKeptOverARestartAlsoByAHostThatHasNotSpokenSince() {
    send(WEB1, " host=web1");
    pass(60 * SECOND);
    restart();
    send(OTHER, " host=web1");

    assertThat(last().host()).isEqualTo(OTHER);
    assertThat(last().claimedHost()).isEqualTo("web1");
  }

  @Test
  void aNewBootIsCalledAsItsFirstRecordSays() {
    send(WEB1, " host=web1");
    pass(3600 * SECOND);
    sequence = 0;
    sendAt(WEB1, 200_000, " host=web1b");

    assertThat(events.stream().filter(Boot.class::isInstance).map(Event::host))
        .containsExactly("web1", "web1b");
  }

  @Test
  void nobodyIsCalledByAnotherHostsAddress() {
    send(OTHER, " host=10.0.0.1");
    assertThat(last().host()).isEqualTo(OTHER);
    assertThat(last().claimedHost()).isEqualTo("10.0.0.1");

    send(WEB1, " host=10.0.0.1");
    assertThat(last().hostSource()).isEqualTo(HostSource.ADDRESS);
    assertThat(last().claimedHost()).isNull();
  }

  @Test
  void onlyTheCanarysOwnAddressIsCalledSo() {
    send(OTHER, " host=Lastwords-Canary");
    assertThat(last().host()).isEqualTo(OTHER);
    assertThat(last().claimedHost()).isEqualTo("Lastwords-Canary");

    send("127.0.0.1", " host=" + Host.CANARY);
    assertThat(last().host()).isEqualTo("127.0.0.1");

    send(Host.CANARY_SOURCE.getHostAddress(), " host=" + Host.CANARY);
    assertThat(last().host()).isEqualTo(Host.CANARY);
  }

  @Test
  void whatIsNoHostNameIsIgnoredAndCounted() {
    List<String> bad =
        List.of(
            "two words",
            "<b>",
            "a\\x1b[2J",
            "\\xc3\\xa9",
            "-a",
            "a-",
            "a..b",
            "a/b",
            "x".repeat(64),
            "a.".repeat(200) + "b",
            "x".repeat(900));
    for (String name : bad) {
      send(WEB1, " host=" + name);
      assertThat(last().host()).as(name).isEqualTo(WEB1);
      assertThat(last().claimedHost()).as(name).isNull();
    }
    assertThat(counters.badHostNames.sum()).isEqualTo(bad.size());

    send(WEB1, " host=db_0.rack-1.example");
    assertThat(last().host()).isEqualTo("db_0.rack-1.example");
  }

  @Test
  void floodOfNamesTakesNoneAwayAndEndsInMemoryThatIsBounded() {
    HeldNames held = new HeldNames(100_000);
    assertThat(held.hold("web1", WEB1, nowMicros, false)).isTrue();
    long given = 0;
    for (int i = 0; i < 10_000; i++) {
      given += held.hold("made-up-" + i, "fd00::" + i, nowMicros + 1, false) ? 1 : 0;
    }

    assertThat(given).isBetween(100L, 1_000L);
    assertThat(held.bytes()).isLessThanOrEqualTo(100_000);
    assertThat(held.hold("web1", OTHER, nowMicros + 2, false)).isFalse();
    assertThat(held.holder("WEB1")).isEqualTo(WEB1);

    long later = nowMicros + HeldNames.HELD_MICROS + 2;
    assertThat(held.hold("next", OTHER, later, false)).as("old names end").isTrue();
  }

  @Test
  void anAddressThatChangesItsNameHoldsOnlyTheLastOne() {
    HeldNames held = new HeldNames();
    for (int i = 0; i < 100; i++) {
      held.hold("name-" + i, OTHER, nowMicros, false);
    }

    assertThat(held.holder("name-98")).isNull();
    assertThat(held.holder("name-99")).isEqualTo(OTHER);
    assertThat(held.bytes()).isLessThan(1_000);
  }

  @Test
  void nameFromDnsTakesThePlaceOfTheSameFromUserdata() {
    HeldNames held = new HeldNames();
    held.hold("db1", OTHER, nowMicros, false);

    assertThat(held.hold("db1", WEB1, nowMicros, true)).isTrue();
    assertThat(held.hold("db1", OTHER, nowMicros, false)).isFalse();
  }

  @Test
  void anotherInventoryNamesHostsAtOnceAlsoThoseThatAreSilent() throws IOException {
    send(WEB1, " host=web1");
    send(OTHER, "");
    pass(120 * SECOND);
    List<Host> known = streams.changedHosts();
    restart();
    send(OTHER, "");

    useInventory("- {address: 10.0.0.1, host: front1}\n- {address: 10.0.0.99, host: db9}");

    assertThat(streams.renamedHosts(() -> known))
        .extracting(Host::address, Host::host, Host::hostSource, Host::claimedHost)
        .containsExactly(tuple(WEB1, "front1", HostSource.INVENTORY, "web1"));
    assertThat(streams.changedHosts())
        .extracting(Host::address, Host::host)
        .containsExactly(tuple(OTHER, "db9"));
    assertThat(streams.renamedHosts(() -> known)).isEmpty();
    send(OTHER, "");
    assertThat(last().host()).isEqualTo("db9");
  }

  private void useInventory(String yaml) throws IOException {
    names.use(Inventory.read(Files.writeString(folder.resolve("hosts.yaml"), yaml)));
  }

  private void restart() {
    Checkpoint checkpoint = streams.checkpoint(offset);
    List<Host> known = streams.changedHosts();
    streams = streams();
    streams.restoreNames(known);
    streams.goOn(
        new Ledger.Place(checkpoint.offset(), List.copyOf(checkpoint.states().keySet())),
        address -> Optional.ofNullable(checkpoint.states().get(address)));
  }

  private HostStreams streams() {
    return new HostStreams(() -> events::add, names, counters);
  }

  private void send(String source, String userdata) {
    sendAt(source, 3_600 * SECOND + sequence * SECOND, userdata);
  }

  private void sendAt(String source, long uptimeMicros, String userdata) {
    String text =
        "6,%d,%d,-;hello %d\n%s\n".formatted(sequence++, uptimeMicros, sequence, userdata);
    streams.accept(
        new Datagram(
            offset++,
            nowMicros,
            InetAddress.ofLiteral(source),
            6665,
            6666,
            text.getBytes(ISO_8859_1)));
    pass(2 * SECOND);
  }

  private void pass(long micros) {
    nowMicros += micros;
    streams.advance(nowMicros);
  }

  private KernelMessage last() {
    return said("").getLast();
  }

  private List<KernelMessage> said(String address) {
    return events.stream()
        .filter(KernelMessage.class::isInstance)
        .map(KernelMessage.class::cast)
        .filter(message -> address.isEmpty() || message.address().equals(address))
        .toList();
  }
}
