package lastwords.store.embedded;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Stream;
import net.openhft.chronicle.bytes.MappedBytes;
import net.openhft.chronicle.queue.RollCycle;
import net.openhft.chronicle.queue.RollCycles;
import net.openhft.chronicle.queue.impl.single.SingleChronicleQueue;
import net.openhft.chronicle.queue.impl.single.SingleChronicleQueueBuilder;
import net.openhft.chronicle.queue.impl.single.SingleChronicleQueueStore;
import net.openhft.chronicle.wire.Wire;
import net.openhft.chronicle.wire.WireType;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Sets aside what is damaged of a log so that Chronicle can be opened on the rest, and says so.
///
/// Chronicle believes what a file begins with, and all names that end in `.cq4`: it won't start
/// beside one that it can't read. What is set aside as `….damaged` is still read, as far as it is
/// sound ([Documents]); its `metadata.cq4t` can be made anew. Only for the process that appends.
final class LogRepair {
  private static final Logger LOG = LoggerFactory.getLogger(LogRepair.class);
  private static final String FOREIGN = ".foreign";

  /// More than a header has.
  private static final int HEADER_BYTES = 64 << 10;

  private static final List<RollCycle> CYCLES =
      List.of(RollCycles.FAST_HOURLY, RollCycles.FAST_DAILY);

  static {
    SingleChronicleQueueBuilder.addAliases(); // of what a header is made of
  }

  private final Path folder;

  LogRepair(Path folder) {
    this.folder = folder;
  }

  /// Sets aside files that Chronicle can't have made, and those that don't begin as it begins one.
  /// A compressed one, which it doesn't see, is only named.
  void setAside() throws IOException {
    namePacked();
    Deque<Path> sound = new ArrayDeque<>();
    for (Path file : files(Documents.SUFFIX)) {
      String name = file.getFileName().toString();
      if (!isTime(name.substring(0, name.length() - Documents.SUFFIX.length()))) {
        move(file, FOREIGN, "its name is no time, so it is no file of the log and isn't read");
      } else if (Files.exists(PackedFile.of(file)) || begins(file)) {
        sound.add(file);
      } else {
        moveDamaged(file);
      }
    }
    // Chronicle opens the first and the last at its start; others it may fail to.
    while (!sound.isEmpty() && !hasHeader(sound.getFirst())) {
      moveDamaged(sound.removeFirst());
    }
    while (!sound.isEmpty() && !hasHeader(sound.getLast())) {
      moveDamaged(sound.removeLast());
    }
  }

  private static void moveDamaged(Path file) throws IOException {
    move(file, Documents.DAMAGED, "its beginning can't be read; what is sound in it is kept");
  }

  private void namePacked() throws IOException {
    for (Path file : files(PackedFile.SUFFIX)) {
      try (QueueFile opened = new QueueFile(file, 0)) {
        if (opened.next() == null && !opened.isEnded()) {
          LOG.error(
              "{} is damaged: its beginning can't be read; what is sound in it is kept", file);
        }
      }
    }
  }

  private static boolean isTime(String name) {
    return CYCLES.stream().anyMatch(cycle -> Documents.isTime(name, cycle));
  }

  /// Whether a file begins with something that can be read, or holds nothing yet.
  private static boolean begins(Path file) throws IOException {
    try (QueueFile opened = new QueueFile(file, 0)) {
      boolean isCut = opened.length() > 0 && opened.length() < Integer.BYTES;
      return opened.next() != null || (opened.isUnbegun() && !isCut && !opened.resync());
    }
  }

  /// Whether Chronicle can read its header, as it does when it opens the file, or will make one.
  private static boolean hasHeader(Path file) throws IOException {
    try (QueueFile opened = new QueueFile(file, 0)) {
      if (opened.isUnbegun()) {
        return true;
      }
    }
    try (MappedBytes bytes = MappedBytes.mappedBytes(file.toFile(), HEADER_BYTES, 0, true)) {
      Wire wire = WireType.BINARY_LIGHT.apply(bytes);
      wire.readFirstHeader(1, TimeUnit.MILLISECONDS);
      StringBuilder name = new StringBuilder();
      try (SingleChronicleQueueStore header = wire.readEventName(name).typedMarshallable()) {
        return header != null && name.toString().equals("header");
      }
    } catch (Exception | Error e) {
      LOG.debug("{}: {}", file, e.toString());
      return false;
    }
  }

  /// Opens the queue; where what Chronicle keeps of it is the reason why it can't be, without that.
  SingleChronicleQueue open(Path metadata, Supplier<SingleChronicleQueue> queue)
      throws IOException {
    try {
      return queue.get();
    } catch (RuntimeException e) {
      if (!Files.exists(metadata) || Files.size(metadata) == 0) {
        throw e;
      }
      move(metadata, Documents.DAMAGED, "it can't be read, and is made anew: " + e.getMessage());
      return queue.get();
    }
  }

  private static void move(Path file, String as, String why) throws IOException {
    Path aside = file.resolveSibling(file.getFileName() + as);
    for (int i = 1; Files.exists(aside); i++) {
      aside = file.resolveSibling(file.getFileName() + as + "-" + i);
    }
    Files.move(file, aside);
    LOG.error("{} is damaged: {}; it is called {} now", file, why, aside.getFileName());
  }

  private List<Path> files(String suffix) {
    try (Stream<Path> paths = Files.list(folder)) {
      return paths.filter(path -> path.toString().endsWith(suffix)).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
