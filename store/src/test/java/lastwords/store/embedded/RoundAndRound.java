package lastwords.store.embedded;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import lastwords.kernel.Datagram;
import lastwords.store.DatagramBatch;
import lastwords.store.FreeSpace;
import lastwords.store.Log;
import lastwords.store.embedded.ChronicleLog.Options;

/// A process of its own whose log goes on although its disk has not a byte left, and says what it
/// sees.
final class RoundAndRound {
  private static final int PAYLOAD_BYTES = 1_000;
  private static final int AT_ONCE = 2_000;
  private static final int TIMES = 30;

  private final DatagramBatch batch = new DatagramBatch();
  private long number;

  private RoundAndRound() {}

  public static void main(String... arguments) throws IOException {
    new RoundAndRound().run(Path.of(arguments[0]));
  }

  private void run(Path disk) throws IOException {
    Path folder = disk.resolve("log");
    try (Log log = open(folder);
        Log.Cursor analysis = log.read(0);
        Log.Cursor indexing = log.read(0)) {
      log.makeRoom(0, 0);
      append(log);
      read(indexing, 100);
      FullDisk.fill(disk.resolve("other"));
      for (int i = 0; i < TIMES; i++) {
        append(log);
        read(analysis, log.end());
        log.makeRoom(Long.MAX_VALUE, analysis.offset());
      }
      System.out.println("left of the disk: " + new FreeSpace(disk).bytes());
      System.out.println(
          "analysis missed " + analysis.missed() + ", damaged " + analysis.damaged());
      long got = 100 + read(indexing, log.end());
      boolean counted = got + indexing.missed() == log.end() && indexing.damaged() == 0;
      System.out.println(counted ? "what indexing missed is counted" : "the sums are wrong");

      // Nobody reads it, so nothing can go.
      try {
        while (true) {
          append(log);
          log.makeRoom(Long.MAX_VALUE, analysis.offset());
        }
      } catch (UncheckedIOException e) {
        System.out.println("refused: " + e.getMessage() + (log.isFull() ? " (full)" : ""));
      }
    }
    number -= batch.count();
    batch.clear();
    try (Log log = open(folder);
        Log.Cursor cursor = log.read(0)) {
      read(cursor, log.end());
      System.out.println(log.end() == number ? "all there" : "datagrams are missing");
      log.makeRoom(Long.MAX_VALUE, log.end());
      append(log);
      System.out.println("appending goes on");
      Files.delete(disk.resolve("other"));
      log.makeRoom(0, 0);
      append(log);
      append(log);
      read(cursor, log.end());
      System.out.println(log.end() == number ? "all is well" : "datagrams are missing");
    }
  }

  private static Log open(Path folder) {
    return ChronicleLog.open(folder, Options.DEFAULT.withDisk(1 << 20, Long.MAX_VALUE));
  }

  private void append(Log log) {
    for (int i = 0; i < AT_ONCE; i++) {
      byte[] payload = Arrays.copyOf((number + ";").getBytes(US_ASCII), PAYLOAD_BYTES);
      batch.add(1, InetAddress.getLoopbackAddress(), 1, 2, payload);
      number++;
      if (batch.isFull() || i == AT_ONCE - 1) {
        log.append(batch);
      }
    }
  }

  private static long read(Log.Cursor cursor, long to) {
    long read = 0;
    while (cursor.offset() < to) {
      Datagram next = cursor.next();
      if (next == null || !new String(next.payload(), US_ASCII).startsWith(next.offset() + ";")) {
        throw new AssertionError("at " + cursor.offset() + " before " + to + ": " + next);
      }
      read++;
    }
    return read;
  }
}
