package lastwords.bench;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import lastwords.kernel.KernelMessage;

/// Texts of consoles to look for crashes in.
final class Consoles {
  /// Names a folder whose logs, all below it that end in `.log`, are taken for crashing consoles.
  static final String FOLDER = "lastwords.corpus";

  private static final long SECOND = 1_000_000;

  private Consoles() {}

  /// A console that boots without trouble, said again and again until it is at least so long; its
  /// clock goes on.
  static byte[] healthy(int bytes) {
    List<KernelMessage> boot = new ArrayList<>();
    for (String name : Recording.ALL) {
      boot.addAll(Recording.load(name).healthyMessages());
    }
    ByteArrayOutputStream text = new ByteArrayOutputStream(bytes + (1 << 20));
    long shift = 0;
    while (text.size() < bytes) {
      long latest = 0;
      for (KernelMessage message : boot) {
        latest = Math.max(latest, message.uptimeMicros());
        text.writeBytes(line(message, shift).getBytes(StandardCharsets.UTF_8));
      }
      shift += latest + SECOND;
    }
    return text.toByteArray();
  }

  /// A console line as printk writes it with times.
  private static String line(KernelMessage message, long shift) {
    long micros = message.uptimeMicros() + shift;
    String stamp = "[%5d.%06d] ".formatted(micros / SECOND, micros % SECOND);
    return stamp + message.text().replace("\n", "\n" + stamp) + "\n";
  }

  /// The logs below the folder that `-Dlastwords.corpus` names; without one the crashes that
  /// detection is tested with.
  static List<byte[]> crashing() {
    String named = System.getProperty(FOLDER);
    Path folder = Path.of(named == null ? "collector/src/test/resources/crashes" : named);
    try (Stream<Path> all = Files.walk(folder)) {
      List<byte[]> logs = new ArrayList<>();
      for (Path log : all.filter(Consoles::isLog).sorted().toList()) {
        logs.add(Files.readAllBytes(log));
      }
      return logs;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean isLog(Path path) {
    return path.toString().endsWith(".log") || path.toString().endsWith(".txt");
  }
}
