package lastwords.store.embedded;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The oldest offset that a log should have, in a file of its own beside the log's: retention notes
/// it before it deletes what comes before, so that what else is gone at a start is known to be
/// missing. A decimal number of twenty digits, so that it is overwritten in its place, also on a
/// full disk.
final class OldestOffset {
  private static final Logger LOG = LoggerFactory.getLogger(OldestOffset.class);
  private static final String NAME = "oldest-offset";

  private final Path file;

  OldestOffset(Path folder) {
    file = folder.resolve(NAME);
  }

  /// Says what is missing before the oldest datagram there is, once.
  void check(long first) {
    long should = read();
    if (should >= 0 && first > should) {
      LOG.error(
          "{}: {} datagrams from {} on are missing: the files they were in are gone or can't be"
              + " read; a back-up of them may be put back while the server is stopped",
          file.getParent(),
          first - should,
          should);
    }
    if (should != first) {
      note(first);
    }
  }

  /// Nothing before this offset is needed any more.
  void note(long offset) {
    try (RandomAccessFile opened = new RandomAccessFile(file.toFile(), "rw")) {
      opened.write("%020d\n".formatted(offset).getBytes(US_ASCII));
      opened.getFD().sync();
    } catch (IOException e) {
      // No reason to keep what has to go; at worst a start calls it missing.
      LOG.warn("{} can't be written: {}", file, e.toString());
    }
  }

  /// -1 when it was never noted.
  private long read() {
    try {
      return Files.exists(file) ? Long.parseLong(Files.readString(file, US_ASCII).strip()) : -1;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (NumberFormatException e) {
      LOG.warn("{} is damaged: {}", file, e.getMessage());
      return -1;
    }
  }
}
