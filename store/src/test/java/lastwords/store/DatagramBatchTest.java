package lastwords.store;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import lastwords.kernel.Datagram;
import org.junit.jupiter.api.Test;

final class DatagramBatchTest {
  private final DatagramBatch batch = new DatagramBatch();

  @Test
  void datagramsComeOutAsTheyWentInNumberedFromTheFirst() throws Exception {
    batch.add(7, InetAddress.getByName("10.1.2.3"), 6665, 6666, "one".getBytes(US_ASCII));
    batch.add(8, InetAddress.getByName("2001:db8::1"), 65535, 1, new byte[0]);

    List<Datagram> read = read(batch.document(41));

    assertThat(read).hasSize(2);
    assertThat(read.get(0).offset()).isEqualTo(41);
    assertThat(read.get(0).source().getHostAddress()).isEqualTo("10.1.2.3");
    assertThat(read.get(0).sourcePort()).isEqualTo(6665);
    assertThat(read.get(0).localPort()).isEqualTo(6666);
    assertThat(read.get(0).payload()).isEqualTo("one".getBytes(US_ASCII));
    assertThat(read.get(1).offset()).isEqualTo(42);
    assertThat(read.get(1).sourcePort()).isEqualTo(65535);
    assertThat(read.get(1).payload()).isEmpty();
  }

  @Test
  void linkLocalSenderKeepsItsScope() throws Exception {
    InetAddress source = java.net.Inet6Address.getByAddress(null, linkLocal(), 1);
    batch.add(7, source, 6665, 6666, new byte[1]);

    assertThat(read(batch.document(0)).getFirst().source().getHostAddress())
        .isIn("fe80:0:0:0:0:0:0:1%1", "fe80:0:0:0:0:0:0:1%lo");
  }

  @Test
  void largestDatagramFitsBehindAnAlmostFullBatch() throws Exception {
    InetAddress source = InetAddress.getByName("::2");
    while (!batch.isFull()) {
      batch.add(1, source, 1, 1, new byte[500]);
      if (DatagramBatch.FULL_BYTES - batch.document(0).limit() < 500) {
        break;
      }
    }

    batch.add(1, source, 1, 1, new byte[DatagramBatch.MAX_PAYLOAD]);

    assertThat(batch.isFull()).isTrue();
    assertThat(read(batch.document(0)).getLast().payload()).hasSize(DatagramBatch.MAX_PAYLOAD);
  }

  @Test
  void damagedDocumentIsRefusedWithThePlace() throws Exception {
    batch.add(7, InetAddress.getByName("10.1.2.3"), 6665, 6666, new byte[100]);
    ByteBuffer whole = batch.document(0);

    assertThatThrownBy(() -> read(whole.slice(0, 50).order(ByteOrder.LITTLE_ENDIAN)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("checksum");
    assertThatThrownBy(() -> read(unchecked(whole).slice(0, 50).order(ByteOrder.LITTLE_ENDIAN)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("datagram 0 of 1 at byte 13");
    assertThatThrownBy(() -> read(ByteBuffer.wrap(new byte[20])))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("no document");
  }

  @Test
  void noFlippedBitGoesUnnoticed() throws Exception {
    batch.add(7, InetAddress.getByName("10.1.2.3"), 6665, 6666, "one".getBytes(US_ASCII));
    ByteBuffer document = batch.document(41);

    for (int bit = 0; bit < document.limit() * 8; bit++) {
      int at = bit / 8;
      byte whole = document.get(at);
      document.put(at, (byte) (whole ^ (1 << (bit % 8))));
      assertThatThrownBy(() -> read(document.position(0)))
          .as("bit %d", bit)
          .isInstanceOf(IllegalArgumentException.class);
      document.put(at, whole);
    }
    assertThat(read(document.position(0))).hasSize(1);
  }

  @Test
  void documentWithoutChecksumIsStillRead() throws Exception {
    batch.add(7, InetAddress.getByName("10.1.2.3"), 6665, 6666, "one".getBytes(US_ASCII));

    List<Datagram> read = read(unchecked(batch.document(41)));

    assertThat(read).singleElement().extracting(Datagram::offset).isEqualTo(41L);
    assertThat(read.getFirst().payload()).isEqualTo("one".getBytes(US_ASCII));
  }

  /// The same as version 1 had it: without method and checksum.
  private static ByteBuffer unchecked(ByteBuffer document) {
    ByteBuffer old = ByteBuffer.allocate(document.limit() - 5).order(ByteOrder.LITTLE_ENDIAN);
    return old.put((byte) 1).put(document.slice(6, document.limit() - 6)).flip();
  }

  private static byte[] linkLocal() {
    byte[] address = new byte[16];
    address[0] = (byte) 0xfe;
    address[1] = (byte) 0x80;
    address[15] = 1;
    return address;
  }

  private static List<Datagram> read(ByteBuffer document) {
    List<Datagram> datagrams = new ArrayList<>();
    DatagramBatch.read(document, datagrams::add);
    return datagrams;
  }
}
