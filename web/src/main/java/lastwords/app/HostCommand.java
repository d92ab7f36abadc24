package lastwords.app;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/// `host`: one host whole.
@Command(name = "host", description = "All that is known of one host.")
final class HostCommand implements Callable<Integer> {
  private final Terminal terminal;
  @Mixin private final ServerOptions server = new ServerOptions();

  @Parameters(paramLabel = "NAME", description = "as `lastwords hosts` shows it")
  private String name = "";

  HostCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    try (Client client = server.client()) {
      JsonNode host = client.find("/hosts/" + Client.encoded(name));
      if (host == null) {
        throw new Failure(
            "no host " + name + " at " + client.server() + "; lastwords hosts lists them");
      }
      if (server.json()) {
        terminal.json(host);
      } else {
        show(host);
      }
    }
    return Main.DONE;
  }

  private void show(JsonNode host) {
    terminal.out().println(terminal.bold(Terminal.safe(Shown.text(host, "host"))));
    Shown shown = new Shown(terminal);
    for (var field : host.properties()) {
      if (field.getValue().isObject()) {
        field.getValue().properties().forEach(e -> shown.field(e.getKey(), e.getValue().asText()));
      } else if (!field.getKey().equals("host")) {
        shown.field(field.getKey().replace('_', ' '), Shown.text(host, field.getKey()));
      }
    }
  }
}
