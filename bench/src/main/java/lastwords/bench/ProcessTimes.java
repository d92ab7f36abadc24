package lastwords.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/// The CPU time of a process and of its threads by what they do, as `/proc` tells it. What a thread
/// used between the last [#look] and its end counts as [Work#OTHER].
final class ProcessTimes {
  /// What threads do, told by what their names begin with.
  enum Work {
    RECEIVE("receive"),
    ANALYSIS("analysis|alerting"),
    INDEXING("indexing"),
    MERGES("Lucene Merge"),
    QUERIES("ForkJoinPool|HttpClient|Scheduler"),
    GARBAGE_COLLECTION("VM Thread|GC Thread|G1 "),
    COMPILATION("C1 |C2 "),
    OTHER("");

    private final String names;

    Work(String names) {
      this.names = names;
    }

    String words() {
      return name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }

    static Work of(String thread) {
      for (Work work : values()) {
        if (thread.matches("(" + work.names + ").*")) {
          return work;
        }
      }
      return OTHER;
    }
  }

  /// Clock ticks a second in `/proc`, the same on every architecture of Linux.
  private static final double TICKS_PER_SECOND = 100;

  // man 5 proc_pid_stat, counted from behind the name.
  private static final int USER = 11;
  private static final int SYSTEM = 12;

  private final Path process;
  private final Map<String, Used> threads = new HashMap<>();

  private record Used(Work work, long ticks) {}

  ProcessTimes(long pid) {
    process = Path.of("/proc", Long.toString(pid));
  }

  /// CPU seconds so far; all are in the sum.
  synchronized Map<Work, Double> look() throws IOException {
    try (Stream<Path> tasks = Files.list(process.resolve("task"))) {
      tasks.forEach(this::look);
    }
    Map<Work, Double> times = new EnumMap<>(Work.class);
    for (Work work : Work.values()) {
      times.put(work, 0.0);
    }
    threads.forEach((thread, used) -> add(times, used.work, used.ticks / TICKS_PER_SECOND));
    double all = ticks(Files.readString(process.resolve("stat"))) / TICKS_PER_SECOND;
    add(times, Work.OTHER, all - sum(times));
    return times;
  }

  private static void add(Map<Work, Double> times, Work work, double seconds) {
    times.merge(work, seconds, Double::sum);
  }

  static Map<Work, Double> since(Map<Work, Double> before, Map<Work, Double> now) {
    Map<Work, Double> times = new EnumMap<>(now);
    before.forEach((work, seconds) -> add(times, work, -seconds));
    return times;
  }

  static double sum(Map<Work, Double> times) {
    return times.values().stream().mapToDouble(Double::doubleValue).sum();
  }

  private void look(Path task) {
    try {
      String stat = Files.readString(task.resolve("stat"));
      String name = stat.substring(stat.indexOf('(') + 1, stat.lastIndexOf(')'));
      threads.put(task.toString(), new Used(Work.of(name), ticks(stat)));
    } catch (IOException e) {
      // It has ended meanwhile.
    }
  }

  private static long ticks(String stat) {
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
    return Long.parseLong(fields[USER]) + Long.parseLong(fields[SYSTEM]);
  }

  /// A value of `/proc/PID/status` in KiB, such as `VmHWM`.
  long kib(String name) throws IOException {
    try (Stream<String> lines = Files.lines(process.resolve("status"))) {
      return lines
          .filter(line -> line.startsWith(name + ":"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
          .findFirst()
          .orElse(0);
    }
  }
}
