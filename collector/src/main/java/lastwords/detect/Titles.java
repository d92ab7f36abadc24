package lastwords.detect;

import java.util.ArrayList;
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

  /// What the kernel has put before the name of a system call, and of what implements it.
  private static final List<String> SYSCALL_PREFIXES = syscallPrefixes();

  private record Rule(Pattern what, String becomes) {}

  /// What differs between two reports of one fault, in this order, each as often as it is found.
  private static final List<Rule> RULES =
      List.of(
          new Rule(Pattern.compile("syz-executor\\.?[0-9]+(?:[/:][0-9]+)?"), "syz-executor"),
          new Rule(Pattern.compile("syzkaller[0-9]+(?:[/:][0-9]+)?"), "syzkaller"),
          new Rule(Pattern.compile("([^A-Za-z0-9])(?:0x)?[0-9a-f]{6,}"), "$1ADDR"),
          new Rule(Pattern.compile("[0-9]{1,3}\\.[0-9]{1,3}\\.[0-9]{1,3}\\.[0-9]{1,3}"), "IP"),
          new Rule(Pattern.compile("(\\.\\w+)(?::[0-9]+)+"), "$1:LINE"),
          new Rule(
              Pattern.compile("([A-Za-z][A-Za-z0-9_.]{1,127})\\+0x[0-9a-z]+/0x[0-9a-z]+"), "$1"),
          new Rule(Pattern.compile("CPU#[0-9]+"), "CPU"),
          new Rule(Pattern.compile("(?<=\\W)[0-9]+(?=\\W|$)"), "NUM"),
          new Rule(Pattern.compile("[0-9]{7,}"), "NUM"));

  private static final Pattern BLANKS = Pattern.compile("[ \t]+");

  /// Where a title's number is put in after it was cleaned: a control character for each, which no
  /// text of a host keeps.
  private static final String MARKS = "\u0001\u0002";

  private static final Pattern MARK = Pattern.compile("[" + MARKS + "]");
  private static final Pattern UNPRINTABLE_NO_MARK =
      Pattern.compile("[^\\x20-\\x7e\t" + MARKS + "]");

  private Titles() {}

  /// The mark of this number, 0 or 1, to be replaced after [#cleanMarked].
  static String mark(int number) {
    return MARKS.substring(number, number + 1);
  }

  /// A host's text without what could be taken for a mark.
  static String withoutMarks(String text) {
    return MARK.matcher(text).replaceAll("");
  }

  static String clean(String title) {
    return cleanMarked(withoutMarks(title));
  }

  /// As [#clean]; marks stay.
  static String cleanMarked(String title) {
    String now = title;
    for (Rule rule : RULES) {
      now = rule.what.matcher(now).replaceAll(rule.becomes);
    }
    now = now.length() > MAX_LENGTH ? now.substring(0, MAX_LENGTH) : now;
    now = UNPRINTABLE_NO_MARK.matcher(now).replaceAll("");
    return BLANKS.matcher(now).replaceAll(" ").strip();
  }

  /// A system call's function without what names its way in.
  static String withoutPrefix(String function) {
    String shortest = function;
    for (String prefix : SYSCALL_PREFIXES) {
      if (function.startsWith(prefix) && function.length() - prefix.length() < shortest.length()) {
        shortest = function.substring(prefix.length());
      }
    }
    return shortest;
  }

  /// The names under which a function is known: its own, and each that a prefix leaves of it.
  static Set<String> variants(String function) {
    Set<String> names = new LinkedHashSet<>();
    names.add(function);
    for (String prefix : SYSCALL_PREFIXES) {
      if (function.startsWith(prefix)) {
        names.add(function.substring(prefix.length()));
      }
    }
    return names;
  }

  private static List<String> syscallPrefixes() {
    List<String> prefixes =
        new ArrayList<>(List.of("SYSC_", "SyS_", "compat_SYSC_", "compat_SyS_"));
    prefixes.addAll(List.of("sys_", "__sys_", "___sys_", "____sys_", "ksys_", "__do_sys_"));
    prefixes.addAll(List.of("__x64_", "__ia32_", "__arm64_", "__se_", "__se_sys_"));
    return List.copyOf(prefixes);
  }
}
