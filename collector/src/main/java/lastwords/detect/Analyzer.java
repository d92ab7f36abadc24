package lastwords.detect;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import lastwords.kernel.Crash;
import lastwords.kernel.Position;

/// Finds the crashes in a log file with the engine that reads a host's stream.
///
/// Nothing of the file is held but its last lines, the reports being collected, and the crashes
/// that a later line may still change.
public final class Analyzer {
  /// Crashes that wait for one before them that may still change; where there are more, they don't
  /// wait.
  private static final int MAX_WAITING = 256;

  private final Consumer<Crash> to;
  private final Detector detector = new Detector(this::found, new Counters());

  /// By their headlines' positions, as they were last told.
  private final TreeMap<Long, Crash> waiting = new TreeMap<>();

  private Analyzer(Consumer<Crash> to) {
    this.to = to;
  }

  /// All crashes of a log, as [#analyze(InputStream, Consumer)] hands them over.
  ///
  /// @throws IOException when the log can't be read
  public static List<Crash> analyze(InputStream log) throws IOException {
    List<Crash> all = new ArrayList<>();
    analyze(log, all::add);
    all.sort(Comparator.comparing(Crash::line, Comparator.nullsLast(Comparator.naturalOrder())));
    return all;
  }

  /// Hands over the crashes of a log, each as soon as nothing can change it any more; in the order
  /// of their headlines, unless very many wait. Each has its headline's line, and nothing that only
  /// a collector knows.
  ///
  /// @throws IOException when the log can't be read, or not to its end; what was found until there
  ///   has then been handed over
  public static void analyze(InputStream log, Consumer<Crash> to) throws IOException {
    Analyzer analyzer = new Analyzer(to);
    try {
      LogText.read(log, analyzer.detector::isAlert, analyzer.detector::accept);
    } catch (IOException e) {
      analyzer.end();
      throw e;
    }
    analyzer.end();
  }

  private void end() {
    detector.end();
    waiting.values().forEach(crash -> to.accept(ofFile(crash)));
  }

  private void found(Crash crash) {
    long told = crash.position() == null ? Long.MAX_VALUE : crash.position();
    waiting.put(told, crash);
    for (Iterator<Map.Entry<Long, Crash>> it = waiting.entrySet().iterator(); it.hasNext(); ) {
      Map.Entry<Long, Crash> next = it.next();
      if (next.getKey() != told && detector.isSettled(next.getKey())) {
        it.remove();
        to.accept(ofFile(next.getValue()));
      } else if (waiting.size() <= MAX_WAITING) {
        break;
      }
    }
  }

  /// The number of a line that is no longer told where it would overflow.
  private static @org.jspecify.annotations.Nullable Integer line(Crash crash) {
    if (crash.position() == null) {
      return null;
    }
    long line = Position.offset(crash.position()) + 1;
    return line > Integer.MAX_VALUE ? null : (int) line;
  }

  private static Crash ofFile(Crash c) {
    return new Crash(
        c.kind(),
        c.category(),
        c.title(),
        c.severity(),
        c.signature(),
        c.signatureVersion(),
        c.altTitles(),
        c.frames(),
        c.guilty(),
        c.ip(),
        c.cpu(),
        c.pid(),
        c.uid(),
        c.comm(),
        c.tainted(),
        c.kernel(),
        c.arch(),
        c.hardware(),
        c.modules(),
        c.attrs(),
        c.panicked(),
        c.corrupted(),
        c.suppressed(),
        c.complete(),
        c.linesLost(),
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        c.uptimeMicros(),
        c.sequence(),
        c.report(),
        c.lastWords(),
        line(c),
        c.type(),
        c.guiltyFile(),
        c.explanation());
  }
}
