package lastwords.detect;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import lastwords.kernel.Category;
import lastwords.kernel.Crash;

/// What a plain headline is about, as far as it names it: the part of the machine, each of which
/// may fail by itself, or the program.
///
/// @param names by the attribute that tells it, see [Crash#PARTS]
record Affected(Map<String, String> names) {
  private static final Affected NOTHING = new Affected(Map.of());

  private static final List<String> PROGRAM = List.of("comm", "program");

  /// Old kernels say which port heard of an error before they say whose it is.
  private static final String HEARD_BY_PORT = " received: id=";

  static Affected by(Row row, String headline) {
    if (!row.isPlain() || headline.contains(HEARD_BY_PORT)) {
      return NOTHING;
    }
    List<Pattern> patterns = new ArrayList<>(row.details());
    patterns.addFirst(row.headline());
    List<String> attributes = attributes(row);
    Map<String, String> names = new LinkedHashMap<>();
    for (Pattern pattern : patterns) {
      Map<String, Integer> groups = pattern.namedGroups();
      if (attributes.stream().noneMatch(groups::containsKey)) {
        continue;
      }
      Matcher matcher = pattern.matcher(Table.head(headline));
      if (!matcher.find()) {
        continue;
      }
      for (String attribute : attributes) {
        String name = groups.containsKey(attribute) ? matcher.group(attribute) : null;
        if (name != null && !name.isEmpty()) {
          names.putIfAbsent(attribute, name.strip());
        }
      }
    }
    return new Affected(names);
  }

  private static List<String> attributes(Row row) {
    return row.category() == Category.USERSPACE ? PROGRAM : Crash.PARTS;
  }

  /// True where both say what they are about, and it is the same.
  boolean is(Affected other) {
    return names.keySet().stream().anyMatch(other.names::containsKey) && mayBe(other);
  }

  /// False where both say what they are about, and it isn't the same.
  boolean mayBe(Affected other) {
    for (Map.Entry<String, String> name : names.entrySet()) {
      String theirs = other.names.get(name.getKey());
      if (theirs != null) {
        return isSame(normal(name.getValue()), normal(theirs));
      }
    }
    return true;
  }

  /// What both say together.
  Affected and(Affected other) {
    Map<String, String> all = new LinkedHashMap<>(other.names);
    all.putAll(names);
    return new Affected(all);
  }

  /// In lower case and without a PCI domain's zeros.
  private static String normal(String name) {
    int zeros = 0;
    while (zeros < name.length() - 1 && name.charAt(zeros) == '0') {
      zeros++;
    }
    return name.substring(zeros).toLowerCase(Locale.ROOT);
  }

  /// Whether names are equal, or one is a partition, function or other part of what the other
  /// names: `sda` and `sda1`, `nvme0` and `nvme0n1`, `ata1` and `ata1.00`.
  private static boolean isSame(String one, String other) {
    String whole = one.length() <= other.length() ? one : other;
    String part = one.length() <= other.length() ? other : one;
    if (whole.isEmpty() || !part.startsWith(whole)) {
      return false;
    }
    if (part.length() == whole.length()) {
      return true;
    }
    char next = part.charAt(whole.length());
    boolean numbered = Character.isDigit(whole.charAt(whole.length() - 1));
    return numbered ? ".:-cnp".indexOf(next) >= 0 : Character.isDigit(next);
  }
}
