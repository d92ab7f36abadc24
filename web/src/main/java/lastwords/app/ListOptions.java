package lastwords.app;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// Which part of a list a command shows.
final class ListOptions {
  @Option(
      names = "--since",
      paramLabel = "TIME",
      description = "from then on: a time as 2026-11-21T08:00:00Z, or so long ago: 15m, 24h, 30d")
  private @Nullable String since;

  @Option(names = "--until", paramLabel = "TIME", description = "before then; as --since")
  private @Nullable String until;

  @Option(names = "--limit", paramLabel = "N", description = "the newest N at most; default 100")
  private int limit = 100;

  int limit() {
    if (limit < 1) {
      throw Failure.wrongUsage("--limit is " + limit + "; it must be at least 1");
    }
    return limit;
  }

  /// As the API wants them.
  Map<String, String> parameters(@Nullable String query) {
    Map<String, String> parameters = new LinkedHashMap<>();
    put(parameters, "query", query);
    put(parameters, "since", since);
    put(parameters, "until", until);
    return parameters;
  }

  private static void put(Map<String, String> to, String name, @Nullable String value) {
    if (value != null) {
      to.put(name, value);
    }
  }
}
