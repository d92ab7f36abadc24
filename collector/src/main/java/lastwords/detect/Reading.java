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
import lastwords.kernel.Boot;
import lastwords.kernel.Category;
import lastwords.kernel.Crash;
import lastwords.kernel.Frame;
import lastwords.kernel.Position;
import lastwords.kernel.Severity;
import org.jspecify.annotations.Nullable;

/// Makes a crash of a report's lines.
final class Reading {
  private static final Pattern FAULT_INJECTION = Pattern.compile("^should_fail");
  private static final Pattern CAPITAL = Pattern.compile("[A-Z]");
  private static final Pattern TIMESTAMP = Pattern.compile("\\[ *[0-9]+\\.[0-9]{6}\\]");

  private final Report report;
  private final Row row;
  private final List<String> lines;
  private final Map<String, String> attrs = new LinkedHashMap<>();
  private final List<String> groups = new ArrayList<>();
  private boolean corrupted;

  private Reading(Report report) {
    this.report = report;
    this.lines = report.about().stream().map(Table::head).toList();
    this.row = row();
  }

  /// The row that fits the whole report; where none does, the one that fits its headline best.
  private Row row() {
    if (report.row.body() == null) {
      return report.row;
    }
    for (Row candidate : Table.all(lines.getFirst(), Integer.MAX_VALUE)) {
      Pattern body = candidate.body();
      if (body == null || lines.stream().anyMatch(l -> body.matcher(l).find())) {
        return candidate;
      }
    }
    return report.row;
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
    boolean fits = row.body() == null || takeBody(row.body());
    boolean other = false;
    for (String line : lines) {
      for (Pattern detail : row.details()) {
        takeNamed(detail.matcher(line));
      }
      other |= row.kindWhen() != null && row.kindWhen().matcher(line).find();
    }
    String kind = other && row.otherKind() != null ? row.otherKind() : row.kind();
    String named = attrs.remove("function");
    Stack stack = Stack.read(row.stack(), lines, named);
    boolean usesFunction = row.title().contains("{F}");
    String guilty = row.category() == Category.OOPS ? Guilt.of(row, stack) : null;
    List<String> names = guilty == null ? List.of(Titles.NO_FUNCTION) : Titles.names(guilty);
    String title = fits ? fill(row.title(), names.getFirst()) : lines.getFirst();
    corrupted =
        !fits
            || report.woven
            || row.is(Row.Trait.ALWAYS_CORRUPTED)
            || (usesFunction && (guilty == null || stack.complaint() != null))
            || TIMESTAMP.matcher(title).find()
            || stack.frames().stream().anyMatch(f -> FAULT_INJECTION.matcher(f.function()).find());
    title = Titles.clean(title);
    stack.candidates().stream()
        .filter(f -> f.module() != null && Titles.withoutSuffix(f.function()).equals(guilty))
        .findFirst()
        .ifPresent(f -> attrs.put("module", String.valueOf(f.module())));
    if (!report.preface.isEmpty()) {
      attrs.put("message", report.preface);
    }
    List<String> signed =
        Signatures.signed(kind, fits && guilty != null ? signedTitle(stack, guilty) : title);
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
        altTitles(names, title),
        stack.frames(),
        guilty == null ? null : names.getFirst(),
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
        Explaining.of(row, lines, stack, guilty, signed));
  }

  /// The title with its function's name as the source has it.
  private String signedTitle(Stack stack, String guilty) {
    String symbol =
        stack.candidates().stream()
            .map(Frame::function)
            .filter(function -> Titles.withoutSuffix(function).equals(guilty))
            .findFirst()
            .orElse(guilty);
    return Titles.clean(fill(row.title(), Signatures.function(symbol)));
  }

  private @Nullable String pointer(Stack stack) {
    Frame pointer = stack.pointer();
    return pointer == null ? null : pointer.function();
  }

  private @Nullable Integer number(String key) {
    return FrameText.number(attrs.get(key), 10);
  }

  private boolean takeBody(Pattern body) {
    for (String line : lines) {
      Matcher matcher = body.matcher(line);
      if (matcher.find()) {
        take(matcher);
        return true;
      }
    }
    return false;
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

  private String fill(String template, String function) {
    String filled = template.replace("{F}", function);
    for (int i = 0; i < groups.size(); i++) {
      filled = filled.replace("{" + (i + 1) + "}", groups.get(i));
    }
    return filled.replace("{victim}", attrs.getOrDefault("victim", "a process"));
  }

  private List<String> altTitles(List<String> names, String title) {
    Set<String> all = new LinkedHashSet<>();
    for (String name : names) {
      all.add(Titles.clean(fill(row.title(), name)));
      for (String alias : row.altTitles()) {
        all.add(Titles.clean(fill(alias, name)));
      }
    }
    all.remove(title);
    return List.copyOf(all);
  }
}
