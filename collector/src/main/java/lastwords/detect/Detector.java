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
      ShutdownMessage.@Nullable Saved farewell,
      List<String> lastWords,
      @Nullable List<Report.Saved> closed,
      Repeats.@Nullable Saved repeats,
      Preface.@Nullable Saved openPreface,
      long number,
      int linesSinceClosed,
      @Nullable Long lastPosition,
      @Nullable Panicked lastPanic,
      @Nullable Restarted restarted) {}

  /// The last panic of this boot that was published: when its headline was received, and the number
  /// of the last line before it was published.
  private record Panicked(long at, long line) {}

  /// A restart that nothing announced, while messages may still show that there was none.
  ///
  /// @param endedAt when the last message of the boot before it was received
  /// @param messages how many messages of the new boot there were
  /// @param bytes what the crash takes in memory at the most
  private record Restarted(Crash crash, long endedAt, int messages, long bytes) {}

  /// What an access to memory that isn't there is reported as.
  private static final Set<String> FAULTS = Set.of("page-fault", "null-deref", "gpf");

  /// Reports that newer kernels make with a `WARNING` of their own inside.
  private static final Set<String> WITHIN = Set.of("nic-tx-timeout", "slub", "vfs");

  /// What a detector takes in memory without what it remembers.
  private static final int OVERHEAD = 1_000;

  /// Lines of the kernel after its panic, all CPUs' stacks among them. A machine that prints more
  /// has not gone down.
  static final int PANIC_LINES = 3 * Report.MAX_LINES;

  /// How long a machine may print lines after its panic. Later ones are of a machine that has not
  /// gone down, so that a restart after them is one that nothing announced.
  static final long PANIC_MICROS = 600_000_000;

  /// By how much a host's clock and the collector's may drift apart before a kernel's uptime
  /// contradicts a restart.
  static final long DRIFT_MICROS = 120_000_000;

  /// Messages of a new boot that may contradict it. The first of a host that did not restart does.
  static final int CONTRADICTED_WITHIN = 64;

  private static final Logger LOG = LoggerFactory.getLogger(Detector.class);

  private final Consumer<Crash> to;
  private final BiFunction<Report, Boolean, Crash> reading;
  private final Counters counters;
  private final Budget budget;
  private final OpenReports open = new OpenReports();
  private final Causes causes;
  private final Repeats repeats;
  private final Weaving weaving = new Weaving();
  private final LastWords lastWords = new LastWords();
  private final Preface preface = new Preface();
  private final ShutdownMessage shutdown = new ShutdownMessage();
  private @Nullable String boot;
  private @Nullable String release;

  /// A panic of this boot was published, and explains its end; null for none.
  private @Nullable Panicked panicked;

  private @Nullable Restarted restarted;

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
    this(
        to,
        counters,
        budget,
        (report, complete) -> Reading.of(report, complete, counters.crashesCut()));
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
    this.repeats = new Repeats(counters.repeats());
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
    if (open.isIdleUntil(nowMicros) && !repeats.isHolding()) {
      return;
    }
    // In the order in which they are due, however seldom this is called: what is published of a
    // flood depends on it, and must be the same when the log is read again.
    for (long due = deadlineMicros(); due <= nowMicros; due = deadlineMicros()) {
      open.advance(
          due,
          (report, complete) -> {
            if (complete) {
              complete(report);
            } else {
              tell(report, false);
            }
          });
      repeats.advance(due, this::publishHeld);
    }
  }

  /// When [#advance] has something to do if nothing is said; [Long#MAX_VALUE] for never.
  public long deadlineMicros() {
    return Math.min(open.deadlineMicros(), repeats.deadlineMicros());
  }

  /// True while no report is half seen or held, so that [#save] keeps everything.
  public boolean isAtRest() {
    return open.isEmpty() && !repeats.isHolding();
  }

  /// Whether the next line has to be looked at even if the [Gate] would only have it remembered.
  boolean isAlert() {
    return open.awaitLines(number) || preface.isOpen() || causes.mayGoOn();
  }

  /// Whether nothing can be told any more of the crash whose headline stood there.
  boolean isSettled(long position) {
    return open.list().stream().noneMatch(r -> r.head.place() == position)
        && !causes.hold(position)
        && !repeats.hold(position);
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

  /// Bytes of heap that this detector holds, at the most.
  public long heldBytes() {
    return OVERHEAD
        + lastWords.heldBytes()
        + repeats.heldBytes()
        + preface.heldBytes()
        + budget.bytes(this)
        + (restarted == null ? 0 : restarted.bytes);
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
            panicked != null,
            shutdown.save(),
            lastWords.list(),
            causes.save(),
            repeats.save(),
            preface.save(),
            number,
            causes.linesSince(),
            lastPosition,
            panicked,
            restarted);
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
    panicked =
        saved.lastPanic != null || !saved.panicked
            ? saved.lastPanic
            : new Panicked(Long.MAX_VALUE, saved.number);
    restarted = saved.restarted;
    lastWords.addAll(saved.lastWords);
    if (saved.farewell == null
        || saved.repeats == null
        || saved.openPreface == null
        || saved.closed == null) {
      return; // an older program's: which boot it is and what it last said is what matters most
    }
    shutdown.load(saved.farewell);
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
    repeats.advance(Long.MAX_VALUE, this::publishHeld);
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
    Crash restart =
        next.previous() != null && next.previous().equals(boot) && panicked == null
            ? Reading.restart(next, release, lastWords.list(), shutdown)
            : null;
    long lastWordsBytes = lastWords.heldBytes() + OVERHEAD;
    forget();
    boot = next.id();
    if (restart != null) {
      to.accept(restart);
      restarted =
          restart.kind().equals(Reading.REBOOT) && next.previousEndedAtMicros() >= 0
              ? new Restarted(restart, next.previousEndedAtMicros(), 0, lastWordsBytes)
              : null;
    }
  }

  /// Looks whether a kernel that was up before the restart still runs, so that there was none: what
  /// looked like its first message was made up, or another machine's with the same address.
  private void contradict(Restarted before, KernelMessage message) {
    long startedAt = message.receivedAtMicros() - message.uptimeMicros();
    boolean contradicted = message.uptimeMicros() >= 0 && startedAt < before.endedAt - DRIFT_MICROS;
    if (contradicted) {
      to.accept(Reading.contradicted(before.crash));
    }
    restarted =
        contradicted || before.messages >= CONTRADICTED_WITHIN
            ? null
            : new Restarted(before.crash, before.endedAt, before.messages + 1, before.bytes);
  }

  private void forget() {
    open.list().forEach(budget::free);
    open.clear();
    causes.forget();
    weaving.forget();
    lastWords.clear();
    repeats.forget();
    preface.forget();
    panicked = null;
    restarted = null;
    shutdown.forget();
  }

  private void gap(Gap gap) {
    long lost = gap.lost() > 0 ? gap.lost() : gap.last() - gap.first() + 1;
    open.list().stream().filter(r -> !r.ended).forEach(r -> r.lose(lost));
  }

  private void message(KernelMessage message) {
    advance(message.receivedAtMicros());
    boot = message.boot();
    if (message.release() != null) {
      release = Bounds.head(message.release(), Bounds.MAX_RELEASE_BYTES);
    }
    if (restarted != null) {
      contradict(restarted, message);
    }
    if (panicked != null
        && (message.receivedAtMicros() - PANIC_MICROS > panicked.at
            || number - PANIC_LINES > panicked.line)) {
      panicked = null;
    }
    String text = message.text();
    if (!isAlert() && !Gate.passes(message)) {
      shutdown.accept(message, false);
      remember(text);
      return;
    }
    shutdown.accept(message, true);
    String context = context(message);
    causes.passOn(message, context, number + 1);
    int from = 0;
    while (from <= text.length()) {
      int end = text.indexOf('\n', from);
      String line = end < 0 ? text.substring(from) : text.substring(from, end);
      if (message.facility() <= 0) {
        number++;
        linesLookedAt++;
        tryLine(message, context, line);
      }
      lastWords.add(line);
      from = end < 0 ? text.length() + 1 : end + 1;
    }
  }

  /// A line whose patterns need more stack than there is costs that line only.
  private void tryLine(KernelMessage message, String context, String line) {
    try {
      line(message, context, line);
    } catch (StackOverflowError e) {
      counters.unreadable().increment();
      complain(message.host(), message.position(), e);
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
    String context = wholeContext(message);
    return context.length() <= Bounds.MAX_CONTEXT_CHARS
        ? context
        : Bounds.head(context, Bounds.MAX_CONTEXT_CHARS);
  }

  private static String wholeContext(KernelMessage message) {
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
    int cutBefore = report.linesCut();
    long bytesBefore = report.bytes();
    report.add(message, line, number);
    counters.linesDropped().add(report.linesLost - lostBefore);
    counters.linesCut().add(report.linesCut() - cutBefore);
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
      Report least = open.least();
      open.remove(least);
      counters.reportsCutShort().increment();
      complete(least);
    }
    String said = preface.take(context);
    said = row.isPlain() ? "" : said;
    counters.reports().increment();
    Report report =
        new Report(row, context, Report.Head.of(message), number, line, lastWords.list(), said);
    counters.linesCut().add(report.linesCut());
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
    report.completed = complete;
    Crash crash = read(report, complete);
    if (!Lookalike.isCrash(report, crash)) {
      return;
    }
    if (!report.judged) {
      report.judged = true;
      boolean follows =
          crash.tainted() != null && crash.tainted().contains("D") && causes.damagedBefore(report);
      ruled(report, repeats.judge(report, crash, follows));
      boolean reads = report.suppressed || report.repeatsBefore > 0 || report.notKeptBefore > 0;
      crash = reads ? read(report, complete) : crash;
    } else if (report.repeat && report.panicFrom > 0) {
      ruled(report, repeats.judgePanicked(report));
    }
    if (!report.repeat) {
      publish(report, crash);
    }
  }

  private void ruled(Report report, Repeats.Verdict verdict) {
    report.repeat = verdict != Repeats.Verdict.PUBLISHED;
    if (!report.repeat) {
      counters.crashes().increment();
    }
  }

  private void publishHeld(Report report) {
    report.repeat = false;
    counters.crashes().increment();
    publish(report, read(report, report.completed));
  }

  private void publish(Report report, Crash crash) {
    long headlineAt = report.head.received();
    if (report.panicked() && report.lastAtMicros - PANIC_MICROS <= headlineAt) {
      panicked = new Panicked(headlineAt, number);
    }
    to.accept(crash);
  }

  /// A report that can't be read is published by its headline: it must not take other crashes with
  /// it.
  private Crash read(Report report, boolean complete) {
    linesRead += report.lines.size();
    try {
      return reading.apply(report, complete);
    } catch (RuntimeException | StackOverflowError e) {
      if (!report.unreadable) {
        report.unreadable = true;
        counters.unreadable().increment();
        complain(report.head.host(), report.head.place(), e);
      }
      return Reading.headlineOf(report, complete);
    }
  }

  /// Logs what can't be read, once for a host: a sender may know a text that does it.
  private void complain(String host, long place, Throwable e) {
    if (!complained) {
      complained = true;
      LOG.warn(
          "{}: what begins at {} can't be read; a report is published by its headline, a line is"
              + " passed over",
          host,
          Position.text(place),
          e);
    }
  }
}
