package lastwords.app;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Stream;
import lastwords.json.Json;
import lastwords.kernel.Datagram;
import lastwords.store.Log;
import lastwords.store.embedded.ChronicleLog;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A whole server on a disk of 128 MiB that others fill up too. The slower the machine, the more is
/// said until something is not kept, and the index has one day only, which it can't drop: there is
/// room for that beside keep-free.
class FullDiskTest {
  private static final int MEBIBYTES = 128;
  private static final int PAYLOAD_BYTES = 1_000;
  private static final int AT_A_TIME = 2_000;
  private static final int TOO_MANY_AT_A_TIME = 30_000;

  @TempDir private Path folder = Path.of("");
  private final int udpPort = Ports.free();
  private final int httpPort = Ports.free();
  private final Robot robot;
  private final DatagramSocket socket;
  private long sent;
  private long said;
  private long appendedBefore;

  FullDiskTest() throws IOException {
    socket = new DatagramSocket();
    robot = new Robot();
  }

  @AfterEach
  void close() {
    socket.close();
    robot.close();
  }

  private static boolean hasFree(SmallDisk disk, long bytes) {
    try {
      return disk.free() > bytes;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void onAFullDiskItMakesRoomThenCountsAndGoesOnByItself() throws Exception {
    Path data = folder.resolve("disk");
    Path config =
        robot.config(
            folder,
            data,
            udpPort,
            "http: '127.0.0.1:" + httpPort + "'",
            "alarm-severity: warning",
            "keep-free: 32MiB");
    try (SmallDisk disk = SmallDisk.inMemory(data, MEBIBYTES);
        Child server = Child.serve("--config", config.toString())) {
      // The log alone: it may have what keep-free leaves, and its oldest files make room.
      speak(192L << 20);
      assertThat(firstOffset(data)).as("the oldest is gone").isPositive();
      // The index may have a part of keep-free, until the next look makes room again.
      Running.eventually(() -> hasFree(disk, 24 << 20));
      everythingAddsUp();
      tellsOfACrash("first");

      // Somebody else takes more: older files go, and there is still an alarm.
      disk.fill("other", 28 << 20);
      Running.eventually(() -> speaksOnAndIsKept(true));
      tellsOfACrash("second");

      // Nothing is left at all: what comes faster than it can be read is counted.
      disk.fill("more", 0);
      Running.eventually(() -> speaksOnAndIsKept(false));
      everythingAddsUp();
      assertThat(Running.list(server.client(), "/crashes", "since", "1d"))
          .extracting(crash -> crash.path("title").asText().replaceFirst(".* in ", ""))
          .contains("broken_first_write", "broken_second_write");
      assertThat(ask("/api/v1/messages?query=record&limit=10").path("items")).isNotEmpty();
      assertThat(status("/readyz")).isEqualTo(503);
      assertThat(status("/healthz")).isEqualTo(200);

      disk.delete("more");
      disk.delete("other");
      Running.eventually(() -> speaksOnAndIsKept(true));
      tellsOfACrash("third");
      everythingAddsUp();
      Running.eventually(() -> status("/readyz") == 200);
      Running.eventually(() -> Running.isRead(ask("/api/v1/stats"), 1));
      assertThat(server.stop()).isZero();
      isWhole(data);
    }
  }

  @Test
  void whileAnotherProgramHasTheDiskAHostThatDiesStillRaisesItsAlarm() throws Exception {
    Path data = folder.resolve("disk");
    Path config =
        robot.config(
            folder,
            data,
            udpPort,
            "http: '127.0.0.1:" + httpPort + "'",
            "alarm-severity: warning",
            "keep-free: 48MiB");
    try (SmallDisk disk = SmallDisk.inMemory(data, 160);
        Child server = Child.serve("--config", config.toString())) {
      speak(1 << 20);
      Running.eventually(() -> Running.isRead(ask("/api/v1/stats"), sent));
      Running.eventually(() -> spareFiles(data) == 4);

      // Less than keep-free, and nothing of ours that could go.
      disk.fill("other", 16 << 20);
      raisesOneAlarm("first");
      assertThat(get("/readyz").body()).contains("keep-free is 48MiB");
      speaksInTurnWithAnalysis(8);
      raisesOneAlarm("second");

      // Not a byte.
      disk.fill("other", 0);
      raisesOneAlarm("third");
      speaksInTurnWithAnalysis(24);
      raisesOneAlarm("fourth");
      assertThat(disk.free()).isZero();
      assertThat(status("/readyz")).isEqualTo(503);
      assertThat(status("/healthz")).isEqualTo(200);
      assertThat(ask("/api/v1/messages?query=record&limit=10").path("items")).isNotEmpty();

      disk.delete("other");
      Running.eventually(() -> status("/readyz") == 200);
      raisesOneAlarm("fifth");
      Running.eventually(() -> Running.isRead(ask("/api/v1/stats"), sent));
      appendedBefore = sent;
      isWhole(data);
      assertThat(metric("lastwords_not_appended_total")).isZero();
      assertThat(robot.idsByCrash()).hasSize(5).allSatisfy((_, ids) -> assertThat(ids).hasSize(1));
      assertThat(server.stop()).isZero();
    }
  }

  private static long spareFiles(Path data) {
    try (Stream<Path> files = Files.list(data.resolve("log"))) {
      return files.filter(file -> file.getFileName().toString().matches("spare-\\d")).count();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Much more than was set aside, no faster than it is analyzed and taken back.
  private void speaksInTurnWithAnalysis(int mebibytes) {
    for (int i = 0; i < mebibytes / 2; i++) {
      speak(2 << 20);
      Running.eventually(() -> ask("/api/v1/stats").path("analyzed").asLong() == sent);
      Running.eventually(() -> spareFiles(folder.resolve("disk")) >= 2);
    }
  }

  /// Told once; one that is found.
  private void raisesOneAlarm(String name) {
    String function = "broken_" + name + "_write";
    Choir.WARNING.forEach(line -> say(line.formatted(function)));
    Running.eventually(
        () -> robot.calls.stream().anyMatch(call -> call.title().contains(function)));
    Running.eventually(() -> !ask("/api/v1/crashes?query=" + function).path("items").isEmpty());
  }

  /// Sends a while; whether the log took all or, if asked for the contrary, refused some.
  private boolean speaksOnAndIsKept(boolean kept) {
    double before = metric("lastwords_not_appended_total");
    int atATime = kept ? AT_A_TIME : TOO_MANY_AT_A_TIME;
    speak((long) atATime * PAYLOAD_BYTES, atATime);
    return kept == ((metric("lastwords_not_appended_total") - before) == 0);
  }

  /// No faster than it is received, so that no socket drops any.
  private void speak(long bytes) {
    speak(bytes, AT_A_TIME);
  }

  private void speak(long bytes, int atATime) {
    StringBuilder rest = new StringBuilder();
    while (rest.length() < PAYLOAD_BYTES) {
      rest.append(" and goes on");
    }
    for (long i = 0; i < bytes / PAYLOAD_BYTES; i++) {
      say("record " + said + rest);
      if (sent % atATime == 0) {
        Running.eventually(() -> ask("/api/v1/stats").path("datagrams").asLong() == sent);
      }
    }
    Running.eventually(() -> ask("/api/v1/stats").path("datagrams").asLong() == sent);
  }

  private void say(String text) {
    byte[] payload =
        "4,%d,%d,-;%s\n".formatted(said, 5_000_000 + said * 50, text).getBytes(US_ASCII);
    try {
      socket.send(
          new DatagramPacket(payload, payload.length, InetAddress.getLoopbackAddress(), udpPort));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    said++;
    sent++;
  }

  /// Says it again as long as the log can't take all of it.
  private void tellsOfACrash(String function) {
    double refused;
    do {
      refused = metric("lastwords_not_appended_total");
      Choir.WARNING.forEach(line -> say(line.formatted("broken_" + function + "_write")));
      Running.eventually(() -> ask("/api/v1/stats").path("datagrams").asLong() == sent);
    } while (metric("lastwords_not_appended_total") > refused);
    Running.eventually(
        () -> robot.calls.stream().anyMatch(call -> call.title().contains(function + "_write")));
  }

  private void everythingAddsUp() {
    long appended = ask("/api/v1/stats").path("appended").asLong();
    long refused = (long) metric("lastwords_not_appended_total");
    assertThat(appended + refused).isEqualTo(sent);
    assertThat(appended).isGreaterThan(appendedBefore);
    appendedBefore = appended;
  }

  /// Offsets without a hole, each record once and in its order.
  private void isWhole(Path data) {
    try (Log log = ChronicleLog.openReadOnly(data.resolve("log"));
        Log.Cursor cursor = log.read(0)) {
      long offset = log.first();
      Set<String> numbers = new HashSet<>();
      long last = -1;
      for (Datagram next = cursor.next(); next != null; next = cursor.next()) {
        assertThat(next.offset()).isEqualTo(offset++);
        String number = new String(next.payload(), US_ASCII).split(",", -1)[1];
        assertThat(numbers.add(number)).isTrue();
        assertThat(Long.parseLong(number)).isGreaterThan(last);
        last = Long.parseLong(number);
      }
      assertThat(offset).isEqualTo(log.end()).isEqualTo(appendedBefore);
    }
  }

  private static long firstOffset(Path data) {
    try (Log log = ChronicleLog.openReadOnly(data.resolve("log"))) {
      return log.first();
    }
  }

  private double metric(String name) {
    return get("/metrics")
        .body()
        .lines()
        .filter(line -> line.startsWith(name + " "))
        .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
        .findFirst()
        .orElseThrow();
  }

  private JsonNode ask(String path) {
    try {
      return Json.newMapper().readTree(get(path).body());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private int status(String path) {
    return get(path).statusCode();
  }

  private final HttpClient http = HttpClient.newHttpClient();

  private HttpResponse<String> get(String path) {
    try {
      return http.send(
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + httpPort + path)).build(),
          HttpResponse.BodyHandlers.ofString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
