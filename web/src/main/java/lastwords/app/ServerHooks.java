package lastwords.app;

import java.util.List;
import java.util.function.Supplier;
import lastwords.alert.Alerting;
import lastwords.alert.Hook;
import lastwords.api.Hooks;
import lastwords.kernel.Delivery;
import org.jspecify.annotations.Nullable;

/// The targets of a server's alerting, which may start after its API or run in another process.
///
/// @param alerting null while it does not run here
record ServerHooks(Supplier<@Nullable Alerting> alerting) implements Hooks {
  @Override
  public List<Hook> all() {
    Alerting here = alerting.get();
    return here == null ? List.of() : here.hooks();
  }

  @Override
  public Delivery test(String name) {
    return running().test(name);
  }

  @Override
  public Delivery retry(String id) {
    return running().retry(id);
  }

  private Alerting running() {
    Alerting here = alerting.get();
    if (here == null) {
      throw new IllegalStateException(
          "alerting does not run in this process; ask the one with the role analyze");
    }
    return here;
  }
}
