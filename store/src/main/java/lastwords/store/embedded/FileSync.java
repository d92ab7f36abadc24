package lastwords.store.embedded;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import lastwords.linux.Disk;

/// Writes what the kernel holds of a file through to its disk.
interface FileSync {
  /// `fdatasync`, mapped pages included.
  FileSync REAL = channel -> channel.force(false);

  /// @throws IOException when the disk didn't take all of it; a later call may succeed all the
  ///   same, see [Syncing]
  void sync(FileChannel file) throws IOException;

  /// Writes the names of a folder's files through to its disk.
  default void syncFolder(Path folder) throws IOException {
    Disk.sync(folder);
  }
}
