package lastwords.detect;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import lastwords.kernel.HostSource;
import lastwords.kernel.KernelMessage;
import org.jspecify.annotations.Nullable;

/// One report while it is being collected: the headline and the lines after it.
final class Report {
  /// Lines kept of one report; a backtrace of many CPUs is the longest that real kernels print.
  static final int MAX_LINES = 2_000;

  /// How often a report that was told may go on with what came later. A panic after an oops needs
  /// one; more only cost: each time all of it is read again.
  static final int MAX_REOPENED = 4;

  /// Lines of the host within which a plain report must go on: drivers print a block at once.
  static final int GOES_ON_WITHIN = 200;

  /// Lines of the host within which x86 says the instruction pointer once more.
  static final int SUMMED_UP_WITHIN = 8;

  /// What it takes in memory without its texts: this object, its headline's facts, map entries.
  private static final int OVERHEAD = 1_500;

  private static final Pattern RULER = Pattern.compile("^={20,}\\s*$");

  /// Where and when a headline was said; times in microseconds, named so that JSON keeps them
  /// numbers.
  ///
  /// @param place its position, see [lastwords.kernel.Position]
  /// @param uptime the host's time, -1 for unknown
  /// @param ofKernel whether it is certain that the kernel said it, and no program
  record Head(
      long place,
      long received,
      String host,
      @Nullable HostSource hostSource,
      @Nullable String claimedHost,
      String address,
      String boot,
      long sequence,
      long uptime,
      boolean ofKernel,
      @Nullable String release) {
    static Head of(KernelMessage message) {
      return new Head(
          message.position(),
          message.receivedAtMicros(),
          message.host(),
          message.hostSource(),
          message.claimedHost(),
          message.address(),
          message.boot(),
          message.sequence(),
          message.uptimeMicros(),
          message.uptimeMicros() >= 0 || message.facility() == 0,
          message.release());
    }
  }

  /// What of a report outlives a restart of the program.
  record Saved(
      String context,
      Head head,
      List<String> lines,
      List<String> lastWords,
      String preface,
      int linesLost,
      int panicFrom,
      long lastAt,
      long lastUptime,
      boolean suppressed,
      boolean fellSilent,
      @Nullable Progress progress) {}

  /// How far a report has come, which decides what later lines do to it.
  ///
  /// @param news when the headline or the panic arrived, in microseconds, as `last` is
  record Progress(
      long news,
      long last,
      long lastNumber,
      boolean hasStack,
      boolean judged,
      boolean repeat,
      boolean awaitsCpus,
      boolean cut,
      boolean woven,
      boolean unreadable,
      boolean marked,
      boolean frameBefore,
      boolean summedUp,
      int reopened,
      int repeatsBefore,
      int notKeptBefore) {}

  final Row row;

  /// What its headlines name, of a plain one.
  Affected affected;

  /// Whose lines are its own, see [Detector].
  final String context;

  final Head head;
  final List<String> lines;
  final List<String> lastWords;

  /// What the kernel said between `cut here` and the headline, "" where it said nothing.
  final String preface;

  int linesLost;

  /// The line where the kernel panicked, -1 where it didn't.
  int panicFrom = -1;

  /// When the headline, or the panic it led to, arrived.
  long newsAtMicros;

  long lastAtMicros;

  /// The position of its last line.
  long lastPlace;

  long lastUptimeMicros;
  boolean hasStack;

  /// No more lines are its own.
  boolean ended;

  /// Ended because nothing came, not because it said so: a machine in trouble may print on much
  /// later.
  boolean fellSilent;

  /// No more lines are expected, so that it was published, or would be, as complete.
  boolean completed;

  /// Published as it is now, apart from lines that only complete it.
  boolean told;

  /// Whether it was decided, when it was first told, if it is a repeat; that stays.
  boolean judged;

  /// Its headline comes once more.
  boolean replaying;

  /// Not published: only counted, or held by [Repeats].
  boolean repeat;

  /// Reports of the same fault in the same boot that were only counted before this one.
  int repeatsBefore;

  /// Reports of the host that were only counted before this one, since there were too many.
  int notKeptBefore;

  boolean suppressed;

  /// Backtraces of other CPUs were asked for and belong to it.
  boolean awaitsCpus;

  /// Another began in its context before it said that it was over.
  boolean cut;

  /// Lines of it and of another report can't be told apart.
  boolean woven;

  /// It began while another went on that may have lines among its own.
  boolean mayHoldOthers;

  /// Something of its crash was cut, which was counted.
  boolean boundsReached;

  private final Origin origin;

  /// Its lines could not be read: it is told by its headline.
  boolean unreadable;

  /// Ended with a mark of the kernel's.
  private boolean marked;

  /// The number of its last line among all that the host said.
  long lastNumber;

  private boolean frameBefore;
  private boolean summedUp;
  private int reopened;

  /// Characters of all lines but the headline.
  private int chars;

  /// What all lines take in JSON.
  private int jsonBytes;

  private int linesCut;
  private final long bytesBefore;

  /// @param number the headline's among all lines that the host said
  Report(
      Row row,
      String context,
      Head head,
      long number,
      String headline,
      List<String> lastWords,
      String preface) {
    this.row = row;
    this.affected = Affected.by(row, headline);
    this.context = context;
    this.head = head;
    this.lines = new ArrayList<>();
    this.lastWords = lastWords;
    this.preface = preface;
    this.lastNumber = number;
    keep(headline);
    chars = 0;
    origin = Origin.of(row, headline);
    newsAtMicros = head.received();
    lastAtMicros = head.received();
    lastPlace = head.place();
    lastUptimeMicros = head.uptime();
    panicFrom = row.is(Row.Trait.PANIC) ? 0 : -1;
    ended = row.isPlain();
    bytesBefore =
        OVERHEAD
            + Bounds.heapBytes(lines.getFirst())
            + Bounds.heapBytes(preface)
            + Bounds.heapBytes(context)
            + Bounds.heapBytes(head.host())
            + Bounds.heapBytes(head.release())
            + lastWords.stream().mapToLong(Bounds::heapBytes).sum();
  }

  /// What it takes in memory at the most.
  long bytes() {
    return bytesBefore + (long) (lines.size() - 1) * Bounds.STRING_BYTES + 2L * chars;
  }

  /// How many of its lines were cut.
  int linesCut() {
    return linesCut;
  }

  /// Adds a line, cut where it is too long; false where it has too many lines or bytes already.
  private boolean keep(String line) {
    String kept = Bounds.line(line);
    int bytes = Bounds.jsonBytes(kept) + 3;
    if (lines.size() >= MAX_LINES || jsonBytes + bytes > Bounds.MAX_REPORT_BYTES) {
      return false;
    }
    linesCut += kept.length() == line.length() ? 0 : 1;
    lines.add(kept);
    chars += kept.length();
    jsonBytes += bytes;
    return true;
  }

  /// Lines held of it.
  long held() {
    return (long) lines.size() + lastWords.size();
  }

  /// Goes on where [#save] was called; of what an older program saved, as far as that tells.
  static @Nullable Report load(Saved saved) {
    Row row = Table.find(saved.lines.getFirst());
    if (row == null) {
      return null;
    }
    Report report =
        new Report(
            row,
            saved.context,
            saved.head,
            -1,
            saved.lines.getFirst(),
            saved.lastWords,
            saved.preface);
    for (String line : saved.lines.subList(1, saved.lines.size())) {
      report.keep(line);
      report.hasStack |= Stack.isStart(Table.head(line));
    }
    report.linesLost = saved.linesLost;
    report.panicFrom = saved.panicFrom;
    report.lastAtMicros = Math.max(report.lastAtMicros, saved.lastAt);
    report.lastUptimeMicros = saved.lastUptime;
    report.suppressed = saved.suppressed;
    report.fellSilent = saved.fellSilent;
    report.ended = true;
    report.completed = true;
    report.told = true;
    report.judged = true;
    if (saved.progress != null) {
      report.goOn(saved.progress);
    }
    return report;
  }

  private void goOn(Progress saved) {
    newsAtMicros = saved.news;
    lastAtMicros = saved.last;
    lastNumber = saved.lastNumber;
    hasStack = saved.hasStack;
    judged = saved.judged;
    repeat = saved.repeat;
    awaitsCpus = saved.awaitsCpus;
    cut = saved.cut;
    woven = saved.woven;
    unreadable = saved.unreadable;
    marked = saved.marked;
    frameBefore = saved.frameBefore;
    summedUp = saved.summedUp;
    reopened = saved.reopened;
    repeatsBefore = saved.repeatsBefore;
    notKeptBefore = saved.notKeptBefore;
  }

  private Progress progress() {
    return new Progress(
        newsAtMicros,
        lastAtMicros,
        lastNumber,
        hasStack,
        judged,
        repeat,
        awaitsCpus,
        cut,
        woven,
        unreadable,
        marked,
        frameBefore,
        summedUp,
        reopened,
        repeatsBefore,
        notKeptBefore);
  }

  Saved save() {
    return new Saved(
        context,
        head,
        List.copyOf(lines),
        lastWords,
        preface,
        linesLost,
        panicFrom,
        lastAtMicros,
        lastUptimeMicros,
        suppressed,
        fellSilent,
        progress());
  }

  /// @param number the line's among all that the host said
  void add(KernelMessage message, String line, long number) {
    summedUp |= isSummedUpBy(line);
    lastNumber = number;
    lastAtMicros = message.receivedAtMicros();
    lastPlace = message.position();
    if (message.uptimeMicros() >= 0) {
      lastUptimeMicros = message.uptimeMicros();
    }
    if (!keep(line)) {
      lose(1);
    }
    String head = Table.head(line);
    if (!hasStack && !marked && !hasCaller()) {
      woven |= !origin.add(head);
    }
    boolean frame = !hasStack && !row.is(Row.Trait.BARE_STACK) && FrameText.isFrame(head);
    hasStack |= Stack.isStart(head) || (frame && frameBefore);
    frameBefore = frame;
    awaitsCpus |= head.contains("Sending NMI from CPU");
    marked |= isEnd(head);
    ended |= marked;
  }

  /// Whether lines that are no headlines may belong to it, after the line of this number.
  boolean awaitsLines(long after) {
    return !ended
        || (row.ownsMore() && after - lastNumber < GOES_ON_WITHIN)
        || (marked && !summedUp && after - lastNumber < SUMMED_UP_WITHIN)
        || (mayHoldOthers && !woven && after - lastNumber < GOES_ON_WITHIN);
  }

  /// False for one that went on so often that it is not to be read once more.
  boolean mayReopen() {
    return reopened < MAX_REOPENED;
  }

  /// Whether this panic line can only be about it, whatever the host's clock says: nothing came
  /// between, and it has said no more than its headline.
  boolean isFollowedBy(long number) {
    return number == lastNumber + 1 && !marked && !hasStack;
  }

  /// Whether this is its own headline once more, which the kernel may have cut short before.
  boolean isReplayedBy(String line) {
    return replaying && lines.size() == 2 && line.startsWith(lines.getFirst());
  }

  /// Whether this is the instruction pointer once more, as x86 says it after all else, for who sees
  /// only the end.
  boolean isSummedUpBy(String line) {
    return marked && !summedUp && line.startsWith("RIP: 0010:");
  }

  /// Whether this line can only be its own, whatever the host's clock says: nothing came between,
  /// and the line can't stand alone, or the report can't be over with its headline.
  boolean isContinuedBy(String line, long number) {
    boolean begun = lines.size() == 1 && row.wantsStack();
    return number == lastNumber + 1 && !marked && (begun || LineShape.continues(line));
  }

  /// Goes on collecting: there is news to tell.
  void reopen(long nowMicros) {
    reopened += told ? 1 : 0;
    marked = false;
    ended = false;
    fellSilent = false;
    completed = false;
    told = false;
    newsAtMicros = nowMicros;
    lastAtMicros = nowMicros;
  }

  void panic(KernelMessage message, String line, long number) {
    panicFrom = lines.size();
    reopen(message.receivedAtMicros());
    add(message, line, number);
  }

  void lose(long count) {
    linesLost = (int) Math.min(Integer.MAX_VALUE, linesLost + count);
  }

  boolean panicked() {
    return panicFrom >= 0;
  }

  /// The lines that are about the fault: not those of the panic it led to, if it has its own stack.
  List<String> about() {
    if (panicFrom > 0
        && lines.subList(0, panicFrom).stream().map(Table::head).anyMatch(Stack::isStart)) {
      return lines.subList(0, panicFrom);
    }
    return lines;
  }

  /// Whether a line says nothing of its CPU, number or function that those before don't.
  boolean fits(String line) {
    return hasCaller() || origin.fits(Table.head(line));
  }

  /// True where the kernel said of each line who said it.
  boolean hasCaller() {
    return !context.isEmpty() && !context.equals("console");
  }

  private boolean isEnd(String line) {
    return line.startsWith("---[ end ")
        || line.startsWith("Rebooting in ")
        || (row.category() == lastwords.kernel.Category.MEMORY
            && line.startsWith("oom_reaper: reaped process"))
        || (lines.size() > 2 && RULER.matcher(line).find());
  }
}
