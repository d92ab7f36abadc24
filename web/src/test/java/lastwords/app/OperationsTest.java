package lastwords.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OperationsTest {
  @Test
  void everyMetricIsExplainedToOperatorsAndNoOther(@TempDir Path data)
      throws IOException, InterruptedException {
    String text = Files.readString(Path.of("../docs/operations.md"));
    List<String> metrics;
    Path file =
        Files.writeString(
            data.resolve("hooks.yaml"),
            "hooks: [{name: am, type: alertmanager, url: 'http://127.0.0.1:1'}]\n");
    try (Running running = Running.start(data, "receive,analyze,index,web", Map.of(), file);
        HttpClient http = HttpClient.newHttpClient()) {
      running.get("/stats"); // so that a request was counted
      HttpRequest scrape =
          HttpRequest.newBuilder(running.server.http().resolve("/metrics")).build();
      String exposed = http.send(scrape, BodyHandlers.ofString()).body();
      metrics =
          Pattern.compile("(?m)^# TYPE lastwords_(\\w+?)(_total)? ")
              .matcher(exposed)
              .results()
              .map(type -> type.group(1))
              .toList();
    }

    List<String> explained =
        Pattern.compile("(?m)^\\| (`\\w+`(, `\\w+`)*) \\|")
            .matcher(text.substring(text.indexOf("## Metrics"), text.indexOf("## When it hurts")))
            .results()
            .flatMap(row -> Stream.of(row.group(1).replace("`", "").split(", ", -1)))
            .toList();
    assertThat(explained)
        .contains("datagrams", "http_requests_seconds")
        .containsExactlyInAnyOrderElementsOf(metrics);
  }
}
