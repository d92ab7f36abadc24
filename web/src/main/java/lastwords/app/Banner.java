package lastwords.app;

import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import lastwords.receive.Receiver;
import lastwords.receive.SocketState;
import lastwords.store.Log;
import org.jspecify.annotations.Nullable;

/// What a server runs with, in one block that a person reads at its start.
final class Banner {
  private Banner() {}

  static void print(Config config, @Nullable Receiver receiver, Log log, PrintStream out) {
    String version = Main.class.getPackage().getImplementationVersion();
    out.println("Lastwords " + (version == null ? "(not packaged)" : version));
    line(out, "data", config.data().toAbsolutePath().normalize().toString());
    line(
        out,
        "roles",
        config.roles().stream()
            .map(role -> role.name().toLowerCase(Locale.ROOT))
            .collect(Collectors.joining(" ")));
    line(
        out,
        "log",
        "%d datagrams, %s; kept %s, at most %s"
            .formatted(
                log.end() - log.first(),
                Quantity.text(log.allocatedBytes()),
                Quantity.text(config.keepLog()),
                Quantity.text(config.keepLogBytes())));
    if (log.first() == log.end() && log.end() > 0) {
      line(
          out,
          "gone",
          "all %d datagrams that the log held; if they weren't too old to keep, its files are lost: stop, put them back from a back-up"
              .formatted(log.end()));
    }
    if (receiver != null) {
      receiving(config, receiver, out);
    }
    line(
        out,
        "hooks",
        config.live().hooks().isEmpty()
            ? "none: nobody is told of a crash"
            : config.live().hooks().stream()
                .map(hook -> hook.name())
                .collect(Collectors.joining(" ")));
    line(
        out,
        "http",
        config.live().token() == null
            ? "loopback only, no token"
            : "every request needs the token");
  }

  private static void receiving(Config config, Receiver receiver, PrintStream out) {
    List<SocketState> sockets = receiver.sockets();
    long granted = sockets.stream().mapToLong(SocketState::bufferBytes).min().orElse(0);
    line(
        out,
        "udp",
        "%s, %d sockets each, from %s"
            .formatted(
                receiver.addresses().stream().map(Addresses::text).collect(Collectors.joining(" ")),
                config.sockets(),
                config.live().allow().isEmpty()
                    ? "anybody"
                    : config.live().allow().stream()
                        .map(Object::toString)
                        .collect(Collectors.joining(" "))));
    // The kernel grants twice what is asked for, to pay for its own bookkeeping.
    boolean small = granted < 2 * config.receiveBufferBytes();
    line(
        out,
        "buffer",
        "%s granted for each socket, %s asked for%s"
            .formatted(
                Quantity.text(granted),
                Quantity.text(config.receiveBufferBytes()),
                small
                    ? "; for more: sysctl -w net.core.rmem_max=" + config.receiveBufferBytes()
                    : ""));
  }

  private static void line(PrintStream out, String name, String value) {
    out.println("  %-8s %s".formatted(name, value));
  }
}
