package lastwords.bench;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// Has `./lastwords analyze` read a console far longer than its heap, and says what that took.
/// Fails unless the one crash in the middle is found, and nothing else.
@Command(
    name = "console",
    description =
        "Runs ./lastwords analyze over a long console with one crash in it; says what that took.",
    mixinStandardHelpOptions = true,
    showDefaultValues = true)
final class ConsoleRun implements Callable<Integer> {
  private static final long LOOK_EVERY_MILLIS = 20;

  @Option(names = "--gib", description = "length of the console")
  private double gib = 1;

  @Option(names = "--heap", description = "-Xmx of the program")
  private String heap = "256m";

  @Option(names = "--program", description = "the launcher")
  private Path program = Path.of("lastwords");

  static void main(String[] args) {
    System.exit(new CommandLine(new ConsoleRun()).execute(args));
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    try (TemporaryFolder folder = TemporaryFolder.make()) {
      Path console = folder.path().resolve("console.log");
      long headline = write(console, (long) (gib * (1L << 30)));
      System.out.printf("%,d bytes, one crash in line %,d%n", Files.size(console), headline);
      return analyze(console, headline, folder.path());
    }
  }

  private static long write(Path to, long bytes) throws IOException {
    try (OutputStream file = new BufferedOutputStream(Files.newOutputStream(to), 1 << 20)) {
      LongConsole console = new LongConsole(file);
      console.healthy(bytes / 2);
      long headline = console.crash();
      console.healthy(bytes);
      return headline;
    }
  }

  private int analyze(Path console, long headline, Path folder)
      throws IOException, InterruptedException {
    Path found = folder.resolve("found.json");
    Path collections = folder.resolve("gc.log");
    ProcessBuilder command =
        new ProcessBuilder(
                program.toAbsolutePath().toString(), "analyze", "--json", console.toString())
            .redirectOutput(found.toFile())
            .redirectError(ProcessBuilder.Redirect.INHERIT);
    command
        .environment()
        .put("LASTWORDS_JAVA_OPTS", "-Xmx" + heap + " -Xlog:gc:file=" + collections);
    long startedAt = System.nanoTime();
    Process process = command.start();
    long residentKib = 0;
    Duration cpu = Duration.ZERO;
    while (process.isAlive()) {
      residentKib = Math.max(residentKib, peakKib(process.pid()));
      cpu = process.info().totalCpuDuration().filter(d -> !d.isZero()).orElse(cpu);
      Thread.sleep(LOOK_EVERY_MILLIS);
    }
    double seconds = (System.nanoTime() - startedAt) / 1e9;
    double cpuSeconds = cpu.toMillis() / 1e3;
    double megabytes = Files.size(console) / 1e6;
    long pauses =
        Files.readAllLines(collections).stream().filter(line -> line.contains("Pause")).count();
    System.out.printf(
        "%.1f s, %.1f s CPU, start of the JVM included: %,.0f MB/s, %,.0f MB per CPU second%n",
        seconds, cpuSeconds, megabytes / seconds, megabytes / cpuSeconds);
    System.out.printf(
        "heap at most %s, %d collections, resident at most %,d MiB%n",
        heap, pauses, residentKib >> 10);
    return judge(process.exitValue(), Files.readString(found), headline);
  }

  private static int judge(int status, String found, long headline) {
    List<String> crashes =
        found.lines().filter(line -> !line.contains("\"category\":\"info\"")).toList();
    boolean right =
        status == 0
            && crashes.size() == 1
            && crashes.getFirst().contains("\"line\":" + headline + ",");
    System.out.printf(
        "%d crashes and %d other events found, exit status %d: %s%n",
        crashes.size(), found.lines().count() - crashes.size(), status, right ? "right" : "WRONG");
    if (!right) {
      crashes.stream().limit(5).forEach(System.out::println);
    }
    return right ? 0 : 1;
  }

  /// The most memory that the process has had in use, as Linux counts; 0 where that isn't told.
  private static long peakKib(long process) {
    try {
      String status =
          Files.readString(
              Path.of("/proc", Long.toString(process), "status"), StandardCharsets.UTF_8);
      return status
          .lines()
          .filter(line -> line.startsWith("VmHWM:"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
          .findFirst()
          .orElse(0);
    } catch (IOException gone) {
      return 0;
    }
  }
}
