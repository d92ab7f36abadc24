package lastwords.assemble;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.net.InetAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import lastwords.assemble.PrintkRecord.Numbered;
import lastwords.assemble.PrintkRecord.Plain;
import lastwords.decode.Body;
import lastwords.decode.Decoded;
import lastwords.decode.Decoder;
import lastwords.decode.Extended;
import lastwords.decode.Heap;
import lastwords.kernel.Boot;
import lastwords.kernel.Datagram;
import lastwords.kernel.Gap;
import lastwords.kernel.Host;
import lastwords.kernel.KernelMessage;
import lastwords.kernel.Position;
import lastwords.kernel.Run;
import org.jspecify.annotations.Nullable;

/// One sender's stream: takes its datagrams, says its events in order.
///
/// A record goes through three questions: is it whole (pieces), which boot does it belong to or has
/// it come before, and is it its turn. Each may make it wait, each for a named time, counted in
/// receive time.
///
/// **Boot.** A number that comes again with another time or text is a new boot, as is time that
/// steps back by more than any CPU's clock does; but no machine booted before it last spoke, so
/// what would have to is the same boot, however odd its numbers. The same records once more, from
/// the ring of a reloaded module or for a second target, are duplicates. Early records are alike in
/// every boot of one kernel, so what steps back is set aside until a record with a time of its own
/// decides, at most [#UNDECIDED_MICROS].
///
/// **Two formats.** Basic records wait [#BASIC_WAIT_MICROS] for their extended copy and are dropped
/// when it comes; one that has none is the only copy there is and is handed on.
///
/// Belongs to the thread that reads.
final class HostStream implements SequenceOrder.Output {
  /// How long a record waits for its missing pieces, counted from the first.
  static final long FRAGMENT_MICROS = 250_000;

  /// Basic follows extended within 31 ms at the 95th percentile, while a ring is sent.
  static final long BASIC_WAIT_MICROS = 500_000;

  static final int MAX_BASIC_WAITING = 4096;

  /// Records behind the last one in which the beginning of a cut line is looked for: those that all
  /// targets of a host may send between two datagrams of one of them.
  private static final int MAX_LOOKED_BACK = 64;

  /// A ring is sent within 30 ms; what stays open longer than this is decided by what is likely.
  static final long UNDECIDED_MICROS = 1_000_000;

  static final int MAX_UNDECIDED = 4096;

  /// Heap bytes of the records that may wait undecided, and as many of the basic ones that may wait
  /// for their copies: [#MAX_UNDECIDED] records of an ordinary length.
  static final long MAX_WAITING_BYTES = 4 << 20;

  /// Heap bytes of a [Run] that ended, with its texts.
  private static final int RUN_BYTES = 1 << 10;

  /// Times below are the same in every boot of a kernel: its clock doesn't run yet.
  private static final long TELLING_UPTIME_MICROS = 100_000;

  /// What a kernel says first, its release behind it.
  private static final String BANNER = "Linux version ";

  private static final int STATE_VERSION = 5;

  /// Texts as [DataOutput#writeUTF] writes them; without what forged numbers and times left.
  private static final int STATE_VERSION_4 = 4;

  /// Without how many records were incomplete.
  private static final int STATE_VERSION_3 = 3;

  /// Without hardware and the boot's start either, which are then not known.
  private static final int STATE_VERSION_2 = 2;

  /// Boots that ended and that nobody has asked for yet; a machine has few in the seconds between.
  private static final int MAX_ENDED_RUNS = 16;

  /// A kernel that is heard so soon after its start speaks because it starts.
  private static final long ANNOUNCED_MICROS = 300_000_000;

  /// The label of an inventory that says what a machine is where its kernel doesn't.
  private static final String HARDWARE = "hardware";

  /// What is counted of a host stops here, so that no sum overflows.
  private static final long MAX_COUNT = Long.MAX_VALUE >> 8;

  private enum Verdict {
    NEXT,
    DUPLICATE,
    NEW_BOOT,
    UNDECIDED
  }

  final String address;
  final HostReader reader;
  final InetAddress source;

  private final HostNames names;
  private final StreamCounters counters;

  // Who it is.
  private HostNames.Name name;
  private int nameVersion;
  private boolean namedByUserdata;
  private @Nullable String release;
  private @Nullable String headerRelease;
  private @Nullable String hardware;

  // What was counted.
  private final long firstSeenMicros;
  private long lastSeenMicros;
  private long lastSaidMicros = -1;
  private boolean saidExtended;
  private boolean saidBasic;
  private long messages;
  private long gaps;
  private long lost;
  private long duplicates;
  private long incomplete;
  private int boots;

  // The current boot, and those before it that the ledger doesn't have whole.
  private @Nullable String boot;
  private @Nullable String previousBoot;
  private long runStartedMicros;
  private boolean announced;
  private final ArrayDeque<Run> endedRuns = new ArrayDeque<>();
  private final SeenRecords seen = new SeenRecords();
  private boolean extendedBoot;
  private long bootMessages;
  private long basicNumber;
  private final BootClock clock = new BootClock();
  private final MessageIds messageIds = new MessageIds();

  // What waits.
  private final Fragments fragments = new Fragments();
  private final SequenceOrder order = new SequenceOrder();
  private final ArrayDeque<Plain> basicWaiting = new ArrayDeque<>();
  private long basicWaitingBytes;
  private final List<PrintkRecord> undecided = new ArrayList<>();
  private long undecidedBytes;

  HostStream(
      InetAddress source,
      HostReader reader,
      HostNames names,
      StreamCounters counters,
      long firstSeenMicros) {
    this.source = source;
    this.address = source.getHostAddress();
    this.reader = reader;
    this.names = names;
    this.counters = counters;
    this.firstSeenMicros = firstSeenMicros;
    this.lastSeenMicros = firstSeenMicros;
    this.nameVersion = names.version();
    this.name = names.of(source, address);
  }

  /// Takes the sender's next datagram; `nowMicros` is its receive time, never before an earlier
  /// one's. What it is, and `arriving`, which is used for a record that is whole, are only lent.
  void accept(Datagram datagram, Decoded decoded, Numbered arriving, long nowMicros) {
    switch (decoded) {
      case Extended record -> {
        lastSeenMicros = nowMicros;
        saidExtended = true;
        if (record.fragment() == null) {
          countCut(record.body().cut());
          judge(arriving.arrived(datagram.offset(), nowMicros, datagram.sourcePort()));
        } else {
          piece(datagram, record, record.fragment(), nowMicros);
        }
      }
      case Decoded.Basic basic -> {
        lastSeenMicros = nowMicros;
        saidBasic = true;
        countCut(basic.cut());
        basic(datagram, basic.lines(), nowMicros);
      }
      case Decoded.Malformed malformed -> {}
    }
  }

  private void countCut(boolean cut) {
    if (cut) {
      counters.truncated.increment();
    }
  }

  /// Hands on what has waited long enough.
  void advance(long nowMicros) {
    if (!undecided.isEmpty() && undecidedDeadline() <= nowMicros) {
      decideByWhatIsLikely();
    }
    expireFragments(nowMicros - FRAGMENT_MICROS + 1);
    order.advance(nowMicros, this);
    while (mayReleaseBasics()
        && !basicWaiting.isEmpty()
        && basicWaiting.getFirst().receivedAtMicros() + BASIC_WAIT_MICROS <= nowMicros) {
      plain(firstBasic());
    }
    reader.advance(nowMicros);
  }

  /// Hands on all that waits, before its time; the reader keeps what it has begun.
  void release() {
    while (!isNothingWaiting()) {
      decideByWhatIsLikely();
      expireFragments(Long.MAX_VALUE);
      while (!basicWaiting.isEmpty()) {
        plain(firstBasic());
      }
      decideByWhatIsLikely();
      order.release(this);
    }
  }

  private boolean isNothingWaiting() {
    return fragments.isEmpty()
        && order.waiting().isEmpty()
        && basicWaiting.isEmpty()
        && undecided.isEmpty();
  }

  private Plain firstBasic() {
    Plain first = basicWaiting.removeFirst();
    basicWaitingBytes -= first.heldBytes();
    return first;
  }

  /// When [#advance] is needed next.
  long deadlineMicros() {
    long deadline = Math.min(reader.deadlineMicros(), order.deadlineMicros());
    deadline = Math.min(deadline, undecidedDeadline());
    if (!fragments.isEmpty()) {
      deadline = Math.min(deadline, fragments.oldestMicros() + FRAGMENT_MICROS);
    }
    if (!basicWaiting.isEmpty()) {
      long due = basicWaiting.getFirst().receivedAtMicros() + BASIC_WAIT_MICROS;
      deadline = Math.min(deadline, mayReleaseBasics() ? due : undecidedDeadline());
    }
    return deadline;
  }

  boolean isAtRest() {
    return isNothingWaiting() && reader.isAtRest();
  }

  long messages() {
    return messages;
  }

  long lastSeenMicros() {
    return lastSeenMicros;
  }

  /// Heap bytes held of what the host sent, never less than it occupies.
  long heldBytes() {
    return waitingBytes()
        + seen.heldBytes()
        + messageIds.heldBytes()
        + (long) endedRuns.size() * RUN_BYTES
        + Heap.of(release)
        + Heap.of(headerRelease)
        + Heap.of(hardware)
        + Heap.of(name.host())
        + reader.heldBytes();
  }

  /// Heap bytes of what waits to be handed on.
  long waitingBytes() {
    return fragments.heldBytes() + order.heldBytes() + basicWaitingBytes + undecidedBytes;
  }

  long firstSeenMicros() {
    return firstSeenMicros;
  }

  /// Where the oldest record begins that waits to be handed on; [Long#MAX_VALUE] when none does.
  long oldestWaitingOffset() {
    long oldest = fragments.oldestOffset();
    for (Numbered record : order.waiting()) {
      oldest = Math.min(oldest, record.offset());
    }
    for (PrintkRecord record : undecided) {
      oldest = Math.min(oldest, record.offset());
    }
    return basicWaiting.isEmpty() ? oldest : Math.min(oldest, basicWaiting.getFirst().offset());
  }

  Host host() {
    return new Host(
        address,
        name.host(),
        name.source(),
        name.claimed(),
        firstSeenMicros,
        lastSeenMicros,
        boot == null ? "" : boot,
        release,
        saidExtended ? saidBasic ? "both" : "extended" : "basic",
        messages,
        gaps,
        messagesLost(),
        duplicates,
        incomplete,
        boots,
        name.labels());
  }

  /// The boots since the last call, and the current one, oldest first.
  List<Run> takeRuns() {
    List<Run> runs = new ArrayList<>(endedRuns);
    endedRuns.clear();
    if (boot != null) {
      runs.add(run(boot, lastSeenMicros));
    }
    return runs;
  }

  private Run run(String of, long lastHeardMicros) {
    String known = hardware == null ? name.labels().get(HARDWARE) : hardware;
    return new Run(
        of,
        previousBoot,
        address,
        name.host(),
        release,
        known,
        announced,
        runStartedMicros,
        Math.max(runStartedMicros, lastHeardMicros));
  }

  // Whole?

  private void piece(Datagram datagram, Extended piece, Decoded.Fragment place, long nowMicros) {
    if (!fragments.begins(piece, place)) {
      counters.joined.increment();
    }
    Fragments.Pending whole =
        fragments.add(piece, place, datagram.offset(), nowMicros, datagram.sourcePort());
    if (whole != null) {
      Numbered record = Numbered.of(whole, true);
      countCut(record.body().cut());
      judge(record);
    }
    if (fragments.isFull()) {
      counters.overflows.increment();
      expireFragments(0);
    }
  }

  private void expireFragments(long beganBeforeMicros) {
    Fragments.Pending cut = fragments.expire(beganBeforeMicros);
    while (cut != null) {
      incomplete(cut);
      cut = fragments.expire(beganBeforeMicros);
    }
  }

  /// Hands on what came of a record whose other pieces never did, unless the record itself came by
  /// another way.
  private void incomplete(Fragments.Pending cut) {
    Numbered record = Numbered.of(cut, false);
    if (isKnown(record)) {
      duplicate(record);
      return;
    }
    counters.incomplete.increment();
    incomplete++;
    judge(record);
  }

  private void basic(Datagram datagram, List<Decoded.Line> lines, long nowMicros) {
    Plain before = lastBasicFrom(datagram.sourcePort());
    long bytesBefore = before == null ? 0 : before.heldBytes();
    if (before != null && before.joins(lines)) {
      counters.joined.increment();
      basicWaitingBytes += before.heldBytes() - bytesBefore;
    } else {
      Plain record = new Plain(datagram.offset(), nowMicros, datagram.sourcePort(), lines);
      basicWaiting.add(record);
      basicWaitingBytes += record.heldBytes();
    }
    if (basicWaiting.size() > MAX_BASIC_WAITING) {
      counters.overflows.increment();
      plain(firstBasic());
    }
    if (basicWaitingBytes > MAX_WAITING_BYTES) {
      counters.byteOverflows.increment();
      while (basicWaitingBytes > MAX_WAITING_BYTES) {
        plain(firstBasic());
      }
    }
  }

  private @Nullable Plain lastBasicFrom(int sourcePort) {
    int looked = 0;
    for (Iterator<Plain> last = basicWaiting.descendingIterator(); last.hasNext(); looked++) {
      Plain before = last.next();
      if (before.sourcePort() == sourcePort || looked == MAX_LOOKED_BACK) {
        return before.sourcePort() == sourcePort ? before : null;
      }
    }
    return null;
  }

  // Which boot, and the first time?

  private void plain(Plain record) {
    if (extendedBoot && undecided.isEmpty() && isKnown(record)) {
      counters.copies.increment();
      return;
    }
    judge(record);
  }

  private void judge(PrintkRecord record) {
    Verdict verdict = verdict(record);
    if (!undecided.isEmpty()) {
      leaveUndecided(record);
      switch (verdict) {
        case NEW_BOOT -> settle(true);
        // A record known by its time, or one that goes on where the old boot was.
        case DUPLICATE, NEXT -> settle(false);
        case UNDECIDED -> {
          if (undecided.size() > MAX_UNDECIDED) {
            counters.overflows.increment();
            decideByWhatIsLikely();
          } else if (undecidedBytes > MAX_WAITING_BYTES) {
            counters.byteOverflows.increment();
            decideByWhatIsLikely();
          }
        }
      }
      return;
    }
    switch (verdict) {
      case NEXT -> take(record);
      case DUPLICATE -> duplicate(record);
      case NEW_BOOT -> {
        startBoot(record);
        take(record);
      }
      case UNDECIDED -> leaveUndecided(record);
    }
  }

  private void leaveUndecided(PrintkRecord record) {
    PrintkRecord kept = record.kept();
    undecided.add(kept);
    undecidedBytes += kept.heldBytes();
  }

  private Verdict verdict(PrintkRecord record) {
    if (boot == null) {
      return Verdict.NEW_BOOT;
    }
    return switch (record) {
      case Numbered numbered -> verdict(numbered);
      case Plain plain -> verdict(plain);
    };
  }

  private Verdict verdict(Numbered record) {
    // Only what the kernel put in front: userdata may name a release too.
    if (record.header().release() != null
        && headerRelease != null
        && extendedBoot
        && !headerRelease.equals(record.header().release())
        && clock.mayHaveBooted(record)) {
      return Verdict.NEW_BOOT;
    }
    boolean telling = record.uptimeMicros() >= TELLING_UPTIME_MICROS;
    boolean steppedBack = clock.steppedBack(record);
    if (!extendedBoot) {
      // Only basic records so far: a ring sent to a second target must not look like a boot.
      return !steppedBack || (telling && seen.contains(record.identity(), true))
          ? Verdict.NEXT
          : telling ? Verdict.NEW_BOOT : Verdict.UNDECIDED;
    }
    long known = seen.get(record.sequence());
    if (known != SeenRecords.NONE && !completes(record, known)) {
      boolean same = known == record.identity() || !record.whole();
      if (!same) {
        return clock.mayHaveBooted(record) ? Verdict.NEW_BOOT : Verdict.NEXT;
      }
      return telling ? Verdict.DUPLICATE : Verdict.UNDECIDED;
    }
    if (record.sequence() > order.highest()) {
      return steppedBack ? Verdict.NEW_BOOT : Verdict.NEXT;
    }
    // A machine that was up before it last spoke is in the same boot, whatever its numbers are.
    boolean sameBoot = order.expects(record.sequence()) || !clock.mayHaveBooted(record);
    return sameBoot && !steppedBack ? Verdict.NEXT : Verdict.UNDECIDED;
  }

  /// Whether of a record, known by that identity, only part had come, and this is all of it.
  private static boolean completes(Numbered record, long known) {
    return known == SeenRecords.ANY && record.whole();
  }

  private Verdict verdict(Plain record) {
    boolean telling = record.uptimeMicros() >= TELLING_UPTIME_MICROS;
    if (telling && seen.contains(record.identity(), true)) {
      return Verdict.DUPLICATE;
    }
    if (!undecided.isEmpty() && telling) {
      // After a banner: a time this boot has not had yet goes on with it, one it should have had is
      // another boot's.
      if (clock.isAhead(record)) {
        return Verdict.NEXT;
      }
      return remembersAll() ? Verdict.NEW_BOOT : Verdict.UNDECIDED;
    }
    boolean banner = bootMessages > 0 && record.firstLine().startsWith(BANNER);
    if (banner || clock.steppedBack(record)) {
      return telling && remembersAll() ? Verdict.NEW_BOOT : Verdict.UNDECIDED;
    }
    return undecided.isEmpty() ? Verdict.NEXT : Verdict.UNDECIDED;
  }

  /// Whether a basic record that this boot said is sure to be known again.
  private boolean remembersAll() {
    return !extendedBoot && basicNumber <= SeenRecords.MAX_RECORDS;
  }

  /// While the numbers haven't decided on a boot, its basic records wait with it.
  private boolean mayReleaseBasics() {
    return undecided.isEmpty() || undecided.getFirst() instanceof Plain;
  }

  private long undecidedDeadline() {
    return undecided.isEmpty()
        ? Long.MAX_VALUE
        : undecided.getFirst().receivedAtMicros() + UNDECIDED_MICROS;
  }

  /// Nothing that tells came: all of it known is a ring sent again, as is what was said while this
  /// boot was up; anything else is a new boot.
  private void decideByWhatIsLikely() {
    if (undecided.isEmpty()) {
      return;
    }
    boolean allKnown = true;
    for (PrintkRecord record : undecided) {
      allKnown &= record instanceof Numbered && isKnown(record);
    }
    settle(!allKnown && undecided.stream().allMatch(clock::mayHaveBooted));
  }

  private void settle(boolean newBoot) {
    List<PrintkRecord> records = new ArrayList<>(undecided);
    undecided.clear();
    undecidedBytes = 0;
    if (newBoot) {
      startBoot(records.getFirst());
    }
    for (PrintkRecord record : records) {
      if (isKnown(record)) {
        duplicate(record);
      } else {
        take(record);
      }
    }
  }

  /// Whether this boot has said the record before. Without a time a basic record may well say the
  /// same again; then only an extended copy is known.
  private boolean isKnown(PrintkRecord record) {
    return switch (record) {
      case Numbered numbered -> {
        long known = extendedBoot ? seen.get(numbered.sequence()) : SeenRecords.NONE;
        yield known != SeenRecords.NONE && !completes(numbered, known);
      }
      case Plain plain ->
          (extendedBoot || plain.uptimeMicros() >= 0)
              && seen.contains(plain.identity(), plain.uptimeMicros() >= 0);
    };
  }

  private void duplicate(PrintkRecord record) {
    if (record instanceof Numbered numbered) {
      messageIds.saw(numbered.sourcePort(), numbered.body().msgid());
    }
    duplicates++;
    counters.duplicates.increment();
  }

  private void startBoot(PrintkRecord first) {
    order.end(this);
    sayOldBasics();
    String previous = boot;
    if (previous != null) {
      endRun(previous);
    }
    runStartedMicros = startOf(first);
    announced =
        first.uptimeMicros() >= 0
            ? first.uptimeMicros() < ANNOUNCED_MICROS
            : first instanceof Plain plain && plain.firstLine().startsWith(BANNER);
    previousBoot = previous;
    boot = Boot.id(first.offset());
    boots++;
    counters.boots.increment();
    lost = Math.min(lost + messageIds.restart(), MAX_COUNT);
    seen.clear();
    extendedBoot = false;
    bootMessages = 0;
    basicNumber = 0;
    clock.clear();
    headerRelease = null;
    if (previous != null) {
      release = null;
    }
    reader.accept(
        new Boot(
            boot,
            currentName().host(),
            name.source(),
            name.claimed(),
            address,
            first.offset(),
            first.receivedAtMicros(),
            previous,
            previous == null ? -1 : lastSaidMicros));
  }

  private void endRun(String ended) {
    endedRuns.add(run(ended, lastSaidMicros));
    if (endedRuns.size() > MAX_ENDED_RUNS) {
      endedRuns.removeFirst();
    }
  }

  /// When the boot of that record began: by the record's own uptime, but never while the one before
  /// it still spoke, and not before the host was known.
  private long startOf(PrintkRecord first) {
    long heard = first.receivedAtMicros();
    long up = Math.max(0, first.uptimeMicros());
    long known = boot == null ? heard : Math.max(firstSeenMicros, lastSaidMicros);
    return Math.max(Math.min(known, heard), heard - up);
  }

  /// Before a boot ends: hands on the waiting basic records that can only be the old boot's.
  private void sayOldBasics() {
    if (boot == null) {
      return;
    }
    for (Iterator<Plain> waiting = basicWaiting.iterator(); waiting.hasNext(); ) {
      Plain record = waiting.next();
      if (extendedBoot && isKnown(record)) {
        counters.copies.increment();
        waiting.remove();
        basicWaitingBytes -= record.heldBytes();
      } else if (record.uptimeMicros() >= TELLING_UPTIME_MICROS && !clock.steppedBack(record)) {
        waiting.remove();
        basicWaitingBytes -= record.heldBytes();
        say(record);
      }
    }
  }

  // Its turn?

  private void take(PrintkRecord record) {
    clock.took(record);
    switch (record) {
      case Plain plain -> {
        if (!extendedBoot) {
          seen.put(basicNumber++, plain.identity());
        }
        say(plain);
      }
      case Numbered numbered -> order(numbered);
    }
  }

  private void order(Numbered record) {
    messageIds.saw(record.sourcePort(), record.body().msgid());
    if (!extendedBoot) {
      // What the basic target said first is forgotten: numbers are the better memory.
      extendedBoot = true;
      seen.clear();
    }
    seen.put(record.sequence(), record.identity());
    order.add(record, this);
  }

  @Override
  public void late(Numbered record) {
    counters.late.increment();
    if (gaps > 0) {
      gaps--;
      counters.sequenceGapsFilled.increment();
    }
    say(record);
  }

  @Override
  public void missing(long first, long last) {
    if (boot == null) {
      return;
    }
    long missing = last - first + 1;
    gaps = Math.min(gaps + missing, MAX_COUNT);
    counters.sequenceGaps.add(missing);
    long lost = messageIds.newlyLost();
    counters.messagesLost.add(lost);
    reader.accept(new Gap(currentName().host(), boot, first, last, lost));
  }

  @Override
  public void replaced(Numbered incomplete) {
    duplicate(incomplete);
  }

  @Override
  public void overflow() {
    counters.overflows.increment();
  }

  @Override
  public void overflowBytes() {
    counters.byteOverflows.increment();
  }

  // Said.

  @Override
  public void say(Numbered record) {
    counters.records.increment();
    Body body = record.body();
    String named = body.userdata().get("host");
    if (named == null) {
      named = body.userdata().get("hostname");
    }
    if (named != null && !named.isBlank() && !(namedByUserdata && named.equals(name.host()))) {
      name = names.named(named, source);
      namedByUserdata = true;
    }
    if (record.release() != null) {
      release = record.release();
    }
    if (record.header().release() != null) {
      headerRelease = record.header().release();
    }
    say(
        record,
        Position.of(record.offset(), 0),
        record.header().facility(),
        record.header().severity(),
        record.sequence(),
        record.uptimeMicros(),
        record.header().caller(),
        body.cpu(),
        body.task(),
        record.release(),
        body.text(),
        body.dictionary(),
        body.userdata());
  }

  private void say(Plain record) {
    counters.records.increment();
    counters.furtherLines.add(record.lines().size() - 1);
    for (int i = 0; i < record.lines().size(); i++) {
      Decoded.Line line = record.lines().get(i);
      say(
          record,
          Position.of(record.offset(), i),
          line.facility(),
          line.severity(),
          -1,
          line.uptimeMicros(),
          line.caller(),
          -1,
          null,
          null,
          line.text(),
          Map.of(),
          Map.of());
    }
  }

  private void say(
      PrintkRecord record,
      long position,
      int facility,
      int severity,
      long sequence,
      long uptimeMicros,
      @Nullable String caller,
      int cpu,
      @Nullable String task,
      @Nullable String saidRelease,
      String text,
      Map<String, String> dictionary,
      Map<String, String> userdata) {
    messages++;
    bootMessages++;
    counters.messages.increment();
    lastSaidMicros = Math.max(lastSaidMicros, record.receivedAtMicros());
    if (release == null && text.startsWith(BANNER)) {
      release = releaseIn(text);
    }
    String said = HardwareName.in(text);
    if (said != null) {
      hardware = said;
    }
    reader.accept(
        new KernelMessage(
            position,
            record.receivedAtMicros(),
            currentName().host(),
            name.source(),
            name.claimed(),
            address,
            boot == null ? "" : boot,
            facility,
            severity,
            sequence,
            uptimeMicros,
            caller,
            cpu,
            task,
            saidRelease,
            text,
            dictionary,
            userdata));
  }

  /// The release that a banner names, null where it is longer than any.
  private static @Nullable String releaseIn(String banner) {
    int from = BANNER.length();
    int blank = banner.indexOf(' ', from);
    int end = blank < 0 ? banner.length() : blank;
    return end - from > Decoder.MAX_RELEASE_CHARS ? null : banner.substring(from, end);
  }

  private HostNames.Name currentName() {
    if (!namedByUserdata && nameVersion != names.version()) {
      nameVersion = names.version();
      name = names.of(source, address);
    }
    return name;
  }

  private long messagesLost() {
    return lost + messageIds.lost();
  }

  // Kept over a restart; only called at rest.

  void save(DataOutput to) throws IOException {
    to.writeByte(STATE_VERSION);
    to.writeLong(firstSeenMicros);
    to.writeLong(lastSeenMicros);
    to.writeLong(lastSaidMicros);
    to.writeBoolean(saidExtended);
    to.writeBoolean(saidBasic);
    to.writeLong(messages);
    to.writeLong(gaps);
    to.writeLong(lost);
    to.writeLong(duplicates);
    to.writeLong(incomplete);
    to.writeInt(boots);
    SavedText.write(to, boot);
    SavedText.write(to, release);
    SavedText.write(to, headerRelease);
    SavedText.write(to, hardware);
    SavedText.write(to, previousBoot);
    to.writeLong(runStartedMicros);
    to.writeBoolean(announced);
    SavedText.write(to, namedByUserdata ? name.host() : null);
    to.writeBoolean(extendedBoot);
    to.writeLong(bootMessages);
    to.writeLong(basicNumber);
    order.save(to);
    clock.save(to);
    seen.save(to);
    messageIds.save(to);
    reader.save(to);
  }

  static HostStream load(
      DataInput from,
      InetAddress source,
      HostReader reader,
      HostNames names,
      StreamCounters counters)
      throws IOException {
    int version = from.readByte();
    if (version < STATE_VERSION_2 || version > STATE_VERSION) {
      throw new IOException("state of version " + version + ", not " + STATE_VERSION);
    }
    HostStream stream = new HostStream(source, reader, names, counters, from.readLong());
    stream.lastSeenMicros = from.readLong();
    stream.lastSaidMicros = from.readLong();
    stream.saidExtended = from.readBoolean();
    stream.saidBasic = from.readBoolean();
    stream.messages = from.readLong();
    stream.gaps = from.readLong();
    stream.lost = from.readLong();
    stream.duplicates = from.readLong();
    stream.incomplete = version > STATE_VERSION_3 ? from.readLong() : 0;
    stream.boots = from.readInt();
    SavedText texts = version > STATE_VERSION_4 ? SavedText::read : SavedText::readUtf;
    stream.boot = texts.from(from);
    stream.release = texts.from(from);
    stream.headerRelease = texts.from(from);
    if (version > STATE_VERSION_2) {
      stream.hardware = texts.from(from);
      stream.previousBoot = texts.from(from);
      stream.runStartedMicros = from.readLong();
      stream.announced = from.readBoolean();
    } else {
      stream.runStartedMicros = stream.lastSeenMicros;
    }
    String named = texts.from(from);
    if (named != null) {
      stream.name = names.named(named, source);
      stream.namedByUserdata = true;
    }
    stream.extendedBoot = from.readBoolean();
    stream.bootMessages = from.readLong();
    stream.basicNumber = from.readLong();
    if (version > STATE_VERSION_4) {
      stream.order.load(from);
      stream.clock.load(from);
      stream.seen.load(from);
    } else {
      stream.order.loadWithoutJump(from);
      stream.clock.loadWithoutLeap(from);
      stream.seen.loadWithoutNumbers(from);
    }
    stream.messageIds.load(from, version > STATE_VERSION_4);
    reader.load(from);
    return stream;
  }
}
