package lastwords.query;

import java.util.Collection;
import java.util.Map;
import lastwords.kernel.Crash;
import lastwords.kernel.Delivery;
import lastwords.kernel.KernelMessage;
import org.jspecify.annotations.Nullable;

/// About how many bytes of memory an item takes, by what the network can make large in it.
public final class Sizes {
  /// Its object and the fields that are small.
  private static final long OBJECT = 500;

  private static final long FRAME = 300;
  private static final long STRING = 56;

  private Sizes() {}

  /// Of a message.
  public static long of(KernelMessage message) {
    return OBJECT + of(message.text()) + of(message.dictionary()) + of(message.userdata());
  }

  /// Of a crash with all its lines.
  public static long of(Crash crash) {
    return 4 * OBJECT
        + of(crash.title())
        + of(crash.altTitles())
        + of(crash.modules())
        + of(crash.attrs())
        + of(crash.report())
        + of(crash.lastWords())
        + FRAME * crash.frames().size();
  }

  /// Of a delivery with its body.
  public static long of(Delivery delivery) {
    return OBJECT + of(delivery.payload()) + of(delivery.error());
  }

  private static long of(@Nullable String text) {
    return text == null ? 0 : STRING + text.length();
  }

  private static long of(Collection<String> texts) {
    long sum = 0;
    for (String text : texts) {
      sum += of(text);
    }
    return sum;
  }

  private static long of(Map<String, String> texts) {
    return of(texts.keySet()) + of(texts.values());
  }
}
