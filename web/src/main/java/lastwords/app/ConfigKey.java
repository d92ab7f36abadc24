package lastwords.app;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// A key of the configuration, which is an option of `serve` too: what it means, and where its value
/// goes. A new key is a row here, a setter in [ConfigDraft] and a component of [Config].
enum ConfigKey {
  DATA("DIR", "the folder everything is kept in; default ./data", ConfigDraft::data),
  UDP(
      "[ADDR]:PORT",
      "where to receive; may be given several times; default [::]:6666, which takes IPv4 too",
      ConfigDraft::udp),
  HTTP("ADDR:PORT", "where pages and API are; default 127.0.0.1:8066", ConfigDraft::http),
  ROLES(
      "ROLE,...",
      "what this process does, of receive,analyze,index,web; default all of them",
      ConfigDraft::roles),
  TOKEN(
      "TOKEN",
      "what every request must carry; needed where http isn't a loopback address",
      ConfigDraft::token),
  ALLOW(
      "NETWORK",
      "take datagrams only from here, as 10.0.0.0/8; may be given several times; default everybody",
      ConfigDraft::allow),
  INVENTORY("FILE", "names and labels of hosts by address, YAML or CSV", ConfigDraft::inventory),
  REVERSE_DNS(
      null,
      "ask DNS for the names of hosts; off by default: a slow resolver would make names change"
          + " while a host is going down",
      ConfigDraft::reverseDns),
  RECEIVE_BUFFER(
      "SIZE",
      "of each socket, for what arrives while the receiver is busy; default 64MiB",
      ConfigDraft::receiveBuffer),
  SOCKETS("N", "sockets for each UDP port; default 2", ConfigDraft::sockets),
  ROLL("hourly|daily", "how long one file of the log is written to; default hourly", ConfigDraft::roll),
  KEEP_LOG("DURATION", "how long datagrams are kept; default 30d", ConfigDraft::keepLog),
  KEEP_LOG_BYTES("SIZE", "how much the log may occupy; default 50GiB", ConfigDraft::keepLogBytes),
  KEEP_INDEX("DURATION", "how long messages can be searched; default 30d", ConfigDraft::keepIndex),
  PUBLIC_URL("URL", "how people reach the pages, for links in alarms", ConfigDraft::publicUrl),
  HOOKS(
      null,
      "targets for alarms, in the file only: each with name, type (webhook or alertmanager), url,"
          + " and secret or secrets",
      ConfigDraft::hooks),
  ALARM_REPEAT(
      "DURATION",
      "how long a crash that comes again on a host raises no further alarm; default 24h",
      ConfigDraft::alarmRepeat),
  ALARM_MAX_AGE(
      "DURATION", "crashes older than this alarm nobody; default 15m", ConfigDraft::alarmMaxAge),
  ALARM_SEVERITY(
      "SEVERITY",
      "the least severe crash that alarms, of critical, error, warning, info; default error",
      ConfigDraft::alarmSeverity),
  SILENT_AFTER(
      "DURATION", "a host that said nothing for so long is silent; default 24h", ConfigDraft::silentAfter);

  private final @Nullable String label;
  private final String help;
  private final BiConsumer<ConfigDraft, List<JsonNode>> setter;

  /// @param label what its value is called in `--help`; null for a switch
  ConfigKey(
      @Nullable String label, String help, BiConsumer<ConfigDraft, List<JsonNode>> setter) {
    this.label = label;
    this.help = help;
    this.setter = setter;
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

  String help() {
    return help;
  }

  /// @throws IllegalArgumentException with what is allowed
  void set(ConfigDraft draft, List<JsonNode> values) {
    setter.accept(draft, values);
  }
}
