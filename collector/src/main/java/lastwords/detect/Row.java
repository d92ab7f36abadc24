package lastwords.detect;

import java.util.List;
import java.util.regex.Pattern;
import lastwords.kernel.Category;
import lastwords.kernel.Severity;
import org.jspecify.annotations.Nullable;

/// One way in which a kernel reports trouble: how to recognise it, what to call it, whom to blame.
///
/// A line is the headline of a row when it holds one of `literals`, `headline` is found in it and
/// `except` is not. Named groups of `headline`, `body` and `details` become the crash's `attrs`,
/// `victimPid` as `victim_pid`.
///
/// @param body must be found in the report, each in a line after the one before, or the report is
///   corrupted; its groups count on after those of `headline`
/// @param title `{1}` and so on stand for the groups, `{F}` for the guilty function, `{F2}` for
///   that of the second stack, `{next}` for the line after the headline, `{victim}`, `{xid}` and
///   `{sxid}` for those attributes
/// @param altTitles further titles, made the same way
/// @param details patterns with named groups, each looked for in the lines of the report
/// @param kindWhen when this is found in the report's lines, `otherKind` is the kind
/// @param source the file of the kernel that says it; null where drivers of all kinds do
/// @param belongs lines that belong to a report without a stack; others are not its own
/// @param traits what else is particular about it
record Row(
    String kind,
    Category category,
    Severity severity,
    List<String> literals,
    Pattern headline,
    @Nullable Pattern except,
    List<Pattern> body,
    String title,
    List<String> altTitles,
    Recipe stack,
    @Nullable Pattern blameless,
    Choice choice,
    List<Pattern> details,
    @Nullable Pattern kindWhen,
    @Nullable String otherKind,
    @Nullable Pattern belongs,
    @Nullable String source,
    List<Trait> traits) {

  /// What [Builder#block] takes for a report of headlines alone.
  static final String NOTHING = "(?!)";

  /// What is particular about a row.
  enum Trait {
    /// Its real headline was lost: the report is corrupted whatever it holds.
    ALWAYS_CORRUPTED,
    /// A report only when a stack follows: the headline alone may be anything.
    ONLY_WITH_STACK,
    /// A report only when it came with the kernel's own time, or syslog says that it is the
    /// kernel's: else anybody may have said it.
    ONLY_OF_KERNEL,
    /// A report also where nothing more was said.
    OR_AS_LAST_WORD,
    /// Its stack starts without a line that says so.
    BARE_STACK,
    /// Its stack is that of the panic it leads to.
    STACK_OF_PANIC,
    /// Often the second headline of a report that has shown no stack yet.
    SEQUEL,
    /// The machine goes down here.
    PANIC,
    /// A panic that another report leads to, never a cause of its own.
    ECHO,
    /// A storage error after which the kernel panics where it was mounted or set up to.
    MAY_PANIC,
    /// Goes on with a report of its kind, where one is being told.
    CONTINUES,
    /// No news right after a report of its kind, even one at its end: a driver's words on it.
    AFTERWORD,
    /// News only from a file: a collector itself knows of boots and of what was lost.
    FROM_FILES
  }

  boolean is(Trait trait) {
    return traits.contains(trait);
  }

  /// True where a report without a stack has lost it.
  boolean wantsStack() {
    return category == Category.OOPS
        && stack != Recipe.NONE
        && stack != Recipe.OPTIONAL
        && !is(Trait.BARE_STACK);
  }

  /// True for what is told in a line or a block of lines, without a stack to read.
  boolean isPlain() {
    return stack == Recipe.NONE && belongs != null;
  }

  /// True where a plain report of this row may have more lines than headlines.
  boolean ownsMore() {
    return isPlain() && belongs != null && !belongs.pattern().equals(NOTHING);
  }

  /// True for a line that belongs to a plain report of this row.
  boolean owns(String line) {
    return belongs != null && belongs.matcher(Table.head(line)).find();
  }

  static Builder row(String kind, Category category, Severity severity) {
    return new Builder(kind, category, severity);
  }

  /// Fills a row in, in the order a person tells it.
  static final class Builder {
    private final String kind;
    private final Category category;
    private final Severity severity;
    private List<String> literals = List.of();
    private @Nullable Pattern headline;
    private @Nullable Pattern except;
    private List<Pattern> body = List.of();
    private List<String> altTitles = List.of();
    private Recipe stack = Recipe.NONE;
    private @Nullable Pattern blameless;
    private Choice choice = Choice.FIRST;
    private List<Pattern> details = List.of();
    private @Nullable Pattern kindWhen;
    private @Nullable String otherKind;
    private @Nullable Pattern belongs;
    private @Nullable String source;
    private List<Trait> traits = List.of();

    private Builder(String kind, Category category, Severity severity) {
      this.kind = kind;
      this.category = category;
      this.severity = severity;
    }

    /// One of these literals is in the headline.
    Builder says(String... literals) {
      this.literals = List.of(literals);
      return this;
    }

    /// The headline looks like this; without it the first literal is enough.
    Builder like(String regex) {
      headline = Pattern.compile(regex);
      return this;
    }

    Builder but(String regex) {
      except = Pattern.compile(regex);
      return this;
    }

    Builder needs(String... regexes) {
      body = java.util.Arrays.stream(regexes).map(Pattern::compile).toList();
      return this;
    }

    Builder alias(String... titles) {
      altTitles = List.of(titles);
      return this;
    }

    Builder stack(Recipe recipe) {
      stack = recipe;
      return this;
    }

    Builder neverBlame(String regex) {
      blameless = Pattern.compile(regex);
      return this;
    }

    Builder choose(Choice choice) {
      this.choice = choice;
      return this;
    }

    Builder details(String... regexes) {
      details = java.util.Arrays.stream(regexes).map(Pattern::compile).toList();
      return this;
    }

    Builder otherwise(String whenFound, String kind) {
      kindWhen = Pattern.compile(whenFound);
      otherKind = kind;
      return this;
    }

    Builder block(String regex) {
      belongs = Pattern.compile(regex);
      return this;
    }

    /// The file of the kernel, relative to its top, that prints the headline.
    Builder source(String file) {
      source = file;
      return this;
    }

    Builder traits(Trait... traits) {
      this.traits = List.of(traits);
      return this;
    }

    Row title(String title) {
      Pattern like =
          headline != null
              ? headline
              : Pattern.compile(String.join("|", literals.stream().map(Pattern::quote).toList()));
      return new Row(
          kind, category, severity, literals, like, except, body, title, altTitles, stack,
          blameless, choice, details, kindWhen, otherKind, belongs, source, traits);
    }
  }
}
