package lastwords.alert;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.function.Predicate;
import java.util.stream.Stream;
import lastwords.store.Ledger;
import org.jspecify.annotations.Nullable;

/// One hook at work as it is configured: its courier, its reminders where it is an Alertmanager,
/// and the thread of each.
///
/// A hook that is configured otherwise gets another worker, which begins when all requests of the
/// one before are answered: so no delivery is made by both, and an alarm's deliveries stay in
/// order. A request under way when its worker is ended is finished; if it fails, its delivery waits
/// for the next worker.
final class Worker {
  private static final Duration PAUSE = Duration.ofMillis(200);

  private final Links links;
  private final Courier courier;
  private final @Nullable Reminders reminders;
  private final CountDownLatch ended = new CountDownLatch(1);
  private final List<Loop> loops = new ArrayList<>();

  /// @param problems why a thread's last round failed, by the thread's name
  Worker(
      HookSettings hook,
      Links links,
      Ledger ledger,
      Http http,
      AlertTime time,
      AlertCounters.ToTarget counters,
      Map<String, String> problems) {
    this.links = links;
    Target target = Target.of(hook, links);
    courier = new Courier(hook, target, ledger, http, time, counters, this::isEnded);
    loops.add(new Loop("hook-" + hook.name(), PAUSE, courier::deliverDue, ended, problems));
    if (target instanceof AlertmanagerTarget alertmanager) {
      Reminders made = new Reminders(hook, alertmanager, ledger, http, time, this::isEnded);
      loops.add(new Loop("resend-" + hook.name(), hook.resend(), made::remind, ended, problems));
      reminders = made;
    } else {
      reminders = null;
    }
  }

  String name() {
    return courier.name();
  }

  Courier courier() {
    return courier;
  }

  /// Null where nothing is repeated.
  @Nullable Reminders reminders() {
    return reminders;
  }

  /// Whether it works as this configuration asks for.
  boolean isFor(HookSettings hook, Links with) {
    return courier.hook().equals(hook) && links.equals(with);
  }

  /// Starts its threads, each when those of these workers are over. Once only.
  void start(List<Worker> before) {
    List<Loop> others = before.stream().flatMap(Worker::loops).toList();
    loops.forEach(it -> it.start(others));
  }

  /// Sends nothing more.
  void end() {
    ended.countDown();
  }

  private boolean isEnded() {
    return ended.getCount() == 0;
  }

  /// Whether nothing of it is under way any more.
  boolean isOver() {
    return isEnded() && loops.stream().allMatch(Loop::isOver);
  }

  Stream<Loop> loops() {
    return loops.stream();
  }

  static Predicate<Worker> named(String name) {
    return worker -> worker.name().equals(name);
  }
}
