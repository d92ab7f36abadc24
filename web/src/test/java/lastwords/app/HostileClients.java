package lastwords.app;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.URLEncoder;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/// HTTP clients that ask for much, read slowly, begin requests that they don't end, or leave in the
/// middle, all from one address that isn't the judge's. What becomes of them doesn't matter.
final class HostileClients implements AutoCloseable {
  private static final String ADDRESS = "127.90.0.1";
  private static final int HALF_OPEN = 200;
  private static final int SLOW_READERS = 8;
  private static final int TIMEOUT_MILLIS = 5_000;

  final AtomicLong requests = new AtomicLong();
  final AtomicLong refused = new AtomicLong();
  private final List<Thread> threads = new ArrayList<>();
  private volatile URI server;
  private volatile boolean closed;

  private interface Work {
    void run() throws IOException, InterruptedException;
  }

  HostileClients(URI server) {
    this.server = server;
    repeat("half-open", this::halfOpen);
    repeat("slow-readers", this::slowReaders);
    for (int i = 0; i < 2; i++) {
      repeat("wildcards-" + i, this::wildcards);
      repeat("asking-" + i, this::ask);
    }
  }

  /// Where the server listens after a restart.
  void moveTo(URI next) {
    server = next;
  }

  void start() {
    threads.forEach(Thread::start);
  }

  private void repeat(String name, Work work) {
    threads.add(
        Thread.ofPlatform()
            .daemon()
            .name(name)
            .unstarted(
                () -> {
                  while (!closed) {
                    try {
                      work.run();
                      Thread.sleep(200);
                    } catch (IOException e) {
                      refused.incrementAndGet();
                    } catch (InterruptedException e) {
                      return;
                    }
                  }
                }));
  }

  /// Requests of which a byte comes every second.
  private void halfOpen() throws IOException, InterruptedException {
    List<Socket> sockets = new ArrayList<>();
    try {
      for (int i = 0; i < HALF_OPEN; i++) {
        Socket socket = connect();
        sockets.add(socket);
        socket
            .getOutputStream()
            .write("GET /api/v1/hosts HTTP/1.1\r\nHost: loc".getBytes(US_ASCII));
      }
      for (int second = 0; second < 20 && !closed; second++) {
        TimeUnit.SECONDS.sleep(1);
        for (Socket socket : sockets) {
          socket.getOutputStream().write('a');
        }
      }
    } finally {
      closeAll(sockets);
    }
  }

  /// Large answers and tails of which nothing is read.
  private void slowReaders() throws IOException, InterruptedException {
    List<Socket> sockets = new ArrayList<>();
    try {
      for (int i = 0; i < SLOW_READERS; i++) {
        Socket socket = connect();
        sockets.add(socket);
        String path =
            i % 2 == 0
                ? "messages?limit=1000"
                : i % 4 == 1 ? "messages/tail" : "crashes?limit=1000";
        get(socket, "/api/v1/" + path);
      }
      TimeUnit.SECONDS.sleep(10);
    } finally {
      closeAll(sockets);
    }
  }

  /// The most clauses a query may have, each with a wildcard in front; then the client leaves.
  private void wildcards() throws IOException, InterruptedException {
    StringBuilder query = new StringBuilder("*a*b*c*");
    for (int i = 0; i < 280; i++) {
      query.append(" OR *").append((char) ('a' + i % 26)).append('*').append(i % 10).append('*');
    }
    try (Socket socket = connect()) {
      get(socket, "/api/v1/messages?query=" + URLEncoder.encode(query.toString(), UTF_8));
      TimeUnit.SECONDS.sleep(3);
    }
  }

  private void ask() throws IOException {
    for (String path :
        List.of(
            "/api/v1/messages?limit=1000&query=text:*",
            "/api/v1/messages?query=%22Kernel+panic%22",
            "/api/v1/crashes?limit=1000",
            "/api/v1/hosts?limit=1000",
            "/api/v1/signatures?limit=1000",
            "/api/v1/messages/values?field=release",
            "/api/v1/messages/values?field=host",
            "/api/v1/messages/histogram?buckets=100&by=caller",
            "/api/v1/alarms?limit=1000",
            "/api/v1/messages?query=%28%28%28%28&limit=-1",
            "/",
            "/hosts",
            "/crashes")) {
      if (closed) {
        return;
      }
      try (Socket socket = connect()) {
        get(socket, path);
        socket.getInputStream().skipNBytes(12);
        socket.getInputStream().transferTo(java.io.OutputStream.nullOutputStream());
      }
    }
  }

  private Socket connect() throws IOException {
    requests.incrementAndGet();
    Socket socket = new Socket();
    socket.setSoTimeout(TIMEOUT_MILLIS);
    socket.setReceiveBufferSize(16 << 10);
    socket.bind(new InetSocketAddress(InetAddress.ofLiteral(ADDRESS), 0));
    socket.connect(new InetSocketAddress(server.getHost(), server.getPort()), TIMEOUT_MILLIS);
    return socket;
  }

  private static void get(Socket socket, String path) throws IOException {
    String request =
        "GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".formatted(path);
    socket.getOutputStream().write(request.getBytes(US_ASCII));
  }

  private static void closeAll(List<Socket> sockets) {
    for (Socket socket : sockets) {
      try {
        socket.close();
      } catch (IOException e) {
        // Closed by the server.
      }
    }
  }

  @Override
  public void close() {
    closed = true;
    threads.forEach(Thread::interrupt);
  }
}
