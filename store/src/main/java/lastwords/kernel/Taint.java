package lastwords.kernel;

import java.util.List;
import java.util.Objects;

/// What one letter after `Tainted:` means. Source: Linux
/// `Documentation/admin-guide/tainted-kernels.rst`.
///
/// @param letter as the kernel prints it
/// @param name the kernel's own word, as newer releases print it: `WARN`, `OOT_MODULE`; empty for
///   `G`, which is no taint
/// @param meaning for people
public record Taint(char letter, String name, String meaning) {
  private static final List<Taint> ALL =
      List.of(
          new Taint('G', "", "all modules are under a GPL-compatible licence"),
          new Taint('P', "PROPRIETARY_MODULE", "a proprietary module was loaded"),
          new Taint('F', "FORCED_MODULE", "a module was loaded by force"),
          new Taint('S', "CPU_OUT_OF_SPEC", "the processor or system is out of specification"),
          new Taint('R', "FORCED_RMMOD", "a module was unloaded by force"),
          new Taint('M', "MACHINE_CHECK", "the processor reported a machine check"),
          new Taint('B', "BAD_PAGE", "a bad page or unexpected page flags were seen"),
          new Taint('U', "USER", "a program asked for the taint"),
          new Taint('D', "DIE", "the kernel died recently: an oops or a BUG came before"),
          new Taint('A', "OVERRIDDEN_ACPI_TABLE", "an ACPI table was overridden"),
          new Taint('W', "WARN", "the kernel issued a warning before"),
          new Taint('C', "CRAP", "a staging driver was loaded"),
          new Taint('I', "FIRMWARE_WORKAROUND", "a bug of the firmware is worked around"),
          new Taint('O', "OOT_MODULE", "a module built out of tree was loaded"),
          new Taint('E', "UNSIGNED_MODULE", "an unsigned module was loaded"),
          new Taint('L', "SOFTLOCKUP", "a soft lockup occurred before"),
          new Taint('K', "LIVEPATCH", "the kernel was live patched"),
          new Taint('X', "AUX", "a taint of the distribution's own"),
          new Taint('T', "RANDSTRUCT", "built with randomized structure layouts"),
          new Taint('N', "TEST", "a test inside the kernel was run"),
          new Taint('J', "FWCTL", "a program changed a device's firmware state for debugging"));

  /// The taints of a crash's letters, in their order; letters that no mainline kernel prints are
  /// left out.
  public static List<Taint> of(String letters) {
    return letters
        .chars()
        .mapToObj(c -> ALL.stream().filter(t -> t.letter == c).findFirst().orElse(null))
        .filter(Objects::nonNull)
        .distinct()
        .toList();
  }
}
