package lastwords.ui;

import java.util.List;
import lastwords.kernel.KernelMessage;
import lastwords.kernel.Position;
import org.jspecify.annotations.Nullable;

/// Messages as lines.
final class MessageView {
  /// Characters of a text in a table, so that a page of 100 large ones stays below 3 MB.
  private static final int MAX_SHOWN = 4_000;

  private MessageView() {}

  /// @param here the position of the one to mark, -1 for none
  static Html table(List<KernelMessage> messages, long here) {
    return Html.of(
        """
        <table class="messages">
        <thead><tr><th>Received</th><th>Host</th><th>Text</th></tr></thead>
        <tbody>
        {}</tbody>
        </table>
        """,
        Html.all(messages.stream().map(message -> row(message, message.position() == here))));
  }

  private static Html row(KernelMessage message, boolean here) {
    return Html.of(
        """
        <tr class="{}"{}><td class="when">{}</td><td class="host">{}</td>\
        <td class="text"><a class="plain" href="{}">{}</a></td></tr>
        """,
        (message.severity() < 0 ? "" : "s" + message.severity()) + (here ? " here" : ""),
        here ? Html.of(" id=\"here\"") : Html.NONE,
        Show.exactTime(message.receivedAtMicros()),
        Show.host(message.host()),
        Show.messagePath(message.position()) + "#here",
        shown(message.text()));
  }

  /// What a table shows of a text; the message's own page and the API have all of it.
  private static String shown(String text) {
    return text.length() <= MAX_SHOWN ? text : text.substring(0, MAX_SHOWN) + "…";
  }

  /// A button that shows messages as they arrive; there only for browsers that run its script.
  static Html follow(@Nullable String query) {
    return Html.of(
        """
        <p><button id="follow" class="quiet" data-tail="{}" hidden>Follow</button></p>
        <script src="/tail.js" defer></script>
        """,
        Show.path("/api/v1/messages/tail", "query", query));
  }

  static Html one(KernelMessage message) {
    Facts facts =
        new Facts()
            .add("Host", Show.host(message.host()))
            .add("Received", Show.exactTime(message.receivedAtMicros()))
            .add("Severity", message.severity() < 0 ? null : message.severity())
            .add("Sequence", message.sequence() < 0 ? null : message.sequence())
            .add("Kernel", message.release())
            .add("Caller", message.caller())
            .add("Task", message.task());
    message.dictionary().forEach(facts::add);
    message.userdata().forEach(facts::add);
    return Html.of(
        "<h1>Message {}</h1>\n{}<h2>Around it</h2>\n",
        Position.text(message.position()),
        facts.html());
  }
}
