package lastwords.alert;

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
import lastwords.store.Ledger;
import org.jspecify.annotations.Nullable;

/// Decides which crashes are news: no clock, no I/O.
///
/// A signature on a host is news once: on each part of it that fails by itself, again when it is
/// more severe than what was told (a machine that goes down with what it survived before), and
/// again when the last alarm lies longer back than `alarm-repeat`, by the times in the log. An
/// alarm under a signature of earlier rules counts as one of the crash's own, so that new rules
/// tell nobody twice. Two things are measured by the clock handed in instead, since they protect
/// who is told now: how old a crash is when it is seen, and how many alarms there were within the
/// minute.
///
/// Not thread-safe. It remembers the minute's [Storm]; whoever couldn't keep what was decided must
/// forget the instance too and make a new one with the storm read back.
final class News {
  private final AlertSettings settings;
  private final long newsFromOffset;
  private @Nullable Storm storm;

  /// @param newsFromOffset crashes at log offsets before this one are old
  /// @param storm the minute that was under way, null when none was
  News(AlertSettings settings, long newsFromOffset, @Nullable Storm storm) {
    this.settings = settings;
    this.newsFromOffset = newsFromOffset;
    this.storm = storm;
  }

  /// What is known of earlier alarms.
  interface Past {
    /// As [Ledger#lastAlarm].
    Optional<Alarm> last(String signature, String host, @Nullable String part, long atMicros);
  }

  /// What became of a crash.
  ///
  /// @param alarm the alarm it raised, null when none
  /// @param quiet why nobody is told of it by itself, null when the targets are
  record Ruling(Crash crash, @Nullable Alarm alarm, @Nullable Quiet quiet) {}

  /// Takes the minute's storm away when its time is over.
  @Nullable Storm endedStorm(long nowMicros) {
    Storm ended = storm;
    if (ended == null || !ended.isOver(nowMicros)) {
      return null;
    }
    storm = null;
    return ended;
  }

  /// The minute under way, null when there is none.
  @Nullable Storm storm() {
    return storm;
  }

  /// Decides about crashes in the order they were written.
  ///
  /// @param ignored the signatures people don't want to hear of
  /// @param earliestMicros by which a crash's age is measured: a clock set forward ages nothing
  List<Ruling> rule(
      List<Ledger.Change> crashes,
      Past past,
      Set<String> ignored,
      long nowMicros,
      long earliestMicros) {
    Map<List<String>, Alarm> justRaised = new HashMap<>();
    List<Ruling> rulings = new ArrayList<>();
    for (Ledger.Change change : crashes) {
      Crash crash = change.crash();
      Alarm alarm = alarmOf(crash);
      List<String> same =
          List.of(alarm.signature(), alarm.host(), Objects.requireNonNullElse(alarm.part(), ""));
      Alarm last = justRaised.get(same);
      if (last == null || !repeats(alarm, last)) {
        long until = alarm.raisedAtMicros() + repeatMicros();
        last = last(past, crash, alarm, until);
      }
      Quiet quiet = quiet(crash, alarm, last, isIgnored(crash, alarm, ignored), earliestMicros);
      if (quiet == null && !admit(change.number(), nowMicros)) {
        quiet = Quiet.STORM;
      }
      if (quiet != null && !quiet.raises) {
        rulings.add(new Ruling(crash, null, quiet));
        continue;
      }
      Alarm raised = quiet == null ? alarm : because(alarm, quiet);
      if (quiet == Quiet.STORM) {
        Objects.requireNonNull(storm).hold(raised);
      }
      justRaised.put(same, raised);
      rulings.add(new Ruling(crash, raised, quiet));
    }
    return rulings;
  }

  private static @Nullable Alarm last(Past past, Crash crash, Alarm alarm, long untilMicros) {
    return signatures(crash, alarm)
        .flatMap(
            signature -> past.last(signature, alarm.host(), alarm.part(), untilMicros).stream())
        .max(Comparator.comparingLong(Alarm::raisedAtMicros))
        .orElse(null);
  }

  private static boolean isIgnored(Crash crash, Alarm alarm, Set<String> ignored) {
    return !ignored.isEmpty() && signatures(crash, alarm).anyMatch(ignored::contains);
  }

  /// The crash's own, and those that earlier rules gave it.
  private static Stream<String> signatures(Crash crash, Alarm alarm) {
    return Stream.concat(Stream.of(alarm.signature()), FormerSignatures.of(crash).stream());
  }

  /// The gate before the minute's cap: what speaks against telling anybody.
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
    // An alarm nobody was told of doesn't silence one that somebody would be.
    if (last != null && repeats(alarm, last) && (wasTold(last) || quiet != null)) {
      return Quiet.REPEATED;
    }
    return quiet;
  }

  /// Crashes are written nearly, not quite, in the order of their times: both sides count. A crash
  /// that got worse after it was told is told by its own alarm already.
  private boolean repeats(Alarm alarm, Alarm last) {
    boolean worse =
        alarm.severity().compareTo(last.severity()) < 0 && !alarm.crash().equals(last.crash());
    return !worse && Math.abs(alarm.raisedAtMicros() - last.raisedAtMicros()) <= repeatMicros();
  }

  private static boolean wasTold(Alarm alarm) {
    return alarm.reason() == null || alarm.reason().equals(Quiet.STORM.toString());
  }

  private boolean admit(long number, long nowMicros) {
    if (storm == null) {
      storm = new Storm(number, nowMicros);
    }
    if (storm.told() >= settings.perMinute()) {
      return false;
    }
    storm.tell();
    return true;
  }

  private long repeatMicros() {
    return TimeUnit.MICROSECONDS.convert(settings.repeat());
  }

  /// The id of the alarm that the crash raises, should it raise one.
  static String alarmId(Crash crash) {
    return "a" + Objects.requireNonNull(crash.id(), "id");
  }

  private static Alarm alarmOf(Crash crash) {
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
        Objects.requireNonNull(crash.receivedAtMicros(), "receivedAt"),
        "open",
        null);
  }

  /// What is old or ignored is resolved from the start: robots that pull open alarms must not act
  /// on it either.
  private static Alarm because(Alarm alarm, Quiet why) {
    return new Alarm(
        alarm.id(),
        alarm.crash(),
        alarm.signature(),
        alarm.host(),
        alarm.hostSource(),
        alarm.claimedHost(),
        alarm.address(),
        alarm.part(),
        alarm.kind(),
        alarm.title(),
        alarm.severity(),
        alarm.raisedAtMicros(),
        why == Quiet.STORM ? alarm.state() : "resolved",
        why.toString());
  }
}
