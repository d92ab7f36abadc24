package lastwords.detect;

import static lastwords.detect.Incidents.PCI;
import static lastwords.detect.Incidents.line;
import static lastwords.detect.Row.Trait.AFTERWORD;
import static lastwords.detect.Row.Trait.CONTINUES;
import static lastwords.detect.Row.row;
import static lastwords.kernel.Category.NETWORK;
import static lastwords.kernel.Severity.ERROR;
import static lastwords.kernel.Severity.WARNING;

import java.util.ArrayList;
import java.util.List;

/// What kernels say of network cards, links and the tables of the network stack.
final class NetworkIncidents {
  private NetworkIncidents() {}

  static List<Row> rows() {
    List<Row> rows = new ArrayList<>();
    network(rows);
    return rows;
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
    // Of the driver, mostly right after the kernel's own words.
    rows.add(
        row("nic-tx-timeout", NETWORK, ERROR)
            .says(
                ": TX timeout ",
                ": tx_timeout: VSI",
                ": transmit timed out, resetting",
                "initiating reset due to tx timeout",
                ": Tx timeout triggered")
            .like(
                "^(?<driver>[a-z][a-z0-9_-]{1,24}) (?:"
                    + PCI
                    + "|\\S{1,64}) (?<device>[^: ]{1,64}): (?:TX timeout (?:detected|on queue: (?<queue>[0-9]+))|tx_timeout: VSI|transmit timed out, resetting|initiating reset due to tx timeout|Tx [Tt]imeout triggered)")
            .details(
                ": tx_timeout: VSI.{0,30} Q (?<queue>[0-9]+),",
                "TX timeout on queue: (?<queue>[0-9]+)")
            .stack(Recipe.OPTIONAL)
            .traits(CONTINUES, AFTERWORD)
            .title("NETDEV WATCHDOG: transmit queue timed out"));
    rows.add(
        row("nic-fw-error", NETWORK, ERROR)
            .says(
                "device's health compromised",
                "handling bad device here",
                "Microcode SW error detected",
                "firmware crashed!",
                "Firmware has halted or crashed",
                "irmware recovery mode detected",
                "irmware not responding",
                "irmware fatal condition",
                "irmware hang detected",
                "firmware error detected FWSM",
                "Error (timeout: ",
                "): Fatal error ",
                "Health issue observed, firmware internal error",
                "due to repeated FW resets",
                "recoverable state",
                "device is unrecoverable",
                "Unrecoverable HW error detected",
                "FW heartbeat stalled",
                "Keep alive watchdog timeout",
                "firmware crashed: ",
                "FW assertion",
                "fatal error, adapter stopped",
                "AQ commands timed out",
                "HWC: Request timed out",
                "Power cycle is needed",
                "device is going to be reset",
                "Will cause a leak of a command resource",
                ": Internal error detected")
            .like(
                "^(?<driver>[a-z][a-z0-9_-]+)[: ](?:\\s?"
                    + PCI
                    + ")?.*(?:device's health compromised|handling bad device here|Microcode SW error detected|firmware crashed!|Firmware has halted or crashed|irmware recovery mode detected|irmware not responding, status|irmware fatal condition|irmware hang detected|firmware error detected FWSM|Error \\(timeout: [0-9]+\\) msg |\\): Fatal error [0-9]+ detected|Health issue observed, firmware internal error|due to repeated FW resets|device is in (?:non-|un)recoverable state|device is unrecoverable|Unrecoverable HW error detected|FW heartbeat stalled|Keep alive watchdog timeout|firmware crashed: |FW assertion|fatal error, adapter stopped|AQ commands timed out|HWC: Request timed out|Power cycle is needed|device is going to be reset|Will cause a leak of a command resource|Internal error detected)")
            .block("health|assert_var|Fatal error [0-9]|print_health_info|Loaded firmware version")
            .title("network card firmware is unwell"));
    rows.add(
        row("nic-hang", NETWORK, ERROR)
            .says("Detected Hardware Unit Hang", "Detected Tx Unit Hang", "tx hang ")
            .like(
                "(?:(?<device>[a-z][a-z0-9_.-]{0,31}): )?(?:e1000\\w{0,24}: )?(?:Detected (?:Hardware|Tx) Unit Hang|tx hang [0-9]+ detected on queue (?<queue>[0-9]+))")
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
                ": link down",
                ": Link DOWN",
                "link status definitely down",
                "NIC Copper Link is Down")
            .like(
                "(?:"
                    + PCI
                    + " )?(?<device>[a-z][A-Za-z0-9_.-]{0,31}):? (?:NIC |NIC Copper )?[Ll]ink (?:is )?(?:[Dd]own|DOWN)\\b(?! request)|link status definitely down for interface (?<member>[^, ]+)|^(?:bonding: )?(?<bond>\\S+): \\(slave (?<slave>[^)]+)\\): link status definitely down")
            .details("^(?:bonding: )?(?<bond>[^:() ]{1,64}): (?:\\(slave|link status definitely)")
            .but("^ata|pciehp|^nvme|Slot\\(|libfc|bnx2fc|^usb|hub |^scsi|^fnic|: fip: |, ignoring$")
            .title("network link is down"));
    rows.add(
        line("bond-down", NETWORK, ERROR)
            .says("now running without any active interface")
            .like("^(?:bonding: )?(?<device>[^: ]{1,64}): now running without any active interface")
            .source("drivers/net/bonding/bond_main.c")
            .title("bond has no active interface"));
    rows.add(
        line("conntrack-full", NETWORK, WARNING)
            .says("table full, dropping packet", "table full in netns", "expectation table full")
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
            .says("ut of socket memory")
            .like("^(?:TCP: )?[Oo]ut of socket memory")
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
}
