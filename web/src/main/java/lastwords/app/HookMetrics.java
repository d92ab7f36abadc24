package lastwords.app;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import java.util.function.ToDoubleFunction;
import lastwords.alert.Hook;
import lastwords.json.Json;
import org.jspecify.annotations.Nullable;

/// How each hook fares, for `/metrics`. Safe for any number of threads.
final class HookMetrics {
  /// One scrape asks for several values of each hook, and the ledger once.
  private static final long FRESH_NANOS = Duration.ofSeconds(1).toNanos();

  private final ServerHooks hooks;
  private final InstantSource clock;
  private List<Hook> latest = List.of();
  private long readNanos = System.nanoTime() - FRESH_NANOS;

  HookMetrics(ServerHooks hooks, InstantSource clock) {
    this.hooks = hooks;
    this.clock = clock;
  }

  /// Adds the metrics of these hooks to a registry; those it has already stay.
  void register(MeterRegistry registry, Collection<String> names) {
    for (String name : names) {
      Tags tags = Tags.of("hook", name);
      gauge(registry, tags, "pending", "deliveries to be made", name, Hook::pending);
      gauge(
          registry,
          tags,
          "oldest.seconds",
          "how long the oldest delivery to be made waits",
          name,
          this::oldestSeconds);
      gauge(
          registry,
          tags,
          "disabled",
          "1 while it takes no deliveries, after it answered 410 Gone",
          name,
          hook -> hook.state().equals("disabled") ? 1 : 0);
      counter(registry, tags, "attempts", "deliveries tried", name, Hook::attempts);
      counter(registry, tags, "delivered", "deliveries it took", name, Hook::delivered);
      counter(registry, tags, "failed", "deliveries given up", name, Hook::failed);
    }
  }

  private double oldestSeconds(Hook hook) {
    Long oldest = hook.oldestPendingMicros();
    return oldest == null ? 0 : Math.max(0, (Json.micros(clock.instant()) - oldest) / 1e6);
  }

  private void gauge(
      MeterRegistry registry,
      Tags tags,
      String metric,
      String description,
      String hook,
      ToDoubleFunction<Hook> value) {
    Gauge.builder("lastwords.hook." + metric, this, it -> it.of(hook, value))
        .description(description)
        .tags(tags)
        .strongReference(true)
        .register(registry);
  }

  private void counter(
      MeterRegistry registry,
      Tags tags,
      String metric,
      String description,
      String hook,
      ToDoubleFunction<Hook> value) {
    FunctionCounter.builder("lastwords.hook." + metric, this, it -> it.of(hook, value))
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
