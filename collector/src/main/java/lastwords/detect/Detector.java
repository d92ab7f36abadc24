package lastwords.detect;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import lastwords.json.Json;
import lastwords.kernel.Boot;
import lastwords.kernel.Category;
import lastwords.kernel.Crash;
import lastwords.kernel.Event;
import lastwords.kernel.Gap;
import lastwords.kernel.KernelMessage;
import lastwords.kernel.Position;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Recognises the crashes of one host in what it says.
///
/// Each line goes to the report it belongs to or begins one: [OpenReports] are those being
/// collected, [Causes] those closed that may lead to a panic, [Repeats] decides what is told again,
/// and [Weaving] tells lines apart that the kernel did not. Lines of several CPUs and tasks that
/// report at once are told apart by `caller`, else by CPU and task where the kernel sends them.
///
/// A crash is handed out when nothing came for [OpenReports#TOLD_AFTER_QUIET_MICROS], at the latest
/// [OpenReports#TOLD_AFTER_MICROS] after its headline, and once more under the same id when it is
/// complete. A panic completes the fault that led to it. What programs write to `/dev/kmsg` is
/// never a crash.
///
/// Belongs to one thread and reads no clock: time is the messages' receive time, and what
/// [#advance] is told.
public final class Detector {
  /// What of it survives a restart of the program.
  private record Saved(
      @Nullable String boot,
      @Nullable String release,
      boolean panicked,
      Farewell.@Nullable Saved farewell,
      List<String> lastWords,
      @Nullable List<Report.Saved> closed,
      Repeats.@Nullable Saved repeats,
      Preface.@Nullable Saved openPreface,
      long number,
      int linesSinceClosed,
      @Nullable Long lastPosition) {}

  /// What an access to memory that isn't there is reported as.
  private static final Set<String> FAULTS = Set.of("page-fault", "null-deref", "gpf");

  /// Reports that newer kernels make with a `WARNING` of their own inside.
  private static final Set<String> WITHIN = Set.of("nic-tx-timeout", "slub", "vfs");

  /// What a signature that was told takes in memory.
  private static final int REPEAT_BYTES = 160;

  private static final Logger LOG = LoggerFactory.getLogger(Detector.class);

  private final Consumer<Crash> to;
  private final BiFunction<Report, Boolean, Crash> reading;
  private final Counters counters;
  private final Budget budget;
  private final OpenReports open = new OpenReports();
  private final Causes causes;
  private final Repeats repeats = new Repeats();
  private final Weaving weaving = new Weaving();
  private final LastWords lastWords = new LastWords();
  private final Preface preface = new Preface();
  private final Farewell farewell = new Farewell();
  private @Nullable String boot;
  private @Nullable String release;

  /// A panic of this boot was told.
  private boolean panicked;

  private long lastPosition = -1;

  /// Whether the log has said already that a report of this host can't be read.
  private boolean complained;

  /// Lines said, as far as they got here.
  private long number;

  /// Lines of the kernel that were looked at, not only remembered.
  private long linesLookedAt;

  /// Lines of reports that were read to make crashes of them, each time they were.
  private long linesRead;

  /// @param to is called on the thread of this detector, more than once for one id
  public Detector(Consumer<Crash> to, Counters counters) {
    this(to, counters, new Budget());
  }

  /// @param budget shared with the other hosts' detectors
  public Detector(Consumer<Crash> to, Counters counters, Budget budget) {
    this(to, counters, budget, Reading::of);
  }

  /// @param reading makes a crash of a report, which is complete or not
  Detector(
      Consumer<Crash> to,
      Counters counters,
      Budget budget,
      BiFunction<Report, Boolean, Crash> reading) {
    this.to = to;
    this.reading = reading;
    this.counters = counters;
    this.budget = budget;
    this.causes = new Causes(budget);
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
    open.advance(
        nowMicros,
        (report, complete) -> {
          if (complete) {
            complete(report);
          } else {
            tell(report, false);
          }
        });
  }

  /// When [#advance] has something to do if nothing is said; [Long#MAX_VALUE] for never.
  public long deadlineMicros() {
    return open.deadlineMicros();
  }

  /// True while no report is half seen, so that [#save] keeps everything.
  public boolean isAtRest() {
    return open.isEmpty();
  }

  /// Whether the next line has to be looked at even if the [Gate] would only have it remembered.
  boolean isAlert() {
    return open.awaitLines(number) || preface.isOpen() || causes.mayGoOn();
  }

  /// Whether nothing can be told any more of the crash whose headline stood there.
  boolean isSettled(long position) {
    return open.list().stream().noneMatch(r -> r.head.place() == position)
        && !causes.hold(position);
  }

  /// Lines of the kernel that were looked at, and lines that were read to make crashes of them:
  /// what there was to do.
  long work() {
    return linesLookedAt + linesRead;
  }

  /// Lines and values held of what the host said.
  long held() {
    return open.held() + causes.held() + lastWords.size() + repeats.size() + preface.size();
  }

  /// Bytes held of what the host said, without reports, of which the [Budget] knows; estimated.
  public long heldBytes() {
    return lastWords.heldBytes() + (long) repeats.size() * REPEAT_BYTES;
  }

  /// Gives back what it has of the budget of all hosts; it is not used again.
  public void leave() {
    forget();
  }

  /// What must survive a restart; meaningful only at rest.
  public byte[] save() {
    Saved saved =
        new Saved(
            boot,
            release,
            panicked,
            farewell.save(),
            lastWords.list(),
            causes.save(),
            repeats.save(),
            preface.save(),
            number,
            causes.linesSince(),
            lastPosition);
    return Json.write(saved).getBytes(StandardCharsets.UTF_8);
  }

  /// Goes on where [#save] was called.
  ///
  /// @throws IllegalArgumentException when these bytes are not from [#save]
  public void load(byte[] state) {
    Saved saved = Json.read(new String(state, StandardCharsets.UTF_8), Saved.class);
    forget();
    boot = saved.boot;
    release = saved.release;
    panicked = saved.panicked;
    lastWords.addAll(saved.lastWords);
    if (saved.farewell == null
        || saved.repeats == null
        || saved.openPreface == null
        || saved.closed == null) {
      return; // an older program's: which boot it is and what it last said is what matters most
    }
    farewell.load(saved.farewell);
    repeats.load(saved.repeats);
    preface.load(saved.openPreface);
    for (Report.Saved report : saved.closed) {
      Report loaded = Report.load(report);
      if (loaded != null) {
        budget.hold(loaded, this);
        causes.add(loaded);
      }
    }
    causes.goOn(saved.linesSinceClosed);
    number = saved.number;
    lastPosition = saved.lastPosition == null ? -1 : saved.lastPosition;
  }

  /// The input is over: completes all that is open.
  public void end() {
    for (Report report : open.list()) {
      // What is not yet told stays open, for isSettled to know of it.
      if (open.remove(report)) {
        complete(report);
      }
    }
  }

  /// The budget of all hosts needs the room of this report.
  void giveUp(Report report) {
    weaving.over(report);
    if (open.remove(report)) {
      counters.reportsCutShort().increment();
      report.ended = true;
      tell(report, true);
    } else {
      causes.remove(report);
    }
  }

  private void boot(Boot next) {
    end();
    if (next.previous() != null
        && next.previous().equals(boot)
        && !panicked
        && !farewell.isSaid()) {
      to.accept(Reading.reboot(next, release, lastWords.list()));
    }
    forget();
    boot = next.id();
  }

  private void forget() {
    open.list().forEach(budget::free);
    open.clear();
    causes.forget();
    weaving.forget();
    lastWords.clear();
    repeats.forget();
    preface.forget();
    panicked = false;
    farewell.forget();
  }

  private void gap(Gap gap) {
    long lost = gap.lost() > 0 ? gap.lost() : gap.last() - gap.first() + 1;
    open.list().stream().filter(r -> !r.ended).forEach(r -> r.lose(lost));
  }

  private void message(KernelMessage message) {
    advance(message.receivedAtMicros());
    boot = message.boot();
    release = message.release() == null ? release : message.release();
    String text = message.text();
    if (!isAlert() && !Gate.passes(message)) {
      farewell.hear(message, false);
      remember(text);
      return;
    }
    farewell.hear(message, true);
    String context = context(message);
    causes.passOn(message, context, number + 1);
    int from = 0;
    while (from <= text.length()) {
      int end = text.indexOf('\n', from);
      String line = end < 0 ? text.substring(from) : text.substring(from, end);
      if (message.facility() <= 0) {
        number++;
        linesLookedAt++;
        line(message, context, line);
      }
      lastWords.add(line);
      from = end < 0 ? text.length() + 1 : end + 1;
    }
  }

  private void remember(String text) {
    number++;
    if (text.indexOf('\n') < 0) {
      lastWords.add(text);
    } else {
      text.lines().forEach(lastWords::add);
    }
  }

  /// Lines with the same context are one CPU's or task's, as far as the kernel tells.
  private static String context(KernelMessage message) {
    String caller = message.caller();
    if (caller != null) {
      // Android's T123@C4: the task, wherever it runs.
      int at = caller.indexOf('@');
      return at > 0 ? caller.substring(0, at) : caller;
    }
    if (message.task() != null || message.cpu() >= 0) {
      return message.task() + "@" + message.cpu();
    }
    return message.uptimeMicros() >= 0 ? "console" : "";
  }

  /// Whether nothing says which CPU or task printed a message.
  private static boolean isUnnamed(KernelMessage message) {
    return message.caller() == null && message.task() == null && message.cpu() < 0;
  }

  private void line(KernelMessage message, String context, String line) {
    Report report = report(message, context, line);
    Row row = Table.find(line);
    if (row != null && row.is(Row.Trait.FROM_FILES) && !message.boot().isEmpty()) {
      row = null;
    }
    if (row == null) {
      plainLine(message, context, line, report);
    } else if (row.isPlain()) {
      incident(message, context, line, row);
      add(report, message, line);
    } else if (row.is(Row.Trait.PANIC)) {
      panic(message, context, line, row, report);
    } else if (report != null && belongs(row, report, line)) {
      if (row.is(Row.Trait.SEQUEL) && weaving.isOf(report)) {
        weaving.doubt();
      }
      report.mayHoldOthers |= row.is(Row.Trait.SEQUEL) && isUnnamed(message);
      add(report, message, line);
    } else if (report == null && row.is(Row.Trait.AFTERWORD) && hasTold(context, row)) {
      plainLine(message, context, line, null);
    } else if (report != null && report.isReplayedBy(line)) {
      report.replaying = false;
    } else if (report != null && said(row, report) && report.judged) {
      add(report, message, line);
    } else {
      if (report != null && said(row, report)) {
        open.remove(report);
        budget.free(report);
      }
      begin(message, context, line, row, false);
    }
  }

  private boolean hasTold(String context, Row row) {
    Report before = open.of(context);
    return before != null && before.row.kind().equals(row.kind());
  }

  /// True where a warning has just begun and this is what it warns of: old kernels say so after the
  /// headline.
  private static boolean said(Row row, Report report) {
    return report.row.kind().equals("warning")
        && !report.hasStack
        && report.lines.size() <= Preface.MAX_LINES
        && (WITHIN.contains(row.kind()) || row.kind().equals("hard-lockup"));
  }

  /// The report that lines of this context belong to, null where there is none.
  private @Nullable Report report(KernelMessage message, String context, String line) {
    Report report = open.of(context);
    if (report == null && context.startsWith("C")) {
      report = open.awaitingCpus();
    }
    if (report == null) {
      return late(message, context, line);
    }
    if (report.ended) {
      return report.isSummedUpBy(line) ? report : null;
    }
    boolean quiet =
        report.lastUptimeMicros >= 0
            && message.uptimeMicros() - report.lastUptimeMicros
                > OpenReports.COMPLETE_AFTER_QUIET_MICROS
            && !report.isContinuedBy(line, number);
    report.cut = report.hasStack && line.contains(Preface.CUT_HERE);
    if (quiet || report.cut) {
      report.ended = true;
      open.changed(report);
      return null;
    }
    return report;
  }

  private @Nullable Report late(KernelMessage message, String context, String line) {
    Report late = causes.late(message, context, line, number);
    if (late != null) {
      late.reopen(message.receivedAtMicros());
      open.put(context, late);
    }
    return late;
  }

  private void plainLine(
      KernelMessage message, String context, String line, @Nullable Report report) {
    if (!open.isEmpty()) {
      for (Report plain : open.owners(context, line)) {
        add(plain, message, line);
      }
    }
    if (report != null && line.startsWith(Preface.REPLAYING) && report.lines.size() == 1) {
      if (report.judged) {
        report.replaying = true;
        add(report, message, line);
      } else {
        open.remove(report);
        budget.free(report);
      }
      return;
    }
    if (report == null && isUnnamed(message)) {
      leftOver(context, line);
    }
    if (report == null && weaving.mayEndFirst() && isUnnamed(message)) {
      if (weaving.endsFirst(line)) {
        weaving.owners(line).forEach(owner -> add(owner, message, line));
      }
    } else if (weaving.isOf(report)) {
      weaving.owners(line).forEach(owner -> add(owner, message, line));
    } else {
      add(report, message, line);
    }
    preface.add(context, line);
  }

  /// A line that no report awaits, but one that is over should have had.
  private void leftOver(String context, String line) {
    Report over = open.of(context);
    if (over != null && over.mayHoldOthers && !over.woven && Weaving.isLeftOver(line)) {
      over.woven = true;
    }
  }

  private void add(@Nullable Report report, KernelMessage message, String line) {
    if (report == null) {
      return;
    }
    int lostBefore = report.linesLost;
    long bytesBefore = report.bytes();
    report.add(message, line, number);
    counters.linesDropped().add(report.linesLost - lostBefore);
    open.changed(report);
    budget.grew(report, report.bytes() - bytesBefore);
  }

  /// True where a headline continues a report that has one: it hasn't come to its stack yet, or all
  /// is lost anyway.
  private static boolean belongs(Row row, Report report, String line) {
    if ((report.row.is(Row.Trait.PANIC) && row.category() != Category.OOPS)
        || (row.is(Row.Trait.CONTINUES) && row.kind().equals(report.row.kind()))) {
      return true;
    }
    if (report.hasStack || report.row.is(Row.Trait.PANIC)) {
      return report.row.kind().equals("rcu-stall") && row.kind().startsWith("rcu-");
    }
    return (row.is(Row.Trait.SEQUEL) && report.fits(line))
        || (row.kind().equals(report.row.kind()) && report.lines.getLast().contains(" [inline]"))
        || (report.hasCaller() && isInterruptedBy(row, report))
        || (row.kind().startsWith("rcu-") && report.row.kind().equals("rcu-stall"))
        || (row.kind().equals("bug-on") && report.row.kind().equals("rust-panic"))
        || (row.kind().equals("warning") && WITHIN.contains(report.row.kind()))
        || (row.kind().equals(report.row.kind()) && row.kind().equals("double-fault"));
  }

  /// Stalls are reported from within what else goes wrong; lockdep, told lies, reads what isn't
  /// there.
  private static boolean isInterruptedBy(Row row, Report report) {
    return report.row.stack() == Recipe.INTERRUPTED
        || (report.row.kind().equals("lockdep") && FAULTS.contains(row.kind()));
  }

  private void panic(
      KernelMessage message, String context, String line, Row row, @Nullable Report report) {
    boolean own = report != null && !report.hasStack && Causes.leads(report.row);
    Report cause =
        own || row.is(Row.Trait.ECHO)
            ? causes.of(message, number, line, report, open.list())
            : null;
    if (cause == null) {
      begin(message, context, line, row, true);
      return;
    }
    Report here = open.of(context);
    if (here != null && here != cause) {
      open.remove(here);
      complete(here);
    }
    open.remove(cause);
    causes.remove(cause);
    long bytesBefore = cause.bytes();
    cause.panic(message, line, number);
    open.put(context, cause);
    budget.grew(cause, cause.bytes() - bytesBefore);
  }

  private void incident(KernelMessage message, String context, String line, Row row) {
    Affected affected = Affected.by(row, line);
    Report report = open.plain(context, row.kind(), affected);
    if (report != null) {
      report.affected = report.affected.and(affected);
      add(report, message, line);
    } else {
      begin(message, context, line, row, false);
    }
  }

  private void begin(KernelMessage message, String context, String line, Row row, boolean always) {
    Report before = open.take(context, row);
    boolean sameMessage = message.position() == lastPosition && !always;
    boolean woven =
        before != null
            && !sameMessage
            && (!before.ended || before.cut)
            && isUnnamed(message)
            && !row.isPlain()
            && !row.is(Row.Trait.PANIC)
            && Weaving.isOther(before, row, line);
    boolean overlaps = before != null && isUnnamed(message) && Weaving.mayHold(row, before);
    if (before != null && !woven) {
      before.woven |= before.ended && before.mayHoldOthers && row.is(Row.Trait.SEQUEL);
      complete(before);
    }
    if (sameMessage) {
      return;
    }
    lastPosition = message.position();
    boolean third = false;
    if (before != null && woven) {
      // It stays open: what is completed meanwhile must not make it look settled.
      before.ended = false;
      Report aside = open.setAside(context, before);
      if (aside != null) {
        // A third: lines of the first may follow that would be taken for another's.
        third = !aside.ended;
        aside.woven |= third;
        before.woven |= third;
        complete(aside);
      }
    }
    if (open.isFull()) {
      Report oldest = open.oldest();
      open.remove(oldest);
      counters.reportsCutShort().increment();
      complete(oldest);
    }
    String said = preface.take(context);
    said = row.isPlain() ? "" : said;
    counters.reports().increment();
    Report report =
        new Report(row, context, Report.Head.of(message), number, line, lastWords.list(), said);
    open.put(context, report);
    budget.hold(report, this);
    report.woven = third;
    report.mayHoldOthers = overlaps;
    if (before != null && woven && !before.ended) {
      weaving.begin(before, report);
    }
  }

  private void complete(Report report) {
    weaving.over(report);
    report.ended = true;
    tell(report, true);
    if (Causes.leads(report.row)) {
      causes.add(report);
    } else {
      budget.free(report);
    }
  }

  private void tell(Report report, boolean complete) {
    report.told = true;
    Crash crash = read(report, complete);
    if (!Lookalike.isCrash(report, crash)) {
      return;
    }
    if (!report.judged) {
      report.judged = true;
      boolean follows =
          crash.tainted() != null && crash.tainted().contains("D") && causes.damagedBefore(report);
      report.repeat = repeats.judge(report, crash, follows);
      (report.repeat ? counters.repeats() : counters.crashes()).increment();
      crash = report.suppressed ? read(report, complete) : crash;
    }
    boolean ledToPanic = report.panicFrom > 0 && repeats.isWithinRate(report);
    if (!report.repeat || ledToPanic) {
      panicked |= report.panicked();
      to.accept(crash);
    }
  }

  /// A report that can't be read is told by its headline: it must not take other crashes with it.
  private Crash read(Report report, boolean complete) {
    linesRead += report.lines.size();
    try {
      return reading.apply(report, complete);
    } catch (RuntimeException e) {
      if (!report.unreadable) {
        report.unreadable = true;
        counters.unreadable().increment();
        // Once for a host: somebody may know a text that does it.
        if (!complained) {
          complained = true;
          LOG.warn(
              "{}: the report at {} can't be read and is told by its headline",
              report.head.host(),
              Position.text(report.head.place()),
              e);
        }
      }
      return Reading.headlineOf(report, complete);
    }
  }
}
