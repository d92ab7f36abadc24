package lastwords.capture;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.zip.GZIPOutputStream;
import lastwords.kernel.Datagram;
import org.junit.jupiter.api.Test;

final class CaptureReaderTest {
  private static final String MAC_ADDRESSES = "52550a140202" + "525400140215";
  private static final String IPV4_UDP =
      "4500 0021 0001 0000 40 11 0000 0a14020f 0a140202".replace(" ", "")
          + "1a091a0a000d0000"
          + hex("oops\n");
  private static final String IPV6_SOURCE = "fd000000000000000000000000000007";

  @Test
  void understandsEveryLinkItNames() throws IOException {
    String vlan = "8100" + "0064";
    String cooked = "0000000100060000" + "000000000000";
    for (Packet packet :
        List.of(
            packet(1, MAC_ADDRESSES + "0800" + IPV4_UDP),
            packet(1, MAC_ADDRESSES + vlan + "0800" + IPV4_UDP),
            packet(1, MAC_ADDRESSES + "88a80001" + vlan + "0800" + IPV4_UDP),
            packet(101, IPV4_UDP),
            packet(228, IPV4_UDP),
            packet(0, "02000000" + IPV4_UDP),
            packet(108, "00000002" + IPV4_UDP),
            packet(113, cooked + "0800" + IPV4_UDP),
            packet(276, "0800" + "0".repeat(36) + IPV4_UDP))) {
      Datagram only = theOneIn(packet);
      assertThat(only.offset()).isEqualTo(7);
      assertThat(only.source()).isEqualTo(InetAddress.getByName("10.20.2.15"));
      assertThat(only.sourcePort()).isEqualTo(6665);
      assertThat(only.localPort()).isEqualTo(6666);
      assertThat(text(only)).isEqualTo("oops\n");
    }
  }

  @Test
  void findsUdpBehindIpv4Options() {
    String options =
        IPV4_UDP.replaceFirst("^45000021", "46000025").replaceFirst("0a140202", "0a14020201010100");
    assertThat(text(theOneIn(packet(101, options)))).isEqualTo("oops\n");
  }

  @Test
  void findsUdpBehindIpv6ExtensionHeaders() throws IOException {
    String hopByHop = "3c00" + "0".repeat(12);
    String destination = "2c00" + "0".repeat(12);
    String wholeInOneFragment = "1100" + "0".repeat(12);
    String udp = "1a091a0a000d0000" + hex("oops\n");
    String ip = "60000000" + "0025" + "00" + "40" + IPV6_SOURCE + IPV6_SOURCE;
    Datagram only = theOneIn(packet(101, ip + hopByHop + destination + wholeInOneFragment + udp));
    assertThat(text(only)).isEqualTo("oops\n");
    assertThat(only.source()).isEqualTo(InetAddress.getByName("fd00::7"));
  }

  @Test
  void countsWhatIsNoWholeDatagram() {
    UdpPackets packets = new UdpPackets();
    String tcp = IPV4_UDP.replaceFirst("4011", "4006");
    String fragment = IPV4_UDP.replaceFirst("00010000", "00012000");
    for (String other :
        List.of(tcp, fragment, IPV4_UDP.substring(0, IPV4_UDP.length() - 2), "", "45")) {
      assertThat(packets.datagram(packet(101, other), 0)).isNull();
    }
    assertThat(packets.datagram(packet(147, IPV4_UDP), 0)).as("an unknown link").isNull();
    assertThat(packets.others()).isEqualTo(4);
    assertThat(packets.fragments()).isEqualTo(1);
    assertThat(packets.cut()).isEqualTo(1);
  }

  @Test
  void readsPcapOfBothByteOrdersAndBothPrecisions() throws IOException {
    for (ByteOrder order : List.of(ByteOrder.BIG_ENDIAN, ByteOrder.LITTLE_ENDIAN)) {
      assertThat(read(pcap(order, 0xa1b2c3d4, 5)))
          .extracting(Datagram::receivedAtMicros)
          .containsExactly(1_795_229_622_000_005L);
      assertThat(read(pcap(order, 0xa1b23c4d, 5_999)))
          .extracting(Datagram::receivedAtMicros)
          .containsExactly(1_795_229_622_000_005L);
    }
  }

  @Test
  void readsGzippedFiles() throws IOException {
    ByteArrayOutputStream zipped = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(zipped)) {
      gzip.write(pcap(ByteOrder.LITTLE_ENDIAN, 0xa1b2c3d4, 5));
    }
    assertThat(read(zipped.toByteArray())).hasSize(1);
  }

  @Test
  void readsPcapngWithSeveralInterfacesAndTheirClocks() throws IOException {
    for (ByteOrder order : List.of(ByteOrder.BIG_ENDIAN, ByteOrder.LITTLE_ENDIAN)) {
      ByteBuffer file = ByteBuffer.allocate(4096).order(order);
      section(file);
      block(file, 1, b -> b.putShort((short) 1).putShort((short) 0).putInt(0));
      block( // raw IP, nanoseconds, 100 seconds behind
          file,
          1,
          b ->
              b.putShort((short) 101)
                  .putShort((short) 0)
                  .putInt(0)
                  .putShort((short) 9)
                  .putShort((short) 1)
                  .putInt(order == ByteOrder.BIG_ENDIAN ? 9 << 24 : 9)
                  .putShort((short) 14)
                  .putShort((short) 8)
                  .putLong(100)
                  .putInt(0));
      block(file, 5, b -> b.putInt(1).putLong(0)); // statistics, passed over
      enhanced(file, 0, 1_000_001, bytes(MAC_ADDRESSES + "0800" + IPV4_UDP));
      enhanced(file, 1, 2_000_000_999L, bytes(IPV4_UDP));
      block( // the obsolete packet block
          file,
          2,
          b ->
              b.putShort((short) 1)
                  .putShort((short) 0)
                  .putLong(order == ByteOrder.BIG_ENDIAN ? 5_000 : 5_000L << 32)
                  .putInt(33)
                  .putInt(33)
                  .put(bytes(IPV4_UDP)));
      section(file);
      block(file, 1, b -> b.putShort((short) 101).putShort((short) 0).putInt(0));
      block(file, 3, b -> b.putInt(33).put(bytes(IPV4_UDP)));

      List<Datagram> datagrams = read(Arrays.copyOf(file.array(), file.position()));
      assertThat(datagrams)
          .extracting(Datagram::receivedAtMicros)
          .containsExactly(1_000_001L, 102_000_000L, 100_000_005L, 100_000_005L);
      assertThat(datagrams).extracting(Datagram::offset).containsExactly(0L, 1L, 2L, 3L);
      assertThat(datagrams).allSatisfy(d -> assertThat(text(d)).isEqualTo("oops\n"));
    }
  }

  @Test
  void givesWhatIsWholeOfACutFileThenSaysWhereItEnds() throws IOException {
    byte[] one = pcap(ByteOrder.LITTLE_ENDIAN, 0xa1b2c3d4, 5);
    byte[] cut = Arrays.copyOf(one, one.length + 10);
    try (CaptureReader reader = CaptureReader.of("some.pcap", new ByteArrayInputStream(cut))) {
      assertThat(reader.next()).isNotNull();
      assertThatThrownBy(reader::next)
          .isInstanceOf(IOException.class)
          .hasMessage("some.pcap: at byte 73: the file ends here: 16 bytes should follow, 10 do");
      assertThat(reader.datagrams()).isEqualTo(1);
    }
  }

  @Test
  void refusesWhatIsNoCaptureAndAbsurdLengths() {
    assertThatThrownBy(() -> read("hello world".getBytes(UTF_8)))
        .hasMessageContaining("test: at byte 0: neither pcap nor pcapng");
    assertThatThrownBy(() -> read(new byte[0])).hasMessageContaining("empty");
    byte[] absurd = pcap(ByteOrder.BIG_ENDIAN, 0xa1b2c3d4, 5);
    absurd[32] = 0x7f;
    assertThatThrownBy(() -> read(absurd))
        .hasMessageContaining("at byte 24: a packet of 2130706465 bytes");
  }

  @Test
  void writtenDatagramsReadBackAsTheyWere() throws IOException {
    List<Datagram> written = new ArrayList<>();
    for (String source : List.of("10.1.2.3", "fd00::7", "127.0.0.1")) {
      for (int length : new int[] {0, 1, 2, 999, 65_507}) {
        byte[] payload = new byte[length];
        Arrays.fill(payload, (byte) length);
        written.add(
            new Datagram(
                written.size(),
                1_795_229_622_000_005L + length,
                InetAddress.getByName(source),
                65_535,
                6666,
                payload));
      }
    }
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    try (PcapWriter writer = new PcapWriter(file)) {
      for (Datagram datagram : written) {
        writer.write(datagram);
      }
    }
    assertThat(read(file.toByteArray()))
        .usingRecursiveFieldByFieldElementComparator()
        .isEqualTo(written);
  }

  @Test
  void checksumsAreRight() throws IOException {
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    try (PcapWriter writer = new PcapWriter(file)) {
      writer.write(
          new Datagram(0, 0, InetAddress.getByName("10.0.0.1"), 6665, 6666, new byte[] {1, 2, 3}));
    }
    ByteBuffer packet = ByteBuffer.wrap(file.toByteArray()).position(40).slice();
    // A header summed with its checksum gives all ones.
    assertThat(onesComplement(packet, 0, 20, 0)).isEqualTo(0xffff);
    assertThat(onesComplement(packet, 12, packet.limit(), 17 + 11)).isEqualTo(0xffff);
  }

  @Test
  void readsEveryRecordingOfTheCorpus() throws IOException {
    Path corpus = corpus();
    assumeTrue(Files.isDirectory(corpus), "the corpus lies beside some checkouts only");
    ObjectMapper json = new ObjectMapper();
    int files = 0;
    try (DirectoryStream<Path> folders = Files.newDirectoryStream(corpus, Files::isDirectory)) {
      for (Path folder : folders) {
        for (JsonNode expected :
            json.readTree(folder.resolve("meta.json").toFile()).get("captures")) {
          Path file = folder.resolve(expected.get("file").asText());
          try (CaptureReader reader = CaptureReader.open(file)) {
            long bytes = 0;
            Datagram datagram;
            while ((datagram = reader.next()) != null) {
              bytes += datagram.payload().length;
            }
            assertThat(reader.datagrams())
                .as("%s", file)
                .isEqualTo(expected.get("datagrams").asLong());
            assertThat(bytes).as("%s", file).isEqualTo(expected.get("payload_bytes").asLong());
            files++;
          }
        }
      }
    }
    assertThat(files).isPositive();
  }

  private static Datagram theOneIn(Packet packet) {
    return Objects.requireNonNull(
        new UdpPackets().datagram(packet, 7), () -> "nothing in link type " + packet.linkType());
  }

  /// The recordings lie in a folder beside some checkouts.
  private static Path corpus() {
    Path folder = Path.of("").toAbsolutePath();
    while (folder.getParent() != null
        && !Files.isDirectory(folder.resolve("shared/corpus/netconsole"))) {
      folder = folder.getParent();
    }
    return folder.resolve("shared/corpus/netconsole");
  }

  private static int onesComplement(ByteBuffer bytes, int from, int to, int start) {
    int sum = start;
    for (int i = from; i < to; i++) {
      sum += Byte.toUnsignedInt(bytes.get(i)) << ((i - from) % 2 == 0 ? 8 : 0);
    }
    return (sum & 0xffff) + (sum >> 16);
  }

  private static List<Datagram> read(byte[] file) throws IOException {
    List<Datagram> datagrams = new ArrayList<>();
    try (CaptureReader reader = CaptureReader.of("test", new ByteArrayInputStream(file))) {
      Datagram datagram;
      while ((datagram = reader.next()) != null) {
        datagrams.add(datagram);
      }
    }
    return datagrams;
  }

  private static byte[] pcap(ByteOrder order, int magic, int fraction) {
    byte[] packet = bytes(IPV4_UDP);
    return ByteBuffer.allocate(40 + packet.length)
        .order(order)
        .putInt(magic)
        .putShort((short) 2)
        .putShort((short) 4)
        .putLong(0)
        .putInt(65_535)
        .putInt(101)
        .putInt(1_795_229_622)
        .putInt(fraction)
        .putInt(packet.length)
        .putInt(packet.length)
        .put(packet)
        .array();
  }

  private static void section(ByteBuffer file) {
    block(file, 0x0a0d0d0a, b -> b.putInt(0x1a2b3c4d).putInt(1).putLong(-1));
  }

  private static void enhanced(ByteBuffer file, int number, long time, byte[] packet) {
    block(
        file,
        6,
        b ->
            b.putInt(number)
                .putInt((int) (time >>> 32))
                .putInt((int) time)
                .putInt(packet.length)
                .putInt(packet.length)
                .put(packet));
  }

  private static void block(ByteBuffer file, int type, Consumer<ByteBuffer> body) {
    int start = file.position();
    file.putInt(type).putInt(0);
    body.accept(file);
    while ((file.position() - start) % 4 != 0) {
      file.put((byte) 0);
    }
    int length = file.position() - start + 4;
    file.putInt(length).putInt(start + 4, length);
  }

  private static Packet packet(int linkType, String hex) {
    return new Packet(linkType, 0, ByteBuffer.wrap(bytes(hex)));
  }

  private static byte[] bytes(String hex) {
    return HexFormat.of().parseHex(hex);
  }

  private static String hex(String text) {
    return HexFormat.of().formatHex(text.getBytes(UTF_8));
  }

  private static String text(Datagram datagram) {
    return new String(datagram.payload(), UTF_8);
  }
}
