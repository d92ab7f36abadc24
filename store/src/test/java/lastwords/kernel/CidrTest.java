package lastwords.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.Inet6Address;
import java.net.InetAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class CidrTest {
  @ParameterizedTest
  @CsvSource({
    "10.0.0.0/8, 10.255.1.2, true",
    "10.0.0.0/8, 11.0.0.0, false",
    "10.1.2.128/25, 10.1.2.127, false",
    "10.1.2.128/25, 10.1.2.200, true",
    "0.0.0.0/0, 203.0.113.9, true",
    "0.0.0.0/0, 2001:db8::1, false",
    "2001:db8::/33, 2001:db8:8000::1, false",
    "2001:db8::/33, 2001:db8:7fff::1, true",
    "10.1.2.3, 10.1.2.3, true",
    "10.1.2.3, 10.1.2.4, false",
    "2001:db8:0:0:8000::/65, 2001:db8::8000:0:0:1, true",
    "2001:db8:0:0:8000::/65, 2001:db8::7fff:0:0:1, false",
    "fe80::/10, fe80::1, true",
    "::/0, 2001:db8::1, true",
    "::/0, 10.1.2.3, false",
    "::/0, ::1, true",
  })
  void holdsTheAddressesThatBeginWithItsBits(String network, String address, boolean holds) {
    assertThat(Cidr.parse(network).contains(InetAddress.ofLiteral(address))).isEqualTo(holds);
  }

  @Test
  void ipv4SenderOnADualStackSocketIsAnIpv4Address() throws Exception {
    byte[] mapped = new byte[16];
    mapped[10] = mapped[11] = -1;
    mapped[12] = 10;
    InetAddress sender = Inet6Address.getByAddress(null, mapped, -1);

    assertThat(Cidr.parse("10.0.0.0/8").contains(sender)).isTrue();
    assertThat(Cidr.parse("::/0").contains(sender)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "10.0.0.0/33",
        "10.0.0.0/-1",
        "10.0.0.0/x",
        "10.1/16",
        "10",
        "example.org/8",
        "10/8/1"
      })
  void refusesWhatIsNoNetworkAndSaysHowOneReads(String text) {
    assertThatThrownBy(() -> Cidr.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'" + text + "' is no network; one reads 10.0.0.0/8");
  }
}
