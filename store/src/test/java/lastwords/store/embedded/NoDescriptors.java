package lastwords.store.embedded;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import lastwords.store.DatagramBatch;
import lastwords.store.Log;
import lastwords.store.embedded.ChronicleLog.Options;
import lastwords.store.embedded.ChronicleLog.Roll;

/// A process of its own that has no file descriptor left while its log rolls, and says what it
/// sees.
final class NoDescriptors {
  private static final long HOUR_MILLIS = 3_600_000;
  private static final int FILES = 4;
  private static long nowMillis = 1_795_248_000_000L;

  private NoDescriptors() {}

  public static void main(String... arguments) throws Exception {
    Path folder = Path.of(arguments[0]);
    Path other = Files.createFile(folder.resolve("other"));
    try (Log log =
        ChronicleLog.open(folder.resolve("log"), new Options(Roll.HOURLY, () -> nowMillis, 0))) {
      for (int i = 0; i < FILES; i++) {
        append(log);
        nowMillis += HOUR_MILLIS;
      }
      Thread.sleep(1_100); // then the log knows its files without another look
      read(log);
      Deque<RandomAccessFile> taken = all(other);
      read(log);
      // The fewer are taken, the further an attempt comes.
      for (int left = 0; left < FILES; left++) {
        append(log);
        retain(log);
        nowMillis += HOUR_MILLIS;
        taken.pop().close();
      }
      while (!taken.isEmpty()) {
        taken.pop().close();
      }
      append(log);
      System.out.println(
          FullDisk.holdsAll(log) && log.end() > FILES
              ? "all there"
              : "datagrams are missing or doubled");
    }
  }

  private static Deque<RandomAccessFile> all(Path other) {
    Deque<RandomAccessFile> taken = new ArrayDeque<>();
    try {
      while (true) {
        taken.push(new RandomAccessFile(other.toFile(), "r"));
      }
    } catch (IOException e) {
      System.out.println("taken: " + e.getMessage());
      return taken;
    }
  }

  private static void append(Log log) {
    DatagramBatch batch = new DatagramBatch();
    batch.add(nowMillis * 1_000, InetAddress.getLoopbackAddress(), 1, 2, new byte[180]);
    try {
      log.append(batch);
      System.out.println("appended, now " + log.end());
    } catch (UncheckedIOException e) {
      System.out.println("refused: " + e.getMessage());
    }
  }

  private static void read(Log log) {
    try (Log.Cursor cursor = log.read(0)) {
      System.out.println(cursor.next() == null ? "nothing is there" : "read");
    } catch (UncheckedIOException e) {
      System.out.println("not read: " + e.getMessage());
    }
  }

  private static void retain(Log log) {
    try {
      log.retain(Duration.ofDays(1), Long.MAX_VALUE, nowMillis * 1_000);
    } catch (UncheckedIOException e) {
      System.out.println("not deleted: " + e.getMessage());
    }
  }
}
