package lastwords.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.time.InstantSource;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Real files that change under a configuration.
class ConfigurationTest {
  private static final String TOKEN = "bGFzdHdvcmRzIGxhc3R3b3Jkcw";
  private static final String OTHER_TOKEN = "c2l4dGVlbiByYW5kb20gYnl0ZXM";

  @TempDir private Path folder = Path.of("");
  private Path file = Path.of("");

  @BeforeEach
  void writeFile() throws IOException {
    file = Files.writeString(folder.resolve("lastwords.yaml"), "token: " + TOKEN + "\n");
  }

  @Test
  void fileThatIsRewrittenIsReadOnceItsContentIsTheSameAtTwoLooks() throws IOException {
    Configuration configuration = read();
    configuration.look();

    Files.writeString(file, "token: ");
    configuration.look();
    Files.writeString(file, "token: " + OTHER_TOKEN);
    configuration.look();
    assertThat(configuration.live().token()).isEqualTo(TOKEN);
    configuration.look();

    assertThat(configuration.live().token()).isEqualTo(OTHER_TOKEN);
    assertThat(configuration.status().reloads()).isOne();
    assertThat(configuration.status().failures()).isZero();
    configuration.look();
    assertThat(configuration.status().reloads()).isOne();
  }

  @Test
  void fileThatIsReplacedByARenameIsRead() throws IOException {
    Configuration configuration = read();

    Files.move(file, folder.resolve("lastwords.yaml~"));
    configuration.look();
    replace("token: " + OTHER_TOKEN);
    lookTwice(configuration);

    assertThat(configuration.live().token()).isEqualTo(OTHER_TOKEN);
    assertThat(configuration.status().failures()).isZero();
  }

  @Test
  void filesOfAKubernetesVolumeAreReadWhenItsDataIsSwapped() throws IOException {
    Path first = Files.createDirectory(folder.resolve("..2026_11_30_1"));
    Path second = Files.createDirectory(folder.resolve("..2026_11_30_2"));
    Path data = folder.resolve("..data");
    Path yaml = folder.resolve("volume.yaml");
    Path hosts = folder.resolve("hosts.csv");
    Files.createSymbolicLink(data, first.getFileName());
    Files.createSymbolicLink(yaml, Path.of("..data", "volume.yaml"));
    Files.createSymbolicLink(hosts, Path.of("..data", "hosts.csv"));
    String text = "inventory: " + hosts + "\nallow: [10.0.0.0/8]\n";
    Files.writeString(first.resolve("volume.yaml"), text);
    Files.writeString(first.resolve("hosts.csv"), "address,host\n10.1.2.3,a\n");
    Files.writeString(second.resolve("volume.yaml"), text.replace("10.0.0.0", "11.0.0.0"));
    Files.writeString(second.resolve("hosts.csv"), "address,host\n10.1.2.3,b\n");
    Configuration configuration = Configuration.read(yaml, Map.of(), InstantSource.system());
    Config.Live before = configuration.live();

    Path next = Files.createSymbolicLink(folder.resolve("..data_tmp"), second.getFileName());
    Files.move(next, data, StandardCopyOption.ATOMIC_MOVE);
    lookTwice(configuration);

    assertThat(configuration.live().inventory()).isNotEqualTo(before.inventory());
    assertThat(configuration.live().allow())
        .singleElement()
        .matches(network -> network.contains(InetAddress.ofLiteral("11.1.2.3")));
  }

  @Test
  void wrongVersionIsRejectedWithFileKeyAndRemedyAndTheOneBeforeStays() throws IOException {
    Configuration configuration = read();
    AtomicInteger uses = new AtomicInteger();
    configuration.onChange(uses::incrementAndGet);

    replace("token: short\nallow: [10.0.0.0/8]\n");
    lookTwice(configuration);
    lookTwice(configuration);

    assertThat(configuration.status().failures()).isOne();
    assertThat(configuration.status().problem())
        .startsWith(file + ", line 1: token")
        .contains("openssl rand -base64 24")
        .doesNotContain("short", "\n");
    assertThat(configuration.live().token()).isEqualTo(TOKEN);
    assertThat(configuration.live().allow()).isEmpty();
    assertThat(uses).hasValue(0);

    replace("token: " + TOKEN + "\nallow: [10.0.0.0/8]\n");
    lookTwice(configuration);
    assertThat(configuration.live().allow()).hasSize(1);
    assertThat(configuration.status().problem()).isNull();
    assertThat(uses).hasValue(1);
  }

  @Test
  void inventoryThatARejectedVersionNamesIsLookedAtToo() throws IOException {
    Configuration configuration = read();
    Path hosts = Files.writeString(folder.resolve("hosts.csv"), "address,host\nnowhere,a\n");

    replace("token: " + TOKEN + "\ninventory: " + hosts + "\n");
    lookTwice(configuration);
    assertThat(configuration.status().problem())
        .contains(file + ", line 2: inventory", hosts + ", line 2", "nowhere");

    Files.writeString(hosts, "address,host\n10.1.2.3,a\n");
    lookTwice(configuration);
    assertThat(configuration.status().problem()).isNull();
    assertThat(configuration.status().reloads()).isOne();
  }

  @Test
  void hangupReadsAlsoWhatHasNotSettledOrChanged() throws IOException {
    Configuration configuration = read();
    configuration.reload();
    Files.writeString(file, "token: " + OTHER_TOKEN);
    configuration.reload();
    assertThat(configuration.live().token()).isEqualTo(OTHER_TOKEN);
    assertThat(configuration.status().reloads()).isEqualTo(2);
  }

  @Test
  void fileThatIsEmptyOrGoneOrNoFileChangesNothing() throws IOException {
    Configuration configuration = read();
    Files.writeString(file, "");
    lookTwice(configuration);
    assertThat(configuration.status().problem()).contains(file + " is empty");
    Files.delete(file);
    lookTwice(configuration);
    assertThat(configuration.status().problem()).contains(file + ": no such file");
    assertThat(configuration.live().token()).isEqualTo(TOKEN);

    Configuration device =
        Configuration.read(Path.of("/dev/null"), Map.of(), InstantSource.system());
    lookTwice(device);
    assertThat(device.status().failures()).isZero();
    device.reload();
    assertThat(device.status().problem()).contains("/dev/null is no file that can be read again");
  }

  @Test
  void tokenStaysWherePagesInUseCanBeReachedByOthers() throws IOException {
    replace("http: 0.0.0.0:0\ntoken: " + TOKEN + "\n");
    Configuration configuration = read();

    replace("http: 127.0.0.1:0\n");
    configuration.reload();

    assertThat(configuration.live().token()).isEqualTo(TOKEN);
    assertThat(configuration.status().problem()).contains("0.0.0.0", "there is no token");
  }

  @Test
  void optionsWinAlsoWhenTheFileIsReadAgain() throws IOException {
    Configuration configuration =
        Configuration.read(
            file, Map.of(ConfigKey.TOKEN, List.of(OTHER_TOKEN)), InstantSource.system());
    replace("token: " + TOKEN + "\nallow: 10.0.0.0/8\n");
    configuration.reload();
    assertThat(configuration.live().token()).isEqualTo(OTHER_TOKEN);
    assertThat(configuration.live().allow()).hasSize(1);
  }

  @Test
  void eachKeyTakesEffectAtOnceOrIsNamedAtEachReload() throws IOException {
    Map<ConfigKey, String> changes = new EnumMap<>(ConfigKey.class);
    changes.put(ConfigKey.DATA, "/other");
    changes.put(ConfigKey.UDP, "127.0.0.1:6667");
    changes.put(ConfigKey.HTTP, "127.0.0.1:8067");
    changes.put(ConfigKey.ROLES, "receive,web");
    changes.put(ConfigKey.TOKEN, OTHER_TOKEN);
    changes.put(ConfigKey.ALLOW, "10.0.0.0/8");
    changes.put(ConfigKey.INVENTORY, hosts().toString());
    changes.put(ConfigKey.REVERSE_DNS, "true");
    changes.put(ConfigKey.RECEIVE_BUFFER, "1MiB");
    changes.put(ConfigKey.SOCKETS, "3");
    changes.put(ConfigKey.ROLL, "daily");
    changes.put(ConfigKey.KEEP_LOG, "1d");
    changes.put(ConfigKey.KEEP_LOG_BYTES, "1GiB");
    changes.put(ConfigKey.KEEP_FREE, "1GiB");
    changes.put(ConfigKey.COMPRESS, "none");
    changes.put(ConfigKey.SYNC, "2s");
    changes.put(ConfigKey.KEEP_INDEX, "1d");
    changes.put(ConfigKey.KEEP_CRASHES, "1d");
    changes.put(ConfigKey.KEEP_DELIVERIES, "1d");
    changes.put(ConfigKey.KEEP_HOSTS, "1d");
    changes.put(ConfigKey.KEEP_LEDGER_BYTES, "1GiB");
    changes.put(ConfigKey.SYMBOLS, "/");
    changes.put(ConfigKey.PUBLIC_URL, "https://lastwords.example");
    changes.put(ConfigKey.HOOKS, "[{name: am, type: alertmanager, url: 'http://127.0.0.1:1'}]");
    changes.put(ConfigKey.ALARM_REPEAT, "1h");
    changes.put(ConfigKey.ALARM_MAX_AGE, "2h");
    changes.put(ConfigKey.ALARM_SEVERITY, "critical");
    changes.put(ConfigKey.ALARMS_PER_MINUTE, "9");
    changes.put(ConfigKey.SILENT_AFTER, "1h");
    changes.put(ConfigKey.CANARY, "1m");
    assertThat(changes).containsOnlyKeys(ConfigKey.values());
    for (ConfigKey key : ConfigKey.values()) {
      replace("# nothing\n");
      Configuration configuration = read();
      Config.Live before = configuration.live();

      replace(key.text() + ": " + changes.get(key) + "\n");
      configuration.reload();
      configuration.reload();

      assertThat(configuration.status().problem()).as(key.text()).isNull();
      if (key.isLive()) {
        assertThat(configuration.live()).as(key.text()).isNotEqualTo(before);
        assertThat(configuration.status().afterRestart()).isEmpty();
      } else {
        assertThat(configuration.live()).as(key.text()).isEqualTo(before);
        assertThat(configuration.status().afterRestart()).containsExactly(key.text());
      }
    }
  }

  @Test
  void readmeNamesTheKeysThatTakeEffectAtOnce() throws IOException {
    String readme = Files.readString(Path.of("../README.md"));
    String sentence =
        Pattern.compile("On SIGHUP.*?take effect at once", Pattern.DOTALL)
            .matcher(readme)
            .results()
            .findFirst()
            .orElseThrow()
            .group();
    assertThat(Pattern.compile("`([a-z-]+)`").matcher(sentence).results())
        .map(key -> ConfigKey.of(key.group(1)))
        .containsExactlyInAnyOrder(
            List.of(ConfigKey.values()).stream()
                .filter(ConfigKey::isLive)
                .toArray(ConfigKey[]::new));
  }

  @Test
  void theFileInTheArchiveMarksTheKeysThatTakeEffectAtOnce() throws IOException {
    String file = Files.readString(Path.of("src/dist/lastwords.yaml"));
    for (String paragraph : file.split("\n\n", -1)) {
      Pattern.compile("(?m)^#?([a-z-]+):")
          .matcher(paragraph)
          .results()
          .map(key -> ConfigKey.of(key.group(1)))
          .filter(Objects::nonNull)
          .forEach(
              key ->
                  assertThat(paragraph.startsWith("# (live) "))
                      .as(key.text())
                      .isEqualTo(key.isLive()));
    }
  }

  @Test
  void whenItWasReadIsWhenTheVersionInUseWas() throws IOException {
    Instant[] now = {Instant.EPOCH.plusSeconds(1)};
    Configuration configuration = Configuration.read(file, Map.of(), () -> now[0]);
    now[0] = Instant.EPOCH.plusSeconds(2);
    configuration.reload();
    now[0] = Instant.EPOCH.plusSeconds(3);
    replace("no key: 1\n");
    configuration.reload();
    assertThat(configuration.status().loadedAtMicros()).isEqualTo(2_000_000);
  }

  private Path hosts() throws IOException {
    return Files.writeString(folder.resolve("hosts.csv"), "address,host\n10.1.2.3,a\n");
  }

  private Configuration read() {
    return Configuration.read(file, Map.of(), InstantSource.system());
  }

  private void replace(String yaml) throws IOException {
    Path next = Files.writeString(folder.resolve("next.yaml"), yaml);
    Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
  }

  private static void lookTwice(Configuration configuration) {
    configuration.look();
    configuration.look();
  }
}
