package lastwords.alert;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Work that is repeated on a platform thread of its own until it is ended.
///
/// A failure is kept for people to see and the work is tried again: alarms that come late are
/// better than none. Safe for any thread.
final class Loop {
  private static final Logger LOG = LoggerFactory.getLogger(Loop.class);
  private static final Duration PAUSE_AFTER_FAILURE = Duration.ofSeconds(2);

  /// Between two looks whether the loops before it are over.
  private static final Duration WAIT = Duration.ofMillis(50);

  private final String name;
  private final Duration pause;
  private final Work work;
  private final CountDownLatch ended;
  private final Map<String, String> problems;
  private volatile @Nullable Thread thread;

  interface Work {
    void run() throws InterruptedException;
  }

  /// @param name of the thread, and of its entry in `problems`
  /// @param pause between two rounds
  /// @param ended counted down when it is to end
  /// @param problems why the last round failed, by name
  Loop(String name, Duration pause, Work work, CountDownLatch ended, Map<String, String> problems) {
    this.name = name;
    this.pause = pause;
    this.work = work;
    this.ended = ended;
    this.problems = problems;
  }

  /// Starts the first round once these are over. Once only.
  void start(List<Loop> before) {
    thread = Thread.ofPlatform().name(name).daemon().start(() -> run(before));
  }

  boolean isStarted() {
    return thread != null;
  }

  /// Whether it was never started, or its last round is over.
  boolean isOver() {
    Thread started = thread;
    return started == null || !started.isAlive();
  }

  /// Waits for the end of its last round.
  void join(Duration most) throws InterruptedException {
    Thread started = thread;
    if (started != null) {
      started.join(most);
    }
  }

  private void run(List<Loop> before) {
    try {
      for (Loop each : before) {
        while (!each.isOver() && ended.getCount() > 0) {
          each.join(WAIT);
        }
      }
      Duration next = Duration.ZERO;
      while (!ended.await(next.toMillis(), TimeUnit.MILLISECONDS)) {
        next = round();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      problems.remove(name);
    }
  }

  private Duration round() throws InterruptedException {
    try {
      work.run();
      problems.remove(name);
      return pause;
    } catch (RuntimeException | Error e) {
      String problem = name + ": " + e;
      if (!problem.equals(problems.put(name, problem))) {
        LOG.error("{} can't go on and tries again", name, e);
      }
      return PAUSE_AFTER_FAILURE;
    }
  }
}
