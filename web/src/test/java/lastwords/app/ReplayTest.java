package lastwords.app;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import lastwords.capture.CaptureReader;
import lastwords.capture.PcapWriter;
import lastwords.kernel.Datagram;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ReplayTest {
  @TempDir private Path folder = Path.of("");
  private DatagramSocket receiver = unbound();

  @BeforeEach
  void listen() throws IOException {
    receiver = new DatagramSocket(0, InetAddress.ofLiteral("127.0.0.1"));
    receiver.setSoTimeout(10_000);
  }

  @AfterEach
  void close() {
    receiver.close();
  }

  private record Received(String address, int port, String text) {}

  @Test
  void eachHostSendsFromAnAddressOfItsOwnAndKeepsItsPorts() throws IOException {
    Path capture =
        capture(
            datagram(0, "10.20.2.15", 6665, "first"),
            datagram(1, "10.20.2.15", 6664, "second target"),
            datagram(2, "192.168.2.16", 6665, "another host"));
    Run run = Run.of("replay", "--max", "--to", target(), capture.toString());
    assertThat(run.status()).as(run.err()).isZero();
    assertThat(run.out()).startsWith("3 datagrams sent from 2 hosts to " + target());
    assertThat(receive(3))
        .containsExactly(
            new Received("127.20.2.15", 6665, "first"),
            new Received("127.20.2.15", 6664, "second target"),
            new Received("127.168.2.16", 6665, "another host"));
  }

  @Test
  void hostsThatEndAlikeStayApart() throws IOException {
    Path capture =
        capture(
            datagram(0, "10.0.0.7", 6665, "a"),
            datagram(1, "11.0.0.7", 6665, "b"),
            datagram(2, "127.0.0.1", 6665, "c"));
    assertThat(Run.of("replay", "--max", "--to", target(), capture.toString()).status()).isZero();
    assertThat(receive(3))
        .map(Received::address)
        .containsExactly("127.0.0.7", "127.0.0.8", "127.0.0.2");
  }

  @Test
  void aHostBecomesAsManyAsAskedForAndEachSendsAll() throws IOException {
    Path capture = capture(datagram(0, "10.0.1.1", 6665, "a"), datagram(1, "10.0.1.1", 6665, "b"));
    Run run = Run.of("replay", "--max", "--hosts", "20", "--to", target(), capture.toString());
    assertThat(run.out()).startsWith("40 datagrams sent from 20 hosts");
    assertThat(receive(40)).doesNotHaveDuplicates().map(Received::address).contains("127.0.1.20");
  }

  @Test
  void whatComesBeforeTheDamageIsSentThenTheDamageIsSaid() throws IOException {
    Path cut =
        capture(datagram(0, "10.0.0.1", 6665, "whole"), datagram(1, "10.0.0.1", 6665, "cut"));
    byte[] bytes = Files.readAllBytes(cut);
    Files.write(cut, Arrays.copyOf(bytes, bytes.length - 1));
    Run run = Run.of("replay", "--max", "--to", target(), cut.toString());
    assertThat(run.status()).isEqualTo(1);
    assertThat(run.err()).contains("the file ends here");
    assertThat(run.out()).startsWith("1 datagrams sent");
    assertThat(receive(1)).map(Received::text).containsExactly("whole");
  }

  @Test
  void saysThatNothingListens() throws IOException {
    String nobody = target();
    receiver.close();
    Datagram[] datagrams = new Datagram[50];
    Arrays.setAll(datagrams, i -> datagram(i, "10.0.0.1", 6665, "x"));
    Run run = Run.of("replay", "--rate", "1000", "--to", nobody, capture(datagrams).toString());
    assertThat(run.status()).isEqualTo(1);
    assertThat(run.err()).contains("nothing listens at " + nobody);
  }

  @Test
  void refusesWhatMakesNoSense() throws IOException {
    String capture = capture().toString();
    for (String[] wrong :
        new String[][] {
          {"--speed", "0"},
          {"--rate", "-1"},
          {"--hosts", "0"},
          {"--to", "127.0.0.1"},
          {"--to", "127.0.0.1:0"}
        }) {
      assertThat(Run.of("replay", wrong[0], wrong[1], capture).status())
          .as(String.join(" ", wrong))
          .isEqualTo(2);
    }
    assertThat(Run.of("replay", folder.toString()).err()).contains(folder + ": is a folder");
  }

  @Test
  void theDemosRecordingsAreWholeAndEachAHostOfItsOwn() throws IOException {
    List<InetAddress> hosts = new ArrayList<>();
    for (String name : DemoCommand.RECORDINGS) {
      try (CaptureReader capture = DemoCommand.recording(name)) {
        Datagram datagram = capture.next();
        assertThat(datagram).as(name).isNotNull();
        while (datagram != null) {
          if (!hosts.contains(datagram.source())) {
            hosts.add(datagram.source());
          }
          datagram = capture.next();
        }
        assertThat(capture.datagrams()).isGreaterThan(50);
      }
    }
    assertThat(hosts).hasSize(DemoCommand.RECORDINGS.size());
  }

  private String target() {
    return "127.0.0.1:" + receiver.getLocalPort();
  }

  private List<Received> receive(int count) throws IOException {
    List<Received> received = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      DatagramPacket packet = new DatagramPacket(new byte[2048], 2048);
      receiver.receive(packet);
      received.add(
          new Received(
              packet.getAddress().getHostAddress(),
              packet.getPort(),
              new String(packet.getData(), 0, packet.getLength(), UTF_8)));
    }
    return received;
  }

  private Path capture(Datagram... datagrams) throws IOException {
    Path file = Files.createTempFile(folder, "capture", ".pcap");
    try (OutputStream out = Files.newOutputStream(file);
        PcapWriter writer = new PcapWriter(out)) {
      for (Datagram datagram : datagrams) {
        writer.write(datagram);
      }
    }
    return file;
  }

  private static Datagram datagram(long millis, String source, int port, String text) {
    return new Datagram(
        0, millis * 1_000, InetAddress.ofLiteral(source), port, 6666, text.getBytes(UTF_8));
  }

  private static DatagramSocket unbound() {
    try {
      return new DatagramSocket((InetSocketAddress) null);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
