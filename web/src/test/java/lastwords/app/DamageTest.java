package lastwords.app;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import lastwords.kernel.Datagram;
import lastwords.store.Log;
import lastwords.store.embedded.ChronicleLog;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A server that is started on a folder in which the log, the ledger and the index are damaged.
class DamageTest {
  private static final int PAGE = 4096;

  /// Of the log; what each file begins with says what it is, and is found at once.
  private static final int BEGINNING = 1 << 24;

  private final Robot robot = new Robot();
  private final int port = Ports.free();
  private final Path data;
  private final Path config;

  DamageTest(@TempDir Path folder) throws IOException {
    data = folder.resolve("data");
    config = robot.config(folder, data, port, "http: '127.0.0.1:0'", "alarm-severity: warning");
  }

  @AfterEach
  void close() {
    robot.close();
  }

  @Test
  void whatIsDamagedIsNamedTheRestIsKeptAndNothingIsToldTwice() throws Exception {
    InetSocketAddress to = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    long end;
    Set<String> crashes;
    try (Child server = Child.serve("--config", config.toString());
        Choir choir = new Choir(to, 64, 4, 500)) {
      Heard heard = new Heard(data, choir);
      choir.start();
      Running.eventually(() -> Arrays.stream(choir.said()).min().orElseThrow() >= 330);
      choir.fallSilent();
      end = Arrays.stream(choir.said()).sum();
      Running.eventually(
          () -> {
            heard.readOn();
            return heard.datagrams() == end;
          });
      heard.isFoundOnce(server.client(), robot);
      crashes = crashes(server);
      assertThat(crashes).hasSize(8);
      assertThat(server.stop()).isZero();
    }
    int calls = robot.calls.size();
    Set<String> told = robot.idsByCrash().keySet();

    Path log = newest(data.resolve("log"), ".cq4");
    flipABit(log, "host 2 says record 60\n");
    Path ledger = data.resolve("ledger.db");
    int page = overwriteAPage(ledger, "broken_");
    Path day = newest(data.resolve("index/messages"), "");
    Files.delete(newest(day, ".cfs"));

    try (Child server = Child.serve("--config", config.toString())) {
      assertThat(server.said(ledger + " is damaged")).as("page %d", page).isTrue();
      assertThat(server.said(day + ".damaged-1")).isTrue();
      Running.eventually(() -> Running.isRead(Running.get(server.client(), "/stats"), end));
      Map<String, String> readable = readable();
      long lost = end - readable.size();
      assertThat(lost).isBetween(1L, end / 4);
      assertThat(server.said(log.toString())).isTrue();
      for (int reader = 0; reader < 2; reader++) {
        JsonNode counts =
            Running.get(server.client(), "/stats").at("/readers/%d/counts".formatted(reader));
        assertThat(counts.path("damaged").asLong()).isEqualTo(lost);
      }
      Running.eventually(() -> messages(server).size() >= readable.size());
      Map<String, String> found = messages(server);
      assertThat(found.size()).isEqualTo(readable.size());
      found.entrySet().removeAll(readable.entrySet());
      assertThat(found).as("what the log doesn't say").isEmpty();
      Running.eventually(() -> crashes(server).equals(crashes));

      // What is told now comes after whatever would have been told again.
      try (Choir choir = new Choir(to, 65, 1, 500)) {
        choir.start();
        Running.eventually(() -> !told.containsAll(robot.idsByCrash().keySet()));
      }
      assertThat(robot.calls).filteredOn(call -> told.contains(call.crash())).hasSize(calls);
      assertThat(server.stop()).isZero();
    }
  }

  private static Set<String> crashes(Child server) {
    Set<String> crashes = new TreeSet<>();
    for (JsonNode crash : Running.list(server.client(), "/crashes", "since", "1d")) {
      String said = crash.path("id").asText() + " " + crash.path("title").asText();
      assertThat(crashes.add(said)).as("there once").isTrue();
    }
    return crashes;
  }

  /// What is found, by its place in the log.
  private static Map<String, String> messages(Child server) {
    Map<String, String> messages = new HashMap<>();
    for (JsonNode message : Running.list(server.client(), "/messages")) {
      String before =
          messages.put(message.path("position").asText(), message.path("text").asText());
      assertThat(before).as("found once").isNull();
    }
    return messages;
  }

  /// What the log's files still have.
  private Map<String, String> readable() {
    Map<String, String> readable = new HashMap<>();
    try (Log log = ChronicleLog.openReadOnly(data.resolve("log"));
        Log.Cursor cursor = log.read(0)) {
      for (Datagram next = cursor.next(); next != null; next = cursor.next()) {
        String record = new String(next.payload(), US_ASCII);
        readable.put(
            Long.toString(next.offset()),
            record.substring(record.indexOf(';') + 1, record.length() - 1));
      }
    }
    return readable;
  }

  private static Path newest(Path folder, String suffix) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.toString().endsWith(suffix)).sorted().toList().getLast();
    }
  }

  private static void flipABit(Path file, String text) throws IOException {
    byte[] bytes = beginning(file);
    int at = new String(bytes, ISO_8859_1).indexOf(text);
    assertThat(at).as(text).isPositive();
    write(file, at, new byte[] {(byte) (bytes[at] ^ 1)});
  }

  /// The one that has the text first; returns which.
  private static int overwriteAPage(Path file, String text) throws IOException {
    int page = new String(beginning(file), ISO_8859_1).indexOf(text) / PAGE;
    assertThat(page).as(text).isPositive();
    byte[] noise = new byte[PAGE];
    Arrays.fill(noise, (byte) 0xa5);
    write(file, (long) page * PAGE, noise);
    return page;
  }

  private static byte[] beginning(Path file) throws IOException {
    try (RandomAccessFile opened = new RandomAccessFile(file.toFile(), "r")) {
      byte[] bytes = new byte[(int) Math.min(opened.length(), BEGINNING)];
      opened.readFully(bytes);
      return bytes;
    }
  }

  private static void write(Path file, long at, byte[] bytes) throws IOException {
    try (RandomAccessFile opened = new RandomAccessFile(file.toFile(), "rw")) {
      opened.seek(at);
      opened.write(bytes);
    }
  }
}
