package lastwords.alert;

import static lastwords.alert.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import lastwords.kernel.Crash;
import lastwords.kernel.Delivery;
import lastwords.kernel.Delivery.State;
import lastwords.kernel.Severity;
import lastwords.store.Ledger;
import lastwords.store.embedded.SqliteLedger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Settings that change while alerting runs, with real receivers.
class ChangedSettingsTest {
  private final Clock clock = new Clock();
  private final Crashes make = new Crashes();
  private final Ledger ledger;
  private final Receiver robot = new Receiver();
  private final Receiver people = new Receiver();
  private final CountDownLatch hold = new CountDownLatch(1);
  private Alerting alerting;

  ChangedSettingsTest(@TempDir Path folder) {
    ledger = SqliteLedger.open(folder.resolve("ledger"));
    alerting = new Alerting(ledger, settings(), clock);
  }

  @AfterEach
  void close() {
    hold.countDown();
    alerting.close();
    robot.close();
    people.close();
    ledger.close();
  }

  @Test
  void hookThatIsAddedIsNotifiedOfNewAlarmsOnlyAndTheOthersGoOn() throws InterruptedException {
    start(hook("robot", robot));
    crash("web1");
    eventually(() -> robot.requests.size() == 1);

    alerting.use(settings(hook("robot", robot), hook("people", people)));
    crash("web2");

    eventually(() -> people.requests.size() == 1 && robot.requests.size() == 2);
    assertThat(people.requests.getFirst().body()).contains("web2");
    assertThat(alerting.hooks()).extracting(Hook::name).containsExactly("robot", "people");
    eventually(() -> alerting.hooks().getFirst().delivered() == 2);
  }

  @Test
  void whatAHookThatIsGoneWasToGetIsGivenUpUntilItIsBackAndAsked() throws InterruptedException {
    robot.reply(503);
    start(hook("robot", robot));
    Crash crash = crash("web1");
    eventually(() -> tries(crash) == 1);

    alerting.use(settings(hook("people", people)));
    eventually(() -> is(crash, "robot", State.FAILED));
    assertThat(delivery(crash, "robot").error()).contains("not configured any more");
    assertThat(ledger.outbox().pending()).isZero();
    assertThatThrownBy(() -> alerting.retry(delivery(crash, "robot").id()))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("'robot' is not configured any more");

    alerting.use(settings(hook("robot", robot)));
    crash("web2");
    eventually(() -> robot.requests.size() == 2);
    assertThat(robot.requests.getLast().body()).contains("web2");
    alerting.retry(delivery(crash, "robot").id());
    eventually(() -> is(crash, "robot", State.DELIVERED));
    assertThat(people.requests).isEmpty();
  }

  @Test
  void whatAHookWasToGetThatIsGoneAtTheStartIsGivenUp() throws InterruptedException {
    alerting = new Alerting(ledger, settings(hook("robot", robot)), clock);
    Crash crash = crash("web1");
    assertThat(alerting.raiseNews()).isTrue();
    alerting.close();

    start(hook("people", people));

    eventually(() -> is(crash, "robot", State.FAILED));
    assertThat(robot.requests).isEmpty();
  }

  @Test
  void deliveryUnderWayWhenItsHookChangesIsMadeOnce() throws InterruptedException {
    robot.reply(
        exchange -> {
          hold.await();
          exchange.sendResponseHeaders(200, -1);
        });
    start(hook("robot", robot));
    Crash first = crash("web1");
    eventually(() -> robot.requests.size() == 1);

    alerting.use(settings(hook("robot", people)));
    Crash second = crash("web2");
    eventually(() -> ledger.delivery(id(second, "robot")).isPresent());
    hold.countDown();

    eventually(() -> is(second, "robot", State.DELIVERED));
    assertThat(delivery(first, "robot").state()).isEqualTo(State.DELIVERED);
    assertThat(robot.requests).hasSize(1);
    assertThat(people.requests).hasSize(1);
    assertThat(people.requests.getFirst().body()).contains("web2");
  }

  @Test
  void deliveryThatFailsWhileItsHookChangesIsMadeTheNewWay() throws InterruptedException {
    robot.reply(
        exchange -> {
          hold.await();
          exchange.sendResponseHeaders(503, -1);
        });
    start(hook("robot", robot));
    Crash crash = crash("web1");
    eventually(() -> robot.requests.size() == 1);

    alerting.use(settings(hook("robot", people)));
    hold.countDown();

    eventually(() -> is(crash, "robot", State.DELIVERED));
    assertThat(people.requests).hasSize(1);
    assertThat(people.requests.getFirst().header("webhook-id"))
        .isEqualTo(robot.requests.getFirst().header("webhook-id"));
  }

  @Test
  void deliveryUnderWayWhenItsHookIsTakenAwayCountsAsMade() throws InterruptedException {
    robot.reply(
        exchange -> {
          hold.await();
          exchange.sendResponseHeaders(200, -1);
        });
    start(hook("robot", robot));
    Crash crash = crash("web1");
    eventually(() -> robot.requests.size() == 1);

    alerting.use(settings());
    eventually(() -> is(crash, "robot", State.FAILED));
    hold.countDown();

    eventually(() -> is(crash, "robot", State.DELIVERED));
  }

  @Test
  void disabledHookThatIsConfiguredOtherwiseIsEnabled() throws InterruptedException {
    robot.reply(410);
    start(hook("robot", robot));
    crash("web1");
    eventually(() -> alerting.hooks().getFirst().state().equals("disabled"));

    alerting.use(settings(hook("robot", people)));
    eventually(() -> alerting.hooks().getFirst().state().equals("enabled"));
    crash("web2");

    eventually(() -> people.requests.size() == 1);
  }

  @Test
  void hookOfAnotherTypeIsNotSentBodiesOfTheFormerOne() throws InterruptedException {
    robot.reply(503);
    start(hook("robot", robot));
    Crash first = crash("web1");
    eventually(() -> tries(first) == 1);

    alerting.use(
        settings(
            new HookSettings(
                "robot",
                HookSettings.ALERTMANAGER,
                people.url("/"),
                List.of(),
                HookSettings.DEFAULT_RESOLVE_AFTER)));
    Crash second = crash("web2");

    eventually(() -> is(second, "robot", State.DELIVERED));
    clock.pass(Duration.ofMinutes(1));
    eventually(() -> is(first, "robot", State.FAILED));
    assertThat(delivery(first, "robot").error()).contains("type was changed");
    alerting.remind();
    assertThat(people.requests)
        .isNotEmpty()
        .allSatisfy(it -> assertThat(it.body()).doesNotContain("web1"));
    assertThat(alerting.problem()).isEmpty();
  }

  @Test
  void changedSeverityHoldsForTheNextCrash() throws InterruptedException {
    start(hook("robot", robot));
    ledger.put(List.of(make.lockup("web1", clock.micros())));
    eventually(() -> robot.requests.size() == 1);

    alerting.use(settings(Severity.CRITICAL, hook("robot", robot)));
    ledger.put(List.of(make.lockup("web2", clock.micros())));
    crash("web3");

    eventually(() -> robot.requests.size() == 2);
    assertThat(robot.requests.getLast().body()).contains("web3");
  }

  private void start(HookSettings... hooks) {
    alerting = new Alerting(ledger, settings(hooks), clock);
    alerting.start();
  }

  private Crash crash(String host) {
    Crash crash = make.nullDeref(host, clock.micros());
    ledger.put(List.of(crash));
    return crash;
  }

  private boolean is(Crash crash, String hook, State state) {
    return ledger.delivery(id(crash, hook)).stream().anyMatch(it -> it.state() == state);
  }

  private int tries(Crash crash) {
    return ledger.delivery(id(crash, "robot")).map(Delivery::attempts).orElse(0);
  }

  private Delivery delivery(Crash crash, String hook) {
    return ledger.delivery(id(crash, hook)).orElseThrow();
  }

  private static String id(Crash crash, String hook) {
    return News.alarmId(crash) + "." + hook;
  }

  private static HookSettings hook(String name, Receiver receiver) {
    return new HookSettings(
        name,
        HookSettings.WEBHOOK,
        receiver.url("/"),
        List.of("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
        HookSettings.DEFAULT_RESOLVE_AFTER);
  }

  private static AlertSettings settings(HookSettings... hooks) {
    return settings(Severity.ERROR, hooks);
  }

  private static AlertSettings settings(Severity severity, HookSettings... hooks) {
    return new AlertSettings(
        Duration.ofHours(24),
        Duration.ofHours(1),
        severity,
        1_000,
        URI.create("https://lastwords.example"),
        List.of(hooks));
  }
}
