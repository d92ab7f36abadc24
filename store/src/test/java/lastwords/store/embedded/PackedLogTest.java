package lastwords.store.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Stream;
import lastwords.kernel.Datagram;
import lastwords.linux.Disk;
import lastwords.store.DatagramBatch;
import lastwords.store.Log;
import lastwords.store.embedded.ChronicleLog.Options;
import lastwords.store.embedded.ChronicleLog.Roll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A log whose older files are compressed.
final class PackedLogTest {
  private static final long HOUR_MILLIS = 3_600_000;
  private static final long START_MILLIS = 1_795_248_000_000L;

  /// As in `KillTest`: `-Dlastwords.kills=50`.
  private static final int KILLS = Integer.getInteger("lastwords.kills", 3);

  private static final InetAddress SOURCE = InetAddress.getLoopbackAddress();

  @TempDir Path folder;
  private long nowMillis = START_MILLIS;
  private long leastFree;

  private Log open() {
    return ChronicleLog.open(
        folder, new Options(Roll.HOURLY, () -> nowMillis, 0).withDisk(leastFree, Long.MAX_VALUE));
  }

  /// Documents of 1 to 9 datagrams that name their offsets.
  private void append(Log log, int documents) {
    DatagramBatch batch = new DatagramBatch();
    for (int i = 0; i < documents; i++) {
      for (long offset = log.end(), end = offset + 1 + i % 9; offset < end; offset++) {
        String payload = offset + ";" + "x".repeat((int) (offset % 150));
        batch.add(nowMillis * 1_000 + i, SOURCE, 1, 2, payload.getBytes(StandardCharsets.UTF_8));
      }
      log.append(batch);
    }
  }

  private void appendFiles(Log log, int files, int documents) {
    for (int i = 0; i < files; i++) {
      append(log, documents);
      nowMillis += HOUR_MILLIS;
    }
    append(log, 1);
  }

  private static void compress(Log log) {
    while (log.compress()) {}
  }

  /// Sees that every datagram from there on is there once, as it was written.
  private static void holdsAllFrom(Log log, long from) {
    try (Log.Cursor cursor = log.read(from)) {
      holdsAllFrom(log, cursor, from);
    }
  }

  private static void holdsAllFrom(Log log, Log.Cursor cursor, long from) {
    long expected = from;
    for (Datagram next = cursor.next(); next != null; next = cursor.next()) {
      assertThat(next.offset()).isEqualTo(expected);
      assertThat(new String(next.payload(), StandardCharsets.UTF_8)).startsWith(expected + ";");
      expected++;
    }
    assertThat(expected).isEqualTo(log.end());
    assertThat(cursor.missed()).isZero();
    assertThat(cursor.damaged()).isZero();
  }

  private List<Path> files(String suffix) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.toString().endsWith(suffix)).sorted().toList();
    }
  }

  @Test
  void whatIsCompressedIsReadAsBeforeFromAnywhere() throws IOException {
    try (Log log = open()) {
      appendFiles(log, 3, 1_000);
      long before = log.allocatedBytes();
      compress(log);

      assertThat(files(".cq4")).hasSize(1);
      assertThat(files(".packed")).hasSize(3);
      assertThat(log.allocatedBytes()).isLessThan(before / 3);
      assertThat(log.first()).isZero();
      for (long from = 0; from < log.end(); from += 97) {
        try (Log.Cursor cursor = log.read(from)) {
          assertThat(Objects.requireNonNull(cursor.next()).offset()).isEqualTo(from);
        }
      }
      holdsAllFrom(log, 0);
      holdsAllFrom(log, 4_321);
      try (Log other = ChronicleLog.openReadOnly(folder)) {
        assertThat(other.end()).isEqualTo(log.end());
        holdsAllFrom(other, 0);
      }
      append(log, 10);
      holdsAllFrom(log, 0);
    }
    try (Log log = open()) {
      append(log, 10);
      holdsAllFrom(log, 0);
      assertThat(log.compress()).isFalse();
    }
  }

  @Test
  void theCountsSayWhatItDid() {
    try (Log log = open()) {
      appendFiles(log, 2, 100);
      long before = log.allocatedBytes();
      compress(log);
      Log.Compression done = log.compression();
      assertThat(done.files()).isEqualTo(2);
      assertThat(done.failures()).isZero();
      assertThat(done.bytesBefore() - done.bytesAfter())
          .isEqualTo(before - log.allocatedBytes())
          .isPositive();
    }
  }

  @Test
  void theFileThatIsWrittenToStaysAsItIs() throws IOException {
    try (Log log = open()) {
      append(log, 100);
      assertThat(log.compress()).isFalse();
      nowMillis += HOUR_MILLIS;
      assertThat(log.compress()).isFalse();
      append(log, 1);
      assertThat(log.compress()).isTrue();
      assertThat(files(".packed")).hasSize(1);
    }
  }

  @Test
  void whoReadsWhileItIsCompressedReadsOn() {
    try (Log log = open()) {
      appendFiles(log, 3, 300);
      try (Log other = ChronicleLog.openReadOnly(folder);
          Log.Cursor own = log.read(0);
          Log.Cursor begun = log.read(0);
          Log.Cursor others = other.read(0)) {
        for (int i = 0; i < 10; i++) {
          assertThat(begun.next()).isNotNull();
        }
        compress(log);
        holdsAllFrom(log, own, 0);
        holdsAllFrom(log, begun, 10);
        holdsAllFrom(log, others, 0);
        assertThat(other.first()).isZero();
        assertThat(other.end()).isEqualTo(log.end());
      }
    }
  }

  /// Another thread and another process's view read again and again while files come and go.
  @Test
  void nothingIsMissedWhileFilesChangeTheirForm() throws Exception {
    try (Log log = open();
        Log other = ChronicleLog.openReadOnly(folder)) {
      Thread appending =
          Thread.ofPlatform()
              .start(
                  () -> {
                    for (int i = 0; i < 25; i++) {
                      append(log, 50);
                      nowMillis += HOUR_MILLIS;
                      append(log, 1);
                      compress(log);
                    }
                  });
      List<Log.Cursor> followers = List.of(log.read(0), other.read(0));
      while (appending.isAlive()) {
        for (Log from : List.of(log, other)) {
          long end = from.end();
          try (Log.Cursor cursor = from.read(end / 2)) {
            for (long expected = end / 2; expected < end; expected++) {
              assertThat(Objects.requireNonNull(cursor.next()).offset()).isEqualTo(expected);
            }
            assertThat(cursor.missed() + cursor.damaged()).isZero();
          }
        }
        for (Log.Cursor follower : followers) {
          for (int i = 0; i < 100 && follower.next() != null; i++) {}
        }
      }
      appending.join();
      for (Log.Cursor follower : followers) {
        while (follower.next() != null) {}
        assertThat(follower.offset()).isEqualTo(log.end());
        assertThat(follower.missed() + follower.damaged()).isZero();
        follower.close();
      }
      holdsAllFrom(log, 0);
      assertThat(log.compression().files()).isEqualTo(25);
    }
  }

  @Test
  void retentionKnowsCompressedFilesAndThoseThatBecomeIt() throws IOException {
    try (Log log = open()) {
      appendFiles(log, 4, 100);
      List<Path> before = files(".cq4");
      compress(log);
      long end = log.end();
      long hours = Duration.ofHours(3).toMillis();
      long deleted =
          log.retain(Duration.ofHours(1), Long.MAX_VALUE, (START_MILLIS + hours) * 1_000);
      assertThat(deleted).isPositive();
      assertThat(files(".packed")).hasSize(2);
      holdsAllFrom(log, log.first());
      assertThat(openThoughDeleted()).isEmpty();
      assertThat(log.retain(Duration.ofDays(9), 0, START_MILLIS * 1_000)).isPositive();
      assertThat(files(".packed")).isEmpty();
      assertThat(log.first()).isEqualTo(end - 1);
      assertThat(before).filteredOn(Files::exists).hasSize(1);
    }
  }

  @Test
  void theDiskGetsTheBlocksBack() throws IOException {
    try (Log log = open()) {
      append(log, 1_000);
    }
    try (Log log = open()) {
      try (Log.Cursor cursor = log.read(500)) {
        assertThat(cursor.next()).isNotNull();
      }
      nowMillis += HOUR_MILLIS;
      append(log, 1);
      assertThat(log.compress()).isTrue();
      holdsAllFrom(log, 0);
      assertThat(openThoughDeleted()).isEmpty();
    }
  }

  /// Files of the log that this process has open or mapped, and that have no name any more.
  private List<String> openThoughDeleted() throws IOException {
    List<String> found = new ArrayList<>();
    try (Stream<String> mapped = Files.lines(Path.of("/proc/self/maps"));
        Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
      mapped.forEach(found::add);
      for (Path descriptor : open.toList()) {
        if (Files.isSymbolicLink(descriptor)) {
          found.add(Files.readSymbolicLink(descriptor).toString());
        }
      }
    }
    found.removeIf(name -> !name.contains(folder + "/") || !name.endsWith("(deleted)"));
    return found;
  }

  @Test
  void aDamagedFileStaysAsItIs() throws IOException {
    try (Log log = open()) {
      appendFiles(log, 2, 300);
      flip(files(".cq4").getFirst(), 700);
      compress(log);
      assertThat(files(".cq4")).hasSize(2);
      assertThat(files(".packed")).hasSize(1);
      assertThat(log.compression().failures()).isEqualTo(1);
      try (Log.Cursor cursor = log.read(0)) {
        while (cursor.next() != null) {}
        assertThat(cursor.offset()).isEqualTo(log.end());
        assertThat(cursor.damaged()).isBetween(1L, 9L);
      }
    }
  }

  @Test
  void aCompressedFileWhoseBeginningIsDamagedIsReadFromWhatIsSound() throws IOException {
    try (Log log = open()) {
      appendFiles(log, 2, 300);
      compress(log);
    }
    for (Path packed : files(".packed")) {
      try (RandomAccessFile file = new RandomAccessFile(packed.toFile(), "rw")) {
        file.seek(2);
        file.write(new byte[] {-1, -1});
      }
    }
    try (Said said = new Said();
        Log log = open();
        Log.Cursor cursor = log.read(0)) {
      String damaged = files(".packed").getFirst().toString();
      assertThat(said.errors()).anyMatch(it -> it.contains(damaged));
      long read = 0;
      while (cursor.next() != null) {
        read++;
      }
      assertThat(cursor.offset()).isEqualTo(log.end());
      assertThat(read).isPositive();
      assertThat(read + cursor.damaged() + cursor.missed()).isEqualTo(log.end());
    }
  }

  private static void flip(Path path, long datagram) throws IOException {
    try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
      byte[] bytes = new byte[(int) Math.min(file.length(), 1 << 20)];
      file.readFully(bytes);
      int at = new String(bytes, StandardCharsets.ISO_8859_1).indexOf(datagram + ";xxx");
      file.seek(at);
      file.write(bytes[at] ^ 1);
    }
  }

  @Test
  void damageInACompressedFileCostsItsDocumentAndIsCounted() throws IOException {
    long end;
    try (Log log = open()) {
      appendFiles(log, 2, 3_000);
      compress(log);
      end = log.end();
    }
    Path packed = files(".packed").getFirst();
    try (RandomAccessFile file = new RandomAccessFile(packed.toFile(), "rw")) {
      file.seek(file.length() / 2);
      int was = file.read();
      file.seek(file.length() / 2);
      file.write(was ^ 8);
    }
    try (Log log = open();
        Log.Cursor cursor = log.read(0)) {
      long read = 0;
      while (cursor.next() != null) {
        read++;
      }
      assertThat(log.end()).isEqualTo(end);
      assertThat(cursor.offset()).isEqualTo(end);
      assertThat(cursor.damaged()).isBetween(500L, 5_000L);
      assertThat(read + cursor.damaged()).isEqualTo(end);
    }
  }

  @Test
  void aCompressedFileCutShortIsReadAsFarAsItGoes() throws IOException {
    long end;
    try (Log log = open()) {
      appendFiles(log, 2, 3_000);
      compress(log);
      end = log.end();
    }
    Path packed = files(".packed").getFirst();
    try (RandomAccessFile file = new RandomAccessFile(packed.toFile(), "rw")) {
      file.setLength(file.length() / 2);
    }
    try (Log log = open();
        Log.Cursor cursor = log.read(0);
        Log.Cursor later = log.read(end - 10)) {
      long read = 0;
      while (cursor.next() != null) {
        read++;
      }
      assertThat(cursor.offset()).isEqualTo(end);
      assertThat(read).isGreaterThan(end / 2);
      assertThat(read + cursor.damaged()).isEqualTo(end);
      assertThat(later.next()).isNotNull();
      append(log, 1);
    }
  }

  @Test
  void whatCannotBeCompressedStaysAsItIs() throws IOException {
    Random random = new Random(1);
    byte[] noise = new byte[1_000];
    try (Log log = open()) {
      DatagramBatch batch = new DatagramBatch();
      for (int i = 0; i < 3_000; i++) {
        random.nextBytes(noise);
        batch.add(nowMillis * 1_000, SOURCE, 1, 2, noise);
        log.append(batch);
      }
      nowMillis += HOUR_MILLIS;
      append(log, 1);
      compress(log);
      assertThat(files(".cq4")).hasSize(2);
      assertThat(files("packed")).isEmpty();
      assertThat(files("packing")).isEmpty();
      assertThat(log.compression().failures()).isEqualTo(1);
    }
  }

  @Test
  void withoutRoomItWaits() throws IOException {
    leastFree = Files.getFileStore(folder).getUsableSpace() / 2;
    try (Log log = open()) {
      appendFiles(log, 1, 100);
    }
    leastFree = Long.MAX_VALUE / 2;
    try (Log log = open()) {
      assertThat(log.compress()).isFalse();
      assertThat(log.compression().failures()).isZero();
    }
    leastFree = 0;
    try (Log log = open()) {
      assertThat(log.compress()).isTrue();
    }
  }

  @Test
  void whatAProcessLeftThatDiedHalfWayIsCleared() throws IOException {
    long end;
    Path plain;
    byte[] copy;
    try (Log log = open()) {
      appendFiles(log, 2, 100);
      end = log.end();
      plain = files(".cq4").getFirst();
      copy = Files.readAllBytes(plain);
      compress(log);
    }
    Files.write(plain, copy); // died before the old one was deleted
    Files.write(folder.resolve(plain.getFileName() + ".packing"), new byte[100]);
    try (Log other = ChronicleLog.openReadOnly(folder)) {
      holdsAllFrom(other, 0);
    }
    try (Log log = open()) {
      assertThat(log.end()).isEqualTo(end);
      holdsAllFrom(log, 0);
      assertThat(files(".cq4")).hasSize(1);
      assertThat(files(".packing")).isEmpty();
    }
  }

  @Test
  void onlyTheProcessThatAppendsCompresses() {
    try (Log log = open()) {
      appendFiles(log, 1, 10);
      try (Log other = ChronicleLog.openReadOnly(folder)) {
        assertThatThrownBy(other::compress).isInstanceOf(IllegalStateException.class);
      }
    }
  }

  @Test
  void aLogOfCompressedFilesAloneGoesOnInANewOne() throws IOException {
    long end;
    try (Log log = open()) {
      appendFiles(log, 2, 100);
      compress(log);
      end = log.end();
    }
    nowMillis -= 5 * HOUR_MILLIS;
    Files.delete(files(".cq4").getFirst());
    try (Log log = open()) {
      assertThat(log.end()).isEqualTo(end - 1);
      append(log, 1);
      holdsAllFrom(log, 0);
      assertThat(files(".cq4").getFirst()).isGreaterThan(files(".packed").getLast());
    }
  }

  /// Rolls and compresses many times a second, while a reader here follows.
  @Test
  void killedWhileItCompressesNothingIsMissingAndNothingDoubled() throws Exception {
    Random random = new Random(20261121);
    open().close();
    long compressed = 0;
    for (int kill = 0; kill < KILLS; kill++) {
      Process child =
          Program.start(List.of(), ChronicleLogAppender.class, folder.toString(), "300000");
      try (BufferedReader said = child.inputReader();
          Log log = ChronicleLog.openReadOnly(folder);
          Log.Cursor follower = log.read(log.first())) {
        Objects.requireNonNull(said.readLine());
        Thread draining = Thread.startVirtualThread(() -> said.lines().forEach(line -> {}));
        Thread.sleep(random.nextInt(1_500));
        boolean last = kill == KILLS - 1;
        while (last && child.isAlive() && files(".packed").isEmpty()) {
          Thread.sleep(10); // on a busy machine
        }
        child.toHandle().destroyForcibly();
        child.waitFor();
        draining.join();
        holdsAllFrom(log, 0);
        holdsAllFrom(log, follower, 0);
      }
      int packed = files(".packed").size();
      assertThat(packed).isGreaterThanOrEqualTo((int) compressed);
      compressed = packed;
    }
    assertThat(compressed).isPositive();
    try (Log log = ChronicleLog.open(folder, Options.DEFAULT)) {
      holdsAllFrom(log, 0);
      compress(log);
      holdsAllFrom(log, 0);
      assertThat(files(".cq4")).hasSizeBetween(1, 2); // the newest may be empty
      assertThat(files(".packing")).isEmpty();
    }
  }

  @Test
  void littleIsLeftOfAFileOfLonelyDatagrams() throws IOException {
    try (Log log = open()) {
      DatagramBatch batch = new DatagramBatch();
      for (int i = 0; i < 1_000; i++) {
        String line = "6,%d,%d,-;ext4 filesystem being mounted".formatted(i, i * 1_000);
        batch.add(nowMillis * 1_000, SOURCE, 1, 2, line.getBytes(StandardCharsets.UTF_8));
        log.append(batch);
      }
      nowMillis += HOUR_MILLIS;
      append(log, 1);
      compress(log);
      assertThat(Disk.allocatedBytes(files(".packed").getFirst())).isLessThan(20_000);
    }
  }
}
