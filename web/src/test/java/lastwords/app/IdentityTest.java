package lastwords.app;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Nobody is taken for another host: on a real server, with senders that claim to be others.
final class IdentityTest {
  @TempDir Path folder;
  private Path inventory = Path.of("");
  private int sequence;

  @BeforeEach
  void writeInventory() throws IOException {
    inventory =
        Files.writeString(
            folder.resolve("inv.yaml"),
            """
            - {address: 127.0.0.42, host: db42}
            - {address: 127.0.0.43, host: web1}
            - {address: 127.0.0.44, host: cache9}
            """);
  }

  @Test
  void nobodyPanicsAsAHostOfTheInventory() throws IOException {
    try (Running server = start()) {
      panic(server, "127.0.0.99", " host=web1\n");

      JsonNode crash = onlyCrash(server, "127.0.0.99");
      assertThat(crash.path("host").asText()).isEqualTo("127.0.0.99");
      assertThat(crash.path("host_source").asText()).isEqualTo("address");
      assertThat(crash.path("claimed_host").asText()).isEqualTo("web1");
      Running.eventually(() -> !server.list("/alarms").isEmpty());
      JsonNode alarm = server.list("/alarms").getFirst();
      assertThat(alarm.path("host").asText()).isEqualTo("127.0.0.99");
      assertThat(alarm.path("address").asText()).isEqualTo("127.0.0.99");
      assertThat(alarm.path("host_source").asText()).isEqualTo("address");
      assertThat(alarm.path("claimed_host").asText()).isEqualTo("web1");
      Running.eventually(() -> server.list("/crashes", "query", "claimed_host:web1").size() == 1);
      assertThat(server.list("/crashes", "query", "host:web1")).isEmpty();
      assertThat(server.get("/hosts/127.0.0.99").path("claimed_host").asText()).isEqualTo("web1");
    }
  }

  @Test
  void forgedDatagramDoesNotRenameAHostAlsoNotOverARestart() throws IOException {
    try (Running server = start()) {
      send(server, "127.0.0.42", "6,%d,%d,-;hello\n host=cache9\n");
      server.untilRead(1);
    }
    try (Running server = start()) {
      panic(server, "127.0.0.42", "");

      JsonNode crash = onlyCrash(server, "127.0.0.42");
      assertThat(crash.path("host").asText()).isEqualTo("db42");
      assertThat(crash.path("host_source").asText()).isEqualTo("inventory");
      assertThat(server.list("/messages", "query", "host:cache9")).isEmpty();
      assertThat(server.list("/messages", "query", "host:db42")).isNotEmpty();
    }
  }

  @Test
  void changedInventoryNamesHostsThatAreKnownAndAWrongOneChangesNothing() throws IOException {
    try (Running server = start()) {
      send(server, "127.0.0.50", "6,%d,%d,-;hello\n host=said\n");
      Running.eventually(() -> name(server, "127.0.0.50").equals("said"));

      replaceInventory("- {address: 127.0.0.50, host: db50}\n");
      Running.eventually(() -> name(server, "127.0.0.50").equals("db50"));

      replaceInventory("- {address: 127.0.0.50, host: db51}\n- {address: nowhere}\n");
      Running.eventually(() -> server.server.configuration().status().failures() == 1);
      assertThat(server.server.configuration().status().problem())
          .contains("line 2")
          .contains("nowhere");
      assertThat(name(server, "127.0.0.50")).isEqualTo("db50");

      replaceInventory("- {address: 127.0.0.50, host: db52}\n");
      Running.eventually(() -> name(server, "127.0.0.50").equals("db52"));
      assertThat(server.server.configuration().status().problem()).isNull();
    }
  }

  @Test
  void hangupReloadsAndEndsNothing() throws IOException {
    try (Child server =
        Child.serve(
            "--data",
            folder.resolve("data").toString(),
            "--udp",
            "127.0.0.1:0",
            "--http",
            "127.0.0.1:0",
            "--inventory",
            inventory.toString())) {
      replaceInventory("- {address: nowhere}\n");
      server.signal("HUP");
      Running.eventually(() -> server.said("ERROR", "rejected", "line 1", "nowhere"));
      assertThat(server.status("/healthz")).isEqualTo(200);
    }
  }

  private void replaceInventory(String yaml) throws IOException {
    Path next = Files.writeString(folder.resolve("next.yaml"), yaml);
    Files.move(next, inventory, StandardCopyOption.ATOMIC_MOVE);
  }

  private static String name(Running server, String address) {
    return server.list("/hosts").stream()
        .filter(host -> host.path("addresses").toString().contains('"' + address + '"'))
        .map(host -> host.path("host").asText())
        .findFirst()
        .orElse("");
  }

  private Running start() {
    return Running.start(
        folder.resolve("data"),
        "receive,analyze,index,web",
        Map.of(ConfigKey.INVENTORY, List.of(inventory.toString())));
  }

  private void panic(Running server, String from, String userdata) throws IOException {
    send(server, from, "0,%d,%d,-;Kernel panic - not syncing: Fatal exception\n" + userdata);
    send(server, from, "0,%d,%d,-;---[ end Kernel panic - not syncing: Fatal exception ]---\n");
  }

  private void send(Running server, String from, String record) throws IOException {
    int number = 100 + sequence++;
    byte[] payload = record.formatted(number, 3_600_000_000L + number * 1_000L).getBytes(US_ASCII);
    try (DatagramSocket socket =
        new DatagramSocket(new InetSocketAddress(InetAddress.ofLiteral(from), 0))) {
      socket.send(new DatagramPacket(payload, payload.length, server.server.udp().getFirst()));
    }
  }

  private static JsonNode onlyCrash(Running server, String address) {
    Running.eventually(() -> server.crashes().containsKey(address));
    return Objects.requireNonNull(server.crashes().get(address)).getFirst();
  }
}
