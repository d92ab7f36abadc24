package lastwords.alert;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import lastwords.detect.FormerSignatures;
import lastwords.kernel.Alarm;
import lastwords.kernel.Category;
import lastwords.kernel.Crash;
import lastwords.kernel.Position;
import lastwords.kernel.Severity;
import lastwords.store.Ledger.Origin;
import org.jspecify.annotations.Nullable;

/// Decides which crashes are notified: no clock, no I/O.
///
/// A signature on a host raises an alarm once: for each address under that host's name and each
/// part that fails by itself, again when it is worse than the last alarm (more severe, or the
/// machine went down with what it had survived before), and again when the last alarm lies longer
/// back than `alarm-repeat`, by the times in the log. A crash that itself becomes worse updates its
/// alarm. An alarm under a signature of earlier rules counts as one of the crash's own, so that new
/// rules notify nothing again. Only an alarm that was notified suppresses later ones.
///
/// Two things are measured by the clock handed in instead, since they protect who is notified now:
/// how old a crash is when it is seen, and how many alarms there were within the minute.
///
/// Not thread-safe. It remembers the minute's [RateWindow]; a caller that couldn't keep what was
/// decided must forget the instance too and make a new one with the window read back.
final class News {
  /// How long an alarm that was held in an alert storm is notified one by one after all, as soon as
  /// there is room. Afterwards only the summary and the list of alarms have it, and the next crash
  /// of its kind is notified.
  static final Duration RELEASE_FOR = Duration.ofMinutes(10);

  /// Between two looks for alarms to release.
  static final Duration RELEASE_EVERY = Duration.ofMillis(500);

  private final AlertSettings settings;
  private final long newsFromOffset;
  private @Nullable RateWindow window;
  private boolean mayHold = true;
  private long lookedAtMicros = Long.MIN_VALUE / 2;

  /// @param newsFromOffset crashes at log offsets before this one are old
  /// @param window the minute that was under way, null when none was
  News(AlertSettings settings, long newsFromOffset, @Nullable RateWindow window) {
    this.settings = settings;
    this.newsFromOffset = newsFromOffset;
    this.window = window;
  }

  /// What it decides by.
  AlertSettings settings() {
    return settings;
  }

  /// What is known of earlier alarms.
  interface Past {
    /// As [lastwords.store.Ledger#lastAlarm].
    Optional<Alarm> last(Origin origin, long atMicros);
  }

  /// A crash that was written or changed.
  ///
  /// @param number where it stands in the order asked for
  /// @param before the alarm it has already, null when none
  record Seen(long number, Crash crash, @Nullable Alarm before) {}

  /// What became of a crash.
  ///
  /// @param alarm its alarm, to be written; null when there is nothing to write
  /// @param quiet why it is not notified, null when it is
  /// @param before the alarm as it was notified before, which makes this an update; null when it
  ///   was not
  /// @param last the notified alarm that this crash repeats, or the held one that its alarm
  ///   replaces; null when neither
  /// @param turn alarms of the same address that were notified before within the minute
  record Ruling(
      Crash crash,
      @Nullable Alarm alarm,
      @Nullable Quiet quiet,
      @Nullable Alarm before,
      @Nullable Alarm last,
      int turn) {

    private static Ruling quiet(Crash crash, @Nullable Alarm alarm, Quiet why) {
      return new Ruling(crash, alarm, why, null, null, 0);
    }
  }

  /// An alarm that was held and is notified now.
  ///
  /// @param turn as in [Ruling]: deliveries of what a flood had held must not delay another
  ///   machine's first alarm
  record Released(Alarm alarm, int turn) {}

  /// Takes the minute's window away when its time is over.
  @Nullable RateWindow endedWindow(long nowMicros) {
    RateWindow ended = window;
    if (ended == null || !ended.isOver(nowMicros)) {
      return null;
    }
    window = null;
    lookedAtMicros = nowMicros;
    return ended;
  }

  /// The minute under way, null when there is none.
  @Nullable RateWindow window() {
    return window;
  }

  /// Decides about crashes in the order they were written.
  ///
  /// @param ignored the signatures people don't want to hear of
  /// @param earliestMicros by which a crash's age is measured: a clock set forward ages nothing
  List<Ruling> rule(
      List<Seen> crashes, Past past, Set<String> ignored, long nowMicros, long earliestMicros) {
    Map<Origin, Alarm> justRaised = new HashMap<>();
    List<Ruling> rulings = new ArrayList<>();
    for (Seen seen : crashes) {
      Crash crash = seen.crash();
      Alarm before = seen.before();
      if (before != null && !before.isLessThan(crash.severity(), crash.panicked())) {
        continue;
      }
      Alarm alarm =
          before == null
              ? alarmOf(crash)
              : before.worse(crash.severity(), crash.panicked(), nowMicros);
      Origin origin = origin(alarm, alarm.signature());
      Alarm last = justRaised.get(origin);
      if (last == null || !repeats(alarm, last)) {
        last = last(past, crash, alarm);
      }
      Quiet quiet = quiet(crash, alarm, last, isIgnored(crash, alarm, ignored), earliestMicros);
      Ruling ruling =
          before != null && before.reason() == null
              ? new Ruling(crash, alarm, late(quiet), before, null, 0)
              : first(seen, alarm, last, quiet, nowMicros);
      if (ruling.alarm() != null) {
        justRaised.put(origin, ruling.alarm());
      }
      rulings.add(ruling);
    }
    return rulings;
  }

  /// What also keeps an update from being notified. Neither the rate limit nor a threshold does:
  /// the alarm is known outside as less than it is, and becomes worse a few times at most.
  private static @Nullable Quiet late(@Nullable Quiet quiet) {
    return quiet == Quiet.LATE || quiet == Quiet.REPLAYED || quiet == Quiet.IGNORED ? quiet : null;
  }

  /// Decides about an alarm that was not notified before.
  private Ruling first(
      Seen seen, Alarm alarm, @Nullable Alarm last, @Nullable Quiet quiet, long nowMicros) {
    Crash crash = seen.crash();
    boolean known = seen.before() != null;
    if (quiet != null) {
      Alarm kept = quiet.raises ? alarm.suppressed(quiet.toString(), nowMicros) : null;
      Alarm repeated = quiet == Quiet.REPEATED && wasNotified(last) ? last : null;
      return new Ruling(crash, kept == null && known ? alarm : kept, quiet, null, repeated, 0);
    }
    if (window == null) {
      window = new RateWindow(settings.perMinute(), seen.number(), nowMicros);
    }
    boolean isHeldAlready = last != null && isHeld(last, nowMicros) && repeats(alarm, last);
    int turn = window.ofAddress(alarm);
    if (!window.admit(alarm, nowMicros)) {
      mayHold = true;
      return isHeldAlready && !known
          ? Ruling.quiet(crash, null, Quiet.REPEATED)
          : Ruling.quiet(crash, alarm.held(window.id(), nowMicros), Quiet.STORM);
    }
    return new Ruling(
        crash, alarm.notified(nowMicros), null, null, isHeldAlready ? last : null, turn);
  }

  /// Whether there may be alarms to release now. After this it is time to look at
  /// [lastwords.store.Ledger#held].
  boolean mayRelease(long nowMicros) {
    long since = nowMicros - lookedAtMicros;
    return mayHold
        && (since < 0 || since >= TimeUnit.MICROSECONDS.convert(RELEASE_EVERY))
        && (window == null || window.hasRoom(true, nowMicros));
  }

  /// Whether alarms of hosts that the inventory doesn't name may be released too.
  boolean mayReleaseOthers(long nowMicros) {
    return window == null || window.hasRoom(false, nowMicros);
  }

  /// Decides which of the alarms held are notified now: those first whose address had the fewest
  /// within the minute.
  ///
  /// @param held as [lastwords.store.Ledger#held] has them
  /// @param number of the last crash that alerting dealt with
  List<Released> release(List<Alarm> held, long number, long nowMicros) {
    lookedAtMicros = nowMicros;
    mayHold = !held.isEmpty();
    if (held.isEmpty()) {
      return List.of();
    }
    if (window == null) {
      window = new RateWindow(settings.perMinute(), number, nowMicros);
    }
    RateWindow minute = window;
    List<Released> released = new ArrayList<>();
    for (Alarm alarm : fairly(held, minute)) {
      int turn = minute.ofAddress(alarm);
      if (minute.release(alarm, nowMicros)) {
        released.add(new Released(alarm, turn));
      }
    }
    return released;
  }

  /// In the order of how many their address would then have had.
  private static List<Alarm> fairly(List<Alarm> held, RateWindow minute) {
    record Turn(int number, Alarm alarm) {}
    Map<String, Integer> ofAddress = new HashMap<>();
    List<Turn> turns = new ArrayList<>();
    for (Alarm alarm : held) {
      int number = ofAddress.computeIfAbsent(alarm.sender(), _ -> minute.ofAddress(alarm));
      ofAddress.put(alarm.sender(), number + 1);
      turns.add(new Turn(number, alarm));
    }
    turns.sort(Comparator.comparingInt(Turn::number));
    return turns.stream().map(Turn::alarm).toList();
  }

  private @Nullable Alarm last(Past past, Crash crash, Alarm alarm) {
    long untilMicros = alarm.raisedAtMicros() + repeatMicros();
    return signatures(crash, alarm)
        .flatMap(signature -> past.last(origin(alarm, signature), untilMicros).stream())
        .filter(last -> !last.id().equals(alarm.id()))
        .max(Comparator.comparingLong(Alarm::raisedAtMicros))
        .orElse(null);
  }

  static Origin origin(Alarm alarm, String signature) {
    return new Origin(signature, alarm.host(), alarm.address(), alarm.part());
  }

  private static boolean isIgnored(Crash crash, Alarm alarm, Set<String> ignored) {
    return !ignored.isEmpty() && signatures(crash, alarm).anyMatch(ignored::contains);
  }

  /// The crash's own, and those that earlier rules gave it.
  private static Stream<String> signatures(Crash crash, Alarm alarm) {
    return Stream.concat(Stream.of(alarm.signature()), FormerSignatures.of(crash).stream());
  }

  /// The gate before the minute's cap: why an alarm is not notified.
  private @Nullable Quiet quiet(
      Crash crash, Alarm alarm, @Nullable Alarm last, boolean ignored, long earliestMicros) {
    boolean reboot = crash.kind().equals("reboot");
    if (crash.suppressed()) {
      return Quiet.SUPPRESSED;
    }
    if (!reboot && (crash.category() == Category.USERSPACE || crash.category() == Category.INFO)) {
      return Quiet.CATEGORY;
    }
    // A restart that nothing announced is an error to whoever runs the machine, whatever its rank.
    Severity severity =
        reboot && crash.severity().compareTo(Severity.ERROR) > 0
            ? Severity.ERROR
            : crash.severity();
    if (severity.compareTo(settings.severity()) > 0) {
      return Quiet.SEVERITY;
    }
    Quiet quiet = null;
    if (Position.offset(Objects.requireNonNull(crash.position(), "position")) < newsFromOffset) {
      quiet = Quiet.REPLAYED;
    } else if (earliestMicros - alarm.raisedAtMicros()
        > TimeUnit.MICROSECONDS.convert(settings.maxAge())) {
      quiet = Quiet.LATE;
    } else if (ignored) {
      quiet = Quiet.IGNORED;
    }
    // An alarm that was not notified doesn't suppress one that would be.
    if (last != null && repeats(alarm, last) && (wasNotified(last) || quiet != null)) {
      return Quiet.REPEATED;
    }
    return quiet;
  }

  /// Crashes are written nearly, not quite, in the order of their times: both sides count.
  private boolean repeats(Alarm alarm, Alarm last) {
    return !last.isLessThan(alarm.severity(), alarm.panicked())
        && Math.abs(alarm.raisedAtMicros() - last.raisedAtMicros()) <= repeatMicros();
  }

  private static boolean wasNotified(@Nullable Alarm alarm) {
    return alarm != null && alarm.reason() == null;
  }

  private static boolean isHeld(Alarm alarm, long nowMicros) {
    return Quiet.STORM.toString().equals(alarm.reason())
        && nowMicros - alarm.raisedAtMicros() < TimeUnit.MICROSECONDS.convert(RELEASE_FOR);
  }

  private long repeatMicros() {
    return TimeUnit.MICROSECONDS.convert(settings.repeat());
  }

  /// The id of the alarm that the crash raises, should it raise one.
  static String alarmId(Crash crash) {
    return "a" + Objects.requireNonNull(crash.id(), "id");
  }

  /// An alarm that is not yet written.
  private static Alarm alarmOf(Crash crash) {
    long raisedAtMicros = Objects.requireNonNull(crash.receivedAtMicros(), "receivedAt");
    return new Alarm(
        alarmId(crash),
        Objects.requireNonNull(crash.id(), "id"),
        Objects.requireNonNullElse(crash.signature(), crash.kind()),
        Objects.requireNonNull(crash.host() == null ? crash.address() : crash.host(), "host"),
        crash.hostSource(),
        crash.claimedHost(),
        crash.address(),
        crash.part(),
        crash.kind(),
        crash.title(),
        crash.severity(),
        crash.panicked(),
        raisedAtMicros,
        Alarm.OPEN,
        null,
        0,
        raisedAtMicros,
        null,
        null);
  }
}
