package lastwords.bench;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Asks a server how it does, and, on a thread of its own, for messages and crashes as people do,
/// from its making until it is closed.
final class Watch implements AutoCloseable {
  private static final long LOOK_EVERY_MILLIS = 500;
  private static final long ASK_EVERY_MILLIS = 1_000;
  private static final int LOOKS_PER_LINE = 10;
  private static final List<String> QUESTIONS =
      List.of("/messages?query=usb&since=1h", "/crashes?since=1h");

  /// How it did at a time.
  ///
  /// @param seconds since the watch began
  /// @param datagrams received, since the server's start as all here
  /// @param analysisSeconds how old the oldest datagram was that analysis hadn't dealt with
  /// @param indexingSeconds the same of what can be found
  record Look(
      double seconds,
      long datagrams,
      long drops,
      long appended,
      long analyzed,
      long indexed,
      double analysisSeconds,
      double indexingSeconds,
      long residentKib,
      long ownKib) {
    private static final String HEADER =
        "seconds,datagrams,drops,appended,analyzed,indexed,analysis_s,indexing_s,resident_kib,anonymous_kib";

    private String csv() {
      return String.format(
          Locale.ROOT,
          "%.2f,%d,%d,%d,%d,%d,%.3f,%.3f,%d,%d",
          seconds,
          datagrams,
          drops,
          appended,
          analyzed,
          indexed,
          analysisSeconds,
          indexingSeconds,
          residentKib,
          ownKib);
    }
  }

  private final ServerProcess server;
  private final ProcessTimes process;
  private final long startNanos = System.nanoTime();
  private final CountDownLatch closed = new CountDownLatch(1);
  private final List<Look> looks = new ArrayList<>();
  private final List<Thread> threads = new ArrayList<>();
  private double slowestSeconds;
  private int answers;
  private @Nullable Exception failure;

  /// @param process the server's; looked at each time, so that threads that end are known
  Watch(ServerProcess server, ProcessTimes process) {
    this.server = server;
    this.process = process;
    threads.add(Thread.ofPlatform().daemon().start(() -> every(LOOK_EVERY_MILLIS, this::note)));
    threads.add(Thread.ofPlatform().daemon().start(() -> every(ASK_EVERY_MILLIS, this::ask)));
  }

  private interface Step {
    void run() throws IOException, InterruptedException;
  }

  private void every(long millis, Step step) {
    try {
      do {
        step.run();
      } while (!closed.await(millis, TimeUnit.MILLISECONDS));
    } catch (IOException | InterruptedException e) {
      synchronized (this) {
        failure = e;
      }
    }
  }

  private void note() throws IOException, InterruptedException {
    process.look();
    Look look = look();
    synchronized (this) {
      looks.add(look);
      if (looks.size() % LOOKS_PER_LINE == 0) {
        System.out.printf(
            "%5.1f s: received %,d, dropped %,d; analysis %.2f s behind, indexing %.2f s (%,d); %,d MiB%n",
            look.seconds,
            look.datagrams,
            look.drops,
            look.analysisSeconds,
            look.indexingSeconds,
            look.appended - look.indexed,
            look.residentKib >> 10);
      }
    }
  }

  private void ask() throws IOException, InterruptedException {
    for (String question : QUESTIONS) {
      long askedAt = System.nanoTime();
      server.get(question);
      double seconds = (System.nanoTime() - askedAt) / 1e9;
      synchronized (this) {
        answers++;
        slowestSeconds = Math.max(slowestSeconds, seconds);
      }
    }
  }

  /// Asks now.
  Look look() throws IOException, InterruptedException {
    JsonNode stats = server.get("/stats");
    return new Look(
        seconds(),
        stats.path("datagrams").asLong(),
        stats.path("socket_drops").asLong(),
        stats.path("appended").asLong(),
        stats.path("analyzed").asLong(),
        stats.path("indexed").asLong(),
        stats.path("readers").path(0).path("lag_s").asDouble(),
        stats.path("index_lag_s").asDouble(),
        process.kib("VmRSS"),
        process.kib("RssAnon"));
  }

  double seconds() {
    return (System.nanoTime() - startNanos) / 1e9;
  }

  synchronized double most(ToDoubleFunction<Look> of) {
    return looks.stream().mapToDouble(of).max().orElse(0);
  }

  /// How it did at each look, with a line of names before.
  synchronized List<String> csv() {
    return Stream.concat(Stream.of(Look.HEADER), looks.stream().map(Look::csv)).toList();
  }

  synchronized int answers() {
    return answers;
  }

  synchronized double slowestSeconds() {
    return slowestSeconds;
  }

  /// @throws IOException when a question wasn't answered
  @Override
  public void close() throws IOException {
    closed.countDown();
    try {
      for (Thread thread : threads) {
        thread.join();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    synchronized (this) {
      if (failure != null) {
        throw new IOException(failure);
      }
    }
  }
}
