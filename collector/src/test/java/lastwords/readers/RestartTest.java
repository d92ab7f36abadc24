package lastwords.readers;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import lastwords.assemble.HostNames;
import lastwords.assemble.Inventory;
import lastwords.kernel.Crash;
import lastwords.kernel.Datagram;
import lastwords.kernel.Exposure;
import lastwords.store.DatagramBatch;
import lastwords.store.Ledger;
import lastwords.store.Log;
import lastwords.store.embedded.ChronicleLog;
import lastwords.store.embedded.LuceneIndex;
import lastwords.store.embedded.SqliteLedger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Readers that are stopped at any moment and go on, on real stores.
class RestartTest {
  private static final int HOSTS = 5;
  private static final int LINES = 4_000;
  private static final long START_MICROS = 1_795_248_000_000_000L;
  private static final long STEP_MICROS = 2_000;

  /// Long after the last datagram, so that everything that waits is decided at the head.
  private static final InstantSource CLOCK =
      InstantSource.fixed(Instant.ofEpochSecond(START_MICROS / 1_000_000 + 3_600));

  private static final List<String> REPORT =
      List.of(
          "BUG: kernel NULL pointer dereference, address: 0000000000000000",
          "#PF: supervisor write access in kernel mode",
          "Oops: 0002 [#1] PREEMPT SMP",
          "CPU: 1 PID: 77 Comm: sh Not tainted 6.12.0 #1",
          "RIP: 0010:broken_driver_write+0x1b/0x40 [broken]",
          "Call Trace:",
          " <TASK>",
          " vfs_write+0xf8/0x450",
          " ksys_write+0x6f/0xf0",
          " </TASK>",
          "---[ end trace 0000000000000000 ]---");

  @TempDir Path folder;
  private final HostNames names = new HostNames(Inventory.EMPTY, false);

  @Test
  void readerStoppedAnywhereFindsTheSameCrashesAndMessages() throws InterruptedException {
    Random random = new Random(1);
    try (Log log = ChronicleLog.open(folder.resolve("log"), ChronicleLog.Options.DEFAULT)) {
      append(log);
      List<Crash> whole = analyzed(log);
      assertThat(whole).hasSizeGreaterThanOrEqualTo(HOSTS);

      try (Ledger ledger = SqliteLedger.open(folder.resolve("ledger.db"));
          LuceneIndex index = LuceneIndex.open(folder.resolve("index"))) {
        long read = 0;
        long indexed = 0;
        int restarts = 0;
        while (read < log.end() || indexed < log.end()) {
          Analysis analysis = new Analysis(log, ledger, names, CLOCK);
          Indexing indexing = new Indexing(log, ledger, index, names, CLOCK, Indexing.COMMIT_EVERY);
          analysis.begin();
          indexing.begin();
          Thread.sleep(restarts++ < 200 ? random.nextInt(30) : 1_000);
          analysis.close();
          indexing.close();
          assertThat(analysis.problem()).isNull();
          assertThat(indexing.problem()).isNull();
          read = analysis.readOffset();
          indexed = indexing.readOffset();
        }
        // Once more to the head, for what still waits there.
        try (Analysis analysis = new Analysis(log, ledger, names, CLOCK);
            Indexing indexing =
                new Indexing(log, ledger, index, names, CLOCK, Indexing.COMMIT_EVERY)) {
          analysis.begin();
          indexing.begin();
          while (index.messageCount() < log.end()
              || indexing.findableOffset() < log.end()
              || ledger.hosts().size() < HOSTS
              || ledger.hosts().stream().anyMatch(host -> host.messages() < LINES)) {
            Thread.sleep(10);
          }
        }

        assertThat(ids(ledger.crashes(0, Long.MAX_VALUE, null, 1_000)))
            .containsExactlyInAnyOrderElementsOf(ids(whole));
        assertThat(index.messageCount()).isEqualTo(log.end());
        assertThat(ledger.hosts()).allMatch(host -> host.boots() == 1);
        assertThat(ledger.hosts()).allMatch(host -> host.messages() == LINES);
        assertThat(ledger.hosts()).allMatch(host -> host.duplicates() == 0);
        assertThat(ledger.hosts()).allMatch(host -> host.sequenceGaps() == 0);
        assertThat(ledger.exposures(new Ledger.Watch(0, Long.MAX_VALUE, 0)))
            .extracting(Exposure::hosts, Exposure::micros)
            .containsExactly(tuple((long) HOSTS, HOSTS * (LINES - 1L) * HOSTS * STEP_MICROS));
      }
    }
  }

  private static List<String> ids(List<Crash> crashes) {
    return crashes.stream()
        .map(crash -> "%s %s %d lines".formatted(crash.id(), crash.title(), crash.report().size()))
        .toList();
  }

  private static List<Crash> analyzed(Log log) {
    DatagramAnalyzer analyzer = new DatagramAnalyzer();
    try (Log.Cursor cursor = log.read(0)) {
      for (Datagram next = cursor.next(); next != null; next = cursor.next()) {
        analyzer.accept(next);
      }
    }
    return analyzer.end();
  }

  /// Hosts that speak in turn, each with a report somewhere in the middle.
  private static void append(Log log) {
    DatagramBatch batch = new DatagramBatch();
    long nowMicros = START_MICROS;
    for (int line = 0; line < LINES; line++) {
      for (int host = 0; host < HOSTS; host++) {
        nowMicros += STEP_MICROS;
        int at = line - 500 * (host + 1);
        String text = at >= 0 && at < REPORT.size() ? REPORT.get(at) : "line " + line;
        String datagram =
            String.format(
                Locale.ROOT, "4,%d,%d,-;%s\n", line, (nowMicros - START_MICROS) + 5_000_000, text);
        if (batch.isFull()) {
          log.append(batch);
        }
        batch.add(
            nowMicros,
            InetAddress.ofLiteral("10.0.0." + (host + 1)),
            6665,
            6666,
            datagram.getBytes(US_ASCII));
      }
    }
    log.append(batch);
  }
}
