package lastwords.alert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import lastwords.kernel.Severity;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class AlertSettingsTest {
  private static final URI URL = URI.create("https://robot.example/in");
  private static final String SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
  private static final Duration HOUR = Duration.ofHours(1);

  @Test
  void theSafetyNetCanBeWidenedButNotTakenAway() {
    assertThat(settings(HOUR, Severity.ERROR, 10_000).perMinute()).isEqualTo(10_000);
    refused(
        () -> settings(HOUR, Severity.ERROR, 10_001), "alarms-per-minute", "10001", "1 to 10000");
    refused(() -> settings(HOUR, Severity.ERROR, 0), "alarms-per-minute", "0", "1 to 10000");
    refused(
        () -> settings(Duration.ofHours(25), Severity.ERROR, 4),
        "alarm-max-age",
        "90000s",
        "60s to 86400s");
    refused(() -> settings(HOUR, Severity.INFO, 4), "alarm-severity", "'info'", "critical, error");
  }

  @Test
  void aHookThatCannotWorkIsRefusedNamingWhatIsAllowed() {
    refused(() -> hook("Robot!", "webhook", URL, SECRET), "name", "'Robot!'", "a-z");
    refused(
        () -> hook("robot", "pager", URL, SECRET),
        "hooks.robot.type",
        "'pager'",
        "webhook, alertmanager");
    refused(
        () -> hook("robot", "webhook", URI.create("ftp://x/"), SECRET),
        "hooks.robot.url",
        "ftp://x/",
        "https://");
    refused(
        () -> hook("robot", "alertmanager", URI.create("http://x/?key=k")),
        "hooks.robot.url",
        "query");
    refused(() -> hook("robot", "webhook", URL), "hooks.robot.secrets", "0", "1 to 4");
    refused(
        () -> hook("robot", "alertmanager", URL, SECRET), "hooks.robot.secrets", "only webhook");
  }

  @Test
  void aBadSecretIsRefusedWithoutBeingShown() {
    for (String bad : List.of("hunter2hunter2", "whsec_aHVudGVyMg==", "whsec_%%%")) {
      assertThatThrownBy(() -> hook("robot", "webhook", URL, SECRET, bad))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("hooks.robot.secrets: number 2")
          .hasMessageContaining("24 to 64 bytes")
          .hasMessageNotContaining(bad);
    }
  }

  @Test
  void noSecretIsShown() {
    HookSettings hook =
        hook("robot", "webhook", URI.create("https://u:pw@robot.example:8443/in?key=k"), SECRET);
    assertThat(hook.toString()).isEqualTo("hook robot, webhook at https://robot.example:8443/…");
  }

  @Test
  void eachHookHasANameOfItsOwn() {
    HookSettings hook = hook("robot", "webhook", URL, SECRET);
    refused(
        () -> new AlertSettings(HOUR, HOUR, Severity.ERROR, 4, URL, Collections.nCopies(2, hook)),
        "hooks",
        "'robot'",
        "twice");
  }

  private static AlertSettings settings(Duration maxAge, Severity severity, int perMinute) {
    return new AlertSettings(HOUR, maxAge, severity, perMinute, URL, List.of());
  }

  private static HookSettings hook(String name, String type, URI url, String... secrets) {
    return new HookSettings(name, type, url, List.of(secrets), HOUR);
  }

  private static void refused(ThrowingCallable made, String... words) {
    assertThatThrownBy(made)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll(words);
  }
}
