package lastwords.detect;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// What the lines of a report say of the machine and of who ran: the first line to say it counts,
/// and the line that names them all (`CPU: 1 PID: 2 Comm: sh Not tainted 6.1.0 #1`) before any
/// other.
final class Facts {
  /// Modules kept; a kernel with more prints the rest to no use of ours.
  static final int MAX_MODULES = 1_000;

  private static final String COMM = "(?<comm>.{0,64}?)";

  /// RHEL 6 puts dashes between the letters.
  private static final String TAINTED =
      "(?:Not tainted|Tainted:(?<tainted>[A-Z -]*+))\\s*\\(?(?<kernel>[0-9a-z][^\\s)]*)?";

  /// Since Linux 3.10; `UID` since 6.12.
  private static final Pattern WHO =
      Pattern.compile(
          "CPU: (?<cpu>[0-9]+)(?: UID: (?<uid>[0-9]+))? PID: (?<pid>[0-9]+) Comm: "
              + COMM
              + " (?:Kdump: loaded )?"
              + TAINTED);

  /// Until Linux 3.9; then came the build and the machine's name.
  private static final Pattern WHO_ONCE =
      Pattern.compile(
          "^[Pp]id: (?<pid>[0-9]+), comm: "
              + COMM
              + ",? "
              + TAINTED
              + "(?: #\\S+)?\\)?(?: (?<hardware>\\S.*))?");

  /// What is left where the line is cut off, or a headline of the same form without a name.
  private static final Pattern WHO_CUT =
      Pattern.compile(
          "CPU: (?<cpu>[0-9]+)(?: UID: (?<uid>[0-9]+))? PID: (?<pid>[0-9]+)(?: Comm:"
              + " (?<comm>.{1,64})$| |$)");

  /// Where the release stands after the taint: 32-bit ARM, hung tasks, registers of PowerPC.
  private static final Pattern TAINT =
      Pattern.compile(
          "^(?:CPU: (?<cpu>[0-9]+)|REGS: .{1,80}|EIP: .{1,80})?\\s+"
              + TAINTED
              + "(?: VLI)?(?: #|\\s|\\)|$)");

  /// Where it stands before: `6.1.0-rc2 #5 Tainted: G W`.
  private static final Pattern IDENTITY =
      Pattern.compile(
          "^(?<kernel>[0-9]\\S{0,64}?\\.[0-9]\\S{0,64}) #\\S+(?: (?:Not"
              + " tainted|Tainted:(?<tainted>[A-Z -]*)))?\\s*$");

  /// `Tainted: [W]=WARN, [O]=OOT_MODULE`, a line of its own since Linux 6.12.
  private static final Pattern IN_WORDS = Pattern.compile("\\[(?<letter>[A-Z])\\]=");

  private static final Pattern RELEASE =
      Pattern.compile(
          "^Linux version (?<kernel>[0-9]\\S*)|^EFLAGS: [0-9a-f]+ +\\((?<old>[0-9]\\S*)");

  /// Other ways to name a task, where no line says it all.
  private static final List<Pattern> TASKS =
      List.of(
          Pattern.compile("^Process (?<comm>.{1,64}?) \\(pid: (?<pid>[0-9]+),"),
          Pattern.compile(
              "TASK[ :=]+[0-9a-f]+\\[(?<pid>[0-9]+)\\] '(?<comm>.{1,64}?)' THREAD:(?: [0-9a-f]+"
                  + " CPU: (?<cpu>[0-9]+))?"),
          Pattern.compile("^INFO: task (?<comm>.{1,64}):(?<pid>[0-9]+) blocked "),
          Pattern.compile(
              "BUG: soft lockup - CPU#(?<cpu>[0-9]+) stuck for [0-9]+s!"
                  + " \\[(?<comm>.{1,64}):(?<pid>[0-9]+)\\]"),
          Pattern.compile(
              " by task (?<comm>.{1,64})/(?<pid>[0-9]+)(?:,? on cpu (?<cpu>[0-9]+).*)?$"),
          Pattern.compile("^in_atomic\\(\\): .{1,80}, pid: (?<pid>[0-9]+), name: (?<comm>.{1,64})"),
          Pattern.compile(
              "^BUG: (?:scheduling while atomic|using .{1,40} code|\\S+ \\S+ (?:suspected )?on"
                  + " CPU#(?<cpu>[0-9]+))[:,] (?<comm>.{1,64}?)/(?<pid>[0-9]+)"),
          Pattern.compile(
              "^(?<comm>.{1,64})/(?<pid>[0-9]+) (?:is (?:trying"
                  + " to|leaving|freeing|exiting)|\\[HC[0-9])"),
          Pattern.compile("^NMI backtrace for cpu (?<cpu>[0-9]+)"));

  /// Until Linux 3.9, between the headline and the registers; 32-bit x86 has it among these.
  private static final Pattern CPU_ONCE =
      Pattern.compile("^CPU:? {1,4}(?<cpu>[0-9]+)\\s*$|EFLAGS: [0-9a-f]+ +CPU: (?<late>[0-9]+)");

  private static final Pattern HARDWARE =
      Pattern.compile("^(?:Hardware name|DMI|Machine model): (?<hardware>.+)");

  private static final Pattern MODULE = Pattern.compile("([A-Za-z0-9_-]+)(?:\\([A-Za-z+-]*+\\))*+");
  private static final Pattern LAST_MODULE = Pattern.compile("\\[last unloaded:.*");

  /// A line that only goes on with a list: names of modules as modules are named.
  private static final Pattern MORE_MODULES =
      Pattern.compile(
          "^[a-z0-9_]++(?:\\([A-Z+-]*\\))*+(?: [a-z0-9_]++(?:\\([A-Z+-]*\\))*+)*+(?: \\[last"
              + " unloaded:.*)?\\s*$");

  private static final String LIST = "Modules linked in:";

  @Nullable Integer cpu;
  @Nullable Integer pid;
  @Nullable Integer uid;
  @Nullable String comm;
  @Nullable String tainted;
  @Nullable String kernel;
  @Nullable String hardware;
  final @Nullable String arch;
  final List<String> modules = new ArrayList<>();

  /// A line said it all.
  boolean sure;

  /// @param lines those to look at, none endless
  /// @param whole the same lines in full: the list of modules may be long
  Facts(List<String> lines, List<String> whole) {
    lines.forEach(this::look);
    boolean wrapped = false;
    for (String kept : whole) {
      String line = Bounds.withoutMark(kept);
      if (wrapped) {
        wrapped = modules(line, false);
      } else if (modules.isEmpty() && line.startsWith(LIST)) {
        wrapped = modules(line.substring(LIST.length()), true);
      }
    }
    arch = Architecture.of(lines, kernel);
  }

  private void look(String line) {
    if (!sure && (line.contains("CPU: ") || line.startsWith("Pid: ") || line.startsWith("pid: "))) {
      who(line);
    }
    if (kernel == null || tainted == null) {
      kernel(line);
    }
    if (!sure && (comm == null || cpu == null)) {
      task(line);
    }
    if (cpu == null && (line.startsWith("CPU") || line.startsWith("EIP: "))) {
      Matcher once = CPU_ONCE.matcher(line);
      if (once.find()) {
        cpu = FrameText.number(once.group(once.group("cpu") == null ? "late" : "cpu"), 10);
      }
    }
    if (hardware == null) {
      Matcher named = HARDWARE.matcher(line);
      if (named.find()) {
        hardware = named.group("hardware").strip();
      }
    }
  }

  private void who(String line) {
    Matcher who = WHO.matcher(line);
    if (who.find()) {
      cpu = FrameText.number(who.group("cpu"), 10);
      uid = FrameText.number(who.group("uid"), 10);
      sure(who);
      return;
    }
    Matcher once = WHO_ONCE.matcher(line);
    if (once.find()) {
      sure(once);
      if (once.group("hardware") != null) {
        hardware = once.group("hardware").strip();
      }
      return;
    }
    Matcher cut = WHO_CUT.matcher(line);
    if (cut.find()) {
      uid = uid == null ? FrameText.number(cut.group("uid"), 10) : uid;
      take(cut);
    }
  }

  private void sure(Matcher who) {
    sure = true;
    pid = FrameText.number(who.group("pid"), 10);
    comm = who.group("comm");
    tainted = letters(who.group("tainted"));
    kernel = who.group("kernel") == null ? kernel : who.group("kernel");
  }

  private void kernel(String line) {
    if (line.startsWith("Tainted: [")) {
      StringBuilder letters = new StringBuilder();
      IN_WORDS.matcher(line).results().forEach(word -> letters.append(word.group(1)));
      tainted = tainted == null ? letters.toString() : tainted;
      return;
    }
    if (line.contains("ainted")) {
      Matcher taint = TAINT.matcher(line);
      if (taint.find()) {
        tainted = tainted == null ? letters(taint.group("tainted")) : tainted;
        kernel = kernel == null ? taint.group("kernel") : kernel;
        cpu = cpu == null ? FrameText.number(taint.group("cpu"), 10) : cpu;
        return;
      }
    }
    Matcher identity = IDENTITY.matcher(line);
    if (identity.find()) {
      kernel = kernel == null ? identity.group("kernel") : kernel;
      if (tainted == null && line.contains("ainted")) {
        tainted = letters(identity.group("tainted"));
      }
      return;
    }
    if (kernel == null) {
      Matcher release = RELEASE.matcher(line);
      if (release.find()) {
        kernel = release.group("kernel") == null ? release.group("old") : release.group("kernel");
      }
    }
  }

  private void task(String line) {
    for (Pattern pattern : TASKS) {
      Matcher task = pattern.matcher(line);
      if (task.find()) {
        take(task);
        return;
      }
    }
  }

  private void take(Matcher task) {
    cpu = cpu == null ? FrameText.number(group(task, "cpu"), 10) : cpu;
    String name = group(task, "comm");
    if (comm == null) {
      comm = name;
      pid = pid == null || name != null ? FrameText.number(group(task, "pid"), 10) : pid;
    }
  }

  private static @Nullable String group(Matcher matcher, String name) {
    return matcher.namedGroups().containsKey(name) ? matcher.group(name) : null;
  }

  private static String letters(@Nullable String tainted) {
    return tainted == null ? "" : tainted.replace(" ", "").replace("-", "");
  }

  /// True while the list may go on in the next line.
  private boolean modules(String text, boolean first) {
    if (!first && !text.startsWith(" ") && !MORE_MODULES.matcher(Table.head(text)).find()) {
      return false;
    }
    Matcher module = MODULE.matcher(LAST_MODULE.matcher(text).replaceFirst(""));
    while (module.find() && modules.size() < MAX_MODULES) {
      modules.add(module.group(1));
    }
    return !text.contains("[last unloaded:");
  }
}
