package lastwords.app;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Finds parts of a server that hang: whose number, which grows as long as their thread works, has
/// not changed for [#PATIENCE]. Each is logged once with its thread's stack.
///
/// [#look] belongs to one thread; [#problems] may be read by any.
final class Progress {
  private static final Logger LOG = LoggerFactory.getLogger(Progress.class);

  /// More than a slow disk takes for one commit.
  static final Duration PATIENCE = Duration.ofSeconds(60);

  private final Map<String, LongSupplier> parts;
  private final Map<String, Seen> seen = new HashMap<>();
  private volatile List<String> problems = List.of();

  private record Seen(long number, long atNanos, boolean logged) {}

  /// @param parts by the names of their threads; see [Server#moves]
  Progress(Map<String, LongSupplier> parts) {
    this.parts = parts;
  }

  void look(long nowNanos) {
    List<String> found = new ArrayList<>();
    parts.forEach(
        (name, number) -> {
          long now = number.getAsLong();
          Seen before = seen.get(name);
          if (before == null || before.number != now) {
            if (before != null && before.logged) {
              LOG.warn("{} recovered: it makes progress again", name);
            }
            seen.put(name, new Seen(now, nowNanos, false));
          } else if (nowNanos - before.atNanos > PATIENCE.toNanos()) {
            Duration since = Duration.ofNanos(nowNanos - before.atNanos);
            found.add(
                "%s has made no progress for %d s; the log has its stack; restart if it stays"
                    .formatted(name, since.toSeconds()));
            if (!before.logged) {
              LOG.error(
                  "{} has made no progress for {} s: {}", name, since.toSeconds(), stack(name));
              seen.put(name, new Seen(now, before.atNanos, true));
            }
          }
        });
    problems = List.copyOf(found);
  }

  /// A sentence for each part that hangs, as of the last look.
  List<String> problems() {
    return problems;
  }

  /// The stack of the thread of that name.
  static String stack(String name) {
    return Thread.getAllStackTraces().entrySet().stream()
        .filter(thread -> thread.getKey().getName().equals(name))
        .flatMap(thread -> Stream.of(thread.getValue()))
        .map(frame -> "\n    at " + frame)
        .collect(Collectors.joining("", name, ""));
  }
}
