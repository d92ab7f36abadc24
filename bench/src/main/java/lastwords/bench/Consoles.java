package lastwords.bench;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// Texts of consoles to look for crashes in.
final class Consoles {
  /// Names a folder whose logs, all below it that end in `.log` or `.txt`, are taken for crashing
  /// consoles.
  static final String FOLDER = "lastwords.corpus";

  /// Beside the repository, where there is one: our team's recordings.
  private static final String RECORDED = "../shared/corpus/fleet";

  private static final String TESTED = "collector/src/test/resources/crashes";

  private Consoles() {}

  /// The beginning of a [LongConsole] without trouble.
  static byte[] healthy(int bytes) {
    ByteArrayOutputStream text = new ByteArrayOutputStream(bytes + (1 << 20));
    try {
      new LongConsole(text).healthy(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return text.toByteArray();
  }

  /// What kernels of the demo said on their way down, the crashes that detection is tested with,
  /// and the logs below the folder that `-Dlastwords.corpus` names; where none is named, our
  /// recordings if they are there.
  static List<byte[]> crashing() {
    List<byte[]> logs = new ArrayList<>();
    for (String name : Recording.ALL) {
      logs.add(LongConsole.text(Recording.load(name).messages()));
    }
    addAll(logs, Path.of(TESTED));
    addAll(logs, Path.of(System.getProperty(FOLDER, RECORDED)));
    return logs;
  }

  private static void addAll(List<byte[]> logs, Path folder) {
    if (!Files.isDirectory(folder)) {
      System.err.println(folder.toAbsolutePath() + " is not there: measured without its logs");
      return;
    }
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path log : all.filter(Consoles::isLog).sorted().toList()) {
        logs.add(Files.readAllBytes(log));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean isLog(Path path) {
    return path.toString().endsWith(".log") || path.toString().endsWith(".txt");
  }
}
