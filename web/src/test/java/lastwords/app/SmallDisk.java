package lastwords.app;

import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/// A disk that is soon full, mounted on a folder; needs the right to mount, else its test is
/// skipped.
final class SmallDisk implements AutoCloseable {
  private final Path folder;

  private SmallDisk(Path folder) {
    this.folder = folder;
  }

  /// In memory.
  static SmallDisk inMemory(Path folder, int mebibytes) throws IOException {
    Files.createDirectories(folder);
    int status =
        run("mount", "-t", "tmpfs", "-o", "size=" + mebibytes + "m", "tmpfs", folder.toString());
    assumeThat(status).as("status of mount, which needs to be root").isZero();
    return new SmallDisk(folder);
  }

  /// An ext4 file system in a file.
  static SmallDisk ext4(Path folder, Path image, int mebibytes) throws IOException {
    Files.createDirectories(folder);
    try (FileChannel file =
        FileChannel.open(image, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      file.write(ByteBuffer.allocate(1), ((long) mebibytes << 20) - 1);
    }
    assumeThat(run("mkfs.ext4", "-q", "-F", image.toString())).as("status of mkfs.ext4").isZero();
    return mounted(folder, image);
  }

  /// A file system that is there.
  static SmallDisk mounted(Path folder, Path image) throws IOException {
    Files.createDirectories(folder);
    int status = run("mount", "-o", "loop", image.toString(), folder.toString());
    assumeThat(status).as("status of mount, which needs to be root").isZero();
    return new SmallDisk(folder);
  }

  /// Fills a file until only so much is left of the disk.
  void fill(String name, long leaveBytes) throws IOException {
    try (FileChannel file =
        FileChannel.open(
            folder.resolve(name), StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
      for (int size = 1 << 20; size >= 4096; size >>= 1) {
        while (free() - size >= leaveBytes) {
          file.write(ByteBuffer.allocate(size));
        }
      }
    } catch (IOException full) {
      if (leaveBytes > 0) {
        throw full;
      }
    }
  }

  void delete(String name) throws IOException {
    Files.delete(folder.resolve(name));
  }

  long free() throws IOException {
    return Files.getFileStore(folder).getUsableSpace();
  }

  static int run(String... command) {
    try {
      return new ProcessBuilder(List.of(command))
          .redirectOutput(ProcessBuilder.Redirect.DISCARD)
          .redirectError(ProcessBuilder.Redirect.DISCARD)
          .start()
          .onExit()
          .join()
          .exitValue();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    run("umount", "--lazy", folder.toString());
  }
}
