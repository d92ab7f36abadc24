package lastwords.app;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/// `signature`: one signature whole.
@Command(
    name = "signature",
    description =
        "One signature whole: what it is, how often, since when, with which kernels, and what to"
            + " suspect.")
final class SignatureCommand implements Callable<Integer> {
  private final Terminal terminal;
  @Mixin private final ServerOptions server = new ServerOptions();

  @Parameters(paramLabel = "ID", description = "16 hex digits, as `lastwords signatures` shows it")
  private String id = "";

  SignatureCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    try (Client client = server.client()) {
      JsonNode signature = client.find("/signatures/" + Client.encoded(id));
      if (signature == null) {
        throw new Failure(
            "no signature " + id + " at " + client.server() + "; lastwords signatures lists them");
      }
      if (server.json()) {
        terminal.json(signature);
      } else {
        show(signature);
      }
    }
    return Main.DONE;
  }

  private void show(JsonNode signature) {
    terminal.out().println(terminal.bold(Terminal.safe(Shown.text(signature, "title"))));
    Shown shown = new Shown(terminal);
    for (String field :
        List.of("signature", "kind", "category", "severity", "state", "events", "hosts")) {
      shown.field(field, Shown.text(signature, field));
    }
    shown.field("first seen", Shown.time(signature, "first_seen"));
    shown.field("last seen", Shown.time(signature, "last_seen"));
    triage(shown, signature.path("triage"));
    if (signature.path("releases").isEmpty()) {
      return;
    }
    Table releases = new Table("RELEASE", "EVENTS", "HOSTS");
    for (JsonNode release : signature.path("releases")) {
      releases.row(
          release.path("release").asText("(not said)"),
          Shown.text(release, "events"),
          Shown.text(release, "hosts"));
    }
    shown.heading("Kernels");
    releases.print(terminal);
  }

  private void triage(Shown shown, JsonNode triage) {
    if (triage.isMissingNode()) {
      return;
    }
    shown.field("suspect", suspects(triage));
    shown.field("why", Shown.text(triage, "why"));
    if (!Shown.text(triage, "why").contains(Shown.text(triage, "lacking"))) {
      shown.field("lacking", Shown.text(triage, "lacking"));
    }
  }

  private static String suspects(JsonNode triage) {
    return triage.path("hints").isEmpty()
        ? Shown.text(triage, "suspect")
        : triage
            .path("hints")
            .valueStream()
            .map(hint -> Shown.text(hint, "suspect") + " " + Shown.text(hint, "subject"))
            .collect(Collectors.joining("; "));
  }
}
