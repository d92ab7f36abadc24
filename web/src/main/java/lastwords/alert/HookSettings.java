package lastwords.alert;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/// One target of alarms, as it is configured under `hooks`.
///
/// @param name `name`: 1 to 40 of `a-z`, `0-9` and `-`; part of every delivery's id
/// @param type `type`: one of [#TYPES]
/// @param url `url`: where to POST; for `alertmanager` its base, with or without `/api/v2/alerts`.
///   A user and password in it are sent as basic authentication.
/// @param secrets `secrets`: for `webhook`, at least one of `whsec_` and base64 of 24 to 64 bytes;
///   with several, what is sent is signed with each, so that they can be changed one side at a time
/// @param resolveAfter `resolve-after`: for `alertmanager`, how long an alert fires after its crash
///   was last seen
/// @param resend `resend`: for `alertmanager`, how often every firing alert is posted again; it
///   forgets its alerts when it restarts and expects its senders to repeat them
public record HookSettings(
    String name,
    String type,
    URI url,
    List<String> secrets,
    Duration resolveAfter,
    Duration resend) {

  public static final String WEBHOOK = "webhook";
  public static final String ALERTMANAGER = "alertmanager";
  public static final List<String> TYPES = List.of(WEBHOOK, ALERTMANAGER);
  public static final Duration DEFAULT_RESOLVE_AFTER = Duration.ofHours(1);

  /// So that an Alertmanager that restarted has all alerts again within two minutes.
  public static final Duration DEFAULT_RESEND = Duration.ofMinutes(1);

  private static final Pattern NAME = Pattern.compile("[a-z0-9-]{1,40}");
  private static final String SECRET_PREFIX = "whsec_";
  private static final int MIN_SECRET_BYTES = 24;
  private static final int MAX_SECRET_BYTES = 64;
  private static final int MAX_SECRETS = 4;
  private static final Duration MIN_RESOLVE_AFTER = Duration.ofMinutes(1);
  private static final Duration MAX_RESOLVE_AFTER = Duration.ofDays(30);

  private static final Duration MIN_RESEND = Duration.ofSeconds(10);
  private static final Duration MAX_RESEND = Duration.ofHours(1);

  /// With the default of `resend`.
  public HookSettings(
      String name, String type, URI url, List<String> secrets, Duration resolveAfter) {
    this(name, type, url, secrets, resolveAfter, DEFAULT_RESEND);
  }

  /// @throws IllegalArgumentException naming key, value and what is allowed; never a secret
  public HookSettings {
    if (!NAME.matcher(name).matches()) {
      throw new IllegalArgumentException(
          "hooks: name '" + name + "' isn't 1 to 40 of a-z, 0-9 and '-'");
    }
    if (!TYPES.contains(type)) {
      throw new IllegalArgumentException(
          key(name, "type")
              + ": '"
              + type
              + "' is unknown; allowed are "
              + String.join(", ", TYPES));
    }
    requireHttp(key(name, "url"), url);
    if (type.equals(ALERTMANAGER) && url.getRawQuery() != null) {
      throw new IllegalArgumentException(
          key(name, "url") + ": a query, '?…', has no place in the address of an alertmanager");
    }
    secrets = List.copyOf(secrets);
    if (type.equals(WEBHOOK) && (secrets.isEmpty() || secrets.size() > MAX_SECRETS)) {
      throw new IllegalArgumentException(
          "%s: there are %d, needed are 1 to %d; 'echo whsec_$(openssl rand -base64 32)' makes one"
              .formatted(key(name, "secrets"), secrets.size(), MAX_SECRETS));
    }
    if (!type.equals(WEBHOOK) && !secrets.isEmpty()) {
      throw new IllegalArgumentException(
          key(name, "secrets") + ": type " + type + " signs nothing; only webhook takes secrets");
    }
    keys(name, secrets);
    requireWithin(key(name, "resolve-after"), resolveAfter, MIN_RESOLVE_AFTER, MAX_RESOLVE_AFTER);
    requireWithin(key(name, "resend"), resend, MIN_RESEND, MAX_RESEND);
  }

  private static void requireWithin(String key, Duration value, Duration least, Duration most) {
    if (value.compareTo(least) < 0 || value.compareTo(most) > 0) {
      throw new IllegalArgumentException(
          "%s: %ds is outside %ds to %ds"
              .formatted(key, value.toSeconds(), least.toSeconds(), most.toSeconds()));
    }
  }

  /// A digest of where and how it delivers, to recognize a changed configuration; not of use to
  /// find a secret, of which each has at least 24 random bytes.
  String fingerprint() {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      for (String part : List.of(type, url.toString(), String.join(",", secrets))) {
        digest.update(part.getBytes(StandardCharsets.UTF_8));
        digest.update((byte) 0);
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  /// Scheme, host and port, to be shown. Many receivers have their secret in the path, so of one
  /// only `/…` is.
  public String shownUrl() {
    String port = url.getPort() < 0 ? "" : ":" + url.getPort();
    String path = url.getRawPath() == null || url.getRawPath().length() <= 1 ? "" : "/…";
    return url.getScheme() + "://" + url.getHost() + port + path;
  }

  /// Without the secrets.
  @Override
  public String toString() {
    return "hook " + name + ", " + type + " at " + shownUrl();
  }

  /// The secrets as the bytes to sign with.
  List<byte[]> keys() {
    return keys(name, secrets);
  }

  static void requireHttp(String key, URI url) {
    String scheme = url.getScheme() == null ? "" : url.getScheme().toLowerCase(Locale.ROOT);
    if ((!scheme.equals("http") && !scheme.equals("https"))
        || url.getHost() == null
        || url.getRawFragment() != null) {
      String shown = url.getRawUserInfo() == null ? "'" + url + "'" : "what is there";
      throw new IllegalArgumentException(
          key + ": " + shown + " isn't http:// or https:// with a host and without '#'");
    }
  }

  private static List<byte[]> keys(String name, List<String> secrets) {
    List<byte[]> keys = new ArrayList<>();
    for (String secret : secrets) {
      byte[] key = secret.startsWith(SECRET_PREFIX) ? decoded(secret) : new byte[0];
      if (key.length < MIN_SECRET_BYTES || key.length > MAX_SECRET_BYTES) {
        throw new IllegalArgumentException(
            "%s: number %d (not shown) isn't '%s' and base64 of %d to %d bytes"
                .formatted(
                    key(name, "secrets"),
                    keys.size() + 1,
                    SECRET_PREFIX,
                    MIN_SECRET_BYTES,
                    MAX_SECRET_BYTES));
      }
      keys.add(key);
    }
    return keys;
  }

  private static byte[] decoded(String secret) {
    try {
      return Base64.getDecoder().decode(secret.substring(SECRET_PREFIX.length()));
    } catch (IllegalArgumentException notBase64) {
      return new byte[0];
    }
  }

  private static String key(String name, String key) {
    return "hooks." + name + "." + key;
  }
}
