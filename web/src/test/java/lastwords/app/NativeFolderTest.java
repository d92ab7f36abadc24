package lastwords.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NativeFolderTest {
  @TempDir Path folder;

  @Test
  void serversThatAreKilledLeaveNothingInTheTemporaryFolderAndLittleInTheirOwn() throws Exception {
    Path temporary = Files.createDirectory(folder.resolve("tmp"));
    Path data = folder.resolve("data");
    for (int start = 0; start < 3; start++) {
      try (Child server =
          Child.serve(
              Map.of("JAVA_TOOL_OPTIONS", "-Djava.io.tmpdir=" + temporary),
              "--data=" + data,
              "--udp=127.0.0.1:0",
              "--http=127.0.0.1:0")) {
        Running.eventually(() -> server.status("/readyz") == 200);
        server.kill();
      }
      assertThat(files(temporary)).isEmpty();
      for (Path left : files(data.resolve("native"))) {
        assertThat(left.getFileName().toString()).matches("sqlite-.*|jffi.*");
        Files.setLastModifiedTime(left, FileTime.from(Instant.now().minusSeconds(120)));
      }
    }
    // SQLite's, which each start uses, and what the last process left.
    assertThat(files(data.resolve("native"))).hasSizeLessThanOrEqualTo(2);
  }

  private static List<Path> files(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.toList();
    }
  }
}
