package lastwords.store.embedded;

import java.io.PrintStream;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import lastwords.store.DatagramBatch;
import lastwords.store.Log;
import lastwords.store.embedded.ChronicleLog.Options;

/// A process of its own that appends datagrams naming their offsets and, after each append, prints
/// the end of the log; with a second argument, the size of a file, it compresses those that are
/// done. Never ends by itself.
final class ChronicleLogAppender {
  private ChronicleLogAppender() {}

  public static void main(String... arguments) {
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    System.setOut(System.err); // so that a log line never comes between the numbers
    InetAddress source = InetAddress.getLoopbackAddress();
    DatagramBatch batch = new DatagramBatch();
    boolean compresses = arguments.length > 1;
    Options options =
        compresses ? Options.DEFAULT.withDisk(0, Long.parseLong(arguments[1])) : Options.DEFAULT;
    try (Log log = ChronicleLog.open(Path.of(arguments[0]), options)) {
      if (compresses) {
        Thread.ofPlatform().daemon().start(() -> compress(log));
      }
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

  private static void compress(Log log) {
    while (true) {
      if (!log.compress()) {
        Thread.onSpinWait();
      }
    }
  }
}
