package lastwords.app;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// A key of the configuration, which is an option of `serve` too: what it means, and where its
/// value goes. A new key is a row here, a case in [ConfigDraft] and a component of [Config].
enum ConfigKey {
  DATA("DIR", "the folder everything is kept in; default ./data"),
  UDP(
      "[ADDR]:PORT",
      "where to receive; may be given several times; default [::]:6666, which takes IPv4 too"),
  HTTP("ADDR:PORT", "where pages and API are; default 127.0.0.1:8066"),
  ROLES("ROLE,...", "what this process does, of receive,analyze,index,web; default all of them"),
  TOKEN(
      "TOKEN",
      "what every request must carry, at least 22 characters, as 'openssl rand -base64 24' makes;"
          + " needed where http isn't a loopback address; better in the file, since others see"
          + " options"),
  ALLOW(
      "NETWORK",
      "take datagrams only from here, as 10.0.0.0/8; may be given several times; default"
          + " everybody"),
  INVENTORY("FILE", "names and labels of hosts by address, YAML or CSV"),
  REVERSE_DNS(
      null,
      "ask DNS for the names of hosts; off by default: a slow resolver would make names change"
          + " while a host is going down"),
  RECEIVE_BUFFER(
      "SIZE", "of each socket, for what arrives while the receiver is busy; default 64MiB"),
  SOCKETS("N", "sockets for each UDP port; default 2"),
  ROLL("hourly|daily", "how long one file of the log is written to; default hourly"),
  KEEP_LOG("DURATION", "how long datagrams are kept; default 30d"),
  KEEP_LOG_BYTES("SIZE", "how much the log may occupy; default 50GiB"),
  KEEP_FREE(
      "SIZE",
      "of the disk: below it the log's oldest files go, and where none are left the log stops"
          + " growing, so that crashes and alarms can still be written; default 256MiB"),
  COMPRESS(
      "zstd|none",
      "what becomes of the log's files once they aren't written to any more; default zstd"),
  SYNC(
      "DURATION",
      "how often the log is written through to the disk: what a power failure may take; default"
          + " 1s"),
  KEEP_INDEX("DURATION", "how long messages can be searched; default 30d"),
  KEEP_CRASHES(
      "DURATION",
      "how long crashes and alarms are kept; the first and newest of a signature, and what people"
          + " decided, longer; default 400d"),
  KEEP_DELIVERIES(
      "DURATION", "how long deliveries are kept once they are made or given up; default 30d"),
  KEEP_HOSTS("DURATION", "how long a host is known that sends nothing; default 90d"),
  KEEP_LEDGER_BYTES(
      "SIZE",
      "how much crashes, alarms and hosts may occupy, never more than a twentieth of the disk;"
          + " default 10GiB"),
  SYMBOLS(
      "DIR",
      "where vmlinux and modules with debug information are, such as /usr/lib/debug; stacks then"
          + " show files and lines"),
  PUBLIC_URL("URL", "how people reach the pages, for links in alarms"),
  HOOKS(
      null,
      "targets for alarms, in the file only: each with name, type, url, secret or secrets,"
          + " resolve-after, resend"),
  ALARM_REPEAT(
      "DURATION",
      "how long a crash that comes again on a host raises no further alarm; default 24h"),
  ALARM_MAX_AGE("DURATION", "crashes older than this alarm nobody; default 1h"),
  ALARM_SEVERITY(
      "SEVERITY", "the least severe crash that alarms, of critical, error, warning; default error"),
  ALARMS_PER_MINUTE(
      "N", "so many go out one by one, the rest of a minute as one summary; default 1000"),
  SILENT_AFTER("DURATION", "a host that said nothing for so long is silent; default 24h"),
  CANARY(
      "DURATION",
      "how often the collector sends itself a datagram, whose way through /readyz and metrics know;"
          + " off by default: the log then holds only what hosts said");

  private final @Nullable String label;
  private final String help;

  /// @param label what its value is called in `--help`; null for a switch
  ConfigKey(@Nullable String label, String help) {
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
