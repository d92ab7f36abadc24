package lastwords.app;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedInputStream;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
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
          + " extended netconsole text, and captures (pcap, pcapng).",
    },
    footer = {
      "",
      "Without crashes in them, nothing is printed; the exit status is 0 all the same."
    })
final class AnalyzeCommand implements Callable<Integer> {
  private static final int START_BYTES = 4;

  private final Terminal terminal;

  @Option(names = "--json", description = "one event a line, as JSON")
  private boolean json;

  @Option(
      names = "--batch",
      description =
          "read paths from standard input; print {\"file\":...,\"events\":[...]} for each")
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
      show(path, path.equals("-") ? analyze("standard input", terminal.in()) : analyze(path));
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

  /// Prints a file's line, also for a file that can't be read, so that each path has one.
  private int line(String path) {
    ObjectNode line = Json.newMapper().createObjectNode().put("file", path);
    int status = Main.DONE;
    try {
      line.set("events", Json.tree(analyze(path)));
    } catch (IOException e) {
      terminal.err().println("lastwords: " + Terminal.safeLines(Main.why(e)));
      line.putArray("events");
      status = Main.FAILED;
    }
    terminal.json(line);
    return status;
  }

  private List<Crash> analyze(String path) throws IOException {
    if (Files.isDirectory(Path.of(path))) {
      throw new FileSystemException(path, null, "is a folder; --dir reads each *.log in it");
    }
    try (InputStream file = Files.newInputStream(Path.of(path))) {
      return analyze(path, file);
    }
  }

  private List<Crash> analyze(String name, InputStream stream) throws IOException {
    BufferedInputStream log = new BufferedInputStream(stream, 1 << 16);
    log.mark(START_BYTES);
    byte[] start = log.readNBytes(START_BYTES);
    log.reset();
    List<Crash> crashes =
        CaptureReader.recognizes(start)
            ? analyzeCapture(CaptureReader.of(name, log))
            : Analyzer.analyze(log);
    return symbols == null ? crashes : completed(symbols, crashes);
  }

  /// The crashes with files and lines; what is missing is said once.
  private List<Crash> completed(Symbols symbols, List<Crash> crashes) {
    List<Crash> completed = new ArrayList<>();
    for (Crash crash : crashes) {
      Symbols.Completed one = symbols.complete(crash);
      for (String note : one.notes()) {
        if (noted.add(note)) {
          terminal.err().println("lastwords: " + Terminal.safe(note));
        }
      }
      completed.add(one.crash());
    }
    return completed;
  }

  /// What a collector would have made of the capture.
  private static List<Crash> analyzeCapture(CaptureReader capture) throws IOException {
    DatagramAnalyzer analyzer = new DatagramAnalyzer();
    for (Datagram datagram = capture.next(); datagram != null; datagram = capture.next()) {
      analyzer.accept(datagram);
    }
    return analyzer.end();
  }

  private void show(String path, List<Crash> crashes) {
    for (Crash crash : crashes) {
      JsonNode event = Json.tree(crash);
      if (json) {
        terminal.json(event);
      } else {
        if (paths.size() > 1) {
          terminal.out().println(terminal.faint(Terminal.safe(path) + ":"));
        }
        new Shown(terminal).crash(event, false);
        terminal.out().println();
      }
    }
    if (crashes.isEmpty() && !json) {
      terminal.err().println(Terminal.safe(path) + ": no crash found");
    }
  }
}
