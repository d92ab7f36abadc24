package lastwords.bench;

import java.util.List;
import java.util.concurrent.TimeUnit;
import lastwords.kernel.Datagram;
import lastwords.store.DatagramBatch;
import lastwords.store.embedded.ChronicleLog;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/// A recording's datagrams into the log on disk, over and over. Of a fixed number, since what is
/// written stays on the disk until the end: half a gigabyte.
@State(Scope.Thread)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(
    value = 1,
    jvmArgsAppend = {
      "--add-opens=java.base/java.lang.reflect=ALL-UNNAMED",
      "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
      "--add-exports=java.base/jdk.internal.ref=ALL-UNNAMED",
      "--enable-native-access=ALL-UNNAMED",
      "--sun-misc-unsafe-memory-access=allow"
    })
@Warmup(iterations = 5)
@Measurement(iterations = 10)
public class AppendBenchmark {
  private static final int DATAGRAMS = 200_000;

  /// Datagrams in one document: one for a single sender, 32 at most for one read of a flood.
  @Param({"1", "32"})
  public int perDocument = 1;

  private final TemporaryFolder folder = TemporaryFolder.make();
  private final DatagramBatch batch = new DatagramBatch();
  private List<Datagram> datagrams = List.of();
  private final ChronicleLog log = ChronicleLog.open(folder.path(), ChronicleLog.Options.DEFAULT);

  @Setup
  public void load() {
    datagrams = Recording.load().datagrams();
  }

  @Benchmark
  @OperationsPerInvocation(DATAGRAMS)
  public void datagram() {
    for (int i = 0; i < DATAGRAMS; i++) {
      Datagram d = datagrams.get(i % datagrams.size());
      batch.add(d.receivedAtMicros(), d.source(), d.sourcePort(), d.localPort(), d.payload());
      if (batch.count() == perDocument || batch.isFull()) {
        log.append(batch);
      }
    }
    log.append(batch);
  }

  @TearDown
  public void close() {
    log.close();
    folder.close();
  }
}
