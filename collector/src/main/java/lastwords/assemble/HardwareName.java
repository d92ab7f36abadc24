package lastwords.assemble;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a kernel calls the machine it runs on: a line of its boot, and of each of its reports.
///
/// Linux `drivers/firmware/dmi_scan.c` (`DMI: …`), `drivers/of/fdt.c` (`Machine model: …`),
/// `lib/dump_stack.c` (`Hardware name: …`).
final class HardwareName {
  private static final String DMI = "DMI: ";

  /// As long as the kernel's own field for it takes; longer is no name.
  private static final int MAX_CHARS = 128;

  private static final List<String> PREFIXES = List.of(DMI, "Hardware name: ", "Machine model: ");

  /// Where a device tree names the machine, reports say so behind the name.
  private static final String DEVICE_TREE = " (DT)";

  private HardwareName() {}

  /// The name that a message gives, null when it gives none.
  static @Nullable String in(String text) {
    for (String prefix : PREFIXES) {
      if (text.startsWith(prefix)) {
        String name = text.substring(prefix.length()).strip();
        // DMI has more to tell than the machine, such as its memory slots.
        boolean other = prefix.equals(DMI) && !name.contains(", BIOS ");
        return other || name.isEmpty() || name.length() > MAX_CHARS || name.contains("\n")
            ? null
            : name.endsWith(DEVICE_TREE)
                ? name.substring(0, name.length() - DEVICE_TREE.length())
                : name;
      }
    }
    return null;
  }
}
