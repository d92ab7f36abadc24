package lastwords.app;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// A disk that fails on request: an ext4 file system on a loop device that loses all but its
/// beginning, where the file system's own blocks are. The kernel takes what is written to a file,
/// the next `fsync` fails, and the one after it succeeds although the data never reached the disk.
/// What was written before comes back when the disk recovers. Needs to be root, else its test is
/// skipped.
final class FailingDisk implements AutoCloseable {
  private static final long BYTES = 120L << 20;

  /// With the journal, which is the most of it.
  private static final int OWN_BYTES = 8 << 20;

  private final Path image;
  private final String device;
  private final Path folder;
  private byte @Nullable [] lost;

  private FailingDisk(Path image, String device, Path folder) {
    this.image = image;
    this.device = device;
    this.folder = folder;
  }

  /// @param folder where it is mounted; its content lies in a file beside it
  static FailingDisk mounted(Path folder) throws IOException {
    Files.createDirectories(folder);
    Path image = folder.resolveSibling(folder.getFileName() + ".disk");
    setLength(image, BYTES);
    // Its own blocks, the journal's included, come first.
    int made =
        SmallDisk.run(
            "mkfs.ext4",
            "-qF",
            "-b",
            "4096",
            "-N",
            "4096",
            "-J",
            "size=4",
            "-E",
            "packed_meta_blocks=1",
            image.toString());
    assumeThat(made).as("status of mkfs.ext4").isZero();
    Process losetup = new ProcessBuilder("losetup", "--find", "--show", image.toString()).start();
    String device = new String(losetup.getInputStream().readAllBytes(), UTF_8).strip();
    assumeThat(losetup.onExit().join().exitValue()).as("status of losetup").isZero();
    FailingDisk disk = new FailingDisk(image, device, folder);
    int mounted = SmallDisk.run("mount", device, folder.toString());
    if (mounted != 0) {
      disk.close();
    }
    assumeThat(mounted).as("status of mount").isZero();
    return disk;
  }

  /// From now on no block of a file can be written, or read that isn't in memory.
  void fail() throws IOException {
    byte[] all = Files.readAllBytes(image);
    lost = Arrays.copyOfRange(all, OWN_BYTES, all.length);
    setLength(OWN_BYTES);
  }

  void recover() throws IOException {
    complete(image);
    lost = null;
    setLength(BYTES);
  }

  private void complete(Path copy) throws IOException {
    byte[] missing = lost;
    if (missing != null) {
      try (RandomAccessFile file = new RandomAccessFile(copy.toFile(), "rw")) {
        file.seek(OWN_BYTES);
        file.write(missing);
      }
    }
  }

  private void setLength(long bytes) throws IOException {
    setLength(image, bytes);
    if (SmallDisk.run("losetup", "--set-capacity", device) != 0) {
      throw new IOException(device + " doesn't change its size");
    }
  }

  private static void setLength(Path image, long bytes) throws IOException {
    try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
      file.setLength(bytes);
    }
  }

  /// What a power failure now would leave of it, mounted on another folder.
  SmallDisk afterAPowerFailure(Path copy) throws IOException {
    Path copied = copy.resolveSibling(copy.getFileName() + ".disk");
    Files.copy(image, copied);
    complete(copied);
    return SmallDisk.mounted(copy, copied);
  }

  @Override
  public void close() {
    SmallDisk.run("umount", "--lazy", folder.toString());
    SmallDisk.run("losetup", "--detach", device);
  }
}
