package lastwords.receive;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import lastwords.kernel.Cidr;
import lastwords.kernel.Datagram;
import lastwords.store.Log;
import lastwords.store.embedded.ChronicleLog;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// On real sockets of the loopback interface, into a real log.
class ReceiverTest {
  private static final String ANY = "::";
  private static final String IPV4 = "127.0.0.1";

  @TempDir Path folder;
  private Log log;

  @BeforeEach
  void openLog() {
    log = ChronicleLog.open(folder, ChronicleLog.Options.DEFAULT);
  }

  @AfterEach
  void closeLog() {
    log.close();
  }

  @Test
  void ipv4SenderOnADualStackSocketIsAnIpv4Address() throws Exception {
    try (Receiver receiver = start(ANY, List.of(), 1)) {
      send(receiver, IPV4, "hello".getBytes(US_ASCII));
      await(receiver, 1);
      send(receiver, "::1", "hello".getBytes(US_ASCII));
      await(receiver, 2);
      assertThat(receiver.addresses().getFirst().getPort()).isPositive();
    }

    assertThat(datagrams())
        .extracting(datagram -> datagram.source().getHostAddress())
        .containsExactly(IPV4, "0:0:0:0:0:0:0:1");
  }

  @Test
  void largestAndEmptyDatagramsAreKeptWhole() throws Exception {
    byte[] largest = new byte[65_507];
    largest[65_506] = 42;
    try (Receiver receiver = start(ANY, List.of(), 1)) {
      send(receiver, IPV4, largest);
      await(receiver, 1);
      send(receiver, IPV4, new byte[0]);
      await(receiver, 2);
      send(receiver, "::1", new byte[65_527]);
      await(receiver, 3);
      assertThat(receiver.counters().bytes.sum()).isEqualTo(65_507 + 65_527);
    }

    List<Datagram> datagrams = datagrams();
    assertThat(datagrams.get(0).payload()).isEqualTo(largest);
    assertThat(datagrams.get(1).payload()).isEmpty();
    assertThat(datagrams.get(2).payload()).hasSize(65_527);
  }

  @Test
  void senderOnNoAllowListIsCounted() throws Exception {
    try (Receiver receiver = start(ANY, List.of(Cidr.parse("127.0.0.2")), 1)) {
      send(receiver, IPV4, "no".getBytes(US_ASCII));
      await(receiver, 1);
      assertThat(receiver.counters().notAllowed.sum()).isEqualTo(1);
    }

    assertThat(datagrams()).isEmpty();
  }

  @Test
  void severalSocketsLoseAndDoubleNothing() throws Exception {
    int senders = 200;
    try (Receiver receiver = start(IPV4, List.of(), 4)) {
      assertThat(receiver.sockets()).hasSize(4);
      assertThat(receiver.addresses()).hasSize(1);
      for (int i = 0; i < senders; i++) {
        send(receiver, IPV4, ("message " + i).getBytes(US_ASCII));
      }
      await(receiver, senders);
      assertThat(receiver.sockets()).allMatch(socket -> socket.drops() == 0);
      assertThat(receiver.sockets()).allMatch(socket -> socket.bufferBytes() > 0);
    }

    assertThat(datagrams())
        .extracting(datagram -> new String(datagram.payload(), US_ASCII))
        .doesNotHaveDuplicates()
        .hasSize(senders);
  }

  @Test
  void portThatAnotherHasIsRefusedInASentence() throws IOException {
    try (DatagramSocket other =
        new DatagramSocket(new InetSocketAddress(InetAddress.ofLiteral(IPV4), 0))) {
      int port = other.getLocalPort();

      assertThatThrownBy(() -> start(IPV4, port, List.of(), 1))
          .isInstanceOf(UncheckedIOException.class)
          .hasMessageContaining("can't listen on UDP 127.0.0.1:" + port);
    }
  }

  @Test
  void changedAllowHoldsForTheNextDatagram() throws Exception {
    try (Receiver receiver = start(IPV4, List.of(Cidr.parse("10.0.0.0/8")), 2)) {
      send(receiver, IPV4, new byte[] {1});
      await(receiver, 1);
      receiver.allow(List.of(Cidr.parse("127.0.0.0/8")));
      send(receiver, IPV4, new byte[] {2});
      await(receiver, 2);
      receiver.allow(List.of());
      send(receiver, IPV4, new byte[] {3});
      await(receiver, 3);
      assertThat(receiver.counters().notAllowed.sum()).isEqualTo(1);
      assertThat(receiver.counters().appended.sum()).isEqualTo(2);
    }
  }

  @Test
  void whatCameBeforeClosingIsInTheLog() throws Exception {
    Receiver receiver = start(IPV4, List.of(), 1);
    int sent = 5_000;
    try (DatagramSocket socket = new DatagramSocket()) {
      for (int i = 0; i < sent; i++) {
        socket.send(new DatagramPacket(new byte[100], 100, receiver.addresses().getFirst()));
      }
    }
    receiver.close();

    ReceiveCounters counters = receiver.counters();
    assertThat(counters.appended.sum()).isEqualTo(counters.datagrams.sum()).isEqualTo(log.end());
    assertThat(counters.appended.sum() + receiver.drops()).isEqualTo(sent);
    assertThat(receiver.sockets()).noneMatch(SocketState::isOpen);
  }

  private Receiver start(String address, List<Cidr> allow, int sockets) {
    return start(address, 0, allow, sockets);
  }

  private Receiver start(String address, int port, List<Cidr> allow, int sockets) {
    return Receiver.start(
        new ReceiveSettings(
            List.of(new InetSocketAddress(InetAddress.ofLiteral(address), port)),
            allow,
            4 << 20,
            sockets),
        log);
  }

  private static void send(Receiver receiver, String to, byte[] payload) throws IOException {
    try (DatagramSocket socket = new DatagramSocket()) {
      socket.setSendBufferSize(1 << 20);
      socket.send(
          new DatagramPacket(
              payload,
              payload.length,
              InetAddress.ofLiteral(to),
              receiver.addresses().getFirst().getPort()));
    }
  }

  /// Waits until so many datagrams went their way; the surefire timeout ends it otherwise.
  private static void await(Receiver receiver, int datagrams) throws InterruptedException {
    ReceiveCounters counters = receiver.counters();
    while (counters.appended.sum() + counters.refused() < datagrams) {
      Thread.sleep(1);
    }
  }

  private List<Datagram> datagrams() {
    List<Datagram> datagrams = new ArrayList<>();
    try (Log.Cursor cursor = log.read(0)) {
      for (Datagram next = cursor.next(); next != null; next = cursor.next()) {
        datagrams.add(next);
      }
    }
    return datagrams;
  }
}
