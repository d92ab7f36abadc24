package lastwords.app;

import com.fasterxml.jackson.databind.JsonNode;
import picocli.CommandLine.Command;

/// `signatures`: a table of signatures.
@Command(
    name = "signatures",
    description =
        "Signatures: crashes that are one fault. The last seen stands last; as JSON first.")
final class SignaturesCommand extends ListCommand {
  SignaturesCommand(Terminal terminal) {
    super(terminal, "/signatures");
  }

  @Override
  Table table() {
    return new Table(
        "LAST SEEN", "SIGNATURE", "SEVERITY", "STATE", "EVENTS", "HOSTS", "SUSPECT", "TITLE");
  }

  @Override
  void addTo(Table table, JsonNode signature) {
    table.row(
        Shown.time(signature, "last_seen"),
        Shown.text(signature, "signature"),
        Shown.text(signature, "severity"),
        Shown.text(signature, "state"),
        Shown.text(signature, "events"),
        Shown.text(signature, "hosts"),
        Shown.text(signature.path("triage"), "suspect"),
        Shown.text(signature, "title"));
  }
}
