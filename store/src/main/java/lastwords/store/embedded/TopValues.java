package lastwords.store.embedded;

import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The most frequent of any number of values, within bounded memory.
///
/// When the values kept need more than [#MAX_BYTES], the rarer half of them is forgotten. A
/// forgotten value that comes again starts at zero, so that its count is then too low.
final class TopValues {
  /// Estimated heap bytes of the values kept: about 100,000 short ones. Hosts choose values, so
  /// there may be millions, of up to [LuceneField#MAX_KEYWORD_CHARS] each.
  static final long MAX_BYTES = 16 << 20;

  /// An entry of a hash map, its key and its count, without the text.
  private static final long BYTES_PER_VALUE = 128;

  private static final Comparator<Map.Entry<String, Long>> MOST_FREQUENT_FIRST =
      Map.Entry.<String, Long>comparingByValue(Comparator.reverseOrder())
          .thenComparing(Map.Entry.comparingByKey());

  private final Map<String, Long> counts = new HashMap<>();
  private long bytes;
  private boolean forgot;

  void add(String value, long count) {
    if (counts.merge(value, count, Long::sum) == count) {
      bytes += bytes(value);
      if (bytes > MAX_BYTES) {
        forgetRare();
      }
    }
  }

  private static long bytes(String value) {
    return BYTES_PER_VALUE + 2L * value.length();
  }

  private void forgetRare() {
    forgot = true;
    long[] ascending = counts.values().stream().mapToLong(Long::longValue).sorted().toArray();
    int at = ascending.length / 2;
    while (bytesAbove(ascending[at]) > MAX_BYTES / 2) {
      at = (at + ascending.length) / 2;
    }
    long rarest = ascending[at];
    bytes = bytesAbove(rarest);
    counts
        .entrySet()
        .removeIf(
            entry -> {
              boolean room =
                  entry.getValue() == rarest && bytes + bytes(entry.getKey()) <= MAX_BYTES / 2;
              if (room) {
                bytes += bytes(entry.getKey());
              }
              return entry.getValue() <= rarest && !room;
            });
  }

  private long bytesAbove(long count) {
    long above = 0;
    for (Map.Entry<String, Long> entry : counts.entrySet()) {
      above += entry.getValue() > count ? bytes(entry.getKey()) : 0;
    }
    return above;
  }

  private List<Map.Entry<String, Long>> sorted() {
    return counts.entrySet().stream()
        .map(entry -> Map.entry(entry.getKey(), entry.getValue()))
        .sorted(MOST_FREQUENT_FIRST)
        .toList();
  }

  /// Estimated heap bytes of what is kept.
  long bytes() {
    return bytes;
  }

  /// Whether a value was forgotten.
  boolean forgot() {
    return forgot;
  }

  /// At most so many values, the most frequent first.
  Map<String, Long> first(int limit) {
    Map<String, Long> first = new LinkedHashMap<>();
    sorted().stream().limit(limit).forEach(entry -> first.put(entry.getKey(), entry.getValue()));
    return first;
  }
}
