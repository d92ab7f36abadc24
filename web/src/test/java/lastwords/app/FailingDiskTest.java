package lastwords.app;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import lastwords.kernel.KernelMessage;
import lastwords.kernel.Position;
import lastwords.store.Checkpoint;
import lastwords.store.Filter;
import lastwords.store.Index;
import lastwords.store.Ledger;
import lastwords.store.LostWritesException;
import lastwords.store.SearchBudget;
import lastwords.store.embedded.LuceneIndex;
import lastwords.store.embedded.SqliteLedger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// On a disk that fails to take what the kernel took already ([FailingDisk]): nothing that was
/// returned as done is missing after a power failure, and all continues when the disk is well.
class FailingDiskTest {
  private static final int IN_A_BATCH = 50;
  private static final int STATE_BYTES = 40_000;

  @TempDir private Path folder = Path.of("");

  @Test
  void whatTheLedgerReturnedAsDoneIsThereAfterAPowerFailure() throws Exception {
    try (FailingDisk disk = FailingDisk.mounted(folder.resolve("disk"));
        SqliteLedger ledger = SqliteLedger.open(folder.resolve("disk/ledger.db"))) {
      for (long offset = 1; offset <= 10; offset++) {
        save(ledger, offset);
      }
      assertThat(ledger.problem()).isEmpty();
      disk.fail();
      long done = untilItFails(ledger, 10);
      assertThat(ledger.problem()).get().asString().contains("disk failed");
      assertThat(ledger.diskFailures()).isPositive();
      afterAPowerFailure(disk, "failing", copy -> assertThat(offset(copy)).isEqualTo(done));

      disk.recover();
      save(ledger, done + 2);
      afterAPowerFailure(disk, "recovered", copy -> assertThat(offset(copy)).isEqualTo(done + 2));
      Running.eventually(
          () -> {
            save(ledger, done + 3);
            return ledger.problem().isEmpty();
          });
      afterAPowerFailure(disk, "well", copy -> assertThat(offset(copy)).isEqualTo(done + 3));
    }
  }

  /// Returns the last one that was saved.
  private static long untilItFails(Ledger ledger, long last) {
    for (long offset = last + 1; offset < last + 1_000; offset++) {
      try {
        save(ledger, offset);
      } catch (UncheckedIOException e) {
        assertThat(e).hasMessageContaining("can't be written");
        return offset - 1;
      }
    }
    throw new AssertionError("it never failed");
  }

  @Test
  void aLedgerThatCommitsButCannotWriteBackHasAProblem() throws Exception {
    Path onDisk = folder.resolve("disk/ledger.db");
    Path file = folder.resolve("ledger.db");
    try (FailingDisk disk = FailingDisk.mounted(folder.resolve("disk"))) {
      // Its first file alone: the write-ahead log stays on a disk that works.
      Files.createFile(onDisk);
      Files.createFile(file);
      assertThat(SmallDisk.run("mount", "--bind", onDisk.toString(), file.toString())).isZero();
      try (SqliteLedger ledger = SqliteLedger.open(file)) {
        save(ledger, 1);
        disk.fail();
        long offset = 1;
        while (ledger.problem().isEmpty()) {
          assertThat(offset).isLessThan(1_000);
          save(ledger, ++offset);
        }
        long done = offset;
        assertThat(offset(copied(disk, file, "failing"))).isEqualTo(done);

        disk.recover();
        Running.eventually(
            () -> {
              save(ledger, done + 1);
              return ledger.problem().isEmpty();
            });
        assertThat(offset(copied(disk, file, "well"))).isEqualTo(done + 1);
      } finally {
        SmallDisk.run("umount", "--lazy", file.toString());
      }
    }
  }

  /// What a power failure leaves of the first file, and the write-ahead log.
  private Path copied(FailingDisk disk, Path file, String name) throws IOException {
    Path copy = Files.createDirectory(folder.resolve(name + ".copy"));
    try (SmallDisk after = disk.afterAPowerFailure(folder.resolve(name))) {
      assertThat(after.free()).isPositive();
      Files.copy(folder.resolve(name).resolve("ledger.db"), copy.resolve("ledger.db"));
      Files.copy(Path.of(file + "-wal"), copy.resolve("ledger.db-wal"));
    }
    return copy;
  }

  @Test
  void whatTheIndexCommittedIsThereAfterAPowerFailure() throws Exception {
    try (FailingDisk disk = FailingDisk.mounted(folder.resolve("disk"))) {
      try (Index index = LuceneIndex.open(folder.resolve("disk/index"))) {
        write(index, 1);
        disk.fail();
        int done = untilItFails(index, 1);
        assertThat(index.notes()).containsEntry("at", "" + done);
        assertThat(index.lostWrites()).isPositive();
        afterAPowerFailure(disk, "failing", copy -> holds(copy, done));

        disk.recover();
        write(index, done + 1);
        afterAPowerFailure(disk, "well", copy -> holds(copy, done + 1));
      }
    }
  }

  private static void write(Index index, int batch) {
    index.add(messages(batch));
    index.commit(Map.of("at", "" + batch));
  }

  /// Returns the last batch that was committed.
  private static int untilItFails(Index index, int last) {
    for (int batch = last + 1; batch < 50; batch++) {
      try {
        write(index, batch);
      } catch (LostWritesException e) {
        return batch - 1;
      }
    }
    throw new AssertionError("it never failed");
  }

  @Test
  void aServerReportsTheFailureReceivesAndRecovers() throws Exception {
    int udpPort = Ports.free();
    Path data = folder.resolve("disk");
    try (FailingDisk disk = FailingDisk.mounted(data);
        DatagramSocket socket = new DatagramSocket();
        Child server =
            Child.serve(
                "--data=" + data,
                "--udp=127.0.0.1:" + udpPort,
                "--http=127.0.0.1:0",
                "--keep-free=16MiB",
                "--sync=200ms")) {
      AtomicLong sent = new AtomicLong();
      speak(socket, udpPort, sent);
      Running.eventually(() -> isRead(server, sent.get()));
      Running.eventually(() -> server.status("/readyz") == 200);
      disk.fail();
      Running.eventually(
          () -> {
            speak(socket, udpPort, sent);
            return readyz(server).contains("sync fails");
          });
      speak(socket, udpPort, sent);
      long all = sent.get();
      Running.eventually(() -> appended(server) == all);
      assertThat(server.status("/readyz")).isEqualTo(503);
      disk.recover();
      Running.eventually(() -> server.status("/readyz") == 200);
      Running.eventually(() -> isRead(server, all));
      Running.untilAtRest(data);
      assertThat(server.stop()).isZero();
      try (SmallDisk copy = disk.afterAPowerFailure(folder.resolve("copy"));
          SqliteLedger ledger = SqliteLedger.openRepaired(folder.resolve("copy/ledger.db"))) {
        assertThat(copy.free()).isPositive();
        assertThat(ledger.offset("analysis")).isEqualTo(all);
        assertThat(folder.resolve("copy/ledger.db.damaged-1")).doesNotExist();
      }
    }
  }

  /// A hundred datagrams of one host.
  private static void speak(DatagramSocket socket, int port, AtomicLong sent) {
    for (int i = 0; i < 100; i++) {
      long number = sent.getAndIncrement();
      byte[] payload =
          "6,%d,%d,-;%s\n"
              .formatted(number, 5_000_000 + number * 50, "eth0: link is up ".repeat(40))
              .getBytes(US_ASCII);
      try {
        socket.send(
            new DatagramPacket(payload, payload.length, InetAddress.getLoopbackAddress(), port));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private static boolean isRead(Child server, long appended) {
    return Running.isRead(Running.get(server.client(), "/stats"), appended);
  }

  private static long appended(Child server) {
    return Running.get(server.client(), "/stats").path("appended").asLong();
  }

  private static String readyz(Child server) {
    try (HttpClient http = HttpClient.newHttpClient()) {
      URI uri = URI.create(server.client().server() + "/readyz");
      return http.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString())
          .body();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private void afterAPowerFailure(FailingDisk disk, String name, Consumer<Path> check)
      throws IOException {
    Path copy = folder.resolve(name);
    try (SmallDisk mounted = disk.afterAPowerFailure(copy)) {
      assertThat(mounted.free()).isPositive();
      check.accept(copy);
    }
  }

  /// Each time the state of another address, so that the files grow.
  private static void save(Ledger ledger, long offset) {
    ledger.save(
        "analysis",
        new Checkpoint(offset, Map.of("host" + offset, state(offset, STATE_BYTES)), List.of()));
  }

  private static Checkpoint.State state(long offset, int bytes) {
    byte[] state = new byte[bytes];
    new Random(offset).nextBytes(state);
    return new Checkpoint.State(offset, state);
  }

  private static long offset(Path copy) {
    try (SqliteLedger ledger = SqliteLedger.openRepaired(copy.resolve("ledger.db"))) {
      assertThat(copy.resolve("ledger.db.damaged-1")).doesNotExist();
      return ledger.offset("analysis");
    }
  }

  private static void holds(Path copy, int batches) {
    try (Index index = LuceneIndex.open(copy.resolve("index"))) {
      assertThat(index.notes()).containsEntry("at", "" + batches);
      assertThat(index.problems()).isEmpty();
      assertThat(
              index.messages(
                  Filter.ALL, 0, Long.MAX_VALUE, true, null, 1_000, SearchBudget.unlimited()))
          .hasSize(batches * IN_A_BATCH);
    }
  }

  private static List<KernelMessage> messages(int batch) {
    List<KernelMessage> messages = new ArrayList<>();
    Random random = new Random(batch);
    for (int i = 0; i < IN_A_BATCH; i++) {
      messages.add(
          new KernelMessage(
              Position.of(batch * 1_000L + i, 0),
              1_795_248_000_000_000L + i,
              "db1",
              "10.0.0.1",
              "b0",
              0,
              6,
              i,
              i,
              null,
              -1,
              null,
              null,
              random.longs(500).mapToObj(Long::toHexString).collect(Collectors.joining(" ")),
              Map.of(),
              Map.of()));
    }
    return messages;
  }
}
