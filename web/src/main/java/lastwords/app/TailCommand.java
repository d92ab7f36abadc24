package lastwords.app;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/// `tail`: messages as they arrive.
@Command(name = "tail", description = "Messages as they arrive, until it is stopped with Ctrl-C.")
final class TailCommand implements Callable<Integer> {
  private final Terminal terminal;
  @Mixin private final ServerOptions server = new ServerOptions();

  @Parameters(paramLabel = "QUERY", arity = "0..1", description = "only what matches")
  private @Nullable String query;

  TailCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    Map<String, String> parameters = query == null ? Map.of() : Map.of("query", query);
    try (Client client = server.client()) {
      client.events("/messages/tail", parameters, this::show);
      throw new Failure(client.server() + " ended the stream; is it still running?");
    } catch (NobodyReads e) {
      return Main.DONE;
    }
  }

  private void show(String event, JsonNode data) {
    switch (event) {
      case "message" -> message(data);
      case "skipped" ->
          terminal.err().println("(" + data.path("count").asLong() + " messages skipped)");
      default -> {} // of a newer server
    }
    if (terminal.isGone()) {
      throw new NobodyReads();
    }
  }

  private void message(JsonNode message) {
    if (server.json()) {
      terminal.json(message);
    } else {
      new Shown(terminal).message(message);
    }
  }

  private static final class NobodyReads extends RuntimeException {
    private static final long serialVersionUID = 1;
  }
}
