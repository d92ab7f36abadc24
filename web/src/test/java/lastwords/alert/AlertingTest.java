package lastwords.alert;

import static lastwords.alert.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import lastwords.detect.Analyzer;
import lastwords.detect.FormerSignatures;
import lastwords.json.Json;
import lastwords.kernel.Category;
import lastwords.kernel.Crash;
import lastwords.kernel.Delivery;
import lastwords.kernel.Delivery.State;
import lastwords.kernel.HostSource;
import lastwords.kernel.Severity;
import lastwords.store.Ledger;
import lastwords.store.embedded.SqliteLedger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AlertingTest {
  private final Clock clock = new Clock();
  private final Crashes make = new Crashes(HostSource.DNS);
  private final Ledger ledger;
  private final Receiver robot = new Receiver();
  private final Receiver people = new Receiver();
  private final CountDownLatch hold = new CountDownLatch(1);
  private final List<Alerting> opened = new ArrayList<>();

  AlertingTest(@TempDir Path folder) {
    ledger = SqliteLedger.open(folder.resolve("ledger"));
  }

  @AfterEach
  void close() {
    hold.countDown();
    opened.forEach(Alerting::close);
    robot.close();
    people.close();
    ledger.close();
  }

  @Test
  void tenThousandHostsThatPanicTogetherAreFiveNotifications() throws InterruptedException {
    Alerting alerting = alerting(ledger, hook("robot", robot));
    panic(0, 10_000);
    raiseAll(alerting);
    clock.pass(Duration.ofMinutes(1));
    raiseAll(alerting);
    deliverAll(alerting);

    assertThat(robot.requests).hasSize(5);
    JsonNode summary = Json.read(summary().body(), JsonNode.class);
    assertThat(summary.at("/type").textValue()).isEqualTo("kernel.crash.storm");
    assertThat(summary.at("/data/alarms").intValue()).isEqualTo(9_996);
    assertThat(summary.at("/data/signatures/0/signature").textValue())
        .isEqualTo(Crashes.NULL_DEREF);
    assertThat(summary.at("/data/signatures/0/hosts/0").textValue()).isEqualTo("host4 (10.1.0.4)");
    assertThat(summary().header("webhook-id")).isEqualTo("storm-1.robot");
    assertThat(summary.at("/data/host_count").intValue()).isEqualTo(9_996);
    assertThat(summary.at("/data/link").textValue())
        .isEqualTo("https://lastwords.example/alarms?storm=storm-1");
    assertThat(ledger.alarm("ac1004").orElseThrow().reason()).isEqualTo("storm");
    assertThat(alerting.counters().raised().sum()).isEqualTo(4);
    assertThat(alerting.counters().quiet().get("storm"))
        .isNotNull()
        .satisfies(held -> assertThat(held.sum()).isEqualTo(9_996));
  }

  @Test
  void aStormIsOneStormAcrossRestarts() throws InterruptedException {
    panic(0, 300);
    raiseAll(alerting(ledger, hook("robot", robot)));
    panic(300, 600);
    raiseAll(alerting(ledger, hook("robot", robot)));
    clock.pass(Duration.ofMinutes(1));
    Alerting last = alerting(ledger, hook("robot", robot));
    raiseAll(last);
    deliverAll(last);

    assertThat(robot.requests).hasSize(5);
    JsonNode summary = Json.read(summary().body(), JsonNode.class);
    assertThat(summary.at("/data/alarms").intValue()).isEqualTo(596);
    assertThat(summary.at("/data/delivered").intValue()).isEqualTo(4);
  }

  @Test
  void aSummaryThatWasMadeIsNotMadeAgain() throws InterruptedException {
    panic(0, 10);
    Alerting interrupted = alerting(failing("forget", new AtomicInteger(1)), hook("robot", robot));
    raiseAll(interrupted);
    clock.pass(Duration.ofMinutes(1));
    assertThatThrownBy(interrupted::raiseNews).isInstanceOf(UncheckedIOException.class);
    clock.pass(Duration.ofMinutes(1));
    Alerting restarted = alerting(ledger, hook("robot", robot));
    raiseAll(restarted);
    deliverAll(restarted);
    assertThat(robot.requests).hasSize(5);
  }

  @Test
  void whatTheLedgerCouldNotKeepIsDecidedAgainAndToldOnce() throws InterruptedException {
    AtomicInteger failures = new AtomicInteger(2);
    Alerting alerting = alerting(failing("raise", failures), hook("robot", robot));
    panic(0, 10);
    for (int i = 0; i < 2; i++) {
      assertThatThrownBy(alerting::raiseNews).isInstanceOf(UncheckedIOException.class);
    }
    raiseAll(alerting);
    clock.pass(Duration.ofMinutes(1));
    raiseAll(alerting);
    deliverAll(alerting);
    assertThat(robot.requests).hasSize(5);
    JsonNode summary = Json.read(summary().body(), JsonNode.class);
    assertThat(summary.at("/data/alarms").intValue()).isEqualTo(6);
  }

  @Test
  void aDeliveryWhoseOutcomeWasLostIsMadeAgainUnderItsId() throws InterruptedException {
    panic(0, 1);
    Alerting killed = alerting(failing("update", new AtomicInteger(1)), hook("robot", robot));
    raiseAll(killed);
    assertThatThrownBy(killed::deliverDue).isInstanceOf(UncheckedIOException.class);
    deliverAll(alerting(ledger, hook("robot", robot)));
    assertThat(robot.requests).hasSize(2);
    assertThat(robot.requests)
        .extracting(it -> it.header("webhook-id"))
        .containsOnly("ac1000.robot");
    assertThat(robot.requests.get(0).body()).isEqualTo(robot.requests.get(1).body());
  }

  @Test
  void aCrashThatIsCompletedLaterIsToldOnce() throws InterruptedException {
    Alerting alerting = alerting(ledger, hook("robot", robot));
    Crash crash = make.nullDeref("web1", clock.micros());
    ledger.put(List.of(crash));
    raiseAll(alerting);
    ledger.put(List.of(crash));
    raiseAll(alerting);
    deliverAll(alerting);
    assertThat(robot.requests).hasSize(1);
  }

  @Test
  void afterAnUpgradeWhatWasToldKeepsItsName() throws InterruptedException {
    Alerting alerting = alerting(ledger, hook("robot", robot));
    Crash told = make.nullDeref("web1", clock.micros());
    Crash repeated = make.nullDeref("web1", clock.micros() + 1);
    ledger.put(List.of(told, repeated));
    raiseAll(alerting);
    ledger.put(List.of(byOtherRules(told), byOtherRules(repeated)));
    raiseAll(alerting);
    deliverAll(alerting);
    assertThat(robot.requests).hasSize(1);
    assertThat(ledger.signature("99112233445566aa")).isEmpty();

    ledger.put(List.of(byOtherRules(make.nullDeref("web1", clock.micros() + 2))));
    raiseAll(alerting);
    deliverAll(alerting);
    assertThat(robot.requests).hasSize(2);
  }

  @Test
  void aFaultThatOtherRulesNamedIsToldOnceOnEachHostAcrossTheUpgrade()
      throws InterruptedException, IOException {
    Alerting alerting = alerting(ledger, hook("robot", robot));
    Crash now = rustCrash("web1", clock.micros());
    assertThat(now.signatureVersion()).isEqualTo(2);
    Crash then = byTheFirstRules(now);
    assertThat(then.signature()).isNotEqualTo(now.signature());
    ledger.put(List.of(then));
    raiseAll(alerting);
    deliverAll(alerting);
    assertThat(robot.requests).hasSize(1);

    ledger.put(List.of(now)); // the log is read once more
    ledger.put(List.of(rustCrash("web1", clock.micros() + 1))); // and it happens again
    raiseAll(alerting);
    deliverAll(alerting);
    assertThat(robot.requests).hasSize(1);

    ledger.put(List.of(rustCrash("web2", clock.micros() + 2)));
    raiseAll(alerting);
    deliverAll(alerting);
    assertThat(robot.requests).hasSize(2);
  }

  /// What analysis makes of a fault in a function whose name the second rules write otherwise.
  private Crash rustCrash(String host, long atMicros) throws IOException {
    String report =
        """
        BUG: kernel NULL pointer dereference, address: 0000000000000018
        CPU: 3 PID: 812 Comm: pump Not tainted 6.1.0-9-amd64 #1
        RIP: 0010:__x64_compat_sys_pump+0x1c/0x80
        Call Trace:
         do_syscall_64+0x5b/0xc0
        ---[ end trace 0000000000000000 ]---
        """;
    Crash found =
        Analyzer.analyze(new ByteArrayInputStream(report.getBytes(StandardCharsets.UTF_8)))
            .getFirst();
    ObjectNode placed = (ObjectNode) Json.tree(make.nullDeref(host, atMicros));
    ObjectNode read = (ObjectNode) Json.tree(found);
    read.remove(List.of("line", "lines_lost"));
    placed.setAll(read);
    return Json.read(placed.toString(), Crash.class);
  }

  /// Kind and title were all that the first rules signed.
  private static Crash byTheFirstRules(Crash crash) {
    ObjectNode then = (ObjectNode) Json.tree(crash);
    then.put("signature_version", 1);
    then.put("signature", FormerSignatures.of(crash).getFirst());
    return Json.read(then.toString(), Crash.class);
  }

  /// As the next version of the rules would name it.
  private static Crash byOtherRules(Crash crash) {
    return Json.read(
        Json.write(crash)
            .replace("\"signature_version\":1", "\"signature_version\":2")
            .replace(Crashes.NULL_DEREF, "99112233445566aa"),
        Crash.class);
  }

  @Test
  void aTargetThatHangsHoldsUpNobodyElse() throws InterruptedException {
    robot.reply(exchange -> hold.await());
    Alerting alerting = alerting(ledger, hook("robot", robot), hook("people", people));
    alerting.start();
    ledger.put(List.of(make.nullDeref("web1", clock.micros())));
    eventually(() -> robot.requests.size() == 1);
    ledger.put(List.of(make.nullDeref("web2", clock.micros())));
    eventually(() -> alerting.hooks().getLast().delivered() == 2);
    assertThat(people.requests).hasSize(2);
    assertThat(robot.requests).hasSize(1);
    assertThat(alerting.hooks()).extracting(Hook::pending).containsExactly(2L, 0L);
  }

  @Test
  void aDeliveryThatHangsWhileClosingStaysPendingAndIsMadeAgain() throws InterruptedException {
    robot.reply(exchange -> hold.await());
    Alerting alerting = alerting(ledger, hook("robot", robot));
    alerting.start();
    ledger.put(List.of(make.nullDeref("web1", clock.micros())));
    eventually(() -> robot.requests.size() == 1);
    alerting.close();
    Delivery pending = ledger.delivery("ac1000.robot").orElseThrow();
    assertThat(pending.state()).isEqualTo(State.PENDING);
    assertThat(pending.attempts()).isZero();

    deliverAll(alerting(ledger, hook("robot", robot)));
    assertThat(ledger.delivery("ac1000.robot").orElseThrow().state()).isEqualTo(State.DELIVERED);
    assertThat(robot.requests)
        .extracting(it -> it.header("webhook-id"))
        .containsOnly("ac1000.robot");
  }

  @Test
  void aDeliveryUnderWayIsFinishedBeforeClosing() throws InterruptedException {
    robot.reply(
        exchange -> {
          hold.await();
          exchange.sendResponseHeaders(204, -1);
        });
    Alerting alerting = alerting(ledger, hook("robot", robot));
    alerting.start();
    ledger.put(List.of(make.nullDeref("web1", clock.micros())));
    eventually(() -> robot.requests.size() == 1);
    Thread closing = Thread.startVirtualThread(alerting::close);
    hold.countDown();
    closing.join();
    assertThat(ledger.delivery("ac1000.robot").orElseThrow().state()).isEqualTo(State.DELIVERED);
  }

  @Test
  void aFailingLedgerIsAProblemUntilItWorksAgain() throws InterruptedException {
    AtomicInteger failures = new AtomicInteger(1);
    Alerting alerting = alerting(failing("alertedUpTo", failures), hook("robot", robot));
    alerting.start();
    eventually(() -> alerting.problem().isPresent());
    assertThat(alerting.problem().orElseThrow()).contains("disk on fire");
    ledger.put(List.of(make.nullDeref("web1", clock.micros())));
    eventually(() -> robot.requests.size() == 1);
    assertThat(alerting.problem()).isEmpty();
  }

  @Test
  void whatBeginsAsAWarningAndEndsAsAPanicIsTold() throws InterruptedException {
    Alerting alerting = alerting(ledger, hook("robot", robot));
    Crash warning =
        new Crashes()
            .crash("warning", Category.OOPS, Severity.WARNING, "s", "web1", clock.micros(), false);
    ledger.put(List.of(warning));
    raiseAll(alerting);
    deliverAll(alerting);
    assertThat(robot.requests).isEmpty();

    Crash panicked =
        new Crashes()
            .crash("warning", Category.OOPS, Severity.CRITICAL, "s", "web1", clock.micros(), false);
    assertThat(panicked.id()).isEqualTo(warning.id());
    ledger.put(List.of(panicked));
    raiseAll(alerting);
    deliverAll(alerting);
    assertThat(robot.requests).hasSize(1);
  }

  @Test
  void aPanicAfterItsOopsUpdatesTheAlarmUnderAnIdOfItsOwn() throws InterruptedException {
    Alerting alerting = alerting(ledger, hook("robot", robot));
    make.panicked = false;
    Crash oops = make.lockup("web1", clock.micros());
    ledger.put(List.of(oops));
    raiseAll(alerting);
    deliverAll(alerting);
    clock.pass(Duration.ofSeconds(4));
    ledger.put(List.of(Crashes.worse(oops, Severity.CRITICAL)));
    raiseAll(alerting);
    Alerting restarted = alerting(ledger, hook("robot", robot));
    ledger.put(List.of(oops)); // as a log that is read again begins
    raiseAll(restarted);
    ledger.put(List.of(Crashes.worse(oops, Severity.CRITICAL)));
    raiseAll(restarted);
    deliverAll(restarted);

    assertThat(robot.requests)
        .extracting(it -> it.header("webhook-id"))
        .containsExactly("ac1000.robot", "ac1000.critical-panicked.robot");
    JsonNode update = Json.read(robot.requests.getLast().body(), JsonNode.class);
    assertThat(update.at("/type").textValue()).isEqualTo("kernel.crash.update");
    assertThat(update.at("/data/alarm").textValue()).isEqualTo("ac1000");
    assertThat(update.at("/data/severity").textValue()).isEqualTo("critical");
    assertThat(update.at("/data/panicked").booleanValue()).isTrue();
    assertThat(update.at("/data/previous_severity").textValue()).isEqualTo("error");
    assertThat(update.at("/data/was_panicked").isBoolean()).isTrue();
    assertThat(ledger.alarm("ac1000").orElseThrow().severity()).isEqualTo(Severity.CRITICAL);
  }

  @Test
  void anUpdateNeverOvertakesItsCrash() throws InterruptedException {
    robot.reply(500);
    Alerting alerting = alerting(ledger, hook("robot", robot));
    make.panicked = false;
    Crash oops = make.lockup("web1", clock.micros());
    ledger.put(List.of(oops));
    raiseAll(alerting);
    ledger.put(List.of(Crashes.worse(oops, Severity.CRITICAL)));
    raiseAll(alerting);
    deliverAll(alerting);
    assertThat(robot.requests).hasSize(1);
    clock.pass(Duration.ofSeconds(10));
    deliverAll(alerting);
    assertThat(robot.requests)
        .extracting(it -> it.header("webhook-id"))
        .containsExactly("ac1000.robot", "ac1000.robot", "ac1000.critical-panicked.robot");
  }

  @Test
  void aRealPanicAmongAThousandForgedOnesIsDeliveredFirstOfAll() throws InterruptedException {
    Alerting alerting = alerting(1_000, ledger, hook("robot", robot));
    forge(1_300);
    make.address = "10.66.0.200";
    Crash real = make.nullDeref("db1", clock.micros());
    ledger.put(List.of(real));
    raiseAll(alerting);
    clock.pass(Duration.ofSeconds(1)); // a round later, for what shares the forgers' network
    raiseAll(alerting);

    String id = "a" + real.id() + ".robot";
    List<Delivery> order = ledger.due("robot", clock.micros(), 2_000);
    assertThat(order).extracting(Delivery::id).contains(id);
    assertThat(order.subList(0, 20)).extracting(Delivery::id).contains(id);
    assertThat(order.size()).isLessThanOrEqualTo(750);
  }

  @Test
  void whatAStormHeldIsNotifiedOneByOneAsSoonAsThereIsRoom() throws InterruptedException {
    Alerting alerting = alerting(ledger, hook("robot", robot));
    panic(0, 10);
    raiseAll(alerting);
    for (int minute = 0; minute < 4; minute++) {
      clock.pass(Duration.ofMinutes(1));
      raiseAll(alerting);
      clock.pass(Duration.ofSeconds(31));
      raiseAll(alerting);
    }
    deliverAll(alerting);
    assertThat(robot.requests).as("ten alarms and one summary").hasSize(11);
    assertThat(ledger.alarms(new Ledger.AlarmQuery(null, "storm", null, null), null, 9)).isEmpty();
    assertThat(ledger.alarms(new Ledger.AlarmQuery(null, null, "storm-1", null), null, 9))
        .hasSize(6);
  }

  @Test
  void aCrashThatIsCompletedAfterItsAlarmIsNotToldAgain() throws InterruptedException {
    Alerting alerting = alerting(ledger, hook("robot", robot));
    ledger.put(List.of(new Crashes().nullDeref("web1", clock.micros())));
    raiseAll(alerting);
    ledger.put(List.of(new Crashes().lockup("web1", clock.micros())));
    raiseAll(alerting);
    deliverAll(alerting);

    assertThat(robot.requests).hasSize(1);
  }

  @Test
  void whatAFloodHadHeldIsDeliveredAfterAnotherMachinesFirstAlarm() {
    Alerting alerting = alerting(1_000, ledger, hook("robot", robot));
    forge(1_300);
    make.address = "10.7.0.1";
    Crash real = make.nullDeref("db1", clock.micros());
    ledger.put(List.of(real));
    while (alerting.raiseNews()) {
      clock.pass(Duration.ofSeconds(4)); // what was held is released meanwhile
    }

    List<Delivery> order = ledger.due("robot", clock.micros(), 2_000);
    assertThat(order).hasSizeGreaterThan(300);
    assertThat(order.subList(0, 20)).extracting(Delivery::id).contains("a" + real.id() + ".robot");
  }

  @Test
  void aHostOfTheInventoryIsNotifiedWhileFloodsFromManyNetworksTakeTheMinute() {
    Alerting alerting = alerting(1_000, ledger, hook("robot", robot));
    for (int second = 0; second < 50; second++) {
      List<Crash> forged = new ArrayList<>();
      for (int i = 0; i < 100; i++) {
        make.address = "10.%d.%d.1".formatted(100 + second, i);
        forged.add(make.nullDeref("forged", clock.micros()));
      }
      ledger.put(forged);
      raiseAll(alerting);
      clock.pass(Duration.ofSeconds(1));
    }
    assertThat(ledger.alarms(new Ledger.AlarmQuery(null, "storm", null, null), null, 9)).hasSize(9);

    make.address = "10.7.0.1";
    make.hostSource = HostSource.INVENTORY;
    make.panicked = false;
    for (Crash real :
        List.of(make.lockup("db1", clock.micros()), make.disk("sda", "db1", clock.micros()))) {
      ledger.put(List.of(real));
      raiseAll(alerting);
      assertThat(ledger.delivery("a" + real.id() + ".robot")).isPresent();
    }
  }

  @Test
  void aFloodWithAHostsOwnAddressHoldsItsNextCrashForASecond() {
    Alerting alerting = alerting(1_000, ledger, hook("robot", robot));
    make.hostSource = HostSource.INVENTORY;
    for (int host = 0; host < 6; host++) {
      make.address = "10.7.0." + host;
      List<Crash> forged = new ArrayList<>();
      for (int i = 0; i < 200; i++) {
        forged.add(
            make.crash(
                "panic",
                Category.OOPS,
                Severity.CRITICAL,
                "forged %d %d".formatted(host, i),
                "db" + host,
                clock.micros() + i,
                false));
      }
      ledger.put(forged);
      raiseAll(alerting);
      clock.pass(Duration.ofSeconds(1));
      make.panicked = false;
      Crash real = make.lockup("db" + host, clock.micros());
      make.panicked = true;
      ledger.put(List.of(real));
      raiseAll(alerting);
      clock.pass(Duration.ofSeconds(1));
      raiseAll(alerting);
      assertThat(ledger.delivery("a" + real.id() + ".robot")).as("of host " + host).isPresent();
      clock.pass(Duration.ofSeconds(7));
      raiseAll(alerting);
    }
  }

  private void forge(int crashes) {
    for (int i = 0; i < crashes; i++) {
      make.address = "10.66.%d.%d".formatted(i % 2, i % 12);
      ledger.put(
          List.of(
              make.crash(
                  "panic",
                  Category.OOPS,
                  Severity.CRITICAL,
                  "fake" + i,
                  "fake" + i,
                  clock.micros(),
                  false)));
    }
  }

  /// The one request that is about a storm.
  private Receiver.Request summary() {
    return robot.requests.stream()
        .filter(it -> String.valueOf(it.header("webhook-id")).startsWith("storm-"))
        .findFirst()
        .orElseThrow();
  }

  private void panic(int from, int to) {
    List<Crash> crashes = new ArrayList<>();
    for (int host = from; host < to; host++) {
      make.address = "10.1.%d.%d".formatted(host / 250, host % 250);
      crashes.add(make.nullDeref("host" + host, clock.micros() + host));
    }
    ledger.put(crashes);
  }

  private static void raiseAll(Alerting alerting) {
    while (alerting.raiseNews()) {}
  }

  private static void deliverAll(Alerting alerting) throws InterruptedException {
    for (int i = 0; i < 5; i++) {
      alerting.deliverDue();
    }
  }

  private static HookSettings hook(String name, Receiver receiver) {
    return new HookSettings(
        name,
        "webhook",
        receiver.url("/"),
        List.of("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
        HookSettings.DEFAULT_RESOLVE_AFTER);
  }

  private Alerting alerting(Ledger in, HookSettings... hooks) {
    return alerting(4, in, hooks);
  }

  private Alerting alerting(int perMinute, Ledger in, HookSettings... hooks) {
    AlertSettings standard = AlertSettings.DEFAULT;
    Alerting alerting =
        new Alerting(
            in,
            new AlertSettings(
                standard.repeat(),
                standard.maxAge(),
                standard.severity(),
                perMinute,
                URI.create("https://lastwords.example"),
                List.of(hooks)),
            clock);
    opened.add(alerting);
    return alerting;
  }

  /// The ledger, except that so many calls of one method fail before they do anything.
  private Ledger failing(String method, AtomicInteger times) {
    return (Ledger)
        Proxy.newProxyInstance(
            Ledger.class.getClassLoader(),
            new Class<?>[] {Ledger.class},
            (proxy, called, args) -> {
              if (called.getName().equals(method) && times.getAndDecrement() > 0) {
                throw new UncheckedIOException(new IOException("disk on fire"));
              }
              try {
                return called.invoke(ledger, args);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }
}
