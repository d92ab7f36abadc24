package lastwords.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import lastwords.assemble.HostNames;
import lastwords.assemble.HostReader;
import lastwords.assemble.HostStreams;
import lastwords.assemble.Inventory;
import lastwords.assemble.StreamCounters;
import lastwords.kernel.Crash;
import lastwords.kernel.Datagram;
import lastwords.kernel.KernelMessage;
import lastwords.kernel.Position;
import lastwords.readers.DatagramAnalyzer;
import lastwords.store.Log;
import lastwords.store.embedded.ChronicleLog;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A server that is killed while it hears every recorded kernel at once, and what it then knows:
/// told by the log, the API, and who was called.
class RestartTest {
  private static final double DATAGRAMS_PER_SECOND = 8_000;

  private final Path data;
  private final Path config;
  private final int udpPort = Ports.free();
  private final Robot robot = new Robot();
  private final List<Robot.Call> calls = robot.calls;

  /// What people are shown.
  private record Answers(
      Map<String, String> messages,
      Map<String, JsonNode> crashes,
      Map<String, JsonNode> signatures) {}

  RestartTest(@TempDir Path folder) throws IOException {
    data = folder.resolve("data");
    config = robot.config(folder, data, udpPort, "http: '127.0.0.1:0'", "alarms-per-minute: 10000");
  }

  @AfterEach
  void close() {
    robot.close();
  }

  @Test
  void killedInTheMiddleItLosesAndRepeatsNothing() throws InterruptedException {
    Crowd crowd = new Crowd();
    Recording.all().forEach(recording -> crowd.add(10, recording.datagrams()));
    AtomicLong sent = new AtomicLong();
    Thread speaking;
    try (Child first = serve()) {
      speaking = Thread.ofPlatform().daemon().start(() -> speak(crowd, sent));
      Running.eventually(() -> sent.get() > crowd.datagrams() / 3 && !calls.isEmpty());
      first.kill();
    }
    long sentAtKill = sent.get();
    assertThat(sentAtKill).as("killed in the middle").isLessThan(crowd.datagrams());
    int callsAtKill = calls.size();
    try (Child second = serve()) {
      speaking.join();
      long appended = untilDone(second);
      System.out.printf(
          "killed after %d of %d datagrams and %d calls; %d in the log%n",
          sentAtKill, crowd.datagrams(), callsAtKill, appended);
      assertThat(appended).isGreaterThan(sentAtKill / 2);
      Answers answers = answers(second);

      assertThat(answers.messages()).as("searchable").isEqualTo(messagesInTheLog());
      assertThat(answers.crashes().keySet()).as("crashes").isEqualTo(crashesInTheLog());
      everyAlarmWasToldUnderOneId(second);

      long startNanos = System.nanoTime();
      assertThat(second.stop()).as("status after SIGTERM").isZero();
      System.out.printf("stopped in %.1f s%n", (System.nanoTime() - startNanos) / 1e9);

      int callsBefore = calls.size();
      delete(data.resolve("index"));
      try (Child third = serve()) {
        untilDone(third);
        same(answers(third), answers);
        assertThat(third.stop()).isZero();
      }
      assertThat(calls).as("calls for what is known").hasSize(callsBefore);

      delete(data.resolve("index"));
      Stream.of("ledger.db", "ledger.db-wal", "ledger.db-shm")
          .map(data::resolve)
          .forEach(this::delete);
      try (Child fourth = serve()) {
        untilDone(fourth);
        same(answers(fourth), answers);
        assertThat(Running.list(fourth.client(), "/deliveries")).isEmpty();
      }
      assertThat(calls).as("calls for what is old").hasSize(callsBefore);
    }
  }

  private void everyAlarmWasToldUnderOneId(Child server) {
    Set<String> alarmed = new TreeSet<>();
    for (JsonNode alarm : Running.list(server.client(), "/alarms")) {
      assertThat(alarmed.add(alarm.path("crash").asText())).as("one alarm for a crash").isTrue();
    }
    Map<String, Set<String>> idsByCrash = robot.idsByCrash();
    assertThat(idsByCrash.keySet()).as("told").isEqualTo(alarmed).isNotEmpty();
    assertThat(idsByCrash.values()).as("under one id").allMatch(ids -> ids.size() == 1);
    System.out.printf("%d alarms, %d calls%n", alarmed.size(), calls.size());
  }

  private static void same(Answers now, Answers before) {
    assertThat(now.messages()).isEqualTo(before.messages());
    assertThat(now.crashes()).isEqualTo(before.crashes());
    assertThat(now.signatures()).isEqualTo(before.signatures());
  }

  private Child serve() {
    return Child.serve("--config", config.toString());
  }

  /// Half of it, and on only when somebody was called, so that a slow machine is killed in the
  /// middle too.
  private void speak(Crowd crowd, AtomicLong sent) {
    long startNanos = System.nanoTime();
    crowd.speak(
        new InetSocketAddress(InetAddress.getLoopbackAddress(), udpPort),
        count -> {
          sent.set(count);
          while (count == crowd.datagrams() / 2 && calls.isEmpty()) {
            LockSupport.parkNanos(1_000_000);
          }
          long at = startNanos + (long) (count * 1e9 / DATAGRAMS_PER_SECOND);
          while (System.nanoTime() < at) {
            LockSupport.parkNanos(at - System.nanoTime());
          }
        });
  }

  /// Waits until the log is read to its end, no report is open, and nobody is still to be called;
  /// returns what the log has.
  private long untilDone(Child server) {
    JsonNode[] stats = new JsonNode[1];
    Running.eventually(
        () -> {
          stats[0] = server.client().find("/stats");
          return stats[0] != null && Running.isRead(stats[0], stats[0].path("appended").asLong(1));
        });
    Running.untilAtRest(data);
    Running.eventually(
        () -> Running.list(server.client(), "/deliveries", "state", "pending").isEmpty());
    return stats[0].path("appended").asLong();
  }

  private static Answers answers(Child server) {
    Map<String, String> messages = new LinkedHashMap<>();
    for (JsonNode message : Running.list(server.client(), "/messages", "since", "1d")) {
      messages.put(message.path("position").asText(), message.path("text").asText());
    }
    Map<String, JsonNode> crashes = new TreeMap<>();
    for (JsonNode crash : Running.list(server.client(), "/crashes", "since", "1d")) {
      assertThat(crashes.put(crash.path("id").asText(), crash)).as("there once").isNull();
    }
    Map<String, JsonNode> signatures = new TreeMap<>();
    for (JsonNode signature : Running.list(server.client(), "/signatures", "since", "1d")) {
      ((ObjectNode) signature).remove("triage"); // the hours go on
      signatures.put(signature.path("signature").asText(), signature);
    }
    return new Answers(messages, crashes, signatures);
  }

  /// What there is to be found, by a reading of the log that nobody interrupts.
  private Map<String, String> messagesInTheLog() {
    Map<String, String> messages = new LinkedHashMap<>();
    HostReader collecting =
        event -> {
          if (event instanceof KernelMessage message) {
            messages.put(Position.text(message.position()), message.text());
          }
        };
    try (HostNames names = new HostNames(Inventory.EMPTY, false)) {
      HostStreams streams = new HostStreams(() -> collecting, names, new StreamCounters());
      log().forEach(streams::accept);
      streams.end();
    }
    return messages;
  }

  private Set<String> crashesInTheLog() {
    DatagramAnalyzer analyzer = new DatagramAnalyzer();
    log().forEach(analyzer::accept);
    return analyzer.end().stream()
        .map(Crash::id)
        .map(String::valueOf)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private List<Datagram> log() {
    List<Datagram> datagrams = new ArrayList<>();
    try (Log log = ChronicleLog.openReadOnly(data.resolve("log"));
        Log.Cursor cursor = log.read(0)) {
      for (Datagram next = cursor.next(); next != null; next = cursor.next()) {
        datagrams.add(next);
      }
    }
    return datagrams;
  }

  private void delete(Path path) {
    if (!Files.exists(path)) {
      return;
    }
    try (Stream<Path> inside = Files.walk(path)) {
      inside.sorted(java.util.Comparator.reverseOrder()).forEach(it -> it.toFile().delete());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
