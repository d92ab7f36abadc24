package lastwords.decode;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Upper bounds of what values occupy in the heap of a 64-bit JVM, with or without compressed
/// pointers.
///
/// Text is counted with two bytes a character, as it has where one character is none of Latin-1.
public final class Heap {
  /// A [String] and the header of its array.
  private static final long STRING_BYTES = 56;

  /// A [java.util.LinkedHashMap] with its first table.
  private static final long MAP_BYTES = 256;

  /// An entry of a [java.util.LinkedHashMap] and its share of a table that is half empty.
  private static final long MAP_ENTRY_BYTES = 80;

  /// An element of an [java.util.ArrayList] that is half empty.
  private static final long ELEMENT_BYTES = 16;

  private Heap() {}

  /// Bytes of a text, 0 for none.
  public static long of(@Nullable String text) {
    return text == null ? 0 : STRING_BYTES + 2L * text.length();
  }

  /// Bytes of a list of texts, 0 for none.
  public static long of(@Nullable List<String> texts) {
    long bytes = 0;
    if (texts != null) {
      for (String text : texts) {
        bytes += ELEMENT_BYTES + of(text);
      }
    }
    return bytes;
  }

  /// Bytes of a map of texts, 0 for an empty one.
  public static long of(Map<String, String> texts) {
    if (texts.isEmpty()) {
      return 0;
    }
    long bytes = MAP_BYTES;
    for (Map.Entry<String, String> text : texts.entrySet()) {
      bytes += MAP_ENTRY_BYTES + of(text.getKey()) + of(text.getValue());
    }
    return bytes;
  }
}
