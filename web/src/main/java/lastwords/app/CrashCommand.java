package lastwords.app;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/// `crash`: one crash whole.
@Command(
    name = "crash",
    description =
        "One crash whole: what died where, the stack, the report, and the last words before it.")
final class CrashCommand implements Callable<Integer> {
  private final Terminal terminal;
  @Mixin private final ServerOptions server = new ServerOptions();

  @Parameters(paramLabel = "ID", description = "as `lastwords crashes` shows it")
  private String id = "";

  CrashCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    try (Client client = server.client()) {
      JsonNode crash = client.find("/crashes/" + Client.encoded(id));
      if (crash == null) {
        throw new Failure(
            "no crash " + id + " at " + client.server() + "; lastwords crashes lists them");
      }
      if (server.json()) {
        terminal.json(crash);
      } else {
        new CrashText(terminal, crash).print("", true);
      }
    }
    return Main.DONE;
  }
}
