package lastwords.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import lastwords.kernel.Datagram;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A host loses a datagram, says a little more and is silent for ever; no other host speaks.
/// Nothing that arrived may wait for what never will.
class LastWordsTest {
  /// Generous: says that nobody waits for ever. How long it took is printed.
  private static final long SOON_NANOS = 10_000_000_000L;

  private final Running running;

  LastWordsTest(@TempDir Path folder) {
    running = Running.start(folder);
  }

  @AfterEach
  void close() {
    running.close();
  }

  @Test
  void aReportToItsEndMarkWithALineLost() {
    List<Datagram> all = Recording.of("sysrq-c--d612").datagrams();
    int end = lastWith(all, "---[ end Kernel panic");
    hear(without(all.subList(0, end + 1), end - 1));
    assertThat(crash().path("panicked").asBoolean()).isTrue();
  }

  @Test
  void aReportThatBreaksOffInItsMiddleAfterALineLost() {
    List<Datagram> all = Recording.of("lkdtm-exception--d612").datagrams();
    int headline = firstWith(all, "BUG: kernel NULL pointer");
    hear(without(all.subList(0, headline + 20), headline + 18));
    assertThat(crash().path("kind").asText()).isEqualTo("null-deref");
  }

  @Test
  void plainLinesWithALineLost() {
    List<Datagram> all = Recording.of("boot--d612").datagrams();
    hear(without(all.subList(0, 60), 58));
  }

  /// Sends it and waits until the last line is found by a search and stands in the crash, if there
  /// is one.
  private void hear(List<Datagram> datagrams) {
    Crowd crowd = new Crowd();
    crowd.add(10, datagrams);
    String last = text(datagrams.getLast());
    running.hear(crowd);
    long sentNanos = System.nanoTime();
    soon("searchable", sentNanos, () -> messages().contains(last));
    assertThat(messages()).hasSize(datagrams.size());
    if (datagrams.stream().anyMatch(d -> text(d).contains("RIP: "))) {
      soon("part of the crash", sentNanos, () -> isReported(last));
    }
  }

  private static void soon(String what, long sentNanos, BooleanSupplier condition) {
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime() - sentNanos).as(what).isLessThan(SOON_NANOS);
      Thread.onSpinWait();
    }
    System.out.printf("%s after %.2f s%n", what, (System.nanoTime() - sentNanos) / 1e9);
  }

  private List<String> messages() {
    return running.list("/messages", "order", "asc").stream()
        .map(message -> message.path("text").asText())
        .toList();
  }

  private boolean isReported(String line) {
    return running.list("/crashes", "since", "1d").size() == 1
        && crash().path("report").toString().contains(line);
  }

  private JsonNode crash() {
    JsonNode crash = running.list("/crashes", "since", "1d").getFirst();
    return running.get("/crashes/" + crash.path("id").asText());
  }

  private static List<Datagram> without(List<Datagram> datagrams, int lost) {
    List<Datagram> arrived = new ArrayList<>(datagrams);
    arrived.remove(lost);
    return arrived;
  }

  private static int firstWith(List<Datagram> datagrams, String text) {
    return IntStream.range(0, datagrams.size())
        .filter(i -> text(datagrams.get(i)).contains(text))
        .findFirst()
        .orElseThrow();
  }

  private static int lastWith(List<Datagram> datagrams, String text) {
    return IntStream.range(0, datagrams.size())
        .filter(i -> text(datagrams.get(i)).contains(text))
        .max()
        .orElseThrow();
  }

  /// The first line of a record without escapes or userdata.
  private static String text(Datagram datagram) {
    String record = new String(datagram.payload(), java.nio.charset.StandardCharsets.ISO_8859_1);
    return record.substring(record.indexOf(';') + 1).lines().findFirst().orElse("");
  }
}
