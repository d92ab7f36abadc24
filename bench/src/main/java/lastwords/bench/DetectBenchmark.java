package lastwords.bench;

import java.util.List;
import java.util.concurrent.TimeUnit;
import lastwords.detect.Counters;
import lastwords.detect.Detector;
import lastwords.kernel.Event;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.Blackhole;

/// Looking for crashes in a recording, event by event, over and over.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class DetectBenchmark {
  /// `healthy` is the recording up to its first crash, `crashing` the whole of it.
  @Param({"healthy", "crashing"})
  public String host = "healthy";

  private List<Event> events = List.of();
  private Detector detector = new Detector(crash -> {}, new Counters());
  private int next;

  @Setup
  public void load(Blackhole sink) {
    Recording recording = Recording.load();
    events = host.equals("healthy") ? recording.healthyEvents() : recording.events();
    detector = new Detector(sink::consume, new Counters());
  }

  @Benchmark
  public void event(Blackhole sink) {
    detector.accept(events.get(next));
    if (++next == events.size()) {
      next = 0;
      detector.end();
      detector = new Detector(sink::consume, new Counters());
    }
  }
}
