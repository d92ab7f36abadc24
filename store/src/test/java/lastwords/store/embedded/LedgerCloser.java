package lastwords.store.embedded;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/// A process of its own that asks, as SQLite does when it closes a database, whether another has it
/// open; if not, SQLite would delete what is not yet in the first file (`SHARED_FIRST` in its
/// `os.h`).
final class LedgerCloser {
  private static final long SHARED_FIRST = 0x4000_0002;
  private static final long SHARED_SIZE = 510;

  private LedgerCloser() {}

  public static void main(String... arguments) throws IOException {
    try (FileChannel file = FileChannel.open(Path.of(arguments[0]), StandardOpenOption.WRITE)) {
      boolean last = file.tryLock(SHARED_FIRST, SHARED_SIZE, false) != null;
      System.out.println(last ? "nobody has it open" : "another has it open");
    }
  }
}
