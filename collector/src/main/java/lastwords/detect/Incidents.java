package lastwords.detect;

import static lastwords.detect.Row.Trait.CONTINUES;
import static lastwords.detect.Row.Trait.FROM_FILES;
import static lastwords.detect.Row.row;
import static lastwords.kernel.Category.INFO;
import static lastwords.kernel.Category.MEMORY;
import static lastwords.kernel.Category.USERSPACE;
import static lastwords.kernel.Severity.ERROR;
import static lastwords.kernel.Severity.WARNING;

import java.util.ArrayList;
import java.util.List;
import lastwords.kernel.Category;
import lastwords.kernel.Severity;

/// What kernels say of everything that isn't their own code: machines, disks, networks, memory,
/// programs. Mostly one line or a block of them; severity follows what the person on call has to
/// do, from taking the machine out to knowing it when something else happens.
final class Incidents {
  /// A PCI device's address, and the same as an attribute.
  static final String BDF = "[0-9a-f]{4,8}:[0-9a-f]{2}:[0-9a-f]{2}\\.[0-7]";

  static final String PCI = "(?<pci>" + BDF + ")";

  private Incidents() {}

  static List<Row> rows() {
    List<Row> rows = new ArrayList<>();
    memory(rows);
    rows.addAll(HardwareIncidents.rows());
    rows.addAll(StorageIncidents.rows());
    rows.addAll(NetworkIncidents.rows());
    rows.addAll(GraphicsIncidents.rows());
    programs(rows);
    context(rows);
    return rows;
  }

  /// A row that is told in its headline alone.
  static Row.Builder line(String kind, Category category, Severity severity) {
    return row(kind, category, severity).block(Row.NOTHING);
  }

  private static void memory(List<Row> rows) {
    rows.add(
        killed()
            .says("invoked oom-killer:")
            .like("^(?<invoker>.{1,64}) invoked oom-killer: gfp_mask=")
            .title("out of memory: killed {victim}"));
    // The kernel limits how often it explains a kill, not how often it says so.
    rows.add(
        killed()
            .says("Killed process ", "Kill process ", "no killable processes")
            .like(
                "ut of [mM]emory(?: \\([a-z_]+\\))?(?:: Kill(?:ed)? process [0-9]+| and no killable processes)|^Killed process [0-9]+(?:, UID [0-9]+,)? \\(")
            .traits(CONTINUES)
            .title("out of memory: killed {victim}"));
    rows.add(
        killed()
            .says("killed as a result of limit of")
            .like("^Task in \\S+ killed as a result of limit of ")
            .traits(CONTINUES)
            .title("out of memory: killed {victim}"));
    rows.add(
        line("alloc-failure", MEMORY, WARNING)
            .says("page allocation failure", "page allocation stalls for")
            .like(
                "^(?<comm>.{1,64}): page allocation (?:failure[:.]|stalls for [0-9]+ms,) order:(?<order>[0-9]+)")
            .source("mm/page_alloc.c")
            .title("page allocation failure"));
    rows.add(
        line("alloc-failure", MEMORY, WARNING)
            .says("vmalloc: allocation failure", "vmalloc error: size")
            .like(
                "^(?<comm>.{1,64}): vmalloc(?:: allocation failure:| error: size) (?<bytes>[0-9]+)(?: bytes)?(?:,|$)")
            .source("mm/vmalloc.c")
            .title("vmalloc allocation failure"));
    rows.add(
        line("alloc-failure", MEMORY, WARNING)
            .says("SLUB: Unable to allocate memory on", "SLAB: Unable to allocate memory on")
            .source("mm/slub.c")
            .title("slab allocation failure"));
    rows.add(
        line("alloc-failure", MEMORY, WARNING)
            .says("vmap allocation for size ")
            .like("^vmap allocation for size (?<bytes>[0-9]+) failed")
            .source("mm/vmalloc.c")
            .title("vmalloc allocation failure"));
    rows.add(
        line("alloc-failure", MEMORY, WARNING)
            .says("possible memory allocation deadlock")
            .like("^XFS: (?<comm>.{1,64})\\((?<pid>[0-9]+)\\) possible memory allocation deadlock")
            .source("fs/xfs/kmem.c")
            .title("XFS: possible memory allocation deadlock"));
    rows.add(
        line("swiotlb-full", MEMORY, WARNING)
            .says("swiotlb buffer is full")
            .like("^(?<driver>\\S+) (?:" + PCI + "|\\S+): swiotlb buffer is full")
            .source("kernel/dma/swiotlb.c")
            .title("swiotlb buffer is full"));
    rows.add(
        row("bad-swap-entry", MEMORY, ERROR)
            .says("Bad swap file entry", "Bad swap offset entry", "Unused swap ")
            .like("^[a-z_]{4,40}: (?:Bad|Unused) swap (?:file|offset) entry (?<entry>[0-9a-f]+)")
            .block("^[a-z_]{4,40}: (?:Bad|Unused) swap ")
            .source("mm/swapfile.c")
            .title("bad swap entry"));
    rows.add(
        line("file-max", MEMORY, WARNING)
            .says("VFS: file-max limit")
            .like("VFS: file-max limit (?<limit>[0-9]+) reached")
            .source("fs/file_table.c")
            .title("file-max limit reached"));
    rows.add(
        line("pids-limit", MEMORY, WARNING)
            .says("fork rejected by pids controller in")
            .like("fork rejected by pids controller in (?<cgroup>\\S+)")
            .source("kernel/cgroup/pids.c")
            .title("fork rejected by pids controller"));
  }

  private static Row.Builder killed() {
    return row("oom-kill", MEMORY, ERROR)
        .details(
            "^oom-kill:constraint=.*,task=(?<victim>.{1,64}),pid=(?<victimPid>[0-9]+),uid=",
            "^oom-kill:constraint=.*,oom_memcg=(?<memcg>[^,]+),",
            "^Task in \\S+ killed as a result of limit of (?<memcg>\\S+)",
            "Kill(?:ed)? process (?<victimPid>[0-9]+)(?:, UID [0-9]+,)? \\((?<victim>.{1,64}?)\\)(?:[,.]? |\\.?$)",
            "Killed process .*anon-rss:(?<anonRss>[0-9]+kB)")
        .otherwise(
            "constraint=CONSTRAINT_MEMCG|Memory cgroup out of memory|killed as a result of limit of",
            "memcg-oom")
        .stack(Recipe.OPTIONAL)
        .source("mm/oom_kill.c");
  }

  private static void programs(List<Row> rows) {
    rows.add(
        line("user-segfault", USERSPACE, Severity.INFO)
            .says("User process fault: interruption code")
            .like("^User process fault: interruption code (?<code>[0-9a-f]+)")
            .details(" in (?<object>[^\\s\\[]+)\\[")
            .source("arch/s390/kernel/traps.c")
            .title("unhandled exception of a program"));
    rows.add(
        line("user-segfault", USERSPACE, Severity.INFO)
            .says("]: segfault at ", "]: segfault (")
            .like(
                "^(?<comm>.{1,64})\\[(?<pid>[0-9]+)\\]: segfault (?:\\([0-9]+\\) )?at (?<address>[0-9a-f]+) (?:ip|rip|nip|eip) ")
            .details(" in (?<object>[^\\s\\[]+)\\[")
            .source("arch/x86/mm/fault.c")
            .title("segfault of {1}"));
    rows.add(
        line("user-segfault", USERSPACE, Severity.INFO)
            .says("]: unhandled ")
            .like(
                "^(?<comm>.{1,64})\\[(?<pid>[0-9]+)\\]: unhandled (?:exception: |signal [0-9]+ |level [0-9] |[a-z ]+fault \\([0-9]+\\))")
            .source("arch/arm64/kernel/traps.c")
            .title("unhandled exception of {1}"));
    rows.add(
        line("user-segfault", USERSPACE, Severity.INFO)
            .says(": unhandled page fault (", "do_page_fault(): sending SIGSEGV to ")
            .like(
                "^(?<comm>.{1,64}): unhandled page fault \\([0-9]+\\) at|^do_page_fault\\(\\): sending SIGSEGV to (?<program>.{1,64}) for ")
            .source("arch/arm/mm/fault.c")
            .title("unhandled exception of a program"));
    rows.add(
        line("user-trap", USERSPACE, Severity.INFO)
            .says("traps: ", "] general protection ", "] trap ")
            .like(
                "^(?:traps: )?(?<comm>.{1,64})\\[(?<pid>[0-9]+)\\] (?:trap )?(?<trap>[a-z0-9 ]+?) (?:ip|rip|eip):")
            .source("arch/x86/kernel/traps.c")
            .title("{3} of {1}"));
    rows.add(
        line("split-lock", INFO, Severity.INFO)
            .says("took a split_lock trap", "took a bus_lock trap")
            .like("#(?:AC|DB): (?<comm>.{1,64})/(?<pid>[0-9]+) took a ")
            .source("arch/x86/kernel/cpu/bus_lock.c")
            .title("split lock trap"));
  }

  private static void context(List<Row> rows) {
    rows.add(
        line("workqueue-hog", INFO, Severity.INFO)
            .says(" hogged CPU for >")
            .like("^workqueue: (?<work>[A-Za-z0-9_.]+) (?:\\[\\w+\\] )?hogged CPU for >[0-9]+us")
            .source("kernel/workqueue.c")
            .title("workqueue: work hogged a CPU"));
    rows.add(
        row("audit-overflow", INFO, WARNING)
            .says("audit: backlog limit exceeded", "audit: audit_backlog=", "audit: audit_lost=")
            .block("^audit: ")
            .source("kernel/audit.c")
            .title("audit: backlog limit exceeded"));
    rows.add(
        row("boot", INFO, Severity.INFO)
            .says("Linux version ")
            .like("^Linux version (?<release>[0-9]\\S*) \\(")
            .block("^(?:Kernel c|C)ommand line: ")
            .details("^(?:Kernel c|C)ommand line: (?<commandLine>.{1,400})")
            .traits(FROM_FILES)
            .source("init/version.c")
            .title("boot"));
    rows.add(
        line("messages-dropped", INFO, Severity.INFO)
            .says(" printk messages dropped **")
            .like("^\\*\\* (?<count>[0-9]+) printk messages dropped \\*\\*")
            .traits(FROM_FILES)
            .source("kernel/printk/printk.c")
            .title("printk messages dropped"));
  }
}
