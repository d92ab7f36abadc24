package lastwords.app;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import lastwords.capture.CaptureReader;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `replay`: sends captures again.
@Command(
    name = "replay",
    description = {
      "Sends the UDP payloads of captures (pcap, pcapng, also gzipped) as their hosts did, one capture after the other.",
      "To an IPv4 loopback address each host sends from an address of its own: 10.20.2.15 from 127.20.2.15.",
    })
final class ReplayCommand implements Callable<Integer> {
  private final Terminal terminal;

  @Option(
      names = "--to",
      paramLabel = "HOST:PORT",
      description = "where to; default 127.0.0.1:6666")
  private String to = "127.0.0.1:6666";

  @ArgGroup private @Nullable Speed speed;

  @Option(
      names = "--hosts",
      paramLabel = "N",
      description = "each host of a capture becomes N, from as many addresses of 127.0.0.0/8")
  private int hosts = 1;

  @Parameters(paramLabel = "CAPTURE", arity = "1..*", description = "files to send")
  private List<Path> captures = new ArrayList<>();

  /// At most one of them.
  static final class Speed {
    @Option(
        names = "--speed",
        paramLabel = "N",
        description = "the capture's own pauses, N times faster; default 1")
    private @Nullable Double speed;

    @Option(names = "--rate", paramLabel = "PPS", description = "so many datagrams a second")
    private @Nullable Double rate;

    @Option(names = "--max", description = "as fast as it goes")
    private boolean max;

    private Pace pace() {
      if (max) {
        return new Pace.Max();
      }
      return rate != null
          ? new Pace.Rate(positive("--rate", rate))
          : new Pace.Own(speed == null ? 1 : positive("--speed", speed));
    }

    private static double positive(String option, double value) {
      if (!(value > 0) || Double.isInfinite(value)) {
        throw Failure.wrongUsage(option + " is " + value + "; it must be more than 0");
      }
      return value;
    }
  }

  ReplayCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws IOException {
    InetSocketAddress target = target();
    if (hosts < 1 || hosts > Senders.MAX_HOSTS) {
      throw Failure.wrongUsage("--hosts is " + hosts + "; allowed is 1 to " + Senders.MAX_HOSTS);
    }
    Pace pace = speed == null ? new Pace.Own(1) : speed.pace();
    try (Replay replay = new Replay(target, pace, hosts, terminal)) {
      if (hosts > 1 && !replay.hostsHaveOwnAddresses()) {
        throw Failure.wrongUsage(
            "--hosts needs a target such as 127.0.0.1:6666: elsewhere all would be one host");
      }
      try {
        for (Path file : captures) {
          send(replay, file);
        }
      } finally {
        sayWhatWent(replay, target);
      }
      if (replay.refused() > 0) {
        throw new Failure(
            "nothing listens at "
                + Addresses.text(target)
                + "; start a server with: lastwords serve");
      }
    }
    return Main.DONE;
  }

  private void send(Replay replay, Path file) throws IOException {
    try (CaptureReader capture = CaptureReader.open(file)) {
      replay.send(capture);
      sayWhatWasPassedOver(file, capture.others(), "packets that hold no UDP");
      sayWhatWasPassedOver(file, capture.fragments(), "fragments of IP");
      sayWhatWasPassedOver(file, capture.cut(), "datagrams captured without their end");
    }
  }

  private void sayWhatWasPassedOver(Path file, long count, String what) {
    if (count > 0) {
      terminal.err().printf("%s: passed over %,d %s%n", file, count, what);
    }
  }

  private void sayWhatWent(Replay replay, InetSocketAddress target) {
    terminal
        .out()
        .printf(
            "%d datagrams sent from %d %s to %s in %.1f s%n",
            replay.sent(),
            replay.hosts(),
            replay.hosts() == 1 ? "host" : "hosts",
            Addresses.text(target),
            replay.seconds());
  }

  private InetSocketAddress target() {
    try {
      InetSocketAddress target = Addresses.socket(to, "127.0.0.1");
      if (target.getPort() > 0) {
        return target;
      }
    } catch (IllegalArgumentException e) {
      throw Failure.wrongUsage("--to is " + to + ": " + e.getMessage());
    }
    throw Failure.wrongUsage("--to is " + to + ": port 0 can't be sent to");
  }
}
