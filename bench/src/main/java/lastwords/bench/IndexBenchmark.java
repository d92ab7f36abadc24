package lastwords.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import lastwords.kernel.KernelMessage;
import lastwords.kernel.Position;
import lastwords.store.embedded.LuceneIndex;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/// A recording's messages into the index on disk, over and over at new positions, made findable
/// after each [#MESSAGES].
@State(Scope.Thread)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 5)
@Measurement(iterations = 10)
public class IndexBenchmark {
  private static final int MESSAGES = 20_000;

  /// As many as a reader hands over at once when it is behind.
  private static final int BATCH = 1_000;

  private final TemporaryFolder folder = TemporaryFolder.make();
  private final LuceneIndex index = LuceneIndex.open(folder.path());
  private List<KernelMessage> recorded = List.of();
  private long offset;

  @Setup
  public void load() {
    recorded = Recording.load().messages();
  }

  @Benchmark
  @OperationsPerInvocation(MESSAGES)
  public void message() {
    for (int added = 0; added < MESSAGES; added += BATCH) {
      List<KernelMessage> batch = new ArrayList<>(BATCH);
      for (int i = 0; i < BATCH; i++) {
        batch.add(atNextPosition(recorded.get((int) (offset % recorded.size()))));
      }
      index.add(batch);
    }
    index.refresh();
  }

  @TearDown
  public void close() {
    index.close();
    folder.close();
  }

  private KernelMessage atNextPosition(KernelMessage m) {
    return new KernelMessage(
        Position.of(offset++, 0),
        m.receivedAtMicros(),
        m.host(),
        m.address(),
        m.boot(),
        m.facility(),
        m.severity(),
        m.sequence(),
        m.uptimeMicros(),
        m.caller(),
        m.cpu(),
        m.task(),
        m.release(),
        m.text(),
        m.dictionary(),
        m.userdata());
  }
}
