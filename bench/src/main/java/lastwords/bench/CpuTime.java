package lastwords.bench;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.Collection;
import java.util.List;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.infra.IterationParams;
import org.openjdk.jmh.profile.InternalProfiler;
import org.openjdk.jmh.results.AggregationPolicy;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.ScalarResult;

/// Operations in a second of CPU time, all threads' together: garbage collection and compilation
/// are in it, and what other programs took from us is not. For a machine that is never quiet:
/// `-prof lastwords.bench.CpuTime`.
public final class CpuTime implements InternalProfiler {
  private static final OperatingSystemMXBean SYSTEM =
      (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

  private long before;

  @Override
  public String getDescription() {
    return "operations in a second of CPU time";
  }

  @Override
  public void beforeIteration(BenchmarkParams benchmark, IterationParams iteration) {
    before = SYSTEM.getProcessCpuTime();
  }

  @Override
  public Collection<? extends Result<?>> afterIteration(
      BenchmarkParams benchmark, IterationParams iteration, IterationResult result) {
    double seconds = (SYSTEM.getProcessCpuTime() - before) / 1e9;
    double operations = result.getMetadata().getMeasuredOps();
    return List.of(
        new ScalarResult("cpu.rate", operations / seconds, "ops/CPU-s", AggregationPolicy.AVG),
        new ScalarResult("cpu.best", operations / seconds, "ops/CPU-s", AggregationPolicy.MAX));
  }
}
