package lastwords.app;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A server with few file descriptors, whose HTTP clients take as many as they get.
class DescriptorsTest {
  private static final int DESCRIPTORS = 400;
  private static final int PAYLOAD_BYTES = 1_000;
  private static final int AT_A_TIME = 500;

  @Test
  void connectionsNeverTakeWhatTheLogNeedsForItsNextFile(@TempDir Path data) throws Exception {
    int port = Ports.free();
    List<Socket> connections = new ArrayList<>();
    try (DatagramSocket socket = new DatagramSocket();
        Child server =
            Child.serveWithin(
                List.of("sh", "-c", "ulimit -n " + DESCRIPTORS + " && exec \"$@\"", "sh"),
                "--data=" + data,
                "--udp=127.0.0.1:" + port,
                "--http=127.0.0.1:0",
                "--keep-log-bytes=80MiB")) {
      URI http = URI.create(server.client().server());
      long files = files(data);
      long sent = 0;
      while (files(data) < files + 3) {
        for (int i = 0; i < DESCRIPTORS / 8; i++) {
          connect(http, connections);
        }
        speak(socket, port);
        sent += AT_A_TIME;
      }
      for (Socket connection : connections) {
        connection.close();
      }
      long all = sent;
      Running.eventually(() -> isReady(server));
      Running.eventually(() -> Running.isRead(Running.get(server.client(), "/stats"), all));
      assertThat(Running.get(server.client(), "/stats").path("not_appended").asLong()).isZero();
      assertThat(server.stop()).isZero();
      assertThat(server.output()).noneMatch(line -> line.contains("Too many open files"));
    }
  }

  /// A request finds no room either until the server has seen that the connections are gone.
  private static boolean isReady(Child server) {
    try {
      return server.status("/readyz") == 200;
    } catch (UncheckedIOException _) {
      return false;
    }
  }

  /// The server closes those that are too many.
  private static void connect(URI http, List<Socket> connections) {
    try {
      Socket connection = new Socket(http.getHost(), http.getPort());
      connections.add(connection);
      connection.getOutputStream().write("GET /readyz HTTP/1.1\r\n".getBytes(US_ASCII));
    } catch (IOException e) {
      assertThat(e).hasMessageMatching("Broken pipe|Connection reset.*");
    }
  }

  private static void speak(DatagramSocket socket, int port) throws Exception {
    for (int i = 0; i < AT_A_TIME; i++) {
      byte[] payload = "6,1,1,-;%s\n".formatted("x".repeat(PAYLOAD_BYTES)).getBytes(US_ASCII);
      socket.send(
          new DatagramPacket(payload, payload.length, InetAddress.getLoopbackAddress(), port));
    }
    Thread.sleep(50);
  }

  private static long files(Path data) throws IOException {
    try (Stream<Path> files = Files.list(data.resolve("log"))) {
      return files.filter(file -> file.getFileName().toString().contains(".cq4")).count();
    }
  }
}
