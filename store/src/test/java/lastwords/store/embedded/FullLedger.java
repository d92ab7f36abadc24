package lastwords.store.embedded;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import lastwords.json.Json;
import lastwords.kernel.Crash;
import lastwords.store.Crashes;
import lastwords.store.Ledger;

/// A process of its own whose ledger is on a disk that others fill, and says what it sees.
final class FullLedger {
  private static final int ATTEMPTS = 20;

  private FullLedger() {}

  public static void main(String... arguments) throws IOException {
    Path disk = Path.of(arguments[0]);
    Path other = disk.resolve("other");
    Path file = disk.resolve("ledger.db");
    long crashes = 0;
    try (Ledger ledger = SqliteLedger.open(file)) {
      ledger.put(List.of(at(crashes++)));
      FullDisk.fill(other);
      crashes = putUntilFull(ledger, crashes);
      System.out.println(crashes > 100 ? "kept more than a hundred" : "kept " + crashes);
      for (int i = 0; i < ATTEMPTS; i++) {
        putUntilFull(ledger, crashes);
      }
      Files.delete(other);
      ledger.put(List.of(at(crashes++)));
      System.out.println("goes on");
    }
    FullDisk.fill(other);
    try (Ledger ledger = SqliteLedger.open(file)) {
      ledger.put(List.of(at(crashes++)));
      System.out.println("begins again");
      System.out.println(ledger.lastChange() == crashes ? "all there" : "crashes are missing");
    }
  }

  /// Each of another network and of 6 kB that can't be compressed: no sender may fill a ledger
  /// alone.
  private static Crash at(long crash) {
    byte[] random = new byte[4_500];
    new Random(crash).nextBytes(random);
    String json =
        Json.write(Crashes.from("10.%d.%d.1".formatted(crash >> 8, crash & 255), Crashes.at(crash)))
            .replace("eth0: link up", Base64.getEncoder().encodeToString(random));
    return Json.read(json, Crash.class);
  }

  private static long putUntilFull(Ledger ledger, long from) {
    long crash = from;
    try {
      while (true) {
        ledger.put(List.of(at(crash)));
        crash++;
      }
    } catch (UncheckedIOException e) {
      System.out.println(
          String.valueOf(e.getMessage()).contains("SQLITE_FULL") ? "refused" : e.getMessage());
    }
    return crash;
  }
}
