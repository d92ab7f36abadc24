package lastwords.app;

import static java.nio.charset.StandardCharsets.UTF_8;
import static lastwords.app.Running.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Alarms from datagram to robot, on a real server.
class AlarmsTest {
  @Test
  void aPanicSecondsAfterItsOopsReachesTheRobotAsAnUpdate(@TempDir Path folder) throws IOException {
    try (Robot robot = new Robot();
        Running running = start(folder, robot, "1000")) {
      send(running, 1, "1,100,5000000,-;BUG: kernel NULL pointer dereference, address: 0008");
      eventually(() -> robot.events.size() == 1);
      send(running, 1, "0,101,9000000,-;Kernel panic - not syncing: Fatal exception");
      eventually(() -> robot.events.size() == 2);

      JsonNode crash = robot.events.getFirst();
      JsonNode update = robot.events.getLast();
      assertThat(crash.path("type").asText()).isEqualTo("kernel.crash");
      assertThat(crash.at("/data/panicked").asBoolean()).isFalse();
      assertThat(update.path("type").asText()).isEqualTo("kernel.crash.update");
      assertThat(update.at("/data/alarm")).isEqualTo(crash.at("/data/alarm"));
      assertThat(update.at("/data/panicked").asBoolean()).isTrue();
      assertThat(update.at("/data/severity").asText()).isEqualTo("critical");
      assertThat(robot.calls).extracting(Robot.Call::id).doesNotHaveDuplicates();
      JsonNode alarm = running.list("/alarms").getFirst();
      assertThat(alarm.path("severity").asText()).isEqualTo("critical");
      assertThat(alarm.path("panicked").asBoolean()).isTrue();
    }
  }

  @Test
  void everyLinkThatIsSentLeadsToAPage(@TempDir Path folder)
      throws IOException, InterruptedException {
    try (Robot robot = new Robot();
        Running running = start(folder, robot, "1");
        HttpClient http = HttpClient.newHttpClient()) {
      running.post("/hooks/robot/test");
      for (int host = 1; host <= 3; host++) {
        send(running, host, "0,100,5000000,-;Kernel panic - not syncing: test " + host);
      }
      eventually(() -> types(robot).contains("kernel.crash.storm"));
      assertThat(types(robot)).contains("test", "kernel.crash");
      Set<String> links = new HashSet<>();
      robot.events.forEach(event -> links.addAll(event.findValuesAsText("link")));
      assertThat(links).anyMatch(link -> link.contains("/alarms?storm=")).hasSizeGreaterThan(1);
      for (String link : links) {
        HttpRequest get =
            HttpRequest.newBuilder(URI.create(link)).header("Accept", "text/html").build();
        assertThat(http.send(get, BodyHandlers.ofString()).statusCode()).as(link).isEqualTo(200);
      }
    }
  }

  private static Running start(Path folder, Robot robot, String perMinute) throws IOException {
    Path file = robot.config(folder, folder.resolve("data"), 0);
    assertThat(Files.size(file)).isPositive();
    return Running.start(
        folder.resolve("data"),
        "receive,analyze,index,web",
        Map.of(ConfigKey.ALARMS_PER_MINUTE, List.of(perMinute)),
        file);
  }

  private static Set<String> types(Robot robot) {
    return robot.events.stream()
        .map(event -> event.path("type").asText())
        .collect(Collectors.toSet());
  }

  private static void send(Running running, int host, String line) throws IOException {
    byte[] payload = line.getBytes(UTF_8);
    try (DatagramSocket socket = new DatagramSocket(0, InetAddress.getByName("127.7.0." + host))) {
      socket.send(new DatagramPacket(payload, payload.length, running.server.udp().getFirst()));
    }
  }
}
