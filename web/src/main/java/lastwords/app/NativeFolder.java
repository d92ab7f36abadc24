package lastwords.app;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Where libraries unpack their native parts: below the data folder.
///
/// Left to themselves, they use the temporary folder and delete at the end, which a process that is
/// killed never reaches: each start would leave a megabyte there. Others may write to a temporary
/// folder, too.
final class NativeFolder {
  /// Shared with the ledger, whose library stays for the next start.
  private static final String NAME = "native";

  private static final String KEPT = "sqlite-";

  /// Names of system properties: of Netty, JNA and jffi, the latter two used by Chronicle.
  private static final List<String> PROPERTIES =
      List.of("io.netty.native.workdir", "jna.tmpdir", "jffi.extract.dir");

  /// After which what a killed process left is deleted; loading it takes milliseconds, and a loaded
  /// library needs no file any more.
  private static final Duration OLD = Duration.ofMinutes(1);

  private static final Logger LOG = LoggerFactory.getLogger(NativeFolder.class);

  private NativeFolder() {}

  /// Has it used by all libraries that are not loaded yet, unless another folder is configured.
  static void use(Path data) throws IOException {
    Path folder = Files.createDirectories(data.resolve(NAME)).toAbsolutePath();
    for (String property : PROPERTIES) {
      if (System.getProperty(property) == null) {
        System.setProperty(property, folder.toString());
      }
    }
    deleteOld(folder);
  }

  private static void deleteOld(Path folder) {
    Instant before = Instant.now().minus(OLD);
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        if (!file.getFileName().toString().startsWith(KEPT)
            && Files.getLastModifiedTime(file).toInstant().isBefore(before)) {
          Files.deleteIfExists(file);
        }
      }
    } catch (IOException e) {
      LOG.info("{}: what is old can't be deleted: {}", folder, e.toString());
    }
  }
}
