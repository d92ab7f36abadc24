package lastwords.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.atIndex;

import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import lastwords.json.Json;
import lastwords.kernel.Category;
import lastwords.kernel.Crash;
import lastwords.kernel.Host;
import lastwords.kernel.HostSource;
import lastwords.kernel.KernelMessage;
import lastwords.kernel.Position;
import lastwords.kernel.Run;
import lastwords.kernel.Severity;
import lastwords.kernel.Signature;
import lastwords.kernel.Triage;
import lastwords.store.BadQueryException;
import lastwords.store.Ledger;
import lastwords.store.embedded.LuceneIndex;
import lastwords.store.embedded.SqliteLedger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SearchesTest {
  private static final Instant NOW = Instant.parse("2026-11-21T12:00:00Z");
  private static final String AA = "00000000000000aa";
  private static final String BB = "00000000000000bb";

  @TempDir Path folder;
  private LuceneIndex index;
  private Ledger ledger;
  private Searches searches;

  @BeforeEach
  void open() {
    index = LuceneIndex.open(folder.resolve("index"));
    ledger = SqliteLedger.open(folder.resolve("ledger"));
    searches = new Searches(index, ledger, InstantSource.fixed(NOW), Searches.SILENT_AFTER);
  }

  @AfterEach
  void close() {
    index.close();
    ledger.close();
  }

  // Messages.

  @Test
  void messagesComeInPagesUntilTheLast() {
    for (int i = 0; i < 25; i++) {
      write(message(i, "db1", "line " + i));
    }

    assertThat(pages(cursor -> searches.messages("line", null, null, true, cursor, 10)))
        .extracting(KernelMessage::text)
        .hasSize(25)
        .startsWith("line 24")
        .endsWith("line 0");
    assertThat(pages(cursor -> searches.messages(null, null, null, false, cursor, 5)))
        .extracting(KernelMessage::text)
        .hasSize(25)
        .startsWith("line 0");
    assertThat(searches.messages("nothing", null, null, true, null, 10).next()).isNull();
  }

  @Test
  void timesAreRfc3339OrDurationsBackFromNow() {
    write(message(100, "db1", "a"), message(200, "db1", "b"), message(300, "db1", "c"));

    assertThat(texts("101s", null)).containsExactly("a", "b", "c");
    assertThat(texts(null, "99s")).isEmpty();
    assertThat(texts("2026-11-21T11:58:30Z", "2026-11-21T12:01:42+00:00")).containsExactly("a");
    assertThat(texts("2026-11-21T13:03:20+01:00", null)).containsExactly("b", "c");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> texts("yesterday", null))
        .withMessageContaining("since: 'yesterday' is no time")
        .withMessageContaining("24h");
  }

  private List<String> texts(@Nullable String since, @Nullable String until) {
    return searches.messages("", since, until, false, null, 10).items().stream()
        .map(KernelMessage::text)
        .toList();
  }

  @Test
  void aWrongArgumentSaysWhatIsAllowed() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> searches.messages("", null, null, true, "???", 10))
        .withMessageContaining("no cursor");
    String crashes = Cursor.CRASHES.of(1);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> searches.messages("", null, null, true, crashes, 10))
        .withMessageContaining("no cursor of this list");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> searches.messages("", null, null, true, null, 1001))
        .withMessage("limit is 1 to 1000, not 1001");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> searches.histogram("", null, null, 0, null))
        .withMessageContaining("buckets");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> searches.histogram("", "1h", "2h", 10, null))
        .withMessageContaining("not before");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> searches.context("x", 1, 1))
        .withMessageContaining("no position");
    assertThatExceptionOfType(BadQueryException.class)
        .isThrownBy(() -> searches.messages("severity:bad", null, null, true, null, 10))
        .withMessageContaining("emerg");
  }

  @Test
  void theContextOfAMessageIsItsHostsLinesAroundIt() {
    for (int i = 0; i < 20; i++) {
      write(message(i, i % 2 == 0 ? "db1" : "db2", "line " + i));
    }

    assertThat(searches.context("10", 2, 3).orElseThrow())
        .extracting(KernelMessage::text)
        .containsExactly("line 6", "line 8", "line 10", "line 12", "line 14", "line 16");
    assertThat(searches.context("0", 5, 0).orElseThrow())
        .extracting(KernelMessage::text)
        .containsExactly("line 0");
    assertThat(searches.context("99", 5, 5)).isEmpty();
  }

  @Test
  void messagesAreCountedOverTimeAndByField() {
    write(message(-7200, "db1", "a"), message(-60, "db1", "b"), message(-30, "db2", "c"));

    Histogram day = searches.histogram("", null, null, 24, "host");
    assertThat(day.untilMicros()).isEqualTo(Json.micros(NOW));
    assertThat(day.counts().get("db1")).contains(1, atIndex(22)).contains(1, atIndex(23));
    assertThat(day.counts().get("db2")).contains(0, atIndex(22)).contains(1, atIndex(23));
    assertThat(searches.histogram("host:db1", "1h", null, 2, null).counts().get(""))
        .containsExactly(0, 1);
    assertThat(searches.values("", null, null, "HOST", 10).items())
        .containsExactly(new ValueCount("db1", 2), new ValueCount("db2", 1));
  }

  @Test
  void followingBeginsAtTheEnd() {
    write(message(1, "db1", "before"));
    long from = searches.tail(null, -1, 10).next();
    write(message(2, "db1", "after"), message(3, "db2", "other"));

    assertThat(searches.tail("host:db1", from, 10).messages())
        .extracting(KernelMessage::text)
        .containsExactly("after");
  }

  // Crashes and signatures.

  @Test
  void crashesAreTheSameWithAndWithoutAQuery() {
    for (int i = 0; i < 7; i++) {
      write(crash(i, i % 2 == 0 ? AA : BB, "db1", "b0", Severity.ERROR, false));
    }
    List<Crash> all = pages(cursor -> searches.crashes(null, null, null, cursor, 3));

    assertThat(all).extracting(Crash::id).startsWith("c6", "c5").hasSize(7);
    assertThat(pages(cursor -> searches.crashes("host:db1", null, null, cursor, 3))).isEqualTo(all);
    assertThat(pages(cursor -> searches.crashes("signature:" + AA, null, null, cursor, 3)))
        .extracting(Crash::id)
        .containsExactly("c6", "c4", "c2", "c0");
    assertThat(searches.crash("c3")).contains(all.get(3));
    assertThat(searches.crash("c99")).isEmpty();
    assertThatExceptionOfType(BadQueryException.class)
        .isThrownBy(() -> searches.crashes("rack:b7", null, null, null, 3))
        .withMessageContaining("no field 'rack'");
  }

  @Test
  void signaturesAreThoseOfMatchingCrashesLastSeenFirst() {
    write(crash(1, BB, "db1", "b0", Severity.ERROR, false));
    write(crash(2, AA, "db2", "b0", Severity.ERROR, false));
    write(crash(3, AA, "db3", "b0", Severity.ERROR, false));

    assertThat(signatures(null)).containsExactly(AA, BB);
    assertThat(signatures("host:db1")).containsExactly(BB);
    assertThat(signatures("host:db2 OR host:db1")).containsExactly(AA, BB);
    assertThat(signatures("nothing")).isEmpty();
    assertThat(searches.signature(AA)).get().extracting(Signature::events).isEqualTo(2L);
    assertThat(
            searches
                .signatures(null, Json.time(Json.micros(NOW) + 2_000_000), null, null, 9)
                .items())
        .extracting(Signature::signature)
        .containsExactly(AA);
  }

  @Test
  void aSignatureSaysWhatToSuspect() {
    long hour = 3_600;
    List<Run> runs = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      String release = i % 2 == 0 ? "6.12.8" : "6.12.9";
      String host = "db" + i;
      runs.add(
          new Run("b" + i, null, "10.0.0." + i, host, release, null, true, at(0), at(99 * hour)));
      if (i % 2 == 1) {
        write(crash(i * hour, AA, host, "b" + i, Severity.ERROR, false));
      }
    }
    ledger.putRuns(runs);

    searches =
        new Searches(
            index, ledger, InstantSource.fixed(NOW.plusSeconds(100 * hour)), Searches.SILENT_AFTER);

    Triage triage = searches.signature(AA).orElseThrow().triage();

    assertThat(triage).isNotNull();
    assertThat(triage == null ? "" : triage.why()).startsWith("Release 6.12.9: 20 of 20 hosts");
    assertThat(searches.signatures(null, null, null, null, 9).items())
        .extracting(Signature::triage)
        .containsExactly(triage);
  }

  @Test
  void signaturesOfAFleetThatWasNotWatchedYetAreListed() {
    List<Run> runs = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      String host = "db" + i;
      String release = i % 2 == 0 ? "6.12.8" : "6.12.9";
      runs.add(new Run("b" + i, null, "10.0.0." + i, host, release, null, true, at(i), at(i)));
      write(crash(i, AA, host, "b" + i, Severity.ERROR, true)); // the boot ends where it began
    }
    ledger.putRuns(runs);
    searches =
        new Searches(
            index, ledger, InstantSource.fixed(NOW.plusSeconds(60)), Searches.SILENT_AFTER);

    assertThat(searches.signatures(null, null, null, null, 9).items())
        .singleElement()
        .satisfies(
            signature ->
                assertThat(signature.triage() == null ? "" : signature.triage().why())
                    .startsWith("Not enough data: 6 hosts"));
  }

  @Test
  void aStateIsWhatPeopleDecided() {
    write(crash(1, AA, "db1", "b0", Severity.ERROR, false));
    write(crash(2, BB, "db1", "b0", Severity.ERROR, false));
    write(crash(3, null, "db1", "b0", Severity.ERROR, false));
    searches =
        new Searches(
            index,
            decided(ledger, Map.of(Signature.State.IGNORED, List.of(AA))),
            InstantSource.fixed(NOW),
            Searches.SILENT_AFTER);

    assertThat(signatures("state:open")).containsExactly(BB);
    assertThat(signatures("state:Ignored")).containsExactly(AA);
    assertThat(signatures("NOT state:ignored")).containsExactly(BB);
    assertThat(signatures("state:acknowledged OR state:\"resolved\"")).isEmpty();
    assertThat(signatures("state:*")).containsExactly(BB, AA);
    assertThat(searches.crashes("state:open", null, null, null, 10).items())
        .extracting(Crash::id)
        .containsExactly("c3", "c2");
  }

  /// The same ledger, as if people had decided.
  private static Ledger decided(Ledger ledger, Map<Signature.State, List<String>> states) {
    return (Ledger)
        Proxy.newProxyInstance(
            Ledger.class.getClassLoader(),
            new Class<?>[] {Ledger.class},
            (proxy, method, arguments) ->
                method.getName().equals("signaturesIn")
                    ? states.getOrDefault(arguments[0], List.of())
                    : method.invoke(ledger, arguments));
  }

  private List<String> signatures(@Nullable String query) {
    return pages(cursor -> searches.signatures(query, null, null, cursor, 1)).stream()
        .map(Signature::signature)
        .toList();
  }

  // Hosts.

  @Test
  void aHostIsAllItsAddressesTogether() {
    ledger.putHosts(
        List.of(
            host("10.0.0.1", "db1", -50, "b1", "extended", 10),
            host("10.0.0.2", "db1", -40, "b2", "basic", 5),
            host("10.0.0.3", "web1", -30, "b3", "basic", 1)));
    write(crash(1, AA, "web1", "b1", Severity.ERROR, false));

    HostSummary db1 = searches.host("db1").orElseThrow();
    assertThat(db1.addresses()).containsExactly("10.0.0.1", "10.0.0.2");
    assertThat(db1.boot()).isEqualTo("b2");
    assertThat(db1.format()).isEqualTo("both");
    assertThat(db1.messages()).isEqualTo(15);
    assertThat(db1.crashes()).isZero();
    assertThat(searches.host("web1").orElseThrow().crashes()).isEqualTo(1);
    assertThat(searches.host("nobody")).isEmpty();
    assertThat(pages(cursor -> searches.hosts(cursor, 1)))
        .extracting(HostSummary::host)
        .containsExactly("db1", "web1");
  }

  @Test
  void theStatusOfAHostIsThatOfItsCurrentBoot() {
    assertThat(status(-60)).isEqualTo("up");
    assertThat(status(-90_000)).isEqualTo("silent");
    assertThat(status(-60, crash(1, AA, "db1", "b0", Severity.ERROR, true))).isEqualTo("up");
    assertThat(status(-60, crash(2, AA, "db1", "b1", Severity.INFO, false))).isEqualTo("up");
    assertThat(status(-60, crash(3, AA, "db1", "b1", Severity.ERROR, false))).isEqualTo("crashed");
    assertThat(status(-90_000)).isEqualTo("silent");
    assertThat(status(-60, crash(4, AA, "db1", "b1", Severity.CRITICAL, true)))
        .isEqualTo("panicked");
    assertThat(status(-90_000)).isEqualTo("panicked");
  }

  /// Of a host in its boot b1, heard of so many seconds from now.
  private String status(long seconds, Crash... crashes) {
    ledger.putHosts(List.of(host("10.0.0.1", "db1", seconds, "b1", "basic", 1)));
    write(crashes);
    return searches.host("db1").orElseThrow().status();
  }

  // Building blocks.

  private static <T> List<T> pages(Function<@Nullable String, Page<T>> list) {
    List<T> items = new ArrayList<>();
    Page<T> page = list.apply(null);
    items.addAll(page.items());
    while (page.next() != null) {
      page = list.apply(page.next());
      items.addAll(page.items());
    }
    return items;
  }

  private void write(KernelMessage... messages) {
    index.add(Arrays.asList(messages));
    index.refresh();
  }

  private void write(Crash... crashes) {
    Collection<Crash> all = Arrays.asList(crashes);
    ledger.put(all);
    index.put(List.copyOf(all));
    index.refresh();
  }

  private static long at(long seconds) {
    return Json.micros(NOW.plusSeconds(seconds));
  }

  /// Received so many seconds after now; before now, its position counts from 100,000.
  private static KernelMessage message(long seconds, String host, String text) {
    return new KernelMessage(
        Position.of(seconds < 0 ? 100_000 + seconds : seconds, 0),
        at(seconds),
        host,
        "10.0.0.1",
        "b0",
        -1,
        -1,
        -1,
        -1,
        null,
        -1,
        null,
        null,
        text,
        Map.of(),
        Map.of());
  }

  private static Host host(
      String address, String name, long lastSeen, String boot, String format, long messages) {
    return new Host(
        address,
        name,
        HostSource.INVENTORY,
        null,
        at(-100_000),
        at(lastSeen),
        boot,
        "6.12.1",
        format,
        messages,
        0,
        0,
        0,
        0,
        1,
        Map.of());
  }

  private static Crash crash(
      long offset,
      @Nullable String signature,
      String host,
      String boot,
      Severity severity,
      boolean panicked) {
    return new Crash(
        "bug",
        Category.OOPS,
        "kernel BUG in f",
        severity,
        signature,
        signature == null ? null : 1,
        List.of(),
        List.of(),
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        "6.12.1",
        null,
        null,
        List.of(),
        Map.of(),
        panicked,
        false,
        false,
        true,
        0,
        "c" + offset,
        Position.of(offset, 0),
        host,
        HostSource.INVENTORY,
        null,
        "10.0.0.1",
        boot,
        at(offset),
        null,
        null,
        List.of("kernel BUG"),
        List.of(),
        null,
        null,
        null,
        null);
  }
}
