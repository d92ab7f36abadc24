package lastwords.detect;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import lastwords.demangle.Demangler;
import lastwords.kernel.Boot;
import lastwords.kernel.Category;
import lastwords.kernel.Crash;
import lastwords.kernel.Frame;
import lastwords.kernel.Position;
import lastwords.kernel.Severity;
import org.jspecify.annotations.Nullable;

/// Makes a crash of a report's lines.
final class Reading {
  /// The kind of a restart that nothing announced.
  static final String REBOOT = "reboot";

  /// The kind of a restart that a shutdown message announced: no fault, and never an alarm.
  static final String RESTART = "restart";

  /// How a title's places to fill read: `{1}`, `{F}`.
  private static final Pattern PLACE =
      Pattern.compile("\\{(F2?|[0-9]{1,2}|next|victim|xid|sxid)\\}");

  private static final Pattern CAPITAL = Pattern.compile("[A-Z]");
  private static final Pattern TIMESTAMP = Pattern.compile("\\[ *[0-9]+\\.[0-9]{6}\\]");

  private static final Pattern HEADER =
      Pattern.compile("(?:BUG|WARNING|INFO|UBSAN):|[Kk]ernel (?:panic|BUG)");

  /// The connection to a virtual machine's console broke; what else it would have said is lost.
  private static final String HUNG_UP = "serialport: VM disconnected.";

  /// Attributes whose numbers are what a fault is called by.
  private static final List<String> NUMBERS_THAT_NAME = List.of("xid", "sxid");

  private final Report report;
  private final Row row;
  private final List<String> lines;

  /// The lines that its stacks are read from, and those of them up to another report's.
  private final List<String> told;

  private final List<String> own;
  private final Map<String, String> attrs = new LinkedHashMap<>();
  private final List<String> groups = new ArrayList<>();
  private final Bounds bounds = new Bounds();

  private Reading(Report report) {
    this.report = report;
    this.lines = report.about().stream().map(Table::head).toList();
    this.told = Mending.mend(report.row, Told.lines(report));
    this.own = Told.own(report, told);
    this.row = row();
  }

  /// The row that fits the whole report; where none does, the one that fits its headline best.
  private Row row() {
    if (report.row.body().isEmpty()) {
      return report.row;
    }
    for (Row candidate : Table.all(lines.getFirst(), Integer.MAX_VALUE)) {
      boolean anything =
          candidate.is(Row.Trait.ONLY_WITH_STACK) || candidate.is(Row.Trait.ONLY_OF_KERNEL);
      if (!anything && body(candidate) != null) {
        return candidate;
      }
    }
    return report.row;
  }

  /// Where each pattern of a row's body is found, null where one isn't.
  private @Nullable List<Matcher> body(Row row) {
    List<Matcher> found = new ArrayList<>();
    int at = 0;
    for (Pattern pattern : row.body()) {
      Matcher matcher = pattern.matcher("");
      while (at < own.size() && !matcher.reset(own.get(at)).find()) {
        at++;
      }
      if (at++ == own.size()) {
        return null;
      }
      found.add(matcher);
    }
    return found;
  }

  /// @param cut grows when something was longer than its bound
  static Crash of(Report report, boolean complete, LongAdder cut) {
    Reading reading = new Reading(report);
    Crash crash = reading.crash(complete);
    if (reading.bounds.cutAnything() && !report.boundsReached) {
      report.boundsReached = true;
      cut.increment();
    }
    return crash;
  }

  /// What can be told of a report whose lines can't be read.
  static Crash headlineOf(Report report, boolean complete) {
    Row row = report.row;
    Report.Head head = report.head;
    String line = Table.head(report.lines.getFirst());
    String title = Titles.clean(line);
    return new Crash(
        row.kind(),
        row.category(),
        title,
        report.panicked() ? Severity.CRITICAL : row.severity(),
        Signatures.of(Signatures.signed(row.kind(), title)),
        Signatures.VERSION,
        List.of(),
        List.of(),
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        head.release(),
        null,
        null,
        List.of(),
        counts(report),
        report.panicked(),
        true,
        report.suppressed && !report.panicked(),
        complete,
        report.linesLost,
        "c" + Position.text(head.place()),
        head.place(),
        head.host(),
        head.hostSource(),
        head.claimedHost(),
        head.address(),
        head.boot(),
        head.received(),
        head.uptime() < 0 ? null : head.uptime(),
        head.sequence() < 0 ? null : head.sequence(),
        List.copyOf(report.lines),
        new Bounds().lastWords(report.lastWords),
        null,
        null,
        null,
        null);
  }

  /// How many reports were only counted before this one.
  private static Map<String, String> counts(Report report) {
    Map<String, String> counts = new LinkedHashMap<>();
    if (report.repeatsBefore > 0) {
      counts.put("repeats", Integer.toString(report.repeatsBefore));
    }
    if (report.notKeptBefore > 0) {
      counts.put("not_kept", Integer.toString(report.notKeptBefore));
    }
    return counts;
  }

  /// A restart, announced or not. Where the boot had a shutdown message, its attributes are that
  /// (`shutdown`) and how long it was before the next boot, in seconds (`shutdown_age_s`).
  static Crash restart(
      Boot next, @Nullable String release, List<String> lastSaid, ShutdownMessage shutdown) {
    boolean announced = shutdown.explains(next.receivedAtMicros());
    Map<String, String> attrs = new LinkedHashMap<>();
    String message = shutdown.text();
    if (message != null) {
      long age = Math.max(0, next.receivedAtMicros() - shutdown.saidAtMicros());
      attrs.put("shutdown", message);
      attrs.put("shutdown_age_s", Long.toString(TimeUnit.MICROSECONDS.toSeconds(age)));
    }
    return restart(next, release, lastSaid, announced, Map.copyOf(attrs));
  }

  /// The same crash, marked as one that later messages contradict.
  static Crash contradicted(Crash restart) {
    Map<String, String> attrs = new LinkedHashMap<>(restart.attrs());
    attrs.put("contradicted", "true");
    return restart.with(Map.copyOf(attrs));
  }

  private static Crash restart(
      Boot next,
      @Nullable String release,
      List<String> lastSaid,
      boolean announced,
      Map<String, String> attrs) {
    String kind = announced ? RESTART : REBOOT;
    String title = announced ? "announced restart" : "unannounced reboot";
    return new Crash(
        kind,
        announced ? Category.INFO : Category.HARDWARE,
        title,
        announced ? Severity.INFO : Severity.ERROR,
        Signatures.of(Signatures.signed(kind, title)),
        Signatures.VERSION,
        List.of(),
        List.of(),
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        release,
        null,
        null,
        List.of(),
        attrs,
        false,
        false,
        false,
        true,
        0,
        "r" + next.offset(),
        Position.of(next.offset(), 0),
        next.host(),
        next.hostSource(),
        next.claimedHost(),
        next.address(),
        next.id(),
        next.receivedAtMicros(),
        null,
        null,
        new Bounds().lastWords(lastSaid),
        List.of(),
        null,
        null,
        null,
        null);
  }

  private Crash crash(boolean complete) {
    Matcher headline = Table.headline(row, lines.getFirst());
    take(headline);
    List<Matcher> body = body(row);
    boolean fits = body != null;
    if (body != null) {
      body.forEach(this::take);
    }
    boolean other = false;
    for (String line : lines) {
      for (Pattern detail : row.details()) {
        takeNamed(detail.matcher(line));
      }
      other |= row.kindWhen() != null && row.kindWhen().matcher(line).find();
    }
    String kind = other && row.otherKind() != null ? row.otherKind() : row.kind();
    String named = attrs.remove("function");
    String meaning = Xids.meaning(number("xid"));
    if (meaning != null) {
      attrs.put("meaning", meaning);
    }
    Stack stack = Stack.read(row.stack(), Mending.mend(row, lines), named);
    Guilt read =
        row.category() == Category.OOPS ? Guilt.of(row, own, named) : new Guilt(List.of(), true);
    boolean lost = !read.intact() && report.linesLost > 0 && row.wantsStack();
    Guilt guilt = lost ? read.orOf(row, own) : read;
    String guess = guilt.guilty() == null && row.wantsStack() ? Guilt.guess(row, lines) : null;
    String title = clean(fits ? fill(row.title(), guilt.names()) : header());
    boolean corrupted = !fits || report.woven || isCorrupted(read.intact(), title);
    stack.all().stream()
        .filter(f -> f.module() != null && Demangler.readable(f.function()).equals(guilt.blamed()))
        .findFirst()
        .ifPresent(f -> attrs.put("module", String.valueOf(f.module())));
    if (!report.preface.isEmpty()) {
      attrs.put("message", report.preface);
    }
    attrs.putAll(counts(report));
    List<String> signed = Signatures.signed(kind, fits ? signedTitle(stack, guilt, guess) : title);
    Facts facts = new Facts(lines, report.lines);
    Report.Head head = report.head;
    String release = facts.kernel != null ? facts.kernel : head.release();
    return new Crash(
        kind,
        row.category(),
        title,
        severity(),
        Signatures.of(signed),
        Signatures.VERSION,
        fits ? bounds.altTitles(altTitles(guilt, title)) : List.of(),
        bounds.frames(stack.frames()),
        bounds.text(guess == null ? guilt.guilty() : guess, Bounds.MAX_NAME_BYTES),
        bounds.text(pointer(stack), Bounds.MAX_NAME_BYTES),
        attrs.containsKey("cpu") && !(facts.sure && row.stack() == Recipe.WARNING)
            ? number("cpu")
            : facts.cpu,
        attrs.containsKey("pid") ? number("pid") : facts.pid,
        facts.uid,
        bounds.text(
            attrs.containsKey("comm") ? attrs.get("comm") : facts.comm, Bounds.MAX_COMM_BYTES),
        bounds.text(facts.tainted, Bounds.MAX_COMM_BYTES),
        bounds.text(release, Bounds.MAX_RELEASE_BYTES),
        facts.arch,
        bounds.text(facts.hardware, Bounds.MAX_HARDWARE_BYTES),
        bounds.modules(facts.modules),
        bounds.attributes(attrs),
        report.panicked(),
        corrupted,
        report.suppressed && !report.panicked(),
        complete,
        report.linesLost,
        "c" + Position.text(head.place()),
        head.place(),
        head.host(),
        head.hostSource(),
        head.claimedHost(),
        head.address(),
        head.boot(),
        head.received(),
        head.uptime() < 0 ? null : head.uptime(),
        head.sequence() < 0 ? null : head.sequence(),
        List.copyOf(report.lines),
        bounds.lastWords(report.lastWords),
        null,
        Types.of(title),
        bounds.text(SourceFiles.guilty(kind, lines), Bounds.MAX_NAME_BYTES),
        bounds.explanation(Explaining.of(row, facts.arch, lines, stack, guilt.blamed(), signed)));
  }

  /// What firmware says of an error's severity counts, where it says it.
  private Severity severity() {
    if (report.panicked()) {
      return Severity.CRITICAL;
    }
    return switch (attrs.getOrDefault("severity", "")) {
      case "fatal" -> Severity.CRITICAL;
      case "corrected" -> Severity.WARNING;
      case "info" -> Severity.INFO;
      default -> row.severity();
    };
  }

  /// The title with its functions' names as the source has them. Reports that lost what is to blame
  /// would all be one: whom to look at first tells them apart.
  ///
  /// @param guess who that is, null where who is to blame is known
  private String signedTitle(Stack stack, Guilt guilt, @Nullable String guess) {
    String title = clean(fill(row.title(), guilt.names(suspect -> inSource(stack, suspect))));
    return guess == null
        ? title
        : title.replace(Titles.NO_FUNCTION, Titles.NO_FUNCTION + " " + Signatures.function(guess));
  }

  private static String inSource(Stack stack, Guilt.Suspect suspect) {
    if (!suspect.name().equals(Titles.withoutPrefix(suspect.function()))) {
      return suspect.name();
    }
    return stack.all().stream()
        .map(Frame::function)
        .filter(function -> Demangler.readable(function).equals(suspect.function()))
        .map(Signatures::function)
        .findFirst()
        .orElse(suspect.name());
  }

  private @Nullable String pointer(Stack stack) {
    Frame pointer = stack.pointer();
    return pointer == null ? null : pointer.function();
  }

  private @Nullable Integer number(String key) {
    return FrameText.number(attrs.get(key), 10);
  }

  private boolean isCorrupted(boolean intact, String title) {
    return row.is(Row.Trait.ALWAYS_CORRUPTED)
        || (row.title().contains("{F}") && !intact)
        || TIMESTAMP.matcher(title).find()
        || (row.wantsStack() && Walk.complaint(told) != null)
        || report.lines.stream().anyMatch(l -> l.contains(HUNG_UP));
  }

  /// The headline from where it says what it is.
  private String header() {
    String line = lines.getFirst();
    Matcher header = HEADER.matcher(line);
    return Titles.withoutMarks(header.find() ? line.substring(header.start()) : line);
  }

  private void take(Matcher found) {
    for (int i = 1; i <= found.groupCount(); i++) {
      groups.add(found.group(i) == null ? "" : found.group(i));
    }
    names(found);
  }

  private void takeNamed(Matcher matcher) {
    if (matcher.find()) {
      names(matcher);
    }
  }

  private void names(Matcher found) {
    for (String name : found.namedGroups().keySet()) {
      String value = found.group(name);
      if (value != null) {
        attrs.putIfAbsent(
            CAPITAL.matcher(name).replaceAll("_$0").toLowerCase(Locale.ROOT), value.strip());
      }
    }
  }

  /// The template with its places filled, each once: what a host sent is never taken for a
  /// template. The numbers that are a fault's name are left to [#clean].
  private String fill(String template, List<String> functions) {
    String wanted =
        attrs.containsKey("victim") || !report.panicked()
            ? template
            : template.replace(": killed {victim}", "");
    Matcher place = PLACE.matcher(wanted);
    StringBuilder filled = new StringBuilder();
    while (place.find()) {
      place.appendReplacement(
          filled, Matcher.quoteReplacement(value(place.group(1), place.group(), functions)));
    }
    return place.appendTail(filled).toString();
  }

  private String value(String name, String place, List<String> functions) {
    if (NUMBERS_THAT_NAME.contains(name)) {
      return Titles.mark(NUMBERS_THAT_NAME.indexOf(name));
    }
    String value =
        switch (name) {
          case "F" -> functions.getFirst();
          case "F2" -> functions.getLast();
          case "next" -> lines.size() > 1 ? lines.get(1).strip() : "";
          case "victim" -> attrs.getOrDefault("victim", "a process");
          default -> {
            int group = Integer.parseInt(name) - 1;
            yield group >= 0 && group < groups.size() ? groups.get(group) : place;
          }
        };
    return Titles.withoutMarks(value);
  }

  /// Without what differs between two reports of one fault; the numbers that are a fault's name are
  /// put in thereafter.
  private String clean(String filled) {
    String title = Titles.cleanMarked(filled);
    for (int i = 0; i < NUMBERS_THAT_NAME.size(); i++) {
      title = title.replace(Titles.mark(i), attrs.getOrDefault(NUMBERS_THAT_NAME.get(i), ""));
    }
    return title;
  }

  private List<String> altTitles(Guilt guilt, String title) {
    Set<String> all = new LinkedHashSet<>();
    for (List<String> names : guilt.variants()) {
      all.add(clean(fill(row.title(), names)));
      for (String alias : row.altTitles()) {
        all.add(clean(fill(alias, names)));
      }
    }
    all.remove(title);
    return List.copyOf(all);
  }
}
