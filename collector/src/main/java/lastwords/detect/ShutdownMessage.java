package lastwords.detect;

import java.util.List;
import java.util.stream.Stream;
import lastwords.kernel.KernelMessage;
import org.jspecify.annotations.Nullable;

/// The last message of a boot with which a machine announced that it goes down on purpose, and
/// whether it still explains a restart.
///
/// Anybody who can forge a datagram can forge such a message, so it explains little: a machine that
/// continues to send messages has not gone down, and one whose next boot comes too late was not
/// only restarted. A message of the kernel's very end may be followed by a few lines of any
/// facility within seconds; one that begins a shutdown by many lines of the kernel, while disks and
/// drivers stop.
///
/// Belongs to the thread of its detector; time is the receive time of messages.
final class ShutdownMessage {
  /// Lines of the kernel after a message that begins a shutdown, after which the machine is no
  /// longer going down. Machines with many disks print some for each of them.
  static final int BEGUN_LINES = 300;

  /// How long a shutdown may print lines after the message that began it: systemd waits up to 90 s
  /// for programs, and as long again for what it mounted.
  static final long BEGUN_MICROS = 300_000_000;

  /// The same after a message of the kernel's end, when devices are stopped already.
  static final int ENDED_LINES = 16;

  static final long ENDED_MICROS = 30_000_000;

  /// How long after the message of a restart the first line of the next boot may come: firmware
  /// with terabytes of memory to train takes up to ten minutes.
  static final long RESTART_MICROS = 900_000_000;

  /// The same where a machine may have been switched off until a person switched it on.
  static final long POWER_OFF_MICROS = 86_400_000_000L;

  /// Bytes kept of the message.
  private static final int MAX_BYTES = 256;

  /// What of it survives a restart of the program; the time named so that JSON keeps it a number.
  ///
  /// @param said whether it still explains a restart
  /// @param text null in what older programs saved
  record Saved(boolean said, long saidAt, int linesSince, @Nullable String text) {}

  /// Printed when nothing but the restart itself is left to do.
  private static final List<String> ENDED =
      List.of(
          "reboot: Restarting system",
          "reboot: Power down",
          "reboot: System halted",
          "reboot: machine restart",
          "reboot: Power off",
          "Restarting system.",
          "Power down.",
          "System halted.",
          "sysrq: Resetting",
          "SysRq : Resetting",
          "Starting new kernel",
          "Bye!");

  /// Printed by the kernel while it goes down.
  private static final List<String> BEGUN =
      List.of(
          "Rebooting in ",
          "sysrq: Power Off",
          "SysRq : Power Off",
          "ACPI: Preparing to enter system sleep state S5",
          "ACPI: PM: Preparing to enter system sleep state S5",
          "HARDWARE PROTECTION shutdown");

  private static final List<String> PROGRAMS =
      List.of(
          "systemd-shutdown[1]: Rebooting.", "systemd-shutdown[1]: Powering off.",
          "systemd-shutdown[1]: Halting system.", "systemd-shutdown[1]: Sending SIGTERM",
          "systemd-shutdown[1]: Syncing filesystems", "systemd[1]: Shutting down.");

  private static final Literals ANY = new Literals(literals());
  private static final Literals OF_END = new Literals(ENDED);
  private static final Literals OF_PROGRAMS = new Literals(PROGRAMS);
  private static final Literals OF_RESTART =
      new Literals(
          List.of(
              "estarting system",
              "ebooting",
              "machine restart",
              "new kernel",
              "Bye!",
              "Resetting"));

  /// The last one of this boot, also when it explains nothing any more; null for none.
  private @Nullable String text;

  private boolean valid;
  private long saidAtMicros;
  private int linesSince;

  /// Takes the next message, and whether it may be a shutdown message at all.
  void accept(KernelMessage message, boolean maybe) {
    if (maybe && isIn(message)) {
      text = Bounds.head(message.text(), MAX_BYTES);
      valid = true;
      saidAtMicros = message.receivedAtMicros();
      linesSince = 0;
    } else if (valid && text != null) {
      boolean end = OF_END.anyIn(text);
      linesSince += end || message.facility() <= 0 ? 1 : 0;
      long since = message.receivedAtMicros() - saidAtMicros;
      valid =
          end
              ? linesSince <= ENDED_LINES && since <= ENDED_MICROS
              : linesSince < BEGUN_LINES && since <= BEGUN_MICROS;
    }
  }

  /// Whether it explains a restart whose first line was received at that time.
  boolean explains(long bootedAtMicros) {
    return valid && text != null && bootedAtMicros - saidAtMicros <= limitMicros(text);
  }

  private static long limitMicros(String text) {
    return OF_RESTART.anyIn(text) ? RESTART_MICROS : POWER_OFF_MICROS;
  }

  /// The last one of this boot, null for none.
  @Nullable String text() {
    return text;
  }

  /// When that was received.
  long saidAtMicros() {
    return saidAtMicros;
  }

  void forget() {
    text = null;
    valid = false;
  }

  Saved save() {
    return new Saved(valid, saidAtMicros, linesSince, text);
  }

  void load(Saved saved) {
    valid = saved.said;
    saidAtMicros = saved.saidAt;
    linesSince = saved.linesSince;
    text = saved.text;
    if (valid && text == null) {
      text = "shutdown";
    }
  }

  static List<String> literals() {
    return Stream.of(ENDED, BEGUN, PROGRAMS).flatMap(List::stream).toList();
  }

  private static boolean isIn(KernelMessage message) {
    return ANY.anyIn(message.text())
        && (message.facility() <= 0 || OF_PROGRAMS.anyIn(message.text()));
  }
}
