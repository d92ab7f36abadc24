package lastwords.store;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.zip.CRC32C;
import lastwords.kernel.Datagram;
import org.junit.jupiter.api.Test;

final class PackedBatchTest {
  private static final int METHOD_AT = 1;
  private static final int CHECKSUM_AT = 2;
  private static final int CHECKED_AT = 6;

  private final DatagramBatch batch = new DatagramBatch();
  private final PackedBatch packed = new PackedBatch();
  private long end = 41;

  private ByteBuffer document(String... payloads) throws Exception {
    batch.clear();
    for (String payload : payloads) {
      InetAddress source = InetAddress.getByName(end % 2 == 0 ? "10.1.2.3" : "2001:db8::1");
      batch.add(end, source, 6665, 6666, payload.getBytes(US_ASCII));
    }
    ByteBuffer document = batch.document(end);
    end += payloads.length;
    return document;
  }

  private static List<Datagram> read(ByteBuffer document) {
    List<Datagram> datagrams = new ArrayList<>();
    DatagramBatch.read(document.position(0), datagrams::add);
    return datagrams;
  }

  @Test
  void datagramsOfManyDocumentsComeOutAsTheyWentIn() throws Exception {
    List<Datagram> expected = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      ByteBuffer document = document("the same " + i, "again and again", "");
      expected.addAll(read(document));
      assertThat(packed.add(document.position(0))).isTrue();
    }

    ByteBuffer document = packed.document();

    assertThat(document.remaining()).isLessThan(2_000);
    assertThat(DatagramBatch.isSound(document)).isTrue();
    assertThat(DatagramBatch.firstOffset(document)).isEqualTo(41);
    assertThat(DatagramBatch.count(document)).isEqualTo(300);
    assertThat(read(document)).usingRecursiveFieldByFieldElementComparator().isEqualTo(expected);
  }

  @Test
  void whatComesNextIsTakenUntilItIsFull() throws Exception {
    assertThat(packed.add(document("one", "two"))).isTrue();
    end++;
    assertThat(packed.add(document("not the next"))).isFalse();
    packed.clear();

    Random random = new Random(1);
    byte[] noise = new byte[DatagramBatch.MAX_PAYLOAD];
    int documents = 0;
    while (true) {
      random.nextBytes(noise);
      batch.clear();
      batch.add(1, InetAddress.getLoopbackAddress(), 1, 2, noise);
      if (!packed.add(batch.document(documents))) {
        break;
      }
      documents++;
    }
    assertThat(documents).isEqualTo(2);
    assertThat(packed.document().remaining()).isLessThan(256 << 10);
    assertThat(read(packed.document())).hasSize(2);
  }

  @Test
  void comparisonSeesEveryDifference() throws Exception {
    ByteBuffer first = copy(document("one", "two"));
    ByteBuffer second = copy(document("three"));
    end--;
    ByteBuffer another = copy(document("threw"));
    packed.add(first);
    packed.add(second);

    PackedBatch.Comparison same = PackedBatch.compare(packed.document());
    assertThat(same.goesOnWith(second)).isFalse();
    assertThat(same.goesOnWith(first)).isTrue();
    assertThat(same.isDone()).isFalse();
    assertThat(same.goesOnWith(another)).isFalse();
    assertThat(same.goesOnWith(second)).isTrue();
    assertThat(same.isDone()).isTrue();
    assertThat(same.goesOnWith(second)).isFalse();
  }

  private static ByteBuffer copy(ByteBuffer document) {
    return ByteBuffer.allocate(document.remaining())
        .order(java.nio.ByteOrder.LITTLE_ENDIAN)
        .put(document)
        .flip();
  }

  @Test
  void noFlippedBitGoesUnnoticed() throws Exception {
    packed.add(document("one", "two", "three", "two", "three"));
    ByteBuffer document = packed.document();

    for (int bit = 0; bit < document.limit() * 8; bit++) {
      int at = bit / 8;
      byte whole = document.get(at);
      document.put(at, (byte) (whole ^ (1 << (bit % 8))));
      assertThatThrownBy(() -> read(document))
          .as("bit %d", bit)
          .isInstanceOf(IllegalArgumentException.class);
      assertThat(DatagramBatch.isSound(document)).as("bit %d", bit).isFalse();
      document.put(at, whole);
    }
    assertThat(read(document)).hasSize(5);
  }

  @Test
  void whatANewerLastwordsWroteIsSaidToBeThat() throws Exception {
    packed.add(document("one"));
    ByteBuffer document = packed.document().put(METHOD_AT, (byte) 7);
    CRC32C checksum = new CRC32C();
    checksum.update(7);
    checksum.update(document.position(CHECKED_AT));
    document.putInt(CHECKSUM_AT, (int) checksum.getValue());

    assertThatThrownBy(() -> read(document))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a newer Lastwords wrote it: its method is 7, and this one knows 0 to 1");
  }

  @Test
  void bytesThatCannotBeDecompressedAreRefused() throws Exception {
    packed.add(document("one"));
    ByteBuffer document = packed.document();
    for (int length : new int[] {-1, 0, 1_000_000_000, 20}) {
      document.putInt(CHECKED_AT + Long.BYTES + Integer.BYTES, length);
      CRC32C checksum = new CRC32C();
      checksum.update(DatagramBatch.COMPRESSED);
      checksum.update(document.position(CHECKED_AT));
      document.putInt(CHECKSUM_AT, (int) checksum.getValue());

      assertThatThrownBy(() -> read(document)).isInstanceOf(IllegalArgumentException.class);
    }
  }
}
