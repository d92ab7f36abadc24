package lastwords.app;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/// `crashes`: a table of crashes.
@Command(name = "crashes", description = "Crashes, the newest last; as JSON the newest first.")
final class CrashesCommand implements Callable<Integer> {
  private final Terminal terminal;
  @Mixin private final ServerOptions server = new ServerOptions();
  @Mixin private final ListOptions list = new ListOptions();

  @Parameters(
      paramLabel = "QUERY",
      arity = "0..1",
      description = "only these, as in: kind:panic AND host:db*")
  private @Nullable String query;

  CrashesCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    try (Client client = server.client()) {
      List<JsonNode> crashes = client.list("/crashes", list.parameters(query), list.limit());
      if (server.json()) {
        crashes.forEach(terminal::json);
      } else {
        show(crashes.reversed());
      }
    }
    return Main.DONE;
  }

  private void show(List<JsonNode> crashes) {
    Table table = new Table("RECEIVED", "HOST", "SEVERITY", "SIGNATURE", "ID", "TITLE");
    for (JsonNode crash : crashes) {
      table.row(
          Shown.time(crash, "received_at"),
          Shown.text(crash, "host"),
          Shown.text(crash, "severity"),
          Shown.text(crash, "signature"),
          Shown.text(crash, "id"),
          Shown.text(crash, "title"));
    }
    table.print(terminal);
  }
}
