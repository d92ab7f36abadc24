package lastwords.detect;

import java.util.List;
import java.util.regex.Pattern;
import lastwords.kernel.Frame;
import org.jspecify.annotations.Nullable;

/// Chooses the function held responsible from a stack.
final class Guilt {
  /// What the kernel's dispatchers are called: above them is work somebody asked for.
  private static final Pattern DISPATCHER =
      Pattern.compile(
          "^(?:do_syscall_|do_fast_syscall|do_int80|el0_svc|invoke_syscall|ret_fast_syscall|entry_SYSCALL|entry_SYSENTER|sysenter_|system_call|el0t_64|__sys_trace"
              + "|process_one_work|process_scheduled_works|kthread$|ret_from_fork|start_secondary|cpu_startup_entry|smpboot_thread_fn|run_ksoftirqd|do_softirq|__do_softirq|handle_softirqs"
              + "|call_timer_fn|__?run_timers|expire_timers|__hrtimer_run|hrtimer_run|tasklet_|netif_receive_skb|__netif_receive_skb"
              + "|page_fault$|do_page_fault|do_async_page_fault|task_work_run|exit_to_user|__fput|____fput"
              + "|vfs_(?:read|write|iter|writev|readv|ioctl|open|fsync)|__vfs_(?:read|write)|new_sync_|do_iter_|call_(?:read|write)_iter"
              + "|do_vfs_ioctl|file_ioctl|sock_ioctl|tty_ioctl|\\w+_compat_ioctl$|compat_(?:SyS|sys)_ioctl|\\w*[sS]y[sS]_ioctl$"
              + "|mmap_region|do_mmap|vm_mmap|do_sys_open|do_filp_open|path_openat|do_dentry_open|chrdev_open"
              + "|sock_sendmsg|__sock_sendmsg|sock_recvmsg|sock_common_[gs]etsockopt|__sys_(?:setsockopt|getsockopt|listen|accept|connect|bind)|sock_(?:write|read)_iter|do_sock_setsockopt|sock_close|__sock_release"
              + "|nfnetlink_rcv|rtnetlink_rcv|netlink_dump|full_proxy_|direct_entry$|lkdtm_do_action)");

  private static final Pattern SPREADS = Pattern.compile("^(?:smp_call_function|on_each_cpu)");

  private static final Pattern WAITING =
      Pattern.compile(
          "^_*(?:io_)?sched|sched_|(?:mutex|spin|read|write|rt|page|folio|sock|super|inode|rwsem|bit|rw|rwbase)_?(?:try)?_?lock|_lock(?!_\\w*er(?:_|$))|^lock_|_slowlock|(?:^|_)down(?:_|$)|rwsem|completion|kthread|wait(?!er)|synchronize|context_switch|__switch_to|cancel_delayed_work|cancel_work|rcu_barrier|ret_from_fork|mutex");

  private static final Pattern SYNCHRONIZES =
      Pattern.compile("^synchronize_(?:rcu|srcu|net|sched)");

  private Guilt() {}

  /// The function, its compiler suffix removed; null where no frame can be blamed.
  static @Nullable String of(Row row, Stack stack) {
    List<String> functions =
        stack.candidates().stream().map(Frame::function).map(Titles::withoutSuffix).toList();
    return switch (row.choice()) {
      case FIRST -> first(row, functions);
      case STALL -> stalled(row, functions);
      case HANG -> hung(row, functions);
    };
  }

  private static @Nullable String first(Row row, List<String> functions) {
    for (String function : functions) {
      if (!Blameless.contains(function, row.blameless())) {
        return function;
      }
    }
    return null;
  }

  private static @Nullable String stalled(Row row, List<String> functions) {
    String before = null;
    String dispatcher = null;
    for (String function : functions) {
      if (SPREADS.matcher(function).find()) {
        return function;
      }
      if (DISPATCHER.matcher(function).find()) {
        if (before != null) {
          return dispatcher != null && Titles.names(before).size() > 1 ? dispatcher : before;
        }
        dispatcher = function;
      } else if (!Blameless.contains(function, row.blameless())) {
        before = function;
      }
    }
    return null;
  }

  private static @Nullable String hung(Row row, List<String> functions) {
    for (String function : functions) {
      if (function.equals("rtnl_lock")) {
        return function;
      }
    }
    for (String function : functions) {
      if (SYNCHRONIZES.matcher(function).find()) {
        return "synchronize_rcu";
      }
    }
    for (String function : functions) {
      if (!WAITING.matcher(function).find() && !Blameless.contains(function, row.blameless())) {
        return function;
      }
    }
    return null;
  }
}
