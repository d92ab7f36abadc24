package lastwords.app;

import java.time.Duration;

/// Stops a server when the process is told to end, by SIGTERM or Ctrl-C.
final class Shutdown {
  /// A service manager waits longer than this before it kills.
  static final Duration PATIENCE = Duration.ofSeconds(9);

  private Shutdown() {}

  /// From now on a signal closes the server, then ends the process with status 0; with 1 when
  /// closing fails or takes longer than [#PATIENCE]. What was received is in the log either way.
  static void closes(Server server, Terminal terminal) {
    closes(server::close, terminal);
  }

  /// As [#closes], with what else belongs to closing.
  static void closes(Runnable close, Terminal terminal) {
    Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(close, terminal), "shutdown"));
  }

  private static void stop(Runnable close, Terminal terminal) {
    int[] status = {Main.FAILED};
    Thread closing =
        Thread.ofPlatform()
            .daemon()
            .name("closing")
            .start(
                () -> {
                  close.run();
                  status[0] = Main.DONE;
                });
    try {
      closing.join(PATIENCE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (closing.isAlive()) {
      terminal
          .err()
          .println("lastwords: not closed after " + PATIENCE.toSeconds() + " s; stopping anyway");
    }
    terminal.out().flush();
    // A signal's own status would be 143; a hook can only say otherwise by ending the process.
    Runtime.getRuntime().halt(status[0]);
  }
}
