package lastwords.app;

import java.io.BufferedReader;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PushbackInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import lastwords.capture.CaptureReader;
import lastwords.detect.Analyzer;
import lastwords.json.Json;
import lastwords.kernel.Crash;
import lastwords.kernel.Datagram;
import lastwords.readers.DatagramAnalyzer;
import lastwords.symbols.Symbols;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `analyze`: finds crashes in logs.
@Command(
    name = "analyze",
    description = {
      "Finds crashes in logs; no server is needed. Reads console text, dmesg, exports of journal and syslog,"
          + " extended netconsole text, and captures (pcap, pcapng); each also gzipped.",
    },
    footer = {
      "",
      "Without crashes in them, nothing is printed; the exit status is 0 all the same."
    })
final class AnalyzeCommand implements Callable<Integer> {
  private final Terminal terminal;

  @Option(names = "--json", description = "one event a line, as JSON")
  private boolean json;

  @Option(
      names = "--batch",
      description =
          "read paths from standard input; print {\"file\":...,\"events\":[...]} for each, with"
              + " \"error\" for one that can't be read")
  private boolean batch;

  @Option(
      names = "--dir",
      paramLabel = "DIR",
      description = "as --batch, for each *.log in a folder, by name")
  private @Nullable Path folder;

  @Option(
      names = "--symbols",
      paramLabel = "DIR",
      description =
          "where vmlinux and modules with debug information are, such as /usr/lib/debug; stacks then"
              + " have files, lines and inlined functions")
  private @Nullable Path debug;

  private @Nullable Symbols symbols;
  private final Set<String> noted = new HashSet<>();

  @Parameters(paramLabel = "PATH", arity = "0..*", description = "files; - is standard input")
  private List<String> paths = new ArrayList<>();

  AnalyzeCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws IOException {
    int ways = (paths.isEmpty() ? 0 : 1) + (batch ? 1 : 0) + (folder == null ? 0 : 1);
    if (ways != 1) {
      throw Failure.wrongUsage("give paths, or --dir, or --batch; see lastwords analyze --help");
    }
    if (debug == null) {
      return analyze();
    }
    if (!Files.isDirectory(debug)) {
      throw Failure.wrongUsage("--symbols " + debug + ": there is no such folder");
    }
    try (Symbols opened = Symbols.of(debug)) {
      symbols = opened;
      return analyze();
    }
  }

  private int analyze() throws IOException {
    if (batch) {
      return batch();
    }
    if (folder != null) {
      return folder(folder);
    }
    for (String path : paths) {
      show(path);
    }
    return Main.DONE;
  }

  private int batch() throws IOException {
    BufferedReader lines =
        new BufferedReader(new InputStreamReader(terminal.in(), StandardCharsets.UTF_8));
    int status = Main.DONE;
    String path;
    while ((path = lines.readLine()) != null) {
      if (!path.isBlank()) {
        status = Math.max(status, line(path));
      }
    }
    return status;
  }

  private int folder(Path folder) throws IOException {
    List<Path> logs = new ArrayList<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder, "*.log")) {
      entries.forEach(logs::add);
    }
    int status = Main.DONE;
    for (Path log : logs.stream().sorted().toList()) {
      status = Math.max(status, line(log.toString()));
    }
    return status;
  }

  /// Prints a file's line, also for a file that can't be read, so that each path has one, and why.
  /// Its events are printed as they are found: a file may hold more than fit into memory.
  private int line(String path) {
    terminal.out().print("{\"file\":" + json(path) + ",\"events\":[");
    String error = "";
    try {
      analyze(
          path,
          new Consumer<>() {
            private String comma = "";

            @Override
            public void accept(Crash crash) {
              terminal.out().print(comma + Terminal.asJson(Json.tree(crash)));
              comma = ",";
            }
          });
    } catch (IOException e) {
      String why = Main.why(e);
      terminal.err().println("lastwords: " + Terminal.safeLines(why));
      error = ",\"error\":" + json(why);
    }
    terminal.out().println("]" + error + "}");
    return error.isEmpty() ? Main.DONE : Main.FAILED;
  }

  private static String json(String text) {
    return Terminal.asJson(Json.newMapper().getNodeFactory().textNode(text));
  }

  private void analyze(String path, Consumer<Crash> to) throws IOException {
    if (path.equals("-") && !batch) {
      analyze("standard input", terminal.in(), to);
      return;
    }
    if (Files.isDirectory(Path.of(path))) {
      throw new FileSystemException(path, null, "is a folder; --dir reads each *.log in it");
    }
    try (InputStream file = Files.newInputStream(Path.of(path))) {
      analyze(path, file, to);
    }
  }

  private void analyze(String name, InputStream stream, Consumer<Crash> to) throws IOException {
    PushbackInputStream log = opened(stream);
    byte[] start = start(log);
    if (!FileStart.isGzip(start)) {
      analyze(name, start, log, to);
      return;
    }
    try {
      PushbackInputStream unzipped = opened(new GZIPInputStream(log, 1 << 16));
      byte[] inside = start(unzipped);
      if (FileStart.isGzip(inside)) {
        throw new IOException(
            name + " is gzipped twice; try gzip -dc %s | lastwords analyze -".formatted(name));
      }
      analyze(name, inside, unzipped, to);
    } catch (EOFException | ZipException e) {
      throw new IOException(name + ": the gzip data is damaged or ends here: " + e.getMessage(), e);
    }
  }

  private void analyze(String name, byte[] start, InputStream log, Consumer<Crash> to)
      throws IOException {
    if (CaptureReader.recognizes(start)) {
      analyzeCapture(CaptureReader.of(name, log), crash -> to.accept(completed(crash)));
    } else {
      FileStart.refuse(name, start);
      Analyzer.analyze(log, crash -> to.accept(completed(crash)));
    }
  }

  /// A stream that one can look into. One with a buffer would lose what it holds when its source
  /// fails.
  private static PushbackInputStream opened(InputStream stream) {
    return new PushbackInputStream(stream, FileStart.BYTES);
  }

  private static byte[] start(PushbackInputStream log) throws IOException {
    byte[] start = log.readNBytes(FileStart.BYTES);
    log.unread(start);
    return start;
  }

  /// The crash with files and lines; what is missing is said once.
  private Crash completed(Crash crash) {
    if (symbols == null) {
      return crash;
    }
    Symbols.Completed completed = symbols.complete(crash);
    for (String note : completed.notes()) {
      if (noted.add(note)) {
        terminal.err().println("lastwords: " + Terminal.safe(note));
      }
    }
    return completed.crash();
  }

  /// What a collector would have made of the capture; of one that fails, of all before.
  private static void analyzeCapture(CaptureReader capture, Consumer<Crash> to) throws IOException {
    DatagramAnalyzer analyzer = new DatagramAnalyzer();
    try {
      for (Datagram datagram = capture.next(); datagram != null; datagram = capture.next()) {
        analyzer.accept(datagram);
      }
    } catch (IOException e) {
      analyzer.end().forEach(to);
      throw e;
    }
    analyzer.end().forEach(to);
  }

  private void show(String path) throws IOException {
    if (json) {
      analyze(path, crash -> terminal.json(Json.tree(crash)));
      return;
    }
    if (paths.size() > 1) {
      terminal.out().println(terminal.faint(Terminal.safe(path) + ":"));
    }
    CrashList crashes = new CrashList(terminal);
    try {
      analyze(path, crashes::add);
    } catch (IOException e) {
      crashes.print();
      throw e;
    }
    if (!crashes.print()) {
      terminal.err().println(Terminal.safe(path) + ": no crash found");
    }
  }
}
