package lastwords.store.embedded;

import java.io.FileOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import lastwords.kernel.Datagram;
import lastwords.store.DatagramBatch;
import lastwords.store.Log;
import lastwords.store.embedded.ChronicleLog.Options;
import lastwords.store.embedded.ChronicleLog.Roll;

/// A process of its own that fills the small disk its log is on, and says what it sees.
final class FullDisk {
  private static long nowMillis = 1_795_248_000_000L;

  private FullDisk() {}

  public static void main(String... arguments) throws IOException {
    Path folder = Path.of(arguments[0]);
    Path other = Files.write(folder.resolve("other"), new byte[1 << 20]);
    try (Log log =
        ChronicleLog.open(folder.resolve("log"), new Options(Roll.HOURLY, () -> nowMillis, 0))) {
      fill(log);
      nowMillis += 3_600_000; // a new file can't be begun either
      fill(log);
      System.out.println(holdsAll(log) ? "all there" : "datagrams are missing");

      System.out.println("room for another: " + hasRoom(log));
      Files.delete(other);
      System.out.println("room for another: " + hasRoom(log));
      long end = log.end();
      fill(log);
      System.out.println(
          log.end() > end && holdsAll(log) ? "appending goes on" : "appending is broken");
    }
  }

  /// Takes all that is left of the disk.
  static void fill(Path other) throws IOException {
    try (FileOutputStream file = new FileOutputStream(other.toFile())) {
      while (true) {
        file.write(new byte[4096]);
      }
    } catch (IOException full) {
      System.out.println("another program: " + full.getMessage());
    }
  }

  private static void fill(Log log) {
    DatagramBatch batch = new DatagramBatch();
    long before = 0;
    try {
      while (true) {
        while (batch.count() < 60) {
          batch.add(1, InetAddress.getLoopbackAddress(), 1, 2, new byte[180]);
        }
        before = log.end();
        log.append(batch);
      }
    } catch (UncheckedIOException e) {
      System.out.println("refused: " + e.getMessage());
      if (log.end() != before || batch.count() != 60) {
        System.out.println("a part was written");
      }
    }
  }

  private static boolean hasRoom(Log log) {
    try {
      log.append(new DatagramBatch());
      return !log.isFull();
    } catch (UncheckedIOException e) {
      return false;
    }
  }

  /// Whether every datagram ever appended is there once, and there is one.
  static boolean holdsAll(Log log) {
    long expected = 0;
    try (Log.Cursor cursor = log.read(0)) {
      for (Datagram next = cursor.next(); next != null; next = cursor.next()) {
        if (next.offset() != expected++) {
          return false;
        }
      }
    }
    return expected == log.end() && expected > 0;
  }
}
