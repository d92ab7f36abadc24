package lastwords.store;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;

/// What is left of the disk that a folder is on. Safe for any thread.
public final class FreeSpace {
  private final Path folder;
  private final FileStore disk;

  /// @param folder must exist
  public FreeSpace(Path folder) {
    this.folder = folder;
    try {
      disk = Files.getFileStore(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Without what is kept for root.
  public long bytes() {
    try {
      return disk.getUsableSpace();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// The whole disk.
  public long totalBytes() {
    try {
      return disk.getTotalSpace();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// @throws UncheckedIOException when less than that is left
  public void require(long bytes) {
    if (bytes() < bytes) {
      throw new UncheckedIOException(
          new IOException(
              "%s: no space left on its disk: less than %d KiB".formatted(folder, bytes >> 10)));
    }
  }
}
