package lastwords.api;

import java.nio.charset.StandardCharsets;
import java.security.InvalidKeyException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// Cookies of people who presented the token.
///
/// A cookie is its end in seconds, a random number, and an HMAC-SHA256 of both and of the token
/// under a key that is random for each start. So nothing is kept for it, it can't be computed from
/// the token alone, and it ends after [#LASTS], with the process, and with the token.
///
/// Safe for any number of threads.
final class Sessions {
  static final Duration LASTS = Duration.ofDays(1);

  private static final String HMAC = "HmacSHA256";
  private static final int KEY_BYTES = 32;
  private static final int NONCE_BYTES = 16;

  private static final Pattern COOKIE =
      Pattern.compile("(([0-9]{1,12})\\.[A-Za-z0-9_-]{22})\\.([A-Za-z0-9_-]{43})");

  private final InstantSource clock;
  private final SecureRandom random = new SecureRandom();
  private final SecretKeySpec key;

  Sessions(InstantSource clock) {
    this.clock = clock;
    key = new SecretKeySpec(random(KEY_BYTES), HMAC);
  }

  /// A new cookie for the token.
  String open(byte[] token) {
    long ends = clock.instant().plus(LASTS).getEpochSecond();
    String content = ends + "." + text(random(NONCE_BYTES));
    return content + "." + seal(content, token);
  }

  /// Whether the cookie was opened here for that token and has not ended.
  boolean isOpen(String cookie, byte[] token) {
    Matcher parts = COOKIE.matcher(cookie);
    return parts.matches()
        && MessageDigest.isEqual(bytes(parts.group(3)), bytes(seal(parts.group(1), token)))
        && clock.instant().getEpochSecond() < Long.parseLong(parts.group(2));
  }

  private String seal(String content, byte[] token) {
    try {
      Mac mac = Mac.getInstance(HMAC);
      mac.init(key);
      mac.update(bytes(content));
      mac.update((byte) 0);
      return text(mac.doFinal(token));
    } catch (NoSuchAlgorithmException | InvalidKeyException e) {
      throw new IllegalStateException(e);
    }
  }

  private byte[] random(int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }

  private static String text(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
