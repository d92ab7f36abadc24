package lastwords.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/// Which threads go first when there is more to do than the processors can: each takes one of these
/// for itself as it begins, in the order of what is lost when it waits.
///
/// They are the kernel's nice values (man 7 sched): one that is higher by 5 gets a third of the
/// time of the other while both want it, by 10 a tenth, by 19 next to nothing. Values from 0 up
/// need no privilege. Threads that are started by one take over its value.
public enum Priority {
  /// What isn't taken off the socket in time is gone.
  RECEIVE(0),
  /// Crashes and alarms: late is bad, but not lost.
  ANALYSIS(1),
  /// Health, metrics, pages: what a request costs beside its search.
  REQUESTS(5),
  /// A search may take seconds of every processor, and anybody may ask for one.
  SEARCHES(10),
  /// What can be searched may lag behind.
  INDEXING(10);

  private static final int PRIO_PROCESS = 0;
  private static final int THIS_THREAD = 0;

  private static final MethodHandle SETPRIORITY =
      Libc.function(
          "setpriority",
          ValueLayout.JAVA_INT,
          ValueLayout.JAVA_INT,
          ValueLayout.JAVA_INT,
          ValueLayout.JAVA_INT);

  private static final MethodHandle GETPRIORITY =
      Libc.function(
          "getpriority", ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT);

  /// What the process began with.
  private static final int START = now();

  private final int nice;

  Priority(int nice) {
    this.nice = nice;
  }

  /// Gives it to the calling thread, on top of what the process began with; one that the kernel
  /// refuses changes nothing.
  public void take() {
    try (Arena arena = Arena.ofConfined()) {
      int ignored =
          (int)
              SETPRIORITY.invokeExact(
                  arena.allocate(Libc.STATE), PRIO_PROCESS, THIS_THREAD, START + nice);
    } catch (Throwable e) {
      throw Libc.rethrown(e);
    }
  }

  /// The nice value of the calling thread.
  static int now() {
    try (Arena arena = Arena.ofConfined()) {
      return (int) GETPRIORITY.invokeExact(arena.allocate(Libc.STATE), PRIO_PROCESS, THIS_THREAD);
    } catch (Throwable e) {
      throw Libc.rethrown(e);
    }
  }

  /// A task that takes it and then runs.
  public Runnable of(Runnable task) {
    return () -> {
      take();
      task.run();
    };
  }
}
