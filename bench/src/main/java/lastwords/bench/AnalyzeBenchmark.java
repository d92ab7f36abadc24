package lastwords.bench;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import lastwords.detect.Analyzer;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.Blackhole;

/// Looking for crashes in a console's text, as `analyze` does: `healthy` in megabytes a second, on
/// one thread.
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(2)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
public class AnalyzeBenchmark {
  private static final int MEGABYTES = 64;

  private final byte[] console = Consoles.healthy(MEGABYTES * 1_000_000);

  @Benchmark
  @OperationsPerInvocation(MEGABYTES)
  public void healthyMegabytes(Blackhole sink) throws IOException {
    Analyzer.analyze(new ByteArrayInputStream(console, 0, MEGABYTES * 1_000_000), sink::consume);
  }

  /// All logs there are.
  @State(Scope.Thread)
  public static class Logs {
    private final List<byte[]> logs = Consoles.crashing();
  }

  /// Crashes found.
  @State(Scope.Thread)
  @AuxCounters
  public static class Found {
    public long reports;
    public long kilobytes;
  }

  /// All logs with crashes, one after another; what counts is the secondary result, reports.
  @Benchmark
  @OutputTimeUnit(TimeUnit.MINUTES)
  public void crashing(Logs of, Found found, Blackhole sink) throws IOException {
    for (byte[] log : of.logs) {
      Analyzer.analyze(
          new ByteArrayInputStream(log),
          crash -> {
            found.reports++;
            sink.consume(crash);
          });
      found.kilobytes += log.length / 1_000;
    }
  }
}
