package lastwords.bench;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import lastwords.decode.Decoded;
import lastwords.decode.Decoder;
import lastwords.decode.Extended;
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

/// Reading one datagram.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class DecodeBenchmark {
  private static final Map<String, String> DATAGRAMS =
      Map.of(
          "extended",
          "6.12.48+deb12-amd64,4,812,73941302,-,caller=T1417;RIP: 0010:ext4_do_update_inode+0x1b/0x40\n"
              + " SUBSYSTEM=block\n DEVICE=b259:0\n",
          "piece",
          "6.12.48+deb12-amd64,4,812,73941302,-,caller=T1417,ncfrag=0/2000;RIP: 0010:ext4_do_update",
          "basic",
          "<4>[   73.941302] RIP: 0010:ext4_do_update_inode+0x1b/0x40\n");

  @Param({"extended", "piece", "basic"})
  public String format = "extended";

  private final Extended record = new Extended();
  private byte[] datagram = {};

  @Setup
  public void load() {
    datagram = Objects.requireNonNull(DATAGRAMS.get(format)).getBytes(StandardCharsets.UTF_8);
  }

  @Benchmark
  public Decoded decode() {
    return Decoder.decode(datagram, record);
  }
}
