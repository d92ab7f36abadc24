package lastwords.app;

import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Predicate;
import java.util.stream.Stream;
import lastwords.api.Status;
import lastwords.json.Json;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The configuration of a running server: what it was started with, and what of it is in use since
/// its files were read again.
///
/// [#reload] reads and checks it whole. If anything is wrong, all of it is rejected with one line
/// in the log, and what was in use stays in use. If nothing is, the keys that [ConfigKey#isLive]
/// take effect at once, and the others that differ from the start are named. [#look] does the same
/// when a file has changed: the configuration's own, and those that it names.
///
/// Safe for any number of threads; one reads at a time.
final class Configuration {
  private static final Logger LOG = LoggerFactory.getLogger(Configuration.class);

  private final @Nullable Path file;
  private final Map<ConfigKey, List<String>> options;
  private final InstantSource clock;
  private final Config started;
  private final LongAdder reloads = new LongAdder();
  private final LongAdder failures = new LongAdder();

  /// Of the last reading, also of one that was rejected.
  private Map<Path, String> read;

  /// At the last look.
  private Map<Path, String> seen;

  private Config latest;
  private Runnable listener = () -> {};
  private volatile Config.Live live;
  private volatile long loadedAtMicros;
  private volatile @Nullable String problem;
  private volatile List<String> afterRestart = List.of();

  private Configuration(
      @Nullable Path file, Map<ConfigKey, List<String>> options, InstantSource clock) {
    this.file = file;
    this.options = Map.copyOf(options);
    this.clock = clock;
    ConfigFiles files = ConfigFiles.first();
    started = ConfigReader.read(file, options, files);
    latest = started;
    live = started.live();
    loadedAtMicros = Json.micros(clock.instant());
    read = files.read();
    seen = read;
  }

  /// Reads what a server is to be started with.
  ///
  /// @param options by key, each with its values as they were given; they win over the file
  /// @param clock when each reading was, to be shown
  /// @throws Failure which names all that is wrong
  static Configuration read(
      @Nullable Path file, Map<ConfigKey, List<String>> options, InstantSource clock) {
    return new Configuration(file, options, clock);
  }

  /// What the server was started with; of its values that are live, [#live] has those in use.
  Config started() {
    return started;
  }

  /// The values in use of the keys that can change while the server runs.
  Config.Live live() {
    return live;
  }

  /// From now on runs that after each change of [#live], before the next one.
  synchronized void onChange(Runnable action) {
    listener = action;
  }

  /// Reads it again when the content of a file differs from what was read, and is the same as at
  /// the look before: what is being written, or was moved away to be replaced, is left alone.
  synchronized void look() {
    Map<Path, String> now = ConfigFiles.now(read.keySet());
    boolean settled = now.equals(seen);
    seen = now;
    if (settled && !now.equals(read)) {
      reload();
    }
  }

  /// Reads it again.
  synchronized void reload() {
    ConfigFiles files = ConfigFiles.again();
    try {
      Config now = ConfigReader.read(file, options, files);
      String open = now.live().problemAt(started.http());
      if (open != null) {
        throw new Failure(open + "; another http takes effect after a restart");
      }
      take(now);
    } catch (RuntimeException e) {
      rejected(String.valueOf(e.getMessage()).replace("\n", "; "));
    } finally {
      read = files.read();
      seen = read;
    }
  }

  private void take(Config now) {
    List<String> changed = keys(key -> key.isLive() && !key.isSame(now, latest));
    afterRestart = keys(key -> !key.isLive() && !key.isSame(now, started));
    latest = now;
    live = now.live();
    loadedAtMicros = Json.micros(clock.instant());
    problem = null;
    reloads.increment();
    listener.run();
    LOG.info(
        "configuration reloaded, {}",
        changed.isEmpty() ? "nothing changed" : "changed: " + String.join(", ", changed));
    if (!afterRestart.isEmpty()) {
      LOG.warn("{} changed: takes effect after a restart", String.join(", ", afterRestart));
    }
  }

  private static List<String> keys(Predicate<ConfigKey> which) {
    return Stream.of(ConfigKey.values()).filter(which).map(ConfigKey::text).toList();
  }

  private void rejected(String why) {
    problem = why;
    failures.increment();
    LOG.error(
        "changed configuration rejected, the one before it stays in use: {}{}",
        file == null || why.contains(file.toString()) ? "" : file + ": ",
        why);
  }

  /// What became of changes.
  Status.Configuration status() {
    return new Status.Configuration(
        loadedAtMicros, reloads.sum(), failures.sum(), problem, afterRestart);
  }
}
