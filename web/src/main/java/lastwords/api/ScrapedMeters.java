package lastwords.api;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.DoubleAccumulator;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The registry behind `/metrics`, in which a meter that fails costs its own value only.
///
/// The Prometheus client rejects the whole scrape when one counter is negative or one function
/// throws. Here each function is called under a guard: a counter that throws, is negative or not a
/// finite number, or went down keeps its last good value (0 before the first); a gauge that throws
/// is NaN. Each such call adds one to `lastwords_metric_failures_total`, and the first one of a
/// meter is logged.
///
/// Safe for any number of threads.
public final class ScrapedMeters extends PrometheusMeterRegistry {
  private static final Logger LOG = LoggerFactory.getLogger(ScrapedMeters.class);

  private final Set<String> logged = ConcurrentHashMap.newKeySet();
  private final Counter failures;

  /// Creates a registry whose only meter is the one of failures.
  public ScrapedMeters() {
    super(PrometheusConfig.DEFAULT);
    failures =
        Counter.builder("lastwords.metric.failures")
            .description("values of metrics that failed or were impossible and were replaced")
            .register(this);
  }

  /// Returns all meters in the text format of Prometheus; throws nothing. When the client rejects
  /// them all the same, the answer holds only the count of failures.
  String text() {
    try {
      return scrape();
    } catch (RuntimeException e) {
      failed("scrape", e);
      return "# TYPE lastwords_metric_failures_total counter\nlastwords_metric_failures_total %s\n"
          .formatted(failures.count());
    }
  }

  /// Counts a failure of what is behind several meters, and logs it once for each name.
  void failed(String name, RuntimeException why) {
    failures.increment();
    if (logged.add(name)) {
      LOG.error("metric {} failed, its last good value stays; logged once", name, why);
    }
  }

  @Override
  protected <T> FunctionCounter newFunctionCounter(
      Meter.Id id, T of, ToDoubleFunction<T> function) {
    DoubleAccumulator last = new DoubleAccumulator(Math::max, 0);
    return super.newFunctionCounter(
        id,
        of,
        it -> {
          try {
            last.accumulate(possible(function.applyAsDouble(it)));
          } catch (RuntimeException e) {
            failed(id.getName(), e);
          }
          return last.get();
        });
  }

  private static double possible(double count) {
    if (!(count >= 0) || Double.isInfinite(count)) {
      throw new IllegalStateException(count + " is no count");
    }
    return count;
  }

  @Override
  protected <T> Gauge newGauge(Meter.Id id, @Nullable T of, ToDoubleFunction<T> function) {
    return super.newGauge(
        id,
        of,
        it -> {
          try {
            return function.applyAsDouble(it);
          } catch (RuntimeException e) {
            failed(id.getName(), e);
            return Double.NaN;
          }
        });
  }
}
