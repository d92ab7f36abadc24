package lastwords.detect;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// What the lines of a report say of the machine and of who ran: the first line to say it counts.
final class Facts {
  /// Modules kept; a kernel with more prints the rest to no use of ours.
  static final int MAX_MODULES = 1_000;

  private static final Pattern WHO =
      Pattern.compile(
          "CPU: (?<cpu>[0-9]+)(?: UID: (?<uid>[0-9]+))? PID: (?<pid>[0-9]+) Comm: (?<comm>.{1,64}?) "
              + "(?:Kdump: loaded )?(?:Not tainted|Tainted: (?<tainted>[A-Z ]+?))\\s+(?<kernel>[0-9a-z]\\S*)");
  private static final Pattern WHO_ONCE =
      Pattern.compile(
          "[Pp]id: (?<pid>[0-9]+), comm: (?<comm>.{1,64}?) (?:Not tainted|Tainted: (?<tainted>[A-Z ]+?))\\s+\\(?(?<kernel>[0-9a-z]\\S*)");
  private static final Pattern WHO_CUT =
      Pattern.compile(
          "CPU: (?<cpu>[0-9]+)(?: UID: (?<uid>[0-9]+))? PID: (?<pid>[0-9]+) (?:Comm: (?<comm>.{1,64}))?");
  private static final Pattern TAINT =
      Pattern.compile(
          "^\\s+(?:Not tainted|Tainted: (?<tainted>[A-Z ]+?))\\s+(?<kernel>[0-9a-z]\\S*)");
  private static final Pattern MODULE = Pattern.compile("([A-Za-z0-9_-]+)(?:\\([A-Z+-]*\\))?");
  private static final Pattern LAST_MODULE = Pattern.compile("\\[last unloaded:.*");

  @Nullable Integer cpu;
  @Nullable Integer pid;
  @Nullable Integer uid;
  @Nullable String comm;
  @Nullable String tainted;
  @Nullable String kernel;
  @Nullable String arch;
  @Nullable String hardware;
  final List<String> modules = new ArrayList<>();

  /// @param lines those to look at, none endless
  /// @param whole the same lines in full: the list of modules may be long
  Facts(List<String> lines, List<String> whole) {
    lines.forEach(this::look);
    boolean wrapped = false;
    for (String line : whole) {
      if (wrapped) {
        wrapped = modules(line, false);
      } else if (modules.isEmpty() && line.startsWith("Modules linked in:")) {
        wrapped = modules(line.substring("Modules linked in:".length()), true);
      }
    }
  }

  private void look(String line) {
    if (kernel == null && line.contains("ainted")) {
      who(line);
    } else if (cpu == null && line.contains("CPU: ")) {
      Matcher cut = WHO_CUT.matcher(line);
      if (cut.find()) {
        cpu = FrameText.number(cut.group("cpu"), 10);
        pid = FrameText.number(cut.group("pid"), 10);
        uid = FrameText.number(cut.group("uid"), 10);
        comm = cut.group("comm");
      }
    }
    if (hardware == null && line.startsWith("Hardware name: ")) {
      hardware = line.substring("Hardware name: ".length()).strip();
    }
    if (arch == null) {
      arch = arch(line);
    }
  }

  private void who(String line) {
    Matcher who = WHO.matcher(line);
    if (who.find()) {
      cpu = FrameText.number(who.group("cpu"), 10);
      uid = FrameText.number(who.group("uid"), 10);
      taken(who);
      return;
    }
    Matcher once = WHO_ONCE.matcher(line);
    if (once.find()) {
      taken(once);
      return;
    }
    Matcher taint = TAINT.matcher(line);
    if (taint.find()) {
      tainted = letters(taint.group("tainted"));
      kernel = taint.group("kernel");
    }
  }

  private void taken(Matcher who) {
    pid = FrameText.number(who.group("pid"), 10);
    comm = who.group("comm");
    tainted = letters(who.group("tainted"));
    kernel = who.group("kernel");
  }

  private static String letters(@Nullable String tainted) {
    return tainted == null ? "" : tainted.replace(" ", "");
  }

  /// The architecture whose registers these are.
  private static @Nullable String arch(String line) {
    if (line.startsWith("RIP: ") || line.startsWith("RAX: ")) {
      return "x86_64";
    }
    if (line.startsWith("EIP: ") || line.startsWith("EAX: ")) {
      return "i686";
    }
    if (line.startsWith("pstate: ") || line.startsWith("x29: ")) {
      return "aarch64";
    }
    if (line.startsWith("PC is at ") || line.startsWith("Flags: ") || line.startsWith("pc : [<")) {
      return "arm";
    }
    if (line.startsWith("NIP [") || line.startsWith("NIP:")) {
      return "ppc64";
    }
    if (line.startsWith("epc : ") || line.startsWith("status: ")) {
      return "riscv64";
    }
    return line.startsWith("Krnl PSW :") ? "s390x" : null;
  }

  /// True while the list may go on in the next line.
  private boolean modules(String text, boolean first) {
    if (!first && !text.startsWith(" ")) {
      return false;
    }
    Matcher module = MODULE.matcher(LAST_MODULE.matcher(text).replaceFirst(""));
    while (module.find() && modules.size() < MAX_MODULES) {
      modules.add(module.group(1));
    }
    return !text.contains("[last unloaded:");
  }
}
