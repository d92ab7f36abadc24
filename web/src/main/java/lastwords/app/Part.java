package lastwords.app;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import lastwords.api.Unavailable;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A part of the server that may fail to open, such as the index, while receiving continues.
///
/// A thread of its own opens it once all parts that it needs are open. A failure is logged once and
/// is [#problem] until an attempt succeeds; attempts follow each other after a pause that doubles
/// up to [#MAX_PAUSE], so that a part recovers without a restart when its cause is removed. What is
/// opened after [#close] is closed at once. Safe for any thread.
final class Part<T extends AutoCloseable> implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Part.class);
  private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);

  /// A person who has removed the cause doesn't wait longer than this.
  private static final Duration MAX_PAUSE = Duration.ofSeconds(10);

  /// How long [#close] waits for an attempt under way.
  private static final Duration CLOSE_PATIENCE = Duration.ofSeconds(2);

  /// An attempt that takes longer is shown; opening a large, healthy ledger or index takes less.
  private static final Duration SLOW = Duration.ofSeconds(30);

  /// Opens a part, or throws.
  interface Opening<T> {
    T open() throws Exception;
  }

  private final String name;
  private final String advice;
  private final List<Part<?>> needs;
  private final Opening<? extends T> opening;
  private final CountDownLatch opened = new CountDownLatch(1);
  private final CountDownLatch closed = new CountDownLatch(1);
  private final Thread thread;
  private volatile @Nullable T value;
  private volatile @Nullable String problem;
  private volatile boolean attempted;
  private volatile long attemptNanos;
  private volatile boolean attempting;

  /// @param name of the part and its thread, as in `/readyz`
  /// @param advice what a person can do when it fails to open
  /// @param needs parts that must be open first
  Part(String name, String advice, List<Part<?>> needs, Opening<? extends T> opening) {
    this.name = name;
    this.advice = advice;
    this.needs = List.copyOf(needs);
    this.opening = opening;
    thread = Thread.ofPlatform().daemon().name("open " + name).unstarted(this::run);
  }

  /// Starts the first attempt. Once only.
  Part<T> begin() {
    thread.start();
    return this;
  }

  private void run() {
    try {
      for (Part<?> need : needs) {
        need.opened.await();
      }
      Duration pause = FIRST_PAUSE;
      while (closed.getCount() > 0 && !attempt()) {
        if (closed.await(pause.toMillis(), TimeUnit.MILLISECONDS)) {
          return;
        }
        pause = pause.multipliedBy(2);
        pause = pause.compareTo(MAX_PAUSE) > 0 ? MAX_PAUSE : pause;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean attempt() {
    attemptNanos = System.nanoTime();
    attempting = true;
    try {
      T part = opening.open();
      if (problem != null) {
        LOG.warn("{} recovered", name);
      }
      // Before anybody can see that it is open.
      problem = null;
      take(part);
      return true;
    } catch (Exception | Error e) {
      String why = name + " can't be opened: " + why(e) + "; " + advice;
      if (!why.equals(problem)) {
        LOG.error("{}; retrying, receiving continues", why, e);
      }
      problem = why;
      return false;
    } finally {
      attempting = false;
      attempted = true;
    }
  }

  private static String why(Throwable e) {
    String why = e instanceof Exception exception ? Main.why(exception) : e.toString();
    return why.equals("null") ? e.toString() : why;
  }

  private void take(T part) {
    synchronized (this) {
      if (closed.getCount() > 0) {
        value = part;
        opened.countDown();
        return;
      }
    }
    Closing.close(part);
  }

  /// The open part; null before that.
  @Nullable T get() {
    return value;
  }

  /// The open part, for parts that need it.
  T require() {
    T open = value;
    if (open == null) {
      throw new Unavailable(reason());
    }
    return open;
  }

  /// Why it isn't open, null while it is or waits for a part that it needs.
  @Nullable String problem() {
    String failed = problem;
    if (failed == null && attempting && System.nanoTime() - attemptNanos > SLOW.toNanos()) {
      return "%s has been opening for %d s"
          .formatted(name, Duration.ofNanos(System.nanoTime() - attemptNanos).toSeconds());
    }
    return failed;
  }

  private String reason() {
    String failed = problem();
    return failed == null ? name + " isn't open yet; try again in some seconds" : failed;
  }

  /// Whether it is open, failed, or waits for a part that failed.
  boolean isSettled() {
    return attempted || needs.stream().anyMatch(need -> need.isSettled() && need.get() == null);
  }

  /// An object of that type that forwards each call to the part, and throws [Unavailable] while it
  /// isn't open. Closing it changes nothing.
  <I> I standIn(Class<I> type) {
    Object made =
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (_, method, arguments) -> {
              if (method.getName().equals("close")) {
                return null;
              }
              Object to = method.getDeclaringClass() == Object.class ? this : require();
              try {
                return method.invoke(to, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
    return type.cast(made);
  }

  /// Closes what is open, and makes no further attempt.
  @Override
  public void close() {
    T open;
    synchronized (this) {
      closed.countDown();
      open = value;
    }
    if (attempting) {
      var _ = Closing.join(thread, CLOSE_PATIENCE);
    }
    opened.countDown(); // for those that wait for it, which are closed before it
    if (open != null) {
      Closing.close(open);
    }
  }

  @Override
  public String toString() {
    return name;
  }
}
