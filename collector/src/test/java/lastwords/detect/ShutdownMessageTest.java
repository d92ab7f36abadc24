package lastwords.detect;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import lastwords.kernel.Boot;
import lastwords.kernel.Category;
import lastwords.kernel.Crash;
import lastwords.kernel.KernelMessage;
import lastwords.kernel.Position;
import lastwords.kernel.Severity;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Which restarts are announced: whatever a sender makes up, a machine that continues has not gone
/// down.
class ShutdownMessageTest {
  private static final long SECOND = 1_000_000;
  private static final String RESTARTING = "reboot: Restarting system";

  private final List<Crash> crashes = new ArrayList<>();
  private final Detector detector = new Detector(crashes::add, new Counters());
  private long now = 1_000_000 * SECOND;
  private long bootedAt = now - 86_400 * SECOND;
  private String boot = "b1";
  private int number = 1;
  private int facility;

  @Test
  void aRestartAfterAShutdownMessageIsRecordedAndNoAlarm() {
    say("all is well");
    say(RESTARTING);
    now += 120 * SECOND;
    restart();
    assertThat(crashes)
        .singleElement()
        .satisfies(
            crash -> {
              assertThat(crash.kind()).isEqualTo("restart");
              assertThat(crash.category()).isEqualTo(Category.INFO);
              assertThat(crash.severity()).isEqualTo(Severity.INFO);
              assertThat(crash.attrs())
                  .containsOnly(
                      Map.entry("shutdown", RESTARTING), Map.entry("shutdown_age_s", "120"));
              assertThat(crash.report()).containsExactly("all is well", RESTARTING);
              assertThat(crash.id()).startsWith("r");
            });
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 3})
  void aMachineThatContinuesAfterItsKernelsLastWordsHasNotGoneDown(int facility) {
    say("all is well");
    say(RESTARTING);
    this.facility = facility;
    for (int i = 0; i <= ShutdownMessage.ENDED_LINES; i++) {
      say("eth0: all is well");
    }
    restart();
    assertThat(crashes).extracting(Crash::kind).containsExactly("reboot");
    assertThat(crashes.getFirst().attrs()).containsEntry("shutdown", RESTARTING);
  }

  @Test
  void oneLineLongAfterItsKernelsLastWordsShowsThatAMachineHasNotGoneDown() {
    say(RESTARTING);
    now += ShutdownMessage.ENDED_MICROS + SECOND;
    say("eth0: all is well");
    restart();
    assertThat(crashes).extracting(Crash::kind).containsExactly("reboot");
  }

  @Test
  void oneLineLongAfterAShutdownBeganShowsThatAMachineHasNotGoneDown() {
    say("systemd[1]: Shutting down.");
    now += ShutdownMessage.BEGUN_MICROS + SECOND;
    say("eth0: all is well");
    restart();
    assertThat(crashes).extracting(Crash::kind).containsExactly("reboot");
  }

  @Test
  void aRestartMustComeSoonAfterItsMessage() {
    say(RESTARTING);
    now += ShutdownMessage.RESTART_MICROS + SECOND;
    restart();
    assertThat(crashes).extracting(Crash::kind).containsExactly("reboot");
  }

  @Test
  void aMachineThatWasSwitchedOffMayBeSwitchedOnHoursLaterButNotDays() {
    say("reboot: Power down");
    now += 20 * 3_600 * SECOND;
    restart();
    assertThat(crashes).extracting(Crash::kind).containsExactly("restart");
    say("reboot: Power down");
    now += 2 * 86_400 * SECOND;
    restart();
    assertThat(crashes).extracting(Crash::kind).containsExactly("restart", "reboot");
  }

  @Test
  void aPanicExplainsNoRestartOfAMachineThatContinuedForLong() {
    say("Kernel panic - not syncing: made up");
    now += Detector.PANIC_MICROS + SECOND;
    say("eth0: all is well");
    restart();
    assertThat(crashes.stream().filter(crash -> crash.kind().equals("reboot"))).hasSize(1);
  }

  @Test
  void aRestartThatTheNextMessageContradictsIsMarkedUnderTheSameId() {
    say("all is well");
    Boot madeUp = new Boot("b2", "h", "192.0.2.1", number, now, "b1", now);
    detector.accept(madeUp);
    boot = "b2";
    now += 40 * SECOND;
    say("eth0: all is still well");
    assertThat(crashes).extracting(Crash::kind).containsExactly("reboot", "reboot");
    assertThat(crashes.getLast().id()).isEqualTo(crashes.getFirst().id());
    assertThat(crashes.getFirst().attrs()).isEmpty();
    assertThat(crashes.getLast().attrs()).containsOnly(Map.entry("contradicted", "true"));
    say("eth0: and again");
    assertThat(crashes).hasSize(2);
  }

  @Test
  void whatMayBeContradictedOutlivesARestartOfTheProgram() {
    say("all is well");
    detector.accept(new Boot("b2", "h", "192.0.2.1", number, now, "b1", now));
    boot = "b2";
    Detector next = new Detector(crashes::add, new Counters());
    next.load(detector.save());
    now += 40 * SECOND;
    next.accept(message("eth0: all is still well"));
    assertThat(crashes.getLast().attrs()).containsOnly(Map.entry("contradicted", "true"));
  }

  @Test
  void aRealRestartIsNotContradicted() {
    say("all is well");
    now += 90 * SECOND;
    restart();
    for (int i = 0; i < 2 * Detector.CONTRADICTED_WITHIN; i++) {
      now += SECOND;
      say("eth0: all is well");
    }
    assertThat(crashes).singleElement().satisfies(c -> assertThat(c.attrs()).isEmpty());
  }

  private long lastSaid = -1;

  private void restart() {
    String before = boot;
    boot = "b" + ++number;
    detector.accept(new Boot(boot, "h", "192.0.2.1", number, now, before, lastSaid));
    bootedAt = now;
  }

  private void say(String text) {
    detector.accept(message(text));
    lastSaid = now;
  }

  private KernelMessage message(String text) {
    number++;
    return new KernelMessage(
        Position.of(number, 0),
        now,
        "h",
        "192.0.2.1",
        boot,
        facility,
        4,
        number,
        now - bootedAt,
        null,
        -1,
        null,
        "6.1.0",
        text,
        Map.of(),
        Map.of());
  }
}
