package lastwords.bench;

import java.util.List;
import java.util.concurrent.TimeUnit;
import lastwords.assemble.HostStreams;
import lastwords.kernel.Datagram;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.Blackhole;

/// Decoding and assembling a recording, datagram by datagram, over and over; each time as a host
/// never seen before.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class AssembleBenchmark {
  private List<Datagram> datagrams = List.of();
  private HostStreams streams = Recording.streams(event -> {});
  private int next;

  @Setup
  public void load(Blackhole sink) {
    datagrams = Recording.load().datagrams();
    streams = Recording.streams(sink::consume);
  }

  @Benchmark
  public void datagram(Blackhole sink) {
    streams.accept(datagrams.get(next));
    if (++next == datagrams.size()) {
      next = 0;
      streams.end();
      streams = Recording.streams(sink::consume);
    }
  }
}
