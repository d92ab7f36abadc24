package lastwords.detect;

import java.util.List;
import lastwords.kernel.KernelMessage;

/// The words with which a machine says that it goes down on purpose.
final class Farewell {
  private static final List<String> KERNEL =
      List.of(
          "reboot: Restarting system",
          "reboot: Power down",
          "reboot: System halted",
          "reboot: machine restart",
          "reboot: Power off",
          "Restarting system.",
          "Power down.",
          "System halted.",
          "Rebooting in ",
          "sysrq: Resetting",
          "SysRq : Resetting",
          "sysrq: Power Off",
          "SysRq : Power Off",
          "Starting new kernel",
          "Bye!",
          "ACPI: Preparing to enter system sleep state S5",
          "ACPI: PM: Preparing to enter system sleep state S5",
          "HARDWARE PROTECTION shutdown");

  private static final List<String> PROGRAMS =
      List.of(
          "systemd-shutdown[1]: Rebooting.", "systemd-shutdown[1]: Powering off.",
          "systemd-shutdown[1]: Halting system.", "systemd-shutdown[1]: Sending SIGTERM",
          "systemd-shutdown[1]: Syncing filesystems", "systemd[1]: Shutting down.");

  private static final Literals ANY = new Literals(literals());
  private static final Literals OF_PROGRAMS = new Literals(PROGRAMS);

  private Farewell() {}

  static List<String> literals() {
    return java.util.stream.Stream.concat(KERNEL.stream(), PROGRAMS.stream()).toList();
  }

  static boolean isIn(KernelMessage message) {
    return ANY.anyIn(message.text())
        && (message.facility() <= 0 || OF_PROGRAMS.anyIn(message.text()));
  }
}
