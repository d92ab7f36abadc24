package lastwords.symbols;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// A child process that says which lines of source lie at an address of one file, kept alive
/// between questions. Belongs to one thread at a time; a child that failed is of no use any more.
final class Symbolizer implements AutoCloseable {
  /// Lines of one answer; a chain of inlined functions is never that long.
  private static final int MAX_LINES = 1_000;

  /// An address nothing lies at: its answer shows where the one before ends.
  private static final String NOWHERE = "0xffffffffffffffff";

  private static final Pattern PLACE =
      Pattern.compile("^(?<file>.+?):(?<line>[0-9]{1,9}|\\?)(?::[0-9]+)?(?: \\(discriminator.*)?$");

  /// A program, and the way it is spoken with.
  ///
  /// @param llvm whether it is LLVM's, else it is binutils'
  record Tool(Path program, boolean llvm) {

    /// What is installed of `llvm-symbolizer` (also `llvm-symbolizer-19`) and `addr2line`, in this
    /// order.
    static Optional<Tool> installed() {
      String path = Objects.requireNonNullElse(System.getenv("PATH"), "/usr/bin");
      List<String> names =
          Stream.concat(
                  Stream.of("llvm-symbolizer"),
                  IntStream.iterate(30, version -> version > 10, version -> version - 1)
                      .mapToObj(version -> "llvm-symbolizer-" + version))
              .toList();
      return Stream.concat(names.stream(), Stream.of("addr2line"))
          .flatMap(
              name ->
                  Stream.of(path.split(File.pathSeparator))
                      .filter(folder -> !folder.isEmpty())
                      .map(folder -> Path.of(folder, name)))
          .filter(Files::isExecutable)
          .findFirst()
          .map(Tool::of);
    }

    static Tool of(Path program) {
      return new Tool(program, program.getFileName().toString().startsWith("llvm-symbolizer"));
    }

    List<String> command(Path file) {
      return llvm
          ? List.of(
              program.toString(),
              "--obj=" + file,
              "--inlining",
              "--functions=linkage",
              "--no-demangle")
          : List.of(program.toString(), "-e", file.toString(), "-a", "-f", "-i");
    }
  }

  private final Tool tool;
  private final Process process;
  private final Writer questions;
  private final BlockingQueue<String> answers = new ArrayBlockingQueue<>(MAX_LINES);

  /// @throws IOException when the program can't be started
  Symbolizer(Tool tool, Path file) throws IOException {
    this.tool = tool;
    process =
        new ProcessBuilder(tool.command(file))
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    questions = process.outputWriter(StandardCharsets.UTF_8);
    Thread.ofVirtual().name("symbolizer").start(this::listen);
  }

  private void listen() {
    try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
      String line;
      while ((line = lines.readLine()) != null) {
        answers.put(line);
      }
    } catch (IOException | InterruptedException e) {
      process.destroyForcibly();
    }
  }

  /// The lines at an address, the innermost inlined function first; empty where nothing is known.
  ///
  /// @throws IOException when the child died or did not answer until the deadline
  List<Place> at(long address, long deadlineNanos) throws IOException {
    questions.write("0x" + Long.toHexString(address) + "\n");
    if (!tool.llvm) {
      questions.write(NOWHERE + "\n");
    }
    questions.flush();
    List<String> lines = tool.llvm ? untilBlank(deadlineNanos) : untilNowhere(deadlineNanos);
    List<Place> places = new ArrayList<>();
    for (int i = 0; i + 1 < lines.size(); i += 2) {
      Matcher place = PLACE.matcher(lines.get(i + 1));
      if (place.matches() && !place.group("line").equals("?") && !lines.get(i).equals("??")) {
        int line = Integer.parseInt(place.group("line"));
        if (line > 0 && !place.group("file").equals("??")) {
          places.add(new Place(lines.get(i), place.group("file"), line));
        }
      }
    }
    return places;
  }

  private List<String> untilBlank(long deadlineNanos) throws IOException {
    List<String> lines = new ArrayList<>();
    for (String line = next(deadlineNanos); !line.isEmpty(); line = next(deadlineNanos)) {
      lines.add(line);
    }
    return lines;
  }

  private List<String> untilNowhere(long deadlineNanos) throws IOException {
    List<String> lines = new ArrayList<>();
    next(deadlineNanos); // the address asked for
    for (String line = next(deadlineNanos); !line.startsWith(NOWHERE); line = next(deadlineNanos)) {
      lines.add(line);
    }
    next(deadlineNanos);
    next(deadlineNanos);
    return lines;
  }

  private String next(long deadlineNanos) throws IOException {
    try {
      String line;
      do {
        long rest = Math.min(deadlineNanos - System.nanoTime(), TimeUnit.MILLISECONDS.toNanos(200));
        line = rest <= 0 ? null : answers.poll(rest, TimeUnit.NANOSECONDS);
        if (line == null && (rest <= 0 || !process.isAlive()) && answers.isEmpty()) {
          throw new IOException(
              tool.program + (rest <= 0 ? " does not answer in time" : " ended unexpectedly"));
        }
      } while (line == null);
      return line;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  boolean isAlive() {
    return process.isAlive();
  }

  @Override
  public void close() {
    process.destroyForcibly();
    answers.clear(); // lets the one who listens go
  }
}
