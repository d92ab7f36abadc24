package lastwords.alert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import lastwords.alert.Receiver.Request;
import lastwords.json.Json;
import lastwords.kernel.Alarm;
import lastwords.kernel.Crash;
import lastwords.kernel.Delivery;
import lastwords.kernel.Delivery.State;
import lastwords.store.Ledger;
import lastwords.store.embedded.SqliteLedger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What holds for every kind of target, shown against a real HTTP server.
abstract class TargetContract {
  static final String NAME = "target";

  final Clock clock = new Clock();
  final Crashes make = new Crashes();
  final Receiver receiver = new Receiver();
  final Ledger ledger;
  private final List<Alerting> opened = new ArrayList<>();

  TargetContract(@TempDir Path folder) {
    ledger = SqliteLedger.open(folder.resolve("ledger"));
  }

  /// A target of the kind in question at that address.
  abstract HookSettings hook(String name, URI url);

  /// That this is how the kind in question says that alarm.
  abstract void assertTells(Request request, Alarm alarm, Crash crash, Delivery delivery);

  @AfterEach
  void close() {
    opened.forEach(Alerting::close);
    receiver.close();
    ledger.close();
  }

  @Test
  void anAlarmIsToldOnceAndThenNeverAgain() throws InterruptedException {
    Crash crash = make.nullDeref("web1", clock.micros());
    Alerting alerting = raised(crash);
    alerting.deliverDue();
    alerting.deliverDue();

    Request request = onlyRequest();
    assertThat(request.method()).isEqualTo("POST");
    assertThat(request.header("Content-Type")).isEqualTo("application/json");
    Delivery delivery = delivery(crash);
    assertThat(delivery.state()).isEqualTo(State.DELIVERED);
    assertThat(delivery.attempts()).isEqualTo(1);
    assertThat(delivery.status()).isEqualTo(200);
    assertThat(delivery.deliveredAtMicros()).isEqualTo(clock.micros());
    assertTells(request, alarm(crash), crash, delivery);
  }

  @Test
  void anAlarmThatFailedIsToldAgainWithTheSameWords() throws InterruptedException {
    receiver.reply(500);
    Crash crash = make.nullDeref("web1", clock.micros());
    Alerting alerting = raised(crash);
    alerting.deliverDue();
    assertThat(delivery(crash).state()).isEqualTo(State.PENDING);
    assertThat(delivery(crash).status()).isEqualTo(500);
    assertThat(delivery(crash).error()).isEqualTo("status 500: this is 500");

    clock.pass(Duration.ofSeconds(4));
    alerting.deliverDue();
    assertThat(receiver.requests).as("not yet").hasSize(1);

    clock.pass(Duration.ofSeconds(3));
    alerting.deliverDue();
    assertThat(delivery(crash).state()).isEqualTo(State.DELIVERED);
    assertThat(delivery(crash).attempts()).isEqualTo(2);
    assertThat(delivery(crash).error()).isNull();
    assertThat(receiver.requests).hasSize(2);
    assertTells(receiver.requests.get(1), alarm(crash), crash, delivery(crash));
  }

  @Test
  void aTargetThatAsksToBeLeftAloneIs() throws InterruptedException {
    receiver.reply(429, "Retry-After", "3600");
    Crash crash = make.nullDeref("web1", clock.micros());
    Alerting alerting = raised(crash);
    alerting.deliverDue();
    clock.pass(Duration.ofMinutes(59));
    alerting.deliverDue();
    assertThat(receiver.requests).hasSize(1);
    clock.pass(Duration.ofMinutes(2));
    alerting.deliverDue();
    assertThat(receiver.requests).hasSize(2);
    assertThat(delivery(crash).state()).isEqualTo(State.DELIVERED);
  }

  @Test
  void aTargetThatIsGoneIsSwitchedOffUntilSomebodyTestsIt() throws InterruptedException {
    receiver.reply(410);
    Crash first = make.nullDeref("web1", clock.micros());
    Crash second = make.nullDeref("web2", clock.micros());
    Alerting alerting = raised(first);
    alerting.deliverDue();
    ledger.put(List.of(second));
    assertThat(alerting.raiseNews()).isTrue();
    alerting.deliverDue();
    assertThat(receiver.requests).hasSize(1);
    assertThat(delivery(first).state()).isEqualTo(State.FAILED);
    assertThat(delivery(second).state()).as("kept, to be sent again").isEqualTo(State.FAILED);
    assertThat(delivery(second).error()).contains("switched off: it answered 410 Gone");
    Hook off = alerting.hooks().getFirst();
    assertThat(off.state()).isEqualTo("disabled");
    assertThat(off.reason()).contains("410 Gone");
    assertThat(off.failed()).isEqualTo(2);

    Delivery test = alerting.test(NAME);
    alerting.retry(delivery(second).id());
    alerting.deliverDue();
    assertThat(ledger.delivery(test.id()).orElseThrow().state()).isEqualTo(State.DELIVERED);
    assertThat(delivery(second).state()).isEqualTo(State.DELIVERED);
    assertThat(alerting.hooks().getFirst().state()).isEqualTo("enabled");
  }

  @Test
  void aTargetThatIsGoneIsTriedOnceADay() throws InterruptedException {
    receiver.reply(410).reply(503);
    Alerting alerting = raised(make.nullDeref("web1", clock.micros()));
    alerting.deliverDue();
    int requests = 1;
    for (int day = 1; day <= 2; day++) {
      clock.pass(Duration.ofHours(23));
      ledger.put(List.of(make.nullDeref("early" + day, clock.micros())));
      assertThat(alerting.raiseNews()).isTrue();
      alerting.deliverDue();
      assertThat(receiver.requests).as("not yet").hasSize(requests);
      clock.pass(Duration.ofHours(2));
      ledger.put(List.of(make.nullDeref("web1" + day, clock.micros())));
      assertThat(alerting.raiseNews()).isTrue();
      alerting.deliverDue();
      requests++;
      assertThat(receiver.requests).hasSize(requests);
    }
    assertThat(alerting.hooks().getFirst().state()).isEqualTo("enabled");
  }

  @Test
  void aTargetThatIsGoneIsEnabledByAChangedConfiguration() throws InterruptedException {
    receiver.reply(410);
    Alerting before = raised(make.nullDeref("web1", clock.micros()));
    before.deliverDue();
    before.close();
    Alerting same = alerting();
    same.deliverDue();
    assertThat(same.hooks().getFirst().state()).isEqualTo("disabled");
    same.close();
    Alerting changed = alerting(hook(NAME, receiver.url("/new")));
    changed.deliverDue();
    assertThat(changed.hooks().getFirst().state()).isEqualTo("enabled");
  }

  @Test
  void aRedirectIsAFailureAndIsNotFollowed() throws InterruptedException {
    receiver.reply(302, "Location", receiver.url("/elsewhere").toString());
    Crash crash = make.nullDeref("web1", clock.micros());
    raised(crash).deliverDue();
    assertThat(onlyRequest().path().getPath()).doesNotContain("elsewhere");
    assertThat(delivery(crash).state()).isEqualTo(State.PENDING);
    assertThat(delivery(crash).status()).isEqualTo(302);
  }

  @Test
  void anAlarmWaitsForATargetThatIsDown() throws InterruptedException {
    receiver.close();
    Crash crash = make.nullDeref("web1", clock.micros());
    Alerting alerting = raised(crash);
    alerting.deliverDue();
    assertThat(delivery(crash).state()).isEqualTo(State.PENDING);
    assertThat(delivery(crash).status()).isNull();
    assertThat(delivery(crash).error()).contains("ConnectException");
    assertThat(alerting.hooks().getFirst().pending()).isEqualTo(1);
    assertThat(alerting.hooks().getFirst().lastError()).contains("ConnectException");
  }

  @Test
  void aConnectionThatBreaksBeforeTheAnswerMeansItMayNotHaveArrived() throws InterruptedException {
    receiver.reset();
    Crash crash = make.nullDeref("web1", clock.micros());
    Alerting alerting = raised(crash);
    alerting.deliverDue();
    assertThat(delivery(crash).state()).isEqualTo(State.PENDING);
    clock.pass(Duration.ofSeconds(10));
    alerting.deliverDue();
    assertThat(delivery(crash).state()).isEqualTo(State.DELIVERED);
    assertThat(receiver.requests).hasSize(2);
    assertTells(receiver.requests.get(0), alarm(crash), crash, delivery(crash));
    assertTells(receiver.requests.get(1), alarm(crash), crash, delivery(crash));
  }

  @Test
  void anAlarmThatNeverGetsThroughIsGivenUpKeptAndCanBeSentAgain() throws InterruptedException {
    Crash crash = make.nullDeref("web1", clock.micros());
    Alerting alerting = raised(crash);
    for (int i = 0; i < Attempts.MAX_ATTEMPTS; i++) {
      receiver.reply(503);
      alerting.deliverDue();
      clock.pass(
          Duration.between(clock.instant(), Json.instant(delivery(crash).nextAttemptMicros())));
    }
    assertThat(receiver.requests).hasSize(Attempts.MAX_ATTEMPTS);
    assertThat(delivery(crash).state()).isEqualTo(State.FAILED);
    assertThat(delivery(crash).attempts()).isEqualTo(Attempts.MAX_ATTEMPTS);

    clock.pass(Duration.ofDays(30));
    alerting.deliverDue();
    assertThat(receiver.requests).hasSize(Attempts.MAX_ATTEMPTS);
    alerting.retry(delivery(crash).id());
    alerting.deliverDue();
    assertThat(delivery(crash).state()).isEqualTo(State.DELIVERED);
    assertThatThrownBy(() -> alerting.retry(delivery(crash).id()))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("was delivered");
  }

  @Test
  void anAlarmThatWasDueYesterdayIsNotSentAsIfItWereToday() throws InterruptedException {
    Crash crash = make.nullDeref("web1", clock.micros());
    raised(crash).close();
    clock.pass(Duration.ofHours(25));
    Alerting restarted = alerting();
    restarted.deliverDue();
    assertThat(receiver.requests).isEmpty();
    assertThat(delivery(crash).state()).isEqualTo(State.FAILED);
    assertThat(delivery(crash).error()).startsWith("not sent, it was due at 2026-11-21T12:00:00");
  }

  @Test
  void aRestartSendsWhatIsPendingAndNothingThatWasDelivered() throws InterruptedException {
    Crash first = make.nullDeref("web1", clock.micros());
    Alerting before = raised(first);
    before.deliverDue();
    Crash second = make.nullDeref("web2", clock.micros());
    ledger.put(List.of(second));
    assertThat(before.raiseNews()).isTrue();
    before.close();

    Alerting after = alerting();
    assertThat(after.raiseNews()).isFalse();
    after.deliverDue();
    assertThat(receiver.requests).hasSize(2);
    assertTells(receiver.requests.get(1), alarm(second), second, delivery(second));
  }

  @Test
  void aTestSaysThatNothingHappened() throws InterruptedException {
    Alerting alerting = alerting();
    Delivery test = alerting.test(NAME);
    alerting.deliverDue();
    assertThat(onlyRequest().body()).contains("nothing happened");
    assertThat(ledger.delivery(test.id()).orElseThrow().state()).isEqualTo(State.DELIVERED);
    assertThatThrownBy(() -> alerting.test("nobody"))
        .hasMessageContaining("no hook is named 'nobody'");
  }

  @Test
  void userAndPasswordInTheAddressAreSentAsBasicAuthentication() throws InterruptedException {
    URI plain = receiver.url("/x");
    URI url = URI.create(plain.toString().replace("http://", "http://robot:p%40ss@"));
    ledger.put(List.of(make.nullDeref("web1", clock.micros())));
    Alerting alerting = alerting(hook(NAME, url));
    alerting.raiseNews();
    alerting.deliverDue();
    assertThat(onlyRequest().header("Authorization")).isEqualTo("Basic cm9ib3Q6cEBzcw==");
    assertThat(alerting.hooks().getFirst().url())
        .as("neither credentials nor path")
        .isEqualTo(receiver.url("/…").toString());
  }

  Alerting raised(Crash... crashes) {
    ledger.put(List.of(crashes));
    Alerting alerting = alerting();
    assertThat(alerting.raiseNews()).isTrue();
    return alerting;
  }

  Alerting alerting() {
    return alerting(hook(NAME, receiver.url("/in")));
  }

  Alerting alerting(HookSettings... hooks) {
    AlertSettings standard = AlertSettings.DEFAULT;
    Alerting alerting =
        new Alerting(
            ledger,
            new AlertSettings(
                standard.repeat(),
                standard.maxAge(),
                standard.severity(),
                standard.perMinute(),
                URI.create("https://lastwords.example/"),
                List.of(hooks)),
            clock);
    opened.add(alerting);
    return alerting;
  }

  Request onlyRequest() {
    assertThat(receiver.requests).hasSize(1);
    return receiver.requests.getFirst();
  }

  Delivery delivery(Crash crash) {
    return ledger.delivery("a" + crash.id() + "." + NAME).orElseThrow();
  }

  Alarm alarm(Crash crash) {
    return ledger.alarm("a" + crash.id()).orElseThrow();
  }
}
