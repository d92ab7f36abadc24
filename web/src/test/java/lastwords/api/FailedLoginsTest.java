package lastwords.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class FailedLoginsTest {
  private static final byte[] TOKEN = "token".getBytes(StandardCharsets.UTF_8);

  private Instant now = Instant.parse("2026-11-21T08:00:00Z");
  private final FailedLogins logins = new FailedLogins(() -> now);
  private final Sessions sessions = new Sessions(() -> now);

  private static InetAddress source(String address) {
    return InetAddress.ofLiteral(address);
  }

  private void fail(String address, int times) {
    for (int i = 0; i < times; i++) {
      logins.failed(source(address));
    }
  }

  @Test
  void aSourceHasSomeWrongTokensAMinute() {
    fail("192.0.2.1", FailedLogins.PER_SOURCE - 1);
    assertThat(logins.mayTry(source("192.0.2.1"))).isTrue();
    fail("192.0.2.1", 1);
    assertThat(logins.mayTry(source("192.0.2.1"))).isFalse();
    assertThat(logins.mayTry(source("192.0.2.2"))).isTrue();
    now = now.plusSeconds(60);
    assertThat(logins.mayTry(source("192.0.2.1"))).isTrue();
  }

  @Test
  void anIpv6NetworkIsOneSource() {
    fail("2001:db8::1", FailedLogins.PER_SOURCE);
    assertThat(logins.mayTry(source("2001:db8::ffff:1"))).isFalse();
    assertThat(logins.mayTry(source("2001:db8:0:1::1"))).isTrue();
  }

  @Test
  void manySourcesTogetherHaveOneEachAndAHonestOneIsLetIn() {
    for (int i = 0; i < FailedLogins.IN_TOTAL; i++) {
      fail("10.0.%d.%d".formatted(i >> 8, i & 255), 1);
    }
    assertThat(logins.mayTry(source("10.0.0.1"))).isFalse();
    assertThat(logins.mayTry(source("192.0.2.1"))).isTrue();
  }

  @Test
  void noNumberOfSourcesFillsTheMemory() {
    for (int i = 0; i < 3 * FailedLogins.MAX_SOURCES; i++) {
      fail("10.%d.%d.%d".formatted(i >> 16, i >> 8 & 255, i & 255), 1);
    }
    assertThat(logins.sources()).isEqualTo(FailedLogins.MAX_SOURCES);
  }

  @Test
  void aClockThatWasSetBackThrottlesNoLongerThanAMinute() {
    fail("192.0.2.1", FailedLogins.PER_SOURCE);
    now = now.minus(Duration.ofDays(1));
    assertThat(logins.mayTry(source("192.0.2.1"))).isTrue();
  }

  @Test
  void aSessionEndsAfterADayAndWithItsToken() {
    String cookie = sessions.open(TOKEN);
    assertThat(sessions.isOpen(cookie, TOKEN)).isTrue();
    assertThat(sessions.isOpen(cookie, new byte[] {1})).isFalse();
    now = now.plus(Sessions.LASTS).minusSeconds(1);
    assertThat(sessions.isOpen(cookie, TOKEN)).isTrue();
    now = now.plusSeconds(1);
    assertThat(sessions.isOpen(cookie, TOKEN)).isFalse();
  }
}
