package lastwords.store.embedded;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Stream;
import lastwords.store.embedded.LuceneFolder.Access;

/// The folders of messages, one per UTC day. Not thread-safe.
final class LuceneDays {
  private static final long DAY_MICROS = Duration.ofDays(1).toNanos() / 1000;

  private final Path folder;
  private final Access access;
  private final long leastFreeBytes;
  private final int maxWritten;

  /// By day since 1970.
  private final Map<Long, LuceneFolder> days = new TreeMap<>();

  /// Those being written, the one written longest ago first.
  private final Deque<LuceneFolder> written = new ArrayDeque<>();

  /// @param maxWritten days being written at the same time
  LuceneDays(Path folder, Access access, long leastFreeBytes, int maxWritten) {
    this.folder = folder;
    this.access = access;
    this.leastFreeBytes = leastFreeBytes;
    this.maxWritten = maxWritten;
    look();
  }

  /// Opens days that came and closes days that went since the last look.
  void look() {
    Set<Long> there = new HashSet<>();
    if (Files.isDirectory(folder)) {
      try (DirectoryStream<Path> paths =
          Files.newDirectoryStream(folder, "*-[0-9][0-9]-[0-9][0-9]")) {
        for (Path path : paths) {
          there.add(LocalDate.parse(path.getFileName().toString()).toEpochDay());
        }
      } catch (IOException | DateTimeException e) {
        IOException cause = e instanceof IOException io ? io : new IOException(e);
        throw new UncheckedIOException("the index in " + folder + ": " + e.getMessage(), cause);
      }
    }
    there.forEach(this::open);
    remove(day -> !there.contains(day), LuceneFolder::close);
  }

  Stream<LuceneFolder> folders() {
    return days.values().stream();
  }

  /// The folder to write to for a time. Another one may end being written.
  LuceneFolder of(long micros) {
    LuceneFolder day = open(Math.floorDiv(micros, DAY_MICROS));
    if (day != written.peekLast()) {
      written.remove(day);
      written.addLast(day);
      if (written.size() > maxWritten) {
        written.removeFirst().stopWriting();
      }
    }
    return day;
  }

  private LuceneFolder open(long day) {
    return days.computeIfAbsent(
        day,
        d ->
            new LuceneFolder(
                folder.resolve(LocalDate.ofEpochDay(d).toString()), access, leastFreeBytes, 0));
  }

  /// When the second oldest day began; 0 when there is none.
  long secondMicros() {
    return days.keySet().stream().skip(1).findFirst().orElse(0L) * DAY_MICROS;
  }

  /// Deletes the days that ended before; returns how many.
  int dropBefore(long micros) {
    return remove(day -> (day + 1) * DAY_MICROS <= micros, LuceneFolder::delete);
  }

  private int remove(Predicate<Long> which, Consumer<LuceneFolder> end) {
    int before = days.size();
    days.entrySet()
        .removeIf(
            day -> {
              if (!which.test(day.getKey())) {
                return false;
              }
              written.remove(day.getValue());
              end.accept(day.getValue());
              return true;
            });
    return before - days.size();
  }
}
