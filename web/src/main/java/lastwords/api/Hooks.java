package lastwords.api;

import java.util.List;
import lastwords.kernel.Delivery;

/// The configured targets of alarms, and what may be done with them. Safe for any number of
/// threads.
public interface Hooks {
  /// The targets as `/hooks` shows them.
  List<?> all();

  /// Sends a target a test, which enables it.
  ///
  /// @throws java.util.NoSuchElementException when no target has that name
  Delivery test(String name);

  /// Has a delivery sent again.
  ///
  /// @throws java.util.NoSuchElementException when there is none of that id
  /// @throws IllegalStateException when it was delivered
  Delivery retry(String id);
}
