package lastwords.app;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/// A command that shows what a list of the server holds: a table with the newest last for people,
/// the server's own order as JSON.
abstract class ListCommand implements Callable<Integer> {
  private final Terminal terminal;
  private final String route;
  @Mixin private final ServerOptions server = new ServerOptions();
  @Mixin private final ListOptions list = new ListOptions();

  @Parameters(
      paramLabel = "QUERY",
      arity = "0..1",
      description = "only these, as in: severity:critical AND host:db*")
  private @Nullable String query;

  /// @param route the list's place below `/api/v1`
  ListCommand(Terminal terminal, String route) {
    this.terminal = terminal;
    this.route = route;
  }

  /// The table with nothing in it.
  abstract Table table();

  /// Adds what a person sees of one item.
  abstract void addTo(Table table, JsonNode item);

  @Override
  public final Integer call() {
    try (Client client = server.client()) {
      List<JsonNode> items = client.list(route, list.parameters(query), list.limit());
      if (server.json()) {
        items.forEach(terminal::json);
      } else {
        Table table = table();
        items.reversed().forEach(item -> addTo(table, item));
        table.print(terminal);
      }
    }
    return Main.DONE;
  }
}
