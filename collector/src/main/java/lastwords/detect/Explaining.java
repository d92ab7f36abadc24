package lastwords.detect;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import lastwords.kernel.Explanation;
import lastwords.kernel.Explanation.Judged;
import lastwords.kernel.Frame;
import org.jspecify.annotations.Nullable;

/// Tells why a crash is called and grouped as it is.
final class Explaining {
  /// Frames judged of one stack: below lie the ways into the kernel, the same for everybody.
  private static final int MAX_FRAMES = 40;

  /// Frames of the path, the guilty one included.
  private static final int PATH = 6;

  /// How work gets into the kernel: below it everything is the same.
  private static final Pattern ENTRY =
      Pattern.compile(
          "^(?:do_syscall|x64_sys_call|ia32_sys_call|do_int80|__do_fast_syscall|do_fast_syscall|entry_|el[01]t?_|el[01]h?_|invoke_syscall|do_el0_svc|system_call|syscall_|ret_fast|sysenter|tracesys"
              + "|ret_from_|asm_|sysvec_|__sysvec|handle_irq|__handle_irq|handle_(?:level|edge|fasteoi|percpu|simple)_|generic_handle|common_interrupt|do_IRQ|irq_exit|__irq_exit|call_on_stack|run_irq_on|apic_timer|smp_apic"
              + "|process_one_work|process_scheduled_works|worker_thread|kthread$|smpboot_thread|run_ksoftirqd|do_softirq|__do_softirq|handle_softirqs|invoke_softirq|call_timer_fn|__?run_timers|expire_timers"
              + "|cpu_startup_entry|do_idle|default_idle|cpuidle_|call_cpuidle|arch_cpu_idle|start_secondary|rest_init|start_kernel|secondary_startup|x86_64_start|kernel_init$"
              + "|vfs_(?:read|write|readv|writev|ioctl)$|ksys_|new_sync_(?:read|write)$|do_iter_|call_(?:read|write)_iter$|__?[a-z0-9]{2,11}_(?:compat_)?sys_|__sys_|sys_|SyS_|SYSC_|ret_to_user|exit_to_user|task_work_run$|_stext$|_text$)");

  private Explaining() {}

  /// @param lines the report as far as it is about the fault
  /// @param guilty as the stack has it, without compiler suffix; null for none
  /// @param signed what the signature is of
  static Explanation of(
      Row row, List<String> lines, Stack stack, @Nullable String guilty, List<String> signed) {
    List<Frame> frames = frames(stack);
    List<Judged> judged = new ArrayList<>();
    List<String> path = new ArrayList<>();
    boolean seen = guilty == null;
    for (Frame frame : frames.subList(0, Math.min(frames.size(), MAX_FRAMES))) {
      String bare = Titles.withoutSuffix(frame.function());
      String verdict = verdict(row, frame, bare, seen);
      if (!seen && bare.equals(guilty)) {
        seen = true;
        verdict = "guilty";
      }
      if (path.size() < PATH && (verdict.equals("guilty") || verdict.equals("path"))) {
        path.add(frame.function());
      } else if (verdict.equals("path")) {
        break;
      }
      judged.add(new Judged(Signatures.function(frame.function()), verdict));
    }
    return new Explanation(
        row.source(),
        List.copyOf(read(row, lines, guilty)),
        List.copyOf(judged),
        signed,
        path.isEmpty() ? null : Signatures.path(path));
  }

  private static List<Frame> frames(Stack stack) {
    List<Frame> frames = new ArrayList<>();
    if (stack.pointer() != null) {
      frames.add(stack.pointer());
    }
    frames.addAll(stack.places());
    frames.addAll(stack.frames());
    return frames;
  }

  private static String verdict(Row row, Frame frame, String function, boolean belowGuilty) {
    if (!frame.reliable()) {
      return "guess";
    }
    String family = Blameless.family(function, row.blameless());
    if (family != null) {
      return family;
    }
    if (ENTRY.matcher(function).find()) {
      return "entry";
    }
    if (belowGuilty) {
      // Only symbolized reports show these: they would make a way of their own.
      return frame.inline() ? "inlined" : "path";
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
    List<Pattern> wanted = new ArrayList<>();
    if (row.body() != null) {
      wanted.add(row.body());
    }
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
