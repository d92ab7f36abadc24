package lastwords.app;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import lastwords.linux.ServiceManager;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Notifies the service manager how a server does: that it is ready, now and then a line, and that
/// it is alive, but only each time all its vital parts have moved; see [Server#vital]. So a server
/// whose receiving hangs is ended and started again; one that can't write its log is not, nor one
/// whose index hangs, since a restart would cost datagrams and mend neither. It reads published
/// values only, and so never hangs itself.
final class Supervision implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Supervision.class);
  private static final Duration LOOK_EVERY = Duration.ofSeconds(5);

  /// So often it is looked before the service manager's patience is over.
  private static final int LOOKS_PER_WATCH = 4;

  private final ServiceManager manager;
  private final Supplier<String> summary;
  private final Pulse pulse;
  private final CountDownLatch closed = new CountDownLatch(1);
  private long lastBeatNanos = System.nanoTime();
  private boolean said;

  private Supervision(
      Map<String, LongSupplier> parts, Supplier<String> summary, ServiceManager manager) {
    this.manager = manager;
    this.summary = summary;
    pulse = new Pulse(parts);
  }

  /// Begins to tell of a server that has started.
  static Supervision of(Server server, ServiceManager manager) {
    return of(server.vital(), server::summary, manager);
  }

  static Supervision of(
      Map<String, LongSupplier> parts, Supplier<String> summary, ServiceManager manager) {
    Supervision supervision = new Supervision(parts, summary, manager);
    if (manager.isThere()) {
      Thread.ofPlatform().daemon().name("supervision").start(supervision::run);
    }
    return supervision;
  }

  private void run() {
    manager.ready();
    sayHow();
    Duration watch = manager.watchdog().orElse(LOOK_EVERY.multipliedBy(LOOKS_PER_WATCH));
    Duration quarter = watch.dividedBy(LOOKS_PER_WATCH);
    Duration pause = quarter.compareTo(LOOK_EVERY) < 0 ? quarter : LOOK_EVERY;
    try {
      while (!closed.await(pause.toNanos(), TimeUnit.NANOSECONDS)) {
        look(watch);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void look(Duration watch) {
    long now = System.nanoTime();
    if (pulse.beats()) {
      lastBeatNanos = now;
      said = false;
      if (manager.watchdog().isPresent()) {
        manager.alive();
      }
    } else if (!said && now - lastBeatNanos > watch.toNanos() / 2) {
      said = true;
      LOG.error(
          "no move for {} s of {}",
          Duration.ofNanos(now - lastBeatNanos).toSeconds(),
          pulse.standing().stream().map(Progress::stack).collect(Collectors.joining("\n")));
    }
    sayHow();
  }

  private void sayHow() {
    try {
      manager.status(summary.get());
    } catch (RuntimeException e) {
      manager.status("can't be asked how it does: " + e.getMessage());
    }
  }

  /// Says that the server is going to stop, before it does.
  @Override
  public void close() {
    closed.countDown();
    manager.stopping();
  }
}
