package lastwords.detect;

import static lastwords.detect.Incidents.PCI;
import static lastwords.detect.Incidents.line;
import static lastwords.detect.Row.Trait.CONTINUES;
import static lastwords.detect.Row.Trait.MAY_PANIC;
import static lastwords.detect.Row.row;
import static lastwords.kernel.Category.STORAGE;
import static lastwords.kernel.Severity.CRITICAL;
import static lastwords.kernel.Severity.ERROR;
import static lastwords.kernel.Severity.WARNING;

import java.util.ArrayList;
import java.util.List;

/// What kernels say of disks, what joins them, and the filesystems on them.
final class StorageIncidents {
  private static final String NVME = "nvme (?:(?<device>nvme[0-9]+)|" + PCI + "): ";

  private StorageIncidents() {}

  static List<Row> rows() {
    List<Row> rows = new ArrayList<>();
    fileSystems(rows);
    blockDevices(rows);
    controllers(rows);
    arrays(rows);
    return rows;
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
            .traits(MAY_PANIC)
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
        row("ext4-error", STORAGE, ERROR)
            .says(
                "): Delayed block allocation failed for inode",
                "): I/O error while writing superblock",
                "): failed to convert unwritten extents",
                "This should not happen!! Data will be lost")
            .like(
                "^EXT[34]-fs \\((?<device>[^)]+)\\): (?:Delayed block allocation failed|I/O error while writing|failed to convert unwritten|This should not happen!! Data)")
            .block("^EXT[34]-fs \\([^)]+\\): This should not happen")
            .source("fs/ext4/inode.c")
            .title("EXT4-fs: data lost"));
    rows.add(
        line("fs-readonly", STORAGE, ERROR)
            .says("OCFS2: File system is now read-only")
            .source("fs/ocfs2/super.c")
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
                "XFS internal error ",
                "corrupt dinode ",
                "Corruption detected. Unmount and run xfs_repair",
                "Corruption warning: Metadata has LSN",
                "metadata I/O error")
            // errors 74 and 117 are a wrong checksum and a corrupt structure
            .like(
                "^XFS(?: \\((?<device>[^)]+)\\))?: (?:metadata I/O error.* error (?:74|117)\\b|Metadata (?:corruption|CRC error) detected at (?<function>\\w+)|Internal error|Corruption detected\\.|Corruption warning|corrupt dinode )|^Filesystem \"[^\"]{1,64}\": (?:XFS internal error|corrupt dinode )")
            .details("^Filesystem \"(?<device>[^\"]{1,64})\"")
            .block("^XFS(?: \\(|:)|^[0-9a-f]{8}: ")
            .source("fs/xfs/xfs_error.c")
            .title("XFS metadata corruption"));
    rows.add(
        row("xfs-shutdown", STORAGE, ERROR)
            .says("hutting down filesystem", "xfs_do_force_shutdown", "has been shut down due to")
            .like(
                "^XFS(?: \\((?<device>[^)]+)\\))?: .*(?:Shutting down filesystem|xfs_do_force_shutdown|ilesystem has been shut down due to)|^Filesystem \"(?<old>[^\"]{1,64})\": .*Shutting down filesystem")
            .block("^XFS(?: \\(|:)")
            .source("fs/xfs/xfs_fsops.c")
            .title("XFS shut down"));
    rows.add(
        row("btrfs-abort", STORAGE, ERROR)
            .says("Transaction aborted (error", "forced readonly", ": errno=")
            .like(
                "^BTRFS.*(?:Transaction aborted \\(error|forced readonly|\\) in \\S+: errno=-?[0-9]+)")
            .details("^BTRFS.*\\(device (?<device>[^): ]+)", "errno=(?<errno>-?[0-9]+)")
            .block("^BTRFS")
            .source("fs/btrfs/messages.c")
            .title("BTRFS transaction aborted"));
    rows.add(
        line("btrfs-error", STORAGE, ERROR)
            .says(
                "BTRFS error (device", "BTRFS critical (device", "lost page write due to IO error")
            .like(
                "^BTRFS (?:error|critical|warning) \\(device (?<device>[^): ]{1,64}+)[^)]{0,64}\\): (?:bdev \\S+ errs: |corrupt|unable to (?:find|fixup)|parent transid verify failed|bad tree block|bad fsid|level verify failed|tree (?:level|first key) mismatch|open_ctree failed|failed to read (?:chunk|tree|block groups)|(?:read|block=[0-9]+ (?:read|write)) time tree block corruption|read time tree block corruption|super block corruption|super ?block (?:contains|checksum)|lost page write|[0-9]+ errors while writing supers|error writing primary super|transid mismatch|IO error rebuilding)")
            .details(
                "errs: wr (?<writeErrors>[0-9]+), rd (?<readErrors>[0-9]+), flush (?<flushErrors>[0-9]+), corrupt (?<corruptions>[0-9]+)")
            .source("fs/btrfs/volumes.c")
            .title("BTRFS device error"));
    rows.add(
        line("btrfs-csum", STORAGE, ERROR)
            .says(
                "csum failed ",
                "checksum error at logical",
                "checksum/header error at logical",
                "checksum verify failed on",
                "has bad csum")
            .like(
                "^(?:BTRFS|btrfs)[^(]*(?:\\(device (?<device>[^): ]+)[^)]*\\))?:? ?(?:csum failed |checksum(?:/header)? error at logical|checksum verify failed on|tree block [0-9]+ mirror [0-9]+ has bad csum)")
            .source("fs/btrfs/btrfs_inode.h")
            .title("BTRFS checksum failed"));
    otherFileSystems(rows);
    rows.add(
        line("nfs-timeout", STORAGE, WARNING)
            .says("not responding, still trying", "not responding, timed out")
            .like("(?:nfs|lockd): server (?<server>\\S+) not responding")
            .source("net/sunrpc/clnt.c")
            .title("nfs: server not responding"));
    rows.add(
        line("cifs-timeout", STORAGE, WARNING)
            .says("has not responded in", " stuck for 15 seconds")
            .like(
                "^CIFS.*(?:Server |\\\\\\\\)(?<server>\\S+) (?:has not responded in [0-9]+ seconds|sends on sock \\S+ stuck for)")
            .source("fs/smb/client/connect.c")
            .title("cifs: server not responding"));
  }

  private static void otherFileSystems(List<Row> rows) {
    fileSystem(
        rows,
        "fs/f2fs/super.c",
        "^F2FS-fs \\((?<device>[^)]+)\\): .{0,160}(?:[Ii]nconsistent|[Cc]orrupt|run fsck|Stopped filesystem)",
        "F2FS-fs (");
    fileSystem(rows, "fs/fat/misc.c", "^(?:ex)?FAT-fs \\((?<device>[^)]+)\\): error, ", "FAT-fs (");
    fileSystem(
        rows, "fs/jfs/super.c", "^ERROR: \\(device (?<device>[^)]+)\\): ", "ERROR: (device ");
    fileSystem(
        rows,
        "fs/ocfs2/super.c",
        "^OCFS2: (?:ERROR|abort) \\(device (?<device>[^)]+)\\): ",
        "OCFS2: ERROR (device ",
        "OCFS2: abort (device ");
    fileSystem(
        rows,
        "fs/nilfs2/super.c",
        "^(?:NILFS|NTFS-fs|REISERFS|UBIFS) error (?:\\(device |on )(?<device>[^): ]+)",
        "NILFS error (device ",
        "NTFS-fs error (device ",
        "REISERFS error (device ");
    fileSystem(
        rows,
        "fs/gfs2/util.c",
        "^(?i:gfs2): fsid=(?<device>\\S{1,80}): (?:fatal: |about to withdraw|File system withdrawn|error -?[0-9]+: withdrawing)",
        "2: fsid=");
    fileSystem(
        rows,
        "fs/squashfs/squashfs_fs.h",
        "^(?:squashfs: )?SQUASHFS error: (?:Unable to read|\\w+ decompression |Failed to read block|read_indexes: reading|Corrupted )",
        "SQUASHFS error: ");
    fileSystem(
        rows,
        "fs/bcachefs/error.c",
        "^bcachefs(?: \\(|: )(?<device>[^) ]{1,80})\\)?:? .{0,200}(?:emergency read only|fatal error|inconsistency detected)",
        "emergency read only",
        "bcachefs (");
    rows.add(
        line("zfs-suspended", STORAGE, CRITICAL)
            .says("has encountered an uncorrectable I/O failure and has been suspended")
            .like("Pool '(?<pool>[^']{1,128})' has encountered an uncorrectable")
            .title("ZFS pool suspended"));
    rows.add(
        row("zfs-panic", STORAGE, CRITICAL)
            .says("VERIFY", "ASSERT", "PANIC at ")
            .like(
                "^(?:VERIFY|ASSERT)[0-9A-Z_]{0,16}\\(.{1,300}\\) failed|^PANIC at [a-z0-9_]{1,64}\\.c:[0-9]+:")
            .details("^PANIC at (?<at>[a-z0-9_]{1,64}\\.c:[0-9]+):(?<where>\\w{1,80})")
            .stack(Recipe.OPTIONAL)
            .traits(CONTINUES)
            .title("ZFS: assertion failed"));
    rows.add(
        line("ceph-hung", STORAGE, WARNING)
            .says("ceph: ")
            .like(
                "^ceph: (?:\\[[^\\]]{1,80}\\]: )?(?<server>mds[0-9]+) (?:hung|session blocklisted)")
            .source("fs/ceph/mds_client.c")
            .title("ceph: metadata server hung"));
  }

  private static void fileSystem(List<Row> rows, String source, String regex, String... literals) {
    rows.add(
        row("fs-error", STORAGE, ERROR)
            .says(literals)
            .like(regex)
            .block("^(?:F2FS|(?:ex)?FAT)-fs |^OCFS2: |^(?i:gfs2): |^bcachefs |^SQUASHFS error")
            .traits(MAY_PANIC)
            .source(source)
            .title("filesystem error"));
  }

  private static void blockDevices(List<Row> rows) {
    rows.add(
        line("medium-error", STORAGE, ERROR)
            .says("critical medium error, dev ")
            .like(
                "critical medium error, dev (?!sr[0-9])(?<device>[^,]+), sector (?<sector>[0-9]+)")
            .source("block/blk-core.c")
            .title("critical medium error"));
    rows.add(
        line("io-error", STORAGE, ERROR)
            .says(" error, dev ", " exceeded error, dev ")
            .like(
                "(?<error>I/O|timeout|critical space allocation|recoverable transport|critical target|critical nexus|reservation conflict|protection|device offline|device resource|kernel resource|duration limit exceeded|(?:open|active) zones exceeded) error, dev (?!fd[0-9]|sr[0-9])(?<device>[^,]+), sector (?<sector>[0-9]+)")
            // what a disk can't do, the kernel does without
            .but(
                "critical target error, dev .{1,80}\\((?:DISCARD|WRITE_ZEROES|WRITE_SAME|SECURE_ERASE)\\)")
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
            .says(
                ": writeback error on ",
                "): log I/O error",
                "Failing async write on buffer block",
                "had permanent write failures")
            .like(
                "^(?:XFS \\()?(?<device>[^ :()]{1,64})\\)?: (?:writeback error on |log I/O error|Failing async write|Corruption Alert: Buffer at)")
            .source("fs/xfs/xfs_buf.c")
            .title("I/O error"));
    rows.add(
        line("io-error", STORAGE, ERROR)
            .says(
                "JBD2: Detected IO errors while flushing", "rror when updating journal superblock")
            .like(
                "^JBD2: (?:Detected IO errors while flushing file data on|.{0,24}I/O error when updating journal superblock for) (?<device>dm-[0-9]+|[^\\s.-]+)")
            .source("fs/jbd2/commit.c")
            .title("I/O error"));
    rows.add(
        line("io-error", STORAGE, ERROR)
            .says("EXT4-fs warning (device ", "EXT3-fs warning (device ")
            .like(
                "^EXT[34]-fs warning \\(device (?<device>[^)]+)\\): ext[34]_end_bio:[0-9]+: I/O error")
            .source("fs/ext4/page-io.c")
            .title("I/O error"));
    rows.add(
        line("io-error", STORAGE, ERROR)
            .says("Read-error on swap-device", "Write-error on swap-device")
            .like("^(?:Read|Write)-error on swap-device \\((?<device>[0-9:]+):(?<sector>[0-9]+)\\)")
            .source("mm/page_io.c")
            .title("I/O error on swap"));
    rows.add(
        line("buffer-io-error", STORAGE, ERROR)
            .says("Buffer I/O error on dev", "lost page write due to I/O error on ")
            .like(
                "Buffer I/O error on dev(?:ice)? (?!fd[0-9]|sr[0-9])(?<device>[^, ]+), logical block (?<block>[0-9]+)|^lost page write due to I/O error on (?!fd[0-9]|sr[0-9])")
            .details("^lost page write due to I/O error on (?<device>\\S+)")
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
        line("multipath-fail", STORAGE, WARNING)
            .says("no usable path - requeuing I/O", "no available path - failing I/O")
            .like("^block (?<device>\\S{1,64}): no (?:usable|available) path - ")
            .source("drivers/nvme/host/multipath.c")
            .title("multipath: no path left"));
    rows.add(
        line("dm-verity", STORAGE, ERROR)
            .says("device-mapper: verity")
            .like(
                "verity(?:-fec)?: (?<device>[^: ]+(?::[0-9]+)?): (?:(?:data|metadata) block (?<block>[0-9]+) is corrupted|FEC [0-9]+: failed to correct|reached maximum errors)")
            .traits(MAY_PANIC)
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
        row("dm-error", STORAGE, ERROR)
            .says(
                "device-mapper: thin: ",
                "device-mapper: cache: ",
                "device-mapper: raid1: ",
                "device-mapper: snapshots: ",
                "device-mapper: writecache: ")
            .like(
                "^device-mapper: [a-z0-9]+: (?:(?<device>[0-9]+:[0-9]+): )?(?:metadata operation '\\w+' failed|aborting current metadata transaction|failed to abort metadata|unable to switch \\w+ to write mode|switching cache to (?:read-only|fail) mode|All sides of mirror have failed|All replicated volumes dead|Mirror read failed|Read failure on mirror device|Write error during recovery|(?:Read|Write) error: shutting down merge|(?:Read|Write) error in exception store|Snapshot overflowed|Corruption detected|.{0,40}I/O error)")
            .block("^device-mapper: ")
            .source("drivers/md/dm-thin.c")
            .title("device-mapper: error"));
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
        row("scsi-reset", STORAGE, ERROR)
            .says("Abort command issued nexus=", "RESET ISSUED nexus=")
            .like(
                "^qla2xxx \\["
                    + PCI
                    + "\\]-[0-9a-f]{4}:[0-9]+: (?:Abort command issued|[A-Z ]{1,24}RESET ISSUED) nexus=(?<scsi>[0-9:]+)")
            .block("^qla2xxx ")
            .source("drivers/scsi/qla2xxx/qla_os.c")
            .title("SCSI command timed out"));
    rows.add(
        row("scsi-reset", STORAGE, ERROR)
            .says("attempting TASK ABORT on scsi ", ": resetting scsi ")
            .like(
                "^smartpqi "
                    + PCI
                    + ": (?:attempting TASK ABORT on|resetting) scsi (?<scsi>[0-9]+:[0-9]+:[0-9]+:[0-9]+)")
            .block("^smartpqi ")
            .source("drivers/scsi/smartpqi/smartpqi_init.c")
            .title("SCSI command timed out"));
    rows.add(
        line("scsi-offline", STORAGE, ERROR)
            .says(
                "Medium access timeout failure. Offlining disk!",
                "Device offlined - not ready after error recovery",
                "rejecting I/O to offline device",
                "rejecting I/O to dead device",
                "offlining device")
            .like(
                "(?<scsi>[0-9]{1,6}:[0-9]{1,6}:[0-9]{1,6}:[0-9]{1,6}): (?:\\[(?<device>[^\\]]+)\\] )?(?:tag#[0-9]+ )?(?:Device offlined|rejecting I/O to|offlining device|Medium access timeout failure)")
            .source("drivers/scsi/scsi_error.c")
            .title("SCSI device offlined"));
    rows.add(
        line("scsi-controller", STORAGE, CRITICAL)
            .says(
                "FW in FAULT state",
                "Controller in crit error",
                "fault_state(0x",
                "ontroller lockup detected",
                "Host adapter abort request",
                "FW detected to be in faultstate",
                "SAS host is non-operational",
                "ontroller is offline: status code",
                "ontroller offline: reason code",
                "ISP System Error",
                "adapter kernel panic'd",
                "Adapter Hardware Error",
                "Host adapter is dead")
            .like(
                "^(?:megaraid_sas|megasas|mpt[23]sas|hpsa|smartpqi|aacraid|AAC|qla2xxx|lpfc)\\S*[: ](?:\\s?\\[?"
                    + PCI
                    + ")?.*(?:FW in FAULT state|Controller in crit error|fault_state\\(0x|ontroller lockup detected|Host adapter abort request|FW detected to be in faultstate|SAS host is non-operational|ontroller (?:is )?offline: |ISP System Error|adapter kernel panic'd|Adapter Hardware Error|Host adapter is dead)")
            .title("storage controller failed"));
    rows.add(
        row("fc-link-down", STORAGE, WARNING)
            .says(
                "LOOP DOWN detected",
                " Link Down Event x",
                "blocked FC remote port time out",
                "libfc: Link down")
            .like(
                "^qla2xxx \\["
                    + PCI
                    + "\\].*LOOP DOWN detected|^lpfc \\S+: .*Link Down Event|(?<rport>rport-[0-9:-]+): blocked FC remote port time out|libfc: Link down")
            .details("^lpfc " + PCI)
            .block("^qla2xxx |^lpfc |rport-[0-9:-]+: blocked FC")
            .source("drivers/scsi/scsi_transport_fc.c")
            .title("Fibre Channel link is down"));
    rows.add(
        row("iscsi-error", STORAGE, WARNING)
            .says("detected conn error (", ": session recovery timed out after", "ping timeout of ")
            .like(
                "(?<connection>connection[0-9]+:[0-9]+): (?:detected conn error|ping timeout of)|(?<session>session[0-9]+): session recovery timed out")
            .block("connection[0-9]+:[0-9]+: |session[0-9]+: ")
            .source("drivers/scsi/libiscsi.c")
            .title("iSCSI connection failed"));
    rows.add(
        row("ata-error", STORAGE, ERROR)
            .says(
                "exception Emask",
                ": COMRESET failed",
                ": qc timeout ",
                ": revalidation failed",
                ": NCQ disabled due to excessive errors",
                "reset failed, giving up",
                ": limiting SATA link speed to ",
                ": disable device")
            .like(
                "^(?<device>ata[0-9.]+): (?:exception Emask|COMRESET failed|qc timeout |revalidation failed|NCQ disabled due|(?:soft|hard|)reset failed, giving up|limiting SATA link|disable device)")
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
                ": starting error recovery",
                "controller due to persistent internal error",
                "Fw activation timeout, reset controller",
                "ANATT timeout, resetting controller",
                ": Failed reconnect attempt ")
            .like(
                NVME
                    + "(?:controller is down[;,] will reset|Device not ready; aborting|frozen state error detected|[Ff]ailed status: 0x\\S+ reset controller|starting error recovery|resetting controller due to persistent|Fw activation timeout|ANATT timeout|Failed reconnect attempt)")
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
        line("nvme-error", STORAGE, ERROR)
            .says(" @ LBA ")
            .like(
                "^(?<device>nvme[0-9]+(?:c[0-9]+)?n[0-9]+): (?<command>[A-Za-z/ ]{1,40})\\(0x[0-9a-f]+\\) @ LBA (?<lba>[0-9]+), [0-9]+ blocks, (?<status>[^(]{1,80}) \\(sct (?<type>0x[0-9a-f]+) / sc (?<code>0x[0-9a-f]+)\\)")
            .but(", Invalid ")
            .source("drivers/nvme/host/core.c")
            .title("NVMe command failed"));
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
            .says("transferring data", "Timeout waiting for hardware ", ": Card stuck being busy!")
            .like(
                "^(?<device>mmc(?:blk)?[0-9]+): (?:error -?[0-9]+ transferring data|Timeout waiting for hardware |Card stuck being busy)")
            .source("drivers/mmc/core/block.c")
            .title("MMC error"));
  }

  private static void arrays(List<Row> rows) {
    rows.add(
        line("md-degraded", STORAGE, WARNING)
            .says(" out of ")
            .like(
                "^md/raid[0-9]*:(?<device>[^:]{1,64}): (?:raid level [0-9]+ )?active with (?<working>[0-9]{1,5}) out of (?!\\k<working>\\b)[0-9]")
            .source("drivers/md/raid1.c")
            .title("RAID array is degraded"));
    rows.add(
        line("md-write-error", STORAGE, ERROR)
            .says("super_written gets error", "flush io error ")
            .like("^md: (?:super_written gets error ?=-?[0-9]+|(?<member>\\S+) flush io error )")
            .source("drivers/md/md.c")
            .title("RAID write error"));
    rows.add(
        line("md-array-failed", STORAGE, CRITICAL)
            .says(
                "Cannot continue operation (",
                "not enough operational",
                "failed to run raid set",
                "cannot start dirty degraded array",
                "md/raid0:")
            .like(
                "md/raid[0-9]*:(?<device>[^:]+): (?:cannot start dirty degraded array|too few disks|Cannot continue operation|not enough operational|failed to run raid set)")
            .source("drivers/md/raid5.c")
            .title("RAID array failed"));
    rows.add(
        row("md-disk-failure", STORAGE, ERROR)
            .says("Disk failure on")
            .like(
                "(?:md/)?(?:raid[0-9]*|multipath|linear)(?::(?<device>[^:\\s]+))?: Disk failure on (?<member>[^,\\s]+)(?:, disabling| detected, failing array)")
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
}
