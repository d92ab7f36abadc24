package lastwords.app;

import static java.nio.charset.StandardCharsets.UTF_8;
import static lastwords.app.Running.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import lastwords.alert.HookSettings;
import lastwords.json.Json;
import lastwords.receive.ReceiveCounters;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Configurations that change under real servers, which go on receiving.
class ReloadTest {
  private static final String TOKEN = "bGFzdHdvcmRzIGxhc3R3b3Jkcw";
  private static final String OTHER_TOKEN = "c2l4dGVlbiByYW5kb20gYnl0ZXM";

  @TempDir private Path folder = Path.of("");
  private final HttpClient http = HttpClient.newHttpClient();

  @AfterEach
  void close() {
    http.close();
  }

  @Test
  void changedTokenIsAskedForAndSessionsAndStreamsOfTheOldOneEnd() throws Exception {
    try (Running running = start("token: " + TOKEN + "\n")) {
      URI uri = running.server.http();
      String session = login(uri, TOKEN);
      assertThat(status(uri, "Cookie", session)).isEqualTo(200);
      BufferedReader tail =
          new BufferedReader(
              new InputStreamReader(
                  http.send(
                          HttpRequest.newBuilder(uri.resolve("/api/v1/messages/tail"))
                              .header("Authorization", "Bearer " + TOKEN)
                              .build(),
                          BodyHandlers.ofInputStream())
                      .body(),
                  UTF_8));
      assertThat(tail.readLine()).isEqualTo(": following");

      replace("token: " + OTHER_TOKEN + "\n");

      eventually(() -> running.server.configuration().status().reloads() == 1);
      assertThat(status(uri, "Authorization", "Bearer " + OTHER_TOKEN)).isEqualTo(200);
      assertThat(status(uri, "Authorization", "Bearer " + TOKEN)).isEqualTo(401);
      assertThat(status(uri, "Cookie", session)).isEqualTo(401);
      assertThat(status(uri, "Cookie", login(uri, OTHER_TOKEN))).isEqualTo(200);
      assertThat(tail.lines()).allMatch(line -> line.isEmpty() || line.equals(": still here"));
    }
  }

  @Test
  void changedAllowDecidesAboutTheNextDatagram() throws Exception {
    try (Running running = start("allow: [127.7.0.1]\n")) {
      ReceiveCounters counters = Objects.requireNonNull(running.server.receiver).counters();
      send(running.server.udp().getFirst(), 2, "6,1,1000,-;hello");
      eventually(() -> counters.notAllowed.sum() == 1);

      replace("allow: [127.7.0.2]\n");
      eventually(() -> running.get("/stats").at("/configuration/reloads").asLong() == 1);
      send(running.server.udp().getFirst(), 2, "6,2,2000,-;hello");
      send(running.server.udp().getFirst(), 1, "6,1,1000,-;hello");

      eventually(() -> counters.datagrams.sum() == 3);
      assertThat(counters.appended.sum()).isEqualTo(1);
      assertThat(counters.notAllowed.sum()).isEqualTo(2);
    }
  }

  @Test
  void hooksOfAFileBehindALinkChangeAndOneThatIsGoneLeavesMetricsAndOutbox() throws Exception {
    try (Robot first = new Robot();
        Robot second = new Robot()) {
      Path data = folder.resolve("..data");
      Path one = Files.createDirectory(folder.resolve("..1"));
      Path two = Files.createDirectory(folder.resolve("..2"));
      Files.writeString(one.resolve("lastwords.yaml"), "hooks:\n" + hook("first", first));
      Files.writeString(two.resolve("lastwords.yaml"), "hooks:\n" + hook("second", second));
      Files.createSymbolicLink(data, one.getFileName());
      Files.createSymbolicLink(file(), Path.of("..data", "lastwords.yaml"));
      first.failures.set(Integer.MAX_VALUE);
      try (Running running = open()) {
        panic(running.server.udp().getFirst(), 1);
        eventually(() -> first.events.size() == 1);
        assertThat(metrics(running)).contains("lastwords_hook_pending{hook=\"first\"}");

        Path next = Files.createSymbolicLink(folder.resolve("..data_tmp"), two.getFileName());
        Files.move(next, data, StandardCopyOption.ATOMIC_MOVE);
        eventually(() -> names(running.get("/hooks").path("items")).equals(List.of("second")));
        panic(running.server.udp().getFirst(), 2);

        eventually(() -> second.events.size() == 1);
        assertThat(second.events.getFirst().at("/data/address").asText()).isEqualTo("127.7.0.2");
        eventually(() -> running.get("/stats").at("/outbox/pending").asLong() == 0);
        assertThat(running.list("/deliveries"))
            .anyMatch(it -> it.path("error").asText().contains("not configured any more"));
        assertThat(metrics(running))
            .contains("lastwords_hook_pending{hook=\"second\"}")
            .doesNotContain("hook=\"first\"");
        assertThat(first.events).hasSize(1);
      }
    }
  }

  @Test
  void wrongVersionIsCountedAndShownAndReceivingGoesOn() throws Exception {
    try (Running running = start("allow: [127.7.0.1]\n")) {
      replace("allow: [127.7.0.2]\nalarm-repeat: never\n");
      eventually(() -> running.get("/stats").at("/configuration/failures").asLong() == 1);

      JsonNode configuration = running.get("/stats").path("configuration");
      assertThat(configuration.path("problem").asText())
          .contains(file() + ", line 2: alarm-repeat is 'never'", "a duration reads");
      assertThat(metrics(running))
          .contains(
              "lastwords_config_reload_failures_total 1.0",
              "lastwords_config_reloads_total 0.0",
              "lastwords_config_last_reload_successful 0.0");
      assertThat(running.get("/stats").path("appended").asLong()).isZero();
      send(running.server.udp().getFirst(), 1, "6,1,1000,-;hello");
      eventually(() -> running.get("/stats").path("appended").asLong() == 1);
      HttpRequest ready = HttpRequest.newBuilder(running.server.http().resolve("/readyz")).build();
      assertThat(http.send(ready, BodyHandlers.discarding()).statusCode()).isEqualTo(200);

      replace("allow: [127.7.0.2]\nsockets: 3\n");
      eventually(() -> running.get("/stats").at("/configuration/reloads").asLong() == 1);
      assertThat(running.get("/stats").at("/configuration/after_restart/0").asText())
          .isEqualTo("sockets");
      assertThat(metrics(running)).contains("lastwords_config_last_reload_successful 1.0");
    }
  }

  @Test
  void hangupTakesTokenAllowAndHooksAnewRejectsWhatIsWrongAndNamesWhatNeedsARestart()
      throws Exception {
    try (Robot robot = new Robot()) {
      Files.writeString(file(), "token: " + TOKEN + "\nallow: [127.7.0.1]\n");
      try (Child child =
          Child.serve(
              "--config",
              file().toString(),
              "--data",
              folder.resolve("data").toString(),
              "--udp",
              "127.0.0.1:0",
              "--http",
              "127.0.0.1:0")) {
        URI uri = URI.create(child.client().server());
        InetSocketAddress udp = udp(child);
        child.signal("HUP");
        eventually(() -> reloads(uri, TOKEN) == 1);

        replace("token: short\n");
        child.signal("HUP");
        eventually(
            () -> child.said("ERROR", "rejected", file() + ", line 1: token", "openssl rand"));
        assertThat(status(uri, "Authorization", "Bearer " + TOKEN)).isEqualTo(200);

        replace(
            "token: %s\nallow: [127.7.0.2]\nroll: daily\nhooks:\n%s"
                .formatted(OTHER_TOKEN, hook("robot", robot)));
        child.signal("HUP");
        eventually(() -> child.said("WARN", "roll changed: takes effect after a restart"));
        assertThat(status(uri, "Authorization", "Bearer " + OTHER_TOKEN)).isEqualTo(200);
        assertThat(status(uri, "Authorization", "Bearer " + TOKEN)).isEqualTo(401);
        panic(udp, 1);
        panic(udp, 2);
        eventually(() -> !robot.events.isEmpty());
        assertThat(robot.events)
            .allMatch(event -> event.at("/data/address").asText().equals("127.7.0.2"));
        assertThat(child.isAlive()).isTrue();
      }
    }
  }

  private static InetSocketAddress udp(Child child) {
    String line =
        child.output().stream()
            .filter(it -> it.startsWith("listening udp"))
            .findFirst()
            .orElseThrow();
    return Addresses.socket(line.substring("listening udp ".length()), "127.0.0.1");
  }

  private Path file() {
    return folder.resolve("lastwords.yaml");
  }

  private Running start(String yaml) throws IOException {
    Files.writeString(file(), yaml);
    return open();
  }

  private Running open() {
    return Running.start(folder.resolve("data"), "receive,analyze,index,web", Map.of(), file());
  }

  private void replace(String yaml) throws IOException {
    Path next = Files.writeString(folder.resolve("next.yaml"), yaml);
    Files.move(next, file(), StandardCopyOption.ATOMIC_MOVE);
  }

  private static String hook(String name, Robot robot) {
    HookSettings hook = robot.settings();
    return "  - {name: %s, type: webhook, url: '%s', secret: %s}\n"
        .formatted(name, hook.url(), hook.secrets().getFirst());
  }

  private static List<String> names(JsonNode hooks) {
    return hooks.findValuesAsText("name");
  }

  private String login(URI uri, String token) throws IOException, InterruptedException {
    HttpRequest form =
        HttpRequest.newBuilder(uri.resolve("/login"))
            .header("Content-Type", "application/x-www-form-urlencoded")
            .POST(HttpRequest.BodyPublishers.ofString("token=" + URLEncoder.encode(token, UTF_8)))
            .build();
    String cookie =
        http.send(form, BodyHandlers.discarding()).headers().firstValue("Set-Cookie").orElseThrow();
    return cookie.substring(0, cookie.indexOf(';'));
  }

  private long reloads(URI uri, String token) {
    HttpRequest get =
        HttpRequest.newBuilder(uri.resolve("/api/v1/stats"))
            .header("Authorization", "Bearer " + token)
            .build();
    try {
      return Json.read(http.send(get, BodyHandlers.ofString()).body(), JsonNode.class)
          .at("/configuration/reloads")
          .asLong();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private int status(URI uri, String header, String value) {
    HttpRequest get =
        HttpRequest.newBuilder(uri.resolve("/api/v1/stats")).header(header, value).build();
    try {
      return http.send(get, BodyHandlers.discarding()).statusCode();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private String metrics(Running running) throws IOException, InterruptedException {
    HttpRequest scrape = HttpRequest.newBuilder(running.server.http().resolve("/metrics")).build();
    return http.send(scrape, BodyHandlers.ofString()).body();
  }

  private static void panic(InetSocketAddress to, int host) throws IOException {
    send(to, host, "0,100,5000000,-;Kernel panic - not syncing: test " + host);
  }

  private static void send(InetSocketAddress to, int host, String line) throws IOException {
    byte[] payload = line.getBytes(UTF_8);
    try (DatagramSocket socket = new DatagramSocket(0, InetAddress.getByName("127.7.0." + host))) {
      socket.send(new DatagramPacket(payload, payload.length, to));
    }
  }
}
