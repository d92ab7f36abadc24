package lastwords.app;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/// `hosts`: a table of hosts.
@Command(name = "hosts", description = "All hosts ever heard of, by name.")
final class HostsCommand implements Callable<Integer> {
  private final Terminal terminal;
  @Mixin private final ServerOptions server = new ServerOptions();

  HostsCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    try (Client client = server.client()) {
      List<JsonNode> hosts = client.list("/hosts", Map.of(), Integer.MAX_VALUE);
      if (server.json()) {
        hosts.forEach(terminal::json);
      } else {
        show(hosts);
      }
    }
    return Main.DONE;
  }

  private void show(List<JsonNode> hosts) {
    Table table =
        new Table(
            "HOST",
            "STATUS",
            "LAST SEEN",
            "RELEASE",
            "MESSAGES",
            "LOST",
            "CRASHES",
            "ADDRESSES",
            "NAME FROM",
            "CLAIMS TO BE");
    for (JsonNode host : hosts) {
      table.row(
          Shown.text(host, "host"),
          Shown.text(host, "status"),
          Shown.time(host, "last_seen"),
          Shown.text(host, "release"),
          Shown.text(host, "messages"),
          Shown.text(host, "messages_lost"),
          Shown.text(host, "crashes"),
          Shown.text(host, "addresses"),
          Shown.text(host, "host_source"),
          Shown.text(host, "claimed_host"));
    }
    table.print(terminal);
  }
}
