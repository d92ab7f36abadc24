package lastwords.app;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import lastwords.capture.CaptureReader;
import lastwords.json.Json;
import lastwords.kernel.Datagram;
import org.jspecify.annotations.Nullable;

/// What a real kernel sent, and what must be found in it; `captures/README.md` says how it was made
/// and what the fields mean.
record Recording(String name, JsonNode meta, List<Datagram> datagrams) {

  /// Those in the project, by name.
  static List<Recording> all() {
    try (Stream<Path> files = Files.list(folder())) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(".json"))
          .map(name -> of(name.substring(0, name.length() - ".json".length())))
          .sorted(java.util.Comparator.comparing(Recording::name))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Recording of(String name) {
    try {
      Path file = folder().resolve(name + ".pcap.gz");
      CaptureReader capture =
          Files.exists(file) ? CaptureReader.open(file) : DemoCommand.recording(name);
      JsonNode meta = Json.newMapper().readTree(folder().resolve(name + ".json").toFile());
      return new Recording(name, meta, read(capture));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// The same run as another capture of it has it, of those that are too much for the project; null
  /// where they don't lie beside it.
  @Nullable Recording otherwise(String fileName) {
    for (Path at = Path.of("").toAbsolutePath(); at != null; at = at.getParent()) {
      Path file = at.resolve("shared/corpus/netconsole").resolve(name).resolve(fileName);
      if (Files.exists(file)) {
        try {
          return new Recording(name, meta, read(CaptureReader.open(file)));
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
    }
    return null;
  }

  /// Both captures of a run as one host sends them, in the order of their times.
  Recording and(Recording other) {
    List<Datagram> both = new ArrayList<>(datagrams);
    both.addAll(other.datagrams);
    both.sort(java.util.Comparator.comparingLong(Datagram::receivedAtMicros));
    return new Recording(name, meta, both);
  }

  private static List<Datagram> read(CaptureReader capture) throws IOException {
    List<Datagram> datagrams = new ArrayList<>();
    try (capture) {
      for (Datagram next = capture.next(); next != null; next = capture.next()) {
        datagrams.add(next);
      }
    }
    return datagrams;
  }

  private static Path folder() {
    return Path.of(
            Objects.requireNonNull(Recording.class.getResource("/captures/README.md")).getPath())
        .resolveSibling("");
  }
}
