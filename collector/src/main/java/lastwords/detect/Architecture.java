package lastwords.detect;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Which architecture a report is from, as its registers, its functions and its release say.
///
/// @param name how it is called outside: as the kernel's own folder `arch/` does, with the width
///   where one folder holds several
/// @param sign what only its reports say: registers at the beginning of a line, functions anywhere
record Architecture(String name, Pattern sign) {
  /// Registers and their surroundings, which only a dump of that architecture has.
  private static final List<Architecture> BY_REGISTERS =
      List.of(
          starts("x86_64", "(?:RIP: |RAX: |RSP: |R10: )|IP: \\[<[0-9a-f]{16}>\\]"),
          starts("i686", "(?:EIP: |EAX: |EIP is at )|IP: \\[<[0-9a-f]{8}>\\]"),
          starts(
              "arm64",
              "pstate: [0-9a-f]+|x29: |pc : \\[<[0-9a-f]{16}>\\]|\\s*(?:swapper|user) pgtable: [0-9]+k pages|\\s+ESR = 0x"),
          starts(
              "arm",
              "Flags: [nN][zZ][cC][vV]|pc : \\[<[0-9a-f]{8}>\\]|Control: [0-9a-f]+ +Table: |Register r[0-9]+ information"),
          starts(
              "ppc64le", "(?:Oops: .* )?LE PAGE_SIZE=|MSR: +[0-9a-f]{16} <[A-Z0-9,|]*,LE[,>\\]]"),
          starts("ppc64", "NIP:? +\\[?[0-9a-f]{16}|\\[[0-9a-f]{16}\\] \\[[0-9a-f]{16}\\] "),
          starts("ppc", "NIP:? +\\[?[0-9a-f]{8}\\b"),
          starts("s390x", "(?:Krnl|User) (?:PSW|GPRS|Code)|\\s*Last Breaking-Event-Address:"),
          starts(
              "loongarch64",
              "\\s*(?:ERA|BADV|PRID|ESTAT|PRMD): |pc [0-9a-f]{16} ra [0-9a-f]{16} tp "),
          starts("riscv", "epc : |status: [0-9a-f]+ badaddr: "),
          starts("mips", "epc   : |Cause : |PrId  : |\\$ ?0   : |Hi    : "),
          starts("sparc64", "TSTATE: "),
          starts("parisc", "\\s*IAOQ\\[0\\]: "));

  /// Functions that no other architecture's stacks have, and the forms of its frames.
  private static final List<Architecture> BY_STACK =
      List.of(
          is(
              "x86_64",
              "\\b(?:entry_SYSCALL_64\\w*|do_syscall_64|x64_sys_call|system_call_fastpath|x86_64_start_\\w+|asm_sysvec_\\w+|secondary_startup_64\\w*)\\+0x"),
          is(
              "i686",
              "\\b(?:sysenter_do_call|entry_INT80_32|entry_SYSENTER_32|i386_start_kernel)\\+0x"),
          is("arm64", "\\b(?:el[01]t?h?_64_\\w+|el[01]_(?:svc|sync|irq|da|ia)\\w*|el0t_\\w+)\\+0x"),
          is(
              "arm",
              "\\b(?:ret_fast_syscall|__irq_svc|__dabt_svc)\\b|^(?:\\[<[0-9a-f]{8}>\\] )?\\(?\\w\\S*+ from (?:\\[<[0-9a-f]{8}>\\] )?\\("),
          is("riscv", "\\b(?:do_trap_ecall_u|ret_from_exception)\\+0x"));

  private static final Pattern IN_RELEASE =
      Pattern.compile(
          "[.+-](?<arch>x86_64|amd64|i[3-6]86|686-pae|aarch64|arm64|armv7\\w*|armhf|armmp|ppc64le|powerpc64le|ppc64|s390x|riscv64|loong64|loongarch64|mips64el|mips64|mipsel|mips)\\b");

  /// The architecture of a report; null where nothing says it.
  ///
  /// @param lines of the report, none endless
  static @Nullable String of(List<String> lines, @Nullable String release) {
    String name = byRegisters(lines);
    if (name == null) {
      name = byRelease(release);
    }
    return name == null ? byStack(lines) : name;
  }

  private static @Nullable String byRegisters(List<String> lines) {
    String name = null;
    for (int i = 0; i < lines.size() && (name == null || name.equals("ppc64")); i++) {
      for (Architecture each : BY_REGISTERS) {
        // A big-endian dump is told from a little-endian one by a later line.
        if ((name == null || each.name.equals("ppc64le"))
            && each.sign.matcher(lines.get(i)).lookingAt()) {
          name = each.name;
        }
      }
    }
    return name;
  }

  private static @Nullable String byStack(List<String> lines) {
    for (String line : lines) {
      for (Architecture each : BY_STACK) {
        if (line.contains("+0x") && each.sign.matcher(line).find()) {
          return each.name;
        }
      }
    }
    return null;
  }

  private static @Nullable String byRelease(@Nullable String release) {
    Matcher found = IN_RELEASE.matcher(release == null ? "" : release);
    if (!found.find()) {
      return null;
    }
    String arch = found.group("arch");
    return switch (arch) {
      case "amd64" -> "x86_64";
      case "aarch64" -> "arm64";
      case "powerpc64le" -> "ppc64le";
      case "riscv64" -> "riscv";
      case "loong64" -> "loongarch64";
      default -> {
        if (arch.startsWith("i") || arch.startsWith("686")) {
          yield "i686";
        }
        yield arch.startsWith("mips") ? "mips" : arch.startsWith("arm") ? arm(arch) : arch;
      }
    };
  }

  private static String arm(String arch) {
    return arch.equals("arm64") ? arch : "arm";
  }

  private static Architecture starts(String name, String sign) {
    return is(name, "^(?:" + sign + ")");
  }

  private static Architecture is(String name, String sign) {
    return new Architecture(name, Pattern.compile(sign));
  }
}
