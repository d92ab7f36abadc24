package lastwords.app;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// Which server a command asks, and how it shows the answer.
final class ServerOptions {
  @Option(
      names = "--server",
      paramLabel = "URL",
      defaultValue = "${env:LASTWORDS_SERVER:-http://127.0.0.1:8066}",
      description = "the server to ask; default LASTWORDS_SERVER, else http://127.0.0.1:8066")
  private String server = "";

  @Option(
      names = "--token",
      paramLabel = "TOKEN",
      defaultValue = "${env:LASTWORDS_TOKEN:-" + Option.NULL_VALUE + "}",
      description = "what the server asks for; default LASTWORDS_TOKEN")
  private @Nullable String token;

  @Option(names = "--json", description = "one JSON object a line, as the server sends them")
  private boolean json;

  Client client() {
    return new Client(server, token);
  }

  boolean json() {
    return json;
  }
}
