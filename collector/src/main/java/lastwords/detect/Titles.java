package lastwords.detect;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/// Makes titles that are the same for the same fault: no addresses, numbers, offsets, CPUs.
final class Titles {
  /// Longer titles are cut.
  static final int MAX_LENGTH = 120;

  /// What stands for the guilty function where none was found.
  static final String NO_FUNCTION = "corrupted";

  private static final List<String> SYSCALL_PREFIXES =
      List.of(
          "SYSC_",
          "SyS_",
          "sys_",
          "__x64_",
          "__ia32_",
          "__arm64_",
          "____sys_",
          "___sys_",
          "__sys_",
          "__se_sys_",
          "__se_",
          "__do_sys_",
          "compat_SYSC_",
          "compat_SyS_",
          "ksys_");

  /// Every variant of asking other CPUs to run something is the same wait for them.
  private static final String SPREADS = "smp_call_function";

  private record Rule(Pattern what, String becomes) {}

  private static final List<Rule> RULES =
      List.of(
          new Rule(
              Pattern.compile("([A-Za-z_][A-Za-z0-9_.]{1,127})\\+0x[0-9a-f]+/0x[0-9a-f]+"), "$1"),
          new Rule(
              Pattern.compile("(^|[^A-Za-z0-9])(?:0x[0-9a-f]+|[0-9a-f]{6,})(?![A-Za-z0-9])"),
              "$1ADDR"),
          new Rule(Pattern.compile("[0-9]{1,3}\\.[0-9]{1,3}\\.[0-9]{1,3}\\.[0-9]{1,3}"), "IP"),
          new Rule(Pattern.compile("(\\.[chS]):[0-9]+"), "$1:LINE"),
          new Rule(Pattern.compile("CPU#[0-9]+"), "CPU"),
          new Rule(Pattern.compile("(^|[^A-Za-z0-9_.])[0-9]+(?=$|[^A-Za-z0-9_.])"), "$1NUM"),
          new Rule(Pattern.compile("[0-9]{7,}"), "NUM"));

  private static final Pattern BLANKS = Pattern.compile("\\s+");
  private static final Pattern UNPRINTABLE = Pattern.compile("[^\\x20-\\x7e]");

  private Titles() {}

  static String clean(String title) {
    String now = BLANKS.matcher(title).replaceAll(" ");
    now = UNPRINTABLE.matcher(now).replaceAll("");
    for (Rule rule : RULES) {
      now = rule.what.matcher(now).replaceAll(rule.becomes);
    }
    now = now.strip();
    return now.length() > MAX_LENGTH ? now.substring(0, MAX_LENGTH).strip() : now;
  }

  /// The function's name as written in the source: what compilers append is cut off.
  static String withoutSuffix(String function) {
    int dot = function.indexOf('.', 1);
    return dot < 0 ? function : function.substring(0, dot);
  }

  /// The names under which a system call's function is known, the shortest first.
  static List<String> names(String function) {
    Set<String> names = new LinkedHashSet<>();
    for (String prefix : SYSCALL_PREFIXES) {
      if (function.startsWith(prefix) && function.length() > prefix.length()) {
        names.add(function.substring(prefix.length()));
      }
    }
    if (function.startsWith(SPREADS)) {
      names.add(SPREADS);
    }
    names.add(function);
    return names.stream().sorted(java.util.Comparator.comparingInt(String::length)).toList();
  }
}
