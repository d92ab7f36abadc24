package lastwords.detect;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import lastwords.demangle.Demangler;
import org.jspecify.annotations.Nullable;

/// The functions held responsible for a report.
///
/// @param suspects one of each stack that the row's recipe reads; [#NOBODY] where none can be
///   blamed
/// @param intact the stacks are whole, and each has somebody to blame
record Guilt(List<Suspect> suspects, boolean intact) {
  /// @param function as the stack has it, its compiler suffix removed
  /// @param name what it is called in titles
  /// @param variants its names with some of what system calls are prefixed with, and without
  record Suspect(String function, String name, List<String> variants) {}

  static final Suspect NOBODY =
      new Suspect(Titles.NO_FUNCTION, Titles.NO_FUNCTION, List.of(Titles.NO_FUNCTION));

  /// What dispatches work: below them on a stack is who asked, above them what is done. Several
  /// names for one way in, since kernels inline and rename them.
  private static final Pattern DISPATCHER =
      Pattern.compile(
          String.join(
              "|",
              // Into the kernel, and out of it.
              "system_call_(?:common|exception|vectored)|^system_call$|^(?:__do|do|handle)_syscall$",
              "do_(?:fast_)?syscall_|invoke_syscall|ret_fast_syscall|el0_svc_handler|sysenter_dispatch|tracesys_phase2",
              "__do_fault|do_page_fault|^page_fault$|exit_to_usermode|task_work_run|__fput",
              // Threads, idle CPUs, work, timers and softirqs.
              "^kthread$|ret_from_fork|smpboot_thread_fn|start_secondary|cpu_startup_entry|process_one_work",
              "call_timer_fn|_run_timers|run_timer_softirq|hrtimer_run|do_softirq|run_ksoftirqd|tasklet_(?:hi_)?action|smp_call_function",
              "netif_receive_skb|^(?:nf|rt)netlink_rcv_msg|^netlink_dump",
              // The operations of files, of debugfs's files, and of the kernel's crash test.
              "(?:vfs|new_sync|call|do_iter|vfs_iter)_(?:read|write)|do_iter_readv_writev|do_dentry_open|vfs_open",
              "(?:vfs|ksys|compat|compat_sys|blkdev|blkdev_driver)_ioctl|^call_mmap|do_mmap|mmap_region",
              "^full_proxy_|^direct_entry$|^lkdtm_do_action$",
              // The operations of sockets.
              "^sock_(?:sendmsg|recvmsg|release|mmap)|^(?:compat_)?sock_ioctl|^sock_do_ioctl|^__sock_release|sk_common_release",
              "^(?:listen|accept|setsockopt)$|kernel_(?:listen|accept|setsockopt)|sock_common_setsockopt|^(?:sys_)?(?:socketpair|connect|ioctl)"));

  /// Every variant of asking other CPUs to run something is the same wait for them.
  private static final String SPREADS = "smp_call_function";

  private static final Pattern WAITING =
      Pattern.compile(
          "sched|_lock|_slowlock|down|rwsem|completion|kthread|wait|synchronize|context_switch"
              + "|__switch_to|cancel_delayed_work|rcu_barrier");

  /// Everybody who waits for these waits for the same.
  private static final Pattern AWAITED =
      Pattern.compile("rtnl_lock|(?<rcu>synchronize_(?:s?rcu|net|sched))");

  /// Follows the row's recipe through the report's lines; `named` is the function its text names.
  static Guilt of(Row row, List<String> lines, @Nullable String named) {
    Guilt guilt = named == null ? new Guilt(List.of(), true) : named(Demangler.readable(named));
    for (Recipe.Way way : row.stack().ways) {
      guilt = of(row, new Walk(way.steps(), lines, named, false));
      if (guilt.intact) {
        return guilt;
      }
    }
    return guilt;
  }

  /// Where the lines that say it are known to be lost: who the first call trace has on top. Still
  /// this where that is nobody.
  Guilt orOf(Row row, List<String> lines) {
    Guilt other = of(row, new Walk(Recipe.TRACE.ways.getFirst().steps(), lines, null, false));
    return other.intact ? other : this;
  }

  /// Somebody to suspect where the report's own stacks yield nobody: whoever stands on top of any,
  /// be it a guess. Good for a look, not for a title.
  static @Nullable String guess(Row row, List<String> lines) {
    for (Recipe recipe : List.of(Recipe.POINTER_AND_TRACE, Recipe.TRACE)) {
      Walk walk = new Walk(recipe.ways.getFirst().steps(), lines, null, true);
      for (String function : walk.stacks.getFirst()) {
        if (!Blameless.contains(function, row.blameless())) {
          return Titles.withoutPrefix(function);
        }
      }
    }
    return null;
  }

  private static Guilt named(String function) {
    return new Guilt(List.of(new Suspect(function, function, List.of(function))), true);
  }

  private static Guilt of(Row row, Walk walk) {
    List<Suspect> suspects = new ArrayList<>();
    for (List<String> stack : walk.stacks) {
      List<String> functions =
          stack.stream()
              .filter(f -> !Blameless.contains(f, row.blameless()))
              .limit(row.choice() == Choice.FIRST ? 1 : stack.size())
              .toList();
      suspects.add(functions.isEmpty() ? NOBODY : choose(row.choice(), functions));
    }
    return new Guilt(suspects, walk.intact && !suspects.contains(NOBODY));
  }

  private static Suspect choose(Choice choice, List<String> functions) {
    return switch (choice) {
      case FIRST -> suspect(functions.getFirst());
      case STALL -> stalled(functions);
      case HANG -> hung(functions);
    };
  }

  private static Suspect stalled(List<String> functions) {
    String before = functions.getFirst();
    for (String function : functions) {
      if (DISPATCHER.matcher(Titles.withoutPrefix(function)).find()) {
        return function.contains(SPREADS) ? suspect(function, SPREADS) : suspect(before);
      }
      before = function;
    }
    return NOBODY;
  }

  /// The first that doesn't wait; of a thread that does nothing else, its main function.
  private static Suspect hung(List<String> functions) {
    for (String function : functions) {
      var awaited = AWAITED.matcher(function);
      if (awaited.find()) {
        return awaited.group("rcu") == null
            ? suspect(function)
            : suspect(function, "synchronize_rcu");
      }
    }
    for (String function : functions) {
      if (!WAITING.matcher(Titles.withoutPrefix(function)).find()) {
        int thread = function.startsWith("ret_from_fork") ? functions.indexOf("kthread") : -1;
        return suspect(thread > 0 ? functions.get(thread - 1) : function);
      }
    }
    return NOBODY;
  }

  private static Suspect suspect(String function) {
    return suspect(function, Titles.withoutPrefix(function));
  }

  private static Suspect suspect(String function, String name) {
    Set<String> variants = Titles.variants(function);
    return new Suspect(function, name, List.copyOf(variants));
  }

  /// What the first to blame is called, null for nobody.
  @Nullable String guilty() {
    return blamed() == null ? null : suspects.getFirst().name;
  }

  /// The first to blame as the stack has it, null for nobody.
  @Nullable String blamed() {
    return suspects.isEmpty() || suspects.getFirst().equals(NOBODY)
        ? null
        : suspects.getFirst().function;
  }

  /// What each stack's is called, for the title.
  List<String> names() {
    return names(Suspect::name);
  }

  /// The same, each called as this says.
  List<String> names(Function<Suspect, String> called) {
    return suspects.isEmpty()
        ? List.of(Titles.NO_FUNCTION)
        : suspects.stream().map(called).toList();
  }

  /// What they are called in the title and in others: each without one and the same prefix.
  List<List<String>> variants() {
    List<List<String>> all = new ArrayList<>();
    all.add(names());
    int most = suspects.stream().mapToInt(s -> s.variants.size()).max().orElse(0);
    for (int i = 0; i < most; i++) {
      int number = i;
      all.add(
          suspects.stream()
              .map(s -> s.variants.get(Math.min(number, s.variants.size() - 1)))
              .toList());
    }
    return all;
  }
}
