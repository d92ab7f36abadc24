package lastwords.store.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// A `main` in a process of its own.
final class Program {
  private Program() {}

  /// What it says on a small disk of its own, as anyone may mount one in a namespace of users.
  static String onASmallDisk(int mebibytes, Path folder, Class<?> main) throws Exception {
    List<String> smallDisk =
        List.of(
            "unshare",
            "-Urm",
            "sh",
            "-c",
            "mount -t tmpfs -o size=" + mebibytes + "m none \"$0\" && exec \"$@\"",
            folder.toString());
    assumeThat(status(with(smallDisk, List.of("true"))))
        .as("status of mount, for which namespaces of users must be allowed")
        .isZero();
    return output(smallDisk, folder, main);
  }

  /// The same on one with blocks smaller than a page of memory, as only root may mount it; it is
  /// gone with the process.
  ///
  /// @param image where its file system is kept
  static String onASmallDiskOfSmallBlocks(int mebibytes, Path folder, Path image, Class<?> main)
      throws Exception {
    int made = status(List.of("mkfs.ext4", "-qF", "-b1024", image.toString(), mebibytes + "m"));
    assumeThat(made).as("status of mkfs.ext4").isZero();
    List<String> smallDisk =
        List.of(
            "unshare",
            "-m",
            "sh",
            "-c",
            "mount -o loop,nobarrier " + image + " \"$0\" && exec \"$@\"",
            folder.toString());
    assumeThat(status(with(smallDisk, List.of("true"))))
        .as("status of mount, which needs to be root")
        .isZero();
    return output(smallDisk, folder, main);
  }

  /// -1 where there is no such command.
  private static int status(List<String> command) throws InterruptedException {
    try {
      return new ProcessBuilder(command)
          .redirectOutput(ProcessBuilder.Redirect.DISCARD)
          .redirectError(ProcessBuilder.Redirect.DISCARD)
          .start()
          .waitFor();
    } catch (IOException e) {
      return -1;
    }
  }

  private static String output(List<String> smallDisk, Path folder, Class<?> main)
      throws Exception {
    Process child = start(smallDisk, main, folder.toString());
    String output = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(child.waitFor()).as(output).isZero();
    return output;
  }

  /// @param within a command that takes another
  static Process start(List<String> within, Class<?> main, String... arguments) throws IOException {
    List<String> java = new ArrayList<>();
    java.add(ProcessHandle.current().info().command().orElseThrow());
    java.addAll(
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
            .filter(flag -> flag.startsWith("--") || flag.startsWith("-Dchronicle"))
            .toList());
    java.addAll(List.of("-cp", System.getProperty("java.class.path", ""), main.getName()));
    java.addAll(List.of(arguments));
    return new ProcessBuilder(with(within, java))
        .redirectError(ProcessBuilder.Redirect.DISCARD)
        .start();
  }

  private static List<String> with(List<String> within, List<String> command) {
    List<String> all = new ArrayList<>(within);
    all.addAll(command);
    return all;
  }
}
