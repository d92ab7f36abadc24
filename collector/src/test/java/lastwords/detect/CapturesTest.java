package lastwords.detect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import lastwords.capture.CaptureReader;
import lastwords.json.Json;
import lastwords.kernel.Category;
import lastwords.kernel.Crash;
import lastwords.kernel.Datagram;
import lastwords.readers.DatagramAnalyzer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Recordings of real kernels going down, from the wire to the crash, in both formats. Without
/// `shared/corpus/netconsole` beside the repository this is skipped; those in the extended format
/// are in the repository too, for the tests of the whole server.
class CapturesTest {
  @Test
  void allThatHappenedIsFoundInTheExtendedFormat() throws IOException {
    assertThat(complaints("capture.pcap", "ext")).isEmpty();
  }

  @Test
  void allThatHappenedIsFoundInTheBasicFormat() throws IOException {
    assertThat(complaints("capture-legacy.pcap", "legacy")).isEmpty();
  }

  private static List<String> complaints(String file, String capture) throws IOException {
    Path corpus = corpus();
    assumeThat(corpus).as("recordings beside the repository").isNotNull();
    List<String> complaints = new ArrayList<>();
    try (Stream<Path> folders = Files.list(corpus)) {
      for (Path folder : folders.filter(f -> Files.exists(f.resolve(file))).sorted().toList()) {
        JsonNode meta = Json.newMapper().readTree(folder.resolve("meta.json").toFile());
        judge(folder.getFileName().toString(), meta, capture, crashes(folder.resolve(file)))
            .forEach(complaints::add);
      }
    }
    return complaints;
  }

  private static Stream<String> judge(
      String name, JsonNode meta, String capture, List<Crash> crashes) {
    Stream<String> missing =
        stream(meta.get("expected"))
            .filter(e -> e.get("on_wire").path(capture).asBoolean())
            .filter(e -> crashes.stream().noneMatch(c -> isIt(c, e)))
            .map(e -> name + ": nothing found of " + e.get("line").asText());
    Stream<String> invented =
        meta.path("healthy").asBoolean()
            ? crashes.stream()
                .filter(c -> c.category() == Category.OOPS)
                .map(c -> name + ": a healthy kernel is said to have " + c.title())
            : Stream.empty();
    long silent = stream(meta.get("boots")).filter(b -> isFalse(b.path("announced"))).count();
    long reboots = crashes.stream().filter(c -> c.kind().equals("reboot")).count();
    Stream<String> restarts =
        silent == reboots
            ? Stream.empty()
            : Stream.of(name + ": " + reboots + " of " + silent + " unannounced restarts");
    return Stream.of(missing, invented, restarts).flatMap(s -> s);
  }

  private static boolean isIt(Crash crash, JsonNode expected) {
    String report = String.join("\n", crash.report());
    return stream(expected.get("kinds")).anyMatch(k -> k.asText().equals(crash.kind()))
        && (report.contains(expected.get("line").asText())
            || stream(expected.path("lines")).anyMatch(l -> report.contains(l.asText()))
            || stream(expected.path("functions")).anyMatch(f -> names(crash, f.asText())))
        && (!expected.path("panicked").asBoolean() || crash.panicked());
  }

  private static boolean names(Crash crash, String function) {
    return function.equals(crash.guilty())
        || function.equals(crash.ip())
        || crash.frames().stream().anyMatch(f -> f.function().equals(function));
  }

  private static List<Crash> crashes(Path file) throws IOException {
    DatagramAnalyzer analyzer = new DatagramAnalyzer();
    try (CaptureReader in = CaptureReader.open(file)) {
      for (Datagram datagram = in.next(); datagram != null; datagram = in.next()) {
        analyzer.accept(datagram);
      }
    }
    return analyzer.end();
  }

  private static Stream<JsonNode> stream(@Nullable JsonNode list) {
    return list == null ? Stream.empty() : StreamSupport.stream(list.spliterator(), false);
  }

  private static boolean isFalse(JsonNode value) {
    return value.isBoolean() && !value.asBoolean();
  }

  private static @Nullable Path corpus() {
    for (Path at = Path.of("").toAbsolutePath(); at != null; at = at.getParent()) {
      Path corpus = at.resolve("shared/corpus/netconsole");
      if (Files.isDirectory(corpus)) {
        return corpus;
      }
    }
    return null;
  }
}
