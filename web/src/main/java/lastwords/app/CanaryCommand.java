package lastwords.app;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/// `canary`: has the server send itself a datagram.
@Command(
    name = "canary",
    description =
        "Has the server send itself a marked datagram, and says how long it took into the log,"
            + " through analysis, and to the searches. Exit status 1 when it didn't come through.")
final class CanaryCommand implements Callable<Integer> {
  private final Terminal terminal;
  @Mixin private final ServerOptions server = new ServerOptions();

  CanaryCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    try (Client client = server.client()) {
      JsonNode flight = client.post("/canary");
      if (server.json()) {
        terminal.json(flight);
      } else {
        Shown shown = new Shown(terminal);
        shown.field("sent to", Shown.text(flight, "to"));
        shown.field("in the log", after(flight, "logged_ms"));
        shown.field("analyzed", after(flight, "analyzed_ms"));
        shown.field("searchable", after(flight, "searchable_ms"));
      }
    }
    return Main.DONE;
  }

  private static String after(JsonNode flight, String field) {
    return String.format(Locale.ROOT, "after %.1f ms", flight.path(field).asDouble());
  }
}
