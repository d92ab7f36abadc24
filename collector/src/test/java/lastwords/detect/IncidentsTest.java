package lastwords.detect;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Stream;
import lastwords.kernel.Category;
import lastwords.kernel.Crash;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Every way in which kernels word a machine's trouble, by what they print it with.
class IncidentsTest {
  /// Kind, attributes as `name=value`, the lines.
  private static Arguments told(String kind, String attrs, String... lines) {
    return Arguments.of(kind, attrs, List.of(lines));
  }

  static Stream<Arguments> memory() {
    return Stream.of(
        told(
            "oom-kill",
            "victim=db,victim_pid=77,invoker=sh",
            "sh invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0",
            "CPU: 1 PID: 9 Comm: sh Not tainted 6.1.0 #1",
            "Call Trace:",
            " <TASK>",
            " dump_stack_lvl+0x44/0x5c",
            " oom_kill_process+0xb/0x10",
            " </TASK>",
            "Mem-Info:",
            "oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),cpuset=/,mems_allowed=0,global_oom,task_memcg=/db.slice,task=db,pid=77,uid=5",
            "Out of memory: Killed process 77 (db) total-vm:1kB, anon-rss:1kB, file-rss:0kB, shmem-rss:0kB, UID:5 pgtables:8kB oom_score_adj:0",
            "oom_reaper: reaped process 77 (db), now anon-rss:0kB, file-rss:0kB, shmem-rss:0kB"),
        told(
            "oom-kill",
            "victim=my db,victim_pid=77",
            "sh invoked oom-killer: gfp_mask=0x201da, order=0, oom_score_adj=0",
            "Out of memory: Kill process 77 (my db) score 905 or sacrifice child",
            "Killed process 77 (my db) total-vm:8kB, anon-rss:8kB, file-rss:0kB"),
        told(
            "oom-kill",
            "victim=db,victim_pid=77",
            "Killed process 77, UID 5, (db) total-vm:8kB, anon-rss:8kB, file-rss:0kB"),
        told(
            "oom-kill",
            "victim=db,victim_pid=77",
            "Out of memory: Killed process 77 (db) total-vm:1kB, anon-rss:1kB"),
        told(
            "memcg-oom",
            "victim=db,victim_pid=77,memcg=/a.slice",
            "db invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=985",
            "memory: usage 524288kB, limit 524288kB, failcnt 12",
            "oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=b,mems_allowed=0,oom_memcg=/a.slice,task_memcg=/a.slice/b,task=db,pid=77,uid=5",
            "Memory cgroup out of memory: Killed process 77 (db) total-vm:1kB, anon-rss:1kB"),
        told(
            "memcg-oom",
            "victim=db,victim_pid=77,memcg=/a.slice",
            "db invoked oom-killer: gfp_mask=0xd0, order=0, oom_score_adj=0",
            "Task in /a.slice/b killed as a result of limit of /a.slice",
            "Memory cgroup out of memory: Kill process 77 (db) score 12 or sacrifice child",
            "Killed process 77 (db) total-vm:1kB, anon-rss:1kB, file-rss:1kB"),
        told(
            "alloc-failure",
            "comm=my task: x,order=3",
            "my task: x: page allocation failure: order:3, mode:0x40cc0(GFP_KERNEL|__GFP_COMP), nodemask=(null)"),
        told(
            "alloc-failure",
            "comm=swapper,order=1",
            "swapper: page allocation failure. order:1, mode:0x20"),
        told(
            "alloc-failure",
            "comm=sh,order=0",
            "sh: page allocation stalls for 10008ms, order:0, mode:0x14200ca(GFP_HIGHUSER_MOVABLE)"),
        told(
            "alloc-failure",
            "comm=sh",
            "sh: vmalloc: allocation failure: 4096 bytes, mode:0x14000c0(GFP_KERNEL)"),
        told("file-max", "limit=4096", "VFS: file-max limit 4096 reached"),
        told(
            "pids-limit",
            "cgroup=/a.slice",
            "cgroup: fork rejected by pids controller in /a.slice"));
  }

  static Stream<Arguments> hardware() {
    return Stream.of(
        told(
            "mce",
            "cpu=4,bank=2,status=b200000000000001,socket=1",
            "mce: [Hardware Error]: CPU 4: Machine Check Exception: 4 Bank 2: b200000000000001",
            "mce: [Hardware Error]: TSC 4ae81d9b2bd40 ADDR 18e4d2f80 MISC 4400004086",
            "mce: [Hardware Error]: PROCESSOR 0:50654 TIME 1650000000 SOCKET 1 APIC 18 microcode 1"),
        told(
            "mce",
            "cpu=4,bank=5,status=bea0000000000108",
            "mce: [Hardware Error]: CPU 4: Machine Check: 0 Bank 5: bea0000000000108"),
        told(
            "mce",
            "cpu=1,bank=3,status=b40000000000083b",
            "CPU 1: Machine Check Exception: 0000000000000004",
            "Bank 3: b40000000000083b"),
        told(
            "mce",
            "cpu=2,bank=0,status=bc00000000010135",
            "[Hardware Error]: Uncorrected, software restartable error.",
            "[Hardware Error]: CPU:2 (17:31:0) MC0_STATUS[-|UE|MiscV|AddrV|-]: 0xbc00000000010135"),
        told(
            "mce-corrected",
            "cpu=2,bank=0",
            "[Hardware Error]: Corrected error, no action required.",
            "[Hardware Error]: CPU:2 (17:31:0) MC0_STATUS[Over|CE|MiscV]: 0xdc2040000000011b"),
        told("mce-corrected", "", "mce: [Hardware Error]: Machine check events logged"),
        told("mce-corrected", "", "Machine check events logged"),
        told("mce-corrected", "cpu=3,bank=8", "CPU3 BANK8 CMCI storm detected"),
        told(
            "bert",
            "severity=fatal",
            "BERT: Error records from previous boot:",
            "[Hardware Error]: event severity: fatal",
            "[Hardware Error]:  Error 0, type: fatal"),
        told(
            "ghes",
            "severity=recoverable,dimm=CPU1 DIMM_A1",
            "{7}[Hardware Error]: Hardware error from APEI Generic Hardware Error Source: 4",
            "{7}[Hardware Error]: event severity: recoverable",
            "{7}[Hardware Error]:   section_type: memory error",
            "{7}[Hardware Error]:   DIMM location: CPU1 DIMM_A1"),
        told(
            "nmi-unknown",
            "reason=2d,cpu=3",
            "Uhhuh. NMI received for unknown reason 2d on CPU 3.",
            "Do you have a strange power saving mode enabled?",
            "Dazed and confused, but trying to continue"),
        told(
            "nmi-serr",
            "cpu=3",
            "NMI: IOCK error (debug interrupt?) for reason 71 on CPU 3.",
            "Dazed and confused, but trying to continue"),
        told("serror", "cpu=3", "SError Interrupt on CPU3, code 0x00000000bf000002 -- SError"),
        told(
            "edac-ue",
            "mc=1,dimm=CPU_SrcID#1_MC#0_Chan#2_DIMM#1,channel=2,slot=1",
            "EDAC MC1: 1 UE memory scrubbing error on CPU_SrcID#1_MC#0_Chan#2_DIMM#1 (channel:2 slot:1 page:0x2f offset:0x6 grain:32 - area:DRAM socket:1)"),
        told(
            "edac-ce",
            "mc=0,dimm=any memory",
            "EDAC MC0: 3 CE ie31200 CE on any memory ( page:0x0 offset:0x0 grain:8 syndrome:0x3)"),
        told(
            "edac-ce",
            "mc=0,dimm=mc#0csrow#2channel#1",
            "EDAC MC0: 1 CE on mc#0csrow#2channel#1 (csrow:2 channel:1 page:0x1 offset:0x2 grain:0 syndrome:0x1)"),
        told(
            "edac-ce",
            "mc=0,dimm=DIMM_B0",
            "EDAC MC0: CE page 0x1e7, offset 0x1a0, grain 8, syndrome 0x4, row 3, channel 1, label \"DIMM_B0\": amd64_edac"),
        told(
            "memory-failure",
            "pfn=0x2ab",
            "Memory failure: 0x2ab: Sending SIGBUS to db:9 due to hardware memory corruption",
            "Memory failure: 0x2ab: recovery action for clean LRU page: Delayed"),
        told("memory-failure", "pfn=0x2ab", "MCE 0x2ab: dirty LRU page recovery: Recovered"),
        told(
            "memory-failure",
            "address=3f5e8c0",
            "mce: Uncorrected hardware memory error in user-access at 3f5e8c0"),
        told(
            "clocksource-unstable",
            "clocksource=hpet",
            "clocksource: timekeeping watchdog on CPU1: Marking clocksource 'hpet' as unstable because the skew is too large:"),
        told("clocksource-unstable", "", "Clocksource tsc unstable (delta = 9372036854 ns)"),
        told(
            "irq-nobody-cared",
            "irq=21",
            "irq 21: nobody cared (try booting with the \"irqpoll\" option)",
            "handlers:",
            "[<00000000a1b2c3d4>] widget_irq",
            "Disabling IRQ #21"),
        told(
            "thermal-critical",
            "zone=thermal_zone4",
            "thermal thermal_zone4: critical temperature reached (111 C), shutting down",
            "reboot: HARDWARE PROTECTION shutdown (Temperature too high)"),
        told(
            "thermal-critical",
            "zone=thermal_zone4",
            "thermal thermal_zone4: acpitz: critical temperature reached, shutting down"),
        told(
            "thermal-critical",
            "zone=cpu-thermal",
            "cpu-thermal: critical temperature reached, shutting down"),
        told("thermal-critical", "", "reboot: HARDWARE PROTECTION shutdown (Temperature too high)"),
        told(
            "thermal-throttle",
            "cpu=9,level=Package",
            "mce: CPU9: Package temperature is above threshold, cpu clock is throttled (total events = 5)",
            "mce: CPU8: Package temperature is above threshold, cpu clock is throttled (total events = 5)",
            "mce: CPU9: Package temperature/speed normal"));
  }

  static Stream<Arguments> buses() {
    return Stream.of(
        told(
            "pcie-aer-fatal",
            "pci=0000:81:00.1",
            "pcieport 0000:80:01.0: AER: Uncorrectable (Fatal) error message received from 0000:81:00.1",
            "mlx5_core 0000:81:00.1: PCIe Bus Error: severity=Uncorrectable (Fatal), type=Inaccessible, (Unregistered Agent ID)",
            "mlx5_core 0000:81:00.1: AER: can't recover (no error_detected callback)"),
        told(
            "pcie-aer-nonfatal",
            "pci=10000:81:00.0",
            "pcieport 10000:80:01.0: AER: Multiple Uncorrected (Non-Fatal) error received: 10000:81:00.0",
            "nvme 10000:81:00.0: PCIe Bus Error: severity=Uncorrected (Non-Fatal), type=Transaction Layer, (Requester ID)",
            "nvme 10000:81:00.0:   device [144d:a80a] error status/mask=00004000/00400000",
            "nvme 10000:81:00.0:    [14] CmpltTO"),
        told(
            "pcie-aer-corrected",
            "pci=0000:04:00.0,layer=Physical Layer",
            "pcieport 0000:00:1c.5: AER: Correctable error message received from 0000:04:00.0",
            "nvme 0000:04:00.0: PCIe Bus Error: severity=Correctable, type=Physical Layer, (Receiver ID)"),
        told(
            "pcie-aer-corrected",
            "pci=0000:00:1c.5",
            "pcieport 0000:00:1c.5: AER: Corrected error received: id=00e5",
            "pcieport 0000:00:1c.5: PCIe Bus Error: severity=Corrected, type=Physical Layer, id=00e5(Receiver ID)",
            "pcieport 0000:00:1c.5:   device [8086:9d15] error status/mask=00000001/00002000"),
        told(
            "pcie-aer-fatal",
            "pci=0000:81:00.0",
            "nvme 0000:81:00.0: PCIe Bus Error: severity=Uncorrected (Fatal), type=Data Link Layer, (Receiver ID)"),
        told(
            "pcie-dpc",
            "pci=0000:40:01.1,status=0x1f01",
            "pcieport 0000:40:01.1: DPC: containment event, status:0x1f01: unmasked uncorrectable error detected"),
        told(
            "pcie-dpc",
            "pci=0000:40:01.1",
            "pcieport 0000:40:01.1: DPC: containment event, status:0x1f05 source:0x4100",
            "pcieport 0000:40:01.1: DPC: ERR_FATAL detected",
            "pcieport 0000:40:01.1: AER: device recovery successful"),
        told(
            "pcie-dpc",
            "pci=0000:10:00.0",
            "dpc 0000:10:00.0:pcie010: DPC containment event, status:0x1f05 source:0x1100"),
        told(
            "pcie-link-down",
            "pci=0000:5d:02.0,slot=12-1",
            "pcieport 0000:5d:02.0: pciehp: Slot(12-1): Link Down",
            "pcieport 0000:5d:02.0: pciehp: Slot(12-1): Card not present"),
        told(
            "pcie-link-down",
            "pci=0000:00:1c.0",
            "pciehp 0000:00:1c.0:pcie004: Slot(3): Link Down"),
        told(
            "eeh",
            "pe=1fb,phb=33",
            "EEH: Frozen PHB#33-PE#1fb detected",
            "EEH: PE location: UOPWR.X, PHB location: N/A",
            "EEH: This PCI device has failed 1 times in the last hour"),
        told("eeh", "phb=4", "EEH: Fenced PHB#4 detected, location: N/A"),
        told(
            "iommu-fault",
            "pci=02:00.0",
            "DMAR: [DMA Write] Request device [02:00.0] fault addr fe000000 [fault reason 05] PTE Write access is not set"),
        told(
            "iommu-fault",
            "pci=02:00.0",
            "DMAR: [DMA Read] Request device [02:00.0] PASID ffffffff fault addr fe000000 [fault reason 06] PTE Read"),
        told(
            "iommu-fault",
            "pci=04:00.0",
            "AMD-Vi: Event logged [IO_PAGE_FAULT device=04:00.0 domain=0x000c address=0xf2 flags=0x0010]"),
        told(
            "iommu-fault",
            "pci=0000:04:00.0",
            "nvme 0000:04:00.0: AMD-Vi: Event logged [IO_PAGE_FAULT domain=0x000c address=0xf2 flags=0x0000]"),
        told(
            "iommu-fault",
            "",
            "arm-smmu 5000000.iommu: Unhandled context fault: fsr=0x402, iova=0x0, fsynr=0x1, cbfrsynra=0x4, cb=2"));
  }

  static Stream<Arguments> storage() {
    return Stream.of(
        told(
            "ext4-error",
            "device=dm-3,comm=sh",
            "EXT4-fs error (device dm-3): widget_find:12: inode #9: block 1: comm sh: bad header"),
        told(
            "ext4-error",
            "device=sdz9",
            "EXT4-fs error (device sdz9) in widget_new:12: IO failure"),
        told("fs-readonly", "device=sdz9", "EXT4-fs (sdz9): Remounting filesystem read-only"),
        told("fs-readonly", "device=sdz9", "Aborting journal on device sdz9-8."),
        told("fs-readonly", "device=dm-3", "Aborting journal on device dm-3-8."),
        told(
            "fs-readonly", "device=sdz9", "EXT3-fs (sdz9): error: remounting filesystem read-only"),
        told("fs-readonly", "device=sdz9", "FAT-fs (sdz9): Filesystem has been set read-only"),
        told(
            "fs-readonly",
            "device=dm-3",
            "REISERFS (device dm-3): Remounting filesystem read-only"),
        told(
            "xfs-corruption",
            "device=dm-1",
            "XFS (dm-1): Metadata corruption detected at xfs_dir3_verify+0x1/0x2 [xfs], xfs_dir3 block 0x10",
            "XFS (dm-1): Unmount and run xfs_repair",
            "XFS (dm-1): First 128 bytes of corrupted metadata buffer:",
            "00000000: 58 46 53 42 00 00 10 00  XFSB"),
        told(
            "xfs-corruption",
            "device=sdb1",
            "XFS (sdb1): Internal error XFS_WANT_CORRUPTED_GOTO at line 1 of file fs/xfs/xfs_alloc.c.  Caller xfs_free+0x1/0x2 [xfs]"),
        told(
            "xfs-corruption",
            "device=dm-1",
            "XFS (dm-1): metadata I/O error in \"xfs_imap+0x1/0x2 [xfs]\" at daddr 0x2 len 1 error 74"),
        told(
            "io-error",
            "device=dm-1",
            "XFS (dm-1): metadata I/O error in \"xfs_imap+0x1/0x2 [xfs]\" at daddr 0x2 len 1 error 5"),
        told(
            "xfs-shutdown",
            "device=dm-1",
            "XFS (dm-1): Corruption of in-memory data detected.  Shutting down filesystem",
            "XFS (dm-1): Please umount the filesystem and rectify the problem(s)"),
        told(
            "xfs-shutdown",
            "device=dm-1",
            "XFS (dm-1): xfs_do_force_shutdown(0x2) called from line 1 of file fs/xfs/xfs_log.c.",
            "XFS (dm-1): Log I/O Error Detected.  Shutting down filesystem"),
        told(
            "btrfs-abort",
            "device=sdq",
            "BTRFS error (device sdq: state A) in btrfs_commit:88: errno=-5 IO failure"),
        told("btrfs-abort", "", "BTRFS: Transaction aborted (error -5)"),
        told("btrfs-abort", "device=sdq", "BTRFS info (device sdq: state E): forced readonly"),
        told(
            "btrfs-error",
            "device=sdq,corruptions=5",
            "BTRFS error (device sdq: state EA): bdev /dev/sdq errs: wr 1, rd 2, flush 0, corrupt 5, gen 0"),
        told(
            "btrfs-csum",
            "device=sdq",
            "BTRFS warning (device sdq): csum failed ino 9 off 0 csum 1 expected csum 2"),
        told(
            "btrfs-csum",
            "device=sdq",
            "BTRFS warning (device sdq): checksum verify failed on logical 3 mirror 1 wanted 0x1 found 0x2 level 0"),
        told(
            "medium-error",
            "device=sdq,sector=99",
            "critical medium error, dev sdq, sector 99 op 0x0:(READ) flags 0x0 phys_seg 1 prio class 2"),
        told(
            "medium-error",
            "device=sdq",
            "print_req_error: critical medium error, dev sdq, sector 9"),
        told("io-error", "device=sdq,sector=99", "end_request: I/O error, dev sdq, sector 99"),
        told(
            "io-error",
            "device=nvme2n1,sector=99,op=WRITE,error=I/O",
            "I/O error, dev nvme2n1, sector 99 op 0x1:(WRITE) flags 0x0 phys_seg 1 prio class 2"),
        told(
            "io-error",
            "device=sdq,error=timeout",
            "blk_update_request: timeout error, dev sdq, sector 99 op 0x0:(READ) flags 0x0"),
        told(
            "io-error",
            "device=sdq,error=critical space allocation",
            "critical space allocation error, dev sdq, sector 99 op 0x1:(WRITE) flags 0x0"),
        told(
            "io-error",
            "device=sdq,error=device offline",
            "device offline error, dev sdq, sector 99 op 0x1:(WRITE) flags 0x0"),
        told(
            "buffer-io-error",
            "device=sdq1",
            "Buffer I/O error on dev sdq1, logical block 7, lost async page write"),
        told("buffer-io-error", "device=sdq", "Buffer I/O error on device sdq, logical block 7"),
        told(
            "scsi-error",
            "device=sdq,hostbyte=DID_OK,sense=Medium Error",
            "sd 2:0:0:0: [sdq] tag#1 FAILED Result: hostbyte=DID_OK driverbyte=DRIVER_OK cmd_age=3s",
            "sd 2:0:0:0: [sdq] tag#1 Sense Key : Medium Error [current]",
            "sd 2:0:0:0: [sdq] tag#1 Add. Sense: Unrecovered read error",
            "sd 2:0:0:0: [sdq] tag#1 CDB: Read(10) 28 00 00 00 00 00 00 00 08 00"),
        told(
            "scsi-error",
            "device=sdq,hostbyte=DID_NO_CONNECT",
            "sd 2:0:0:0: [sdq] Result: hostbyte=DID_NO_CONNECT driverbyte=DRIVER_OK"),
        told(
            "scsi-error",
            "device=sdq,sense=Hardware Error",
            "sd 2:0:0:0: [sdq] Sense Key : Hardware Error [current]"),
        told(
            "scsi-reset",
            "scsi=2:0:0:0",
            "sd 2:0:0:0: attempting task abort!scmd(0x00000000deadbeef), outstanding for 30s & timeout 30s",
            "sd 2:0:0:0: task abort: SUCCESS scmd(0x00000000deadbeef)"),
        told(
            "scsi-offline",
            "scsi=2:0:0:0",
            "scsi 2:0:0:0: Device offlined - not ready after error recovery"),
        told("scsi-offline", "scsi=2:0:0:0", "sd 2:0:0:0: rejecting I/O to offline device"),
        told(
            "ata-error",
            "device=ata7",
            "ata7: exception Emask 0x10 SAct 0x0 SErr 0x4050000 action 0xe frozen",
            "ata7: irq_stat 0x00400040, connection status changed",
            "ata7: hard resetting link"),
        told(
            "nvme-timeout",
            "device=nvme3,queue=2,tag=9",
            "nvme nvme3: I/O 9 QID 2 timeout, aborting"),
        told(
            "nvme-timeout",
            "device=nvme3,queue=2,tag=9",
            "nvme nvme3: I/O tag 9 (1009) opcode 0x2 (Read) QID 2 timeout, aborting req_op:READ(0) size:4096",
            "nvme nvme3: Abort status: 0x0"),
        told(
            "nvme-timeout",
            "device=nvme3",
            "nvme nvme3: I/O 9 (I/O Cmd) QID 2 timeout, reset controller"),
        told("nvme-timeout", "device=nvme3", "nvme nvme3: I/O 9 QID 0 timeout, completion polled"),
        told("nvme-timeout", "device=nvme3", "nvme nvme3: I/O 9 QID 0 timeout, disable controller"),
        told(
            "nvme-timeout", "pci=0000:04:00.0", "nvme 0000:04:00.0: I/O 9 QID 2 timeout, aborting"),
        told(
            "nvme-reset",
            "device=nvme3,csts=0x3",
            "nvme nvme3: controller is down; will reset: CSTS=0x3, PCI_STATUS=0x10",
            "nvme nvme3: Does your device have a faulty power saving mode enabled?",
            "nvme nvme3: Try \"nvme_core.default_ps_max_latency_us=0 pcie_aspm=off\" and report a bug"),
        told(
            "nvme-reset", "device=nvme3", "nvme nvme3: Device not ready; aborting reset, CSTS=0x1"),
        told("nvme-dead", "device=nvme3", "nvme nvme3: Disabling device after reset failure: -19"),
        told("nvme-dead", "device=nvme3", "nvme nvme3: Removing after probe failure status: -5"),
        told(
            "md-disk-failure",
            "device=md9,member=sdq1",
            "md/raid10:md9: Disk failure on sdq1, disabling device.",
            "md/raid10:md9: Operation continuing on 3 devices."),
        told(
            "md-disk-failure",
            "member=sdq1",
            "raid1: Disk failure on sdq1, disabling device.",
            "raid1: Operation continuing on 1 devices."),
        told(
            "md-array-failed",
            "device=md9",
            "md/raid:md9: Cannot continue operation (2/6 failed)."),
        told(
            "multipath-fail",
            "device=253:9,path=8:16",
            "device-mapper: multipath: 253:9: Failing path 8:16."),
        told("multipath-fail", "path=8:16", "device-mapper: multipath: Failing path 8:16."),
        told(
            "dm-verity",
            "device=254:9,block=7",
            "device-mapper: verity: 254:9: metadata block 7 is corrupted"),
        told(
            "dm-thin-full",
            "device=253:9",
            "device-mapper: thin: 253:9: switching pool to out-of-data-space (queue IO) mode"),
        told("nfs-timeout", "server=nas", "nfs: server nas not responding, timed out"),
        told(
            "cifs-timeout",
            "server=nas",
            "CIFS: VFS: \\\\nas has not responded in 180 seconds. Reconnecting..."));
  }

  static Stream<Arguments> networkAndGraphics() {
    return Stream.of(
        told(
            "nic-tx-timeout",
            "device=ens9,driver=widget,queue=4,pci=0000:09:00.0",
            "widget 0000:09:00.0 ens9: NETDEV WATCHDOG: CPU: 6: transmit queue 4 timed out 5120 ms"),
        told(
            "nic-tx-timeout",
            "device=ens9,driver=virtio_net,queue=4",
            "virtio_net virtio0 ens9: NETDEV WATCHDOG: CPU: 6: transmit queue 4 timed out 5120 ms"),
        told(
            "nic-tx-timeout",
            "device=ens9,driver=widget,queue=4",
            "NETDEV WATCHDOG: ens9 (widget): transmit queue 4 timed out 5120 ms"),
        told("nic-tx-timeout", "device=ens9", "NETDEV WATCHDOG: ens9: transmit timed out"),
        told(
            "nic-tx-timeout",
            "device=ens9,driver=widget,queue=0",
            "------------[ cut here ]------------",
            "WARNING: at net/sched/sch_generic.c:255 dev_watchdog+0x1/0x2()",
            "Hardware name: Widget",
            "NETDEV WATCHDOG: ens9 (widget): transmit queue 0 timed out",
            "Modules linked in: widget",
            "Pid: 0, comm: swapper Not tainted 2.6.38 #1",
            "Call Trace:",
            " <IRQ>  [<ffffffff81065aaf>] warn_slowpath_common+0x7f/0xc0",
            " [<ffffffff813f7fdd>] dev_watchdog+0x1/0x2",
            "---[ end trace 9be2fd3b4c4b4b1a ]---"),
        told(
            "nic-fw-error",
            "pci=0000:09:00.0",
            "mlx5_core 0000:09:00.0: poll_health:8:(pid 0): device's health compromised - reached miss count"),
        told(
            "nic-fw-error",
            "pci=0000:00:14.3",
            "iwlwifi 0000:00:14.3: Microcode SW error detected. Restarting 0x0."),
        told(
            "nic-hang",
            "device=eno9,pci=0000:00:1f.6",
            "e1000e 0000:00:1f.6 eno9: Detected Hardware Unit Hang:",
            "  TDH                  <f8>",
            "  TDT                  <1b>"),
        told("nic-hang", "pci=0000:09:00.0", "igb 0000:09:00.0: Detected Tx Unit Hang"),
        told(
            "nic-link-down",
            "device=eth9,pci=0000:09:00.0",
            "widget 0000:09:00.0 eth9: NIC Link is Down"),
        told("nic-link-down", "device=ens9", "mlx5_core 0000:09:00.0 ens9: Link down"),
        told(
            "nic-link-down",
            "slave=eth9",
            "bond0: (slave eth9): link status definitely down, disabling slave"),
        told("conntrack-full", "", "ip_conntrack: table full, dropping packet."),
        told(
            "conntrack-full",
            "",
            "nf_conntrack: nf_conntrack: table full in netns 4026531840, dropping packet"),
        told(
            "neigh-overflow",
            "table=ndisc_cache",
            "neighbour: ndisc_cache: neighbor table overflow!"),
        told("neigh-overflow", "", "Neighbour table overflow."),
        told(
            "syn-flood",
            "port=80",
            "TCP: request_sock_TCP: Possible SYN flooding on port [::]:80. Sending cookies."),
        told(
            "syn-flood",
            "port=8443",
            "TCP: request_sock_TCP: Possible SYN flooding on port 0.0.0.0:8443. Dropping request.  Check SNMP counters."),
        told("syn-flood", "port=25", "possible SYN flooding on port 25. Sending cookies."),
        told("tcp-memory", "", "TCP: out of memory -- consider tuning tcp_mem"),
        told(
            "nvidia-xid",
            "pci=0000:3b:00,xid=48,meaning=double bit ECC error,pid=7,comm=train",
            "NVRM: Xid (PCI:0000:3b:00): 48, pid=7, name=train, An uncorrectable double bit error (DBE) has been detected"),
        told(
            "nvidia-xid",
            "pci=0000:3b:00,xid=79,meaning=GPU has fallen off the bus",
            "NVRM: Xid (PCI:0000:3b:00): 79, pid='<unknown>', name=<unknown>, GPU has fallen off the bus.",
            "NVRM: GPU 0000:3b:00.0: GPU has fallen off the bus."),
        told(
            "nvidia-xid",
            "xid=31",
            "NVRM: Xid (PCI:0000:3b:00): 31, Ch 00000010, engmask 00000101, intr 10000000"),
        told("nvidia-xid", "xid=13", "NVRM: Xid (0000:3b:00): 13, 0003 00000000 0000a140 00000000"),
        told(
            "amdgpu-timeout",
            "ring=gfx_0.0.0,pci=0000:0a:00.0,comm=game,pid=5",
            "amdgpu 0000:0a:00.0: amdgpu: ring gfx_0.0.0 timeout, signaled seq=1, emitted seq=3",
            "amdgpu 0000:0a:00.0: amdgpu: Process information: process game pid 5 thread game:cs0 pid 6"),
        told(
            "amdgpu-timeout",
            "ring=sdma0",
            "[drm:amdgpu_job_timedout [amdgpu]] *ERROR* ring sdma0 timeout, but soft recovered"),
        told(
            "amdgpu-reset",
            "pci=0000:0a:00.0",
            "amdgpu 0000:0a:00.0: amdgpu: GPU reset begin!. Source:  1",
            "amdgpu 0000:0a:00.0: amdgpu: GPU reset(2) succeeded!",
            "amdgpu 0000:0a:00.0: amdgpu: GPU reset end with ret = 0"),
        told(
            "amdgpu-reset",
            "pci=0000:0a:00.0",
            "amdgpu 0000:0a:00.0: amdgpu: GPU reset(2) succeeded!"),
        told(
            "amdgpu-reset",
            "pci=0000:0a:00.0",
            "amdgpu 0000:0a:00.0: amdgpu: GPU reset end with ret = -110"),
        told(
            "amdgpu-reset",
            "pci=0000:0a:00.0",
            "amdgpu 0000:0a:00.0: amdgpu: [gfxhub0] retry page fault (src_id:0 ring:0 vmid:3 pasid:32770)"),
        told(
            "amdgpu-reset",
            "pci=0000:0a:00.0",
            "amdgpu 0000:0a:00.0: amdgpu: uncorrectable hardware error(ERREVENT_ATHUB_INTERRUPT) detected!"),
        told(
            "drm-gpu-hang",
            "pci=0000:00:02.0,comm=Xorg,pid=9",
            "i915 0000:00:02.0: [drm] GPU HANG: ecode 9:1:85dffffb, in Xorg [9]"),
        told(
            "drm-gpu-hang",
            "",
            "[drm] GPU HANG: ecode 9:0:0x85dffffb, in X [9], reason: hang on rcs0, action: reset"));
  }

  static Stream<Arguments> programsAndContext() {
    return Stream.of(
        told(
            "user-segfault",
            "comm=my app,pid=7",
            "my app[7]: segfault at 10 ip 00007f2b1c0d2e3f sp 00007ffc1a2b3c40 error 4 in libx.so[7f2b1c0a0000+60000] likely on CPU 3 (core 1, socket 0)"),
        told(
            "user-segfault",
            "comm=app,pid=7",
            "app[7]: segfault at 0000000000000010 rip 0000000000400550 rsp 00007ffc1a2b3c40 error 4"),
        told(
            "user-segfault",
            "comm=app,pid=7",
            "app[7]: unhandled signal 11 at 0 nip 10000550 lr 10000560 code 1"),
        told(
            "user-segfault",
            "comm=app,pid=7",
            "app[7]: unhandled level 2 translation fault (11) at 0x00000000, esr 0x92000006"),
        told(
            "user-trap",
            "comm=app,pid=7,trap=invalid opcode",
            "traps: app[7] trap invalid opcode ip:400550 sp:7ffc1a2b3c40 error:0 in app[400000+1000]"),
        told(
            "user-trap",
            "comm=app,pid=7,trap=general protection",
            "app[7] general protection ip:400550 sp:7ffc1a2b3c40 error:0"),
        told(
            "split-lock",
            "comm=app,pid=7",
            "x86/split lock detection: #DB: app/7 took a bus_lock trap at address: 0x401005"),
        told("messages-dropped", "count=12", "** 12 printk messages dropped **"),
        told(
            "boot",
            "release=6.9.1-widget",
            "Linux version 6.9.1-widget (me@here) (gcc 13.2.0) #1 SMP PREEMPT_DYNAMIC",
            "Command line: BOOT_IMAGE=/vmlinuz ro"));
  }

  static Stream<Arguments> kernelsOwn() {
    return Stream.of(
        told("oom-panic", "", "Kernel panic - not syncing: System is deadlocked on memory"),
        told(
            "oom-panic",
            "",
            "Kernel panic - not syncing: Out of memory: compulsory panic_on_oom is enabled"),
        told("hard-lockup", "cpu=3", "watchdog: Watchdog detected hard LOCKUP on cpu 3"),
        told(
            "hard-lockup",
            "cpu=3",
            "watchdog: CPU 3 self-detected hard LOCKUP @ widget_spin+0x1/0x2"),
        told("hard-lockup", "", "watchdog: CPU 3 detected hard LOCKUP on other CPUs 5"),
        told(
            "soft-lockup",
            "cpu=3,comm=sh,pid=7",
            "NMI watchdog: BUG: soft lockup - CPU#3 stuck for 22s! [sh:7]"),
        told(
            "rcu-stall",
            "cpu=1",
            "rcu: INFO: rcu_preempt detected expedited stalls on CPUs/tasks: { 1-...D } 62703 jiffies s: 1 root: 0x2/."),
        told(
            "hung-task",
            "comm=sh,pid=7",
            "INFO: task sh:7 blocked in I/O wait for more than 122 seconds."),
        told(
            "rcu-starved",
            "",
            "rcu: rcu_sched kthread starved for 5248 jiffies! g3 f0x0 RCU_GP_WAIT_FQS(5) ->state=0x402 ->cpu=2"),
        told(
            "workqueue-lockup",
            "cpu=3",
            "BUG: workqueue lockup - pool cpus=3 node=0 flags=0x0 nice=0 stuck for 37s!"),
        told(
            "netdev-refcount",
            "device=eth9",
            "unregister_netdevice: waiting for eth9 to become free. Usage count = 2"));
  }

  @Test
  void aDriveWithoutAMediumIsNoTrouble() throws IOException {
    String drive = "sr 1:0:0:0: [sr0] tag#5 ";
    assertThat(
            analyze(
                List.of(
                    drive + "FAILED Result: hostbyte=DID_OK driverbyte=DRIVER_OK cmd_age=0s",
                    drive + "Sense Key : Not Ready [current]",
                    drive + "Add. Sense: Medium not present")))
        .isEmpty();
  }

  @Test
  void membersOfAnArrayThatFailAtOnceAreAnEventEach() throws IOException {
    String array = "md/raid1:md0: Disk failure on ";
    assertThat(
            analyze(List.of(array + "sda1, disabling device.", array + "sdb1, disabling device.")))
        .extracting(Crash::part)
        .containsExactly("md0 sda1", "md0 sdb1");
  }

  @Test
  void anXidIsCalledByItsNumberAndEachNumberIsAFaultOfItsOwn() throws IOException {
    String of = "NVRM: Xid (PCI:0000:3b:00): ";
    List<Crash> crashes = new ArrayList<>();
    crashes.addAll(analyze(List.of(of + "13, pid=7, name=a, Graphics Exception")));
    crashes.addAll(analyze(List.of(of + "79, pid=7, name=a, GPU has fallen off the bus.")));
    assertThat(crashes).extracting(Crash::title).containsExactly("NVIDIA Xid 13", "NVIDIA Xid 79");
    assertThat(crashes).extracting(Crash::signature).doesNotHaveDuplicates();
  }

  @Test
  void whereOutOfMemoryIsAPanicNobodyWasKilled() throws IOException {
    String invoked = "sh invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0";
    String panic = "Kernel panic - not syncing: Out of memory: compulsory panic_on_oom is enabled";
    assertThat(analyze(List.of(invoked, panic)))
        .singleElement()
        .satisfies(crash -> assertThat(crash.title()).isEqualTo("out of memory"))
        .satisfies(crash -> assertThat(crash.panicked()).isTrue());
  }

  @ParameterizedTest(name = "{0}: {2}")
  @MethodSource({
    "memory",
    "hardware",
    "buses",
    "storage",
    "networkAndGraphics",
    "programsAndContext",
    "kernelsOwn"
  })
  void everyWordingIsOneEventOfItsKind(String kind, String attrs, List<String> lines)
      throws IOException {
    List<Crash> crashes = analyze(lines);
    assertThat(crashes).extracting(Crash::kind).containsExactly(kind);
    Crash crash = crashes.getFirst();
    TreeMap<String, String> said = new TreeMap<>(crash.attrs());
    said.putIfAbsent("cpu", String.valueOf(crash.cpu()));
    for (String attr : attrs.isEmpty() ? new String[0] : attrs.split(",", -1)) {
      String[] nameAndValue = attr.split("=", 2);
      assertThat(said).containsEntry(nameAndValue[0], nameAndValue[1]);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "blk_update_request: operation not supported error, dev sda, sector 1 op 0x3:(DISCARD)",
        "blk_update_request: I/O error, dev fd0, sector 0 op 0x0:(READ) flags 0x0",
        "BTRFS info (device sda3): bdev /dev/sda3 errs: wr 0, rd 0, flush 0, corrupt 5, gen 0",
        "mce: CPU3: Core temperature/speed normal",
        "mce: CPU0 supports 22 MCE banks",
        "EDAC MC0: Giving out device to module widget_edac controller",
        "EDAC widget: CE and UE reporting is on",
        "pcieport 0000:00:1c.0: AER: enabled with IRQ 122",
        "pcieport 0000:00:1c.0: DPC: enabled with IRQ 122",
        "pcieport 0000:5d:02.0: pciehp: Slot(12): Card present",
        "ata1: SATA link down (SStatus 0 SControl 300)",
        "ata1: SATA link up 6.0 Gbps (SStatus 133 SControl 300)",
        "widget 0000:09:00.0 eth9: NIC Link is Up 10 Gbps, Flow Control: RX/TX",
        "nvme nvme0: Shutdown timeout set to 10 seconds",
        "nvme nvme0: 8/0/0 default/read/poll queues",
        "sd 2:0:0:0: [sdq] Sense Key : Illegal Request [current]",
        "sd 2:0:0:0: [sdq] Attached SCSI disk",
        "EXT4-fs (sda1): error count since last fsck: 4",
        "EXT4-fs (sda1): warning: maximal mount count reached, running e2fsck is recommended",
        "EXT4-fs (sda1): re-mounted 1234 ro. Quota mode: none.",
        "XFS (dm-0): Starting recovery (logdev: internal)",
        "md/raid1:md0: active with 2 out of 2 mirrors",
        "NVRM: loading NVIDIA UNIX x86_64 Kernel Module  535.104.05",
        "[drm] amdgpu kernel modesetting enabled.",
        "thermal_sys: Registered thermal governor 'step_wise'",
        "watchdog: watchdog0: watchdog did not stop!",
        "clocksource: Switched to clocksource tsc",
        "GHES: APEI firmware first mode is enabled by APEI bit.",
        "BERT: Boot Error Record Table support is disabled.",
        "EEH: PowerNV platform initialized",
        "EEH: PHB#0 recovery is not needed",
        "nf_conntrack version 0.5.0 (65536 buckets, 262144 max)",
        "TCP: request_sock_TCP: table initialized",
        "Memory cgroup min protection 0kB -- low protection 0kB",
        "arm-smmu 5000000.iommu: probing hardware configuration...",
        "AMD-Vi: Interrupt remapping enabled",
        "DMAR: DRHD base: 0x000000fed90000 flags: 0x0"
      })
  void whatHealthyMachinesSayIsNoEvent(String line) throws IOException {
    assertThat(analyze(List.of(line))).isEmpty();
  }

  @Test
  void everyRowSaysWhereInTheKernelItsTextComesFromUnlessManyDriversSayIt() {
    assertThat(Incidents.rows())
        .filteredOn(r -> r.source() == null)
        .extracting(Row::kind)
        .containsOnly(
            "fs-readonly",
            "scsi-controller",
            "nic-fw-error",
            "nic-hang",
            "nic-link-down",
            "nic-tx-timeout",
            "nvidia-xid",
            "nvidia-sxid",
            "nvidia-init",
            "zfs-suspended",
            "zfs-panic");
  }

  @Test
  void aCollectorKnowsOfBootsItself() {
    assertThat(Incidents.rows())
        .filteredOn(r -> r.is(Row.Trait.FROM_FILES))
        .allMatch(r -> r.category() == Category.INFO);
  }

  private static List<Crash> analyze(List<String> lines) throws IOException {
    String log = String.join("\n", lines) + "\n";
    return Analyzer.analyze(new ByteArrayInputStream(log.getBytes(StandardCharsets.UTF_8)));
  }
}
