package lastwords.detect;

import static lastwords.detect.Row.Trait.ALWAYS_CORRUPTED;
import static lastwords.detect.Row.Trait.BARE_STACK;
import static lastwords.detect.Row.Trait.ONLY_OF_KERNEL;
import static lastwords.detect.Row.Trait.ONLY_WITH_STACK;
import static lastwords.detect.Row.Trait.OR_AS_LAST_WORD;
import static lastwords.detect.Row.Trait.SEQUEL;
import static lastwords.detect.Row.Trait.STACK_OF_PANIC;
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

  /// The same after `at:`, in a line on a lock.
  private static final String AT = "at: +(?:\\[<[0-9a-f]+>\\] +)?(?<function>[A-Za-z0-9_.$]+)\\+0x";

  /// A row without lines of its own after the headline.
  private static final String ALONE = "(?!)";

  private static final String OF_SLUB =
      "slab|kfree|object_err|check_|free_|print_trailer|kmem_cache|kmalloc|delayed_work";

  private Faults() {}

  static List<Row> rows() {
    List<Row> rows = new ArrayList<>();
    kasan(rows);
    sanitizers(rows);
    memory(rows);
    exceptions(rows);
    stalls(rows);
    contexts(rows);
    dependencies(rows);
    locks(rows);
    bugs(rows);
    warnings(rows);
    others(rows);
    unknown(rows);
    return rows;
  }

  private static Row.Builder fault(String kind) {
    return row(kind, OOPS, ERROR);
  }

  private static Row.Builder warning(String kind) {
    return row(kind, OOPS, Severity.WARNING);
  }

  private static void kasan(List<Row> rows) {
    rows.add(
        fault("kasan")
            .says("BUG: KASAN: double-free", "BUG: KASAN: invalid-free")
            .like("BUG: KASAN: (?:double-free or invalid-free|double-free|invalid-free)" + IN)
            .stack(Recipe.HEADLINE_AND_TRACE)
            .neverBlame("slab_|kfree|vunmap|vfree")
            .alias("invalid-free in {F}")
            .source("mm/kasan/report.c")
            .title("KASAN: invalid-free in {F}"));
    rows.add(
        fault("kasan")
            .says("BUG: KASAN:")
            .like("BUG: KASAN: (?<access>[a-z-]+)" + IN)
            .needs("(Read|Write) (?:of size|at addr) [0-9a-f]+")
            .stack(Recipe.HEADLINE_AND_TRACE)
            .neverBlame("kernel_fault|tag_check|mem_abort|^el1h?_")
            .alias("bad-access in {F}")
            .source("mm/kasan/report.c")
            .title("KASAN: {1} {3} in {F}"));
    rows.add(
        fault("kasan")
            .says("BUG: KASAN:")
            .like("BUG: KASAN: (?<access>[a-z-]+) on address")
            .needs("(Read|Write) of size [0-9]+")
            .stack(Recipe.EXPECTED)
            .source("mm/kasan/report.c")
            .title("KASAN: {1} {2}"));
    rows.add(
        fault("kasan")
            .says("BUG: KASAN:")
            .like("BUG: KASAN: (.*)")
            .stack(Recipe.EXPECTED)
            .traits(ALWAYS_CORRUPTED)
            .source("mm/kasan/report.c")
            .title("KASAN: {1}"));
  }

  private static void sanitizers(List<Row> rows) {
    rows.add(
        fault("kmsan")
            .says("BUG: KMSAN: kernel-usb-infoleak")
            .like("BUG: KMSAN: (kernel-usb-infoleak) in")
            .stack(Recipe.ORIGIN)
            .neverBlame(
                "alloc_skb|usb_submit_urb|usb_start_wait_urb|usb_bulk_msg|usb_interrupt_msg|usb_control_msg")
            .alias("KMSAN origin in {F2}")
            .traits(BARE_STACK)
            .source("mm/kmsan/report.c")
            .title("KMSAN: {1} in {F}"));
    rows.add(
        fault("kmsan")
            .says("BUG: KMSAN:")
            .like("BUG: KMSAN: (?<access>[a-z-]+) in")
            .stack(Recipe.ORIGIN)
            .neverBlame("alloc_skb|netlink_(?:ack|rcv_skb)|^(?:crypto|cipher|drbg|rng)_|_encrypt$")
            .alias("bad-access in {F}")
            .traits(BARE_STACK)
            .source("mm/kmsan/report.c")
            .title("KMSAN: {1} in {F}"));
    rows.add(
        fault("kcsan")
            .says("BUG: KCSAN:")
            .like("BUG: KCSAN: (.{1,100}? in (?<function>[A-Za-z0-9_.]+).*)")
            .stack(Recipe.RACE)
            .traits(BARE_STACK)
            .source("kernel/kcsan/report.c")
            .title("KCSAN: {1}"));
    rows.add(
        fault("kcsan")
            .says("BUG: KCSAN:")
            .like("BUG: KCSAN: (.*)")
            .source("kernel/kcsan/report.c")
            .title("KCSAN: {1}"));
    rows.add(
        fault("kfence")
            .says("BUG: KFENCE:")
            .like("BUG: KFENCE: (use-after-free|out-of-bounds) (read|write)" + IN)
            .stack(Recipe.HEADLINE_AND_FRAMES)
            .alias("bad-access in {F}")
            .traits(BARE_STACK)
            .source("mm/kfence/report.c")
            .title("KFENCE: {1} {2} in {F}"));
    rows.add(
        fault("kfence")
            .says("BUG: KFENCE:")
            .like("BUG: KFENCE: (invalid free)" + IN)
            .stack(Recipe.HEADLINE_AND_FRAMES)
            .alias("invalid-free in {F}")
            .traits(BARE_STACK)
            .source("mm/kfence/report.c")
            .title("KFENCE: {1} in {F}"));
    rows.add(
        fault("kfence")
            .says("BUG: KFENCE:")
            .like("BUG: KFENCE: (invalid (?:read|write))" + IN)
            .stack(Recipe.HEADLINE_AND_FRAMES)
            .alias("bad-access in {F}")
            .traits(BARE_STACK)
            .source("mm/kfence/report.c")
            .title("KFENCE: {1} in {F}"));
    rows.add(
        fault("kfence")
            .says("BUG: KFENCE:")
            .like("BUG: KFENCE: (memory corruption)" + IN)
            .stack(Recipe.HEADLINE_AND_FRAMES)
            .traits(BARE_STACK)
            .source("mm/kfence/report.c")
            .title("KFENCE: {1} in {F}"));
    rows.add(
        fault("ubsan")
            .says("UBSAN: Undefined behaviour in")
            .stack(Recipe.TRACE)
            .neverBlame("ubsan|overflow")
            .source("lib/ubsan.c")
            .title("UBSAN: undefined-behaviour in {F}"));
    rows.add(
        fault("ubsan")
            .says("UBSAN: array-index-out-of-bounds in")
            .stack(Recipe.TRACE)
            .neverBlame("ubsan|overflow")
            .alias("bad-access in {F}")
            .source("lib/ubsan.c")
            .title("UBSAN: array-index-out-of-bounds in {F}"));
    rows.add(
        fault("ubsan")
            .says("UBSAN:")
            .like("UBSAN: (.{1,100}?) in")
            .stack(Recipe.TRACE)
            .neverBlame("ubsan|overflow")
            .source("lib/ubsan.c")
            .title("UBSAN: {1} in {F}"));
    rows.add(
        fault("kmemleak")
            .says("BUG: memory leak")
            .stack(Recipe.LEAK)
            .neverBlame(
                "kmemleak|mmap|kmem|slab|alloc|create_object|idr_get|list_lru_init|pcpu_create|kv?asprintf|(?:str|strn|mem)dup")
            .source("mm/kmemleak.c")
            .title("memory leak in {F}"));
  }

  private static void memory(List<Row> rows) {
    rows.add(
        fault("null-deref")
            .says("ernel NULL pointer dereference")
            .like("BUG: (?:unable to handle )?[kK]ernel NULL pointer dereference")
            .stack(Recipe.POINTER_AND_TRACE)
            .alias("bad-access in {F}")
            .source("arch/x86/mm/fault.c")
            .title("BUG: unable to handle kernel NULL pointer dereference in {F}"));
    rows.add(
        fault("page-fault")
            .says(
                "BUG: unable to handle kernel paging request",
                "BUG: unable to handle page fault for address",
                "Unable to handle kernel data access",
                "Unable to handle kernel instruction fetch",
                "Unable to handle kernel unaligned access",
                "Unable to handle unknown paging fault")
            .stack(Recipe.POINTER_AND_TRACE)
            .alias("bad-access in {F}")
            .source("arch/x86/mm/fault.c")
            .title("BUG: unable to handle kernel paging request in {F}"));
    rows.add(
        fault("page-fault")
            .says("BUG: unable to handle kernel")
            .stack(Recipe.POINTER_AND_TRACE)
            .traits(ALWAYS_CORRUPTED)
            .source("arch/x86/mm/fault.c")
            .title("BUG: unable to handle kernel"));
    rows.add(
        fault("null-deref")
            .says(
                "Unable to handle kernel NULL pointer dereference",
                "Kernel NULL pointer dereference")
            .stack(Recipe.POINTER_AND_TRACE)
            .alias("bad-access in {F}")
            .source("arch/arm64/mm/fault.c")
            .title("BUG: unable to handle kernel NULL pointer dereference in {F}"));
    rows.add(
        fault("page-fault")
            .says("Unable to handle kernel access to user memory")
            .stack(Recipe.POINTER_AND_TRACE)
            .alias("bad-access in {F}")
            .source("arch/arm64/mm/fault.c")
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
            .source("arch/arm64/mm/fault.c")
            .title("BUG: unable to handle kernel paging request in {F}"));
    rows.add(
        row("stack-overflow", OOPS, CRITICAL)
            .says("stack guard page was hit at")
            .like("BUG: .*stack guard page was hit at")
            .stack(Recipe.POINTER_AND_TRACE)
            .choose(Choice.STALL)
            .alias("stack-overflow in {F}")
            .source("arch/x86/kernel/traps.c")
            .title("BUG: stack guard page was hit in {F}"));
    rows.add(
        row("stack-overflow", OOPS, CRITICAL)
            .says("Insufficient stack space to handle exception!")
            .stack(Recipe.POINTER_AND_TRACE)
            .choose(Choice.STALL)
            .alias("stack-overflow in {F}")
            .traits(STACK_OF_PANIC)
            .source("arch/arm64/kernel/traps.c")
            .title("kernel stack overflow in {F}"));
    rows.add(
        fault("mm-state")
            .says("BUG: Bad page state", "BUG: Bad page cache")
            .like("BUG: Bad page (state|cache)")
            .stack(Recipe.PAGE)
            .neverBlame(
                "(?:free|put|get|update|release)_page|free_unref|^_*folio|truncate_inode_pages|page_frag_free|alloc|vmap|page_owner")
            .source("mm/page_alloc.c")
            .title("BUG: Bad page {1} in {F}"));
    rows.add(
        fault("mm-state")
            .says("BUG: Bad page map")
            .stack(Recipe.EXPECTED)
            .source("mm/memory.c")
            .title("BUG: Bad page map"));
    rows.add(
        fault("mm-state")
            .says("BUG: Bad rss-counter state")
            .block(ALONE)
            .source("kernel/fork.c")
            .title("BUG: Bad rss-counter state"));
    rows.add(
        fault("mm-state")
            .says("non-zero nr_ptes on freeing mm", "non-zero nr_pmds on freeing mm")
            .like("BUG: (non-zero nr_[a-z]+ on freeing mm)")
            .block(ALONE)
            .source("kernel/fork.c")
            .title("BUG: {1}"));
    rows.add(
        fault("mm-state")
            .says("non-zero pgtables_bytes on freeing mm")
            .like("BUG: (non-zero pgtables_bytes on freeing mm.*)")
            .block(ALONE)
            .source("kernel/fork.c")
            .title("BUG: {1}"));
    rows.add(
        fault("slub")
            .says("BUG kmalloc-")
            .like("BUG (?<cache>kmalloc-[A-Za-z0-9-]{1,64}).{0,120}: Object already free")
            .stack(Recipe.OBJECT)
            .neverBlame(OF_SLUB)
            .source("mm/slub.c")
            .title("BUG: Object already free"));
    rows.add(
        fault("slub")
            .says("BUG ")
            .like("^BUG (?<cache>[A-Za-z0-9_.:-]+) ?(?:\\(.*\\))?: (?<what>.*)")
            .stack(Recipe.OBJECT)
            .neverBlame(OF_SLUB)
            .traits(BARE_STACK)
            .source("mm/slub.c")
            .title("BUG: slab {2} in {F}"));
    rows.add(
        fault("slub")
            .says("INFO: Freed in", "INFO: Allocated in")
            .like("INFO: ((?:Freed|Allocated) in .*)")
            .stack(Recipe.EXPECTED)
            .traits(ALWAYS_CORRUPTED, SEQUEL)
            .source("mm/slub.c")
            .title("INFO: {1}"));
  }

  private static void exceptions(List<Row> rows) {
    rows.add(
        fault("gpf")
            .says("general protection fault")
            .but("general protection fault(?: ip:| rip:|, ip|.* in \\S+\\[)|traps: ")
            .stack(Recipe.POINTER_AND_TRACE)
            .alias("bad-access in {F}")
            .traits(SEQUEL)
            .source("arch/x86/kernel/traps.c")
            .title("general protection fault in {F}"));
    rows.add(
        fault("stack-segment")
            .says("stack segment:")
            .stack(Recipe.POINTER_AND_TRACE)
            .traits(SEQUEL)
            .source("arch/x86/kernel/traps.c")
            .title("stack segment fault in {F}"));
    rows.add(
        fault("divide-error")
            .says("divide error:", "divide_error:")
            .but("traps: ")
            .stack(Recipe.POINTER)
            .traits(SEQUEL)
            .source("arch/x86/kernel/traps.c")
            .title("divide error in {F}"));
    rows.add(
        fault("invalid-opcode")
            .says("invalid opcode:")
            .but("traps: ")
            .stack(Recipe.POINTER)
            .traits(SEQUEL)
            .source("arch/x86/kernel/traps.c")
            .title("invalid opcode in {F}"));
    rows.add(
        fault("int3")
            .says("int3:")
            .like("(?:^|[^a-z])int3: ")
            .but("traps: ")
            .stack(Recipe.POINTER_AND_TRACE)
            .traits(SEQUEL)
            .source("arch/x86/kernel/traps.c")
            .title("int3 in {F}"));
    rows.add(
        row("double-fault", OOPS, CRITICAL)
            .says("PANIC: double fault")
            .stack(Recipe.POINTER)
            .source("arch/x86/kernel/traps.c")
            .title("PANIC: double fault in {F}"));
    rows.add(
        row("double-fault", OOPS, CRITICAL)
            .says("double fault:")
            .like("(?:^|Oops: )double fault: ")
            .stack(Recipe.POINTER)
            .traits(SEQUEL)
            .source("arch/x86/kernel/traps.c")
            .title("double fault in {F}"));
    rows.add(
        fault("page-fault")
            .says("Internal error:")
            .but("SError")
            .stack(Recipe.POINTER_AND_TRACE)
            .alias("bad-access in {F}")
            .traits(SEQUEL)
            .source("arch/arm64/kernel/traps.c")
            .title("Internal error in {F}"));
    rows.add(
        fault("page-fault")
            .says("Unhandled fault:")
            .stack(Recipe.POINTER_AND_TRACE)
            .alias("bad-access in {F}")
            .traits(SEQUEL)
            .source("arch/arm/mm/fault.c")
            .title("Unhandled fault in {F}"));
    rows.add(
        fault("alignment")
            .says("Alignment trap:")
            .like("Alignment trap: ")
            .but("Alignment trap: \\S+ \\([0-9]+\\)")
            .stack(Recipe.POINTER_AND_TRACE)
            .source("arch/arm/mm/alignment.c")
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
            .source("kernel/watchdog.c")
            .title("BUG: soft lockup in {F}"));
    rows.add(
        row("hard-lockup", OOPS, CRITICAL)
            .says("atchdog detected hard LOCKUP on cpu", "detected hard LOCKUP")
            .like(
                "atchdog detected hard LOCKUP on cpu ?[0-9]+|CPU [0-9]+ self-detected hard LOCKUP|detected hard LOCKUP on other CPUs [0-9]")
            .details(
                "(?:LOCKUP on (?:cpu ?|other CPUs )|CPU (?=[0-9]+ self-detected))(?<cpu>[0-9]+)")
            .stack(Recipe.POINTER_AND_TRACE)
            .neverBlame("^_*(?:const_|n|u)*delay(?:_|$)")
            .alias("stall in {F}")
            .source("kernel/watchdog.c")
            .title("BUG: hard lockup in {F}"));
    rows.add(
        row("rcu-stall", OOPS, CRITICAL)
            .says("detected stall", "self-detected stall", "detected expedited stall")
            .like(
                "INFO: rcu_(?:preempt|sched|bh|tasks)(?:_[a-z]+)? (?:self-)?detected(?: expedited)? stall")
            .stack(Recipe.INTERRUPTED)
            .neverBlame(
                "apic_timer_interrupt|^_*(?:(?:account|call|exit|force|invoke|kv?free|lockdep|print|run|sync|synchronize|tree)_)?s?rcu|_rcu$")
            .choose(Choice.STALL)
            .details(
                "^(?:rcu: )?\\s+(?<cpu>[0-9]+)-[.!?A-Za-z]+: \\(",
                "expedited stalls on CPUs/tasks: \\{ (?<cpu>[0-9]+)-")
            .alias("stall in {F}")
            .source("kernel/rcu/tree_stall.h")
            .title("INFO: rcu detected stall in {F}"));
    rows.add(
        row("rcu-starved", OOPS, ERROR)
            .says("kthread starved for")
            .like("rcu_[a-z]+ kthread starved for")
            .stack(Recipe.OPTIONAL)
            .source("kernel/rcu/tree_stall.h")
            .title("rcu grace-period kthread starved"));
    rows.add(
        row("hung-task", OOPS, ERROR)
            .says("INFO: task ")
            .like(
                "INFO: task (?<comm>.{1,64}):(?<pid>[0-9]+) (?:<\\S+> )?blocked (?:in I/O wait )?for more than [0-9]+ seconds")
            .stack(Recipe.TRACE)
            .choose(Choice.HANG)
            .alias("hang in {F}")
            .source("kernel/hung_task.c")
            .title("INFO: task hung in {F}"));
    rows.add(
        row("hung-task", OOPS, ERROR)
            .says("INFO: task ")
            .like("INFO: task (?<comm>.{1,64}):(?<pid>[0-9]+) can't die for more than .* seconds")
            .stack(Recipe.TRACE)
            .neverBlame("schedule")
            .alias("hang in {F}")
            .source("kernel/hung_task.c")
            .title("INFO: task can't die in {F}"));
    // A task may call itself anything, also by a name of two lines.
    rows.add(
        row("hung-task", OOPS, ERROR)
            .says("INFO: task ")
            .like("INFO: task .{0,64}$")
            .needs(":[0-9]+ blocked (?:in I/O wait )?for more than [0-9]+ seconds")
            .stack(Recipe.TRACE)
            .choose(Choice.HANG)
            .alias("hang in {F}")
            .traits(ONLY_WITH_STACK)
            .source("kernel/hung_task.c")
            .title("INFO: task hung in {F}"));
    rows.add(
        fault("workqueue-lockup")
            .says("BUG: workqueue lockup")
            .like("BUG: workqueue lockup(?: - pool cpus=(?<cpu>[0-9]+))?")
            .source("kernel/workqueue.c")
            .title("BUG: workqueue lockup"));
  }

  private static void contexts(List<Row> rows) {
    rows.add(
        fault("lockdep")
            .says("BUG: workqueue leaked lock or atomic")
            .needs("last function: (?<function>[A-Za-z0-9_]+)")
            .stack(Recipe.NAMED)
            .traits(BARE_STACK)
            .source("kernel/workqueue.c")
            .title("BUG: workqueue leaked lock or atomic in {F}"));
    rows.add(
        fault("atomic-sleep")
            .says("BUG: scheduling while atomic")
            .stack(Recipe.TRACE)
            .neverBlame("schedule")
            .source("kernel/sched/core.c")
            .title("BUG: scheduling while atomic in {F}"));
    rows.add(
        fault("atomic-sleep")
            .says("BUG: sleeping function called from invalid context at")
            .stack(Recipe.TRACE)
            .source("kernel/sched/core.c")
            .title("BUG: sleeping function called from invalid context in {F}"));
    rows.add(
        fault("preempt")
            .says("BUG: using ")
            .like("BUG: using ([a-z_]+)\\(\\) in preemptible")
            .stack(Recipe.TRACE)
            .neverBlame("preempt|debug_|processor_id|this_cpu")
            .source("lib/smp_processor_id.c")
            .title("BUG: using {1}() in preemptible code in {F}"));
    rows.add(
        fault("lockdep")
            .says("suspicious RCU usage")
            .like("(WARNING|INFO): suspicious RCU usage")
            .needs("[A-Za-z0-9_-]{1,64}\\.[a-z]{1,4}:[0-9]+")
            .stack(Recipe.TRACE)
            .neverBlame("rcu|kmem|slab")
            .source("kernel/locking/lockdep.c")
            .title("{1}: suspicious RCU usage in {F}"));
    rows.add(
        fault("lockdep")
            .says("BUG: Invalid wait context")
            .stack(Recipe.TRACE)
            .neverBlame("lock_sock|release_sock")
            .source("kernel/locking/lockdep.c")
            .title("WARNING: locking bug in {F}"));
    rows.add(
        fault("lockdep")
            .says("INFO: trying to register non-static key")
            .stack(Recipe.TRACE)
            .neverBlame("stack|lock|IRQ")
            .source("kernel/locking/lockdep.c")
            .title("INFO: trying to register non-static key in {F}"));
  }

  private static Row.Builder dependency(String text) {
    return fault("lockdep").says(text).source("kernel/locking/lockdep.c");
  }

  /// Locks that are taken in an order, or in a context, that may deadlock.
  private static void dependencies(List<Row> rows) {
    String circular = "possible circular locking dependency detected";
    rows.add(
        dependency("WARNING: " + circular)
            .needs("is trying to acquire lock")
            .stack(Recipe.LOCK)
            .neverBlame("process_one_work|(?:flush|drain|destroy)_workqueue")
            .title("possible deadlock in {F}"));
    rows.add(
        dependency("INFO: " + circular)
            .needs("is trying to acquire lock", AT)
            .stack(Recipe.NAMED)
            .title("possible deadlock in {F}"));
    rows.add(
        dependency("possible irq lock inversion dependency detected")
            .like("(?:WARNING|INFO): possible irq lock inversion")
            .needs("just changed the state of lock", AT)
            .stack(Recipe.NAMED)
            .title("possible deadlock in {F}"));
    rows.add(
        dependency("possible recursive locking detected")
            .like("(?:WARNING|INFO): possible recursive locking")
            .needs("is trying to acquire lock", AT)
            .stack(Recipe.NAMED)
            .title("possible deadlock in {F}"));
    rows.add(
        dependency("-unsafe lock order detected")
            .like("WARNING: .*-safe -> ")
            .stack(Recipe.LOCK_BECAME)
            .title("possible deadlock in {F}"));
    rows.add(
        dependency("-unsafe lock order detected")
            .like("INFO: .*-safe -> ")
            .needs("is trying to acquire", AT)
            .stack(Recipe.NAMED)
            .title("possible deadlock in {F}"));
    rows.add(
        dependency("WARNING: inconsistent lock state")
            .needs("takes", "at: ")
            .stack(Recipe.TRACE)
            .title("inconsistent lock state in {F}"));
    rows.add(
        dependency("INFO: inconsistent lock state")
            .needs("takes", AT)
            .stack(Recipe.NAMED)
            .title("inconsistent lock state in {F}"));
  }

  /// Locks that are not used as locks are.
  private static void locks(List<Row> rows) {
    rows.add(
        fault("lockdep")
            .says("BUG: spinlock", "BUG: rwlock")
            .like(
                "BUG: (spinlock|rwlock) (lockup suspected|already unlocked|recursion|cpu recursion|bad magic|wrong owner|wrong CPU|trylock failure on UP)")
            .stack(Recipe.TRACE)
            .neverBlame("spin_|_lock|_unlock")
            .source("kernel/locking/spinlock_debug.c")
            .title("BUG: {1} {2} in {F}"));
    rows.add(
        dependency("bad unlock balance detected")
            .like("(WARNING|BUG): bad unlock balance")
            .stack(Recipe.UNLOCK)
            .title("{1}: bad unlock balance in {F}"));
    rows.add(
        dependency("held lock freed!")
            .like("(WARNING|BUG): held lock freed")
            .needs(AT)
            .stack(Recipe.NAMED)
            .title("{1}: held lock freed in {F}"));
    rows.add(
        dependency("still has locks held!")
            .like("(WARNING|BUG): .*still has locks held")
            .needs(AT)
            .stack(Recipe.NAMED)
            .title("{1}: still has locks held in {F}"));
    rows.add(
        dependency("ested lock was not taken")
            .like("WARNING: [Nn]ested lock was not taken")
            .stack(Recipe.WARNING)
            .title("WARNING: nested lock was not taken in {F}"));
    rows.add(
        dependency("lock held when returning to user space")
            .like("(WARNING|BUG): lock held when returning to user space")
            .needs("leaving the kernel with locks still held", AT)
            .stack(Recipe.NAMED)
            .traits(BARE_STACK)
            .title("{1}: lock held when returning to user space in {F}"));
  }

  private static void bugs(List<Row> rows) {
    rows.add(
        fault("usercopy")
            .says("kernel BUG at mm/usercopy.c")
            .stack(Recipe.TRACE)
            .neverBlame("usercopy|__check")
            .source("mm/usercopy.c")
            .title("BUG: bad usercopy in {F}"));
    rows.add(
        fault("list-corruption")
            .says("kernel BUG at lib/list_debug.c")
            .stack(Recipe.TRACE)
            .alias("bad-access in {F}")
            .source("lib/list_debug.c")
            .title("BUG: corrupted list in {F}"));
    rows.add(
        fault("bug-on")
            .says("kernel BUG at ")
            .like("kernel BUG at (?<at>\\S*?)!?(?:\\s|$)")
            .stack(Recipe.POINTER_AND_TRACE)
            .neverBlame("^skb_")
            .source("lib/bug.c")
            .title("kernel BUG in {F}"));
    rows.add(
        fault("bug-on")
            .says("Kernel BUG ")
            .like("Kernel BUG (.*)")
            .stack(Recipe.EXPECTED)
            .source("lib/bug.c")
            .title("kernel BUG {1}"));
  }

  /// Where a `WARNING` happened, in the wordings kernels have had.
  private static final String WARNING_AT =
      "WARNING: (?:CPU: (?<cpu>[0-9]+) PID: (?<pid>-?[0-9]+) at |\\[[^\\]]{1,300}\\] |at |.{1,100}? at )?";

  private static void warnings(List<Row> rows) {
    String objects = "debug_|rcu|hrtimer_|timer_|work_|percpu_|vunmap|vfree|__free_|kobject_";
    file(rows, "odebug", "lib/debugobjects\\.c:[0-9]+", objects, "WARNING: ODEBUG bug in {F}");
    file(
        rows,
        "usercopy",
        "mm/usercopy\\.c:[0-9]+",
        "usercopy|__check",
        "WARNING: bad usercopy in {F}");
    file(rows, "kobject", "lib/kobject\\.c:[0-9]+", "kobject_", "WARNING: kobject bug in {F}");
    file(
        rows,
        "warning",
        "fs/proc/generic\\.c:[0-9]+",
        "proc_",
        "WARNING: proc registration bug in {F}");
    file(
        rows,
        "refcount",
        "lib/refcount\\.c:[0-9]+",
        "refcount|kobject_",
        "WARNING: refcount bug in {F}");
    file(
        rows,
        "lockdep",
        "kernel/locking/lockdep\\.c:[0-9]+).*(?:lock_",
        "lock_sock|release_sock",
        "WARNING: locking bug in {F}");
    file(
        rows,
        "warning",
        "mm/[^:\\s]+\\.c:[0-9]+).*(?: k?.?malloc",
        "kmalloc|krealloc|slab|kmem",
        "WARNING: kmalloc bug in {F}");
    file(
        rows,
        "warning",
        "mm/vmalloc\\.c:[0-9]+).*(?:__vmalloc_node",
        "__vmalloc_node",
        "WARNING: zero-size vmalloc in {F}");
    file(
        rows,
        "warning",
        "drivers/usb/[^:\\s]+\\.c:[0-9]+).*(?: usb_submit_urb",
        "usb_(?:submit_urb|start_wait_urb|bulk_msg|interrupt_msg|control_msg)",
        "WARNING in {F}/usb_submit_urb");
    rows.add(
        warning("warning")
            .says("WARNING:")
            .like(WARNING_AT + "(?<at>[A-Za-z0-9_./+-]+\\.[a-zA-Z]+:[0-9]+)")
            .stack(Recipe.WARNING)
            .source("kernel/panic.c")
            .title("WARNING in {F}"));
    rows.add(
        warning("warning")
            .says("WARNING: CPU:")
            .like("WARNING: CPU: (?<cpu>[0-9]+) PID: (?<pid>[0-9]+)")
            .stack(Recipe.WARNING)
            .source("kernel/panic.c")
            .title("WARNING in {F}"));
    rows.add(
        warning("warning")
            .says("WARNING: kernel stack regs")
            .like("WARNING: kernel stack regs at .* has bad '([^']+)' value")
            .source("arch/x86/kernel/unwind_frame.c")
            .title("WARNING: kernel stack regs has bad '{1}' value"));
    rows.add(
        warning("warning")
            .says("WARNING: kernel stack frame pointer")
            .like("WARNING: kernel stack frame pointer at .* has bad value")
            .source("arch/x86/kernel/unwind_frame.c")
            .title("WARNING: kernel stack frame pointer has bad value"));
  }

  /// A warning that its file, and maybe its function, says more of.
  private static void file(
      List<Row> rows, String kind, String file, String blameless, String title) {
    rows.add(
        warning(kind)
            .says("WARNING:")
            .like(WARNING_AT + "(?<at>" + file + ")")
            .stack(Recipe.WARNING)
            .neverBlame(blameless)
            .source("kernel/panic.c")
            .title(title));
  }

  private static void others(List<Row> rows) {
    rows.add(
        fault("netdev-refcount")
            .says("unregister_netdevice: waiting for")
            .like("unregister_netdevice: waiting for (?<device>\\S+) to become free")
            .block(ALONE)
            .source("net/core/dev.c")
            .title("unregister_netdevice: waiting for DEV to become free"));
    rows.add(
        fault("vfs")
            .says("BUG: Dentry")
            .like("BUG: Dentry .*still in use")
            .needs("still in use \\([0-9]+\\) \\[(?<function>unmount) of ([^\\]]+)\\]")
            .stack(Recipe.NAMED)
            .alias("BUG: Dentry still in use [{1} of {2}]")
            .source("fs/dcache.c")
            .title("BUG: Dentry still in use in {F}"));
    rows.add(
        fault("vfs")
            .says("VFS: Busy inodes after unmount")
            .block(ALONE)
            .source("fs/super.c")
            .title("VFS: Busy inodes after unmount (use-after-free)"));
    rows.add(
        fault("vfs")
            .says("VFS: Close: file count is 0")
            .block(ALONE)
            .source("fs/open.c")
            .title("VFS: Close: file count is zero (use-after-free)"));
    rows.add(
        fault("rust-panic")
            .says("rust_kernel: panicked at")
            .stack(Recipe.TRACE)
            .neverBlame("rust_begin_unwind")
            .source("rust/kernel/lib.rs")
            .title("{next} in {F}"));
    rows.add(
        fault("page-fault")
            .says("Oops:")
            .like("^Oops(?:: | - )")
            .stack(Recipe.POINTER_AND_TRACE)
            .traits(SEQUEL)
            .source("arch/x86/kernel/dumpstack.c")
            .title("Oops in {F}"));
    rows.add(
        fault("reboot")
            .says("Booting the kernel.")
            .like("^Booting the kernel\\.\\s*$")
            .block(ALONE)
            .traits(ONLY_WITH_STACK)
            .source("arch/x86/boot/compressed/misc.c")
            .title("unexpected kernel reboot"));
  }

  /// What the kernel says of itself without a known text: `INFO:` is said of much that is well,
  /// `WARNING:` and `BUG:` by many programs that are not the kernel.
  private static void unknown(List<Row> rows) {
    String harmless =
        "^(?:audit: |type=[0-9]+ audit)|(?:DEBUG|_INFO):|(?i:lockdep is turned off|stall ended before|took too long|recovery required|mitigation|moduli|mand mount|ebpf|srso|fbcon|wireless extensions|deprecated|workqueue cpumask|bios bug|bootconfig|flushing system-wide|too many acls)";
    rows.add(
        warning("warning")
            .says("WARNING:", "INFO:", "BUG:")
            .like("^(WARNING|INFO|BUG):\\s*$")
            .traits(ALWAYS_CORRUPTED, ONLY_OF_KERNEL, OR_AS_LAST_WORD)
            .title("{1}: corrupted"));
    rows.add(
        warning("warning")
            .says(": WARNING: ")
            .like("^[a-z][a-z0-9_-]* (?:[0-9]+-[0-9.]+(?::[0-9]+\\.[0-9]+)?): (WARNING: .+)")
            .but(harmless)
            .stack(Recipe.OPTIONAL)
            .title("{1}"));
    rows.add(
        warning("warning")
            .says(": BUG: ")
            .like("^(?:ALSA )?[a-z][A-Za-z0-9_/-]{1,80}\\.c:[0-9]+: (BUG: [^,]+)")
            .block(ALONE)
            .source("sound/core/pcm_lib.c")
            .title("{1}"));
    rows.add(
        warning("warning")
            .says("WARNING:", "BUG:")
            .like("^((?:WARNING|BUG): .+)")
            .but(harmless)
            .stack(Recipe.OPTIONAL)
            .traits(ONLY_OF_KERNEL)
            .title("{1}"));
    rows.add(
        warning("warning")
            .says("WARNING:", "INFO:", "BUG:")
            .like("(?:^|[^_A-Z])((?:WARNING|INFO|BUG): .+)")
            .but(harmless)
            .stack(Recipe.OPTIONAL)
            .traits(ONLY_WITH_STACK)
            .title("{1}"));
  }
}
