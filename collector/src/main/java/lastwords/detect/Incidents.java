package lastwords.detect;

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
  private static final String PCI = "(?<pci>[0-9a-f]{4}:[0-9a-f]{2}:[0-9a-f]{2}\\.[0-7])";

  private Incidents() {}

  static List<Row> rows() {
    List<Row> rows = new ArrayList<>();
    memory(rows);
    hardware(rows);
    storage(rows);
    network(rows);
    graphics(rows);
    programs(rows);
    return rows;
  }

  private static Row.Builder line(String kind, Category category, Severity severity) {
    return row(kind, category, severity).block("(?!)");
  }

  private static void memory(List<Row> rows) {
    rows.add(
        row("oom-kill", MEMORY, ERROR)
            .says("invoked oom-killer:")
            .like("^(?<invoker>.{1,64}) invoked oom-killer: gfp_mask=")
            .details(
                "^oom-kill:constraint=.*,task=(?<victim>.{1,64}),pid=(?<victimPid>[0-9]+),uid=",
                "^oom-kill:constraint=.*,oom_memcg=(?<memcg>[^,]+),",
                "Kill(?:ed)? process (?<victimPid>[0-9]+) \\((?<victim>.{1,64}?)\\)")
            .otherwise("constraint=CONSTRAINT_MEMCG|Memory cgroup out of memory", "memcg-oom")
            .stack(Recipe.OPTIONAL)
            .title("out of memory: killed {victim}"));
    rows.add(
        line("alloc-failure", MEMORY, WARNING)
            .says("page allocation failure: order:")
            .like("^(?<comm>.{1,64}): page allocation failure: order:(?<order>[0-9]+)")
            .title("page allocation failure"));
    rows.add(
        line("file-max", MEMORY, WARNING)
            .says("VFS: file-max limit")
            .title("file-max limit reached"));
    rows.add(
        line("pids-limit", MEMORY, WARNING)
            .says("fork rejected by pids controller in")
            .like("fork rejected by pids controller in (?<cgroup>\\S+)")
            .title("fork rejected by pids controller"));
  }

  private static void hardware(List<Row> rows) {
    rows.add(
        row("mce", HARDWARE, CRITICAL)
            .says("Machine Check Exception:")
            .like(
                "\\[Hardware Error\\]: CPU (?<cpu>[0-9]+): Machine Check Exception: [0-9a-f]+ Bank (?<bank>[0-9]+): (?<status>[0-9a-f]+)")
            .block("\\[Hardware Error\\]")
            .title("machine check exception"));
    rows.add(
        row("mce-corrected", HARDWARE, WARNING)
            .says(
                "Machine check events logged",
                "Corrected error, no action required",
                "CMCI storm detected")
            .like(
                "\\[Hardware Error\\]: (?:Machine check events logged|Corrected error, no action required)|CMCI storm detected")
            .block("\\[Hardware Error\\]")
            .title("machine check events logged"));
    rows.add(
        row("bert", HARDWARE, ERROR)
            .says("BERT: Error records from previous boot")
            .block("\\[Hardware Error\\]")
            .title("hardware error before the last restart"));
    rows.add(
        row("ghes", HARDWARE, ERROR)
            .says("Hardware error from APEI Generic Hardware Error Source")
            .details("event severity: (?<severity>[a-z]+)")
            .block("\\[Hardware Error\\]")
            .title("hardware error reported by firmware"));
    rows.add(
        row("nmi-unknown", HARDWARE, ERROR)
            .says("NMI received for unknown reason")
            .like("NMI received for unknown reason (?<reason>[0-9a-f]+) on CPU (?<cpu>[0-9]+)")
            .block("^Dazed and confused")
            .title("NMI received for unknown reason"));
    rows.add(
        row("nmi-serr", HARDWARE, CRITICAL)
            .says("NMI: PCI system error (SERR)", "NMI: IOCK error")
            .like(
                "NMI: (?:PCI system error \\(SERR\\)|IOCK error \\(debug interrupt\\?\\)) for reason [0-9a-f]+ on CPU (?<cpu>[0-9]+)")
            .block("^Dazed and confused")
            .title("NMI: PCI system error"));
    rows.add(
        line("edac-ue", HARDWARE, ERROR)
            .says(" UE ")
            .like("EDAC MC(?<mc>[0-9]+): [0-9]+ UE .*?on (?<dimm>\\S+) \\(")
            .title("EDAC: uncorrectable memory error"));
    rows.add(
        line("edac-ce", HARDWARE, WARNING)
            .says(" CE ")
            .like("EDAC MC(?<mc>[0-9]+): [0-9]+ CE .*?on (?<dimm>\\S+) \\(")
            .title("EDAC: corrected memory error"));
    rows.add(
        row("memory-failure", HARDWARE, ERROR)
            .says("Memory failure: 0x")
            .like("Memory failure: (?<pfn>0x[0-9a-f]+): ")
            .block("^Memory failure: ")
            .title("memory failure"));
    aer(
        rows,
        "pcie-aer-fatal",
        CRITICAL,
        "Uncorrect(?:ed|able) \\(Fatal\\)",
        "PCIe AER: fatal error");
    aer(
        rows,
        "pcie-aer-nonfatal",
        ERROR,
        "Uncorrect(?:ed|able) \\(Non-Fatal\\)",
        "PCIe AER: non-fatal error");
    aer(
        rows,
        "pcie-aer-corrected",
        Severity.INFO,
        "Correct(?:ed|able)",
        "PCIe AER: corrected error");
    rows.add(
        row("pcie-dpc", HARDWARE, CRITICAL)
            .says("DPC: containment event")
            .like(PCI + ": DPC: containment event")
            .block(": DPC: |PCIe Bus Error|device \\[")
            .title("PCIe DPC: containment event"));
    rows.add(
        row("pcie-link-down", HARDWARE, ERROR)
            .says("pciehp: Slot(")
            .like(PCI + ": pciehp: Slot\\([^)]*\\): (?:Link Down|Card not present)")
            .block(": pciehp: ")
            .title("PCIe link down"));
    rows.add(
        row("eeh", HARDWARE, ERROR).says("EEH: Frozen P").block("^EEH: ").title("EEH: frozen"));
    rows.add(
        line("iommu-fault", HARDWARE, ERROR)
            .says("fault addr 0x")
            .like("DMAR: \\[[^\\]]{1,64}\\] Request device \\[(?<pci>[0-9a-f:.]+)\\] fault addr")
            .title("IOMMU fault"));
    rows.add(
        line("iommu-fault", HARDWARE, ERROR)
            .says("AMD-Vi: Event logged [IO_PAGE_FAULT")
            .like("Event logged \\[IO_PAGE_FAULT .*?device=(?<pci>[0-9a-f:.]+)")
            .title("IOMMU fault"));
    rows.add(
        line("clocksource-unstable", HARDWARE, WARNING)
            .says("Marking clocksource")
            .like("Marking clocksource '(?<clocksource>[^']+)' as unstable")
            .title("clocksource unstable"));
    rows.add(
        row("irq-nobody-cared", HARDWARE, WARNING)
            .says(": nobody cared")
            .like("^irq (?<irq>[0-9]+): nobody cared")
            .stack(Recipe.OPTIONAL)
            .title("irq: nobody cared"));
    rows.add(
        line("thermal-critical", THERMAL, CRITICAL)
            .says("critical temperature reached")
            .like("^(?:thermal )?(?<zone>[^ :]+): critical temperature reached")
            .title("critical temperature reached"));
    rows.add(
        line("thermal-critical", THERMAL, CRITICAL)
            .says("HARDWARE PROTECTION shutdown")
            .title("critical temperature reached"));
    rows.add(
        line("thermal-throttle", THERMAL, WARNING)
            .says("temperature above threshold", "temperature is above threshold")
            .like("CPU(?<cpu>[0-9]+): .*temperature (?:is )?above threshold")
            .title("CPU throttled: temperature above threshold"));
  }

  private static void aer(
      List<Row> rows, String kind, Severity severity, String what, String title) {
    rows.add(
        row(kind, HARDWARE, severity)
            .says("error received:", "error message received from")
            .like("AER: (?:Multiple )?" + what + " error (?:message )?received(?::| from) " + PCI)
            .block("PCIe Bus Error|device \\[|^\\S+ \\S+: +\\[")
            .title(title));
  }

  private static void storage(List<Row> rows) {
    rows.add(
        row("ext4-error", STORAGE, ERROR)
            .says("EXT4-fs error (device ", "EXT3-fs error (device ", "EXT2-fs error (device ")
            .like(
                "EXT[234]-fs error \\(device (?<device>[^)]+)\\)(?: in|:) (?<function>[a-z0-9_]+)")
            .block("^EXT4-fs (?:error|warning)")
            .title("EXT4-fs error in {2}"));
    rows.add(
        line("fs-readonly", STORAGE, ERROR)
            .says("Remounting filesystem read-only", "Filesystem has been set read-only")
            .like(
                "\\((?<device>[^)]{1,64})\\): (?:Remounting filesystem|Filesystem has been set) read-only")
            .title("filesystem remounted read-only"));
    rows.add(
        row("xfs-corruption", STORAGE, ERROR)
            .says(
                "Metadata corruption detected at",
                "Metadata CRC error detected at",
                "Internal error ")
            .like(
                "XFS \\((?<device>[^)]{1,64})\\): (?:Metadata (?:corruption|CRC error) detected at (?<function>\\w+)|Internal error)")
            .block("^XFS \\(|^[0-9a-f]{8}: ")
            .title("XFS metadata corruption"));
    rows.add(
        row("xfs-shutdown", STORAGE, ERROR)
            .says("Shutting down filesystem", "xfs_do_force_shutdown")
            .like(
                "XFS \\((?<device>[^)]{1,64})\\): .{0,120}(?:Shutting down filesystem|xfs_do_force_shutdown)")
            .block("^XFS \\(")
            .title("XFS shut down"));
    rows.add(
        row("btrfs-abort", STORAGE, ERROR)
            .says("Transaction aborted (error", "forced readonly")
            .like(
                "BTRFS.{0,64}(?:Transaction aborted \\(error|\\(device (?<device>[^):]{1,64}).{0,120}forced readonly)")
            .details("BTRFS.{0,64}\\(device (?<device>[^):]{1,64})")
            .block("^BTRFS")
            .title("BTRFS transaction aborted"));
    rows.add(
        line("btrfs-error", STORAGE, ERROR)
            .says("BTRFS error (device")
            .like("BTRFS error \\(device (?<device>[^):]{1,64}+)[^)]{0,64}\\): bdev \\S+ errs: ")
            .title("BTRFS device error"));
    rows.add(
        line("btrfs-csum", STORAGE, ERROR)
            .says("csum failed root")
            .like("BTRFS.{0,32}\\(device (?<device>[^):]{1,64}+)[^)]{0,64}\\): csum failed root")
            .title("BTRFS checksum failed"));
    rows.add(
        line("medium-error", STORAGE, ERROR)
            .says("critical medium error, dev ")
            .like("critical medium error, dev (?<device>[^,]+), sector (?<sector>[0-9]+)")
            .title("critical medium error"));
    rows.add(
        line("io-error", STORAGE, ERROR)
            .says(" error, dev ", "I/O error, dev ")
            .like(
                "(?<error>I/O|timeout|critical space allocation|recoverable transport|critical target|critical nexus|protection|device offline|device resource) error, dev (?<device>[^,]+), sector (?<sector>[0-9]+)")
            .title("I/O error"));
    rows.add(
        line("buffer-io-error", STORAGE, ERROR)
            .says("Buffer I/O error on dev")
            .like(
                "Buffer I/O error on dev(?:ice)? (?<device>[^, ]+), logical block (?<sector>[0-9]+)")
            .title("buffer I/O error"));
    rows.add(
        row("scsi-error", STORAGE, ERROR)
            .says("FAILED Result: hostbyte=")
            .like(
                "^sd [0-9:]+ \\[(?<device>[^\\]]+)\\] tag#[0-9]+ FAILED Result: hostbyte=(?<hostbyte>\\w+)")
            .details("Sense Key : (?<sense>[A-Za-z ]+?) \\[")
            .block("^sd [0-9:]+ \\[[^\\]]+\\] tag#")
            .title("SCSI command failed"));
    rows.add(
        line("scsi-offline", STORAGE, ERROR)
            .says(
                "Device offlined - not ready after error recovery",
                "rejecting I/O to offline device")
            .like(
                "(?<scsi>[0-9]{1,6}:[0-9]{1,6}:[0-9]{1,6}:[0-9]{1,6}): (?:Device offlined|rejecting I/O to offline)")
            .title("SCSI device offlined"));
    rows.add(
        row("ata-error", STORAGE, ERROR)
            .says("exception Emask")
            .like("^(?<device>ata[0-9.]+): exception Emask")
            .block("^ata[0-9.]+: |^\\s+res ")
            .title("ATA exception"));
    rows.add(
        line("nvme-reset", STORAGE, ERROR)
            .says("controller is down; will reset", "controller is down, will reset")
            .like("(?<device>nvme[0-9]+): controller is down")
            .title("NVMe controller is down"));
    rows.add(
        row("nvme-timeout", STORAGE, ERROR)
            .says("timeout, aborting", "timeout, reset controller", "timeout, disable controller")
            .like(
                "(?<device>nvme[0-9]+): I/O (?:tag )?[0-9]+.* timeout, (?:aborting|reset|disable)")
            .block("nvme[0-9]+: Abort status")
            .title("NVMe timeout"));
    rows.add(
        line("nvme-dead", STORAGE, ERROR)
            .says(
                "Removing after probe failure",
                "Disabling device after reset failure",
                "Device not ready; aborting")
            .like(
                "(?<device>nvme[0-9]+): (?:Removing after probe|Disabling device after reset|Device not ready; aborting)")
            .title("NVMe device is dead"));
    rows.add(
        line("md-array-failed", STORAGE, CRITICAL)
            .says("Cannot continue operation (")
            .like("md/raid[0-9]*:(?<device>[^:]+): Cannot continue operation")
            .title("RAID array failed"));
    rows.add(
        row("md-disk-failure", STORAGE, ERROR)
            .says("Disk failure on")
            .like("md/raid[0-9]*:(?<device>[^:]+): Disk failure on (?<member>[^,]+), disabling")
            .block("^md/raid")
            .title("RAID disk failure"));
    rows.add(
        line("multipath-fail", STORAGE, WARNING)
            .says("device-mapper: multipath:")
            .like("multipath: (?<device>[0-9]+:[0-9]+): Failing path (?<path>[0-9:]+)")
            .title("multipath: failing path"));
    rows.add(
        line("dm-verity", STORAGE, ERROR)
            .says("device-mapper: verity:")
            .like("verity: (?<device>[0-9]+:[0-9]+): (?:data|metadata) block [0-9]+ is corrupted")
            .title("dm-verity: block is corrupted"));
    rows.add(
        line("nfs-timeout", STORAGE, WARNING)
            .says("not responding, still trying", "not responding, timed out")
            .like("nfs: server (?<server>\\S+) not responding")
            .title("nfs: server not responding"));
  }

  private static void network(List<Row> rows) {
    rows.add(
        row("nic-tx-timeout", NETWORK, ERROR)
            .says("NETDEV WATCHDOG:")
            .like(
                "NETDEV WATCHDOG: (?<device>\\S+) \\((?<driver>[^)]+)\\): transmit queue (?<queue>[0-9]+) timed out")
            .stack(Recipe.OPTIONAL)
            .title("NETDEV WATCHDOG: transmit queue timed out"));
    rows.add(
        row("nic-tx-timeout", NETWORK, ERROR)
            .says("NETDEV WATCHDOG:")
            .like(
                "^(?:(?<driver>\\S+) "
                    + PCI
                    + " )?(?<device>[^: ]+): NETDEV WATCHDOG: CPU: (?<cpu>[0-9]+): transmit queue (?<queue>[0-9]+) timed out")
            .stack(Recipe.OPTIONAL)
            .title("NETDEV WATCHDOG: transmit queue timed out"));
    rows.add(
        line("nic-fw-error", NETWORK, ERROR)
            .says("device's health compromised")
            .like(PCI + ": .*device's health compromised")
            .title("network card firmware is unwell"));
    rows.add(
        row("nic-hang", NETWORK, ERROR)
            .says("Detected Hardware Unit Hang", "Detected Tx Unit Hang")
            .like(PCI + " (?<device>[^: ]+): Detected (?:Hardware|Tx) Unit Hang")
            .block("^ +[A-Za-z]")
            .title("network card hangs"));
    rows.add(
        line("conntrack-full", NETWORK, WARNING)
            .says("table full, dropping packet")
            .like("nf_conntrack.{0,32}table full, dropping packet")
            .title("conntrack table full"));
    rows.add(
        line("neigh-overflow", NETWORK, WARNING)
            .says("neighbor table overflow", "Neighbour table overflow")
            .title("neighbour table overflow"));
    rows.add(
        line("syn-flood", NETWORK, WARNING)
            .says("Possible SYN flooding on port")
            .like("Possible SYN flooding on port \\S{0,64}?(?<port>[0-9]{1,5})\\. ")
            .title("possible SYN flooding"));
    rows.add(
        line("tcp-memory", NETWORK, WARNING)
            .says("out of memory -- consider tuning tcp_mem")
            .title("TCP: out of memory"));
  }

  private static void graphics(List<Row> rows) {
    rows.add(
        row("nvidia-xid", GPU, ERROR)
            .says("NVRM: Xid (PCI:")
            .like("NVRM: Xid \\(PCI:(?<pci>[0-9a-f:.]+)\\): (?<xid>[0-9]+)")
            .block("^NVRM: ")
            .title("NVIDIA Xid {2}"));
    rows.add(
        line("amdgpu-timeout", GPU, ERROR)
            .says(" timeout, signaled seq=", " timeout, but soft recovered")
            .like("ring (?<ring>\\S+) timeout, ")
            .title("amdgpu: ring timeout"));
    rows.add(
        line("amdgpu-reset", GPU, ERROR)
            .says("GPU reset begin!")
            .like("amdgpu " + PCI + ".*GPU reset begin!")
            .title("amdgpu: GPU reset"));
    rows.add(
        line("drm-gpu-hang", GPU, ERROR)
            .says("GPU HANG:")
            .like(PCI + ".*GPU HANG: ")
            .title("GPU hang"));
  }

  private static void programs(List<Row> rows) {
    rows.add(
        line("user-segfault", USERSPACE, Severity.INFO)
            .says("]: segfault at ")
            .like(
                "^(?<comm>.{1,64})\\[(?<pid>[0-9]+)\\]: segfault at [0-9a-f]+ ip [0-9a-f]+ sp [0-9a-f]+ error")
            .title("segfault of {1}"));
    rows.add(
        line("user-segfault", USERSPACE, Severity.INFO)
            .says("]: unhandled exception: ")
            .like("^(?<comm>.{1,64})\\[(?<pid>[0-9]+)\\]: unhandled exception: ")
            .title("unhandled exception of {1}"));
    rows.add(
        line("user-trap", USERSPACE, Severity.INFO)
            .says("traps: ")
            .like("^traps: (?<comm>.{1,64})\\[(?<pid>[0-9]+)\\] (?<trap>[a-z0-9 ]+?) (?:ip|rip):")
            .title("{3} of {1}"));
    rows.add(
        line("split-lock", INFO, Severity.INFO)
            .says("took a split_lock trap", "took a bus_lock trap")
            .like("#(?:AC|DB): (?<comm>.{1,64})/(?<pid>[0-9]+) took a ")
            .title("split lock trap"));
  }
}
