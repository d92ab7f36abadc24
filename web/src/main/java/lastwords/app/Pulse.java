package lastwords.app;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.LongSupplier;

/// Whether all parts of a server move: a part has moved when its number is another one than before.
///
/// Not thread-safe.
final class Pulse {
  private final Map<String, LongSupplier> parts;
  private final Map<String, Long> before = new HashMap<>();

  /// @param parts by name; see [Server#moves]
  Pulse(Map<String, LongSupplier> parts) {
    this.parts = parts;
    begin();
  }

  private void begin() {
    parts.forEach((name, number) -> before.put(name, number.getAsLong()));
  }

  /// Whether all parts have moved since this was last true.
  boolean beats() {
    if (!standing().isEmpty()) {
      return false;
    }
    begin();
    return true;
  }

  /// The parts that have not moved since [#beats] was last true.
  List<String> standing() {
    return parts.entrySet().stream()
        .filter(part -> Objects.equals(before.get(part.getKey()), part.getValue().getAsLong()))
        .map(Map.Entry::getKey)
        .toList();
  }
}
