package lastwords.store.embedded;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.sqlite.SQLiteJDBCLoader;
import org.sqlite.util.LibraryLoaderUtil;

/// SQLite's native library, unpacked once for each version into a folder beside the ledger.
///
/// Left to itself, SQLite unpacks it into the temporary folder at each start and deletes it at the
/// end, which a process that is killed never reaches: 1.1 MB stay each time. Others may write to a
/// temporary folder, too.
final class SqliteLibrary {
  private static final String FOLDER = "native";

  /// After which another version's library, or one that was never wholly written, is deleted. A
  /// process that has loaded it keeps it.
  private static final Duration OLD = Duration.ofHours(1);

  private static final Logger LOG = LoggerFactory.getLogger(SqliteLibrary.class);

  private static boolean done;

  private SqliteLibrary() {}

  /// Unpacks it, before SQLite is first used in this process; does nothing later, or where another
  /// folder is configured. Where the folder can't be written, SQLite does as it likes.
  static synchronized void unpackBeside(Path ledger) {
    Path data = ledger.toAbsolutePath().resolveSibling(".").normalize();
    if (done || System.getProperty("org.sqlite.lib.path") != null) {
      return;
    }
    done = true;
    String name = LibraryLoaderUtil.getNativeLibName();
    String resource = LibraryLoaderUtil.getNativeLibResourcePath() + "/" + name;
    try (InputStream packed = SQLiteJDBCLoader.class.getResourceAsStream(resource)) {
      if (packed == null) {
        return;
      }
      byte[] library = packed.readAllBytes();
      Path folder = Files.createDirectories(data.resolve(FOLDER));
      Path file = folder.resolve("sqlite-" + SQLiteJDBCLoader.getVersion() + "-" + name);
      if (!Files.exists(file) || !Arrays.equals(Files.readAllBytes(file), library)) {
        Path next = Files.createTempFile(folder, "sqlite-", ".new");
        Files.write(next, library);
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      }
      deleteOld(folder, file);
      System.setProperty("org.sqlite.lib.path", folder.toString());
      System.setProperty("org.sqlite.lib.name", file.getFileName().toString());
    } catch (IOException e) {
      LOG.info("{}: SQLite's library can't be unpacked there, {} is used", data, tmp(), e);
    }
  }

  private static String tmp() {
    return System.getProperty("java.io.tmpdir");
  }

  private static void deleteOld(Path folder, Path used) throws IOException {
    List<Path> files;
    try (Stream<Path> all = Files.list(folder)) {
      files = all.filter(file -> !file.equals(used)).toList();
    }
    for (Path file : files) {
      if (Files.getLastModifiedTime(file).toInstant().isBefore(Instant.now().minus(OLD))) {
        Files.deleteIfExists(file);
      }
    }
  }
}
