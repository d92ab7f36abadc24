package lastwords.store.embedded;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Writes a log's files through to the disk, and remembers those that can't be trusted.
///
/// Linux reports a failed write once and drops the pages from those to be written: the next `fsync`
/// of the file succeeds, although they never reached the disk (`man 2 fsync`, "EIO"). So a file
/// whose sync failed is distrusted: it is not synced again, and counts as not durable until it was
/// copied into a new file, or deleted. Each file is held open from the first sync on: only a
/// descriptor that was open before a failure reports it for certain.
///
/// Not thread-safe.
final class Syncing implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Syncing.class);

  private final Path folder;
  private final FileSync sync;
  private final Map<Path, FileChannel> open = new HashMap<>();
  private final Set<Documents.File> distrusted = new HashSet<>();
  private int syncedCycle = Integer.MIN_VALUE;
  private final LongAdder failures = new LongAdder();

  Syncing(Path folder, FileSync sync) {
    this.folder = folder;
    this.sync = sync;
  }

  /// Syncs all files that may have changed since this last succeeded. A packed one was synced
  /// before it had its name.
  ///
  /// @param files of the log, oldest first
  /// @throws IOException when the disk failed, or a file is distrusted: not all is durable
  void sync(List<Documents.File> files) throws IOException {
    IOException failure = null;
    for (Documents.File file : files) {
      if (file.cycle() >= syncedCycle && !file.isPacked() && !distrusted.contains(file)) {
        try {
          sync(file.path());
        } catch (IOException e) {
          failures.increment();
          failure = e;
          distrusted.add(file);
          close(file.path());
          LOG.error(
              "{}: sync failed: {}; the file isn't trusted again, the log continues in a new one"
                  + " and copies this one",
              file.path(),
              e.getMessage());
        }
      }
    }
    if (failure == null && !files.isEmpty() && files.getLast().cycle() > syncedCycle) {
      failure = syncFolder();
      if (failure != null) {
        files.stream().filter(file -> file.cycle() > syncedCycle).forEach(distrusted::add);
      }
    }
    if (failure != null) {
      throw failure;
    }
    if (!distrusted().isEmpty()) {
      throw new IOException(
          "the sync of %s failed, and it isn't copied into a new file yet"
              .formatted(distrusted.iterator().next().path()));
    }
    if (!files.isEmpty()) {
      syncedCycle = files.getLast().cycle();
      List<Path> current = List.of(files.getLast().path());
      List.copyOf(open.keySet()).stream()
          .filter(path -> !current.contains(path))
          .forEach(this::close);
    }
  }

  private @Nullable IOException syncFolder() {
    try {
      sync.syncFolder(folder);
      return null;
    } catch (IOException e) {
      failures.increment();
      LOG.error(
          "{}: sync failed: {}; the names of new files aren't trusted, they are copied",
          folder,
          e.getMessage());
      return e;
    }
  }

  private void sync(Path path) throws IOException {
    try {
      FileChannel channel = open.get(path);
      if (channel == null || !channel.isOpen()) {
        channel = FileChannel.open(path, StandardOpenOption.READ);
        open.put(path, channel);
      }
      sync.sync(channel);
    } catch (NoSuchFileException e) {
      LOG.debug("{}: retention deleted it", path);
    }
  }

  /// Files that aren't durable and exist; those packed or deleted meanwhile are forgotten.
  List<Documents.File> distrusted() {
    distrusted.removeIf(file -> !Files.exists(file.path()));
    return List.copyOf(distrusted);
  }

  /// How often a sync failed.
  long failures() {
    return failures.sum();
  }

  private void close(Path path) {
    FileChannel channel = open.remove(path);
    try {
      if (channel != null) {
        channel.close();
      }
    } catch (IOException e) {
      LOG.debug("{}: {}", path, e.toString());
    }
  }

  @Override
  public void close() {
    List.copyOf(open.keySet()).forEach(this::close);
  }
}
