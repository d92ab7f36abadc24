package lastwords.detect;

import java.io.IOException;
import java.io.InputStream;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import lastwords.kernel.Crash;
import lastwords.kernel.Position;

/// Finds the crashes in a log file with the engine that reads a host's stream.
public final class Analyzer {
  private Analyzer() {}

  /// The crashes of a log as [LogText] reads it, in the order of their headlines. Each has its
  /// headline's line, and nothing that only a collector knows.
  ///
  /// @throws IOException when the log can't be read
  public static List<Crash> analyze(InputStream log) throws IOException {
    Map<String, Crash> found = new LinkedHashMap<>();
    Detector detector =
        new Detector(crash -> found.put(String.valueOf(crash.id()), crash), new Counters());
    LogText.read(log, detector::accept);
    detector.end();
    return found.values().stream()
        .map(Analyzer::ofFile)
        .sorted(Comparator.comparing(Crash::line, Comparator.nullsLast(Comparator.naturalOrder())))
        .toList();
  }

  private static Crash ofFile(Crash c) {
    Integer line = c.position() == null ? null : (int) Position.offset(c.position()) + 1;
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
        c.uptimeMicros(),
        c.sequence(),
        c.report(),
        c.lastWords(),
        line,
        c.type(),
        c.guiltyFile(),
        c.explanation());
  }
}
