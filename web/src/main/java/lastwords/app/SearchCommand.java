package lastwords.app;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/// `search`: messages that match.
@Command(
    name = "search",
    description = "Messages that match, the newest last; as JSON the newest first.",
    footer = {
      "",
      "Examples:",
      "  lastwords search 'text:\"soft lockup\" AND host:db*' --since 24h",
      "  lastwords search 'severity:[0 TO 3]' --limit 1000 --json",
    })
final class SearchCommand implements Callable<Integer> {
  private final Terminal terminal;
  @Mixin private final ServerOptions server = new ServerOptions();
  @Mixin private final ListOptions list = new ListOptions();

  @Parameters(paramLabel = "QUERY", description = "what to look for; '*' finds everything")
  private String query = "";

  SearchCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    try (Client client = server.client()) {
      List<JsonNode> messages = client.list("/messages", list.parameters(query), list.limit());
      if (server.json()) {
        messages.forEach(terminal::json);
      } else {
        messages.reversed().forEach(new Shown(terminal)::message);
      }
    }
    return Main.DONE;
  }
}
