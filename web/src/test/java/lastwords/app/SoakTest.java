package lastwords.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import lastwords.app.ControlHosts.Attack;
import lastwords.app.ControlHosts.Expected;
import lastwords.app.HostileSenders.Kind;
import lastwords.kernel.Alarm;
import lastwords.store.Ledger;
import lastwords.store.embedded.SqliteLedger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A whole server under hostile senders and clients, while ten honest hosts crash: what it promises
/// is looked at all the time, over a restart too. A minute of it is part of the build; by hand it
/// runs for as long and with what the properties below say (see CONTRIBUTING.md).
///
/// The limits of time are the product's promises. `lastwords.soak-patience` multiplies them, where
/// the machine is shared with other work; without it, as in the build, they are printed when they
/// are exceeded, and break nothing: how late depends on what else the machine does.
class SoakTest {
  private static final int SECONDS = Integer.getInteger("lastwords.soak-seconds", 60);
  private static final int PATIENCE = Integer.getInteger("lastwords.soak-patience", 0);
  private static final int PER_SECOND = Integer.getInteger("lastwords.soak-rate", 300);
  private static final long SEED = Long.getLong("lastwords.soak-seed", 12);
  private static final boolean CLIENTS = !Boolean.getBoolean("lastwords.soak-no-clients");

  /// As the launcher starts a server.
  private static final Map<String, String> JVM =
      Map.of(
          "JAVA_TOOL_OPTIONS",
          "-XX:+UseSerialGC -Xms96m -Xmn80m -Xmx1g -XX:MaxDirectMemorySize=512m"
              + " -XX:+ExitOnOutOfMemoryError");

  private static final boolean JUDGES_TIME = PATIENCE > 0;
  private static final int TIMES = Math.max(1, PATIENCE);

  /// `/healthz`, `/readyz` and `/metrics` answer within this.
  private static final Duration ANSWER = Duration.ofSeconds(1);

  /// A crash is delivered within this of its last line.
  private static final Duration DELIVERY = Duration.ofSeconds(5);

  /// Analysis keeps a checkpoint each 10 s, in a flood each second.
  private static final Duration CHECKPOINT = Duration.ofSeconds(30);

  /// Of 1 GiB, after a garbage collection.
  private static final long MAX_LIVE_BYTES = 700L << 20;

  private static final int MAX_DESCRIPTORS = 2_000;
  private static final int RESTART_LASTS_SECONDS = 20;

  /// Crashes that are under way end, and are delivered, within this.
  private static final int PAUSE_LASTS_SECONDS = 12;

  private static final int MAX_LOG_LINES = 20;

  /// What was sent last is analyzed and delivered within this on any machine.
  private static final long CATCH_UP_NANOS = TimeUnit.MINUTES.toNanos(8);

  @TempDir Path folder;

  private final int port = Ports.free();
  private final InetSocketAddress to =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
  private final HttpClient http = HttpClient.newHttpClient();

  /// What broke a promise, with how often it did.
  private final Map<String, Integer> broken = new LinkedHashMap<>();

  /// What took longer than it should, where time isn't judged.
  private final Map<String, Integer> late = new LinkedHashMap<>();

  private final Map<String, Double> counters = new HashMap<>();
  private final Map<Expected, Long> deliveredAfterNanos = new HashMap<>();
  private final Set<Expected> lateDeliveries = new HashSet<>();
  private final Map<String, Long> slowest = new LinkedHashMap<>();
  private long stopMillis;
  private long mostLiveBytes;
  private long mostDescriptors;
  private long checkpoint = -1;
  private long checkpointNanos;
  private @Nullable Child running;

  @Test
  void noSenderAndNoClientKeepsAnHonestHostsCrashFromBeingDelivered() throws Exception {
    Set<Kind> kinds = only("lastwords.soak-kinds", Kind.class, EnumSet.allOf(Kind.class));
    Set<Attack> attacks = only("lastwords.soak-attacks", Attack.class, EnumSet.allOf(Attack.class));
    Path data = folder.resolve("data");
    try (SoakReceiver receiver = new SoakReceiver(ControlHosts.WORD);
        HostileSenders hostile =
            new HostileSenders(to, kinds, PER_SECOND, SEED, ControlHosts.names());
        ControlHosts control = new ControlHosts(to, List.copyOf(attacks))) {
      String[] options = {"--config", config(data, receiver).toString()};
      Child server = serve(options);
      try (HostileClients clients = new HostileClients(URI.create(server.client().server()))) {
        control.start();
        hostile.start();
        if (CLIENTS) {
          clients.start();
        }
        checkpointNanos = System.nanoTime();
        server = judge(SECONDS, server, data, control, receiver, options);

        // What is sent while nobody listens is lost: no crash is under way then.
        control.crashNoMore();
        server = judge(PAUSE_LASTS_SECONDS, server, data, control, receiver, options);
        long stoppedAt = System.nanoTime();
        int status = server.stop();
        stopMillis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - stoppedAt);
        if (status != 0) {
          broke("exit status after SIGTERM: " + status);
        }
        server = serve(options);
        clients.moveTo(URI.create(server.client().server()));
        control.crashAgain();
        counters.clear();
        checkpointNanos = System.nanoTime();
        server = judge(RESTART_LASTS_SECONDS, server, data, control, receiver, options);
        control.crashNoMore();
        server = judge(PAUSE_LASTS_SECONDS, server, data, control, receiver, options);
      }
      hostile.end();
      control.end();
      addsUp(server);
      memoryIsGivenBack(server);
      awaitDeliveries(control, receiver);
      judgeDeliveries(control, receiver, Long.MAX_VALUE);
      explainMissing(control, data);
      if (receiver.repeated() > 0) {
        late("deliveries made twice: " + receiver.repeated());
      }
      report(control, receiver, hostile);
    } finally {
      http.close();
      if (running != null) {
        running.close();
        printProblems(running);
      }
    }
    assertThat(broken).as("promises broken, and how often").isEmpty();
  }

  private Child serve(String[] options) {
    if (running != null) {
      printProblems(running);
    }
    Child server = Child.serve(JVM, options);
    running = server;
    return server;
  }

  /// The first lines of a server's log that are no mere information.
  private static void printProblems(Child server) {
    server.output().stream()
        .filter(line -> line.contains("ERROR") || line.contains("WARN"))
        .limit(MAX_LOG_LINES)
        .forEach(line -> System.out.println("soak: log: " + line));
  }

  private static <E extends Enum<E>> Set<E> only(String property, Class<E> type, Set<E> all) {
    String given = System.getProperty(property);
    return given == null
        ? all
        : Arrays.stream(given.split(",", -1))
            .map(name -> Enum.valueOf(type, name))
            .collect(Collectors.toCollection(() -> EnumSet.noneOf(type)));
  }

  private Path config(Path data, SoakReceiver receiver) throws IOException {
    Path inventory = Files.write(folder.resolve("inventory.yaml"), ControlHosts.inventory());
    return Files.write(
        folder.resolve("lastwords.yaml"),
        List.of(
            "data: " + data,
            "udp: '127.0.0.1:" + port + "'",
            "http: '127.0.0.1:0'",
            "inventory: " + inventory,
            "keep-log-bytes: 2GiB",
            "hooks:",
            "  - {name: robot, type: webhook, url: '%s', secret: whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw}"
                .formatted(receiver.url())));
  }

  /// Looks at everything a few times a second; returns the server, a new one where it ended.
  private Child judge(
      int seconds,
      Child judged,
      Path data,
      ControlHosts control,
      SoakReceiver receiver,
      String[] options) {
    Child server = judged;
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    while (System.nanoTime() < end) {
      if (!server.isAlive()) {
        broke("the server ended by itself");
        server.close();
        server = serve(options);
      }
      for (String path : List.of("/healthz", "/readyz", "/metrics")) {
        answers(server, path);
      }
      descriptors(server);
      checkpoints(data);
      judgeDeliveries(control, receiver, System.nanoTime());
      pause(400);
    }
    return server;
  }

  private void answers(Child server, String path) {
    long start = System.nanoTime();
    try {
      HttpRequest request =
          HttpRequest.newBuilder(URI.create(server.client().server() + path))
              .timeout(Duration.ofSeconds(30))
              .build();
      HttpResponse<String> answer = http.send(request, BodyHandlers.ofString());
      if (answer.statusCode() != 200) {
        String body = answer.body().lines().findFirst().orElse("");
        broke(path + " answered " + answer.statusCode() + ": " + digitsLeftOut(body));
      } else if (path.equals("/metrics")) {
        metrics(answer.body());
      }
    } catch (IOException e) {
      broke(path + " failed: " + digitsLeftOut(String.valueOf(e)));
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    long took = System.nanoTime() - start;
    slowest.merge(path, took, Math::max);
    if (took > ANSWER.toNanos() * TIMES) {
      late(path + " took longer than " + ANSWER.multipliedBy(TIMES).toSeconds() + " s");
    }
  }

  private static String digitsLeftOut(String text) {
    String short_ = text.substring(0, Math.min(160, text.length()));
    return short_.replaceAll("[0-9]+", "N");
  }

  private void metrics(String scrape) {
    for (String line : scrape.split("\n", -1)) {
      int end = line.lastIndexOf(' ');
      if (line.startsWith("#") || end < 0) {
        continue;
      }
      String name = line.substring(0, end);
      double value = Double.parseDouble(line.substring(end + 1));
      if (name.startsWith("lastwords_") && name.replaceFirst("\\{.*", "").endsWith("_total")) {
        double before = counters.merge(name, value, Math::max);
        if (value < before || value < 0) {
          broke("the counter " + name + " fell");
        }
      } else if (name.startsWith("jvm_gc_live_data_size_bytes")) {
        mostLiveBytes = Math.max(mostLiveBytes, (long) value);
        if (value > MAX_LIVE_BYTES) {
          broke("live data on the heap above " + (MAX_LIVE_BYTES >> 20) + " MiB");
        }
      }
    }
  }

  private void descriptors(Child server) {
    int count = 0;
    try (DirectoryStream<Path> open =
        Files.newDirectoryStream(Path.of("/proc/" + server.pid() + "/fd"))) {
      for (Path _ : open) {
        count++;
      }
    } catch (IOException | java.nio.file.DirectoryIteratorException e) {
      return;
    }
    mostDescriptors = Math.max(mostDescriptors, count);
    if (count > MAX_DESCRIPTORS) {
      broke("file descriptors above " + MAX_DESCRIPTORS);
    }
  }

  /// Control hosts talk all the time, so an analysis that works keeps a higher offset now and then.
  private void checkpoints(Path data) {
    long now = System.nanoTime();
    try (Ledger ledger = SqliteLedger.open(data.resolve("ledger.db"))) {
      long offset = ledger.offset("analysis");
      if (offset > checkpoint) {
        checkpoint = offset;
        checkpointNanos = now;
      }
    }
    if (now - checkpointNanos > CHECKPOINT.toNanos() * TIMES) {
      late("no checkpoint of analysis for " + CHECKPOINT.multipliedBy(TIMES).toSeconds() + " s");
      checkpointNanos = now;
    }
  }

  /// Each expected crash has an event of its own under its host's name, in time.
  private void judgeDeliveries(ControlHosts control, SoakReceiver receiver, long nowNanos) {
    for (SoakReceiver.Event event : receiver.events) {
      String function = ControlHosts.functionIn(event.data().path("title").asText());
      for (Expected expected : control.expected) {
        JsonNode data = event.data();
        if (!expected.function().equals(function)
            || !data.path("address").asText().equals(expected.address())
            || (expected.panicked() && !data.path("panicked").asBoolean())) {
          continue;
        }
        if (!data.path("host").asText().equals(expected.host())) {
          broke(
              "attack %s: a crash of %s reported as of %s"
                  .formatted(expected.attack(), expected.host(), data.path("host").asText()));
        }
        if (!data.path("host_source").asText().equals("inventory")) {
          broke(
              "a crash of an inventory's host with host_source="
                  + data.path("host_source").asText());
        }
        deliveredAfterNanos.merge(expected, event.nanos() - expected.sentNanos(), Math::min);
      }
    }
    long limit = DELIVERY.toNanos() * TIMES;
    for (Expected expected : control.expected) {
      Long after = deliveredAfterNanos.get(expected);
      if (after == null && nowNanos == Long.MAX_VALUE) {
        broke(missing(expected, "ever"));
      }
      long passed = after == null ? nowNanos - expected.sentNanos() : after;
      if (passed > limit && lateDeliveries.add(expected)) {
        late(missing(expected, "in time"));
      }
    }
  }

  /// What the ledger has of the crashes that were not delivered.
  private void explainMissing(ControlHosts control, Path data) {
    List<Expected> missing =
        control.expected.stream().filter(it -> !deliveredAfterNanos.containsKey(it)).toList();
    if (missing.isEmpty()) {
      return;
    }
    try (Ledger ledger = SqliteLedger.open(data.resolve("ledger.db"))) {
      List<Alarm> alarms =
          ledger.alarms(Ledger.AlarmQuery.ALL, null, Integer.MAX_VALUE).stream()
              .filter(it -> ControlHosts.functionIn(it.title()) != null)
              .toList();
      for (Expected expected : missing) {
        String known =
            alarms.stream()
                .filter(it -> it.title().contains(expected.function()))
                .map(
                    it ->
                        "%s of %s, %s, panicked=%s, reason=%s"
                            .formatted(
                                it.id(), it.address(), it.severity(), it.panicked(), it.reason()))
                .collect(Collectors.joining("; "));
        String found =
            ledger.crashes(0, Long.MAX_VALUE, null, Integer.MAX_VALUE).stream()
                .filter(it -> String.join(" ", it.report()).contains(expected.function()))
                .map(
                    it ->
                        "%s of %s: %s, panicked=%s, suppressed=%s"
                            .formatted(
                                it.id(), it.address(), it.title(), it.panicked(), it.suppressed()))
                .collect(Collectors.joining("; "));
        System.out.printf("soak: %s is missing; crashes: %s; alarms: %s%n", expected, found, known);
      }
    }
  }

  private void awaitDeliveries(ControlHosts control, SoakReceiver receiver) {
    long deadline = System.nanoTime() + DELIVERY.toNanos() * Math.max(6, TIMES);
    while (System.nanoTime() < deadline
        && !deliveredAfterNanos.keySet().containsAll(control.expected)) {
      judgeDeliveries(control, receiver, System.nanoTime());
      pause(400);
    }
  }

  private static String missing(Expected expected, String when) {
    String what = expected.panicked() ? "a panic" : "a crash";
    return "attack %s: %s not delivered %s".formatted(expected.attack(), what, when);
  }

  /// The sums that the README gives, once nothing is under way.
  private void addsUp(Child server) {
    long deadline = System.nanoTime() + CATCH_UP_NANOS;
    while (!hasCaughtUp(server)) {
      if (System.nanoTime() > deadline) {
        broke("the readers never came to the end of the log");
        return;
      }
      pause(500);
    }
    JsonNode stats = Running.get(server.client(), "/stats");
    long refused = 0;
    for (JsonNode reason : stats.path("refused")) {
      refused += reason.asLong();
    }
    if (stats.path("datagrams").asLong()
        != stats.path("stored").asLong() + refused + stats.path("not_appended").asLong()) {
      broke("datagrams read aren't those stored, refused and not appended: " + stats);
    }
    for (JsonNode reader : stats.path("readers")) {
      JsonNode counts = reader.path("counts");
      long taken =
          Stream.of("read", "missed", "damaged").mapToLong(key -> counts.path(key).asLong()).sum();
      if (!counts.isEmpty()
          && taken != counts.path("read_offset").asLong() - counts.path("start_offset").asLong()) {
        broke("what a reader took isn't what is in the log: " + counts);
      }
    }
  }

  private boolean hasCaughtUp(Child server) {
    JsonNode stats = Running.get(server.client(), "/stats");
    return Ports.queuedBytes(port) == 0 && Running.isRead(stats, stats.path("appended").asLong());
  }

  private void memoryIsGivenBack(Child server) throws IOException, InterruptedException {
    Process collect =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                Long.toString(server.pid()),
                "GC.run")
            .redirectErrorStream(true)
            .start();
    collect.getInputStream().readAllBytes();
    collect.waitFor();
    answers(server, "/metrics");
  }

  private void report(ControlHosts control, SoakReceiver receiver, HostileSenders hostile) {
    Map<Attack, List<Expected>> byAttack =
        control.expected.stream()
            .collect(
                Collectors.groupingBy(Expected::attack, LinkedHashMap::new, Collectors.toList()));
    System.out.printf(
        Locale.ROOT,
        "soak: seed %d, %,d hostile and %,d control datagrams, %d crashes and panics of control"
            + " hosts%n",
        SEED,
        hostile.sent.get(),
        control.sent.get(),
        control.expected.size());
    Function<Expected, Long> after = it -> deliveredAfterNanos.getOrDefault(it, Long.MAX_VALUE);
    byAttack.forEach(
        (attack, of) ->
            System.out.printf(
                Locale.ROOT,
                "soak: %-9s %3d, slowest delivery %,d ms%n",
                attack,
                of.size(),
                of.stream().map(after).mapToLong(it -> it / 1_000_000).max().orElse(0)));
    slowest.forEach(
        (path, nanos) -> System.out.printf("soak: slowest %s %d ms%n", path, nanos / 1_000_000));
    System.out.printf(
        Locale.ROOT,
        "soak: %,d deliveries, %d summaries; live heap at most %d MiB, %d file descriptors%n",
        receiver.all.get(),
        receiver.summaries.get(),
        mostLiveBytes >> 20,
        mostDescriptors);
    System.out.printf("soak: stopping took %,d ms%n", stopMillis);
    broken.forEach((what, times) -> System.out.println("soak: BROKEN " + times + " × " + what));
  }

  private void late(String promise) {
    if (JUDGES_TIME) {
      broke(promise);
    } else if (late.merge(promise, 1, Integer::sum) == 1) {
      System.out.println("soak: late: " + promise);
    }
  }

  private void broke(String promise) {
    if (broken.merge(promise, 1, Integer::sum) == 1) {
      System.out.println("soak: BROKEN " + promise);
    }
  }

  private static void pause(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
