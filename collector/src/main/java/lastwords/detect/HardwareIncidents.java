package lastwords.detect;

import static lastwords.detect.Incidents.BDF;
import static lastwords.detect.Incidents.PCI;
import static lastwords.detect.Incidents.line;
import static lastwords.detect.Row.row;
import static lastwords.kernel.Category.HARDWARE;
import static lastwords.kernel.Category.THERMAL;
import static lastwords.kernel.Severity.CRITICAL;
import static lastwords.kernel.Severity.ERROR;
import static lastwords.kernel.Severity.WARNING;

import java.util.ArrayList;
import java.util.List;
import lastwords.kernel.Severity;

/// What kernels say of the machine itself: its processors, memory, buses and heat.
final class HardwareIncidents {
  private HardwareIncidents() {}

  static List<Row> rows() {
    List<Row> rows = new ArrayList<>();
    machineChecks(rows);
    buses(rows);
    iommuTimeouts(rows);
    temperature(rows);
    return rows;
  }

  private static void machineChecks(List<Row> rows) {
    // Bit 61 of the status tells: it was not corrected.
    rows.add(
        row("mce-corrected", HARDWARE, WARNING)
            .says("Machine Check: ")
            .like(
                "CPU (?<cpu>[0-9]+): Machine Check: +[0-9a-f]+ Bank (?<bank>[0-9]+): (?<status>[89cd][0-9a-f]{15})")
            .details("\\bADDR (?<address>[0-9a-f]+)", "PROCESSOR .*\\bSOCKET (?<socket>[0-9]+)")
            .block("\\[Hardware Error\\]")
            .source("arch/x86/kernel/cpu/mce/core.c")
            .title("machine check events logged"));
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
                "[Hardware Error]: Deferred error",
                "_STATUS[")
            .like(
                "\\[Hardware Error\\]: (?:Uncorrected|System Fatal error|Deferred error|CPU:[0-9]+\\s{1,8}(?:\\([0-9a-f:]+\\) )?MC[0-9]+_STATUS\\[[^|\\]]{0,8}\\|UE\\b)")
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
                "reports a non fatal, correctable incident",
                "_STATUS[")
            .like(
                "^(?:mce: )?(?:\\{[0-9]+\\})?(?:\\[Hardware Error\\]: )?(?:Machine check events logged|Corrected error, no action|CPU:[0-9]+\\s{1,8}(?:\\([0-9a-f:]+\\) )?MC[0-9]+_STATUS\\[[^|\\]]{0,8}\\|CE\\b)|(?:CPU *(?<cpu>[0-9]+) )?(?:BANK *(?<bank>[0-9]+) )?CMCI storm detected|non fatal, correctable incident")
            .details(DECODED_STATUS)
            .block("\\[Hardware Error\\]")
            .source("arch/x86/kernel/cpu/mce/core.c")
            .title("machine check events logged"));
    rows.add(
        row("mce", HARDWARE, CRITICAL)
            .says("not responding to MCE broadcast")
            .like("not responding to MCE broadcast[^:]{0,60}: (?<cpu>[0-9]+)")
            .block("\\[Hardware Error\\]")
            .source("arch/x86/kernel/cpu/mce/core.c")
            .title("machine check exception"));
    rows.add(
        row("mce", HARDWARE, CRITICAL)
            .says(": machine check (")
            .like("^MCE: CPU(?<cpu>[0-9]+): machine check \\((?!Harmless)(?<level>[A-Za-z]+)\\)")
            .block("^MCE: CPU")
            .source("arch/powerpc/kernel/mce.c")
            .title("machine check exception"));
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
                "NMI: (?:PCI system error \\(SERR\\)|IOCK error \\(debug interrupt\\?\\))(?: for reason (?<reason>[0-9a-f]+) on CPU (?<cpu>[0-9]+))?")
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
                "mce: Memory error not recovered",
                "mce: Kernel accessed poison in user space",
                "Uncorrected hardware memory error in user-access")
            .like(
                "(?:Memory failure: |^MCE )(?<pfn>0x[0-9a-f]+): |^MCE: Killing (?<comm>.{1,64}):(?<pid>[0-9]+) due to hardware|^mce: Memory error not recovered|^mce: Kernel accessed poison|in user-access at (?<address>[0-9a-fx]+)")
            .details("^Memory failure: (?<pfn>0x[0-9a-f]+): ")
            .block("^Memory failure: |^MCE 0x")
            .source("mm/memory-failure.c")
            .title("memory failure"));
    rows.add(
        line("clocksource-unstable", HARDWARE, WARNING)
            .says("Marking clocksource", "Clocksource ", "TSC unstable due to clocksource watchdog")
            .like(
                "Marking clocksource '(?<clocksource>[^']+)' as unstable|Clocksource (?<old>\\S+) unstable \\(delta|^(?:tsc: )?Marking TSC unstable due to clocksource watchdog")
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
      "CPU:(?<cpu>[0-9]+)\\s{1,8}(?:\\([0-9a-f:]+\\) )?MC(?<bank>[0-9]+)_STATUS\\[[^\\]]*\\]: 0x(?<status>[0-9a-f]+)";

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
            .says("): Link Down", "): Card not present", "Card not present on Slot(")
            .like(
                PCI
                    + "(?::pcie?[0-9]+)?: (?:pciehp: )?(?:Card not present on )?Slot\\((?<slot>[^)]*)\\)(?:: Link Down(?!/Up ignored| event ignored)|: Card not present|\\s*$)")
            .block("pciehp: ")
            .source("drivers/pci/hotplug/pciehp_ctrl.c")
            .title("PCIe link down"));
    rows.add(
        line("pcie-link-down", HARDWARE, ERROR)
            .says("PCIe link lost")
            .like("^\\S+ " + PCI + "(?: (?<device>\\S+))?: PCIe link lost")
            .source("drivers/net/ethernet/intel/igb/igb_main.c")
            .title("PCIe link down"));
    rows.add(
        line("pcie-power-fault", HARDWARE, ERROR)
            .says("): Power fault", "Power fault on slot ")
            .like(
                PCI
                    + "(?::pcie?[0-9]+)?: (?:pciehp: )?(?:Slot\\((?<slot>[^)]*)\\): Power fault|Power fault on slot )")
            .source("drivers/pci/hotplug/pciehp_ctrl.c")
            .title("PCIe slot: power fault"));
    rows.add(
        line("usb-controller-died", HARDWARE, ERROR)
            .says(
                "HC died; cleaning up",
                "host controller not responding, assume dead",
                ": WARNING: Host System Error",
                ": WARNING: Host Controller Error")
            .like(
                "hci_hcd (?:"
                    + PCI
                    + "|\\S+): (?:HC died|\\S+ host controller not responding, assume dead|WARNING: Host (?:System|Controller) Error)")
            .source("drivers/usb/core/hcd.c")
            .title("USB host controller died"));
    rows.add(
        line("watchdog-pretimeout", HARDWARE, CRITICAL)
            .says(": pretimeout event", "softdog: Initiating ")
            .like(
                "^watchdog: (?<device>watchdog[0-9]+): pretimeout event|^softdog: Initiating (?:system reboot|panic)")
            .source("drivers/watchdog/watchdog_pretimeout.c")
            .title("watchdog is about to fire"));
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
            .says("Unhandled context fault: ", ": event 0x", ": event: ", "Unexpected global fault")
            .like(
                "^arm-smmu\\S* (?<iommu>\\S+): (?:Unhandled context fault: |event 0x[0-9a-f]+ received:|event: [A-Z]_[A-Z_]+ client: |Unexpected global fault)")
            .details("event: [A-Z_]+ client: " + PCI)
            .block("^arm-smmu")
            .source("drivers/iommu/arm/arm-smmu/arm-smmu.c")
            .title("IOMMU fault"));
  }

  private static void iommuTimeouts(List<Row> rows) {
    rows.add(
        line("iommu-fault", HARDWARE, ERROR)
            .says("AMD-Vi: Completion-Wait loop timed out", "nvalidation Time-out Error")
            .but("cleared")
            .source("drivers/iommu/amd/iommu.c")
            .title("IOMMU does not answer"));
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
                "^(?:thermal(?:_sys)?:? )?(?!thermal_sys:|ACPI:)(?<zone>[^ :]+): (?:\\S+: )?[Cc]ritical temperature reached|^[Cc]ritical temperature reached|thermal.*: [Cc]ritical temperature reached")
            .source("drivers/thermal/thermal_core.c")
            .title("critical temperature reached"));
    rows.add(
        line("thermal-critical", THERMAL, CRITICAL)
            .says("HARDWARE PROTECTION ")
            .like("reboot: HARDWARE PROTECTION (?:shutdown|reboot) \\((?<reason>[^)]*)\\)")
            .source("kernel/reboot.c")
            .title("critical temperature reached"));
    rows.add(
        row("thermal-critical", THERMAL, CRITICAL)
            .says(
                "GPU over temperature range",
                "GPU SW CTF",
                "' threshold",
                "because it has over heated",
                "because it has overheated")
            .like(
                "^(?<driver>\\S+) "
                    + PCI
                    + "(?: \\S+)?: (?:.{0,20}GPU over temperature range|therm: temperature \\([0-9]+ C\\) hit the '(?:critical|shutdown)' threshold|Network adapter has been stopped because it has over ?heated)")
            .block("GPU SW CTF")
            .source("drivers/gpu/drm/amd/pm/swsmu/smu_cmn.c")
            .title("card is too hot"));
    rows.add(
        line("thermal-throttle", THERMAL, WARNING)
            .says("emperature above threshold", "emperature is above threshold")
            .like(
                "CPU(?<cpu>[0-9]+): (?:(?<level>Core|Package) )?[Tt]emperature (?:is )?above threshold")
            .source("drivers/thermal/intel/therm_throt.c")
            .title("CPU throttled: temperature above threshold"));
  }
}
