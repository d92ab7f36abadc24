package lastwords.bench;

import io.airlift.compress.Compressor;
import io.airlift.compress.Decompressor;
import io.airlift.compress.lz4.Lz4Compressor;
import io.airlift.compress.lz4.Lz4Decompressor;
import io.airlift.compress.zstd.ZstdCompressor;
import io.airlift.compress.zstd.ZstdDecompressor;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import lastwords.kernel.Datagram;
import lastwords.store.DatagramBatch;
import lastwords.store.Log;
import lastwords.store.embedded.ChronicleLog;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// Has fleets of different size say what real kernels said, and says what the log makes of a byte
/// of payload on the disk, as it is written and compressed, and what that and reading it take. Then
/// the same for other ways to compress. Fails unless all is read that was written.
///
/// CPU time is that of the thread, without the JVM's compiler and garbage collector; of `export`,
/// that of the process.
@Command(
    name = "disk",
    description = "Says what the log needs of the disk, and what compressing it takes.",
    mixinStandardHelpOptions = true,
    showDefaultValues = true)
final class DiskRun implements Callable<Integer> {
  private static final long START_MILLIS = 1_795_248_000_000L;
  private static final long HOUR_MILLIS = 3_600_000;

  /// As the receiver naps.
  private static final long NAP_MICROS = 2_000;

  /// Version, method, checksum, first offset, count.
  private static final int DOCUMENT_HEAD = 18;

  /// Length of a document and of what it had, before it was compressed.
  private static final int PACKED_HEAD = DOCUMENT_HEAD + 8 + 16;

  private static final int BLOCK_BYTES = 128 << 10;
  private static final int ROUNDS = 3;
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  @Option(names = "--hosts", split = ",", description = "sizes of the fleet")
  private List<Integer> hosts = List.of(1, 10, 100, 1_000, 10_000);

  @Option(names = "--datagrams", description = "of each fleet")
  private int datagrams = 500_000;

  @Option(names = "--captures", description = "folder of recordings, each a capture.pcap")
  private Path captures = Path.of("../shared/corpus/netconsole");

  @Option(names = "--program", description = "the launcher, for its export")
  private Path program = Path.of("lastwords");

  private long nowMillis;
  private boolean complete = true;

  static void main(String[] args) {
    System.exit(new CommandLine(new DiskRun()).execute(args));
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    Fleet fleet = Fleet.of(captures);
    System.out.printf(
        "%d recordings, %,d datagrams of each fleet within an hour; CPU time in ns a datagram%n%n",
        fleet.recordings(), datagrams);
    fleet(fleet.send(100, datagrams / 2, START_MILLIS * 1_000), "", NAP_MICROS); // compiles
    System.out.println(
        "| hosts | payload | in a document | bytes on disk per byte of payload | compressed |"
            + " append | compress | read | read compressed | export | export compressed |");
    System.out.println("|---|---|---|---|---|---|---|---|---|---|---|");
    for (int count : hosts) {
      fleet(fleet.send(count, datagrams, START_MILLIS * 1_000), "%,d".formatted(count), NAP_MICROS);
    }
    int most = hosts.getLast();
    String alone = "%,d, each datagram alone".formatted(most);
    fleet(fleet.send(most, datagrams, START_MILLIS * 1_000), alone, 0);
    System.out.println();
    System.out.println("| hosts | codec | per byte of payload | compress | decompress |");
    System.out.println("|---|---|---|---|---|");
    codecs(fleet.send(100, datagrams / 2, START_MILLIS * 1_000), 0);
    for (int count : hosts) {
      codecs(fleet.send(count, datagrams, START_MILLIS * 1_000), count);
    }
    return complete ? 0 : 1;
  }

  /// @param name empty for one that isn't told of
  /// @param napMicros what comes within it goes into one document
  private void fleet(List<Datagram> sent, String name, long napMicros)
      throws IOException, InterruptedException {
    nowMillis = START_MILLIS;
    double payload = sent.stream().mapToLong(datagram -> datagram.payload().length).sum();
    try (TemporaryFolder folder = TemporaryFolder.make()) {
      Path place = folder.path().resolve("log");
      try (Log log =
          ChronicleLog.open(
              place, new ChronicleLog.Options(ChronicleLog.Roll.HOURLY, () -> nowMillis, 0))) {
        long empty = log.allocatedBytes();
        long before = cpu();
        int documents = append(log, sent, napMicros);
        long append = cpu() - before;
        long plain = log.allocatedBytes() - empty;
        nowMillis += HOUR_MILLIS;
        append(log, sent.subList(0, 1), 0);
        long read = read(log, sent);
        long export = name.isEmpty() ? 0 : export(folder.path());
        before = cpu();
        boolean compressed = log.compress();
        long compress = cpu() - before;
        Log.Compression done = log.compression();
        complete &= compressed && done.files() == 1;
        long readCompressed = read(log, sent);
        long exportCompressed = name.isEmpty() ? 0 : export(folder.path());
        if (!name.isEmpty()) {
          System.out.printf(
              "| %s | %.0f | %.1f | %.2f | %.3f | %d | %d | %d | %d | %d | %d |%n",
              name,
              payload / sent.size(),
              (double) sent.size() / documents,
              plain / payload,
              done.bytesAfter() / payload,
              append / sent.size(),
              compress / sent.size(),
              read / sent.size(),
              readCompressed / sent.size(),
              export / sent.size(),
              exportCompressed / sent.size());
        }
      }
    }
  }

  private static int append(Log log, List<Datagram> sent, long napMicros) {
    DatagramBatch batch = new DatagramBatch();
    int documents = 0;
    long until = Long.MIN_VALUE;
    for (Datagram it : sent) {
      if (it.receivedAtMicros() >= until || batch.isFull()) {
        log.append(batch);
        documents++;
        until = it.receivedAtMicros() + napMicros;
      }
      batch.add(it.receivedAtMicros(), it.source(), it.sourcePort(), it.localPort(), it.payload());
    }
    log.append(batch);
    return documents;
  }

  /// The best of some rounds.
  private long read(Log log, List<Datagram> sent) {
    long best = Long.MAX_VALUE;
    for (int round = 0; round < ROUNDS; round++) {
      long before = cpu();
      try (Log.Cursor cursor = log.read(0)) {
        for (Datagram expected : sent) {
          Datagram next = cursor.next();
          complete &= next != null && Arrays.equals(next.payload(), expected.payload());
        }
      }
      best = Math.min(best, cpu() - before);
    }
    return best;
  }

  private long export(Path data) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(program.toAbsolutePath().toString(), "export", "--data", data.toString())
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    Duration cpu = Duration.ZERO;
    while (process.isAlive()) {
      cpu = process.info().totalCpuDuration().filter(it -> !it.isZero()).orElse(cpu);
      Thread.sleep(5);
    }
    complete &= process.exitValue() == 0;
    return cpu.toNanos();
  }

  private static void codecs(List<Datagram> sent, int count) {
    List<byte[]> blocks = blocks(sent);
    double payload = sent.stream().mapToLong(datagram -> datagram.payload().length).sum();
    if (count > 0) {
      long merged = blocks.stream().mapToLong(block -> block.length + PACKED_HEAD).sum();
      System.out.printf("| %,d | none, merged | %.3f | | |%n", count, merged / payload);
    }
    codec("LZ4", new Lz4Compressor(), new Lz4Decompressor(), blocks, payload, sent.size(), count);
    codec(
        "zstd", new ZstdCompressor(), new ZstdDecompressor(), blocks, payload, sent.size(), count);
  }

  private static void codec(
      String name,
      Compressor compressor,
      Decompressor decompressor,
      List<byte[]> blocks,
      double payload,
      int datagrams,
      int count) {
    long compress = Long.MAX_VALUE;
    long decompress = Long.MAX_VALUE;
    long bytes = 0;
    for (int round = 0; round < ROUNDS; round++) {
      List<byte[]> packed = new ArrayList<>();
      long before = cpu();
      for (byte[] block : blocks) {
        byte[] to = new byte[compressor.maxCompressedLength(block.length)];
        int length = compressor.compress(block, 0, block.length, to, 0, to.length);
        packed.add(Arrays.copyOf(to, length));
      }
      compress = Math.min(compress, cpu() - before);
      bytes = packed.stream().mapToLong(it -> it.length + PACKED_HEAD).sum();
      before = cpu();
      for (int i = 0; i < packed.size(); i++) {
        byte[] from = packed.get(i);
        byte[] to = new byte[blocks.get(i).length];
        decompressor.decompress(from, 0, from.length, to, 0, to.length);
      }
      decompress = Math.min(decompress, cpu() - before);
    }
    if (count > 0) {
      System.out.printf(
          "| %,d | %s | %.3f | %d | %d |%n",
          count, name, bytes / payload, compress / datagrams, decompress / datagrams);
    }
  }

  /// What documents of 128 KiB hold.
  private static List<byte[]> blocks(List<Datagram> sent) {
    List<byte[]> blocks = new ArrayList<>();
    ByteBuffer block = ByteBuffer.allocate(2 * BLOCK_BYTES);
    DatagramBatch batch = new DatagramBatch();
    for (Datagram it : sent) {
      batch.add(it.receivedAtMicros(), it.source(), it.sourcePort(), it.localPort(), it.payload());
      block.put(batch.document(0).position(DOCUMENT_HEAD));
      batch.clear();
      if (block.position() >= BLOCK_BYTES) {
        blocks.add(Arrays.copyOf(block.array(), block.position()));
        block.clear();
      }
    }
    blocks.add(Arrays.copyOf(block.array(), block.position()));
    return blocks;
  }

  private static long cpu() {
    return THREADS.getCurrentThreadCpuTime();
  }
}
