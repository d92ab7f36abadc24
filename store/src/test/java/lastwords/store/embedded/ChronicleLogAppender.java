package lastwords.store.embedded;

import java.io.PrintStream;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import lastwords.store.DatagramBatch;
import lastwords.store.Log;
import lastwords.store.embedded.ChronicleLog.Options;

/// A process of its own that appends datagrams naming their offsets and, after each append, prints
/// the end of the log. Never ends by itself.
final class ChronicleLogAppender {
  private ChronicleLogAppender() {}

  public static void main(String... arguments) {
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    InetAddress source = InetAddress.getLoopbackAddress();
    DatagramBatch batch = new DatagramBatch();
    try (Log log = ChronicleLog.open(Path.of(arguments[0]), Options.DEFAULT)) {
      while (true) {
        long end = log.end();
        for (long offset = end; offset <= end + end % 100; offset++) {
          String payload = offset + ";" + "x".repeat((int) (offset % 150));
          batch.add(offset, source, 1, 2, payload.getBytes(StandardCharsets.UTF_8));
        }
        log.append(batch);
        out.println(log.end());
      }
    }
  }
}
