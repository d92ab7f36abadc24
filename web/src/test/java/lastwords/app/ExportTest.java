package lastwords.app;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import lastwords.capture.CaptureReader;
import lastwords.json.Json;
import lastwords.kernel.Datagram;
import lastwords.kernel.Host;
import lastwords.store.DatagramBatch;
import lastwords.store.Ledger;
import lastwords.store.embedded.ChronicleLog;
import lastwords.store.embedded.SqliteLedger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// All while the log is open for writing.
final class ExportTest {
  private static final long START = Json.micros(java.time.Instant.parse("2026-11-21T08:00:00Z"));

  @TempDir private static Path shared = Path.of("");
  private Path folder = shared;
  private final List<ChronicleLog> open = new ArrayList<>();

  @BeforeEach
  void write() throws IOException {
    folder = Files.createTempDirectory(shared, "data");
    ChronicleLog log = ChronicleLog.open(folder.resolve("log"), ChronicleLog.Options.DEFAULT);
    open.add(log);
    DatagramBatch batch = new DatagramBatch();
    add(batch, 0, "10.0.0.1", "one\n");
    add(batch, 1, "fd00::2", "two \033[2J\n");
    add(batch, 2, "10.0.0.1", "three\n");
    log.append(batch);
  }

  @AfterEach
  void close() {
    open.forEach(ChronicleLog::close);
  }

  @Test
  void pcapHasTheDatagramsAsTheyCame() throws IOException {
    Run run = export();
    assertThat(run.status()).as(run.err()).isZero();
    List<String> read = new ArrayList<>();
    try (CaptureReader capture = CaptureReader.of("out", new ByteArrayInputStream(run.bytes()))) {
      Datagram datagram;
      while ((datagram = capture.next()) != null) {
        read.add(datagram.source().getHostAddress() + " " + new String(datagram.payload(), UTF_8));
      }
    }
    assertThat(read)
        .containsExactly("10.0.0.1 one\n", "fd00:0:0:0:0:0:0:2 two \033[2J\n", "10.0.0.1 three\n");
  }

  @Test
  void aFileCanBeWrittenInstead() throws IOException {
    Path file = folder.resolve("out.pcap");
    assertThat(export("-o", file.toString()).bytes()).isEmpty();
    assertThat(Files.readAllBytes(file)).isEqualTo(export().bytes());
  }

  @Test
  void jsonHasPayloadAndText() {
    JsonNode first =
        export("--format", "json")
            .out()
            .lines()
            .map(l -> Json.read(l, JsonNode.class))
            .findFirst()
            .orElseThrow();
    assertThat(first.path("offset").asLong()).isZero();
    assertThat(first.path("received_at").asText()).isEqualTo("2026-11-21T08:00:00.000000Z");
    assertThat(first.path("address").asText()).isEqualTo("10.0.0.1");
    assertThat(first.path("payload").asText()).isEqualTo("b25lCg==");
    assertThat(first.path("text").asText()).isEqualTo("one\n");
  }

  @Test
  void textDrivesNoTerminal() {
    assertThat(export("--format", "text").out())
        .contains("2026-11-21T08:00:00.000000Z 10.0.0.1 one\n")
        .contains("two \\x1b[2J\n");
  }

  @Test
  void timeAndHostChooseAndCountCounts() {
    assertThat(export("--count").out()).isEqualTo("3\n");
    assertThat(export("--count", "--host", "10.0.0.1").out()).isEqualTo("2\n");
    assertThat(export("--count", "--since", "2026-11-21T08:00:01Z").out()).isEqualTo("2\n");
    assertThat(export("--count", "--until", "2026-11-21T08:00:01Z").out()).isEqualTo("1\n");
  }

  @Test
  void aHostMayBeNamedAsTheLedgerKnowsIt() {
    try (Ledger ledger = SqliteLedger.open(folder.resolve("ledger.db"))) {
      ledger.putHosts(
          List.of(
              new Host(
                  "fd00:0:0:0:0:0:0:2",
                  "db7",
                  null,
                  null,
                  0,
                  0,
                  "b0",
                  null,
                  "extended",
                  1,
                  0,
                  0,
                  0,
                  0,
                  1,
                  Map.of())));
      assertThat(export("--count", "--host", "db7").out()).isEqualTo("1\n");
    }
  }

  @Test
  void saysWhatIsWrong() {
    assertThat(Run.of("export", "--data", "/none").err()).contains("/none/log: there is no log");
    assertThat(export("--since", "yesterday").status()).isEqualTo(2);
    assertThat(export("--host", "nobody").status()).isEqualTo(1);
  }

  private Run export(String... options) {
    List<String> arguments = new ArrayList<>(List.of("export", "--data", folder.toString()));
    arguments.addAll(List.of(options));
    return Run.of(arguments.toArray(String[]::new));
  }

  private static void add(DatagramBatch batch, int seconds, String source, String text) {
    batch.add(
        START + seconds * 1_000_000L,
        InetAddress.ofLiteral(source),
        6665,
        6666,
        text.getBytes(UTF_8));
  }
}
