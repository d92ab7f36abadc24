package lastwords.detect;

import static lastwords.detect.Row.Trait.ALWAYS_CORRUPTED;
import static lastwords.detect.Row.Trait.ONLY_WITH_STACK;
import static lastwords.detect.Row.Trait.SEQUEL;
import static lastwords.detect.Row.row;
import static lastwords.kernel.Category.OOPS;
import static lastwords.kernel.Severity.CRITICAL;
import static lastwords.kernel.Severity.ERROR;

import java.util.ArrayList;
import java.util.List;
import lastwords.kernel.Severity;

/// The reports of faults in the kernel's own code, in the order in which they are tried.
///
/// Titles are those that syzkaller gives the same reports, so that they can be looked up on its
/// dashboard and in the kernel's commit messages.
final class Faults {
  /// Where a function name may stand in a headline: `[<address>] function+0x1/0x2`.
  private static final String IN = " in (?:\\[<?[0-9a-f]+>?\\] )?(?<function>[A-Za-z0-9_.$]+)";

  private Faults() {}

  static List<Row> rows() {
    List<Row> rows = new ArrayList<>();
    sanitizers(rows);
    memory(rows);
    exceptions(rows);
    stalls(rows);
    locking(rows);
    bugs(rows);
    warnings(rows);
    others(rows);
    return rows;
  }

  private static Row.Builder fault(String kind) {
    return row(kind, OOPS, ERROR);
  }

  private static Row.Builder warning(String kind) {
    return row(kind, OOPS, Severity.WARNING);
  }

  private static void sanitizers(List<Row> rows) {
    rows.add(
        fault("kasan")
            .says("BUG: KASAN: double-free", "BUG: KASAN: invalid-free")
            .like(
                "BUG: KASAN: (?:double-free or invalid-free|double-free|invalid-free)(?:"
                    + IN
                    + ")?")
            .stack(Recipe.HEADLINE_AND_TRACE)
            .neverBlame("slab_|kfree|vunmap|vfree")
            .alias("invalid-free in {F}")
            .title("KASAN: invalid-free in {F}"));
    rows.add(
        fault("kasan")
            .says("BUG: KASAN:")
            .like("BUG: KASAN: (?<access>[a-z-]+)" + IN)
            .needs("(Read|Write) (?:of size|at addr)")
            .stack(Recipe.HEADLINE_AND_TRACE)
            .neverBlame(
                "kasan_tag_mismatch|do_hw_tag|hwasan_tag|die_kernel_fault|do_tag_check_fault")
            .alias("bad-access in {F}")
            .title("KASAN: {1} {3} in {F}"));
    rows.add(
        fault("kasan")
            .says("BUG: KASAN:")
            .like("BUG: KASAN: (?<access>[a-z-]+) on address")
            .needs("(Read|Write) of size (?:[0-9]+)")
            .title("KASAN: {1} {2}"));
    rows.add(
        fault("kasan")
            .says("BUG: KASAN:")
            .like("BUG: KASAN: (.*)")
            .traits(ALWAYS_CORRUPTED)
            .title("KASAN: {1}"));
    rows.add(
        fault("kmsan")
            .says("BUG: KMSAN: kernel-usb-infoleak")
            .like("BUG: KMSAN: (kernel-usb-infoleak)")
            .stack(Recipe.ORIGIN)
            .neverBlame(
                "alloc_skb|usb_submit_urb|usb_start_wait_urb|usb_bulk_msg|usb_interrupt_msg|usb_control_msg")
            .title("KMSAN: {1} in {F}"));
    rows.add(
        fault("kmsan")
            .says("BUG: KMSAN:")
            .like("BUG: KMSAN: (?<access>[a-z-]+) in")
            .stack(Recipe.ORIGIN)
            .neverBlame("alloc_skb|netlink_|crypto_|cipher_|drbg_|rng_|_encrypt$")
            .alias("bad-access in {F}")
            .title("KMSAN: {1} in {F}"));
    rows.add(fault("kcsan").says("BUG: KCSAN:").like("BUG: KCSAN: (.*)").title("KCSAN: {1}"));
    rows.add(
        fault("kfence")
            .says("BUG: KFENCE:")
            .like("BUG: KFENCE: (use-after-free|out-of-bounds) (read|write)" + IN)
            .stack(Recipe.HEADLINE_AND_TRACE)
            .alias("bad-access in {F}")
            .title("KFENCE: {1} {2} in {F}"));
    rows.add(
        fault("kfence")
            .says("BUG: KFENCE:")
            .like("BUG: KFENCE: (invalid free)" + IN)
            .stack(Recipe.HEADLINE_AND_TRACE)
            .alias("invalid-free in {F}")
            .title("KFENCE: {1} in {F}"));
    rows.add(
        fault("kfence")
            .says("BUG: KFENCE:")
            .like("BUG: KFENCE: (invalid (?:read|write)|memory corruption)" + IN)
            .stack(Recipe.HEADLINE_AND_TRACE)
            .alias("bad-access in {F}")
            .title("KFENCE: {1} in {F}"));
    rows.add(
        fault("ubsan")
            .says("UBSAN: Undefined behaviour in")
            .stack(Recipe.TRACE)
            .neverBlame("ubsan|overflow")
            .title("UBSAN: undefined-behaviour in {F}"));
    rows.add(
        fault("ubsan")
            .says("UBSAN: array-index-out-of-bounds in")
            .stack(Recipe.TRACE)
            .neverBlame("ubsan|overflow")
            .alias("bad-access in {F}")
            .title("UBSAN: array-index-out-of-bounds in {F}"));
    rows.add(
        fault("ubsan")
            .says("UBSAN:")
            .like("UBSAN: ([a-z-]+) in")
            .stack(Recipe.TRACE)
            .neverBlame("ubsan|overflow")
            .title("UBSAN: {1} in {F}"));
    rows.add(
        fault("kmemleak")
            .says("BUG: memory leak")
            .stack(Recipe.TRACE)
            .neverBlame(
                "kmemleak|mmap|kmem|slab|alloc|create_object|idr_get|list_lru_init|kasprintf|kvasprintf|pcpu_create|strdup|strndup|memdup")
            .title("memory leak in {F}"));
  }

  private static void memory(List<Row> rows) {
    rows.add(
        fault("null-deref")
            .says("kernel NULL pointer dereference")
            .like("BUG: (?:unable to handle )?kernel NULL pointer dereference")
            .stack(Recipe.POINTER_AND_TRACE)
            .alias("bad-access in {F}")
            .title("BUG: unable to handle kernel NULL pointer dereference in {F}"));
    rows.add(
        fault("page-fault")
            .says(
                "BUG: unable to handle kernel paging request",
                "BUG: unable to handle page fault for address",
                "Unable to handle kernel data access")
            .stack(Recipe.POINTER_AND_TRACE)
            .alias("bad-access in {F}")
            .title("BUG: unable to handle kernel paging request in {F}"));
    rows.add(
        fault("page-fault")
            .says("BUG: unable to handle kernel")
            .traits(ALWAYS_CORRUPTED)
            .title("BUG: unable to handle kernel"));
    rows.add(
        fault("null-deref")
            .says(
                "Unable to handle kernel NULL pointer dereference",
                "Kernel NULL pointer dereference")
            .stack(Recipe.POINTER_AND_TRACE)
            .alias("bad-access in {F}")
            .title("BUG: unable to handle kernel NULL pointer dereference in {F}"));
    rows.add(
        fault("page-fault")
            .says("Unable to handle kernel access to user memory")
            .stack(Recipe.POINTER_AND_TRACE)
            .alias("bad-access in {F}")
            .title("BUG: unable to handle kernel access to user memory in {F}"));
    rows.add(
        fault("page-fault")
            .says(
                "Unable to handle kernel paging request",
                "Unable to handle kernel pointer dereference",
                "Unable to handle kernel execut",
                "Unable to handle kernel write to read-only memory",
                "Unable to handle kernel read from unreadable memory")
            .stack(Recipe.POINTER_AND_TRACE)
            .alias("bad-access in {F}")
            .title("BUG: unable to handle kernel paging request in {F}"));
    rows.add(
        row("stack-overflow", OOPS, CRITICAL)
            .says("stack guard page was hit at")
            .like("BUG: .{0,64}stack guard page was hit at")
            .stack(Recipe.POINTER_AND_TRACE)
            .choose(Choice.STALL)
            .alias("stack-overflow in {F}")
            .title("BUG: stack guard page was hit in {F}"));
    rows.add(
        row("stack-overflow", OOPS, CRITICAL)
            .says("Insufficient stack space to handle exception!")
            .stack(Recipe.POINTER_AND_TRACE)
            .choose(Choice.STALL)
            .alias("stack-overflow in {F}")
            .title("kernel stack overflow in {F}"));
    rows.add(
        fault("mm-state")
            .says("BUG: Bad page state", "BUG: Bad page cache")
            .like("BUG: Bad page (state|cache)")
            .stack(Recipe.ALLOCATION)
            .neverBlame(
                "(?:^|_)(?:free|alloc)|folio|bad_page|put_page|release_pages|pagevec|zap_|unmap")
            .title("BUG: Bad page {1} in {F}"));
    rows.add(
        fault("mm-state")
            .says("BUG: Bad page map")
            .stack(Recipe.OPTIONAL)
            .title("BUG: Bad page map"));
    rows.add(
        fault("mm-state")
            .says("BUG: Bad rss-counter state")
            .block("(?!)")
            .title("BUG: Bad rss-counter state"));
    rows.add(
        fault("mm-state")
            .says(
                "non-zero nr_ptes on freeing mm",
                "non-zero nr_pmds on freeing mm",
                "non-zero pgtables_bytes on freeing mm")
            .like("BUG: (non-zero [a-z_]+ on freeing mm)")
            .block("(?!)")
            .title("BUG: {1}"));
    rows.add(
        fault("slub")
            .says("BUG ")
            .like("^BUG (?<cache>[A-Za-z0-9_.:-]+) ?(?:\\(.*\\))?: (?<what>.*)")
            .stack(Recipe.ALLOCATION)
            .neverBlame(
                "slab|kfree|object_err|check_|free_|print_trailer|kmem_cache|kmalloc|delayed_work")
            .title("BUG: slab {2} in {F}"));
  }

  private static void exceptions(List<Row> rows) {
    rows.add(
        fault("gpf")
            .says("general protection fault")
            .but("general protection fault(?: ip:| rip:|, ip|.* in \\S+\\[)|traps: ")
            .stack(Recipe.POINTER_AND_TRACE)
            .alias("bad-access in {F}")
            .traits(SEQUEL)
            .title("general protection fault in {F}"));
    rows.add(
        fault("stack-segment")
            .says("stack segment:")
            .stack(Recipe.POINTER_AND_TRACE)
            .traits(SEQUEL)
            .title("stack segment fault in {F}"));
    rows.add(
        fault("divide-error")
            .says("divide error:", "divide_error:")
            .but("traps: ")
            .stack(Recipe.POINTER)
            .traits(SEQUEL)
            .title("divide error in {F}"));
    rows.add(
        fault("invalid-opcode")
            .says("invalid opcode:")
            .but("traps: ")
            .stack(Recipe.POINTER)
            .traits(SEQUEL)
            .title("invalid opcode in {F}"));
    rows.add(
        fault("int3")
            .says("int3:")
            .like("(?:^|[^a-z])int3: ")
            .but("traps: ")
            .stack(Recipe.POINTER_AND_TRACE)
            .traits(SEQUEL)
            .title("int3 in {F}"));
    rows.add(
        row("double-fault", OOPS, CRITICAL)
            .says("PANIC: double fault")
            .stack(Recipe.POINTER)
            .title("PANIC: double fault in {F}"));
    rows.add(
        row("double-fault", OOPS, CRITICAL)
            .says("double fault:")
            .like("(?:^|Oops: )double fault: ")
            .stack(Recipe.POINTER)
            .traits(SEQUEL)
            .title("double fault in {F}"));
    rows.add(
        fault("page-fault")
            .says("Internal error:")
            .but("SError")
            .stack(Recipe.POINTER_AND_TRACE)
            .alias("bad-access in {F}")
            .traits(SEQUEL)
            .title("Internal error in {F}"));
    rows.add(
        fault("page-fault")
            .says("Unhandled fault:")
            .stack(Recipe.POINTER_AND_TRACE)
            .traits(SEQUEL)
            .title("Unhandled fault in {F}"));
    rows.add(
        fault("alignment")
            .says("Alignment trap:")
            .like("Alignment trap: ")
            .but("Alignment trap: \\S+ \\([0-9]+\\)")
            .stack(Recipe.POINTER_AND_TRACE)
            .title("Alignment trap in {F}"));
  }

  private static void stalls(List<Row> rows) {
    rows.add(
        row("soft-lockup", OOPS, CRITICAL)
            .says("BUG: soft lockup")
            .like(
                "BUG: soft lockup(?: - CPU#(?<cpu>[0-9]+) stuck for [0-9]+s! \\[(?<comm>.{1,64}):(?<pid>[0-9]+)\\])?")
            .stack(Recipe.POINTER_AND_TRACE)
            .choose(Choice.STALL)
            .alias("stall in {F}")
            .title("BUG: soft lockup in {F}"));
    rows.add(
        row("hard-lockup", OOPS, CRITICAL)
            .says("atchdog detected hard LOCKUP on cpu")
            .like("atchdog detected hard LOCKUP on cpu ?(?<cpu>[0-9]+)")
            .stack(Recipe.POINTER_AND_TRACE)
            .alias("stall in {F}")
            .title("BUG: hard lockup in {F}"));
    rows.add(
        row("rcu-stall", OOPS, CRITICAL)
            .says("detected stall", "self-detected stall", "detected expedited stall")
            .like(
                "INFO: rcu_(?:preempt|sched|bh|tasks)(?:_[a-z]+)? (?:self-)?detected(?: expedited)? stall")
            .stack(Recipe.INTERRUPTED)
            .neverBlame(
                "apic_timer_interrupt|^_*(?:rcu|print_\\w*(?:stall|rcu)|check_cpu_stall|srcu)")
            .choose(Choice.STALL)
            .details("^(?:rcu: )?\\s+(?<cpu>[0-9]+)-[.!?A-Za-z]+: \\(")
            .alias("stall in {F}")
            .title("INFO: rcu detected stall in {F}"));
    rows.add(
        row("rcu-starved", OOPS, ERROR)
            .says("kthread starved for")
            .like("rcu_[a-z]+ kthread starved for")
            .stack(Recipe.OPTIONAL)
            .title("rcu grace-period kthread starved"));
    rows.add(
        row("hung-task", OOPS, ERROR)
            .says("INFO: task ")
            .like(
                "INFO: task (?<comm>.{1,64}):(?<pid>[0-9]+) (?:<\\S+> )?blocked (?:in I/O wait )?for more than [0-9]+ seconds")
            .stack(Recipe.TRACE)
            .choose(Choice.HANG)
            .alias("hang in {F}")
            .title("INFO: task hung in {F}"));
    rows.add(
        row("hung-task", OOPS, ERROR)
            .says("INFO: task ")
            .like(
                "INFO: task (?<comm>.{1,64}):(?<pid>[0-9]+) can't die for more than [0-9]+ seconds")
            .stack(Recipe.TRACE)
            .neverBlame("schedule")
            .alias("hang in {F}")
            .title("INFO: task can't die in {F}"));
    rows.add(
        fault("workqueue-lockup")
            .says("BUG: workqueue lockup")
            .like("BUG: workqueue lockup(?: - pool cpus=(?<cpu>[0-9]+))?")
            .title("BUG: workqueue lockup"));
    rows.add(
        fault("lockdep")
            .says("BUG: workqueue leaked lock or atomic")
            .needs("last function: ([A-Za-z0-9_]+)")
            .title("BUG: workqueue leaked lock or atomic in {1}"));
  }

  private static void locking(List<Row> rows) {
    rows.add(
        fault("lockdep")
            .says("BUG: spinlock", "BUG: rwlock")
            .like(
                "BUG: (spinlock|rwlock) (lockup suspected|already unlocked|recursion|cpu recursion|bad magic|wrong owner|wrong CPU|trylock failure on UP)")
            .stack(Recipe.TRACE)
            .neverBlame("spin_|_lock|_unlock")
            .title("BUG: {1} {2} in {F}"));
    rows.add(
        fault("atomic-sleep")
            .says("BUG: scheduling while atomic")
            .stack(Recipe.TRACE)
            .neverBlame("schedule")
            .title("BUG: scheduling while atomic in {F}"));
    rows.add(
        fault("atomic-sleep")
            .says("BUG: sleeping function called from invalid context at")
            .stack(Recipe.TRACE)
            .title("BUG: sleeping function called from invalid context in {F}"));
    rows.add(
        fault("preempt")
            .says("BUG: using ")
            .like("BUG: using ([a-z_]+)\\(\\) in preemptible")
            .stack(Recipe.TRACE)
            .neverBlame("preempt|debug_|processor_id|this_cpu|dump_stack")
            .title("BUG: using {1}() in preemptible code in {F}"));
    rows.add(
        fault("lockdep")
            .says(
                "possible circular locking dependency detected",
                "possible recursive locking detected",
                "possible irq lock inversion dependency detected",
                "-unsafe lock order detected",
                "possible deadlock")
            .like(
                "(?:WARNING|INFO): (?:possible (?:circular|recursive|irq) lock|SOFTIRQ-|HARDIRQ-|RECLAIM_FS-|[A-Za-z_]+-safe ->|possible deadlock)")
            .stack(Recipe.LOCK)
            .neverBlame("process_one_work|process_scheduled_works|worker_thread")
            .title("possible deadlock in {F}"));
    rows.add(
        fault("lockdep")
            .says("inconsistent lock state")
            .like("(?:WARNING|INFO): inconsistent lock state")
            .stack(Recipe.LOCK)
            .title("inconsistent lock state in {F}"));
    rows.add(
        fault("lockdep")
            .says("suspicious RCU usage")
            .like("(WARNING|INFO): suspicious RCU usage")
            .stack(Recipe.TRACE)
            .neverBlame("rcu|kmem|slab")
            .title("{1}: suspicious RCU usage in {F}"));
    rows.add(
        fault("lockdep")
            .says(
                "bad unlock balance detected",
                "held lock freed",
                "still has locks held",
                "ested lock was not taken",
                "lock held when returning to user space")
            .like(
                "(WARNING|INFO|BUG): .*?(bad unlock balance|held lock freed|still has locks held|[Nn]ested lock was not taken|lock held when returning to user space)")
            .stack(Recipe.LOCK)
            .title("{1}: {2} in {F}"));
    rows.add(
        fault("lockdep")
            .says("BUG: Invalid wait context")
            .like("BUG: Invalid wait context")
            .stack(Recipe.LOCK)
            .title("WARNING: locking bug in {F}"));
    rows.add(
        fault("lockdep")
            .says("INFO: trying to register non-static key")
            .stack(Recipe.TRACE)
            .neverBlame("stack|lock|IRQ")
            .title("INFO: trying to register non-static key in {F}"));
  }

  private static void bugs(List<Row> rows) {
    rows.add(
        fault("usercopy")
            .says("kernel BUG at mm/usercopy.c")
            .stack(Recipe.TRACE)
            .title("BUG: bad usercopy in {F}"));
    rows.add(
        fault("list-corruption")
            .says("kernel BUG at lib/list_debug.c")
            .stack(Recipe.POINTER_AND_TRACE)
            .alias("bad-access in {F}")
            .title("BUG: corrupted list in {F}"));
    rows.add(
        fault("bug-on")
            .says("kernel BUG at ")
            .like("kernel BUG at (?<at>\\S+?)!?$")
            .stack(Recipe.POINTER_AND_TRACE)
            .neverBlame("^skb_")
            .title("kernel BUG in {F}"));
    rows.add(
        fault("bug-on")
            .says("kernel BUG ")
            .like("^kernel BUG at (.*)")
            .stack(Recipe.POINTER_AND_TRACE)
            .title("kernel BUG in {F}"));
  }

  /// Where a `WARNING` happened, in the three wordings kernels have had.
  private static final String WARNING_AT =
      "WARNING: (?:CPU: (?<cpu>[0-9]+) PID: (?<pid>-?[0-9]+) at |\\[[^\\]]{1,300}\\] |at )?";

  private static void warnings(List<Row> rows) {
    file(rows, "refcount", "lib/refcount\\.c", "refcount|kobject_", "WARNING: refcount bug in {F}");
    file(
        rows,
        "odebug",
        "lib/debugobjects\\.c",
        "debug_|timer|hrtimer|work|rcu_head|__call_rcu|call_rcu|kfree|kvfree|vfree|__free|slab|kmem|free_|percpu_counter",
        "WARNING: ODEBUG bug in {F}");
    file(rows, "kobject", "lib/kobject\\.c", "kobject_|kset_", "WARNING: kobject bug in {F}");
    file(
        rows,
        "warning",
        "fs/proc/generic\\.c",
        "proc_|remove_proc",
        "WARNING: proc registration bug in {F}");
    file(rows, "usercopy", "mm/usercopy\\.c", "usercopy|check", "WARNING: bad usercopy in {F}");
    file(rows, "lockdep", "kernel/locking/lockdep\\.c", "lock", "WARNING: locking bug in {F}");
    file(rows, "warning", "mm/vmalloc\\.c", "vmalloc|alloc", "WARNING: zero-size vmalloc in {F}");
    rows.add(
        warning("warning")
            .says("WARNING:")
            .like(WARNING_AT + "(?<at>mm/\\S+\\.c:[0-9]+).*(?: |_)k[a-z]?malloc")
            .stack(Recipe.WARNING)
            .neverBlame("alloc|slab|kmem")
            .title("WARNING: kmalloc bug in {F}"));
    rows.add(
        warning("warning")
            .says("WARNING:")
            .like(WARNING_AT + "(?<at>drivers/usb/\\S+\\.c:[0-9]+).*usb_submit_urb")
            .stack(Recipe.WARNING)
            .neverBlame(
                "usb_submit_urb|usb_start_wait_urb|usb_bulk_msg|usb_interrupt_msg|usb_control_msg")
            .title("WARNING in {F}/usb_submit_urb"));
    rows.add(
        warning("warning")
            .says("WARNING:")
            .like(WARNING_AT + "(?<at>[A-Za-z0-9_./+-]+\\.[chS]:[0-9]+)")
            .stack(Recipe.WARNING)
            .title("WARNING in {F}"));
    rows.add(
        warning("warning")
            .says("WARNING: CPU:")
            .like("WARNING: CPU: (?<cpu>[0-9]+) PID: (?<pid>[0-9]+)")
            .stack(Recipe.WARNING)
            .title("WARNING in {F}"));
  }

  private static void file(
      List<Row> rows, String kind, String file, String blameless, String title) {
    rows.add(
        warning(kind)
            .says("WARNING:")
            .like(WARNING_AT + "(?<at>" + file + ":[0-9]+)")
            .stack(Recipe.WARNING)
            .neverBlame(blameless)
            .title(title));
  }

  private static void others(List<Row> rows) {
    rows.add(
        fault("netdev-refcount")
            .says("unregister_netdevice: waiting for")
            .like("unregister_netdevice: waiting for (?<device>\\S+) to become free")
            .block("(?!)")
            .title("unregister_netdevice: waiting for DEV to become free"));
    rows.add(
        fault("vfs")
            .says("BUG: Dentry")
            .like("BUG: Dentry .{0,120} still in use \\([0-9-]+\\) (\\[unmount of .*\\])")
            .stack(Recipe.OPTIONAL)
            .alias("BUG: Dentry still in use {1}")
            .title("BUG: Dentry still in use in unmount"));
    rows.add(
        fault("vfs")
            .says("VFS: Busy inodes after unmount")
            .block("(?!)")
            .title("VFS: Busy inodes after unmount (use-after-free)"));
    rows.add(
        fault("vfs")
            .says("VFS: Close: file count is 0")
            .block("(?!)")
            .title("VFS: Close: file count is 0 (use-after-free)"));
    rows.add(
        fault("rust-panic")
            .says("rust_kernel: panicked at")
            .stack(Recipe.TRACE)
            .title("rust_kernel panicked in {F}"));
    rows.add(
        fault("page-fault")
            .says("Oops:")
            .like("^Oops(?:: | - )")
            .stack(Recipe.POINTER_AND_TRACE)
            .traits(SEQUEL)
            .title("Oops in {F}"));
    rows.add(
        warning("warning")
            .says("WARNING:", "INFO:", "BUG:")
            .like("(?:^|[^_A-Z])((?:WARNING|INFO|BUG): .+)")
            .but(
                "lockdep is turned off|Stall ended before|took too long|recovery required|(?:DEBUG|_INFO):|mitigation|moduli|mand mount|eBPF|SRSO|fbcon|wireless extensions|deprecated")
            .stack(Recipe.OPTIONAL)
            .traits(ONLY_WITH_STACK)
            .title("{1}"));
  }
}
