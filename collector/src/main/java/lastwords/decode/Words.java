package lastwords.decode;

import java.util.concurrent.atomic.AtomicReferenceArray;

/// Short texts that come again and again, such as releases, callers and userdata, each kept once.
///
/// A text that isn't there takes the place of another; so whatever comes, there are never more than
/// [#ROOM]. Safe for any number of threads.
final class Words {
  private static final int ROOM = 1 << 12;

  /// Longer texts are not kept.
  private static final int MAX_BYTES = 64;

  /// Characters of the longest word: a value of userdata has 200 bytes at most, netconsole's
  /// `MAX_EXTRADATA_VALUE_LEN`. Not reached by [#MAX_BYTES], whatever they are.
  static final int MAX_CHARS = 256;

  private static final AtomicReferenceArray<String> KEPT = new AtomicReferenceArray<>(ROOM);

  private Words() {}

  /// The bytes as [Text#of] reads them, cut at [#MAX_CHARS].
  static String of(byte[] bytes, int start, int end) {
    if (end - start > MAX_BYTES) {
      return Text.of(bytes, start, end, MAX_CHARS);
    }
    int hash = 0;
    for (int i = start; i < end; i++) {
      hash = 31 * hash + bytes[i];
    }
    int slot = (hash ^ hash >>> 16) & (ROOM - 1);
    String kept = KEPT.getPlain(slot);
    if (kept != null && isPlainly(kept, bytes, start, end)) {
      return kept;
    }
    String word = Text.of(bytes, start, end, MAX_CHARS);
    KEPT.setPlain(slot, word);
    return word;
  }

  /// Whether each byte is the character at its place, as in a text without escapes.
  private static boolean isPlainly(String word, byte[] bytes, int start, int end) {
    if (word.length() != end - start) {
      return false;
    }
    for (int i = start; i < end; i++) {
      if (word.charAt(i - start) != bytes[i]) {
        return false;
      }
    }
    return true;
  }
}
