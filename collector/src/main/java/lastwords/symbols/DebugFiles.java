package lastwords.symbols;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Where below a folder debug information is, as distributions lay it out, or a build leaves it.
///
/// A folder is looked through as if it were `/`, `/usr/lib/debug`, a folder of releases, or the
/// folder a kernel was built in.
final class DebugFiles {
  /// Files looked at below one release's folder.
  private static final int MAX_FILES = 100_000;

  private static final int MAX_DEPTH = 12;

  private static final Pattern RELEASE = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._+~-]{0,127}");
  private static final Pattern BUILD_ID = Pattern.compile("[0-9a-f]{40}");
  private static final Pattern MODULE = Pattern.compile("\\.ko(?:\\.debug)?$");

  private final List<Path> roots;

  DebugFiles(Path folder) {
    roots = List.of(folder, folder.resolve("usr/lib/debug"));
  }

  /// The kernel itself.
  ///
  /// @param buildId null where the kernel didn't print one
  Optional<Path> kernel(String release, @Nullable String buildId) {
    Optional<Path> exact = byBuildId(buildId);
    if (exact.isPresent() || !RELEASE.matcher(release).matches()) {
      return exact;
    }
    return roots.stream()
        .flatMap(root -> kernels(root, release))
        .filter(Files::isRegularFile)
        .findFirst();
  }

  /// What [#kernel] looks for, for people.
  String kernelsLookedFor(String release) {
    return "boot/vmlinux-%s, lib/modules/%s/vmlinux and the like".formatted(release, release);
  }

  private static Stream<Path> kernels(Path root, String release) {
    Stream<String> names =
        Stream.of(
            "boot/vmlinux-" + release,
            "boot/vmlinux-" + release + ".debug",
            "vmlinux-" + release,
            "lib/modules/" + release + "/vmlinux",
            "lib/modules/" + release + "/vmlinux.debug",
            "lib/modules/" + release + "/build/vmlinux",
            "usr/lib/modules/" + release + "/vmlinux",
            release + "/vmlinux");
    Stream<Path> paths = names.map(root::resolve);
    return isBuildOf(root, release)
        ? Stream.concat(paths, Stream.of(root.resolve("vmlinux")))
        : paths;
  }

  /// Whether a kernel of that release was built in the folder.
  private static boolean isBuildOf(Path root, String release) {
    try {
      return Files.readString(root.resolve("include/config/kernel.release"))
          .strip()
          .equals(release);
    } catch (IOException e) {
      return false;
    }
  }

  Optional<Path> byBuildId(@Nullable String buildId) {
    if (buildId == null || !BUILD_ID.matcher(buildId).matches()) {
      return Optional.empty();
    }
    String name = ".build-id/" + buildId.substring(0, 2) + "/" + buildId.substring(2) + ".debug";
    return roots.stream().map(root -> root.resolve(name)).filter(Files::isRegularFile).findFirst();
  }

  /// The modules of a release by their name in the kernel.
  Map<String, Path> modules(String release) {
    Map<String, Path> modules = new HashMap<>();
    if (RELEASE.matcher(release).matches()) {
      for (Path root : roots) {
        addModules(modules, root.resolve("lib/modules").resolve(release));
        addModules(modules, root.resolve("usr/lib/modules").resolve(release));
        addModules(modules, root.resolve(release));
        if (isBuildOf(root, release)) {
          addModules(modules, root);
        }
      }
    }
    return modules;
  }

  private static void addModules(Map<String, Path> modules, Path folder) {
    if (!Files.isDirectory(folder)) {
      return;
    }
    try (Stream<Path> files = Files.walk(folder, MAX_DEPTH, new FileVisitOption[0])) {
      files
          .limit(MAX_FILES)
          .forEach(
              file -> {
                String name = file.getFileName().toString();
                String bare = MODULE.matcher(name).replaceFirst("");
                if (!bare.equals(name)) {
                  modules.putIfAbsent(bare.replace('-', '_'), file);
                }
              });
    } catch (IOException | UncheckedIOException e) {
      // A folder that can't be read has nothing for us; what is missing is said where it is missed.
    }
  }
}
