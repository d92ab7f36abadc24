package lastwords.assemble;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

final class HostNamesTest {
  private static final InetAddress DB1 = InetAddress.ofLiteral("10.0.0.1");

  @Test
  void anAddressGoesByItselfUntilDnsHasAnswered() throws Exception {
    CountDownLatch asked = new CountDownLatch(1);
    try (HostNames names = names(address -> await(asked, "db1.example"))) {
      int version = names.version();
      assertThat(name(names, DB1)).isEqualTo("10.0.0.1");

      asked.countDown();
      while (names.version() == version) {
        TimeUnit.MILLISECONDS.sleep(1);
      }

      assertThat(name(names, DB1)).isEqualTo("db1.example");
    }
  }

  @Test
  void moreAddressesThanCanBeAskedForAreAskedForLater() throws Exception {
    CountDownLatch asked = new CountDownLatch(1);
    try (HostNames names = names(address -> await(asked, "name"))) {
      for (int i = 0; i < 50_000; i++) {
        name(names, made(i));
      }
      assertThat(names.answers()).isLessThan(20_000);
      assertThat(name(names, DB1)).isEqualTo("10.0.0.1");

      asked.countDown();
      while (!name(names, DB1).equals("name")) {
        TimeUnit.MILLISECONDS.sleep(1);
      }
    }
  }

  @Test
  void answersAreBoundedAndTheOnesNeededStay() throws Exception {
    try (HostNames names = names(address -> "name")) {
      for (int i = 0; i < HostNames.MAX_DNS_ANSWERS + 1_000; i++) {
        InetAddress source = made(i);
        while (!name(names, source).equals("name")) {
          Thread.onSpinWait();
        }
        assertThat(i % 1_000 != 0 || !name(names, DB1).isEmpty()).isTrue();
      }

      assertThat(names.answers()).isEqualTo(HostNames.MAX_DNS_ANSWERS);
      assertThat(name(names, DB1)).isEqualTo("name");
    }
  }

  private static HostNames names(Function<InetAddress, String> dns) {
    return new HostNames(Inventory.EMPTY, true, dns);
  }

  private static String name(HostNames names, InetAddress source) {
    String resolved = names.resolved(source);
    return resolved == null ? source.getHostAddress() : resolved;
  }

  private static String await(CountDownLatch latch, String then) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return then;
  }

  private static InetAddress made(int number) throws UnknownHostException {
    return InetAddress.getByAddress(
        new byte[] {11, (byte) (number >> 16), (byte) (number >> 8), (byte) number});
  }
}
