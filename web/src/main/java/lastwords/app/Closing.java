package lastwords.app;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Closes parts of a server within a limited time, whether one hangs or not.
final class Closing {
  private static final Logger LOG = LoggerFactory.getLogger(Closing.class);

  private final long startNanos = System.nanoTime();
  private boolean hung;

  /// Closes all of them at once, each on a thread of its own, and waits until all are closed or so
  /// much time has passed since this was made. One that isn't closed by then is left to its thread.
  void close(List<? extends AutoCloseable> parts, Duration until) {
    Map<AutoCloseable, Thread> threads = new LinkedHashMap<>();
    for (AutoCloseable part : parts) {
      threads.put(
          part, Thread.ofPlatform().daemon().name("close " + name(part)).start(() -> close(part)));
    }
    List<String> open = new ArrayList<>();
    threads.forEach(
        (part, thread) -> {
          long left = until.toNanos() - (System.nanoTime() - startNanos);
          if (!join(thread, Duration.ofNanos(Math.max(1, left)))) {
            open.add(name(part));
          }
        });
    if (!open.isEmpty()) {
      hung = true;
      LOG.error("not closed in time, left as is: {}", String.join(", ", open));
    }
  }

  /// Whether something wasn't closed in time, and may still use what it was given.
  boolean hung() {
    return hung;
  }

  /// Whether a thread ended in time.
  static boolean join(Thread thread, Duration most) {
    try {
      return thread.join(most);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private static String name(AutoCloseable part) {
    return part instanceof Part<?> named ? named.toString() : part.getClass().getSimpleName();
  }

  /// Closes a part; a failure is logged.
  static void close(AutoCloseable part) {
    try {
      part.close();
    } catch (Exception | Error e) {
      LOG.error("{} didn't close", name(part), e);
    }
  }
}
