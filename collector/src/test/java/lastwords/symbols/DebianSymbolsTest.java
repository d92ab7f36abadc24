package lastwords.symbols;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import lastwords.detect.Analyzer;
import lastwords.kernel.Crash;
import lastwords.kernel.Frame;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/// A real kernel's crash with its distribution's debug package: `CONTRIBUTING.md` says how to get
/// both.
@EnabledIfSystemProperty(named = "lastwords.debian-symbols", matches = ".+")
class DebianSymbolsTest {
  private static final String RELEASE = "6.1.0-56-amd64";

  private static final String RECORDING =
      "shared/corpus/netconsole/list-corruption--d61/console.txt";

  private final Path folder = Path.of(System.getProperty("lastwords.debian-symbols", ""));

  @Test
  void aRecordedCrashHasTheLinesOfItsSource() throws IOException {
    Path log = Path.of("").toAbsolutePath();
    while (log != null && !Files.exists(log.resolve(RECORDING))) {
      log = log.getParent();
    }
    assumeThat(log).as("the recording").isNotNull();
    try (InputStream text = Files.newInputStream(Objects.requireNonNull(log).resolve(RECORDING));
        Symbols symbols = Symbols.of(folder)) {
      Crash found =
          Analyzer.analyze(text).stream()
              .filter(crash -> crash.kind().equals("list-corruption"))
              .findFirst()
              .orElseThrow();
      Crash crash = symbols.complete(found).crash();
      assertThat(crash.frames())
          .contains(
              new Frame(
                  "__list_add_valid.cold", 0x4b, 0x5b, null, "lib/list_debug.c", 27, false, true),
              new Frame("vfs_write", 0xc7, 0x3f0, null, "fs/read_write.c", 582, false, true),
              new Frame(
                  "do_syscall_x64", null, null, null, "arch/x86/entry/common.c", 46, true, true));
    }
  }

  @Test
  void modulesAreFoundByTheirRelease() throws IOException {
    DebugFiles files = new DebugFiles(folder);
    Map<String, Path> modules = files.modules(RELEASE);
    for (List<String> place :
        List.of(
            List.of("ext4", "ext4_file_write_iter", "fs/ext4/file.c"),
            List.of("btrfs", "btrfs_commit_transaction", "fs/btrfs/transaction.c"),
            List.of("dm_mod", "dm_create", "drivers/md/dm.c"))) {
      Elf elf = Elf.read(Objects.requireNonNull(modules.get(place.getFirst())));
      long size = elf.find(place.get(1), null).orElseThrow().extent();
      String frame = "%s+0x40/0x%x [%s]".formatted(place.get(1), size, place.getFirst());
      try (Symbols symbols = Symbols.of(folder)) {
        List<Frame> frames = symbols.complete(crash(frame)).crash().frames();
        assertThat(frames).as(frame).last().extracting(Frame::file).isEqualTo(place.getLast());
      }
    }
  }

  private static Crash crash(String frame) throws IOException {
    String report =
        """
        BUG: kernel NULL pointer dereference, address: 0000000000000018
        CPU: 3 PID: 812 Comm: pump Not tainted %s #1
        Call Trace:
         %s
        ---[ end trace 0000000000000000 ]---
        """
            .formatted(RELEASE, frame);
    return Analyzer.analyze(new ByteArrayInputStream(report.getBytes(StandardCharsets.UTF_8)))
        .getFirst();
  }
}
