package lastwords.detect;

import static lastwords.detect.Incidents.PCI;
import static lastwords.detect.Incidents.line;
import static lastwords.detect.Row.row;
import static lastwords.kernel.Category.GPU;
import static lastwords.kernel.Severity.ERROR;

import java.util.ArrayList;
import java.util.List;

/// What kernels say of graphics processors and other accelerators.
final class GraphicsIncidents {
  private GraphicsIncidents() {}

  static List<Row> rows() {
    List<Row> rows = new ArrayList<>();
    graphics(rows);
    return rows;
  }

  private static void graphics(List<Row> rows) {
    rows.add(
        row("nvidia-xid", GPU, ERROR)
            .says("NVRM: Xid (")
            .like("NVRM: Xid \\((?:PCI:)?(?<pci>[0-9a-fA-F:.]+)\\): (?<xid>[0-9]+)")
            .details(
                "NVRM: Xid .*\\bpid=(?<pid>[0-9]+)", "NVRM: Xid .*, name=(?<comm>[^,<]{1,64}),")
            .block("^NVRM: ")
            .title("NVIDIA Xid {xid}"));
    rows.add(
        line("nvidia-xid", GPU, ERROR)
            .says("GPU has fallen off the bus")
            .like(
                "^NVRM: .{0,40}GPU (?:at )?(?:PCI:)?(?<pci>[0-9a-fA-F]{4,8}:[0-9a-fA-F]{2}:[0-9a-fA-F]{2}(?:\\.[0-7])?)?:? .{0,40}fallen off the bus")
            .title("NVIDIA GPU has fallen off the bus"));
    rows.add(
        row("nvidia-sxid", GPU, ERROR)
            .says(" SXid (")
            .like(
                "^nvidia-nvswitch\\S{0,8} SXid \\((?:PCI:)?(?<pci>[0-9a-fA-F:.]+)\\): (?<sxid>[0-9]+), (?<level>[A-Za-z-]+)")
            .block("^nvidia-nvswitch")
            .title("NVIDIA SXid {sxid}"));
    rows.add(
        line("nvidia-init", GPU, ERROR)
            .says("RmInitAdapter failed", "rm_init_adapter failed", "rm_init_adapter(")
            .like(
                "^NVRM: (?:GPU (?:at )?"
                    + PCI
                    + ": )?(?:RmInitAdapter|rm_init_adapter)\\W.{0,20}failed")
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
        row("amdgpu-ras", GPU, ERROR)
            .says("uncorrectable hardware errors detected")
            .like(
                "^amdgpu "
                    + PCI
                    + ": .{0,80}?(?<count>[1-9][0-9]{0,9}) (?:new )?uncorrectable hardware errors detected")
            .details("errors detected in (?:total in )?(?<unit>\\w{1,24}) block")
            .block("^amdgpu ")
            .source("drivers/gpu/drm/amd/amdgpu/amdgpu_ras.c")
            .title("amdgpu: uncorrectable errors"));
    rows.add(
        row("drm-gpu-hang", GPU, ERROR)
            .says(
                "GPU HANG:",
                "] Resetting ",
                "Timedout job: seqno=",
                ": fifo: fault ",
                "device wedged",
                "declaring it wedged",
                "has declared device ",
                "GPU lockup (",
                "stalled for more than",
                "fifo: SCHED_ERROR",
                "Engine reset: engine_class=",
                "hangcheck detected gpu lockup")
            .like(
                "GPU HANG: |\\[drm\\] Resetting (?:chip|[a-z]{2,5}[0-9]{1,2}) for |Timedout job: seqno=|: fifo: fault [0-9a-f]+ \\[|device wedged|declaring it wedged|Xe has declared device |GPU lockup \\(|ring [0-9]+ stalled for more than|fifo: SCHED_ERROR|Engine reset: engine_class=|hangcheck detected gpu lockup")
            .details(
                "^\\S+ " + PCI + ": ",
                "(?:GPU HANG|Timedout job): .{0,120},? in (?<comm>.{1,64}) \\[(?<pid>[0-9]+)\\]")
            .block("\\[drm\\]|^radeon |^nouveau |^i915 |^xe ")
            .source("drivers/gpu/drm/i915/i915_gpu_error.c")
            .title("GPU hang"));
  }
}
