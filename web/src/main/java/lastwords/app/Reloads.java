package lastwords.app;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Takes a configuration file anew when its content changes, while the server runs.
///
/// The content decides, not the time of change or the folder's events, so that a file that was
/// replaced by a rename or behind a symbolic link (as Kubernetes does) is noticed too. A version
/// that is wrong is rejected and logged once; what was taken before stays. [#look] belongs to one
/// thread at a time; the numbers may be read by any.
final class Reloads {
  private static final Logger LOG = LoggerFactory.getLogger(Reloads.class);

  private final Path file;
  private final Consumer<Path> take;
  private final LongAdder failures = new LongAdder();
  private byte[] seen;
  private volatile long takenMicros;
  private volatile @Nullable String problem;

  /// @param take takes the file's content, or throws with what is wrong with it
  Reloads(Path file, Consumer<Path> take, long nowMicros) {
    this.file = file;
    this.take = take;
    this.takenMicros = nowMicros;
    this.seen = new byte[0];
    try {
      seen = Files.readAllBytes(file);
    } catch (IOException e) {
      LOG.debug("{} is read at the next look: {}", file, e.toString());
    }
  }

  /// Takes the file when it has changed since the last look.
  synchronized void look(long nowMicros) {
    try {
      byte[] now = Files.readAllBytes(file);
      if (Arrays.equals(now, seen)) {
        return;
      }
      seen = now;
      take.accept(file);
      takenMicros = nowMicros;
      problem = null;
      LOG.info("{} changed and was reloaded", file);
    } catch (IOException e) {
      rejected(file + " can't be read: " + e);
    } catch (RuntimeException e) {
      rejected(String.valueOf(e.getMessage()));
    }
  }

  private void rejected(String why) {
    if (!why.equals(problem)) {
      failures.increment();
      LOG.error("rejected a change: {}; the version before it stays in use", why);
    }
    problem = why;
  }

  /// Versions that were rejected.
  long failures() {
    return failures.sum();
  }

  /// When the version in use was taken, microseconds since 1970.
  long takenMicros() {
    return takenMicros;
  }

  /// What is wrong with the file as it is now, null while that is in use.
  @Nullable String problem() {
    return problem;
  }
}
