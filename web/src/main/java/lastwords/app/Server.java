package lastwords.app;

import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.List;

/// A running server with the roles its configuration names.
@SuppressWarnings("DoNotCallSuggester") // until it is wired
final class Server implements AutoCloseable {
  private Server() {}

  /// Starts everything and says on `out` where it listens, each when it is ready.
  static Server start(Config config, PrintStream out) {
    throw new UnsupportedOperationException("not wired yet: " + config + out);
  }

  URI http() {
    throw new UnsupportedOperationException();
  }

  List<InetSocketAddress> udp() {
    throw new UnsupportedOperationException();
  }

  @Override
  public void close() {
    throw new UnsupportedOperationException();
  }

  /// Waits until the server is closed.
  void awaitClose() {
    throw new UnsupportedOperationException();
  }
}
