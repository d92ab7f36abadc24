package lastwords.detect;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import lastwords.json.Json;
import lastwords.kernel.Boot;
import lastwords.kernel.Category;
import lastwords.kernel.Crash;
import lastwords.kernel.Event;
import lastwords.kernel.Gap;
import lastwords.kernel.KernelMessage;
import lastwords.kernel.Severity;
import org.jspecify.annotations.Nullable;

/// Recognises the crashes of one host in what it says.
///
/// Lines of several CPUs and tasks that report at once are told apart by `caller`, else by CPU and
/// task where the kernel sends them. A crash is handed out when nothing came for
/// [#TOLD_AFTER_QUIET_MICROS], at the latest [#TOLD_AFTER_MICROS] after its headline, and once more
/// under the same id when it is complete. A panic completes the fault that led to it. What one boot
/// has reported already is `suppressed` when it comes again, and only counted from the
/// [#MAX_REPEATS]th time on; a disk that fails a thousand times is one crash until it was quiet for
/// [#INCIDENT_QUIET_MICROS], and of [#MAX_CRASHES] in a minute the rest is only counted. What
/// programs write to `/dev/kmsg` is never a crash.
///
/// Belongs to one thread and reads no clock: time is the messages' receive time, and what
/// [#advance] is told.
public final class Detector {
  static final long TOLD_AFTER_QUIET_MICROS = 1_000_000;
  static final long TOLD_AFTER_MICROS = 2_000_000;
  static final long COMPLETE_AFTER_QUIET_MICROS = 5_000_000;

  /// A report that goes on for longer has lost its end.
  static final long MAX_OPEN_MICROS = 60_000_000;

  /// Reports open at once on one host; a machine whose every CPU reports is still read in full.
  static final int MAX_OPEN = 64;

  /// Lines kept for `last_words`, each as far as [Table#head].
  static final int MAX_LAST_WORDS = 50;

  /// How long a fault, by the host's own clock, explains the panic after it.
  static final long LEADS_TO_PANIC_MICROS = 60_000_000;

  static final int MAX_REPEATS = 8;

  static final long INCIDENT_QUIET_MICROS = 600_000_000;

  /// Crashes told in [#RATE_MICROS]; more are only counted.
  static final int MAX_CRASHES = 200;

  static final long RATE_MICROS = 60_000_000;

  /// Signatures remembered of one boot; more push out the one that was seen longest ago.
  private static final int MAX_REMEMBERED = 256;

  /// Closed reports remembered, to which a panic may still belong.
  private static final int MAX_RECENT = 8;

  /// Lines kept between `cut here` and a headline.
  private static final int MAX_PREFACE = 3;

  /// What of it survives a restart of the program.
  private record Saved(
      @Nullable String boot,
      @Nullable String release,
      boolean panicked,
      boolean announced,
      List<String> lastWords,
      List<Report.Saved> recent,
      Map<String, Seen> seen,
      long rateSince,
      int crashesSince,
      @Nullable String prefaceContext,
      List<String> preface) {}

  /// How often this boot reported something, and when last, by receive time.
  private record Seen(int times, long lastAt) {}

  /// Reports that newer kernels make with a `WARNING` of their own inside.
  private static final Set<String> WITHIN = Set.of("nic-tx-timeout", "slub", "vfs");

  private final Consumer<Crash> to;
  private final Counters counters;

  /// By context; a plain report by context and kind.
  private final Map<String, Report> open = new LinkedHashMap<>();

  private final ArrayDeque<String> lastWords = new ArrayDeque<>();
  private final ArrayDeque<Report> recent = new ArrayDeque<>();
  private final LinkedHashMap<String, Seen> seen = new LinkedHashMap<>();
  private @Nullable String boot;
  private @Nullable String release;
  private boolean panicked;
  private boolean announced;

  /// The context that said `cut here`, and its words since; null outside of such a preface.
  private @Nullable String prefaceContext;

  private final List<String> preface = new ArrayList<>();
  private long lastPosition = -1;
  private long rateSinceMicros;
  private int crashesSince;

  /// @param to is called on the thread of this detector, more than once for one id
  public Detector(Consumer<Crash> to, Counters counters) {
    this.to = to;
    this.counters = counters;
  }

  /// Takes what the host said next, in its order.
  public void accept(Event event) {
    switch (event) {
      case KernelMessage message -> message(message);
      case Gap gap -> gap(gap);
      case Boot next -> boot(next);
    }
  }

  /// Nothing was said until then.
  public void advance(long nowMicros) {
    for (Map.Entry<String, Report> entry : List.copyOf(open.entrySet())) {
      Report report = entry.getValue();
      if (due(report) > nowMicros) {
        continue;
      }
      if (report.ended || completeAt(report) <= nowMicros) {
        report.fellSilent = !report.ended;
        open.remove(entry.getKey());
        complete(report);
      } else {
        tell(report, false);
      }
    }
  }

  /// When [#advance] has something to do if nothing is said; [Long#MAX_VALUE] for never.
  public long deadlineMicros() {
    return open.values().stream().mapToLong(Detector::due).min().orElse(Long.MAX_VALUE);
  }

  /// True while no report is half seen, so that [#save] keeps everything.
  public boolean isAtRest() {
    return open.isEmpty();
  }

  /// What must survive a restart; meaningful only at rest.
  public byte[] save() {
    Saved saved =
        new Saved(
            boot,
            release,
            panicked,
            announced,
            List.copyOf(lastWords),
            recent.stream().map(Report::save).toList(),
            new LinkedHashMap<>(seen),
            rateSinceMicros,
            crashesSince,
            prefaceContext,
            List.copyOf(preface));
    return Json.write(saved).getBytes(java.nio.charset.StandardCharsets.UTF_8);
  }

  /// Goes on where [#save] was called.
  ///
  /// @throws IllegalArgumentException when these bytes are not from [#save]
  public void load(byte[] state) {
    Saved saved =
        Json.read(new String(state, java.nio.charset.StandardCharsets.UTF_8), Saved.class);
    forget();
    boot = saved.boot;
    release = saved.release;
    panicked = saved.panicked;
    announced = saved.announced;
    lastWords.addAll(saved.lastWords);
    seen.putAll(saved.seen);
    rateSinceMicros = saved.rateSince;
    crashesSince = saved.crashesSince;
    prefaceContext = saved.prefaceContext;
    preface.addAll(saved.preface);
    for (Report.Saved report : saved.recent) {
      Report loaded = Report.load(report);
      if (loaded != null) {
        recent.add(loaded);
      }
    }
  }

  /// The input is over: completes all that is open.
  public void end() {
    List<Report> all = List.copyOf(open.values());
    open.clear();
    all.forEach(this::complete);
  }

  private void boot(Boot next) {
    end();
    if (next.previous() != null && next.previous().equals(boot) && !panicked && !announced) {
      to.accept(Reading.reboot(next, release, lastWords));
    }
    forget();
    boot = next.id();
  }

  private void forget() {
    open.clear();
    lastWords.clear();
    recent.clear();
    seen.clear();
    preface.clear();
    prefaceContext = null;
    panicked = false;
    announced = false;
  }

  private void gap(Gap gap) {
    long lost = gap.lost() > 0 ? gap.lost() : gap.last() - gap.first() + 1;
    open.values().stream().filter(r -> !r.ended).forEach(r -> r.lose(lost));
  }

  private void message(KernelMessage message) {
    advance(message.receivedAtMicros());
    boot = message.boot();
    release = message.release() == null ? release : message.release();
    announced |= Farewell.isIn(message);
    String context = context(message);
    // Contexts may have clocks of their own, so that one that fell silent is left to go on.
    recent.removeIf(r -> !isRecent(r, message) && (!r.fellSilent || r.context.equals(context)));
    for (String line : message.text().split("\n", -1)) {
      if (message.facility() <= 0) {
        line(message, context, line);
      }
      if (lastWords.size() == MAX_LAST_WORDS) {
        lastWords.removeFirst();
      }
      lastWords.addLast(Table.head(line));
    }
  }

  /// Lines with the same context are one CPU's or task's, as far as the kernel tells.
  private static String context(KernelMessage message) {
    if (message.caller() != null) {
      return message.caller();
    }
    if (message.task() != null || message.cpu() >= 0) {
      return message.task() + "@" + message.cpu();
    }
    return message.uptimeMicros() >= 0 ? "console" : "";
  }

  private void line(KernelMessage message, String context, String line) {
    Report report = report(message, context, line);
    Row row = Table.find(line);
    if (row == null) {
      plainLine(message, context, line, report);
    } else if (row.isPlain()) {
      incident(message, context, line, row);
      add(report, message, line);
    } else if (row.is(Row.Trait.PANIC)) {
      panic(message, context, line, row, report);
    } else if (report != null && belongs(row, report)) {
      add(report, message, line);
    } else {
      begin(message, context, line, row, false);
    }
  }

  /// The report that lines of this context belong to, null where there is none.
  private @Nullable Report report(KernelMessage message, String context, String line) {
    Report report = open.get(context);
    if (report == null && context.startsWith("C")) {
      report =
          open.values().stream().filter(r -> r.awaitsCpus && !r.ended).findFirst().orElse(null);
    }
    if (report == null) {
      return resumed(message, context);
    }
    if (report.ended) {
      return null;
    }
    boolean quiet =
        message.uptimeMicros() - report.lastUptimeMicros > COMPLETE_AFTER_QUIET_MICROS
            && report.lastUptimeMicros >= 0;
    if (quiet || (report.hasStack && line.contains("[ cut here ]"))) {
      report.ended = true;
      return null;
    }
    return report;
  }

  /// The latest report of this context, where its lines only took long to get here: by the host's
  /// own clock nothing was quiet.
  private @Nullable Report resumed(KernelMessage message, String context) {
    if (recent.isEmpty()) {
      return null;
    }
    Report last = recent.getLast();
    long pause = message.uptimeMicros() - last.lastUptimeMicros;
    if (!last.fellSilent
        || !last.context.equals(context)
        || pause < 0
        || pause > COMPLETE_AFTER_QUIET_MICROS) {
      return null;
    }
    recent.removeLast();
    last.reopen(message.receivedAtMicros());
    open.put(context, last);
    return last;
  }

  private void plainLine(
      KernelMessage message, String context, String line, @Nullable Report report) {
    for (Map.Entry<String, Report> entry : open.entrySet()) {
      Report plain = entry.getValue();
      if (entry.getKey().startsWith(context + " ") && plain.row.owns(line)) {
        plain.add(message, line);
      }
    }
    if (report != null
        && line.startsWith("** replaying previous printk message **")
        && report.lines.size() == 1) {
      open.values().remove(report);
      return;
    }
    add(report, message, line);
    if (line.contains("[ cut here ]")) {
      prefaceContext = context;
      preface.clear();
    } else if (context.equals(prefaceContext) && preface.size() < MAX_PREFACE) {
      preface.add(line);
    }
  }

  private void add(@Nullable Report report, KernelMessage message, String line) {
    if (report == null) {
      return;
    }
    int before = report.linesLost;
    report.add(message, line);
    counters.linesDropped().add(report.linesLost - before);
  }

  /// True where a headline continues a report that has one: it hasn't come to its stack yet, or all
  /// is lost anyway.
  private static boolean belongs(Row row, Report report) {
    if (report.row.is(Row.Trait.PANIC) && row.category() != Category.OOPS) {
      return true;
    }
    if (report.hasStack || report.row.is(Row.Trait.PANIC)) {
      return report.row.kind().equals("rcu-stall") && row.kind().startsWith("rcu-");
    }
    return row.is(Row.Trait.SEQUEL)
        || (report.hasCaller() && report.row.stack() == Recipe.INTERRUPTED)
        || (row.kind().startsWith("rcu-") && report.row.kind().equals("rcu-stall"))
        || (row.kind().equals("bug-on") && report.row.kind().equals("rust-panic"))
        || (row.kind().equals("warning") && WITHIN.contains(report.row.kind()))
        || (row.kind().equals(report.row.kind()) && row.kind().equals("double-fault"));
  }

  private void panic(
      KernelMessage message, String context, String line, Row row, @Nullable Report report) {
    panicked = true;
    boolean own = report != null && !report.hasStack && leads(report.row);
    Report cause = own || row.is(Row.Trait.ECHO) ? cause(message, report) : null;
    if (cause == null) {
      begin(message, context, line, row, true);
      return;
    }
    Report here = open.get(context);
    if (here != null && here != cause) {
      open.remove(context);
      complete(here);
    }
    open.values().remove(cause);
    recent.remove(cause);
    open.put(context, cause);
    cause.panic(message, line);
  }

  /// The report that led to a panic: of the same context, else the latest.
  private @Nullable Report cause(KernelMessage message, @Nullable Report sameContext) {
    if (sameContext != null && leads(sameContext.row)) {
      return sameContext;
    }
    List<Report> all = new ArrayList<>(recent);
    all.addAll(open.values());
    for (Report report : all.reversed()) {
      if (isRecent(report, message)
          && report.row.severity().compareTo(Severity.WARNING) <= 0
          && leads(report.row)) {
        return report;
      }
    }
    return null;
  }

  private static boolean isRecent(Report report, KernelMessage message) {
    return message.uptimeMicros() < 0
        || report.lastUptimeMicros < 0
        || message.uptimeMicros() - report.lastUptimeMicros < LEADS_TO_PANIC_MICROS;
  }

  private static boolean leads(Row row) {
    return !row.is(Row.Trait.ONLY_WITH_STACK)
        && (row.category() == Category.OOPS
            || row.category() == Category.HARDWARE
            || row.kind().equals("oom-kill"));
  }

  private void incident(KernelMessage message, String context, String line, Row row) {
    String key = context + " " + row.kind();
    Report report = open.get(key);
    if (report != null) {
      report.add(message, line);
    } else {
      begin(message, key, line, row, false);
    }
  }

  private void begin(KernelMessage message, String key, String line, Row row, boolean always) {
    Report before = open.remove(key);
    if (before != null) {
      complete(before);
    }
    if (message.position() == lastPosition && !always) {
      return;
    }
    lastPosition = message.position();
    if (open.size() >= MAX_OPEN) {
      Report oldest = open.values().iterator().next();
      open.values().remove(oldest);
      counters.reportsCutShort().increment();
      complete(oldest);
    }
    String said = key.equals(prefaceContext) ? String.join("\n", preface) : "";
    prefaceContext = null;
    counters.reports().increment();
    open.put(
        key,
        new Report(
            row, context(message), Report.Head.of(message), line, List.copyOf(lastWords), said));
  }

  private static long tellAt(Report report) {
    return Math.min(
        report.newsAtMicros + TOLD_AFTER_MICROS, report.lastAtMicros + TOLD_AFTER_QUIET_MICROS);
  }

  private static long completeAt(Report report) {
    return Math.min(
        report.newsAtMicros + MAX_OPEN_MICROS, report.lastAtMicros + COMPLETE_AFTER_QUIET_MICROS);
  }

  private static long due(Report report) {
    return report.told && !report.ended ? completeAt(report) : tellAt(report);
  }

  private void complete(Report report) {
    report.ended = true;
    tell(report, true);
    if (leads(report.row)) {
      recent.remove(report);
      recent.addLast(report);
      if (recent.size() > MAX_RECENT) {
        recent.removeFirst();
      }
    }
  }

  private void tell(Report report, boolean complete) {
    report.told = true;
    Crash crash = Reading.of(report, complete);
    if (!Reading.isCrash(report, crash)) {
      return;
    }
    if (!report.judged) {
      report.judged = true;
      report.repeat = isRepeat(report, crash) || !isWithinRate(report.lastAtMicros);
      (report.repeat ? counters.repeats() : counters.crashes()).increment();
      crash = report.suppressed ? Reading.of(report, complete) : crash;
    }
    boolean ledToPanic = report.panicFrom > 0 && isWithinRate(report.lastAtMicros);
    if (!report.repeat || ledToPanic) {
      to.accept(crash);
    }
  }

  /// False for more crashes than any machine in trouble has to tell.
  private boolean isWithinRate(long nowMicros) {
    if (nowMicros - rateSinceMicros >= RATE_MICROS) {
      rateSinceMicros = nowMicros;
      crashesSince = 0;
    }
    return crashesSince++ < MAX_CRASHES;
  }

  /// Remembers that this was reported; true where it has been too often to tell again.
  private boolean isRepeat(Report report, Crash crash) {
    boolean plain = report.row.isPlain();
    String key =
        plain
            ? crash.kind() + " " + crash.attrs().getOrDefault("device", "") + " " + crash.title()
            : String.valueOf(crash.signature());
    Seen before = seen.remove(key);
    int times = before == null ? 1 : before.times + 1;
    seen.put(key, new Seen(times, report.lastAtMicros));
    if (seen.size() > MAX_REMEMBERED) {
      seen.remove(seen.keySet().iterator().next());
    }
    if (plain) {
      return before != null && report.head.received() - before.lastAt < INCIDENT_QUIET_MICROS;
    }
    report.suppressed = times > 1 || follows(report, crash);
    return times > MAX_REPEATS;
  }

  /// True for what happens in a kernel that was damaged a moment ago.
  private boolean follows(Report report, Crash crash) {
    if (crash.tainted() == null || !crash.tainted().contains("D")) {
      return false;
    }
    return recent.stream()
        .anyMatch(
            r ->
                r != report
                    && r.row.category() == Category.OOPS
                    && r.row.severity().compareTo(Severity.ERROR) <= 0
                    && report.head.uptime() - r.lastUptimeMicros < LEADS_TO_PANIC_MICROS);
  }
}
