package lastwords.detect;

import java.util.List;
import lastwords.kernel.KernelMessage;

/// The words with which a machine says that it goes down on purpose, and whether it still does: one
/// that goes on has not meant it, or a driver only used such words.
final class Farewell {
  /// Lines of the kernel after which it is no longer going down. Captured shutdowns say one or two;
  /// machines with many disks, some for each of them.
  static final int DOWN_WITHIN_LINES = 300;

  /// How long after its last farewell a machine may have something to say.
  static final long DOWN_WITHIN_MICROS = 600_000_000;

  /// What of it survives a restart of the program; the time named so that JSON keeps it a number.
  record Saved(boolean said, long saidAt, int linesSince) {}

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

  private boolean said;
  private long saidAtMicros;
  private int linesSince;

  /// Takes the next message, and whether it may be a farewell at all.
  void hear(KernelMessage message, boolean maybe) {
    if (maybe && isIn(message)) {
      said = true;
      saidAtMicros = message.receivedAtMicros();
      linesSince = 0;
    } else if (said && message.facility() <= 0) {
      linesSince++;
      said =
          linesSince < DOWN_WITHIN_LINES
              && message.receivedAtMicros() - saidAtMicros < DOWN_WITHIN_MICROS;
    }
  }

  /// True while the machine goes down on purpose.
  boolean isSaid() {
    return said;
  }

  void forget() {
    said = false;
  }

  Saved save() {
    return new Saved(said, saidAtMicros, linesSince);
  }

  void load(Saved saved) {
    said = saved.said;
    saidAtMicros = saved.saidAt;
    linesSince = saved.linesSince;
  }

  static List<String> literals() {
    return java.util.stream.Stream.concat(KERNEL.stream(), PROGRAMS.stream()).toList();
  }

  private static boolean isIn(KernelMessage message) {
    return ANY.anyIn(message.text())
        && (message.facility() <= 0 || OF_PROGRAMS.anyIn(message.text()));
  }
}
