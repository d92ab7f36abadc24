package lastwords.app;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/// `signatures`: a table of signatures.
@Command(
    name = "signatures",
    description =
        "Signatures: crashes that are one fault. The last seen stands last; as JSON first.")
final class SignaturesCommand implements Callable<Integer> {
  private final Terminal terminal;
  @Mixin private final ServerOptions server = new ServerOptions();
  @Mixin private final ListOptions list = new ListOptions();

  @Parameters(
      paramLabel = "QUERY",
      arity = "0..1",
      description = "only these, as in: state:open AND severity:critical")
  private @Nullable String query;

  SignaturesCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    try (Client client = server.client()) {
      List<JsonNode> signatures = client.list("/signatures", list.parameters(query), list.limit());
      if (server.json()) {
        signatures.forEach(terminal::json);
      } else {
        show(signatures.reversed());
      }
    }
    return Main.DONE;
  }

  private void show(List<JsonNode> signatures) {
    Table table =
        new Table("LAST SEEN", "SIGNATURE", "SEVERITY", "STATE", "EVENTS", "HOSTS", "TITLE");
    for (JsonNode signature : signatures) {
      table.row(
          Shown.time(signature, "last_seen"),
          Shown.text(signature, "signature"),
          Shown.text(signature, "severity"),
          Shown.text(signature, "state"),
          Shown.text(signature, "events"),
          Shown.text(signature, "hosts"),
          Shown.text(signature, "title"));
    }
    table.print(terminal);
  }
}
