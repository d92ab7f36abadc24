package lastwords.detect;

import java.util.List;
import java.util.regex.Pattern;

/// How the stack of a report is read: steps through its lines, and others where those yield
/// nothing.
@SuppressWarnings("ImmutableEnumChecker") // its lists are made by List.of
enum Recipe {
  /// There is none to read.
  NONE,
  /// There may be one, but the title does without it.
  OPTIONAL(toTrace(), frames()),
  /// There has to be one, but the title does without it.
  EXPECTED(toTrace(), frames()),
  /// The function that the text names, as it is; a stack has to follow all the same.
  NAMED,
  /// As [#NAMED], of two that race; the stacks of both follow.
  RACE,
  /// The first call trace.
  TRACE(toTrace(), frames()),
  /// The instruction pointer, then the call trace.
  POINTER_AND_TRACE(pointer(), toTrace(), frames()),
  /// The instruction pointer alone.
  POINTER(pointer()),
  /// The instruction pointer and what follows; where that yields nothing, the first call trace.
  WARNING(steps(new Step.PointerOrInterrupt(), frames()), steps(toTrace(), frames())),
  /// The function in the headline, then the call trace.
  HEADLINE_AND_TRACE(named(), toTrace(), frames()),
  /// The function in the headline, then the frames that follow without a line of their own.
  HEADLINE_AND_FRAMES(named(), frames()),
  /// What the timer interrupted: the instruction pointer, or just the frames, below its entry.
  /// Where there is no entry, as a CPU sees itself, and as architectures of their own do.
  INTERRUPTED(
      steps(to("apic_timer_interrupt"), pointer(), frames()),
      steps(to("apic_timer_interrupt|Exception stack|el1h_64_irq"), frames()),
      steps(to("self-detected"), pointer(), toTrace(), frames()),
      steps(
          to("^(?:NIP |epc ?: |Krnl PSW : |\\s*ERA: ).{0,80}?" + FrameText.PLACE),
          toTrace(),
          frames())),
  /// Where the lock was wanted, where the one in its way was taken, then what led there.
  LOCK(place(), place(), frames()),
  /// Where a lock class became one that interrupts must not find taken.
  LOCK_BECAME(to("which became .* at:"), frames()),
  /// The place that the report names after an address, then the call trace.
  UNLOCK(to("\\[<[0-9a-f]+>\\] +" + FrameText.PLACE), toTrace(), frames()),
  /// The stack that allocated what leaked.
  LEAK(to("backtrace(?: \\(crc [0-9a-f]+\\))?:"), frames()),
  /// The stack that allocated the page. Who freed it is innocent as a rule, but the driver that did
  /// is not, where nothing else is known.
  PAGE(steps(to("page last allocated"), frames()), steps(toTrace(), new Step.Frames(true))),
  /// As [#PAGE] for an object of a slab; where that is not known, the first call trace.
  OBJECT(steps(to("Allocated in |Allocated by"), frames()), steps(toTrace(), frames())),
  /// The stack that used a value, then the one that made it.
  ORIGIN(frames(), to("Local variable .* created at:|Uninit was created at:"), frames());

  /// One way to read a stack.
  record Way(List<Step> steps) {}

  /// The ways to read it: the first that yields somebody to blame counts, else the last.
  final List<Way> ways;

  Recipe() {
    ways = List.of();
  }

  Recipe(Step... steps) {
    ways = List.of(steps(steps));
  }

  Recipe(Way... ways) {
    this.ways = List.of(ways);
  }

  private static Way steps(Step... steps) {
    return new Way(List.of(steps));
  }

  private static Step named() {
    return new Step.Named();
  }

  private static Step pointer() {
    return new Step.Pointer();
  }

  private static Step frames() {
    return new Step.Frames(false);
  }

  private static Step place() {
    return to("at: (?:\\[<[0-9a-f]+>\\] +)?" + FrameText.PLACE);
  }

  private static Step toTrace() {
    return to("Call [Tt]race:|Backtrace:");
  }

  private static Step to(String line) {
    return new Step.To(Pattern.compile(line));
  }
}
