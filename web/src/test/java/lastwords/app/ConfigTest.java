package lastwords.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import lastwords.kernel.Severity;
import lastwords.store.Ledger;
import lastwords.store.embedded.ChronicleLog;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ConfigTest {
  private static final String SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

  @TempDir private Path folder = Path.of("");

  @Test
  void withoutAFileTheDefaultsHold() {
    Config config = ConfigReader.read(null, Map.of());
    assertThat(config.data()).isEqualTo(Path.of("data"));
    assertThat(config.udp()).map(Addresses::text).containsExactly("[::]:6666");
    assertThat(Addresses.text(config.http())).isEqualTo("127.0.0.1:8066");
    assertThat(config.roles()).containsExactlyInAnyOrder(Config.Role.values());
    assertThat(config.keepLogBytes()).isEqualTo(50L << 30);
    assertThat(config.reverseDns()).isFalse();
    assertThat(config.live().alerts(URI.create("http://127.0.0.1:1")).hooks()).isEmpty();
  }

  @Test
  void mistakeInTheInventoryStopsTheStartBeforeAnythingIsTouched() throws IOException {
    Path inventory =
        Files.writeString(folder.resolve("inv.csv"), "address,host\n10.1.2.3,a\nnowhere,b\n");
    Path data = folder.resolve("data");

    Run run = Run.of("serve", "--data", data.toString(), "--inventory", inventory.toString());

    assertThat(run.status()).isEqualTo(2);
    assertThat(run.err())
        .contains("inventory", inventory + ", line 3", "nowhere")
        .doesNotContain("mistake in the program", "at lastwords.");
    assertThat(run.out()).doesNotContain("listening");
    assertThat(data).doesNotExist();
  }

  @Test
  void everyKeyOfAFileIsRead() throws IOException {
    Config config =
        read(
            """
            data: /var/lib/lastwords
            udp: ['192.0.2.1:514', ':6667', 6668]
            http: '[::1]:80'
            roles: receive,analyze
            token: bGFzdHdvcmRzIGxhc3R3b3Jkcw
            allow: [10.0.0.0/8, '2001:db8::/32']
            inventory: %s
            reverse-dns: true
            receive-buffer: 4MiB
            sockets: 4
            roll: daily
            keep-log: 24h
            keep-log-bytes: 1000000
            keep-free: 1GiB
            sync: 250ms
            keep-index: 90s
            keep-crashes: 100d
            keep-deliveries: 7d
            keep-hosts: 60d
            keep-ledger-bytes: 2GiB
            compress: none
            symbols: /
            public-url: https://lastwords.example
            hooks:
              - {name: robot, type: webhook, url: 'https://robot.example/in', secret: %s}
              - {name: am, type: alertmanager, url: 'http://127.0.0.1:9093', resolve-after: 2h, resend: 30s}
            alarm-repeat: 1h
            alarm-max-age: 15m
            alarm-severity: critical
            alarms-per-minute: 9
            silent-after: 30d
            """
                .formatted(
                    Files.writeString(folder.resolve("hosts.csv"), "address,host\n"), SECRET));
    assertThat(config.udp())
        .map(Addresses::text)
        .containsExactly("192.0.2.1:514", "[::]:6667", "[::]:6668");
    assertThat(Addresses.text(config.http())).isEqualTo("[0:0:0:0:0:0:0:1]:80");
    assertThat(config.roles()).containsExactlyInAnyOrder(Config.Role.RECEIVE, Config.Role.ANALYZE);
    assertThat(config.live().allow())
        .anyMatch(network -> network.contains(InetAddress.ofLiteral("10.255.0.1")))
        .anyMatch(network -> network.contains(InetAddress.ofLiteral("2001:db8::1")))
        .noneMatch(network -> network.contains(InetAddress.ofLiteral("11.0.0.1")));
    assertThat(config.reverseDns()).isTrue();
    assertThat(config.symbols()).isEqualTo(Path.of("/"));
    assertThat(config.receiveBufferBytes()).isEqualTo(4 << 20);
    assertThat(config.roll()).isEqualTo(ChronicleLog.Roll.DAILY);
    assertThat(config.keepLog()).isEqualTo(Duration.ofDays(1));
    assertThat(config.keepLogBytes()).isEqualTo(1_000_000);
    assertThat(config.keepFreeBytes()).isEqualTo(1 << 30);
    assertThat(config.ledgerLimits(1L << 40))
        .isEqualTo(
            new Ledger.Limits(
                2L << 30, Duration.ofDays(100), Duration.ofDays(7), Duration.ofDays(60)));
    assertThat(config.ledgerLimits(20L << 30).bytes()).isEqualTo(1L << 30);
    assertThat(config.compress()).isEqualTo(Config.Compression.NONE);
    assertThat(config.sync()).isEqualTo(Duration.ofMillis(250));
    assertThat(config.live().hooks()).map(hook -> hook.name()).containsExactly("robot", "am");
    assertThat(config.live().hooks().getFirst().secrets()).containsExactly(SECRET);
    assertThat(config.live().hooks().getLast().resend()).isEqualTo(Duration.ofSeconds(30));
    assertThat(config.live().alarmSeverity()).isEqualTo(Severity.CRITICAL);
    assertThat(config.silentAfter()).isEqualTo(Duration.ofDays(30));
  }

  @Test
  void theFileInTheArchiveHasEveryKeyWithItsDefault() throws IOException {
    String file = Files.readString(Path.of("src/dist/lastwords.yaml"));
    assertThat(Pattern.compile("(?m)^#?([a-z-]+):").matcher(file).results())
        .map(key -> key.group(1))
        .containsExactlyInAnyOrder(
            Stream.of(ConfigKey.values()).map(ConfigKey::text).toArray(String[]::new));
    assertThat(read(file).data()).isEqualTo(Path.of("/var/lib/lastwords"));

    // Where the comment says what the default is, the line is an example.
    String defaults =
        Stream.of(file.split("\n\n", -1))
            .filter(paragraph -> !paragraph.contains("Default: "))
            .map(paragraph -> paragraph.replaceAll("(?m)^#(?=[a-z-]+:)", ""))
            .collect(Collectors.joining("\n"));
    assertThat(read(defaults)).isEqualTo(ConfigReader.read(null, Map.of()));
  }

  @Test
  void optionsWinOverTheFile() throws IOException {
    Path file = Files.writeString(folder.resolve("c.yaml"), "udp: [':1', ':2']\nsockets: 3\n");
    Config config = ConfigReader.read(file, Map.of(ConfigKey.UDP, List.of("127.0.0.1:9")));
    assertThat(config.udp()).map(Addresses::text).containsExactly("127.0.0.1:9");
    assertThat(config.sockets()).isEqualTo(3);
  }

  @Test
  void allThatIsWrongIsSaidAtOnceWithLineKeyValueAndWhatIsAllowed() {
    assertThatThrownBy(
            () ->
                read(
                    """
                    dta: x
                    keep-log: 3y
                    sockets: 0
                    udp: nowhere
                    roles: [receive, fly]
                    data: {a: b}
                    roll: weekly
                    roll: hourly
                    alarm-max-age: 48h
                    sync: 1ms
                    """))
        .isInstanceOf(Failure.class)
        .hasMessageContaining("c.yaml, line 1: dta is no key; there are data, udp, http")
        .hasMessageContaining("line 2: keep-log is '3y': a duration reads 90s, 15m, 24h or 30d")
        .hasMessageContaining("line 3: sockets is '0': allowed is 1 to 64")
        .hasMessageContaining("line 4: udp is 'nowhere': an address reads")
        .hasMessageContaining("'receive, fly': allowed are receive, analyze, index, web")
        .hasMessageContaining("line 6: data is")
        .hasMessageContaining("line 8: roll stands here for the second time")
        .hasMessageContaining("sync is '1ms': allowed is 10ms to 1h")
        .hasMessageContaining("alarm-max-age: 172800s is outside");
  }

  @Test
  void secretsAreNotRepeatedInErrors() {
    assertThatThrownBy(
            () ->
                read(
                    """
                    token: 'has a blank'
                    hooks: [{name: robot, type: webhook, url: 'https://x.example', secret: hunter2}]
                    """))
        .hasMessageContaining("token")
        .hasMessageContaining("hooks.robot.secrets")
        .message()
        .doesNotContain("has a blank", "hunter2");
  }

  @Test
  void aTokenThatCanBeGuessedIsRefusedWithTheWayToMakeOne() {
    for (String weak : List.of("a", "s3cret", "0123456789abcdef01234")) {
      assertThatThrownBy(() -> read("token: " + weak))
          .hasMessageContaining("token is not as it should be")
          .hasMessageContaining("at least 22")
          .hasMessageContaining("openssl rand -base64 24");
    }
  }

  @Test
  void aPageOthersCanReachNeedsAToken() throws IOException {
    assertThatThrownBy(() -> read("http: 0.0.0.0:8066"))
        .hasMessageContaining(
            "http is 0.0.0.0:8066, which others can reach, and there is no token");
    String token = "bGFzdHdvcmRzIGxhc3R3b3Jkcw";
    assertThat(read("http: 0.0.0.0:8066\ntoken: " + token).live().token()).isEqualTo(token);
  }

  @Test
  void aCanaryFliesOnlyWhereItIsAskedForAndWhereSearchesAre() throws IOException {
    assertThat(read("# nothing\n").canary()).isNull();
    assertThat(read("canary: 1m\n").canary()).isEqualTo(Duration.ofMinutes(1));
    assertThatThrownBy(() -> read("canary: 1ms\n"))
        .hasMessageContaining("canary is '1ms': allowed is 1s to 24h");
    assertThatThrownBy(() -> read("canary: 1m\nroles: receive\n"))
        .hasMessageContaining("canary needs the role web");
  }

  @Test
  void whatIsNoYamlIsRefusedWithItsLine() {
    assertThatThrownBy(() -> read("data: x\nudp: [::]:6666\n"))
        .hasMessageContaining("c.yaml, line 2: not readable as YAML")
        .hasMessageContaining("'[::]:6666' stands in quotes");
    assertThatThrownBy(() -> read("- a list")).hasMessageContaining("keys and values");
  }

  @Test
  void aFileThatCantBeReadIsAMistakeInTheConfiguration() {
    Run run = Run.of("serve", "--config", folder.resolve("none").toString());
    assertThat(run.status()).isEqualTo(2);
    assertThat(run.err())
        .startsWith("lastwords: --config can't be read: " + folder.resolve("none"));
  }

  @Test
  void anEmptyFileIsNoFile() throws IOException {
    assertThat(read("# nothing\n").sockets()).isEqualTo(2);
  }

  @Test
  void quantitiesKnowTheirUnitsAndNothingElse() {
    assertThat(Quantity.duration("90s")).isEqualTo(Duration.ofSeconds(90));
    assertThat(Quantity.bytes("512MiB")).isEqualTo(512L << 20);
    for (String wrong : List.of("", "5", "m", "-5m", "5 m", "5w", "999999999999999999d")) {
      assertThatThrownBy(() -> Quantity.duration(wrong))
          .isInstanceOf(IllegalArgumentException.class);
    }
    for (String wrong : List.of("", "5MB", "1.5GiB", "GiB", "999999999999TiB")) {
      assertThatThrownBy(() -> Quantity.bytes(wrong)).isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void serveRefusesBadOptionsBeforeItStartsAnything() {
    Run run = Run.of("serve", "--http", "0.0.0.0:0", "--keep-log", "3y");
    assertThat(run.status()).isEqualTo(2);
    assertThat(run.err()).contains("--keep-log is '3y'").contains("there is no token");
    assertThat(run.out()).isEmpty();
  }

  private Config read(String yaml) throws IOException {
    return ConfigReader.read(Files.writeString(folder.resolve("c.yaml"), yaml), Map.of());
  }
}
