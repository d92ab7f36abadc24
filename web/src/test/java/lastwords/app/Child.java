package lastwords.app;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// The program in a process of its own, to be stopped in every way.
final class Child implements AutoCloseable {
  private static final String LISTENING_HTTP = "listening http ";

  private final Process process;
  final Client client;

  private Child(Process process, String http) {
    this.process = process;
    this.client = new Client(http, null);
  }

  /// Runs `serve` and returns when it listens.
  static Child serve(String... options) {
    return serve(Map.of(), options);
  }

  /// @param environment what is added to this process's own
  static Child serve(Map<String, String> environment, String... options) {
    List<String> command = new ArrayList<>();
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
      Process process = builder.redirectError(ProcessBuilder.Redirect.INHERIT).start();
      return new Child(process, http(process));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String http(Process process) throws IOException {
    // Not closed: what is said later must find somebody who listens.
    BufferedReader out = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8));
    for (String line = out.readLine(); line != null; line = out.readLine()) {
      if (line.startsWith(LISTENING_HTTP)) {
        return line.substring(LISTENING_HTTP.length());
      }
    }
    throw new AssertionError("the server ended with " + process.onExit().join().exitValue());
  }

  /// `kill -9`.
  void kill() {
    client.close();
    process.destroyForcibly().onExit().join();
  }

  /// SIGTERM; returns the exit status.
  int stop() {
    client.close();
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

  @Override
  public void close() {
    kill();
  }
}
