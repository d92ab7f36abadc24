package lastwords.app;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import lastwords.alert.Hook;
import lastwords.json.Json;
import org.jspecify.annotations.Nullable;

/// How each hook fares, for `/metrics`. Safe for any number of threads.
final class HookMetrics {
  /// One scrape asks for several values of each hook, and the ledger once.
  private static final long FRESH_NANOS = Duration.ofSeconds(1).toNanos();

  private final ServerHooks hooks;
  private final MeterRegistry registry;
  private final InstantSource clock;
  private final Map<String, List<Meter>> registered = new HashMap<>();
  private List<Hook> latest = List.of();
  private long readNanos = System.nanoTime() - FRESH_NANOS;

  /// @param registry gets the metrics of the hooks that are in use
  HookMetrics(ServerHooks hooks, MeterRegistry registry, InstantSource clock) {
    this.hooks = hooks;
    this.registry = registry;
    this.clock = clock;
  }

  /// Shows these hooks from now on, and no others. Waits for no ledger; one thread at a time.
  void use(Collection<String> names) {
    registered
        .entrySet()
        .removeIf(
            hook -> {
              boolean gone = !names.contains(hook.getKey());
              if (gone) {
                hook.getValue().forEach(registry::remove);
              }
              return gone;
            });
    names.forEach(name -> registered.computeIfAbsent(name, this::register));
  }

  private List<Meter> register(String name) {
    Tags tags = Tags.of("hook", name);
    return List.of(
        gauge(tags, "pending", "deliveries to be made", name, Hook::pending),
        gauge(
            tags,
            "oldest.seconds",
            "how long the oldest delivery to be made waits",
            name,
            this::oldestSeconds),
        gauge(
            tags,
            "disabled",
            "1 while it takes no deliveries, after it answered 410 Gone",
            name,
            hook -> hook.state().equals("disabled") ? 1 : 0),
        counter(tags, "attempts", "deliveries tried", name, Hook::attempts),
        counter(tags, "delivered", "deliveries it took", name, Hook::delivered),
        counter(tags, "failed", "deliveries given up", name, Hook::failed));
  }

  private double oldestSeconds(Hook hook) {
    Long oldest = hook.oldestPendingMicros();
    return oldest == null ? 0 : Math.max(0, (Json.micros(clock.instant()) - oldest) / 1e6);
  }

  private Meter gauge(
      Tags tags, String metric, String description, String hook, ToDoubleFunction<Hook> value) {
    return Gauge.builder("lastwords.hook." + metric, this, it -> it.of(hook, value))
        .description(description)
        .tags(tags)
        .strongReference(true)
        .register(registry);
  }

  private Meter counter(
      Tags tags, String metric, String description, String hook, ToDoubleFunction<Hook> value) {
    return FunctionCounter.builder("lastwords.hook." + metric, this, it -> it.of(hook, value))
        .description(description)
        .tags(tags)
        .register(registry);
  }

  /// 0 of a hook that is not there, or not yet.
  private double of(String name, ToDoubleFunction<Hook> value) {
    Hook hook = find(name);
    return hook == null ? 0 : value.applyAsDouble(hook);
  }

  private synchronized @Nullable Hook find(String name) {
    if (System.nanoTime() - readNanos >= FRESH_NANOS) {
      latest = hooks.all();
      readNanos = System.nanoTime();
    }
    return latest.stream().filter(hook -> hook.name().equals(name)).findFirst().orElse(null);
  }
}
