package lastwords.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import lastwords.json.Json;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class AnalyzeTest {
  private static final String LOG =
      """
      [    1.000000] all is well
      [    4.178226] sysrq: Trigger a crash
      [    4.178300] Kernel panic - not syncing: sysrq triggered crash
      [    4.178400] CPU: 1 PID: 175 Comm: sh Not tainted 6.12.95+deb12-amd64 #1
      [    4.178500] Call Trace:
      [    4.178600]  <TASK>
      [    4.178700]  panic+0x334/0x370
      [    4.178800]  sysrq_handle_crash+0x16/0x20
      [    4.178900]  </TASK>
      [    4.179000] ---[ end Kernel panic - not syncing: sysrq triggered crash ]---
      """;

  @TempDir private Path folder = Path.of("");

  @Test
  void peopleSeeHeadlineFieldsAndStack() throws IOException {
    Run run = Run.of("analyze", log("a.log", LOG));
    assertThat(run.status()).isZero();
    assertThat(run.out())
        .contains("sysrq triggered crash")
        .contains("sysrq_handle_crash+0x16/0x20")
        .contains("the machine went down with it");
  }

  @Test
  void jsonIsOneEventALineWithTheHeadlinesLine() throws IOException {
    JsonNode event =
        Json.read(Run.of("analyze", "--json", log("a.log", LOG)).out(), JsonNode.class);
    assertThat(event.path("kind").asText()).isEqualTo("panic");
    assertThat(event.path("line").asInt()).isEqualTo(3);
  }

  @Test
  void standardInputIsADash() {
    assertThat(Run.withInput(LOG, "analyze", "--json", "-").out().lines()).hasSize(1);
  }

  @Test
  void aBatchHasALineForEachPathAlsoForOneThatCannotBeRead() throws IOException {
    String good = log("a.log", LOG);
    String quiet = log("b.log", "nothing\n");
    Run run = Run.withInput(good + "\n/none\n\n" + quiet + "\n", "analyze", "--batch");
    assertThat(run.status()).isEqualTo(1);
    assertThat(run.err()).contains("/none: no such file");
    List<JsonNode> lines = run.out().lines().map(l -> Json.read(l, JsonNode.class)).toList();
    assertThat(lines).map(line -> line.path("file").asText()).containsExactly(good, "/none", quiet);
    assertThat(lines).map(line -> line.path("events").size()).containsExactly(1, 0, 0);
    assertThat(lines.get(1).path("error").asText()).startsWith("/none: no such file");
    assertThat(lines).filteredOn(line -> line.has("error")).hasSize(1);
  }

  @Test
  void aRotatedLogIsReadThroughItsGzip() throws IOException {
    Path zipped = folder.resolve("kern.log.2.gz");
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(zipped))) {
      out.write(LOG.getBytes(StandardCharsets.UTF_8));
    }
    assertThat(Run.of("analyze", "--json", zipped.toString()).out().lines()).hasSize(1);
    byte[] whole = Files.readAllBytes(zipped);
    Files.write(zipped, Arrays.copyOf(whole, whole.length / 2));
    Run cut = Run.of("analyze", "--json", zipped.toString());
    assertThat(cut.status()).isEqualTo(1);
    assertThat(cut.err()).contains("kern.log.2.gz: the gzip data is damaged or ends here");
  }

  @Test
  void ofAGzipThatIsCutWhatCanBeReadIsTold() throws IOException {
    StringBuilder text = new StringBuilder(LOG);
    for (int i = 0; i < 200_000; i++) {
      text.append("[%5d.%06d] all is well\n".formatted(5 + i, i * 7919L % 1_000_000));
    }
    byte[] whole = zipped(text.toString().getBytes(StandardCharsets.UTF_8));
    for (int cut : new int[] {whole.length / 2, whole.length - 4, 3_000}) {
      String path = folder.resolve("cut.gz").toString();
      Files.write(Path.of(path), Arrays.copyOf(whole, cut));
      Run people = Run.of("analyze", path);
      assertThat(people.status()).isEqualTo(1);
      assertThat(people.out()).contains("sysrq_handle_crash+0x16/0x20");
      assertThat(people.err()).contains("cut.gz: the gzip data is damaged or ends here");
      Run json = Run.of("analyze", "--json", path);
      assertThat(json.status()).isEqualTo(1);
      assertThat(json.out().lines()).hasSize(1);
      Run batch = Run.withInput(path + "\n", "analyze", "--batch");
      assertThat(batch.status()).isEqualTo(1);
      JsonNode line = Json.read(batch.out(), JsonNode.class);
      assertThat(line.path("events")).hasSize(1);
      assertThat(line.path("error").asText()).contains("damaged or ends here");
    }
  }

  @Test
  void aGzipInAGzipIsNotOpened() throws IOException {
    byte[] twice = LOG.getBytes(StandardCharsets.UTF_8);
    for (int i = 0; i < 2; i++) {
      twice = zipped(twice);
    }
    Path file = Files.write(folder.resolve("twice.gz"), twice);
    Run run = Run.of("analyze", file.toString());
    assertThat(run.status()).isEqualTo(1);
    assertThat(run.err()).contains("twice.gz is gzipped twice; try gzip -dc ");
  }

  private static byte[] zipped(byte[] bytes) throws IOException {
    ByteArrayOutputStream zipped = new ByteArrayOutputStream();
    try (OutputStream out = new GZIPOutputStream(zipped)) {
      out.write(bytes);
    }
    return zipped.toByteArray();
  }

  @Test
  void aFileThatIsNoTextIsRefusedWithWhatToDoInstead() throws IOException {
    Path packed = folder.resolve("dmesg.xz");
    Files.write(packed, HexFormat.of().parseHex("fd377a585a000004e6d6b446"));
    Run run = Run.of("analyze", packed.toString());
    assertThat(run.status()).isEqualTo(1);
    assertThat(run.err()).contains("dmesg.xz is packed; try xz -dc ");
  }

  @Test
  void aFolderIsEachLogInIt() throws IOException {
    log("a.log", LOG);
    log("b.txt", LOG);
    Run run = Run.of("analyze", "--dir", folder.toString());
    assertThat(run.status()).isZero();
    assertThat(run.out().lines()).singleElement().asString().contains("a.log");
  }

  @Test
  void exactlyOneWayOfNamingFilesIsNeeded() {
    assertThat(Run.of("analyze").status()).isEqualTo(2);
    assertThat(Run.of("analyze", "--batch", "x").status()).isEqualTo(2);
    assertThat(Run.of("analyze", "/none").status()).isEqualTo(1);
  }

  private String log(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), text).toString();
  }
}
