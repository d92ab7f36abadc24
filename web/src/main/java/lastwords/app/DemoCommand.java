package lastwords.app;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import lastwords.capture.CaptureReader;
import picocli.CommandLine.Command;

/// `demo`: a server that has something to show.
@Command(
    name = "demo",
    description = {
      "Runs a server on a fresh folder under the temporary folder and sends it recorded kernels going down,"
          + " each from an address of its own. Stays until it is stopped with Ctrl-C."
    })
final class DemoCommand implements Callable<Integer> {
  /// Our own recordings of real kernels, each a host of its own; extended format.
  static final List<String> RECORDINGS =
      List.of(
          "sysrq-c--d612",
          "lkdtm-exception--d612",
          "lkdtm-exception--a612",
          "softlockup-panic--d612",
          "oom--d612",
          "smp-oops--kasan",
          "sysrq-c-reboot--sid");

  /// So that all are through in a few seconds, whatever the machines waited for.
  private static final Pace PACE = new Pace.Capped(100_000);

  private static final long BETWEEN_HOSTS_NANOS = 400_000_000;
  private static final int UDP_PORT = 6666;
  private static final int HTTP_PORT = 8066;

  private final Terminal terminal;

  DemoCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws IOException {
    Path folder = Files.createTempDirectory("lastwords-demo-");
    Map<ConfigKey, List<String>> options = new LinkedHashMap<>();
    options.put(ConfigKey.DATA, List.of(folder.toString()));
    options.put(ConfigKey.UDP, List.of("127.0.0.1:" + (udpIsFree() ? UDP_PORT : 0)));
    options.put(ConfigKey.HTTP, List.of("127.0.0.1:" + (httpIsFree() ? HTTP_PORT : 0)));
    Server server =
        Server.start(Configuration.read(null, options, InstantSource.system()), terminal.out());
    Shutdown.closes(server, terminal);
    say(server, folder);
    feed(server.udp().getFirst());
    server.awaitClose();
    return Main.DONE;
  }

  private void say(Server server, Path folder) {
    String http = server.http().toString();
    String flag = server.http().getPort() == HTTP_PORT ? "" : " --server " + http;
    terminal.out().println();
    terminal
        .out()
        .println("Open " + terminal.bold(http) + " and watch seven machines get into trouble.");
    terminal.out().println("Or ask from another shell:");
    terminal.out().println("  ./lastwords crashes" + flag);
    terminal.out().println("  ./lastwords signatures" + flag);
    terminal.out().println("  ./lastwords search '\"Kernel panic\"'" + flag);
    terminal.out().println("  ./lastwords tail" + flag);
    terminal.out().println("All of it is in " + folder + ". Ctrl-C stops.");
  }

  private void feed(InetSocketAddress to) {
    long startNanos = System.nanoTime();
    for (int i = 0; i < RECORDINGS.size(); i++) {
      String name = RECORDINGS.get(i);
      long atNanos = startNanos + i * BETWEEN_HOSTS_NANOS;
      Thread.ofPlatform()
          .daemon()
          .name("demo " + name)
          .start(
              () -> {
                LockSupport.parkNanos(atNanos - System.nanoTime());
                send(name, to);
              });
    }
  }

  private void send(String name, InetSocketAddress to) {
    try (CaptureReader capture = recording(name);
        Replay replay = new Replay(to, PACE, 1, terminal)) {
      replay.send(capture);
    } catch (IOException e) {
      terminal
          .err()
          .println("lastwords: the recording " + name + " could not be sent: " + e.getMessage());
    }
  }

  static CaptureReader recording(String name) throws IOException {
    String path = "/lastwords/demo/" + name + ".pcap.gz";
    InputStream stream = DemoCommand.class.getResourceAsStream(path);
    return CaptureReader.of(path, Objects.requireNonNull(stream, path));
  }

  private static boolean udpIsFree() {
    try (java.net.DatagramSocket _ =
        new java.net.DatagramSocket(UDP_PORT, InetAddress.ofLiteral("127.0.0.1"))) {
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  private static boolean httpIsFree() {
    try (java.net.ServerSocket _ =
        new java.net.ServerSocket(HTTP_PORT, 1, InetAddress.ofLiteral("127.0.0.1"))) {
      return true;
    } catch (IOException e) {
      return false;
    }
  }
}
