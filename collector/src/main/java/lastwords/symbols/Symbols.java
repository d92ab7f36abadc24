package lastwords.symbols;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import lastwords.detect.InstructionPointer;
import lastwords.kernel.Crash;
import lastwords.kernel.Frame;
import org.jspecify.annotations.Nullable;

/// Completes the stacks of crashes with files, lines and inlined functions.
///
/// Done when somebody reads a crash, never while one is taken down: what a kernel said is told at
/// once and kept as it was said, and debug information that comes later serves older crashes too. A
/// crash that nothing is found for comes back as it is, with a line that says why.
///
/// Safe for any number of threads; one asks at a time, few wait. Files and places are remembered,
/// children kept alive, both within limits.
public final class Symbols implements AutoCloseable {
  /// Time for one crash, waiting for others included.
  private static final Duration LIMIT = Duration.ofSeconds(20);

  /// How long what wasn't there, or failed, isn't looked for again.
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  /// How long a child with nothing to do lives: one of a kernel occupies some 300 MB.
  private static final Duration IDLE = Duration.ofMinutes(5);

  private static final int MAX_WAITING = 16;
  private static final int MAX_FRAMES = 128;
  private static final int MAX_CHILDREN = 4;
  private static final int MAX_FILES = 8;
  private static final int MAX_RELEASES = 8;
  private static final int MAX_PLACES = 20_000;

  private static final Pattern MODULE_BUILD =
      Pattern.compile("\\[([A-Za-z0-9_-]{1,64}) ([0-9a-f]{40})\\]");
  private static final Pattern KERNEL_BUILD = Pattern.compile("ainted[: ].* ([0-9a-f]{40})\\s*$");

  /// A crash, completed as far as could be.
  ///
  /// @param notes what was missing, each a line for people
  public record Completed(Crash crash, List<String> notes) {}

  private record Release(Optional<Path> kernel, Map<String, Path> modules, long readNanos) {}

  /// What one child answers for.
  ///
  /// @param section what addresses count from, null where they are those of the whole file
  private record Source(Path file, @Nullable String section) {}

  private record Spot(Source source, long address) {}

  /// What failed, and when.
  private record Failure(String why, long nanos) {}

  private static final class Recent<K, V> extends LinkedHashMap<K, V> {
    private static final long serialVersionUID = 1;
    private final int most;
    private final transient Consumer<? super V> dropped;

    Recent(int most, Consumer<? super V> dropped) {
      super(16, 0.75f, true);
      this.most = most;
      this.dropped = dropped;
    }

    @Override
    protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
      if (size() > most) {
        dropped.accept(eldest.getValue());
        return true;
      }
      return false;
    }
  }

  private final Path folder;
  private final DebugFiles files;
  private final Duration limit;
  private final List<Symbolizer.Tool> tools;
  private final ReentrantLock turn = new ReentrantLock(true);
  private final Semaphore waiting = new Semaphore(MAX_WAITING);

  // Belong to whoever has the turn.
  private final Map<String, Release> releases = new Recent<>(MAX_RELEASES, r -> {});
  private final Map<Path, Elf> elves = new Recent<>(MAX_FILES, e -> {});
  private final Map<Source, Symbolizer> children = new Recent<>(MAX_CHILDREN, Symbolizer::close);
  private final Map<Spot, List<Place>> places = new Recent<>(MAX_PLACES, p -> {});
  private final Map<Path, String> sources = new Recent<>(MAX_FILES, s -> {});
  private final Map<Path, Failure> failures = new HashMap<>();
  private long usedNanos = System.nanoTime();

  private Symbols(Path folder, List<Symbolizer.Tool> tools, Duration limit) {
    this.limit = limit;
    this.folder = folder;
    this.files = new DebugFiles(folder);
    this.tools = tools;
  }

  /// @param folder where debug information is: vmlinux and modules as a distribution's packages lay
  ///   them out, by build id, or as a build left them
  public static Symbols of(Path folder) {
    return new Symbols(folder, Symbolizer.Tool.installed(), LIMIT);
  }

  static Symbols of(Path folder, List<Symbolizer.Tool> tools, Duration limit) {
    return new Symbols(folder, tools, limit);
  }

  /// What keeps every crash from being completed; empty where nothing does.
  public Optional<String> problem() {
    return !tools.isEmpty()
        ? Optional.empty()
        : Optional.of(
            "no files and lines: neither llvm-symbolizer nor addr2line is installed; on Debian: apt"
                + " install llvm binutils");
  }

  /// Fills in what debug information tells.
  public Completed complete(Crash crash) {
    if (crash.frames().isEmpty() || tools.isEmpty()) {
      return new Completed(crash, problem().stream().toList());
    }
    long deadline = System.nanoTime() + limit.toNanos();
    if (!waiting.tryAcquire()) {
      return new Completed(crash, List.of("no files and lines: too many ask for them just now"));
    }
    try {
      if (!turn.tryLock(limit.toNanos(), TimeUnit.NANOSECONDS)) {
        return new Completed(crash, List.of("no files and lines: others took all the time"));
      }
      try {
        closeIdle();
        return new Completion(crash, deadline).completed();
      } finally {
        usedNanos = System.nanoTime();
        turn.unlock();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new Completed(crash, List.of());
    } finally {
      waiting.release();
    }
  }

  /// Ends children nobody asked for long; call it now and then.
  public void rest() {
    if (turn.tryLock()) {
      try {
        closeIdle();
      } finally {
        turn.unlock();
      }
    }
  }

  private void closeIdle() {
    if (System.nanoTime() - usedNanos > IDLE.toNanos()) {
      closeChildren();
    }
  }

  private void closeChildren() {
    children.values().forEach(Symbolizer::close);
    children.clear();
  }

  @Override
  public void close() {
    turn.lock();
    try {
      closeChildren();
    } finally {
      turn.unlock();
    }
  }

  private static boolean isOld(long nanos) {
    return System.nanoTime() - nanos > PATIENCE.toNanos();
  }

  /// One crash being completed, by whoever has the turn.
  private final class Completion {
    private final Crash crash;
    private final long deadline;
    private final String release;
    private final Set<String> notes = new LinkedHashSet<>();
    private final Set<String> missing = new TreeSet<>();
    private final Map<String, String> builds = new HashMap<>();
    private final @Nullable String kernelBuild;
    private boolean otherBuild;

    Completion(Crash crash, long deadline) {
      this.crash = crash;
      this.deadline = deadline;
      this.release = crash.kernel() == null ? "" : crash.kernel();
      String kernel = null;
      for (String line : crash.report()) {
        String head = line.length() > 1_024 ? line.substring(0, 1_024) : line;
        Matcher build = MODULE_BUILD.matcher(head);
        while (build.find()) {
          builds.putIfAbsent(build.group(1), build.group(2));
        }
        Matcher own = KERNEL_BUILD.matcher(head);
        if (kernel == null && own.find()) {
          kernel = own.group(1);
        }
      }
      kernelBuild = kernel;
    }

    Completed completed() {
      List<Frame> frames = new ArrayList<>();
      Frame pointer = InstructionPointer.of(crash).orElse(null);
      Frame top = crash.frames().getFirst();
      if (pointer != null && !isAt(top, pointer)) {
        List<Frame> here = symbolized(pointer, true);
        // The trace begins below it; without its line it would tell nothing new.
        if (here.getLast().file() != null) {
          frames.addAll(here);
        }
      }
      for (Frame frame : crash.frames()) {
        frames.addAll(
            frames.size() < MAX_FRAMES
                ? symbolized(frame, frame.equals(top) && isAt(top, pointer))
                : List.of(frame));
      }
      note();
      boolean any = frames.stream().anyMatch(f -> f.file() != null);
      return new Completed(
          any ? crash.symbolized(List.copyOf(frames), guiltyFile(frames)) : crash,
          List.copyOf(notes));
    }

    private static boolean isAt(Frame frame, @Nullable Frame pointer) {
      return pointer != null
          && frame.function().equals(pointer.function())
          && pointer.offset() != null
          && pointer.offset().equals(frame.offset());
    }

    private @Nullable String guiltyFile(List<Frame> frames) {
      return frames.stream()
          .filter(f -> bare(f.function()).equals(crash.guilty()))
          .map(Frame::file)
          .filter(file -> file != null)
          .findFirst()
          .orElse(null);
    }

    private void note() {
      if (!missing.isEmpty()) {
        String what = String.join(", ", missing);
        notes.add(
            release.isEmpty()
                ? "no files and lines: the report doesn't say which kernel it was"
                : missing.contains("vmlinux")
                    ? "no vmlinux of %s in %s (looked for %s, and by build id); Debian has it in linux-image-%s-dbg"
                        .formatted(release, folder, files.kernelsLookedFor(release), release)
                    : "no debug information of %s for %s in %s".formatted(what, release, folder));
      }
      if (otherBuild) {
        notes.add(
            "some functions of %s aren't in its debug information as the kernel printed them: another build, or a module of another"
                .formatted(release));
      }
    }

    /// The frame with its place, after those inlined there; itself where nothing is known.
    private List<Frame> symbolized(Frame frame, boolean exact) {
      if (frame.file() != null || frame.inline() || frame.offset() == null) {
        return List.of(frame);
      }
      Path file = frame.module() == null ? kernel() : module(frame.module());
      if (file == null) {
        missing.add(frame.module() == null ? "vmlinux" : frame.module());
        return List.of(frame);
      }
      try {
        List<Place> found = places(frame, file, exact);
        return found.isEmpty() ? List.of(frame) : frames(frame, found);
      } catch (IOException e) {
        failures.put(file, new Failure(String.valueOf(e.getMessage()), System.nanoTime()));
        notes.add("no files and lines: " + e.getMessage());
        return List.of(frame);
      }
    }

    private List<Place> places(Frame frame, Path file, boolean exact) throws IOException {
      Failure failure = failures.get(file);
      if (failure != null && !isOld(failure.nanos)) {
        notes.add("no files and lines: " + failure.why);
        return List.of();
      }
      failures.remove(file);
      if (System.nanoTime() >= deadline) {
        notes.add("no files and lines of the last frames: the time was over");
        return List.of();
      }
      Elf elf = elf(file);
      Elf.Symbol symbol = elf.find(frame.function(), frame.size()).orElse(null);
      int offset = frame.offset() == null ? 0 : frame.offset();
      if (symbol == null || offset > symbol.extent()) {
        otherBuild = true;
        return List.of();
      }
      // A caller's frame names where it goes on, often the line after the call.
      long address = symbol.address() + offset - (exact || offset == 0 ? 0 : 1);
      List<Place> found =
          ask(new Source(file, elf.isRelocatable() ? symbol.section() : null), address);
      // In a module every section begins at 0: the answer may be about another function.
      if (elf.isRelocatable()
          && !found.isEmpty()
          && !bare(found.getLast().function()).equals(bare(frame.function()))) {
        return List.of();
      }
      return found;
    }

    private List<Place> ask(Source source, long address) throws IOException {
      Spot spot = new Spot(source, address);
      List<Place> known = places.get(spot);
      if (known == null) {
        Symbolizer child = children.get(source);
        if (child == null || !child.isAlive()) {
          child = new Symbolizer(tool(source), source.file, source.section);
          children.put(source, child);
        }
        try {
          known = child.at(address, deadline);
        } catch (IOException e) {
          // An answer that comes late would be taken for that to the next question.
          children.remove(source);
          child.close();
          throw e;
        }
        places.put(spot, known);
      }
      return known;
    }

    /// LLVM's is the faster, but cannot be told which section of a module is meant.
    private Symbolizer.Tool tool(Source source) {
      return source.section == null ? tools.getFirst() : tools.getLast();
    }

    private List<Frame> frames(Frame frame, List<Place> found) {
      List<Frame> frames = new ArrayList<>();
      // A guess may be what is left of an older call: what was inlined there says nothing.
      for (Place place : frame.reliable() ? found.subList(0, found.size() - 1) : List.<Place>of()) {
        frames.add(
            new Frame(
                bare(place.function()),
                null,
                null,
                frame.module(),
                source(place.file()),
                place.line(),
                true,
                true));
      }
      Place place = found.getLast();
      frames.add(
          new Frame(
              frame.function(),
              frame.offset(),
              frame.size(),
              frame.module(),
              source(place.file()),
              place.line(),
              false,
              frame.reliable()));
      return frames;
    }

    /// The file as it is called below the kernel's source folder.
    private String source(String file) {
      String plain = SourceFiles.plain(file);
      Path kernel = kernel();
      String top = kernel == null ? "" : sources.get(kernel);
      if (top == null) {
        top = top(Objects.requireNonNull(kernel));
        if (top != null) {
          sources.put(kernel, top);
        }
      }
      return top != null && !top.isEmpty() && plain.startsWith(top)
          ? plain.substring(top.length())
          : SourceFiles.belowRelease(plain);
    }

    /// The folder the kernel's sources were in: every kernel has this function in that file. Null
    /// where that couldn't be asked this time.
    private @Nullable String top(Path kernel) {
      try {
        Elf.Symbol symbol = elf(kernel).find("kernel_init", null).orElse(null);
        List<Place> found =
            symbol == null ? List.of() : ask(new Source(kernel, null), symbol.address());
        String file = found.isEmpty() ? "" : SourceFiles.plain(found.getLast().file());
        return file.endsWith("/init/main.c")
            ? file.substring(0, file.length() - "init/main.c".length())
            : "";
      } catch (IOException e) {
        return null;
      }
    }

    private Elf elf(Path file) throws IOException {
      Elf elf = elves.get(file);
      if (elf == null) {
        elf = Elf.read(file);
        elves.put(file, elf);
      }
      return elf;
    }

    private @Nullable Path kernel() {
      Path exact = files.byBuildId(kernelBuild).orElse(null);
      return exact != null ? exact : checked(release().kernel.orElse(null), kernelBuild);
    }

    private @Nullable Path module(String name) {
      String build = builds.get(name);
      Path exact = files.byBuildId(build).orElse(null);
      return exact != null ? exact : checked(release().modules.get(name.replace('-', '_')), build);
    }

    /// The file, unless the kernel said it was another.
    private @Nullable Path checked(@Nullable Path file, @Nullable String build) {
      if (file == null || build == null) {
        return file;
      }
      try {
        String own = elf(file).buildId().orElse(build);
        return own.equals(build) ? file : null;
      } catch (IOException e) {
        return file; // said when it is asked
      }
    }

    private Release release() {
      Release known = releases.get(release);
      if (known == null || (known.kernel.isEmpty() && isOld(known.readNanos))) {
        known =
            new Release(
                files.kernel(release, kernelBuild), files.modules(release), System.nanoTime());
        releases.put(release, known);
      }
      return known;
    }
  }

  private static String bare(String function) {
    int dot = function.indexOf('.', 1);
    return dot < 0 ? function : function.substring(0, dot);
  }
}
