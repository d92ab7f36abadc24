package lastwords.app;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import lastwords.decode.Decoder;
import lastwords.kernel.Datagram;
import lastwords.kernel.Host;
import lastwords.store.Ledger;
import lastwords.store.Log;
import lastwords.store.embedded.ChronicleLog;
import lastwords.store.embedded.SqliteLedger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Who may send from where, and where a server may listen.
class AddressesTest {
  private static final int LARGEST_IPV4 = 65_507;
  private static final int LARGEST_IPV6 = 65_527;

  /// What is kept of a text that is longer than any kernel's, with the mark behind it.
  private static final int KEPT = Decoder.MAX_TEXT_CHARS + "[... 57301 bytes cut ...]".length();

  @TempDir Path folder;
  private final int port = Ports.free();

  @Test
  void oneSocketHearsIpv6AndIpv4WithTheLargestAndTheEmptyDatagram() throws IOException {
    try (Child server = serve("one", "[::]:" + port)) {
      send("127.0.0.1", "6,1,7000000,-;over IPv4\n".getBytes(US_ASCII));
      send("::1", "6,1,7000000,-;over IPv6\n".getBytes(US_ASCII));
      send("127.0.0.1", text("6,2,7000100,-;long", LARGEST_IPV4));
      send("::1", text("6,2,7000100,-;longer", LARGEST_IPV6));
      send("127.0.0.1", new byte[0]);
      Running.eventually(() -> Running.isRead(Running.get(server.client(), "/stats"), 5));

      assertThat(payloads("one"))
          .extracting(payload -> payload.length)
          .containsExactlyInAnyOrder(24, 24, LARGEST_IPV4, LARGEST_IPV6, 0);
      JsonNode stats = Running.get(server.client(), "/stats");
      assertThat(stats.path("datagrams").asLong()).isEqualTo(5);
      assertThat(stats.path("bytes").asLong()).isEqualTo(24 + 24 + LARGEST_IPV4 + LARGEST_IPV6);
      assertThat(stats.path("malformed").asLong()).as("the empty one").isEqualTo(1);
      Running.eventually(() -> heard(server).equals(Set.of("127.0.0.1 2", "0:0:0:0:0:0:0:1 2")));
      Running.eventually(() -> Running.list(server.client(), "/messages").size() == 4);
      for (String query :
          List.of("address:127.0.0.1", "address:\"::1\"", "address:\"0:0:0:0:0:0:0:1\"")) {
        assertThat(Running.list(server.client(), "/messages", "query", query)).as(query).hasSize(2);
      }
      assertThat(Running.list(server.client(), "/messages"))
          .extracting(message -> message.path("text").asText().length())
          .containsExactlyInAnyOrder(9, 9, KEPT, KEPT);
    }
  }

  /// Each host with how many messages are known of it.
  private static Set<String> heard(Child server) {
    return Running.list(server.client(), "/hosts").stream()
        .map(host -> host.path("host").asText() + " " + host.path("messages").asLong())
        .collect(Collectors.toSet());
  }

  /// As any user, in a container, or by a unit without its capability.
  @Test
  void withoutCapabilitiesTheBufferIsWhatTheKernelAllowsEverybody() throws Exception {
    List<String> without = List.of("setpriv", "--bounding-set=-all", "--inh-caps=-all");
    List<String> check = new ArrayList<>(without);
    check.add("true");
    // Who may not drop any has none.
    List<String> within = runs(check.toArray(new String[0])) ? without : List.of();
    try (Child server =
        Child.serveWithin(
            within,
            "--data=" + folder.resolve("one"),
            "--udp=127.0.0.1:" + port,
            "--http=127.0.0.1:0",
            "--receive-buffer=1GiB")) {
      send("127.0.0.1", "6,1,7000000,-;heard\n".getBytes(US_ASCII));
      Running.eventually(() -> Running.isRead(Running.get(server.client(), "/stats"), 1));

      // Such a file tells all in one read, or only the first of it.
      Path most = Path.of("/proc/sys/net/core/rmem_max");
      long allowed = Long.parseLong(Files.readAllLines(most).getFirst());
      JsonNode sockets = Running.get(server.client(), "/stats").path("sockets");
      assertThat(sockets)
          .extracting(socket -> socket.path("buffer_bytes").asLong())
          .containsOnly(2 * allowed);
      assertThat(server.said("for more: sysctl -w net.core.rmem_max=")).isTrue();
    }
  }

  @Test
  void twoCollectorsShareAMachineButNeitherPortNorFolder() {
    try (Child first = serve("first", "127.0.0.1:" + port)) {
      for (String taken : List.of("127.0.0.1:" + port, "[::]:" + port, "0.0.0.0:" + port)) {
        Run same = serveInVain("second", taken);
        assertThat(same.status()).isEqualTo(1);
        assertThat(same.err()).as(taken).contains("can't listen on UDP " + taken).hasLineCount(1);
      }
      Run same = serveInVain("first", "127.0.0.1:0");
      assertThat(same.status()).isEqualTo(1);
      assertThat(same.err())
          .contains(folder.resolve("first").toString(), "another process")
          .hasLineCount(1);

      try (Child second = serve("second", "127.0.0.2:" + port)) {
        assertThat(second.status("/readyz")).isEqualTo(200);
      }
      assertThat(first.status("/readyz")).isEqualTo(200);
    }
  }

  @Test
  void anAddressGivenTwiceIsRefused() {
    Run twice = serveInVain("one", "[::]:" + port, "127.0.0.1:" + port);
    assertThat(twice.status()).isEqualTo(1);
    assertThat(twice.err()).contains("can't listen on UDP 127.0.0.1:" + port).hasLineCount(1);
  }

  /// The same address on two links is two machines.
  @Test
  void linkLocalHostsOnTwoLinksAreTwo() throws Exception {
    String net = "lastwords-" + ProcessHandle.current().pid();
    try {
      assumeThat(runs("ip", "netns", "add", net)).as("may make networks").isTrue();
      for (int link = 1; link <= 2; link++) {
        String there = net + "-" + link;
        String here = "link" + link;
        assertThat(runs("ip", "netns", "add", there)).isTrue();
        assertThat(
                runs(
                    "ip", "link", "add", here, "netns", net, "type", "veth", "peer", "name", "eth",
                    "netns", there))
            .isTrue();
        up(net, here, "fe80::1");
        up(there, "eth", "fe80::2");
      }
      List<String> within = List.of("ip", "netns", "exec", net);
      assertThat(runs("ip", "-n", net, "link", "set", "lo", "up")).isTrue();
      try (Child server =
          Child.serveWithin(
              within,
              "--data",
              folder.resolve("links").toString(),
              "--udp",
              "[::]:" + port,
              "--http",
              "127.0.0.1:0")) {
        for (int link = 1; link <= 2; link++) {
          assertThat(
                  runs(
                      "ip",
                      "netns",
                      "exec",
                      net + "-" + link,
                      "bash",
                      "-c",
                      "echo '6,1,7000000,-;on link %d' > /dev/udp/fe80::1%%eth/%d"
                          .formatted(link, port)))
              .isTrue();
        }
        try (Ledger ledger = SqliteLedger.open(folder.resolve("links/ledger.db"))) {
          Running.eventually(() -> ledger.hosts().stream().mapToLong(Host::messages).sum() == 2);
          assertThat(ledger.hosts())
              .extracting(Host::address)
              .hasSize(2)
              .doesNotHaveDuplicates()
              .allMatch(address -> address.startsWith("fe80:0:0:0:0:0:0:2%"));
        }
        assertThat(payloads("links")).hasSize(2);
        assertThat(server.stop()).isZero();
      }
    } finally {
      for (String name : List.of(net, net + "-1", net + "-2")) {
        runs("ip", "netns", "delete", name);
      }
    }
  }

  private static void up(String net, String device, String address) throws Exception {
    assertThat(runs("ip", "-n", net, "link", "set", device, "addrgenmode", "none")).isTrue();
    assertThat(
            runs(
                "ip",
                "-n",
                net,
                "addr",
                "add",
                address + "/64",
                "dev",
                device,
                "nodad",
                "scope",
                "link"))
        .isTrue();
    assertThat(runs("ip", "-n", net, "link", "set", device, "up")).isTrue();
  }

  private static boolean runs(String... command) throws IOException, InterruptedException {
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (process.waitFor() != 0) {
        System.out.println(String.join(" ", command) + ": " + said.strip());
      }
      return process.exitValue() == 0;
    } catch (IOException e) {
      System.out.println(e.getMessage());
      return false;
    }
  }

  private Child serve(String data, String udp) {
    return Child.serve(
        "--data", folder.resolve(data).toString(), "--udp", udp, "--http", "127.0.0.1:0");
  }

  private Run serveInVain(String data, String... udp) {
    List<String> arguments = new ArrayList<>(List.of("serve", "--http", "127.0.0.1:0"));
    arguments.addAll(List.of("--data", folder.resolve(data).toString()));
    for (String address : udp) {
      arguments.addAll(List.of("--udp", address));
    }
    return Run.of(arguments.toArray(new String[0]));
  }

  private void send(String to, byte[] payload) throws IOException {
    try (DatagramSocket socket = new DatagramSocket()) {
      socket.setSendBufferSize(1 << 20);
      socket.send(
          new DatagramPacket(
              payload, payload.length, new InetSocketAddress(InetAddress.ofLiteral(to), port)));
    }
  }

  /// Filled with words of a letter each.
  private static byte[] text(String start, int bytes) {
    return (start + " x".repeat(bytes)).substring(0, bytes).getBytes(US_ASCII);
  }

  private List<byte[]> payloads(String data) {
    List<byte[]> payloads = new ArrayList<>();
    try (Log log = ChronicleLog.openReadOnly(folder.resolve(data).resolve("log"));
        Log.Cursor cursor = log.read(0)) {
      for (Datagram next = cursor.next(); next != null; next = cursor.next()) {
        payloads.add(next.payload());
      }
    }
    return payloads;
  }
}
