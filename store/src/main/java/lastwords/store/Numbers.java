package lastwords.store;

import java.util.LinkedHashMap;
import java.util.Map;

/// A field whose values are numbers from 0, with the names that people use for some of them.
public final class Numbers {
  private static final Map<String, Numbers> MESSAGES =
      Map.of(
          "severity",
          new Numbers(
              "severity",
              "emerg alert crit err warning notice info debug",
              Map.of("panic", 0, "error", 3, "warn", 4)),
          "facility",
          new Numbers(
              "facility",
              "kern user mail daemon auth syslog lpr news uucp cron authpriv ftp ntp audit alert"
                  + " clock local0 local1 local2 local3 local4 local5 local6 local7",
              Map.of()),
          "cpu",
          new Numbers("cpu", "", Map.of()));

  /// The gravest is the highest, so that `severity:>=error` is what people mean by it.
  private static final Map<String, Numbers> CRASHES =
      Map.of("severity", new Numbers("severity", "info warning error critical", Map.of()));

  private final String field;
  private final Map<String, Integer> names = new LinkedHashMap<>();

  /// @param inOrder the names of 0, 1, 2, …
  /// @param more further names
  private Numbers(String field, String inOrder, Map<String, Integer> more) {
    this.field = field;
    if (!inOrder.isEmpty()) {
      for (String name : inOrder.split(" ", -1)) {
        names.put(name, names.size());
      }
    }
    names.putAll(more);
  }

  /// Such fields of messages, by name.
  public static Map<String, Numbers> ofMessages() {
    return MESSAGES;
  }

  /// Such fields of crashes, by name.
  public static Map<String, Numbers> ofCrashes() {
    return CRASHES;
  }

  /// The number that people wrote, or whose name they wrote.
  ///
  /// @param at where in the query it stands, -1 where nobody knows
  /// @throws BadQueryException when it is neither; says what is allowed
  public int number(String value, int at) {
    Integer named = names.get(Words.lower(value));
    if (named != null) {
      return named;
    }
    try {
      int number = Integer.parseInt(value);
      if (number >= 0) {
        return number;
      }
    } catch (NumberFormatException _) {
      // Refused below.
    }
    throw new BadQueryException(at, allowed() + ", not '" + value + "'");
  }

  private String allowed() {
    return field
        + " is a number"
        + (names.isEmpty() ? "" : " or one of " + String.join(" ", names.keySet()));
  }
}
