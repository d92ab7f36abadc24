package lastwords.app;

import com.fasterxml.jackson.databind.JsonNode;
import picocli.CommandLine.Command;

/// `crashes`: a table of crashes.
@Command(name = "crashes", description = "Crashes, the newest last; as JSON the newest first.")
final class CrashesCommand extends ListCommand {
  CrashesCommand(Terminal terminal) {
    super(terminal, "/crashes");
  }

  @Override
  Table table() {
    return new Table("RECEIVED", "HOST", "SEVERITY", "SIGNATURE", "ID", "TITLE");
  }

  @Override
  void addTo(Table table, JsonNode crash) {
    table.row(
        Shown.time(crash, "received_at"),
        Shown.text(crash, "host"),
        Shown.text(crash, "severity"),
        Shown.text(crash, "signature"),
        Shown.text(crash, "id"),
        Shown.text(crash, "title"));
  }
}
