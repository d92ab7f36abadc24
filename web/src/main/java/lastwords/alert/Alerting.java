package lastwords.alert;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import lastwords.alert.News.Released;
import lastwords.alert.News.Ruling;
import lastwords.alert.News.Seen;
import lastwords.json.Json;
import lastwords.kernel.Alarm;
import lastwords.kernel.Crash;
import lastwords.kernel.Delivery;
import lastwords.kernel.Delivery.State;
import lastwords.kernel.Severity;
import lastwords.kernel.Signature;
import lastwords.store.Checkpoint;
import lastwords.store.Ledger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The reader that notifies people and robots: crashes in the order the ledger got them → what is
/// news → alarms with their deliveries, in one transaction with its own checkpoint → targets.
///
/// An alarm is named by its crash and a delivery by alarm, what it became, and target, so reading
/// again changes nothing. A delivery is made at least once under its id, and never again once the
/// ledger has it as taken. All threads are platform threads: requests and searches, which have the
/// carriers of all virtual ones, never delay an alarm. The public methods may be called from any
/// thread, between construction and [#close] also without [#start].
public final class Alerting implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Alerting.class);

  /// Crashes read at a time, reports included.
  private static final int BATCH = 200;

  private static final Duration PAUSE = Duration.ofMillis(200);
  private static final Duration CLOSE_GENTLY = Duration.ofSeconds(3);
  private static final Duration CLOSE_AT_ONCE = Duration.ofSeconds(1);

  /// Alarms that were held in a storm, released at a time.
  private static final int RELEASES = 200;

  /// Under this name the ledger keeps where the minute began that the cap counts in: its offset is
  /// the number of the minute's first crash, its one state when that was.
  private static final String STORM = "alerting-storm";

  private static final String OPENED = "opened";

  private final Ledger ledger;
  private final AlertTime time;
  private final AlertCounters counters = AlertCounters.ofNothing();
  private final Http http = new Http(Http.TIMEOUT);
  private final CountDownLatch closed = new CountDownLatch(1);
  private final ReentrantLock place = new ReentrantLock();
  private final Map<String, String> problems = new ConcurrentHashMap<>();
  private final LongAdder moves = new LongAdder();
  private final Loop loop = new Loop("alerting", PAUSE, this::work, closed, problems);
  private volatile InUse inUse;

  /// Workers that [#loop] has started, also those that were ended and may still wait for answers.
  private final List<Worker> started = new CopyOnWriteArrayList<>();

  /// The settings that [#loop] has started workers for; its thread only.
  private @Nullable InUse begun;

  /// Whether the ledger may have something for a target that is not configured; the same thread.
  private boolean leftovers;

  /// What the round under way uses; guarded by [#place].
  private InUse round;

  private @Nullable News news;

  /// The settings in use.
  ///
  /// @param workers one for each hook, in their order
  private record InUse(AlertSettings settings, List<Worker> workers) {
    Optional<Worker> worker(String name) {
      return workers.stream().filter(Worker.named(name)).findFirst();
    }

    List<Courier> couriers() {
      return workers.stream().map(Worker::courier).toList();
    }
  }

  /// Reads and sends nothing yet.
  ///
  /// @param ledger must know from which log offset on crashes are news before [#start]; a ledger
  ///   that doesn't is told that all are
  /// @param clock decides when an attempt is due and what is too late, not what is news
  public Alerting(Ledger ledger, AlertSettings settings, InstantSource clock) {
    this.ledger = ledger;
    this.time = new AlertTime(clock);
    this.inUse = inUse(settings, List.of());
    this.round = inUse;
  }

  /// @param workers those that go on where their hook is configured as before
  private InUse inUse(AlertSettings settings, List<Worker> workers) {
    Links links = new Links(settings.publicUrl());
    List<Worker> next = new ArrayList<>();
    for (HookSettings hook : settings.hooks()) {
      next.add(
          workers.stream()
              .filter(it -> it.isFor(hook, links))
              .findFirst()
              .orElseGet(() -> worker(hook, links)));
    }
    return new InUse(settings, List.copyOf(next));
  }

  private Worker worker(HookSettings hook, Links links) {
    return new Worker(hook, links, ledger, http, time, counters.to(hook.name()), problems);
  }

  private boolean isClosed() {
    return closed.getCount() == 0;
  }

  /// Starts reading and delivering. Once only.
  public void start() {
    if (loop.isStarted()) {
      throw new IllegalStateException("started already");
    }
    loop.start(List.of());
  }

  /// Takes other settings. They hold for crashes that are decided from now on; a hook that is new
  /// is notified of these, and one that is configured as before goes on undisturbed. What one that
  /// is configured otherwise was to get it still gets, in the new way. What a hook that is gone was
  /// to get is given up; [#retry] sends it once the hook is back. Returns at once, without asking
  /// the ledger.
  public synchronized void use(AlertSettings changed) {
    inUse = inUse(changed, inUse.workers());
  }

  private void work() {
    do {
      begin(inUse);
    } while (!isClosed() && raiseNews());
  }

  /// Ends and starts workers where the settings in use are others than before.
  private void begin(InUse next) {
    if (!next.equals(begun)) {
      started.stream().filter(it -> !next.workers().contains(it)).forEach(Worker::end);
      for (Worker worker : next.workers()) {
        if (!started.contains(worker)) {
          worker.start(started.stream().filter(Worker.named(worker.name())).toList());
          started.add(worker);
        }
      }
      begun = next;
      leftovers = true;
    }
    if (leftovers) {
      // Before it is looked at what they left: a last answer may make a delivery wait again.
      started.removeIf(Worker::isOver);
      boolean more = started.size() > next.workers().size();
      for (String name : ledger.targets().keySet()) {
        if (next.worker(name).isEmpty()) {
          withdraw(name);
        }
      }
      leftovers = more;
    }
  }

  private void withdraw(String hook) {
    long nowMicros = nowMicros();
    int deliveries =
        ledger.withdraw(
            hook,
            "not sent, the hook was not configured any more at " + Json.time(nowMicros),
            nowMicros);
    LOG.warn(
        "hook {} is not configured any more, deliveries given up: {}; once it is configured again,"
            + " POST /api/v1/deliveries/ID/retry sends one",
        hook,
        deliveries);
  }

  /// Stops. A delivery under way is finished if that takes no more than a few seconds, and stays
  /// pending otherwise. Returns within five seconds; the ledger isn't used afterwards.
  @Override
  public void close() {
    closed.countDown();
    started.forEach(Worker::end);
    join(CLOSE_GENTLY);
    http.stop();
    join(CLOSE_AT_ONCE);
  }

  /// The configured targets, as configured, and how they fare.
  public List<Hook> hooks() {
    return inUse.couriers().stream().map(Courier::view).toList();
  }

  public AlertCounters counters() {
    return counters;
  }

  /// Grows as long as its thread goes round, also while there is no news or an attempt fails;
  /// stands still where it hangs.
  public long moves() {
    return moves.sum();
  }

  /// What keeps alerting from its work now, such as a failing disk; empty while nothing does.
  public Optional<String> problem() {
    return problems.values().stream().findFirst();
  }

  /// Sends a target something that reports nothing, through the same outbox as an alarm. A disabled
  /// target is enabled by it.
  ///
  /// @throws NoSuchElementException when no target has that name
  public Delivery test(String hook) {
    Courier courier =
        inUse
            .worker(hook)
            .map(Worker::courier)
            .orElseThrow(() -> new NoSuchElementException("no hook is named '" + hook + "'"));
    long nowMicros = nowMicros();
    String id = "test-" + nowMicros;
    Delivery delivery =
        delivery(
            id,
            "",
            courier,
            Delivery.priority(Severity.INFO, 0),
            courier.target().test(id, nowMicros),
            nowMicros);
    place.lock();
    try {
      ledger.enable(hook);
      ledger.raise(List.of(), List.of(delivery), ledger.alertedUpTo());
    } finally {
      place.unlock();
    }
    LOG.info("{} is tested, and enabled should it have been disabled", courier.hook());
    return delivery;
  }

  /// Has a delivery that was given up sent again, from its first attempt on, or one that waits at
  /// once.
  ///
  /// @throws NoSuchElementException when there is none of that id
  /// @throws IllegalStateException when it was delivered, or its hook is not configured any more
  public Delivery retry(String id) {
    Delivery delivery =
        ledger
            .delivery(id)
            .orElseThrow(() -> new NoSuchElementException("there is no delivery '" + id + "'"));
    if (delivery.state() == State.DELIVERED) {
      throw new IllegalStateException("'" + id + "' was delivered");
    }
    if (inUse.worker(delivery.target()).isEmpty()) {
      throw new IllegalStateException(
          "the hook '"
              + delivery.target()
              + "' is not configured any more; configure it again first");
    }
    Delivery again = Attempts.again(delivery, nowMicros());
    ledger.update(again);
    return again;
  }

  /// Deals with the next crashes; false when there are none.
  boolean raiseNews() {
    moves.increment();
    place.lock();
    try {
      round = inUse;
      News deciding = news == null || !news.settings().equals(round.settings()) ? readBack() : news;
      // Forgotten unless all of this succeeds, since it remembers what the ledger may not have.
      news = null;
      boolean more = raiseNews(deciding);
      news = deciding;
      return more;
    } finally {
      place.unlock();
    }
  }

  /// Makes one attempt at each delivery that is due, to all targets.
  void deliverDue() throws InterruptedException {
    for (Courier courier : inUse.couriers()) {
      courier.deliverDue();
    }
  }

  /// Posts the firing alerts again, to all targets that expect it.
  void remind() throws InterruptedException {
    for (Worker worker : inUse.workers()) {
      Reminders reminders = worker.reminders();
      if (reminders != null) {
        reminders.remind();
      }
    }
  }

  private boolean raiseNews(News deciding) {
    long nowMicros = nowMicros();
    RateWindow ended = deciding.endedWindow(nowMicros);
    if (ended != null) {
      end(ended, nowMicros);
    }
    if (deciding.mayRelease(nowMicros)) {
      release(deciding, nowMicros);
    }
    // Changes, not only new crashes: what began as a warning may end as a panic.
    List<Ledger.Change> changes = ledger.changedCrashesAfter(ledger.alertedUpTo(), BATCH);
    if (changes.isEmpty()) {
      return false;
    }
    List<Seen> crashes =
        changes.stream()
            .map(
                it ->
                    new Seen(
                        it.number(),
                        it.crash(),
                        ledger.alarm(News.alarmId(it.crash())).orElse(null)))
            .toList();
    Set<String> ignored = Set.copyOf(ledger.signaturesIn(Signature.State.IGNORED));
    RateWindow before = deciding.window();
    List<Ruling> rulings =
        deciding.rule(crashes, ledger::lastAlarm, ignored, nowMicros, time.earliestMicros());
    save(deciding.window(), before);
    List<Alarm> alarms = new ArrayList<>();
    List<Delivery> deliveries = new ArrayList<>();
    List<Ledger.Repeat> repeats = new ArrayList<>();
    for (Ruling ruling : rulings) {
      Alarm alarm = ruling.alarm();
      Alarm last = ruling.last();
      if (alarm != null) {
        alarms.add(alarm);
        if (ruling.quiet() == null) {
          deliveries.addAll(deliveries(alarm, ruling, nowMicros));
        }
      }
      if (last != null && ruling.quiet() == Quiet.REPEATED) {
        repeats.add(new Ledger.Repeat(last.id(), nowMicros));
      } else if (last != null) {
        alarms.add(last.suppressed(Quiet.REPEATED.toString(), nowMicros));
      }
    }
    ledger.raise(alarms, deliveries, repeats, changes.getLast().number());
    count(rulings);
    return true;
  }

  private List<Delivery> deliveries(Alarm alarm, Ruling ruling, long nowMicros) {
    Alarm before = ruling.before();
    int priority = Delivery.priority(alarm.severity(), ruling.turn());
    if (before == null) {
      return deliveries(
          alarm.id(), "", priority, to -> to.target().crash(alarm, ruling.crash()), nowMicros);
    }
    // The same however often it is decided, and another for each step for the worse.
    String became = "." + alarm.severity() + (alarm.panicked() ? "-panicked" : "");
    return deliveries(
        alarm.id(),
        became,
        priority,
        to -> {
          String body =
              ledger
                  .lastDelivery(alarm.id(), to.name())
                  .map(Delivery::payload)
                  .filter(to.target()::takes)
                  .orElse(null);
          return to.target().update(alarm, before, ruling.crash(), body);
        },
        nowMicros);
  }

  /// Notifies one by one of alarms that were held in a storm, as far as there is room.
  private void release(News deciding, long nowMicros) {
    long since = nowMicros - TimeUnit.MICROSECONDS.convert(News.RELEASE_FOR);
    RateWindow before = deciding.window();
    List<Alarm> waiting = new ArrayList<>(ledger.held(true, since, RELEASES));
    if (deciding.mayReleaseOthers(nowMicros)) {
      waiting.addAll(ledger.held(false, since, RELEASES));
    }
    List<Released> held = deciding.release(waiting, ledger.alertedUpTo(), nowMicros);
    if (held.isEmpty()) {
      return;
    }
    save(deciding.window(), before);
    Map<String, Crash> crashes = new HashMap<>();
    for (Crash crash : ledger.crashes(held.stream().map(it -> it.alarm().crash()).toList())) {
      crashes.put(crash.id(), crash);
    }
    List<Alarm> alarms = new ArrayList<>();
    List<Delivery> deliveries = new ArrayList<>();
    for (Released each : held) {
      Alarm alarm = each.alarm();
      Crash crash = crashes.get(alarm.crash());
      if (crash == null) {
        // Deleted by retention meanwhile.
        alarms.add(alarm.suppressed(Quiet.STORM.toString(), nowMicros));
        continue;
      }
      Alarm released = alarm.notified(nowMicros);
      alarms.add(released);
      deliveries.addAll(
          deliveries(
              alarm.id(),
              "",
              Delivery.priority(alarm.severity(), each.turn()),
              to -> to.target().crash(released, crash),
              nowMicros));
    }
    ledger.raise(alarms, deliveries, ledger.alertedUpTo());
    counters.raised().add(crashes.size());
  }

  private void save(@Nullable RateWindow window, @Nullable RateWindow before) {
    if (window != null && window != before) {
      ledger.save(STORM, checkpoint(window));
    }
  }

  /// Notifies of what the minute had too many of. Done again, it has the same id.
  private void end(RateWindow window, long nowMicros) {
    Ledger.HeldAlarms held =
        ledger.heldIn(window.id(), StormSummary.MAX_NAMED_SIGNATURES, StormSummary.MAX_NAMED_HOSTS);
    if (held.alarms() > 0) {
      LOG.warn(
          "alert storm: {} alarms on {} hosts within a minute were held beyond alarms-per-minute;"
              + " they are notified as one summary, {}, and one by one within {} minutes as far as"
              + " there is room",
          held.alarms(),
          held.hosts(),
          window.id(),
          News.RELEASE_FOR.toMinutes());
      StormSummary summary =
          new StormSummary(window.id(), window.openedAtMicros(), window.notified(), held);
      ledger.raise(
          List.of(),
          deliveries(
              summary.id(),
              "",
              Delivery.priority(held.severity(), Integer.MAX_VALUE), // behind what it sums up
              to -> to.target().storm(summary),
              nowMicros),
          ledger.alertedUpTo());
    }
    ledger.forget(STORM);
  }

  private List<Delivery> deliveries(
      String id, String became, int priority, Function<Courier, String> payload, long nowMicros) {
    return round.workers().stream()
        .map(Worker::courier)
        .map(to -> delivery(id, became, to, priority, payload.apply(to), nowMicros))
        .toList();
  }

  private static Delivery delivery(
      String alarm, String became, Courier to, int priority, String payload, long nowMicros) {
    return new Delivery(
        alarm + became + "." + to.name(),
        alarm,
        to.name(),
        priority,
        State.PENDING,
        0,
        nowMicros,
        nowMicros,
        null,
        null,
        null,
        payload);
  }

  private void count(List<Ruling> rulings) {
    for (Ruling ruling : rulings) {
      Quiet quiet = ruling.quiet();
      if (quiet == null) {
        counters.raised().increment();
      } else {
        Objects.requireNonNull(counters.quiet().get(quiet.toString())).increment();
      }
    }
  }

  /// As it was when the last round was kept, whichever process that was.
  private News readBack() {
    return new News(round.settings(), ledger.newsFrom(0), readBackWindow());
  }

  private @Nullable RateWindow readBackWindow() {
    Optional<Checkpoint.State> opened = ledger.state(STORM, OPENED);
    if (opened.isEmpty()) {
      return null;
    }
    RateWindow window =
        new RateWindow(
            round.settings().perMinute(),
            opened.get().offset(),
            ByteBuffer.wrap(opened.get().bytes()).getLong());
    ledger.notifiedSince(window.openedAtMicros()).forEach(window::count);
    return window;
  }

  private static Checkpoint checkpoint(RateWindow window) {
    byte[] opened = ByteBuffer.allocate(Long.BYTES).putLong(window.openedAtMicros()).array();
    return new Checkpoint(
        window.number(), Map.of(OPENED, new Checkpoint.State(window.number(), opened)), List.of());
  }

  private void join(Duration most) {
    long until = System.nanoTime() + most.toNanos();
    try {
      join(loop, until);
      started.forEach(Worker::end); // also one that was started meanwhile
      for (Loop each : started.stream().flatMap(Worker::loops).toList()) {
        join(each, until);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void join(Loop each, long untilNanos) throws InterruptedException {
    each.join(Duration.ofNanos(Math.max(1, untilNanos - System.nanoTime())));
  }

  private long nowMicros() {
    return time.nowMicros();
  }
}
