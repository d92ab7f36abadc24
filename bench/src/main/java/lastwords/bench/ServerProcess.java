package lastwords.bench;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import lastwords.json.Json;

/// `lastwords serve` with all its roles on free ports of 127.0.0.1, in a process of its own.
final class ServerProcess implements AutoCloseable {
  private static final String UDP = "listening udp ";
  private static final String HTTP = "listening http ";

  /// More than the ten seconds it promises.
  private static final long STOP_SECONDS = 30;

  private static final Duration TIMEOUT = Duration.ofSeconds(60);

  private final Path data;
  private final Path collections;
  private final Process process;
  private final HttpClient client = HttpClient.newHttpClient();
  private final InetSocketAddress udp;
  private final String http;

  /// Returns when it listens.
  ///
  /// @param program the launcher
  /// @param folder for its data, and for what the JVM says of garbage collections
  ServerProcess(Path program, Path folder) throws IOException {
    data = folder.resolve("data");
    collections = folder.resolve("gc.log");
    ProcessBuilder command =
        new ProcessBuilder(
                program.toAbsolutePath().toString(),
                "serve",
                "--data=" + data,
                "--udp=127.0.0.1:0",
                "--http=127.0.0.1:0")
            .redirectError(ProcessBuilder.Redirect.INHERIT);
    command
        .environment()
        .merge(
            "LASTWORDS_JAVA_OPTS",
            "-Xlog:gc:file=" + collections,
            (given, ours) -> given + " " + ours);
    process = command.start();
    // Not closed: what it says later must find somebody who listens.
    BufferedReader said = process.inputReader();
    udp = new InetSocketAddress(InetAddress.getLoopbackAddress(), port(await(said, UDP)));
    http = await(said, HTTP);
  }

  private String await(BufferedReader said, String beginning) throws IOException {
    for (String line = said.readLine(); line != null; line = said.readLine()) {
      if (line.startsWith(beginning)) {
        return line.substring(beginning.length());
      }
    }
    throw new IOException("the server ended with " + process.onExit().join().exitValue());
  }

  private static int port(String address) {
    return Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
  }

  long pid() {
    return process.pid();
  }

  /// Where it receives.
  InetSocketAddress udp() {
    return udp;
  }

  Path data() {
    return data;
  }

  /// What it answers below `/api/v1`.
  JsonNode get(String path) throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(http + "/api/v1" + path)).timeout(TIMEOUT).build();
    HttpResponse<byte[]> response = client.send(request, BodyHandlers.ofByteArray());
    if (response.statusCode() != 200) {
      throw new IOException(path + ": " + response.statusCode());
    }
    return Json.newMapper().readTree(response.body());
  }

  /// How long each garbage collection so far stopped it, in milliseconds.
  List<Double> pausesMillis() throws IOException {
    return Files.readAllLines(collections).stream()
        .filter(line -> line.contains(" Pause ") && line.endsWith("ms"))
        .map(line -> line.substring(line.lastIndexOf(' ') + 1, line.length() - "ms".length()))
        .map(Double::valueOf)
        .toList();
  }

  /// SIGTERM; returns the exit status.
  int stop() throws IOException, InterruptedException {
    process.destroy();
    if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
      throw new IOException("the server doesn't stop");
    }
    return process.exitValue();
  }

  @Override
  public void close() {
    client.close();
    process.destroyForcibly().onExit().join();
  }
}
