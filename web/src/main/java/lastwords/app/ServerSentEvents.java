package lastwords.app;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.function.BiConsumer;

/// A `text/event-stream`. Format: HTML Living Standard, "Server-sent events".
final class ServerSentEvents {
  private ServerSentEvents() {}

  /// Hands over name and data of each event until the stream ends; what no empty line has ended by
  /// then is left out.
  static void read(InputStream stream, BiConsumer<String, String> to) throws IOException {
    BufferedReader lines =
        new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8));
    String name = "message";
    StringBuilder data = new StringBuilder();
    String line;
    while ((line = lines.readLine()) != null) {
      if (line.isEmpty()) {
        if (!data.isEmpty()) {
          to.accept(name, data.substring(0, data.length() - 1));
        }
        name = "message";
        data.setLength(0);
      } else if (line.startsWith("event:")) {
        name = value(line, "event:");
      } else if (line.startsWith("data:")) {
        data.append(value(line, "data:")).append('\n');
      }
    }
  }

  private static String value(String line, String field) {
    String value = line.substring(field.length());
    return value.startsWith(" ") ? value.substring(1) : value;
  }
}
