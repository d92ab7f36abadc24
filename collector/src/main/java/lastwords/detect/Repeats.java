package lastwords.detect;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import lastwords.kernel.Crash;
import lastwords.kernel.Severity;
import org.jspecify.annotations.Nullable;

/// Decides which reports of one host become crashes of their own and which are only counted, so
/// that neither a fault that happens again and again nor a sender of made-up reports fills the
/// ledger, and none of them hides a crash that matters.
///
/// Repeats of one fault in one boot are counted after [#MAX_REPEATS]. Each doubling of their number
/// is published again, but not sooner than [#INCIDENT_QUIET_MICROS] after the one before, with the
/// number of those counted since in the attribute `repeats`. Besides that, each [Rank] has its own
/// bound for each minute, so that lesser crashes never keep a more severe one out. Beyond the bound
/// a report is held for [#HELD_MICROS]; of those held the newest is published, and the one with the
/// most lines, with the number of the others in the attribute `not_kept`. So the last panic of a
/// machine is published however many made-up ones came before it. A panic is never counted as a
/// repeat: a machine goes down with it once.
///
/// All decisions depend on the times and positions of the messages alone: the same log gives the
/// same crashes again. Times that lie as far ahead as they would have to lie behind are as old: the
/// collector's clock was set back meanwhile. Belongs to the thread of its detector.
final class Repeats {
  /// A fault that one boot reports for this often is published each time; then it is counted.
  static final int MAX_REPEATS = 8;

  /// A disk that goes on failing is one crash until it was idle for so long.
  static final long INCIDENT_QUIET_MICROS = 600_000_000;

  /// Crashes of a rank published at once in [#RATE_MICROS]: each of 64 CPUs may report a lockup
  /// three times.
  static final int MAX_CRASHES = 200;

  /// The same of machines that go down: each of some CPUs may report a fatal error.
  static final int MAX_DOWN = 32;

  static final long RATE_MICROS = 60_000_000;

  /// How long reports beyond the bound are held, counted from the last line of the first. Two of
  /// them are published: 120 of a rank in a minute at the most, since a report is judged up to a
  /// second after its last line. Short, since one of them may be the panic that matters.
  static final long HELD_MICROS = 2_000_000;

  /// Signatures remembered of one boot; more push out the least recently seen.
  private static final int MAX_REMEMBERED = 256;

  /// Characters of the key under which a fault is remembered; a longer one is replaced by its hash.
  private static final int MAX_KEY_CHARS = 200;

  /// What a remembered key takes in memory: map entry, values, string.
  private static final int KEY_BYTES = 120 + Bounds.STRING_BYTES;

  /// Which bound a crash falls under, the most severe first.
  enum Rank {
    /// The machine goes down with it.
    DOWN(0, MAX_DOWN),
    ERROR(1, MAX_CRASHES),
    LESSER(2, MAX_CRASHES);

    /// Its place in arrays.
    final int index;

    final int perMinute;

    Rank(int index, int perMinute) {
      this.index = index;
      this.perMinute = perMinute;
    }

    static Rank of(Severity severity) {
      return switch (severity) {
        case CRITICAL -> DOWN;
        case ERROR -> ERROR;
        case WARNING, INFO -> LESSER;
      };
    }
  }

  /// What becomes of a report.
  enum Verdict {
    /// Published now.
    PUBLISHED,
    /// Perhaps published later, see [#deadlineMicros].
    HELD,
    /// Only counted.
    COUNTED
  }

  /// How often this boot reported something, when last, by receive time, how many of them were only
  /// counted since one was published, and when that one was.
  record Seen(int times, long lastAt, int counted, long publishedAt) {}

  /// What of it survives a restart of the program; `lesserSince` and `notKept` are 0 in what older
  /// programs saved.
  record Saved(
      Map<String, Seen> seen,
      long rateSince,
      int crashesSince,
      int panicsSince,
      int lesserSince,
      int notKept) {}

  /// The reports of one rank that are held.
  private static final class Held {
    Report newest;
    Report longest;
    final long dueMicros;

    Held(Report first) {
      newest = first;
      longest = first;
      dueMicros = first.lastAtMicros + HELD_MICROS;
    }

    boolean has(Report report) {
      return newest == report || longest == report;
    }
  }

  private final LongAdder counted;
  private final LinkedHashMap<String, Seen> seen = new LinkedHashMap<>();
  private final @Nullable Held[] held = new Held[Rank.values().length];
  private final int[] publishedSince = new int[Rank.values().length];
  private long rateSinceMicros;
  private int notKept;
  private int keyChars;

  /// @param counted grows by each report that is only counted
  Repeats(LongAdder counted) {
    this.counted = counted;
  }

  /// Decides about a report that is complete enough to be read, and marks it `suppressed` where it
  /// is no new fault of this boot.
  ///
  /// @param follows whether it happened in a kernel that something else had damaged
  Verdict judge(Report report, Crash crash, boolean follows) {
    Rank rank = Rank.of(crash.severity());
    if (isRepeat(report, crash, follows, rank)) {
      counted.increment();
      return Verdict.COUNTED;
    }
    return rate(report, rank);
  }

  /// Decides once more about a report that was not published, now that its machine goes down.
  Verdict judgePanicked(Report report) {
    for (int i = 0; i < held.length; i++) {
      Held of = held[i];
      if (of != null && of.has(report)) {
        if (i == Rank.DOWN.index) {
          return Verdict.HELD;
        }
        remove(i, of, report);
      }
    }
    return rate(report, Rank.DOWN);
  }

  private void remove(int rank, Held of, Report report) {
    Report other = of.newest == report ? of.longest : of.newest;
    if (other == report) {
      held[rank] = null;
    } else {
      of.newest = other;
      of.longest = other;
    }
  }

  private Verdict rate(Report report, Rank rank) {
    if (Math.abs(report.lastAtMicros - rateSinceMicros) >= RATE_MICROS) {
      rateSinceMicros = report.lastAtMicros;
      Arrays.fill(publishedSince, 0);
    }
    if (publishedSince[rank.index] < rank.perMinute) {
      publishedSince[rank.index]++;
      report.notKeptBefore = notKept;
      notKept = 0;
      return Verdict.PUBLISHED;
    }
    return hold(report, rank.index);
  }

  private Verdict hold(Report report, int rank) {
    Held of = held[rank];
    if (of == null) {
      held[rank] = new Held(report);
      return Verdict.HELD;
    }
    Report newest = of.newest;
    Report longest = of.longest;
    if (report.head.place() > newest.head.place()) {
      of.newest = report;
    }
    if (report.lines.size() > longest.lines.size()) {
      of.longest = report;
    }
    if (!of.has(newest)) {
      drop();
    }
    if (longest != newest && !of.has(longest)) {
      drop();
    }
    if (!of.has(report)) {
      drop();
      return Verdict.COUNTED;
    }
    return Verdict.HELD;
  }

  private void drop() {
    notKept = notKept == Integer.MAX_VALUE ? notKept : notKept + 1;
    counted.increment();
  }

  private boolean isRepeat(Report report, Crash crash, boolean follows, Rank rank) {
    boolean plain = report.row.isPlain();
    String key = key(plain, crash);
    Seen before = seen.remove(key);
    keyChars -= before == null ? 0 : key.length();
    int times = before == null ? 1 : before.times == Integer.MAX_VALUE ? 1 << 30 : before.times + 1;
    int countedBefore = before == null ? 0 : before.counted;
    boolean repeat;
    if (plain) {
      repeat =
          before != null
              && Math.abs(report.head.received() - before.lastAt) < INCIDENT_QUIET_MICROS;
    } else {
      report.suppressed = times > 1 || follows;
      repeat =
          before != null
              && rank != Rank.DOWN
              && times > MAX_REPEATS
              && (countedBefore + 1 < times - countedBefore - 1
                  || Math.abs(report.lastAtMicros - before.publishedAt) < INCIDENT_QUIET_MICROS);
    }
    if (!repeat) {
      report.repeatsBefore = countedBefore;
    }
    seen.put(
        key,
        before != null && repeat
            ? new Seen(times, report.lastAtMicros, countedBefore + 1, before.publishedAt)
            : new Seen(times, report.lastAtMicros, 0, report.lastAtMicros));
    keyChars += key.length();
    if (seen.size() > MAX_REMEMBERED) {
      String oldest = seen.keySet().iterator().next();
      keyChars -= oldest.length();
      seen.remove(oldest);
    }
    return repeat;
  }

  private static String key(boolean plain, Crash crash) {
    String key =
        plain
            ? crash.kind()
                + " "
                + Objects.requireNonNullElse(crash.part(), "")
                + " "
                + crash.title()
            : String.valueOf(crash.signature());
    return key.length() <= MAX_KEY_CHARS ? key : Signatures.of(List.of(key));
  }

  /// When held reports are due; [Long#MAX_VALUE] for never.
  long deadlineMicros() {
    long due = Long.MAX_VALUE;
    for (Held of : held) {
      due = of == null ? due : Math.min(due, of.dueMicros);
    }
    return due;
  }

  boolean isHolding() {
    return deadlineMicros() != Long.MAX_VALUE;
  }

  /// Whether the report whose headline stands there is held.
  boolean hold(long position) {
    for (Held of : held) {
      if (of != null
          && (of.newest.head.place() == position || of.longest.head.place() == position)) {
        return true;
      }
    }
    return false;
  }

  /// Publishes the held reports that are due, the most severe first, each rank's in the order of
  /// their headlines.
  void advance(long nowMicros, Consumer<Report> to) {
    for (int i = 0; i < held.length; i++) {
      Held of = held[i];
      if (of == null || of.dueMicros > nowMicros) {
        continue;
      }
      held[i] = null;
      List<Report> due = new ArrayList<>(2);
      if (of.longest != of.newest && of.longest.head.place() < of.newest.head.place()) {
        due.add(of.longest);
      }
      due.add(of.newest);
      due.getLast().notKeptBefore = notKept;
      notKept = 0;
      due.forEach(to);
    }
  }

  /// The next boot begins: all is new again, but not more of it in a minute.
  void forget() {
    seen.clear();
    keyChars = 0;
    Arrays.fill(held, null);
  }

  /// Signatures remembered.
  int size() {
    return seen.size();
  }

  /// What it takes in memory at the most.
  long heldBytes() {
    long bytes = (long) seen.size() * KEY_BYTES + 2L * keyChars;
    for (Held of : held) {
      bytes += of == null ? 0 : of.newest.bytes() + of.longest.bytes();
    }
    return bytes;
  }

  Saved save() {
    return new Saved(
        new LinkedHashMap<>(seen),
        rateSinceMicros,
        publishedSince[Rank.ERROR.index],
        publishedSince[Rank.DOWN.index],
        publishedSince[Rank.LESSER.index],
        notKept);
  }

  void load(Saved saved) {
    forget();
    saved.seen.forEach(
        (key, times) -> {
          seen.put(key, times);
          keyChars += key.length();
        });
    rateSinceMicros = saved.rateSince;
    publishedSince[Rank.ERROR.index] = saved.crashesSince;
    publishedSince[Rank.DOWN.index] = saved.panicsSince;
    publishedSince[Rank.LESSER.index] = saved.lesserSince;
    notKept = saved.notKept;
  }
}
