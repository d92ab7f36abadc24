package lastwords.symbols;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import lastwords.detect.Analyzer;
import lastwords.kernel.Crash;
import lastwords.kernel.Frame;
import lastwords.symbols.Symbols.Completed;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// With a kernel of a few lines, built by gcc; skipped without it, and without the two programs
/// that are asked.
class SymbolsTest {
  private static final String RELEASE = "6.1.0-test";
  private static final Duration LONG = Duration.ofSeconds(60);

  private static final String KERNEL =
      """
      volatile int sink;
      static inline __attribute__((always_inline)) void drain(void) {
        sink = 1; sink = 2; sink = 3; sink = 4; sink = 5; sink = 6; sink = 7; sink = 8;
      }
      __attribute__((noinline)) void pump(void) {
        drain();
      }
      static __attribute__((noinline)) void twin(void) { sink = 1; sink = 2; sink = 3; sink = 4; }
      __attribute__((noinline)) void kernel_init(void) { pump(); twin(); }
      """;

  private static final String OTHER =
      """
      extern volatile int sink;
      static __attribute__((noinline)) void twin(void) {
        sink = 1; sink = 2; sink = 3; sink = 4; sink = 5; sink = 6; sink = 7; sink = 8; sink = 9;
      }
      void other(void) { twin(); }
      void _start(void) { for (;;); }
      """;

  private static final String MODULE =
      """
      volatile int sink;
      __attribute__((noinline)) void valve_open(void) { sink = 1; sink = 2; sink = 3; }
      __attribute__((section(".init.text"))) void valve_init(void) { sink = 4; sink = 5; sink = 6; }
      """;

  @TempDir private static Path folder = Path.of("");
  private static boolean built;

  @BeforeAll
  static void build() throws IOException, InterruptedException {
    Path sources = Files.createDirectories(folder.resolve("src"));
    Files.createDirectories(sources.resolve("init"));
    Files.createDirectories(sources.resolve("drivers"));
    Files.writeString(sources.resolve("init/main.c"), KERNEL);
    Files.writeString(sources.resolve("init/other.c"), OTHER);
    Files.writeString(sources.resolve("drivers/valve.c"), MODULE);
    Path modules = Files.createDirectories(folder.resolve("lib/modules/" + RELEASE + "/extra"));
    Files.createDirectories(folder.resolve("boot"));
    built =
        gcc(
                "-nostdlib",
                "-static",
                "-no-pie",
                "-Wl,--build-id=0x0123456789abcdef0123456789abcdef01234567",
                sources.resolve("init/main.c").toString(),
                sources.resolve("init/other.c").toString(),
                "-o",
                folder.resolve("boot/vmlinux-" + RELEASE).toString())
            && gcc(
                "-c",
                sources.resolve("drivers/valve.c").toString(),
                "-o",
                modules.resolve("valve-one.ko").toString());
  }

  private static boolean gcc(String... arguments) throws InterruptedException {
    List<String> command = new ArrayList<>(List.of("gcc", "-g", "-O1", "-fno-pie"));
    command.addAll(List.of(arguments));
    try {
      return new ProcessBuilder(command).inheritIO().start().waitFor() == 0;
    } catch (IOException e) {
      return false;
    }
  }

  private static List<Symbolizer.Tool> tools() {
    List<Symbolizer.Tool> tools = Symbolizer.Tool.installed();
    assumeThat(built).as("gcc builds a kernel").isTrue();
    assumeThat(tools).as("llvm-symbolizer or addr2line").isNotEmpty();
    return tools;
  }

  @Test
  void framesGetFileLineAndInlinedCallers() throws IOException {
    for (Symbolizer.Tool tool : tools()) {
      Completed completed =
          complete(List.of(tool), crash(frame("pump", 0.5), frame("kernel_init", 0.5)));
      assertThat(completed.notes()).isEmpty();
      assertThat(completed.crash().frames())
          .extracting(Frame::function, Frame::file, Frame::inline)
          .containsExactly(
              org.assertj.core.groups.Tuple.tuple("drain", "init/main.c", true),
              org.assertj.core.groups.Tuple.tuple("pump", "init/main.c", false),
              org.assertj.core.groups.Tuple.tuple("kernel_init", "init/main.c", false));
      assertThat(completed.crash().frames()).extracting(Frame::line).startsWith(3, 6);
    }
  }

  @Test
  void whereTheTraceBeginsBelowTheFaultItsFrameIsAdded() throws IOException {
    Crash crash = crashes(report(frame("pump", 0.5), frame("kernel_init", 0.5))).getFirst();
    Completed completed = complete(tools(), crash);
    assertThat(completed.crash().frames())
        .extracting(Frame::function)
        .containsExactly("drain", "pump", "kernel_init");
    assertThat(completed.crash().guiltyFile()).isEqualTo("init/main.c");
  }

  @Test
  void ofTwoFunctionsWithOneNameTheOneOfThatSizeIsMeant() throws IOException {
    Elf elf = Elf.read(folder.resolve("boot/vmlinux-" + RELEASE));
    assertThat(elf.find("twin", null)).isEmpty();
    Crash crash = crash("twin+0x4/0x%x".formatted(size("init/other.c", "twin")));
    assertThat(complete(tools(), crash).crash().frames().getFirst().file())
        .isEqualTo("init/other.c");
  }

  @Test
  void aModuleIsFoundByItsNameAndEachOfItsSections() throws IOException {
    Path module = folder.resolve("lib/modules/" + RELEASE + "/extra/valve-one.ko");
    long size = Elf.read(module).find("valve_open", null).orElseThrow().extent();
    Crash crash = crash("valve_open+0x4/0x%x [valve_one]".formatted(size));
    assertThat(complete(tools(), crash).crash().frames().getFirst().file())
        .isEqualTo("drivers/valve.c");
    size = Elf.read(module).find("valve_init", null).orElseThrow().extent();
    Crash init = crash("valve_init+0x4/0x%x [valve_one]".formatted(size));
    Frame frame = complete(tools(), init).crash().frames().getFirst();
    assertThat(frame.line()).isEqualTo(3);
  }

  @Test
  void anotherBuildsLinesAreNeverShown() throws IOException {
    Crash resized = crash("pump+0x4/0x999");
    Completed completed = complete(tools(), resized);
    assertThat(completed.crash()).isEqualTo(resized);
    assertThat(completed.notes()).singleElement().asString().contains("another build");

    String named = frame("pump", 0.5);
    Crash other =
        crashes(
                report(named, named)
                    .replace(" #1", " #1 SMP ffffffffffffffffffffffffffffffffffffffff"))
            .getFirst();
    assertThat(complete(tools(), other).crash()).isEqualTo(other);
  }

  @Test
  void theBuildIdIsReadAndFound() throws IOException {
    tools();
    Path kernel = folder.resolve("boot/vmlinux-" + RELEASE);
    String id = "0123456789abcdef0123456789abcdef01234567";
    assertThat(Elf.read(kernel).buildId()).contains(id);
    Path debug = Files.createDirectories(folder.resolve("other/.build-id/01"));
    Files.copy(kernel, debug.resolve(id.substring(2) + ".debug"));
    Crash crash =
        crashes(report(frame("pump", 0.5), frame("pump", 0.5)).replace(" #1", " #1 SMP " + id))
            .getFirst();
    try (Symbols symbols = Symbols.of(folder.resolve("other"), tools(), LONG)) {
      assertThat(symbols.complete(crash).crash().frames().getFirst().file()).endsWith("main.c");
    }
  }

  @Test
  void whatIsMissingIsOneLineAndNothingIsLost() throws IOException {
    Crash crash = crash("pump+0x4/0x10", "valve_open+0x4/0x10 [valve_two]");
    Path empty = Files.createDirectories(folder.resolve("empty"));
    try (Symbols symbols = Symbols.of(empty, tools(), LONG)) {
      Completed completed = symbols.complete(crash);
      assertThat(completed.crash()).isEqualTo(crash);
      assertThat(completed.notes())
          .singleElement()
          .asString()
          .contains("no vmlinux of " + RELEASE, empty.toString(), "boot/vmlinux-" + RELEASE);
    }
    try (Symbols symbols = Symbols.of(folder, List.of(), LONG)) {
      assertThat(symbols.complete(crash).crash()).isEqualTo(crash);
      assertThat(symbols.problem()).isPresent();
    }
  }

  @Test
  void aProgramThatFailsOrHangsCostsItsTimeOnceAndNoFrame() throws IOException {
    tools();
    Crash crash = crash(frame("pump", 0.5), frame("kernel_init", 0.5));
    for (String script : List.of("#!/bin/sh\nexit 1\n", "#!/bin/sh\nsleep 600\n")) {
      Path program = Files.writeString(folder.resolve("addr2line"), script);
      Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
      try (Symbols symbols =
          Symbols.of(folder, List.of(Symbolizer.Tool.of(program)), Duration.ofMillis(500))) {
        Completed completed = symbols.complete(crash);
        assertThat(completed.crash()).isEqualTo(crash);
        assertThat(completed.notes()).isNotEmpty();
        assertThat(symbols.complete(crash).crash()).isEqualTo(crash);
      }
    }
  }

  @Test
  void anAnswerThatComesTooLateIsNeverTakenForTheNextOne() throws IOException {
    tools();
    Crash pump = crash(frame("pump", 0.5));
    Crash init = crash(frame("kernel_init", 0.5));
    Path late = Files.createDirectories(folder.resolve("late"));
    // Each address lies in the line of its own number. The second question, which is where the
    // kernel's sources are, is answered too late, once.
    String script =
        """
        #!/bin/sh
        asked=0
        while read address; do
          case $address in
          0xffffffffffffffff) echo $address; echo '??'; echo '??:0' ;;
          *)
            asked=$((asked + 1))
            if [ $asked = 2 ] && [ ! -e %1$s/once ]; then touch %1$s/once; sleep 3; fi
            echo $address; echo f; echo /src/linux/init/main.c:$((address)) ;;
          esac
        done
        """
            .formatted(late);
    Path program = Files.writeString(late.resolve("addr2line"), script);
    Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
    try (Symbols symbols =
        Symbols.of(folder, List.of(Symbolizer.Tool.of(program)), Duration.ofSeconds(2))) {
      Completed first = symbols.complete(pump);
      assertThat(late.resolve("once")).exists();
      assertThat(first.crash().frames().getFirst().line()).isEqualTo(address("pump"));
      Frame second = symbols.complete(init).crash().frames().getFirst();
      assertThat(second.line()).isEqualTo(address("kernel_init"));
      assertThat(second.file()).isEqualTo("init/main.c");
    }
  }

  /// What is asked for the middle of a function.
  private static int address(String function) throws IOException {
    Elf.Symbol symbol =
        Elf.read(folder.resolve("boot/vmlinux-" + RELEASE)).find(function, null).orElseThrow();
    return (int) symbol.address() + (int) (symbol.extent() * 0.5);
  }

  @Test
  void aChildThatDiedIsStartedAgain() throws IOException {
    try (Symbols symbols = Symbols.of(folder, tools(), LONG)) {
      Crash first = crash(frame("pump", 0.5), frame("pump", 0.5));
      assertThat(symbols.complete(first).crash().frames().getFirst().file()).isNotNull();
      List<ProcessHandle> children = ProcessHandle.current().children().toList();
      assertThat(children).isNotEmpty();
      for (ProcessHandle child : children) {
        child.destroyForcibly();
        child.onExit().join();
      }
      Crash second = crash(frame("kernel_init", 0.5), frame("kernel_init", 0.5));
      assertThat(symbols.complete(second).crash().frames().getFirst().file()).isNotNull();
    }
    // All of them end with it; what never did would be waited for in vain.
    ProcessHandle.current().children().forEach(child -> child.onExit().join());
  }

  @Test
  void manyWhoAskAtOnceNeverWaitForAProgramThatHangs() throws Exception {
    tools();
    Crash crash = crash(frame("pump", 0.5), frame("kernel_init", 0.5));
    Path program = Files.writeString(folder.resolve("addr2line"), "#!/bin/sh\nsleep 600\n");
    Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
    List<Completed> answers = Collections.synchronizedList(new ArrayList<>());
    try (Symbols symbols =
            Symbols.of(folder, List.of(Symbolizer.Tool.of(program)), Duration.ofSeconds(2));
        ExecutorService many = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 60; i++) {
        many.execute(() -> answers.add(symbols.complete(crash)));
      }
    }
    assertThat(answers)
        .hasSize(60)
        .allSatisfy(answer -> assertThat(answer.crash()).isEqualTo(crash))
        .anySatisfy(
            answer ->
                assertThat(answer.notes()).anyMatch(note -> note.contains("too many ask for")));
  }

  @Test
  void addressesThatAreNoneCostNoQuestion() throws IOException {
    List<String> frames = new ArrayList<>();
    for (int i = 0; i < 900; i++) {
      frames.add("pump+0x%x/0x%x".formatted(0x7fff0000 + i, 0x7fffff00));
      frames.add("no_such_function_%d+0x4/0x10".formatted(i));
    }
    Path program = Files.writeString(folder.resolve("addr2line"), "#!/bin/sh\nsleep 600\n");
    Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
    tools();
    Crash crash = crash(frames.toArray(String[]::new));
    Completed completed = complete(List.of(Symbolizer.Tool.of(program)), crash);
    assertThat(completed.crash()).isEqualTo(crash);
    assertThat(completed.notes()).singleElement().asString().contains("another build");
  }

  @Test
  void whatAKernelSaysIsNoPath() throws IOException {
    DebugFiles files = new DebugFiles(folder.resolve("lib"));
    assertThat(files.kernel("../boot", null)).isEmpty();
    assertThat(files.kernel("x/../../boot/vmlinux-" + RELEASE, "../../x")).isEmpty();
    assertThat(files.modules("..")).isEmpty();
  }

  @Test
  void aDamagedFileIsRefused() throws IOException {
    tools();
    byte[] kernel = Files.readAllBytes(folder.resolve("boot/vmlinux-" + RELEASE));
    for (int from = 0; from < kernel.length; from += Math.max(1, kernel.length / 200)) {
      byte[] damaged = kernel.clone();
      for (int i = from; i < Math.min(from + 64, damaged.length); i++) {
        damaged[i] = (byte) 0xff;
      }
      Path file = Files.write(folder.resolve("damaged"), damaged);
      try {
        assertThat(Elf.read(file).find("pump", 1).isPresent()).isFalse();
      } catch (IOException e) {
        assertThat(e).hasMessageContaining("damaged");
      }
    }
  }

  private static Completed complete(List<Symbolizer.Tool> tools, Crash crash) {
    try (Symbols symbols = Symbols.of(folder, tools, LONG)) {
      return symbols.complete(crash);
    }
  }

  /// `function+0x…/0x…`, so far into it.
  private static String frame(String function, double part) throws IOException {
    tools();
    Elf elf = Elf.read(folder.resolve("boot/vmlinux-" + RELEASE));
    long size = elf.find(function, null).orElseThrow().extent();
    return "%s+0x%x/0x%x".formatted(function, (long) (size * part), size);
  }

  /// The size of a function of one of the files, as it is when built alone.
  private static long size(String file, String function) throws IOException {
    Path object = folder.resolve("alone.o");
    try {
      gcc("-c", folder.resolve("src").resolve(file).toString(), "-o", object.toString());
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
    return Elf.read(object).find(function, null).orElseThrow().extent();
  }

  private static Crash crash(String... frames) throws IOException {
    return crashes(report(frames[0], frames)).getFirst();
  }

  private static String report(String pointer, String... frames) {
    return """
        BUG: kernel NULL pointer dereference, address: 0000000000000018
        Oops: 0000 [#1] PREEMPT SMP PTI
        CPU: 3 PID: 812 Comm: pump Not tainted %s #1
        RIP: 0010:%s
        Call Trace:
         <TASK>
         %s
         </TASK>
        Modules linked in: valve_one
        ---[ end trace 0000000000000000 ]---
        """
        .formatted(RELEASE, pointer, String.join("\n ", frames));
  }

  private static List<Crash> crashes(String log) throws IOException {
    return Objects.requireNonNull(
        Analyzer.analyze(new ByteArrayInputStream(log.getBytes(StandardCharsets.UTF_8))));
  }
}
