package lastwords.app;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import lastwords.capture.CaptureReader;
import picocli.CommandLine.Command;

/// `train`: what a start and a question to a server take, gone through once, so that the JVM can
/// make its ahead-of-time cache of it. For the launcher's `aot-cache`, not for people.
@Command(
    name = "train",
    hidden = true,
    description =
        "Runs a server that hears a kernel go down, asks it, and ends: for `lastwords aot-cache`.")
final class TrainCommand implements Callable<Integer> {
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final Duration PAUSE = Duration.ofMillis(100);
  private static final List<String> PAGES =
      List.of("/", "/metrics", "/readyz", "/api/v1/stats", "/api/v1/messages?query=panic");

  private final Terminal terminal;

  TrainCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    Path folder = Files.createTempDirectory("lastwords-train-");
    try (Server server = Server.start(config(folder), silent().out())) {
      hear(server);
      ask(server.http());
    } finally {
      delete(folder);
    }
    return Main.DONE;
  }

  private static Configuration config(Path folder) {
    return Configuration.read(
        null,
        Map.of(
            ConfigKey.DATA, List.of(folder.toString()),
            ConfigKey.UDP, List.of("127.0.0.1:0"),
            ConfigKey.HTTP, List.of("127.0.0.1:0")),
        InstantSource.system());
  }

  private Terminal silent() {
    PrintStream nowhere =
        new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);
    return new Terminal(
        nowhere, terminal.err(), terminal.in(), terminal.colors(), terminal.width());
  }

  private void hear(Server server) throws IOException, InterruptedException {
    try (CaptureReader capture = DemoCommand.recording(DemoCommand.RECORDINGS.getFirst());
        Replay replay = new Replay(server.udp().getFirst(), new Pace.Capped(1), 1, terminal)) {
      replay.send(capture);
    }
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    try (Client client = new Client(server.http().toString(), null)) {
      while (client.list("/crashes", Map.of(), 1).isEmpty()) {
        if (System.nanoTime() > deadline) {
          throw new Failure("the recorded crash wasn't found in " + PATIENCE.toSeconds() + " s");
        }
        Thread.sleep(PAUSE);
      }
    }
  }

  private void ask(URI server) throws IOException, InterruptedException {
    for (List<String> command :
        List.of(
            List.of("crashes"), List.of("signatures"), List.of("hosts"), List.of("search", "*"))) {
      List<String> asked =
          Stream.concat(command.stream(), Stream.of("--server", server.toString())).toList();
      int _ = Main.run(silent(), asked.toArray(String[]::new));
    }
    try (HttpClient http = HttpClient.newHttpClient()) {
      for (String page : PAGES) {
        http.send(HttpRequest.newBuilder(server.resolve(page)).build(), BodyHandlers.discarding());
      }
    }
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
