package lastwords.detect;

import java.util.List;
import java.util.regex.Pattern;
import lastwords.kernel.Crash;

/// Tells reports from texts that only look like one, which is known once they were collected.
final class Lookalike {
  /// Where a machine starts, before its kernel does.
  private static final Pattern FIRMWARE =
      Pattern.compile("^(?:SeaBIOS \\(version|coreboot-[0-9]|U-Boot |BdsDxe: )");

  /// What a disk answers to a command that it doesn't know, or after a reset.
  private static final Pattern HARMLESS_SENSE =
      Pattern.compile("Sense Key : (?:Illegal Request|Unit Attention|Recovered Error|No Sense)\\b");

  private static final Pattern OTHER_SENSE =
      Pattern.compile(
          "hostbyte=(?!DID_OK)DID_|Sense Key : (?!Illegal R|Unit A|Recovered|No Sense)");

  /// What an empty drive answers, also a virtual one.
  private static final String NO_MEDIUM = "Add. Sense: Medium not present";

  private Lookalike() {}

  /// False for a text that only looks like a report.
  static boolean isCrash(Report report, Crash crash) {
    if (report.row.kind().equals("reboot")) {
      return restarted(report.lastWords);
    }
    if (report.row.kind().equals("scsi-error")) {
      return !isRefusal(report.lines);
    }
    if (report.row.is(Row.Trait.ONLY_OF_KERNEL) && !report.head.ofKernel() && !isLast(report)) {
      return !crash.frames().isEmpty();
    }
    return !report.row.is(Row.Trait.ONLY_WITH_STACK) || !crash.frames().isEmpty();
  }

  /// True where a disk said no to commands, and nothing failed.
  private static boolean isRefusal(List<String> lines) {
    List<String> heads = lines.stream().map(Table::head).toList();
    boolean empty = heads.stream().anyMatch(l -> l.contains(NO_MEDIUM));
    return (empty || heads.stream().anyMatch(l -> HARMLESS_SENSE.matcher(l).find()))
        && heads.stream()
            .map(l -> empty ? l.replace("Sense Key : Not Ready", "") : l)
            .noneMatch(l -> OTHER_SENSE.matcher(l).find());
  }

  private static boolean isLast(Report report) {
    return report.row.is(Row.Trait.OR_AS_LAST_WORD)
        && report.lines.stream().skip(1).allMatch(String::isBlank);
  }

  /// True where a machine ran before its firmware said that it starts, and did not say why.
  private static boolean restarted(List<String> before) {
    int start = before.size() - 1;
    while (start > 0 && !FIRMWARE.matcher(before.get(start)).find()) {
      start--;
    }
    List<String> earlier = before.subList(0, Math.max(0, start));
    return earlier.stream().anyMatch(l -> !l.isBlank())
        && earlier.stream().noneMatch(l -> l.contains("reboot: ") || l.contains("Restarting"));
  }
}
