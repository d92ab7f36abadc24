package lastwords.assemble;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import lastwords.kernel.HostSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InventoryTest {
  @TempDir Path folder;

  @Test
  void csvNamesColumnsAndEveryOtherOneIsALabel() throws IOException {
    Inventory inventory =
        read("hosts.csv", "address,host,rack\n10.1.2.3, db0042, r12\n2001:db8::1,web1,\n");

    assertThat(name(inventory, "10.1.2.3"))
        .isEqualTo(named("db0042", HostSource.INVENTORY, Map.of("rack", "r12")));
    assertThat(name(inventory, "2001:db8::1"))
        .isEqualTo(named("web1", HostSource.INVENTORY, Map.of()));
  }

  @Test
  void longestPrefixWins() throws IOException {
    Inventory inventory =
        read(
            "hosts.yaml",
            """
            - {address: 10.0.0.0/8, host: everywhere}
            - {address: 10.1.2.3, host: db0042, labels: {rack: r12}}
            - {address: 10.1.0.0/16, labels: {site: ams3}}
            """);

    assertThat(name(inventory, "10.1.2.3").host()).isEqualTo("db0042");
    assertThat(name(inventory, "10.2.0.1").host()).isEqualTo("everywhere");
    assertThat(name(inventory, "10.1.0.1"))
        .isEqualTo(named("10.1.0.1", HostSource.ADDRESS, Map.of("site", "ams3")));
    assertThat(name(inventory, "192.0.2.1"))
        .isEqualTo(named("192.0.2.1", HostSource.ADDRESS, Map.of()));
  }

  @Test
  void theInventoryWinsOverUserdataWhichIsThenOnlyClaimed() throws IOException {
    Inventory inventory =
        read("hosts.yml", "- {address: 10.1.2.3, host: db0042, labels: {rack: r12}}\n");
    try (HostNames names = new HostNames(inventory, false)) {
      assertThat(new HostNaming(names).of(InetAddress.ofLiteral("10.1.2.3"), "10.1.2.3", "said", 0))
          .isEqualTo(
              new HostNames.Name("db0042", HostSource.INVENTORY, "said", Map.of("rack", "r12")));
    }
  }

  @Test
  void errorNamesTheLineAlsoBehindCommentsAndWithinAnEntry() {
    assertWrong("a.csv", "address,host,note\n\n10.1.2.3,a,\"two\nlines\"\nnowhere,b,\n", "line 5");
    assertWrong("a.csv", "address,host\r\n10.1.2.3,a\r\n\r\n10.1.2.4/99,b\r\n", "line 4");
    assertWrong(
        "a.yaml", "# all\n\n- address: 10.1.2.3\n  host: a\n  lables: {}\n", "line 5", "lables");
    assertWrong("a.yaml", "# all\n- host: a\n  address: nowhere\n", "line 3", "nowhere");
    assertWrong("a.yaml", "- {address: 10.1.2.3}\n\n- host: a\n", "line 3", "no address");
    assertWrong("a.yaml", "- {address: 10.1.2.3}\n- web1\n", "line 2", "not an entry");
  }

  @Test
  void errorNamesFileAndLine() {
    assertWrong("a.csv", "address,host\n10.1.2.3,a\nnowhere,b\n", "line 3", "nowhere");
    assertWrong("a.csv", "host\na\n", "line 2", "no address");
    assertWrong("a.csv", "address,host\n10.1.2.3,a,b,c\n", "line 2");
    assertWrong("a.yaml", "- {address: 10.1.2.3/33}\n", "line 1", "10.1.2.3/33");
    assertWrong("a.yaml", "- {address: 10.1.2.3}\n- {adress: 10.1.2.4}\n", "line 2", "adress");
    assertWrong("a.yaml", "address: 10.1.2.3\n", "not a list");
    assertWrong("a.yaml", "- [\n", "line 2");
    assertWrong("a.yaml", "- {address: 10.1/16}\n", "line 1", "10.1/16");
  }

  @Test
  void fileThatIsMissingIsNamed() {
    Path file = folder.resolve("missing.csv");

    assertThatThrownBy(() -> Inventory.read(file)).hasMessageContaining(file.toString());
  }

  private void assertWrong(String name, String text, String... says) {
    assertThatThrownBy(() -> read(name, text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(folder.resolve(name).toString())
        .hasMessageContainingAll(says);
  }

  private Inventory read(String name, String text) throws IOException {
    return Inventory.read(Files.writeString(folder.resolve(name), text));
  }

  private static HostNames.Name named(String host, HostSource source, Map<String, String> labels) {
    return new HostNames.Name(host, source, null, labels);
  }

  private static HostNames.Name name(Inventory inventory, String address) {
    try (HostNames names = new HostNames(inventory, false)) {
      return new HostNaming(names).of(InetAddress.ofLiteral(address), address, null, 0);
    }
  }
}
