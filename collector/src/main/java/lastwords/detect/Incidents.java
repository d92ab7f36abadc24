package lastwords.detect;

import static lastwords.detect.Row.Trait.CONTINUES;
import static lastwords.detect.Row.Trait.FROM_FILES;
import static lastwords.detect.Row.row;
import static lastwords.kernel.Category.GPU;
import static lastwords.kernel.Category.HARDWARE;
import static lastwords.kernel.Category.INFO;
import static lastwords.kernel.Category.MEMORY;
import static lastwords.kernel.Category.NETWORK;
import static lastwords.kernel.Category.STORAGE;
import static lastwords.kernel.Category.THERMAL;
import static lastwords.kernel.Category.USERSPACE;
import static lastwords.kernel.Severity.CRITICAL;
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
  private static final String BDF = "[0-9a-f]{4,8}:[0-9a-f]{2}:[0-9a-f]{2}\\.[0-7]";
  private static final String PCI = "(?<pci>" + BDF + ")";
  private static final String NVME = "nvme (?:(?<device>nvme[0-9]+)|" + PCI + "): ";

  private Incidents() {}

  static List<Row> rows() {
    List<Row> rows = new ArrayList<>();
    memory(rows);
    machineChecks(rows);
    buses(rows);
    temperature(rows);
    fileSystems(rows);
    blockDevices(rows);
    controllers(rows);
    arrays(rows);
    network(rows);
    graphics(rows);
    programs(rows);
    context(rows);
    return rows;
  }

  private static Row.Builder line(String kind, Category category, Severity severity) {
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
                "ut of memory(?: \\([a-z_]+\\))?(?:: Kill(?:ed)? process [0-9]+| and no killable processes)|^Killed process [0-9]+(?:, UID [0-9]+,)? \\(")
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
            "Kill(?:ed)? process (?<victimPid>[0-9]+)(?:, UID [0-9]+,)? \\((?<victim>.{1,64}?)\\)(?:,? |$)")
        .otherwise(
            "constraint=CONSTRAINT_MEMCG|Memory cgroup out of memory|killed as a result of limit of",
            "memcg-oom")
        .stack(Recipe.OPTIONAL)
        .source("mm/oom_kill.c");
  }

  private static void machineChecks(List<Row> rows) {
    rows.add(
        row("mce", HARDWARE, CRITICAL)
            .says("Machine Check Exception:", "Machine Check: ")
            .like(
                "CPU (?<cpu>[0-9]+): Machine Check(?: Exception)?: +[0-9a-f]+(?: Bank (?<bank>[0-9]+): (?<status>[0-9a-f]+))?")
            .details(
                "^Bank (?<bank>[0-9]+): (?<status>[0-9a-f]{8,16})",
                "\\bADDR (?<address>[0-9a-f]+)",
                "PROCESSOR .*\\bSOCKET (?<socket>[0-9]+)")
            .block("\\[Hardware Error\\]|^Bank [0-9]+: ")
            .source("arch/x86/kernel/cpu/mce/core.c")
            .title("machine check exception"));
    rows.add(
        row("mce", HARDWARE, CRITICAL)
            .says(
                "[Hardware Error]: Uncorrected",
                "[Hardware Error]: System Fatal error",
                "[Hardware Error]: Deferred error")
            .details(DECODED_STATUS)
            .block("\\[Hardware Error\\]")
            .source("drivers/edac/mce_amd.c")
            .title("uncorrected machine check error"));
    rows.add(
        row("mce-corrected", HARDWARE, WARNING)
            .says(
                "Machine check events logged",
                "[Hardware Error]: Corrected error, no action required",
                "CMCI storm detected",
                "reports a non fatal, correctable incident")
            .like(
                "^(?:mce: )?(?:\\{[0-9]+\\})?(?:\\[Hardware Error\\]: )?(?:Machine check events logged|Corrected error, no action)|(?:CPU *(?<cpu>[0-9]+) )?(?:BANK *(?<bank>[0-9]+) )?CMCI storm detected|non fatal, correctable incident")
            .details(DECODED_STATUS)
            .block("\\[Hardware Error\\]")
            .source("arch/x86/kernel/cpu/mce/core.c")
            .title("machine check events logged"));
    rows.add(
        row("bert", HARDWARE, ERROR)
            .says("BERT: Error records from previous boot")
            .details("event severity: (?<severity>[a-z]+)")
            .block("\\[Hardware Error\\]")
            .source("drivers/acpi/apei/bert.c")
            .title("hardware error before the last restart"));
    rows.add(
        row("ghes", HARDWARE, ERROR)
            .says("Hardware error from APEI Generic Hardware Error Source")
            .like("Generic Hardware Error Source: (?<sourceId>[0-9]+)")
            .details(
                "event severity: (?<severity>[a-z]+)",
                "section_type: (?<section>.{1,80})",
                "device_id: " + PCI,
                "DIMM location: (?!not present)(?<dimm>.{1,80})",
                "physical_address: (?<address>0x[0-9a-f]+)")
            .block("\\[Hardware Error\\]")
            .source("drivers/acpi/apei/ghes.c")
            .title("hardware error reported by firmware"));
    rows.add(
        row("nmi-unknown", HARDWARE, ERROR)
            .says("NMI received for unknown reason")
            .like("NMI received for unknown reason (?<reason>[0-9a-f]+)(?: on CPU (?<cpu>[0-9]+))?")
            .block("^Dazed and confused|^Do you have a strange power saving mode")
            .source("arch/x86/kernel/nmi.c")
            .title("NMI received for unknown reason"));
    rows.add(
        row("nmi-serr", HARDWARE, CRITICAL)
            .says("NMI: PCI system error (SERR)", "NMI: IOCK error")
            .like(
                "NMI: (?:PCI system error \\(SERR\\)|IOCK error \\(debug interrupt\\?\\)) for reason (?<reason>[0-9a-f]+) on CPU (?<cpu>[0-9]+)")
            .block("^Dazed and confused")
            .source("arch/x86/kernel/nmi.c")
            .title("NMI: PCI system error"));
    edac(rows, "ue", ERROR, "UE", "EDAC: uncorrectable memory error");
    edac(rows, "ce", WARNING, "CE", "EDAC: corrected memory error");
    rows.add(
        row("memory-failure", HARDWARE, ERROR)
            .says(
                "Memory failure: 0x",
                "MCE 0x",
                "due to hardware memory corruption",
                "Uncorrected hardware memory error in user-access")
            .like(
                "(?:Memory failure: |^MCE )(?<pfn>0x[0-9a-f]+): |^MCE: Killing (?<comm>.{1,64}):(?<pid>[0-9]+) due to hardware|in user-access at (?<address>[0-9a-fx]+)")
            .block("^Memory failure: |^MCE 0x")
            .source("mm/memory-failure.c")
            .title("memory failure"));
    rows.add(
        line("clocksource-unstable", HARDWARE, WARNING)
            .says("Marking clocksource", "Clocksource ")
            .like(
                "Marking clocksource '(?<clocksource>[^']+)' as unstable|Clocksource (?<old>\\S+) unstable \\(delta")
            .source("kernel/time/clocksource.c")
            .title("clocksource unstable"));
    rows.add(
        row("irq-nobody-cared", HARDWARE, WARNING)
            .says(": nobody cared")
            .like("^irq (?<irq>[0-9]+): nobody cared")
            .stack(Recipe.OPTIONAL)
            .source("kernel/irq/spurious.c")
            .title("irq: nobody cared"));
  }

  /// `[Hardware Error]: CPU:2 (17:31:0) MC0_STATUS[Over|CE]: 0x9c20000000010135`.
  private static final String DECODED_STATUS =
      "CPU:(?<cpu>[0-9]+) \\([0-9a-f:]+\\) MC(?<bank>[0-9]+)_STATUS\\[[^\\]]*\\]: 0x(?<status>[0-9a-f]+)";

  private static void edac(
      List<Row> rows, String kind, Severity severity, String what, String title) {
    rows.add(
        line("edac-" + kind, HARDWARE, severity)
            .says(" " + what + " ", ": " + what + ": ")
            .like(
                "EDAC (?:MC(?<mc>[0-9]+): (?:[0-9]+ )?"
                    + what
                    + " |DEVICE(?<edacDevice>[0-9]+): "
                    + what
                    + ": )")
            .details(
                "EDAC .{1,80}? on (?<dimm>[^()]{1,120}?) \\(",
                "EDAC .{1,200}label(?:s)? \"(?<dimm>[^\"]+)\"",
                "^EDAC .*\\bchannel:? ?(?<channel>[0-9]+)",
                "^EDAC .*\\bslot:(?<slot>[0-9]+)",
                "^EDAC .*\\b(?:socket|ProcessorSocketId):(?<socket>0x[0-9a-f]+|[0-9]+)",
                "^EDAC .*\\bpage:? ?(?<page>0x[0-9a-f]+)")
            .source("drivers/edac/edac_mc.c")
            .title(title));
  }

  private static void buses(List<Row> rows) {
    aer(rows, "fatal", CRITICAL, "Uncorrect(?:ed|able) \\(Fatal\\)", "fatal error");
    aer(rows, "nonfatal", ERROR, "Uncorrect(?:ed|able) \\(Non-Fatal\\)", "non-fatal error");
    aer(rows, "corrected", Severity.INFO, "Correct(?:ed|able)", "corrected error");
    rows.add(
        row("pcie-dpc", HARDWARE, CRITICAL)
            .says("containment event, status:")
            .like(
                PCI
                    + "(?::pcie?[0-9]+)?: (?:DPC: |DPC )?containment event, status:(?<status>0x[0-9a-f]+)")
            .block("DPC: |DPC |PCIe Bus Error|device \\[|: AER: ")
            .source("drivers/pci/pcie/dpc.c")
            .title("PCIe DPC: containment event"));
    rows.add(
        row("pcie-link-down", HARDWARE, ERROR)
            .says("): Link Down", "): Card not present")
            .like(
                PCI
                    + "(?::pcie?[0-9]+)?: (?:pciehp: )?Slot\\((?<slot>[^)]*)\\): (?:Link Down|Card not present)")
            .block("pciehp: ")
            .source("drivers/pci/hotplug/pciehp_ctrl.c")
            .title("PCIe link down"));
    rows.add(
        row("eeh", HARDWARE, ERROR)
            .says(
                "EEH: Frozen P",
                "EEH: Fenced PHB",
                "EEH: Detected PCI bus error",
                "EEH: PHB",
                "EEH: Detected error on")
            .like(
                "EEH: (?:Frozen P|Fenced PHB|Detected (?:PCI bus )?error on|PHB#[0-9a-fx]+ failure detected)")
            .details("PE#(?<pe>[0-9a-f]+)", "PHB#(?<phb>[0-9a-f]+)", "device " + PCI)
            .block("^EEH: ")
            .source("arch/powerpc/kernel/eeh.c")
            .title("EEH: frozen"));
    rows.add(
        line("iommu-fault", HARDWARE, ERROR)
            .says("] Request device [")
            .like(
                "DMAR: ?\\[[^\\]]+\\] Request device \\[(?<pci>[0-9a-f:.]+)\\] (?:PASID \\S+ )?fault (?:addr|index) ?(?<address>(?:0x)?[0-9a-f]+)")
            .source("drivers/iommu/intel/dmar.c")
            .title("IOMMU fault"));
    rows.add(
        line("iommu-fault", HARDWARE, ERROR)
            .says("AMD-Vi: Event logged [")
            .like(
                "(?:"
                    + PCI
                    + ": )?AMD-Vi: Event logged \\[(?:IO_PAGE_FAULT|ILLEGAL_DEV_TABLE_ENTRY|INVALID_DEVICE_REQUEST|DEV_TAB_HARDWARE_ERROR|PAGE_TAB_HARDWARE_ERROR|COMMAND_HARDWARE_ERROR)")
            .details("AMD-Vi: Event logged .*\\bdevice=(?<pci>[0-9a-f:.]+)")
            .source("drivers/iommu/amd/iommu.c")
            .title("IOMMU fault"));
    rows.add(
        row("iommu-fault", HARDWARE, ERROR)
            .says("Unhandled context fault: ", ": event 0x")
            .like(
                "^arm-smmu\\S* (?<iommu>\\S+): (?:Unhandled context fault: |event 0x[0-9a-f]+ received:)")
            .block("^arm-smmu")
            .source("drivers/iommu/arm/arm-smmu/arm-smmu.c")
            .title("IOMMU fault"));
  }

  private static void aer(
      List<Row> rows, String kind, Severity severity, String what, String title) {
    rows.add(
        row("pcie-aer-" + kind, HARDWARE, severity)
            .says("error received: ", "error message received from", "PCIe Bus Error: severity=")
            .like(
                "AER: (?:Multiple )?"
                    + what
                    + " error (?:message )?received(?::| from) (?:"
                    + PCI
                    + "|id=)|PCIe Bus Error: severity="
                    + what
                    + ",")
            .details(
                PCI + "(?:: AER)?: PCIe Bus Error",
                "PCIe Bus Error: .*type=(?<layer>[A-Za-z ]+),",
                "^(?:pcieport|aer) " + PCI + ".* received: id=")
            .block("PCIe Bus Error|device \\[|TLP Header|: AER: |^\\S+ " + BDF + ": +\\[")
            .source("drivers/pci/pcie/aer.c")
            .title("PCIe AER: " + title));
  }

  private static void temperature(List<Row> rows) {
    rows.add(
        line("thermal-critical", THERMAL, CRITICAL)
            .says("ritical temperature reached")
            .like(
                "^(?:thermal(?:_sys)?:? )?(?<zone>[^ :]+): (?:\\S+: )?[Cc]ritical temperature reached|^[Cc]ritical temperature reached|thermal.*: [Cc]ritical temperature reached")
            .source("drivers/thermal/thermal_core.c")
            .title("critical temperature reached"));
    rows.add(
        line("thermal-critical", THERMAL, CRITICAL)
            .says("HARDWARE PROTECTION ")
            .like("reboot: HARDWARE PROTECTION (?:shutdown|reboot) \\((?<reason>[^)]*)\\)")
            .source("kernel/reboot.c")
            .title("critical temperature reached"));
    rows.add(
        line("thermal-throttle", THERMAL, WARNING)
            .says("temperature above threshold", "temperature is above threshold")
            .like(
                "CPU(?<cpu>[0-9]+): (?:(?<level>Core|Package) )?temperature (?:is )?above threshold")
            .source("drivers/thermal/intel/therm_throt.c")
            .title("CPU throttled: temperature above threshold"));
  }

  private static void fileSystems(List<Row> rows) {
    rows.add(
        row("ext4-error", STORAGE, ERROR)
            .says("EXT4-fs error (device ", "EXT3-fs error (device ", "EXT2-fs error (device ")
            .like(
                "EXT[234]-fs error \\(device (?<device>[^)]+)\\)(?: in|:) (?<function>[a-z0-9_]+)")
            .details(
                "^EXT[234]-fs error .*: comm (?<comm>.{1,64}?): ",
                "^EXT[234]-fs error .*inode #(?<inode>[0-9]+)")
            .block("^EXT[234]-fs (?:error|warning)")
            .source("fs/ext4/super.c")
            .title("EXT4-fs error in {2}"));
    rows.add(
        line("fs-readonly", STORAGE, ERROR)
            .says(
                "emounting filesystem read-only",
                "emounting filesystem as read-only",
                "Filesystem has been set read-only",
                "File system is now read-only")
            .like(
                "\\((?:device )?(?<device>[^()]{1,64})\\):? (?:error: )?(?:[Rr]emounting filesystem|Filesystem has been set|File system is now) (?:as )?read-only")
            .title("filesystem remounted read-only"));
    rows.add(
        line("fs-readonly", STORAGE, ERROR)
            .says("Aborting journal on device")
            .like("Aborting journal on device (?<device>dm-[0-9]+|[^\\s.-]+)(?:-[0-9]+)?\\.")
            .source("fs/jbd2/journal.c")
            .title("filesystem remounted read-only"));
    rows.add(
        row("xfs-corruption", STORAGE, ERROR)
            .says(
                "Metadata corruption detected at",
                "Metadata CRC error detected at",
                "Internal error ",
                "Corruption detected. Unmount and run xfs_repair",
                "Corruption warning: Metadata has LSN",
                "metadata I/O error")
            // errors 74 and 117 are a wrong checksum and a corrupt structure
            .like(
                "^XFS(?: \\((?<device>[^)]+)\\))?: (?:metadata I/O error.* error (?:74|117)\\b|Metadata (?:corruption|CRC error) detected at (?<function>\\w+)|Internal error|Corruption detected\\.|Corruption warning)")
            .block("^XFS(?: \\(|:)|^[0-9a-f]{8}: ")
            .source("fs/xfs/xfs_error.c")
            .title("XFS metadata corruption"));
    rows.add(
        row("xfs-shutdown", STORAGE, ERROR)
            .says("Shutting down filesystem", "xfs_do_force_shutdown")
            .like(
                "^XFS(?: \\((?<device>[^)]+)\\))?: .*(?:Shutting down filesystem|xfs_do_force_shutdown)")
            .block("^XFS(?: \\(|:)")
            .source("fs/xfs/xfs_fsops.c")
            .title("XFS shut down"));
    rows.add(
        row("btrfs-abort", STORAGE, ERROR)
            .says("Transaction aborted (error", "forced readonly", ": errno=")
            .like(
                "^BTRFS.*(?:Transaction aborted \\(error|forced readonly|\\) in \\S+: errno=-?[0-9]+)")
            .details("^BTRFS.*\\(device (?<device>[^):]+)", "errno=(?<errno>-?[0-9]+)")
            .block("^BTRFS")
            .source("fs/btrfs/messages.c")
            .title("BTRFS transaction aborted"));
    rows.add(
        line("btrfs-error", STORAGE, ERROR)
            .says("BTRFS error (device", "BTRFS critical (device")
            .like(
                "BTRFS error \\(device (?<device>[^):]{1,64}+)[^)]{0,64}\\): bdev \\S+ errs: |BTRFS critical \\(device (?<device2>[^):]{1,64}+)[^)]{0,64}\\): (?:corrupt|unable to find)")
            .details(
                "BTRFS critical \\(device (?<device>[^):]+)",
                "errs: wr (?<writeErrors>[0-9]+), rd (?<readErrors>[0-9]+), flush (?<flushErrors>[0-9]+), corrupt (?<corruptions>[0-9]+)")
            .source("fs/btrfs/volumes.c")
            .title("BTRFS device error"));
    rows.add(
        line("btrfs-csum", STORAGE, ERROR)
            .says("csum failed ", "checksum error at logical", "checksum verify failed on")
            .like(
                "^(?:BTRFS|btrfs)[^(]*(?:\\(device (?<device>[^):]+)[^)]*\\))?:? ?(?:csum failed |checksum error at logical|checksum verify failed on)")
            .source("fs/btrfs/btrfs_inode.h")
            .title("BTRFS checksum failed"));
    rows.add(
        line("nfs-timeout", STORAGE, WARNING)
            .says("not responding, still trying", "not responding, timed out")
            .like("(?:nfs|lockd): server (?<server>\\S+) not responding")
            .source("net/sunrpc/clnt.c")
            .title("nfs: server not responding"));
    rows.add(
        line("cifs-timeout", STORAGE, WARNING)
            .says("has not responded in")
            .like("^CIFS.*(?:Server |\\\\\\\\)(?<server>\\S+) has not responded in [0-9]+ seconds")
            .source("fs/smb/client/connect.c")
            .title("cifs: server not responding"));
  }

  private static void blockDevices(List<Row> rows) {
    rows.add(
        line("medium-error", STORAGE, ERROR)
            .says("critical medium error, dev ")
            .like("critical medium error, dev (?<device>[^,]+), sector (?<sector>[0-9]+)")
            .source("block/blk-core.c")
            .title("critical medium error"));
    rows.add(
        line("io-error", STORAGE, ERROR)
            .says(" error, dev ", " exceeded error, dev ")
            .like(
                "(?<error>I/O|timeout|critical space allocation|recoverable transport|critical target|critical nexus|reservation conflict|protection|device offline|device resource|kernel resource|duration limit exceeded) error, dev (?!fd[0-9])(?<device>[^,]+), sector (?<sector>[0-9]+)")
            .details(" error, dev .* op 0x[0-9a-f]+:\\((?<op>[A-Z_]+)\\)")
            .source("block/blk-core.c")
            .title("I/O error"));
    rows.add(
        line("io-error", STORAGE, ERROR)
            .says("metadata I/O error")
            .like("XFS \\((?<device>[^)]+)\\): metadata I/O error(?!.* error (?:74|117)\\b)")
            .source("fs/xfs/xfs_buf.c")
            .title("I/O error"));
    rows.add(
        line("io-error", STORAGE, ERROR)
            .says("Read-error on swap-device", "Write-error on swap-device")
            .like("^(?:Read|Write)-error on swap-device \\((?<device>[0-9:]+):(?<sector>[0-9]+)\\)")
            .source("mm/page_io.c")
            .title("I/O error on swap"));
    rows.add(
        line("buffer-io-error", STORAGE, ERROR)
            .says("Buffer I/O error on dev")
            .like(
                "Buffer I/O error on dev(?:ice)? (?!fd[0-9])(?<device>[^, ]+), logical block (?<block>[0-9]+)")
            .source("fs/buffer.c")
            .title("buffer I/O error"));
    rows.add(
        line("multipath-fail", STORAGE, WARNING)
            .says("device-mapper: multipath:")
            .like(
                "multipath: (?:(?<device>[0-9]+:[0-9]+): )?Failing path (?<path>[0-9]+:[0-9]+|\\w+)")
            .source("drivers/md/dm-mpath.c")
            .title("multipath: failing path"));
    rows.add(
        line("dm-verity", STORAGE, ERROR)
            .says("device-mapper: verity")
            .like(
                "verity(?:-fec)?: (?<device>[^: ]+(?::[0-9]+)?): (?:(?:data|metadata) block (?<block>[0-9]+) is corrupted|FEC [0-9]+: failed to correct|reached maximum errors)")
            .source("drivers/md/dm-verity-target.c")
            .title("dm-verity: block is corrupted"));
    rows.add(
        line("dm-integrity", STORAGE, ERROR)
            .says("INTEGRITY AEAD ERROR", "hecksum failed at sector")
            .like(
                "device-mapper: (?:crypt|integrity): (?<device>[^: ]+): (?:INTEGRITY AEAD ERROR|[Cc]hecksum failed at)[^0-9]*(?<sector>[0-9a-fx]+)")
            .source("drivers/md/dm-integrity.c")
            .title("dm-integrity: checksum failed"));
    rows.add(
        line("dm-thin-full", STORAGE, ERROR)
            .says("device-mapper: thin:")
            .like(
                "thin: (?<device>[0-9]+:[0-9]+): (?:reached low water mark|no free (?:data|metadata) space|switching pool to (?:out-of-data-space|read-only|fail))")
            .source("drivers/md/dm-thin.c")
            .title("dm-thin: pool runs full"));
    rows.add(
        line("dm-snapshot-invalid", STORAGE, ERROR)
            .says("device-mapper: snapshots: Invalidating snapshot")
            .source("drivers/md/dm-snap.c")
            .title("dm-snapshot: invalidated"));
  }

  private static void controllers(List<Row> rows) {
    rows.add(
        row("scsi-error", STORAGE, ERROR)
            .says("Result: hostbyte=", "Sense Key : ")
            .like(
                "^(?:sd|sr|st|ses|ch|scsi) [0-9:]+ (?:\\[(?<device>[^\\]]+)\\] )?(?:tag#[0-9]+ )?\\s*(?:(?:FAILED |UNKNOWN\\([0-9a-fx]+\\) |[A-Z_]+ )?Result: hostbyte=(?<hostbyte>\\w+)|Sense Key : (?<sense>Medium Error|Hardware Error|Aborted Command|Not Ready|Data Protect) )")
            .details(
                "Sense Key : (?<sense>[A-Za-z ]+?) \\[",
                "Add\\. Sense: (?<additional>.{1,80})",
                "driverbyte=(?<driverbyte>\\w+)")
            .block(
                "^(?:sd|sr|st|ses|ch|scsi) [0-9:]+ (?:\\[[^\\]]+\\] )?(?:tag#|CDB|Sense|Add\\. Sense|Result|Unhandled)")
            .source("drivers/scsi/scsi_logging.c")
            .title("SCSI command failed"));
    rows.add(
        row("scsi-reset", STORAGE, ERROR)
            .says(
                "attempting task abort!",
                "attempting device reset!",
                "attempting target reset!",
                "attempting host reset!",
                "timing out command, waited")
            .like(
                "(?<scsi>[0-9]{1,6}:[0-9]{1,6}:[0-9]{1,6}:[0-9]{1,6}): (?:\\[(?<device>[^\\]]+)\\] )?(?:tag#[0-9]+ )?(?:attempting (?<what>task abort|device reset|target reset|host reset)!|timing out command)")
            .block("task abort|device reset|target reset|host reset|tag#|handle\\(0x")
            .source("drivers/scsi/mpt3sas/mpt3sas_scsih.c")
            .title("SCSI command timed out"));
    rows.add(
        line("scsi-offline", STORAGE, ERROR)
            .says(
                "Device offlined - not ready after error recovery",
                "rejecting I/O to offline device",
                "rejecting I/O to dead device",
                "offlining device")
            .like(
                "(?<scsi>[0-9]{1,6}:[0-9]{1,6}:[0-9]{1,6}:[0-9]{1,6}): (?:\\[(?<device>[^\\]]+)\\] )?(?:Device offlined|rejecting I/O to|offlining device)")
            .source("drivers/scsi/scsi_error.c")
            .title("SCSI device offlined"));
    rows.add(
        line("scsi-controller", STORAGE, CRITICAL)
            .says(
                "FW in FAULT state",
                "Controller in crit error",
                "fault_state(0x",
                "controller lockup detected",
                "Host adapter abort request")
            .like(
                "^(?:megaraid_sas|mpt[23]sas|hpsa|smartpqi|aacraid)\\S*[: ](?:\\s?"
                    + PCI
                    + ")?.*(?:FW in FAULT state|Controller in crit error|fault_state\\(0x|controller lockup detected|Host adapter abort request)")
            .title("storage controller failed"));
    rows.add(
        row("ata-error", STORAGE, ERROR)
            .says("exception Emask", ": COMRESET failed", ": qc timeout ")
            .like("^(?<device>ata[0-9.]+): (?:exception Emask|COMRESET failed|qc timeout )")
            .details("^ata[0-9.]+: failed command: (?<command>[A-Z /]+)")
            .block("^ata[0-9.]+: |^\\s+res ")
            .source("drivers/ata/libata-eh.c")
            .title("ATA exception"));
    rows.add(
        row("nvme-reset", STORAGE, ERROR)
            .says(
                "controller is down; will reset",
                "controller is down, will reset",
                ": Device not ready; aborting",
                "frozen state error detected, reset controller",
                "ailed status: 0x",
                ": starting error recovery")
            .like(
                NVME
                    + "(?:controller is down[;,] will reset|Device not ready; aborting|frozen state error detected|[Ff]ailed status: 0x\\S+ reset controller|starting error recovery)")
            .details("CSTS=(?<csts>0x[0-9a-f]+)")
            .block("^nvme .*: (?:Does your device have|Try \"nvme_core)")
            .source("drivers/nvme/host/pci.c")
            .title("NVMe controller is down"));
    rows.add(
        row("nvme-timeout", STORAGE, ERROR)
            .says(
                " timeout, aborting",
                " timeout, reset controller",
                " timeout, disable controller",
                " timeout, completion polled",
                ": timeout request 0x",
                ") QID ")
            .like(
                NVME
                    + "(?:I/O (?:tag )?(?<tag>[0-9]+) .{0,80}?QID (?=(?<qid>[0-9]+))(?<queue>[0-9]+) timeout|queue [0-9]+: timeout request)")
            .block("^nvme .*: Abort status")
            .source("drivers/nvme/host/pci.c")
            .title("NVMe timeout"));
    rows.add(
        line("nvme-dead", STORAGE, ERROR)
            .says(
                "Removing after probe failure",
                "Removing after reset failure",
                "Disabling device after reset failure")
            .like(NVME + "(?:Removing after|Disabling device after) .{0,40}: (?<status>-?[0-9]+)")
            .source("drivers/nvme/host/pci.c")
            .title("NVMe device is dead"));
    rows.add(
        line("mmc-error", STORAGE, ERROR)
            .says("transferring data", "Timeout waiting for hardware interrupt")
            .like(
                "^(?<device>mmc(?:blk)?[0-9]+): (?:error -?[0-9]+ transferring data|Timeout waiting for hardware interrupt)")
            .source("drivers/mmc/core/block.c")
            .title("MMC error"));
  }

  private static void arrays(List<Row> rows) {
    rows.add(
        line("md-array-failed", STORAGE, CRITICAL)
            .says("Cannot continue operation (", "not enough operational", "failed to run raid set")
            .like(
                "md/raid[0-9]*:(?<device>[^:]+): (?:Cannot continue operation|not enough operational|failed to run raid set)")
            .source("drivers/md/raid5.c")
            .title("RAID array failed"));
    rows.add(
        row("md-disk-failure", STORAGE, ERROR)
            .says("Disk failure on")
            .like(
                "(?:md/)?(?:raid[0-9]*|multipath|linear)(?::(?<device>[^:\\s]+))?: Disk failure on (?<member>[^,\\s]+), disabling")
            .block("^(?:md/)?raid")
            .source("drivers/md/raid1.c")
            .title("RAID disk failure"));
    rows.add(
        line("md-read-error", STORAGE, ERROR)
            .says("ead error not correct", "unrecoverable I/O read error", "kicking non-fresh")
            .like(
                "md/raid[0-9]*:(?<device>[^:]+): (?:read error not correct|\\S*:? ?unrecoverable I/O read error)|^md: kicking non-fresh (?<member>\\S+) from array")
            .source("drivers/md/raid5.c")
            .title("RAID read error"));
  }

  private static void network(List<Row> rows) {
    rows.add(
        watchdog(
            "NETDEV WATCHDOG: (?<device>\\S+) \\((?<driver>[^)]+)\\): transmit queue (?<queue>[0-9]+) timed out"));
    rows.add(
        watchdog(
            "^(?:(?<driver>\\S+) (?:"
                + PCI
                + "|(?<bus>\\S+)) )?(?<device>[^: ]+|\\(unnamed net_device\\)\\S*|\\S+ \\(uninitialized\\)): NETDEV WATCHDOG: (?:CPU: (?<cpu>[0-9]+): )?transmit queue (?<queue>[0-9]+) timed out"));
    rows.add(watchdog("NETDEV WATCHDOG: (?<device>[^: ]+): transmit timed out"));
    rows.add(
        row("nic-fw-error", NETWORK, ERROR)
            .says(
                "device's health compromised",
                "handling bad device here",
                "Microcode SW error detected",
                "firmware crashed!",
                "Firmware has halted or crashed",
                "irmware recovery mode detected",
                "Will cause a leak of a command resource",
                ": Internal error detected")
            .like(
                "^(?<driver>[a-z][a-z0-9_-]+)[: ](?:\\s?"
                    + PCI
                    + ")?.*(?:device's health compromised|handling bad device here|Microcode SW error detected|firmware crashed!|Firmware has halted or crashed|irmware recovery mode detected|Will cause a leak of a command resource|Internal error detected)")
            .block("health|assert_var|print_health_info|Loaded firmware version")
            .title("network card firmware is unwell"));
    rows.add(
        row("nic-hang", NETWORK, ERROR)
            .says("Detected Hardware Unit Hang", "Detected Tx Unit Hang", "tx hang ")
            .like(
                "(?:(?<device>[a-z][a-z0-9_.-]{0,31}): )?(?:e1000\\w{0,4}: )?(?:Detected (?:Hardware|Tx) Unit Hang|tx hang [0-9]+ detected on queue (?<queue>[0-9]+))")
            .details(PCI + ".{0,60}(?:Unit Hang|tx hang)")
            .block("^ +[A-Za-z]")
            .title("network card hangs"));
    rows.add(
        line("nic-link-down", NETWORK, WARNING)
            .says(
                "NIC Link is Down",
                ": Link is Down",
                ": Link is down",
                ": Link down",
                "link status definitely down",
                "NIC Copper Link is Down")
            .like(
                "(?:"
                    + PCI
                    + " )?(?<device>[a-z][A-Za-z0-9_.-]{0,31}):? (?:NIC |NIC Copper )?Link (?:is )?[Dd]own\\b|link status definitely down for interface (?<member>[^, ]+)|^(?:bonding: )?(?<bond>\\S+): \\(slave (?<slave>[^)]+)\\): link status definitely down")
            .but("^ata|pciehp|^nvme|Slot\\(")
            .title("network link is down"));
    rows.add(
        line("conntrack-full", NETWORK, WARNING)
            .says("table full, dropping packet", "table full in netns")
            .like("(?:nf|ip)_conntrack.{0,60}table full")
            .source("net/netfilter/nf_conntrack_core.c")
            .title("conntrack table full"));
    rows.add(
        line("neigh-overflow", NETWORK, WARNING)
            .says("eighbor table overflow", "eighbour table overflow")
            .like("(?:(?<table>\\w{1,32}): )?[Nn]eighbou?r table overflow")
            .source("net/core/neighbour.c")
            .title("neighbour table overflow"));
    rows.add(
        line("route-cache-full", NETWORK, WARNING)
            .says("dst cache overflow", "Route cache is full: consider increasing")
            .source("net/ipv6/route.c")
            .title("route cache full"));
    rows.add(
        line("syn-flood", NETWORK, WARNING)
            .says("ossible SYN flooding on port")
            .like("[Pp]ossible SYN flooding on port (?<address>[^\\s]*:)?(?<port>[0-9]+)\\. ")
            .source("net/ipv4/tcp_input.c")
            .title("possible SYN flooding"));
    rows.add(
        line("tcp-memory", NETWORK, WARNING)
            .says("out of memory -- consider tuning tcp_mem")
            .source("net/ipv4/tcp.c")
            .title("TCP: out of memory"));
    rows.add(
        line("tcp-memory", NETWORK, WARNING)
            .says("too many orphaned sockets", "too many of orphaned sockets")
            .like("TCP: too many (?:of )?orphaned sockets")
            .source("net/ipv4/tcp.c")
            .title("TCP: too many orphaned sockets"));
  }

  /// Most releases wrap it in a warning, which the report then holds.
  private static Row watchdog(String regex) {
    return row("nic-tx-timeout", NETWORK, ERROR)
        .says("NETDEV WATCHDOG:")
        .like(regex)
        .stack(Recipe.OPTIONAL)
        .source("net/sched/sch_generic.c")
        .title("NETDEV WATCHDOG: transmit queue timed out");
  }

  private static void graphics(List<Row> rows) {
    rows.add(
        row("nvidia-xid", GPU, ERROR)
            .says("NVRM: Xid (")
            .like("NVRM: Xid \\((?:PCI:)?(?<pci>[0-9a-fA-F:.]+)\\): (?<xid>[0-9]+)")
            .details(
                "NVRM: Xid .*\\bpid=(?<pid>[0-9]+)", "NVRM: Xid .*, name=(?<comm>[^,<]{1,64}),")
            .block("^NVRM: ")
            .title("NVIDIA Xid {2}"));
    rows.add(
        line("nvidia-xid", GPU, ERROR)
            .says("GPU has fallen off the bus")
            .like(
                "^NVRM: .{0,40}GPU (?:at )?(?:PCI:)?(?<pci>[0-9a-fA-F:.]+)?:? .{0,40}fallen off the bus")
            .title("NVIDIA Xid 79"));
    rows.add(
        line("nvidia-init", GPU, ERROR)
            .says("NVRM: RmInitAdapter failed")
            .title("NVIDIA GPU can't be initialized"));
    rows.add(
        row("amdgpu-timeout", GPU, ERROR)
            .says(" timeout, signaled seq=", " timeout, but soft recovered")
            .like("ring (?<ring>\\S+) timeout, ")
            .details(
                "amdgpu " + PCI + ": .*ring \\S+ timeout",
                "Process information: process (?<comm>.{0,64}?) pid (?<pid>[0-9]+) thread")
            .block("Process information: process|ring \\S+ timeout, ")
            .source("drivers/gpu/drm/amd/amdgpu/amdgpu_job.c")
            .title("amdgpu: ring timeout"));
    rows.add(
        row("amdgpu-reset", GPU, ERROR)
            .says(
                "GPU reset begin!",
                "GPU reset(",
                "GPU reset end with ret",
                "retry page fault (",
                "] page fault (",
                "uncorrectable hardware error(")
            .like(
                "amdgpu "
                    + PCI
                    + ": .*(?:GPU reset begin!|GPU reset\\([0-9]+\\) (?:succeeded|failed)|GPU reset end with ret|\\[\\w+\\] (?:no-)?(?:retry )?page fault|uncorrectable hardware error\\()")
            .block("^amdgpu |^\\[drm")
            .source("drivers/gpu/drm/amd/amdgpu/amdgpu_device.c")
            .title("amdgpu: GPU reset"));
    rows.add(
        row("drm-gpu-hang", GPU, ERROR)
            .says(
                "GPU HANG:",
                "] Resetting chip for ",
                "GPU lockup (",
                "stalled for more than",
                "fifo: SCHED_ERROR",
                "Engine reset: engine_class=",
                "hangcheck detected gpu lockup")
            .like(
                "GPU HANG: |\\[drm\\] Resetting chip for |GPU lockup \\(|ring [0-9]+ stalled for more than|fifo: SCHED_ERROR|Engine reset: engine_class=|hangcheck detected gpu lockup")
            .details(
                "^\\S+ " + PCI + ": ",
                "GPU HANG: .{0,120}, in (?<comm>.{1,64}) \\[(?<pid>[0-9]+)\\]")
            .block("\\[drm\\]|^radeon |^nouveau |^i915 |^xe ")
            .source("drivers/gpu/drm/i915/i915_gpu_error.c")
            .title("GPU hang"));
  }

  private static void programs(List<Row> rows) {
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
