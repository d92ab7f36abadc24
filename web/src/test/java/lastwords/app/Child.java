package lastwords.app;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The program in a process of its own, to be stopped in every way.
final class Child implements AutoCloseable {
  private static final String LISTENING_HTTP = "listening http ";

  private final Process process;

  /// What it said on its standard output, where a test's log goes too.
  private final List<String> said = new CopyOnWriteArrayList<>();

  private @Nullable Client client;

  private Child(Process process) {
    this.process = process;
  }

  /// Runs `serve` and returns when it listens.
  static Child serve(String... options) {
    return serveWithin(List.of(), Map.of(), options);
  }

  /// @param environment what is added to this process's own
  static Child serve(Map<String, String> environment, String... options) {
    return serveWithin(List.of(), environment, options);
  }

  /// The same by a command that takes another, such as `ip netns exec NAME`.
  static Child serveWithin(List<String> within, String... options) {
    return serveWithin(within, Map.of(), options);
  }

  private static Child serveWithin(
      List<String> within, Map<String, String> environment, String... options) {
    Child child = start(within, environment, options);
    child.awaitListening();
    return child;
  }

  /// Runs `serve` and returns at once.
  static Child start(String... options) {
    return start(List.of(), Map.of(), options);
  }

  private static Child start(
      List<String> within, Map<String, String> environment, String... options) {
    // A JVM never handles a SIGHUP that was ignored when it began, as below nohup.
    List<String> command = new ArrayList<>(List.of("env", "--default-signal=HUP"));
    command.addAll(within);
    command.add(ProcessHandle.current().info().command().orElse("java"));
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(argument -> argument.startsWith("-") && !argument.startsWith("-javaagent"))
        .forEach(command::add);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
    command.add("serve");
    command.addAll(List.of(options));
    try {
      ProcessBuilder builder = new ProcessBuilder(command);
      builder.environment().putAll(environment);
      return new Child(builder.redirectError(ProcessBuilder.Redirect.INHERIT).start());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  void awaitListening() {
    try {
      client = new Client(http(), null);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Asks it; it must be listening.
  Client client() {
    return Objects.requireNonNull(client);
  }

  /// What it answers at a path outside of the API, such as `/readyz`.
  int status(String path) {
    try (HttpClient http = HttpClient.newHttpClient()) {
      URI uri = URI.create(client().server() + path);
      return http.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.discarding()).statusCode();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /// Sends a signal by its name, such as `STOP`.
  void signal(String name) {
    try {
      Process kill = new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start();
      if (kill.onExit().join().exitValue() != 0) {
        throw new AssertionError("no signal " + name + " for " + process.pid());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  long pid() {
    return process.pid();
  }

  /// What it printed on its standard output so far.
  List<String> output() {
    return List.copyOf(said);
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /// Whether it said a line with all of these.
  boolean said(String... words) {
    return said.stream().anyMatch(line -> Stream.of(words).allMatch(line::contains));
  }

  private String http() throws IOException {
    BufferedReader out = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8));
    for (String line = out.readLine(); line != null; line = out.readLine()) {
      said.add(line);
      if (line.startsWith(LISTENING_HTTP)) {
        Thread.ofPlatform().daemon().start(() -> listen(out));
        return line.substring(LISTENING_HTTP.length());
      }
    }
    throw new AssertionError("the server ended with " + process.onExit().join().exitValue());
  }

  /// What is said later must find somebody who listens, too.
  private void listen(BufferedReader out) {
    try {
      out.lines().forEach(said::add);
    } catch (UncheckedIOException _) {
      // It was killed.
    }
  }

  /// `kill -9`.
  void kill() {
    closeClient();
    process.destroyForcibly().onExit().join();
  }

  /// SIGTERM; returns the exit status.
  int stop() {
    closeClient();
    process.destroy();
    try {
      if (!process.waitFor(60, TimeUnit.SECONDS)) {
        throw new AssertionError("it didn't stop");
      }
      return process.exitValue();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private void closeClient() {
    if (client != null) {
      client.close();
    }
  }

  @Override
  public void close() {
    kill();
  }
}
