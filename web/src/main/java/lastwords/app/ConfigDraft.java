package lastwords.app;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import lastwords.alert.AlertSettings;
import lastwords.alert.HookSettings;
import lastwords.assemble.Inventory;
import lastwords.kernel.Cidr;
import lastwords.kernel.Severity;
import lastwords.store.embedded.ChronicleLog;
import lastwords.store.embedded.SqliteLedger;
import org.jspecify.annotations.Nullable;

/// A [Config] in the making, with the defaults.
final class ConfigDraft {
  private static final int MAX_SOCKETS = 64;
  private static final Duration MAX_SYNC = Duration.ofHours(1);
  private static final Duration MIN_CANARY = Duration.ofSeconds(1);
  private static final Duration MAX_CANARY = Duration.ofHours(24);

  /// What 16 random bytes are in base64: more than can be guessed.
  private static final int MIN_TOKEN_CHARACTERS = 22;

  private static final long MIN_RECEIVE_BUFFER_BYTES = 64 << 10;
  private static final List<String> HOOK_KEYS =
      List.of("name", "type", "url", "secret", "secrets", "resolve-after", "resend");

  private final ConfigFiles files;
  private Path data = Path.of("data");
  private List<InetSocketAddress> udp = List.of(Addresses.socket("[::]:6666", "::"));
  private InetSocketAddress http = Addresses.socket("127.0.0.1:8066", "127.0.0.1");
  private Set<Config.Role> roles = EnumSet.allOf(Config.Role.class);
  private @Nullable String token;
  private List<Cidr> allow = List.of();
  private Inventory inventory = Inventory.EMPTY;
  private boolean reverseDns;
  private long receiveBufferBytes = 64 << 20;
  private int sockets = 2;
  private ChronicleLog.Roll roll = ChronicleLog.Roll.HOURLY;
  private Duration keepLog = Duration.ofDays(30);
  private long keepLogBytes = 50L << 30;
  private long keepFreeBytes = 256L << 20;
  private Config.Compression compress = Config.Compression.ZSTD;
  private Duration sync = Duration.ofSeconds(1);
  private Duration keepIndex = Duration.ofDays(30);
  private Duration keepCrashes = Duration.ofDays(400);
  private Duration keepDeliveries = Duration.ofDays(30);
  private Duration keepHosts = Duration.ofDays(90);
  private long keepLedgerBytes = SqliteLedger.DEFAULT_BYTES;
  private @Nullable Path symbols;
  private @Nullable URI publicUrl;
  private List<HookSettings> hooks = List.of();
  private Duration alarmRepeat = AlertSettings.DEFAULT.repeat();
  private Duration alarmMaxAge = AlertSettings.DEFAULT.maxAge();
  private Severity alarmSeverity = AlertSettings.DEFAULT.severity();
  private int alarmsPerMinute = AlertSettings.DEFAULT.perMinute();
  private Duration silentAfter = Duration.ofHours(24);
  private @Nullable Duration canary;

  /// @param files reads what a key names
  ConfigDraft(ConfigFiles files) {
    this.files = files;
  }

  Config config() {
    return new Config(
        data,
        udp,
        http,
        roles,
        reverseDns,
        receiveBufferBytes,
        sockets,
        roll,
        keepLog,
        keepLogBytes,
        keepFreeBytes,
        compress,
        sync,
        keepIndex,
        keepCrashes,
        keepDeliveries,
        keepHosts,
        keepLedgerBytes,
        symbols,
        silentAfter,
        canary,
        new Config.Live(
            token,
            allow,
            inventory,
            publicUrl,
            hooks,
            alarmRepeat,
            alarmMaxAge,
            alarmSeverity,
            alarmsPerMinute));
  }

  /// @throws IllegalArgumentException with what is allowed
  void set(ConfigKey key, List<JsonNode> values) {
    switch (key) {
      case DATA -> data = Path.of(one(values));
      case UDP -> udp = atLeastOne(texts(values).map(text -> Addresses.socket(text, "::")));
      case HTTP -> http = Addresses.socket(one(values), "127.0.0.1");
      case ROLES -> roles = roles(values);
      case TOKEN -> token = token(one(values));
      case ALLOW -> allow = texts(values).map(Cidr::parse).toList();
      case INVENTORY -> inventory = inventory(one(values));
      case REVERSE_DNS -> reverseDns = yesOrNo(one(values));
      case RECEIVE_BUFFER -> receiveBufferBytes = receiveBuffer(one(values));
      case SOCKETS -> sockets = number(one(values), MAX_SOCKETS);
      case ROLL -> roll = oneOf(ChronicleLog.Roll.class, one(values));
      case KEEP_LOG -> keepLog = duration(values);
      case KEEP_LOG_BYTES -> keepLogBytes = Quantity.bytes(one(values));
      case KEEP_FREE -> keepFreeBytes = Quantity.bytes(one(values));
      case COMPRESS -> compress = oneOf(Config.Compression.class, one(values));
      case SYNC -> sync = sync(duration(values));
      case KEEP_INDEX -> keepIndex = duration(values);
      case KEEP_CRASHES -> keepCrashes = duration(values);
      case KEEP_DELIVERIES -> keepDeliveries = duration(values);
      case KEEP_HOSTS -> keepHosts = duration(values);
      case KEEP_LEDGER_BYTES -> keepLedgerBytes = ledgerBytes(one(values));
      case SYMBOLS -> symbols = folder(one(values));
      case PUBLIC_URL -> publicUrl = url(one(values));
      case HOOKS -> hooks = values.stream().map(ConfigDraft::hook).toList();
      case ALARM_REPEAT -> alarmRepeat = duration(values);
      case ALARM_MAX_AGE -> alarmMaxAge = duration(values);
      case ALARM_SEVERITY -> alarmSeverity = oneOf(Severity.class, one(values));
      case ALARMS_PER_MINUTE -> alarmsPerMinute = number(one(values), AlertSettings.MAX_PER_MINUTE);
      case SILENT_AFTER -> silentAfter = duration(values);
      case CANARY -> canary = canary(duration(values));
    }
  }

  private static Set<Config.Role> roles(List<JsonNode> values) {
    Stream<String> names = texts(values).flatMap(text -> Stream.of(text.split(",", -1)));
    return Set.copyOf(atLeastOne(names.map(name -> oneOf(Config.Role.class, name.strip()))));
  }

  private static String token(String text) {
    if (text.length() < MIN_TOKEN_CHARACTERS || !text.matches("[\\x21-\\x7e]+")) {
      throw new IllegalArgumentException(
          "a token has at least %d visible ASCII characters and no blanks; '%s' makes one"
              .formatted(MIN_TOKEN_CHARACTERS, "openssl rand -base64 24"));
    }
    return text;
  }

  private Inventory inventory(String text) {
    Path file = Path.of(text);
    try {
      return Inventory.parse(file, files.text(file));
    } catch (IOException e) {
      throw new IllegalArgumentException("the file can't be read: " + Main.why(e), e);
    }
  }

  private static Path folder(String text) {
    Path folder = Path.of(text);
    if (!Files.isDirectory(folder)) {
      throw new IllegalArgumentException("there is no such folder");
    }
    return folder;
  }

  private static boolean yesOrNo(String text) {
    if (!text.equals("true") && !text.equals("false")) {
      throw new IllegalArgumentException("allowed are true and false");
    }
    return text.equals("true");
  }

  private static long receiveBuffer(String text) {
    long bytes = Quantity.bytes(text);
    if (bytes < MIN_RECEIVE_BUFFER_BYTES || bytes > Integer.MAX_VALUE) {
      throw new IllegalArgumentException("allowed is 64KiB to 2047MiB");
    }
    return bytes;
  }

  private static long ledgerBytes(String text) {
    long bytes = Quantity.bytes(text);
    if (bytes < Config.LEAST_LEDGER_BYTES) {
      throw new IllegalArgumentException("allowed is 16MiB and more");
    }
    return bytes;
  }

  private static int number(String text, int most) {
    int number = text.matches("\\d{1,9}") ? Integer.parseInt(text) : 0;
    if (number < 1 || number > most) {
      throw new IllegalArgumentException("allowed is 1 to " + most);
    }
    return number;
  }

  private static HookSettings hook(JsonNode value) {
    if (!value.isObject()) {
      throw new IllegalArgumentException("a hook has the keys " + HOOK_KEYS);
    }
    String name = value.path("name").asText("");
    for (Map.Entry<String, JsonNode> entry : value.properties()) {
      if (!HOOK_KEYS.contains(entry.getKey())) {
        throw new IllegalArgumentException(
            "hook '%s': %s is no key; there are %s".formatted(name, entry.getKey(), HOOK_KEYS));
      }
    }
    return new HookSettings(
        name,
        value.path("type").asText(""),
        url(value.path("url").asText("")),
        Stream.of(value.path("secret"), value.path("secrets"))
            .flatMap(given -> given.isArray() ? given.valueStream() : Stream.of(given))
            .filter(given -> !given.isMissingNode())
            .map(JsonNode::asText)
            .toList(),
        duration(value.path("resolve-after"), HookSettings.DEFAULT_RESOLVE_AFTER),
        duration(value.path("resend"), HookSettings.DEFAULT_RESEND));
  }

  private static Duration duration(JsonNode value, Duration otherwise) {
    return value.isMissingNode() ? otherwise : Quantity.duration(value.asText());
  }

  private static URI url(String text) {
    try {
      return new URI(text);
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException("a URL reads https://host.example/path", e);
    }
  }

  private static Duration duration(List<JsonNode> values) {
    Duration duration = Quantity.duration(one(values));
    if (duration.isZero()) {
      throw new IllegalArgumentException("it must be longer than nothing");
    }
    return duration;
  }

  private static Duration sync(Duration duration) {
    if (duration.compareTo(Duration.ofMillis(10)) < 0 || duration.compareTo(MAX_SYNC) > 0) {
      throw new IllegalArgumentException("allowed is 10ms to 1h");
    }
    return duration;
  }

  /// Each is kept like any message, and searched for until it is found.
  private static Duration canary(Duration duration) {
    if (duration.compareTo(MIN_CANARY) < 0 || duration.compareTo(MAX_CANARY) > 0) {
      throw new IllegalArgumentException("allowed is 1s to 24h");
    }
    return duration;
  }

  private static <E extends Enum<E>> E oneOf(Class<E> type, String text) {
    for (E value : type.getEnumConstants()) {
      if (value.name().toLowerCase(Locale.ROOT).equals(text)) {
        return value;
      }
    }
    throw new IllegalArgumentException(
        "allowed are "
            + Stream.of(type.getEnumConstants())
                .map(value -> value.name().toLowerCase(Locale.ROOT))
                .collect(Collectors.joining(", ")));
  }

  private static <T> List<T> atLeastOne(Stream<T> values) {
    List<T> list = values.toList();
    if (list.isEmpty()) {
      throw new IllegalArgumentException("at least one is needed");
    }
    return list;
  }

  private static String one(List<JsonNode> values) {
    List<String> texts = texts(values).toList();
    if (texts.size() != 1 || texts.getFirst().isEmpty()) {
      throw new IllegalArgumentException("exactly one value is needed");
    }
    return texts.getFirst();
  }

  private static Stream<String> texts(List<JsonNode> values) {
    return values.stream()
        .map(
            value -> {
              if (!value.isValueNode() || value.isNull()) {
                throw new IllegalArgumentException("a plain value is needed");
              }
              return value.asText();
            });
  }
}
