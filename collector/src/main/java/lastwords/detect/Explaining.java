package lastwords.detect;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import lastwords.demangle.Demangler;
import lastwords.kernel.Explanation;
import lastwords.kernel.Explanation.Judged;
import lastwords.kernel.Frame;
import org.jspecify.annotations.Nullable;

/// Tells why a crash is called and grouped as it is.
final class Explaining {
  /// Frames judged of one stack: below lie the ways into the kernel, the same for everybody.
  private static final int MAX_FRAMES = 200;

  /// Frames of the path, the guilty one included.
  private static final int MAX_PATH = 6;

  private static final String GUILTY = "guilty";
  private static final String PATH = "path";
  private static final String ENTERED = "entry";
  private static final String BELOW = "below the entry";

  /// How work gets into the kernel: below it everything is the same.
  private static final Pattern ENTRY =
      Pattern.compile(
          "^(?:do_syscall|x64_sys_call|ia32_sys_call|do_int80|__do_fast_syscall|do_fast_syscall|entry_|el[01]t?_|el[01]h?_|invoke_syscall|do_el0_svc|system_call|syscall_|ret_fast|sysenter|tracesys"
              + "|ret_from_|asm_|sysvec_|__sysvec|handle_irq|__handle_irq|handle_(?:level|edge|fasteoi|percpu|simple)_|generic_handle|common_interrupt|do_IRQ|irq_exit|__irq_exit|call_on_stack|run_irq_on|apic_timer|smp_apic"
              + "|process_one_work|process_scheduled_works|worker_thread|(?:__)?do_page_fault|page_fault$|exc_page_fault|do_user_addr_fault|kthread$|kernel_thread|child_rip$|smpboot_thread|run_ksoftirqd|do_softirq|__do_softirq|handle_softirqs|invoke_softirq|call_timer_fn|__?run_timers|expire_timers"
              + "|cpu_startup_entry|do_idle|default_idle|cpuidle_|call_cpuidle|arch_cpu_idle|start_secondary|rest_init|start_kernel|secondary_startup|x86_64_start|kernel_init$"
              + "|vfs_(?:read|write|readv|writev|ioctl)$|ksys_|new_sync_(?:read|write)$|do_iter_|call_(?:read|write)_iter$|__?[a-z0-9]{2,11}_(?:compat_)?sys_|__sys_|sys_|SyS_|SYSC_|ret_to_user|exit_to_user|task_work_run$|_stext$|_text$)");

  /// What notes which locks were taken in which order; never to be seen where it is called from.
  private static final Pattern ORDERING =
      Pattern.compile("^(?:validate_chain|check_prev|check_noncircular|print_circular_bug)");

  private Explaining() {}

  /// @param arch null where it isn't known
  /// @param lines the report as far as it is about the fault
  /// @param guilty as the stack has it, without compiler suffix; null for none
  /// @param signed what the signature is of
  static Explanation of(
      Row row,
      @Nullable String arch,
      List<String> lines,
      Stack stack,
      @Nullable String guilty,
      List<String> signed) {
    List<Frame> all = stack.all();
    List<Frame> frames = all.subList(0, Math.min(all.size(), MAX_FRAMES));
    List<Judged> judged = new ArrayList<>();
    List<String> path = new ArrayList<>();
    int guiltyAt = guiltyAt(row, frames, guilty);
    if (guiltyAt > 0 && stack.pointer() != null && isGuilty(frames.getFirst(), guilty)) {
      // What the text names is in the stack too, with its callers.
      frames = frames.subList(1, frames.size());
      guiltyAt--;
    }
    if (guilty != null && guiltyAt < 0) {
      // The report names it elsewhere: where a lock was taken, a value came from.
      judged.add(new Judged(guilty, GUILTY));
      path.add(guilty);
    }
    boolean entered = false;
    for (int i = 0; i < frames.size(); i++) {
      Frame frame = frames.get(i);
      String bare = Demangler.readable(frame.function());
      String verdict = i == guiltyAt ? GUILTY : verdict(row, frame, bare, i > guiltyAt);
      if (verdict.equals(PATH) && path.size() == MAX_PATH) {
        break;
      }
      if (verdict.equals(PATH) && entered) {
        verdict = BELOW;
      }
      if (verdict.equals(GUILTY) || verdict.equals(PATH)) {
        path.add(frame.function());
      }
      // Whatever it interrupted, or another stack that follows, is no way to the fault.
      entered |= verdict.equals(ENTERED) && !path.isEmpty() && i > guiltyAt;
      judged.add(new Judged(bare, verdict));
    }
    return new Explanation(
        source(row, arch),
        List.copyOf(read(row, lines, guilty)),
        List.copyOf(judged),
        signed,
        path.isEmpty() ? null : Signatures.path(path));
  }

  /// Where in the stack the guilty one is, negative for nowhere. Of a deadlock the ways to all
  /// locks are told, the one that was tried last.
  private static int guiltyAt(Row row, List<Frame> frames, @Nullable String guilty) {
    boolean last = row.stack() == Recipe.LOCK || row.stack() == Recipe.NAMED;
    int at = -1;
    for (int i = 0; i < frames.size() && (at < 0 || last); i++) {
      at = isGuilty(frames.get(i), guilty) ? i : at;
    }
    return at;
  }

  private static boolean isGuilty(Frame frame, @Nullable String guilty) {
    return Demangler.readable(frame.function()).equals(guilty);
  }

  /// The file that prints the headline. Several architectures share one; the row has arm64's.
  private static @Nullable String source(Row row, @Nullable String arch) {
    String source = row.source();
    String folder =
        switch (arch == null ? "" : arch) {
          case "arm", "riscv" -> arch;
          case "loongarch64" -> "loongarch";
          default -> null;
        };
    return source == null || folder == null || !source.startsWith("arch/arm64/")
        ? source
        : "arch/" + folder + source.substring("arch/arm64".length());
  }

  private static String verdict(Row row, Frame frame, String function, boolean belowGuilty) {
    if (!frame.reliable()) {
      return "guess";
    }
    String family = Blameless.family(function, row.blameless());
    if (family != null) {
      return family;
    }
    if (ORDERING.matcher(function).find()) {
      return "locks";
    }
    if (ENTRY.matcher(function).find()) {
      return ENTERED;
    }
    if (belowGuilty) {
      // Only symbolized reports show these: they would make a way of their own.
      return frame.inline() ? "inlined" : PATH;
    }
    return switch (row.choice()) {
      case FIRST -> "passed over";
      case STALL -> "where it happened to be";
      case HANG -> "waiting";
    };
  }

  /// The lines that title and signature were made of.
  private static Set<Integer> read(Row row, List<String> lines, @Nullable String guilty) {
    Set<Integer> read = new TreeSet<>();
    read.add(0);
    List<Pattern> wanted = new ArrayList<>(row.body());
    wanted.addAll(row.details());
    if (row.kindWhen() != null) {
      wanted.add(row.kindWhen());
    }
    if (guilty != null) {
      wanted.add(
          Pattern.compile("(?<![A-Za-z0-9_.])" + Pattern.quote(guilty) + "(?![A-Za-z0-9_])"));
    }
    for (Pattern pattern : wanted) {
      for (int i = 0; i < lines.size(); i++) {
        if (pattern.matcher(lines.get(i)).find()) {
          read.add(i);
          break;
        }
      }
    }
    return read;
  }
}
