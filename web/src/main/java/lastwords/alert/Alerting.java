package lastwords.alert;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import lastwords.alert.News.Ruling;
import lastwords.kernel.Alarm;
import lastwords.kernel.Delivery;
import lastwords.kernel.Delivery.State;
import lastwords.kernel.Signature;
import lastwords.store.Checkpoint;
import lastwords.store.Ledger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The reader that tells people and robots: crashes in the order the ledger got them → what is news
/// → alarms with their deliveries, in one transaction with its own place → targets.
///
/// An alarm is named by its crash and a delivery by alarm and target, so reading again changes
/// nothing. A delivery is made at least once under its id, and never again once the ledger says it
/// was taken. The public methods may be called from any thread, between construction and [#close]
/// also without [#start].
public final class Alerting implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Alerting.class);

  /// Crashes read at a time, reports included.
  private static final int BATCH = 200;

  private static final Duration PAUSE = Duration.ofMillis(200);
  private static final Duration PAUSE_AFTER_FAILURE = Duration.ofSeconds(2);
  private static final Duration CLOSE_GENTLY = Duration.ofSeconds(3);
  private static final Duration CLOSE_AT_ONCE = Duration.ofSeconds(1);

  /// Under this name the ledger keeps where the minute began that the cap counts in: its offset is
  /// the number of the minute's first crash, its one state when that was.
  private static final String STORM = "alerting-storm";

  private static final String OPENED = "opened";

  private final Ledger ledger;
  private final AlertSettings settings;
  private final AlertTime time;
  private final AlertCounters counters;
  private final Http http = new Http(Http.TIMEOUT);
  private final List<Courier> couriers;
  private final List<Thread> threads = new ArrayList<>();
  private final CountDownLatch closed = new CountDownLatch(1);
  private final ReentrantLock place = new ReentrantLock();
  private final Map<String, String> problems = new ConcurrentHashMap<>();
  private final LongAdder moves = new LongAdder();
  private @Nullable News news;

  /// Reads and sends nothing yet.
  ///
  /// @param ledger must know from which log offset on crashes are news before [#start]; a ledger
  ///   that doesn't is told that all are
  /// @param clock decides when an attempt is due and what is too late, not what is news
  public Alerting(Ledger ledger, AlertSettings settings, InstantSource clock) {
    this.ledger = ledger;
    this.settings = settings;
    this.time = new AlertTime(clock);
    this.counters = AlertCounters.of(settings.hooks().stream().map(HookSettings::name).toList());
    Links links = new Links(settings.publicUrl());
    this.couriers = settings.hooks().stream().map(hook -> courier(hook, links)).toList();
  }

  private Courier courier(HookSettings hook, Links links) {
    return new Courier(
        hook,
        Target.of(hook, links),
        ledger,
        http,
        time,
        Objects.requireNonNull(counters.targets().get(hook.name())),
        () -> closed.getCount() == 0);
  }

  /// Starts reading and delivering. Once only.
  public void start() {
    if (!threads.isEmpty()) {
      throw new IllegalStateException("started already");
    }
    threads.add(
        Thread.ofPlatform()
            .name("alerting")
            .daemon()
            .start(
                () ->
                    repeat(
                        "alerting",
                        () -> {
                          while (closed.getCount() > 0 && raiseNews()) {}
                        })));
    for (Courier courier : couriers) {
      String name = "hook-" + courier.name();
      threads.add(Thread.ofVirtual().name(name).start(() -> repeat(name, courier::deliverDue)));
    }
  }

  /// Stops. A delivery under way is finished if that takes no more than a few seconds, and stays
  /// pending otherwise. Returns within five seconds; the ledger isn't used afterwards.
  @Override
  public void close() {
    closed.countDown();
    join(CLOSE_GENTLY);
    http.stop();
    join(CLOSE_AT_ONCE);
  }

  /// The configured targets, as configured, and how they fare.
  public List<Hook> hooks() {
    return couriers.stream().map(Courier::view).toList();
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

  /// Sends a target something that tells of nothing, through the same outbox as an alarm. A
  /// disabled target is switched on by it.
  ///
  /// @throws NoSuchElementException when no target has that name
  public Delivery test(String hook) {
    Courier courier =
        couriers.stream()
            .filter(it -> it.name().equals(hook))
            .findFirst()
            .orElseThrow(() -> new NoSuchElementException("no hook is named '" + hook + "'"));
    long nowMicros = nowMicros();
    String id = "test-" + nowMicros;
    Delivery delivery = delivery(id, courier, courier.target().test(id, nowMicros), nowMicros);
    place.lock();
    try {
      ledger.disable(hook, null);
      ledger.raise(List.of(), List.of(delivery), ledger.alertedUpTo());
    } finally {
      place.unlock();
    }
    return delivery;
  }

  /// Has a delivery that was given up sent again, from its first attempt on, or one that waits at
  /// once.
  ///
  /// @throws NoSuchElementException when there is none of that id
  /// @throws IllegalStateException when it was delivered
  public Delivery retry(String id) {
    Delivery delivery =
        ledger
            .delivery(id)
            .orElseThrow(() -> new NoSuchElementException("there is no delivery '" + id + "'"));
    if (delivery.state() == State.DELIVERED) {
      throw new IllegalStateException("'" + id + "' was delivered");
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
      News deciding = news == null ? readBack() : news;
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
    for (Courier courier : couriers) {
      courier.deliverDue();
    }
  }

  private boolean raiseNews(News deciding) {
    long nowMicros = nowMicros();
    Storm ended = deciding.endedStorm(nowMicros);
    if (ended != null) {
      end(ended, nowMicros);
    }
    // Changes, not only new crashes: what began as a warning may end as a panic.
    List<Ledger.Change> changes = ledger.changedCrashesAfter(ledger.alertedUpTo(), BATCH);
    if (changes.isEmpty()) {
      return false;
    }
    List<Ledger.Change> crashes =
        changes.stream()
            .filter(change -> ledger.alarm(News.alarmId(change.crash())).isEmpty())
            .toList();
    Set<String> ignored = Set.copyOf(ledger.signaturesIn(Signature.State.IGNORED));
    Storm before = deciding.storm();
    List<Ruling> rulings =
        deciding.rule(crashes, ledger::lastAlarm, ignored, nowMicros, time.earliestMicros());
    Storm storm = deciding.storm();
    if (storm != null && storm != before) {
      ledger.save(STORM, checkpoint(storm));
    }
    List<Alarm> alarms = new ArrayList<>();
    List<Delivery> deliveries = new ArrayList<>();
    for (Ruling ruling : rulings) {
      Alarm alarm = ruling.alarm();
      if (alarm != null) {
        alarms.add(alarm);
        if (ruling.quiet() == null) {
          deliveries.addAll(
              deliveries(alarm.id(), to -> to.crash(alarm, ruling.crash()), nowMicros));
        }
      }
    }
    ledger.raise(alarms, deliveries, changes.getLast().number());
    count(rulings);
    return true;
  }

  /// Tells of what the minute had too many of. Done twice, it says the same under the same id.
  private void end(Storm storm, long nowMicros) {
    if (storm.held() > 0) {
      LOG.warn(
          "{} alarms within a minute were too many; they are told as one summary, {}",
          storm.held(),
          storm.id());
      ledger.raise(
          List.of(),
          deliveries(storm.id(), to -> to.storm(storm), nowMicros),
          ledger.alertedUpTo());
    }
    ledger.forget(STORM);
  }

  private List<Delivery> deliveries(String id, Function<Target, String> payload, long nowMicros) {
    return couriers.stream()
        .map(to -> delivery(id, to, payload.apply(to.target()), nowMicros))
        .toList();
  }

  private static Delivery delivery(String id, Courier to, String payload, long nowMicros) {
    return new Delivery(
        id + "." + to.name(),
        id,
        to.name(),
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

  /// As it stood when the last round was kept, whichever process that was.
  private News readBack() {
    return new News(settings, ledger.newsFrom(0), readBackStorm());
  }

  private @Nullable Storm readBackStorm() {
    Optional<Checkpoint.State> opened = ledger.state(STORM, OPENED);
    if (opened.isEmpty()) {
      return null;
    }
    Storm storm = new Storm(opened.get().offset(), ByteBuffer.wrap(opened.get().bytes()).getLong());
    long end = ledger.alertedUpTo();
    long read = storm.number() - 1;
    List<Ledger.Change> crashes = ledger.newCrashesAfter(read, BATCH);
    while (read < end && !crashes.isEmpty()) {
      for (Ledger.Change change : crashes) {
        read = change.number();
        if (read <= end) {
          ledger.alarm(News.alarmId(change.crash())).ifPresent(storm::count);
        }
      }
      crashes = ledger.newCrashesAfter(read, BATCH);
    }
    return storm;
  }

  private static Checkpoint checkpoint(Storm storm) {
    byte[] opened = ByteBuffer.allocate(Long.BYTES).putLong(storm.openedAtMicros()).array();
    return new Checkpoint(
        storm.number(), Map.of(OPENED, new Checkpoint.State(storm.number(), opened)), List.of());
  }

  private interface Work {
    void run() throws InterruptedException;
  }

  /// Works until closed. A failure is kept for people to see and the work is tried again: alarms
  /// that come late are better than none.
  private void repeat(String name, Work work) {
    Duration pause = Duration.ZERO;
    try {
      while (!closed.await(pause.toMillis(), TimeUnit.MILLISECONDS)) {
        try {
          work.run();
          problems.remove(name);
          pause = PAUSE;
        } catch (RuntimeException | Error e) {
          String problem = name + ": " + e;
          if (!problem.equals(problems.put(name, problem))) {
            LOG.error("{} can't go on and tries again", name, e);
          }
          pause = PAUSE_AFTER_FAILURE;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void join(Duration most) {
    long until = System.nanoTime() + most.toNanos();
    try {
      for (Thread thread : threads) {
        thread.join(Duration.ofNanos(Math.max(1, until - System.nanoTime())));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private long nowMicros() {
    return time.nowMicros();
  }
}
