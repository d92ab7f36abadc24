package lastwords.store.embedded;

import static org.assertj.core.api.Assertions.assertThat;

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
import lastwords.store.DatagramBatch;
import lastwords.store.Log;
import lastwords.store.embedded.ChronicleLog.Options;
import lastwords.store.embedded.ChronicleLog.Roll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A log whose files are not as they were written: after a power failure, or by a bad disk.
final class DamagedLogTest {
  private static final int DOCUMENTS = 300;
  private static final int IN_EACH = 10;
  private static final int PAGE = 4096;
  private static final InetAddress SOURCE = InetAddress.getLoopbackAddress();

  @TempDir Path folder;
  private long nowMillis = 1_795_248_000_000L;

  private Log open() {
    return ChronicleLog.open(folder, new Options(Roll.HOURLY, () -> nowMillis, 0));
  }

  private static void append(Log log, int documents) {
    DatagramBatch batch = new DatagramBatch();
    for (int i = 0; i < documents; i++) {
      for (int j = 0; j < IN_EACH; j++) {
        String payload = log.end() + j + ";" + "x".repeat(100);
        batch.add(1, SOURCE, 1, 2, payload.getBytes(StandardCharsets.UTF_8));
      }
      log.append(batch);
    }
  }

  /// What can be read, each as it was written, and how much is counted as damaged.
  private record Read(List<Long> offsets, long missed, long damaged) {
    static Read all(Log log) {
      try (Log.Cursor cursor = log.read(0)) {
        List<Long> offsets = new ArrayList<>();
        for (Datagram next = cursor.next(); next != null; next = cursor.next()) {
          assertThat(new String(next.payload(), StandardCharsets.UTF_8))
              .startsWith(next.offset() + ";");
          offsets.add(next.offset());
        }
        assertThat(offsets).isSorted().doesNotHaveDuplicates();
        return new Read(offsets, cursor.missed(), cursor.damaged());
      }
    }
  }

  private Path newest() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(f -> f.toString().endsWith(".cq4")).sorted().toList().getLast();
    }
  }

  /// Where the first byte stands of the datagram of that offset.
  private static long placeOf(Path file, long offset) throws IOException {
    byte[] bytes = new byte[1 << 20];
    try (RandomAccessFile all = new RandomAccessFile(file.toFile(), "r")) {
      all.readFully(bytes);
    }
    return new String(bytes, StandardCharsets.ISO_8859_1).indexOf(offset + ";xxx");
  }

  private interface Change {
    void of(RandomAccessFile file) throws IOException;
  }

  private static void change(Path file, Change change) throws IOException {
    try (RandomAccessFile opened = new RandomAccessFile(file.toFile(), "rw")) {
      change.of(opened);
    }
  }

  private static void zeroPage(Path file, long offset) throws IOException {
    long page = placeOf(file, offset) / PAGE * PAGE;
    change(
        file,
        it -> {
          it.seek(page);
          it.write(new byte[PAGE]);
        });
  }

  private static void flipBit(Path file, long at, int bit) throws IOException {
    change(
        file,
        it -> {
          it.seek(at);
          int was = it.read();
          it.seek(at);
          it.write(was ^ (1 << bit));
        });
  }

  /// Everything but some is there, and that is counted; what is appended then is there too.
  private void isReadAround(int lost, long end) {
    try (Log log = open()) {
      assertThat(log.end()).isEqualTo(end);
      append(log, 5);
      Read read = Read.all(log);
      assertThat(read.offsets).hasSize((int) end + 5 * IN_EACH - lost).endsWith(log.end() - 1);
      assertThat(read.damaged).isEqualTo(lost);
      assertThat(read.missed).isZero();
      try (Log other = ChronicleLog.openReadOnly(folder)) {
        assertThat(Read.all(other)).isEqualTo(read);
        assertThat(other.end()).isEqualTo(log.end());
      }
    }
  }

  @Test
  void aFlippedBitInAPayloadCostsItsDocument() throws IOException {
    try (Log log = open()) {
      append(log, DOCUMENTS);
    }
    flipBit(newest(), placeOf(newest(), 1_505) + 50, 3);
    isReadAround(IN_EACH, DOCUMENTS * IN_EACH);
  }

  @Test
  void aPageThatAPowerFailureLeftEmptyCostsWhatWasOnIt() throws IOException {
    try (Log log = open()) {
      append(log, DOCUMENTS);
    }
    zeroPage(newest(), 2_505);

    try (Log log = open()) {
      assertThat(log.end()).isEqualTo(DOCUMENTS * IN_EACH);
      append(log, 5);
    }
    nowMillis += 3_600_000;
    try (Log log = open()) {
      append(log, 5);
      Read read = Read.all(log);
      assertThat(read.damaged).isBetween(3L * IN_EACH, 6L * IN_EACH);
      assertThat(read.offsets.size() + read.damaged).isEqualTo(log.end());
      assertThat(read.offsets).endsWith(log.end() - 1).contains(2_600L);
      for (long offset : new long[] {0, 9, 10, 777, 1_500, 2_600, 2_999, 3_001}) {
        try (Log.Cursor there = log.read(offset)) {
          assertThat(Objects.requireNonNull(there.next()).offset()).isEqualTo(offset);
          assertThat(there.damaged()).isZero();
        }
      }
      try (Stream<Path> files = Files.list(folder)) {
        assertThat(files.filter(f -> f.toString().endsWith(".cq4.damaged"))).hasSize(1);
      }
    }
  }

  @Test
  void aFlippedLengthDoesNotHideWhatFollows() throws IOException {
    try (Log log = open()) {
      append(log, DOCUMENTS);
    }
    // What is before the payload of its first datagram: that one's head, the document's, its
    // length.
    Path file = newest();
    long document = placeOf(file, 1_500) - 21 - 18 - 4;
    for (int bit : new int[] {30, 2}) {
      flipBit(file, document + bit / 8, bit % 8);
      try (Log log = open();
          Log.Cursor cursor = log.read(0)) {
        long read = 0;
        while (cursor.next() != null) {
          read++;
        }
        assertThat(cursor.offset()).isEqualTo(log.end());
        assertThat(read + cursor.damaged()).isEqualTo(log.end());
        assertThat(cursor.damaged()).isBetween(1L, 2L * IN_EACH);
      }
      if (Files.exists(file)) { // else it was set aside
        flipBit(file, document + bit / 8, bit % 8);
      }
    }
  }

  @Test
  void aFileThatIsCutShortIsReadToItsEndAndTheLogGoesOn() throws IOException {
    try (Log log = open()) {
      append(log, DOCUMENTS);
    }
    long cut = placeOf(newest(), 2_005);
    change(newest(), it -> it.setLength(cut));
    try (Log log = ChronicleLog.open(folder, new Options(Roll.HOURLY, () -> nowMillis, 3_000))) {
      append(log, 5);
      Read read = Read.all(log);
      assertThat(read.offsets)
          .contains(1_999L, 3_000L)
          .endsWith(log.end() - 1)
          .doesNotContain(2_005L);
      assertThat(read.damaged).isEqualTo(1_000);
    }
  }

  @Test
  void aMissingFileInTheMiddleIsCountedAndPassedOver() throws IOException {
    Path middle;
    try (Log log = open()) {
      append(log, 10);
      nowMillis += 3_600_000;
      append(log, 10);
      middle = newest();
      nowMillis += 3_600_000;
      append(log, 10);
    }
    Files.delete(middle);
    try (Log log = open()) {
      Read read = Read.all(log);
      assertThat(read.offsets).hasSize(20 * IN_EACH);
      assertThat(read.damaged).isEqualTo(10 * IN_EACH);
    }
  }

  @Test
  void damageWhileItRunsStopsNoReader() throws IOException {
    try (Log log = open()) {
      append(log, 20);
      try (Log.Cursor follower = log.read(0)) {
        while (follower.next() != null) {}
        append(log, DOCUMENTS);
        zeroPage(newest(), 1_505);
        long read = 0;
        while (follower.next() != null) {
          read++;
        }
        assertThat(follower.offset()).isEqualTo(log.end());
        assertThat(read + follower.damaged()).isEqualTo(DOCUMENTS * IN_EACH);
        append(log, 1);
        assertThat(follower.next()).isNotNull();
      }
    }
  }

  @Test
  void whateverIsFlippedNothingElseIsLostAndNothingStandsStill() throws IOException {
    try (Log log = open()) {
      append(log, DOCUMENTS);
    }
    Path file = newest();
    byte[] sound = new byte[(int) placeOf(file, 2_990)];
    try (RandomAccessFile all = new RandomAccessFile(file.toFile(), "r")) {
      all.readFully(sound);
    }
    Random random = new Random(20261121);
    for (int i = 0; i < 40; i++) {
      int at = i < 10 ? random.nextInt(2 * PAGE) : random.nextInt(sound.length);
      Path copy = Files.createDirectories(folder.resolve("copy" + i));
      for (Path part : List.of(file, folder.resolve("metadata.cq4t"))) {
        copyBeginning(part, copy.resolve(part.getFileName()));
      }
      flipBit(copy.resolve(file.getFileName()), at, random.nextInt(8));
      try (Log log = ChronicleLog.open(copy, new Options(Roll.HOURLY, () -> nowMillis, 0))) {
        append(log, 1);
        Read read = Read.all(log);
        assertThat(read.offsets.size() + read.damaged).as("byte %d", at).isEqualTo(log.end());
        assertThat(log.end()).as("byte %d", at).isBetween(2_990L, 3_010L);
        assertThat(read.damaged).as("byte %d", at).isLessThanOrEqualTo(3 * IN_EACH);
      }
    }
  }

  /// What is written of it; the rest is zeros.
  private static void copyBeginning(Path from, Path to) throws IOException {
    try (RandomAccessFile in = new RandomAccessFile(from.toFile(), "r");
        RandomAccessFile out = new RandomAccessFile(to.toFile(), "rw")) {
      byte[] bytes = new byte[(int) Math.min(in.length(), 1 << 20)];
      in.readFully(bytes);
      out.write(bytes);
      out.setLength(in.length());
    }
  }

  private static void overwrite(Path file, long at, int... bytes) throws IOException {
    change(
        file,
        it -> {
          it.seek(at);
          for (int b : bytes) {
            it.write(b);
          }
        });
  }

  private List<String> names(String suffix) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(f -> f.getFileName().toString()).filter(f -> f.endsWith(suffix)).toList();
    }
  }

  /// Two files; returns the older one.
  private Path twoFiles() throws IOException {
    Path older;
    try (Log log = open()) {
      append(log, DOCUMENTS);
      older = newest();
      nowMillis += 3_600_000;
      append(log, DOCUMENTS);
    }
    return older;
  }

  /// Where the queue says what the file is: the header's length, its kind, its names and types.
  @ParameterizedTest
  @ValueSource(longs = {0, 2, 4, 8, 20, 40, 100, 160})
  void aFileWhoseBeginningIsDamagedIsSetAsideAndRead(long at) throws IOException {
    for (boolean isNewest : new boolean[] {false, true}) {
      Path older = twoFiles();
      overwrite(isNewest ? newest() : older, at, 0xff, 0xff);
      try (Log log = open()) {
        append(log, 5);
        Read read = Read.all(log);
        assertThat(read.offsets).endsWith(log.end() - 1);
        assertThat((long) read.offsets.size()).isEqualTo(log.end());
        assertThat(read.damaged + read.missed).isZero();
      }
      nowMillis += 3_600_000;
    }
  }

  @Test
  void aFileOfWhichOnlyTheBeginningIsLeftIsSetAside() throws IOException {
    for (int length : new int[] {0, 3, 100, 1_000, 5_000}) {
      twoFiles();
      change(newest(), it -> it.setLength(length));
      try (Log log =
          ChronicleLog.open(folder, new Options(Roll.HOURLY, () -> nowMillis, 100_000L))) {
        append(log, 5);
        Read read = Read.all(log);
        assertThat(read.offsets).endsWith(log.end() - 1);
        assertThat(read.offsets.size() + read.damaged + read.missed).isEqualTo(log.end());
      }
      try (Stream<Path> files = Files.list(folder)) {
        for (Path file : files.toList()) {
          Files.delete(file);
        }
      }
    }
  }

  @Test
  void whatIsNoFileOfTheLogIsSetAside() throws IOException {
    Path older = twoFiles();
    Files.writeString(folder.resolve("20261121-05F.cq4"), "junk\n");
    Files.copy(older, folder.resolve("copy-of.cq4"));

    isReadAround(0, 2 * DOCUMENTS * IN_EACH);

    assertThat(names(".cq4.damaged")).containsExactly("20261121-05F.cq4.damaged");
    assertThat(names(".foreign")).containsExactly("copy-of.cq4.foreign");
  }

  @Test
  void whatTheQueueKnowsOfItselfIsMadeAnewWhereItIsDamaged() throws IOException {
    twoFiles();
    byte[] noise = new byte[128 << 10];
    new Random(1).nextBytes(noise);
    Files.write(folder.resolve("metadata.cq4t"), noise);

    isReadAround(0, 2 * DOCUMENTS * IN_EACH);

    assertThat(names(".damaged")).containsExactly("metadata.cq4t.damaged");
  }

  @Test
  void missingFilesAreSaidAtTheStart() throws Exception {
    Path oldest = twoFiles();
    nowMillis += 3_600_000;
    Path middle;
    try (Log log = open()) {
      append(log, 5);
      middle = newest();
      nowMillis += 3_600_000;
      append(log, 5);
    }
    Files.delete(middle);
    Files.delete(oldest);
    int inEach = DOCUMENTS * IN_EACH;
    try (Said said = new Said()) {
      try (Log log = open()) {
        assertThat(log.first()).isEqualTo(inEach);
        for (int i = 0; i < 3_000 && said.errors().size() < 2; i++) {
          Thread.sleep(10);
        }
      }
      assertThat(said.errors().get(0)).contains(inEach + " datagrams from 0 on are missing");
      assertThat(said.errors().get(1)).contains("50 datagrams are missing between");
    }
  }

  @Test
  void whatRetentionDeletedIsNotMissing() throws IOException {
    twoFiles();
    try (Log log = open()) {
      assertThat(log.retain(Duration.ZERO, 0, nowMillis * 1_000)).isPositive();
    }
    try (Said said = new Said();
        Log log = open()) {
      assertThat(log.first()).isPositive();
      assertThat(said.errors()).isEmpty();
    }
  }
}
