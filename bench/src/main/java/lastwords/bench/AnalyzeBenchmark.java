package lastwords.bench;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import lastwords.detect.Analyzer;
import lastwords.kernel.Category;
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

/// Looking for crashes in a console's text, as `analyze` does, on one thread.
///
/// An operation is a megabyte of a healthy console, or a crash report; [CpuTime] tells what a core
/// would do. `linesMegabytes` is what a healthy megabyte costs at the very least, its bytes looked
/// at and its lines counted: the ratio holds on any machine.
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(2)
@Warmup(iterations = 4, time = 2)
@Measurement(iterations = 5, time = 2)
public class AnalyzeBenchmark {
  private static final int MEGABYTES = 64;
  private static final int BYTES = MEGABYTES * 1_000_000;

  /// A long console without trouble.
  @State(Scope.Thread)
  public static class Healthy {
    private final byte[] console = Consoles.healthy(BYTES);
  }

  @Benchmark
  @OperationsPerInvocation(MEGABYTES)
  public void healthyMegabytes(Healthy of, Blackhole sink) throws IOException {
    Analyzer.analyze(new ByteArrayInputStream(of.console, 0, BYTES), sink::consume);
  }

  @Benchmark
  @OperationsPerInvocation(MEGABYTES)
  public int linesMegabytes(Healthy of) {
    int lines = 0;
    for (int i = 0; i < BYTES; i++) {
      if (of.console[i] == '\n') {
        lines++;
      }
    }
    return lines;
  }

  /// As many reports as one round of [Reports] looks for.
  private static final int REPORTS = 100;

  /// Logs with crashes, again and again.
  @State(Scope.Thread)
  public static class Reports {
    private final List<byte[]> logs = Consoles.crashing();
    private int next;
    private int found;
  }

  @Benchmark
  @OperationsPerInvocation(REPORTS)
  public void reports(Reports of, Blackhole sink) throws IOException {
    while (of.found < REPORTS) {
      byte[] log = of.logs.get(of.next);
      of.next = of.next + 1 == of.logs.size() ? 0 : of.next + 1;
      Analyzer.analyze(
          new ByteArrayInputStream(log),
          crash -> {
            of.found += crash.category() == Category.INFO ? 0 : 1;
            sink.consume(crash);
          });
    }
    of.found -= REPORTS;
  }
}
