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
import java.util.Comparator;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import lastwords.store.embedded.LuceneFolder.Access;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The folders of messages: one per UTC day, and further parts of a day whose folder is full.
///
/// A part that can't be opened, for a reason other than damage, is left out and reported in
/// [#problems]; [#retry] opens it again. Meanwhile its day is continued in another part.
///
/// Not thread-safe, except [#problems].
final class LuceneDays {
  private static final Logger LOG = LoggerFactory.getLogger(LuceneDays.class);

  private static final long DAY_MICROS = Duration.ofDays(1).toNanos() / 1000;

  /// `2026-11-21` is the first part of a day, `2026-11-21.2` its second.
  private static final Pattern NAME =
      Pattern.compile("(\\d{4}-\\d\\d-\\d\\d)(?:\\.([1-9]\\d{0,8}))?");

  private final Path folder;
  private final Access access;
  private final long leastFreeBytes;
  private final int maxWritten;
  private final int maxDocuments;

  private final TreeMap<Part, LuceneFolder> parts = new TreeMap<>();

  /// Those that couldn't be opened, with the reason.
  private final TreeMap<Part, String> failed = new TreeMap<>();

  /// Those being written, the one written longest ago first.
  private final Deque<LuceneFolder> written = new ArrayDeque<>();

  private volatile List<String> problems = List.of();

  /// @param day since 1970
  /// @param number from 1
  private record Part(long day, int number) implements Comparable<Part> {
    private static final Comparator<Part> ORDER =
        Comparator.comparingLong(Part::day).thenComparingInt(Part::number);

    /// Null for a folder that is none of ours, such as a damaged one that was set aside.
    static @Nullable Part of(Path path) {
      Matcher name = NAME.matcher(path.getFileName().toString());
      if (!name.matches()) {
        return null;
      }
      try {
        String number = name.group(2);
        return new Part(
            LocalDate.parse(name.group(1)).toEpochDay(),
            number == null ? 1 : Integer.parseInt(number));
      } catch (DateTimeException _) {
        return null;
      }
    }

    String name() {
      LocalDate date = LocalDate.ofEpochDay(day);
      return number == 1 ? date.toString() : date + "." + number;
    }

    @Override
    public int compareTo(Part other) {
      return ORDER.compare(this, other);
    }
  }

  /// @param maxWritten parts being written at the same time
  /// @param maxDocuments of a part
  LuceneDays(Path folder, Access access, long leastFreeBytes, int maxWritten, int maxDocuments) {
    this.folder = folder;
    this.access = access;
    this.leastFreeBytes = leastFreeBytes;
    this.maxWritten = maxWritten;
    this.maxDocuments = maxDocuments;
    look();
  }

  /// Opens parts that came and closes parts that went since the last look.
  void look() {
    Set<Part> there = new HashSet<>();
    if (Files.isDirectory(folder)) {
      try (DirectoryStream<Path> paths = Files.newDirectoryStream(folder)) {
        for (Path path : paths) {
          Part part = Part.of(path);
          if (part != null) {
            there.add(part);
          }
        }
      } catch (IOException e) {
        throw new UncheckedIOException("the index in " + folder + ": " + e.getMessage(), e);
      }
    }
    failed.keySet().removeIf(part -> !there.contains(part));
    there.stream().sorted().filter(part -> !parts.containsKey(part)).forEach(this::openOrLeaveOut);
    for (Part part : List.copyOf(parts.keySet())) {
      if (!there.contains(part) && access == Access.READ) {
        remove(part).close();
      }
    }
    publish();
  }

  /// Opens again what could not be opened.
  void retry() {
    if (!failed.isEmpty()) {
      List.copyOf(failed.keySet()).forEach(this::openOrLeaveOut);
      publish();
    }
  }

  private void openOrLeaveOut(Part part) {
    try {
      parts.put(part, open(part));
      if (failed.remove(part) != null) {
        LOG.info("{} recovered and can be searched again", folder.resolve(part.name()));
      }
    } catch (UncheckedIOException e) {
      leaveOut(part, e);
    }
  }

  private void leaveOut(Part part, UncheckedIOException why) {
    String problem = String.valueOf(why.getMessage());
    if (!problem.equals(failed.put(part, problem))) {
      LOG.error("{}; it can't be searched, retrying", problem);
    }
  }

  private void publish() {
    problems =
        failed.values().stream().map(why -> why + "; it can't be searched, retrying").toList();
  }

  /// What can't be searched, with the reason. Safe for any thread.
  List<String> problems() {
    return problems;
  }

  Stream<LuceneFolder> folders() {
    return parts.values().stream();
  }

  /// Makes a part's reader see what was written; leaves it out when it can't be read.
  ///
  /// @throws UncheckedIOException when this process writes the part
  void refresh(LuceneFolder part) {
    try {
      part.refresh();
    } catch (UncheckedIOException e) {
      if (access == Access.WRITE) {
        throw e;
      }
      leaveOut(part, e);
    }
  }

  /// Gives up what was not committed, in all parts.
  void goBack() {
    written.clear();
    for (LuceneFolder part : List.copyOf(parts.values())) {
      try {
        part.goBack();
      } catch (UncheckedIOException e) {
        leaveOut(part, e);
      }
    }
  }

  private void leaveOut(LuceneFolder folder, UncheckedIOException why) {
    parts.entrySet().stream()
        .filter(entry -> entry.getValue() == folder)
        .map(java.util.Map.Entry::getKey)
        .findFirst()
        .ifPresent(
            part -> {
              closeQuietly(remove(part));
              leaveOut(part, why);
              publish();
            });
  }

  private static void closeQuietly(LuceneFolder part) {
    try {
      part.close();
    } catch (UncheckedIOException e) {
      LOG.debug("{}: {}", part.path(), e.toString());
    }
  }

  /// The part to write to for a time. Another one may end being written.
  LuceneFolder of(long micros) {
    long day = Math.floorDiv(micros, DAY_MICROS);
    Part last = parts.floorKey(new Part(day, Integer.MAX_VALUE));
    LuceneFolder part = last == null || last.day != day ? null : parts.get(last);
    return writing(part == null || part.isFull() ? next(day) : part);
  }

  private LuceneFolder next(long day) {
    int number = 1;
    while (isTaken(new Part(day, number))) {
      number++;
    }
    Part part = new Part(day, number);
    LuceneFolder opened = open(part);
    parts.put(part, opened);
    return opened;
  }

  private boolean isTaken(Part part) {
    return parts.containsKey(part) || failed.containsKey(part);
  }

  /// The parts to write to, or to delete from, for a time and a position.
  List<LuceneFolder> holding(long micros, long position) {
    long day = Math.floorDiv(micros, DAY_MICROS);
    return parts.subMap(new Part(day, 0), new Part(day, Integer.MAX_VALUE)).values().stream()
        .filter(part -> part.mayHold(position))
        .toList();
  }

  /// Counts a part among those being written.
  LuceneFolder writing(LuceneFolder part) {
    if (part != written.peekLast()) {
      written.remove(part);
      written.addLast(part);
      if (written.size() > maxWritten) {
        written.removeFirst().stopWriting();
      }
    }
    return part;
  }

  private LuceneFolder open(Part part) {
    return new LuceneFolder(folder.resolve(part.name()), access, leastFreeBytes, 0, maxDocuments);
  }

  /// Deletes the days that ended before; returns how many.
  int dropBefore(long micros) {
    return drop(part -> (part.day + 1) * DAY_MICROS <= micros);
  }

  /// Deletes the oldest part if there is a later one; returns whether.
  boolean dropOldest() {
    if (parts.size() < 2) {
      return false;
    }
    Part oldest = parts.firstKey();
    drop(oldest::equals);
    return true;
  }

  private int drop(Predicate<Part> which) {
    Set<Long> days = new HashSet<>();
    for (Part part : parts.keySet().stream().filter(which).toList()) {
      remove(part).delete();
      days.add(part.day);
    }
    for (Part part : failed.keySet().stream().filter(which).toList()) {
      failed.remove(part);
      LuceneFolder.delete(folder.resolve(part.name()));
      days.add(part.day);
    }
    publish();
    return days.size();
  }

  private LuceneFolder remove(Part part) {
    LuceneFolder folder = java.util.Objects.requireNonNull(parts.remove(part));
    written.remove(folder);
    return folder;
  }
}
