package lastwords.app;

import java.util.Arrays;
import java.util.Locale;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;
import lastwords.app.Config.Live;
import org.jspecify.annotations.Nullable;

/// A key of the configuration, which is an option of `serve` too: what it means, and where its
/// value goes. A new key is a row here, a case in [ConfigDraft] and a component of [Config], or of
/// [Live] if a running server can take another value.
@SuppressWarnings("ImmutableEnumChecker") // its functions have no state
enum ConfigKey {
  DATA(fixed(Config::data), "DIR", "the folder everything is kept in; default ./data"),
  UDP(
      fixed(Config::udp),
      "[ADDR]:PORT",
      "where to receive; may be given several times; default [::]:6666, which takes IPv4 too"),
  HTTP(fixed(Config::http), "ADDR:PORT", "where pages and API are; default 127.0.0.1:8066"),
  ROLES(
      fixed(Config::roles),
      "ROLE,...",
      "what this process does, of receive,analyze,index,web; default all of them"),
  TOKEN(
      live(Live::token),
      "TOKEN",
      "what every request must carry, at least 22 characters, as 'openssl rand -base64 24' makes;"
          + " needed where http isn't a loopback address; better in the file, since others see"
          + " options"),
  ALLOW(
      live(Live::allow),
      "NETWORK",
      "take datagrams only from here, as 10.0.0.0/8; may be given several times; default"
          + " everybody"),
  INVENTORY(live(Live::inventory), "FILE", "names and labels of hosts by address, YAML or CSV"),
  REVERSE_DNS(
      fixed(Config::reverseDns),
      null,
      "ask DNS for the names of hosts; off by default: a slow resolver would make names change"
          + " while a host is going down"),
  RECEIVE_BUFFER(
      fixed(Config::receiveBufferBytes),
      "SIZE",
      "of each socket, for what arrives while the receiver is busy; default 64MiB"),
  SOCKETS(fixed(Config::sockets), "N", "sockets for each UDP port; default 2"),
  ROLL(
      fixed(Config::roll),
      "hourly|daily",
      "how long one file of the log is written to; default hourly"),
  KEEP_LOG(fixed(Config::keepLog), "DURATION", "how long datagrams are kept; default 30d"),
  KEEP_LOG_BYTES(fixed(Config::keepLogBytes), "SIZE", "how much the log may occupy; default 50GiB"),
  KEEP_FREE(
      fixed(Config::keepFreeBytes),
      "SIZE",
      "of the disk: below it the log's oldest files go, and where none are left the log stops"
          + " growing, so that crashes and alarms can still be written; default 256MiB"),
  COMPRESS(
      fixed(Config::compress),
      "zstd|none",
      "what becomes of the log's files once they aren't written to any more; default zstd"),
  SYNC(
      fixed(Config::sync),
      "DURATION",
      "how often the log is written through to the disk: what a power failure may take; default"
          + " 1s"),
  KEEP_INDEX(
      fixed(Config::keepIndex), "DURATION", "how long messages can be searched; default 30d"),
  KEEP_CRASHES(
      fixed(Config::keepCrashes),
      "DURATION",
      "how long crashes and alarms are kept; the first and newest of a signature, and what people"
          + " decided, longer; default 400d"),
  KEEP_DELIVERIES(
      fixed(Config::keepDeliveries),
      "DURATION",
      "how long deliveries are kept once they are made or given up; default 30d"),
  KEEP_HOSTS(
      fixed(Config::keepHosts),
      "DURATION",
      "how long a host is known that sends nothing; default 90d"),
  KEEP_LEDGER_BYTES(
      fixed(Config::keepLedgerBytes),
      "SIZE",
      "how much crashes, alarms and hosts may occupy, never more than a twentieth of the disk;"
          + " default 10GiB"),
  SYMBOLS(
      fixed(Config::symbols),
      "DIR",
      "where vmlinux and modules with debug information are, such as /usr/lib/debug; stacks then"
          + " show files and lines"),
  PUBLIC_URL(live(Live::publicUrl), "URL", "how people reach the pages, for links in alarms"),
  HOOKS(
      live(Live::hooks),
      null,
      "targets for alarms, in the file only: each with name, type, url, secret or secrets,"
          + " resolve-after, resend"),
  ALARM_REPEAT(
      live(Live::alarmRepeat),
      "DURATION",
      "how long a crash that comes again on a host raises no further alarm; default 24h"),
  ALARM_MAX_AGE(
      live(Live::alarmMaxAge), "DURATION", "crashes older than this alarm nobody; default 1h"),
  ALARM_SEVERITY(
      live(Live::alarmSeverity),
      "SEVERITY",
      "the least severe crash that alarms, of critical, error, warning; default error"),
  ALARMS_PER_MINUTE(
      live(Live::alarmsPerMinute),
      "N",
      "so many go out one by one, the rest of a minute as one summary; default 1000"),
  SILENT_AFTER(
      fixed(Config::silentAfter),
      "DURATION",
      "a host that said nothing for so long is silent; default 24h"),
  CANARY(
      fixed(Config::canary),
      "DURATION",
      "how often the collector sends itself a datagram, whose way through /readyz and metrics know;"
          + " off by default: the log then holds only what hosts said");

  private final Use use;
  private final @Nullable String label;
  private final String help;

  /// Where its value is, and whether a running server takes another one.
  private record Use(boolean isLive, Function<Config, @Nullable Object> value) {}

  private static Use fixed(Function<Config, @Nullable Object> value) {
    return new Use(false, value);
  }

  private static Use live(Function<Live, @Nullable Object> value) {
    return new Use(true, config -> value.apply(config.live()));
  }

  /// @param label what its value is called in `--help`; null for a switch
  ConfigKey(Use use, @Nullable String label, String help) {
    this.use = use;
    this.label = label;
    this.help = help;
  }

  /// The key of that name, or null.
  static @Nullable ConfigKey of(String text) {
    return Arrays.stream(values()).filter(key -> key.text().equals(text)).findFirst().orElse(null);
  }

  static String all() {
    return Arrays.stream(values()).map(ConfigKey::text).collect(Collectors.joining(", "));
  }

  String text() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /// Whether a running server takes another value when its configuration is read again. The value
  /// of any other key is in use from start to stop.
  boolean isLive() {
    return use.isLive();
  }

  /// Whether both have the same value for it.
  boolean isSame(Config one, Config other) {
    return Objects.equals(use.value().apply(one), use.value().apply(other));
  }

  @Nullable String label() {
    return label;
  }

  /// Whether it may have several values, an option be given several times.
  boolean isList() {
    return this == UDP || this == ALLOW || this == HOOKS;
  }

  String help() {
    return help;
  }
}
