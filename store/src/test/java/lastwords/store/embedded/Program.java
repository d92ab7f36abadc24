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
    Process mountable = new ProcessBuilder(with(smallDisk, List.of("true"))).start();
    assumeThat(mountable.waitFor()).as("namespaces of users are allowed here").isZero();

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
