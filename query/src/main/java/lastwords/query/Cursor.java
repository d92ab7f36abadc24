package lastwords.query;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/// Where a list goes on, as text that says nothing to its users: the list's name and the key of the
/// last item seen, in base64url.
enum Cursor {
  MESSAGES,
  CRASHES,
  SIGNATURES,
  HOSTS;

  String of(Object key) {
    byte[] bytes = (name() + ' ' + key).getBytes(StandardCharsets.UTF_8);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  /// The key of the last item seen; null where there is no cursor.
  ///
  /// @throws IllegalArgumentException when no page of this list answered with this cursor
  @Nullable String key(@Nullable String cursor) {
    if (cursor == null) {
      return null;
    }
    String text;
    try {
      text = new String(Base64.getUrlDecoder().decode(cursor), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw bad(cursor, e);
    }
    if (!text.startsWith(name() + ' ')) {
      throw bad(cursor, null);
    }
    return text.substring(name().length() + 1);
  }

  /// The same for keys that are numbers.
  @Nullable Long number(@Nullable String cursor) {
    String key = key(cursor);
    try {
      return key == null ? null : Long.valueOf(key);
    } catch (NumberFormatException e) {
      throw bad(String.valueOf(cursor), e);
    }
  }

  private static IllegalArgumentException bad(String cursor, @Nullable Exception why) {
    return new IllegalArgumentException(
        "'" + cursor + "' is no cursor of this list; use 'next' of the page before as it came",
        why);
  }
}
