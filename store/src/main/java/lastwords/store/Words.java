package lastwords.store;

import java.util.ArrayList;
import java.util.List;

/// How text is cut into the words that can be searched: the same for what is stored and what is
/// asked.
///
/// A word is a run of letters, digits and underscores, in lower case, so
/// `ext4_do_update_inode+0x1b/0x40` is `ext4_do_update_inode`, `0x1b`, `0x40`. A longer run than
/// [#MAX_CHARS] is cut into pieces of that length.
public final class Words {
  /// Longest word kept whole; symbol names of the kernel have at most 511 characters, mangled ones
  /// too.
  public static final int MAX_CHARS = 512;

  private Words() {}

  public static boolean isWordChar(int c) {
    return c == '_' || Character.isLetterOrDigit(c);
  }

  public static int lower(int c) {
    return Character.toLowerCase(c);
  }

  /// Each character on its own in lower case, so that the length never changes.
  public static String lower(String text) {
    char[] chars = text.toCharArray();
    for (int i = 0; i < chars.length; i++) {
      chars[i] = Character.toLowerCase(chars[i]);
    }
    return new String(chars);
  }

  public static List<String> of(String text) {
    List<String> words = new ArrayList<>();
    int start = -1;
    for (int i = 0; i <= text.length(); i++) {
      boolean inWord = i < text.length() && isWordChar(text.charAt(i));
      if (inWord && start < 0) {
        start = i;
      } else if (start >= 0 && (!inWord || i - start == MAX_CHARS)) {
        words.add(lower(text.substring(start, i)));
        start = inWord ? i : -1;
      }
    }
    return words;
  }
}
