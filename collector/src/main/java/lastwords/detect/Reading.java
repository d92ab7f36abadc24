package lastwords.detect;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import lastwords.kernel.Boot;
import lastwords.kernel.Category;
import lastwords.kernel.Crash;
import lastwords.kernel.Frame;
import lastwords.kernel.Position;
import lastwords.kernel.Severity;
import org.jspecify.annotations.Nullable;

/// Makes a crash of a report's lines.
final class Reading {
  private static final Pattern CAPITAL = Pattern.compile("[A-Z]");
  private static final Pattern TIMESTAMP = Pattern.compile("\\[ *[0-9]+\\.[0-9]{6}\\]");

  /// Texts that print a stack but are no report; one in the middle of a report is not its own.
  private static final Pattern NO_REPORT =
      Pattern.compile(
          "vmalloc: allocation failure:|FAULT_INJECTION: forcing a failure|FAULT_FLAG_ALLOW_RETRY missing");

  /// What a kernel in trouble prints by the way: no part of the report.
  private static final String BY_THE_WAY = "Disabling lock debugging due to kernel taint";

  /// What follows a report that is complete: the panic it was configured to lead to, with the same
  /// stack again, or the locks that the printing itself took.
  private static final Pattern AFTERMATH =
      Pattern.compile(
          "Kernel panic - not syncing|WARNING: possible circular locking dependency detected");

  /// Lines of a report that is complete when its aftermath begins; shorter ones lack a stack.
  private static final int COMPLETE_LINES = 22;

  /// The same where reports have no registers.
  private static final int COMPLETE_BARE_LINES = 16;

  private static final Pattern GUESS = Pattern.compile(" \\? |\\(unreliable\\)$");
  private static final Pattern HEADER =
      Pattern.compile("(?:BUG|WARNING|INFO|UBSAN):|[Kk]ernel (?:panic|BUG)");

  /// The connection to a virtual machine's console broke; what else it would have said is lost.
  private static final String HUNG_UP = "serialport: VM disconnected.";

  /// Where a machine starts, before its kernel does.
  private static final Pattern FIRMWARE =
      Pattern.compile("^(?:SeaBIOS \\(version|coreboot-[0-9]|U-Boot |BdsDxe: )");

  private final Report report;
  private final Row row;
  private final List<String> lines;

  /// The lines that its stacks are read from, and those of them up to another report's.
  private final List<String> told;

  private final List<String> own;
  private final Map<String, String> attrs = new LinkedHashMap<>();
  private final List<String> groups = new ArrayList<>();
  private boolean corrupted;

  private Reading(Report report) {
    this.report = report;
    this.lines = report.about().stream().map(Table::head).toList();
    this.told = told(report);
    this.own = own(report, told);
    this.row = row();
  }

  /// The row that fits the whole report; where none does, the one that fits its headline best.
  private Row row() {
    if (report.row.body().isEmpty()) {
      return report.row;
    }
    for (Row candidate : Table.all(lines.getFirst(), Integer.MAX_VALUE)) {
      boolean anything =
          candidate.is(Row.Trait.ONLY_WITH_STACK) || candidate.is(Row.Trait.ONLY_WITH_TIME);
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

  /// The report without guessed frames and what comes after it is complete.
  private static List<String> told(Report report) {
    List<String> told = new ArrayList<>();
    boolean goesOn = report.row.is(Row.Trait.STACK_OF_PANIC);
    int complete = report.row.kind().equals("kmsan") ? COMPLETE_BARE_LINES : COMPLETE_LINES;
    int count = 0;
    for (String whole : report.lines) {
      String line = Table.head(whole);
      boolean guess = GUESS.matcher(line).find() && !line.contains("<EOI>");
      if (count > 0 && guess) {
        continue;
      }
      count++;
      if (!goesOn && count > complete && AFTERMATH.matcher(line).find()) {
        break;
      }
      if (count == 1 || !line.contains(BY_THE_WAY)) {
        told.add(line);
      }
    }
    return told;
  }

  /// Without caller ids, nothing tells the lines of another stack from the report's.
  private static List<String> own(Report report, List<String> told) {
    if (report.hasCaller()) {
      return told;
    }
    for (int i = 1; i < told.size(); i++) {
      if (NO_REPORT.matcher(told.get(i)).find()) {
        return told.subList(0, i);
      }
    }
    return told;
  }

  /// False for a text that only looks like a report.
  static boolean isCrash(Report report, Crash crash) {
    if (report.row.kind().equals("reboot")) {
      return restarted(report.lastWords);
    }
    if (report.row.is(Row.Trait.ONLY_WITH_TIME) && report.head.uptime() < 0 && !isLast(report)) {
      return !crash.frames().isEmpty();
    }
    return !report.row.is(Row.Trait.ONLY_WITH_STACK) || !crash.frames().isEmpty();
  }

  private static boolean isLast(Report report) {
    return report.row.is(Row.Trait.OR_AS_LAST_WORD)
        && report.lines.stream().skip(1).allMatch(String::isBlank);
  }

  /// True where a machine ran before its firmware said that it starts, and did not say why.
  private static boolean restarted(List<String> before) {
    int start = before.size() - 1;
    while (start > 0 && !FIRMWARE.matcher(before.get(start)).find()) {
      start--;
    }
    List<String> earlier = before.subList(0, Math.max(0, start));
    return earlier.stream().anyMatch(l -> !l.isBlank())
        && earlier.stream().noneMatch(l -> l.contains("reboot: ") || l.contains("Restarting"));
  }

  static Crash of(Report report, boolean complete) {
    return new Reading(report).crash(complete);
  }

  /// A restart that nothing announced.
  static Crash reboot(Boot next, @Nullable String release, Collection<String> lastSaid) {
    String title = "unannounced reboot";
    return new Crash(
        "reboot",
        Category.HARDWARE,
        title,
        Severity.ERROR,
        Signatures.of(Signatures.signed("reboot", title)),
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
        Map.of(),
        false,
        false,
        false,
        true,
        0,
        "r" + next.offset(),
        Position.of(next.offset(), 0),
        next.host(),
        next.address(),
        next.id(),
        next.receivedAtMicros(),
        null,
        null,
        List.copyOf(lastSaid),
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
    Stack stack = Stack.read(row.stack(), lines, named);
    Guilt guilt =
        row.category() == Category.OOPS ? Guilt.of(row, own, named) : new Guilt(List.of(), true);
    String guilty = guilt.guilty();
    if (guilty == null && row.wantsStack()) {
      guilty = Guilt.guess(row, lines);
    }
    String title = Titles.clean(fits ? fill(row.title(), guilt.names()) : header());
    corrupted = !fits || isCorrupted(guilt, title);
    frames(stack)
        .filter(
            f -> f.module() != null && Titles.withoutSuffix(f.function()).equals(guilt.blamed()))
        .findFirst()
        .ifPresent(f -> attrs.put("module", String.valueOf(f.module())));
    if (!report.preface.isEmpty()) {
      attrs.put("message", report.preface);
    }
    List<String> signed = Signatures.signed(kind, fits ? signedTitle(stack, guilt) : title);
    Facts facts = new Facts(lines, report.lines);
    Report.Head head = report.head;
    String release = facts.kernel != null ? facts.kernel : head.release();
    return new Crash(
        kind,
        row.category(),
        title,
        report.panicked() ? Severity.CRITICAL : row.severity(),
        Signatures.of(signed),
        Signatures.VERSION,
        fits ? altTitles(guilt, title) : List.of(),
        stack.frames(),
        guilty,
        pointer(stack),
        attrs.containsKey("cpu") && !(facts.sure && row.stack() == Recipe.WARNING)
            ? number("cpu")
            : facts.cpu,
        attrs.containsKey("pid") ? number("pid") : facts.pid,
        facts.uid,
        attrs.containsKey("comm") ? attrs.get("comm") : facts.comm,
        facts.tainted,
        release,
        facts.arch,
        facts.hardware,
        List.copyOf(facts.modules),
        Map.copyOf(attrs),
        report.panicked(),
        corrupted,
        report.suppressed && !report.panicked(),
        complete,
        report.linesLost,
        "c" + Position.text(head.place()),
        head.place(),
        head.host(),
        head.address(),
        head.boot(),
        head.received(),
        head.uptime() < 0 ? null : head.uptime(),
        head.sequence() < 0 ? null : head.sequence(),
        List.copyOf(report.lines),
        report.lastWords,
        null,
        Types.of(title),
        SourceFiles.guilty(kind, lines),
        Explaining.of(row, lines, stack, guilt.blamed(), signed));
  }

  /// The title with its functions' names as the source has them.
  private String signedTitle(Stack stack, Guilt guilt) {
    return Titles.clean(fill(row.title(), guilt.names(suspect -> inSource(stack, suspect))));
  }

  private static String inSource(Stack stack, Guilt.Suspect suspect) {
    if (!suspect.name().equals(Titles.withoutPrefix(suspect.function()))) {
      return suspect.name();
    }
    return frames(stack)
        .map(Frame::function)
        .filter(function -> Titles.withoutSuffix(function).equals(suspect.function()))
        .map(Signatures::function)
        .findFirst()
        .orElse(suspect.name());
  }

  private static Stream<Frame> frames(Stack stack) {
    return Stream.concat(Stream.ofNullable(stack.pointer()), stack.frames().stream());
  }

  private @Nullable String pointer(Stack stack) {
    Frame pointer = stack.pointer();
    return pointer == null ? null : pointer.function();
  }

  private @Nullable Integer number(String key) {
    return FrameText.number(attrs.get(key), 10);
  }

  private boolean isCorrupted(Guilt guilt, String title) {
    return row.is(Row.Trait.ALWAYS_CORRUPTED)
        || (row.title().contains("{F}") && !guilt.intact())
        || TIMESTAMP.matcher(title).find()
        || (row.wantsStack() && Walk.complaint(told) != null)
        || report.lines.stream().anyMatch(l -> l.contains(HUNG_UP));
  }

  /// The headline from where it says what it is.
  private String header() {
    String line = lines.getFirst();
    Matcher header = HEADER.matcher(line);
    return header.find() ? line.substring(header.start()) : line;
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

  private String fill(String template, List<String> functions) {
    String filled = template.replace("{F}", functions.getFirst());
    filled = filled.replace("{F2}", functions.getLast());
    for (int i = 0; i < groups.size(); i++) {
      filled = filled.replace("{" + (i + 1) + "}", groups.get(i));
    }
    return filled
        .replace("{next}", lines.size() > 1 ? lines.get(1).strip() : "")
        .replace("{victim}", attrs.getOrDefault("victim", "a process"));
  }

  private List<String> altTitles(Guilt guilt, String title) {
    Set<String> all = new LinkedHashSet<>();
    for (List<String> names : guilt.variants()) {
      all.add(Titles.clean(fill(row.title(), names)));
      for (String alias : row.altTitles()) {
        all.add(Titles.clean(fill(alias, names)));
      }
    }
    all.remove(title);
    return List.copyOf(all);
  }
}
