package lastwords.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.http.ServiceUnavailableResponse;
import java.io.ByteArrayOutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import lastwords.json.Json;
import lastwords.kernel.Crash;
import lastwords.kernel.Delivery;
import lastwords.kernel.KernelMessage;
import lastwords.query.Page;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class AnswersTest {
  private static final int LARGE = 60_000;

  private final Served served = new Served();

  @AfterEach
  void close() {
    served.close();
  }

  /// All items of a list, page by page, none of which is larger than an answer may be.
  private List<String> all(String path, String field, int largestItem) throws Exception {
    List<String> found = new ArrayList<>();
    String cursor = "";
    while (true) {
      HttpResponse<String> response = served.get(path + cursor);
      assertThat(response.statusCode()).isEqualTo(200);
      assertThat(response.body().getBytes(StandardCharsets.UTF_8).length)
          .isLessThan(JsonAnswer.MAX_BYTES + largestItem);
      JsonNode page = Json.read(response.body(), JsonNode.class);
      page.get("items").forEach(item -> found.add(item.get(field).asText()));
      if (!page.has("next")) {
        return found;
      }
      cursor = "&cursor=" + page.get("next").asText();
    }
  }

  private static List<String> numbers(int first, int last) {
    return IntStream.iterate(last, i -> i >= first, i -> i - 1).mapToObj(String::valueOf).toList();
  }

  @Test
  void aPageOfLargeMessagesEndsEarlyAndTheNextContinues() throws Exception {
    List<KernelMessage> large = new ArrayList<>();
    for (int i = 6; i < 206; i++) {
      large.add(Samples.message(i, "web1", 6, "x".repeat(LARGE)));
    }
    served.index.add(large);
    served.index.refresh();
    assertThat(served.json("/api/v1/messages?limit=1000").get("items").size()).isLessThan(100);
    assertThat(all("/api/v1/messages?limit=1000", "position", 2 * LARGE))
        .isEqualTo(numbers(0, 205));
  }

  @Test
  void aPageOfTextThatJsonMakesLongerIsBoundedToo() throws Exception {
    List<KernelMessage> large = new ArrayList<>();
    for (int i = 6; i < 106; i++) {
      large.add(Samples.message(i, "web1", 6, "\u0001".repeat(LARGE)));
    }
    served.index.add(large);
    served.index.refresh();
    assertThat(all("/api/v1/messages?limit=1000", "position", 7 * LARGE))
        .isEqualTo(numbers(0, 105));
  }

  @Test
  void aPageOfLargeCrashesEndsEarlyAndTheNextContinues() throws Exception {
    List<Crash> crashes = new ArrayList<>();
    for (int i = 6; i < 106; i++) {
      ObjectNode crash = (ObjectNode) Json.tree(Samples.crash());
      crash.put("id", "c" + i).put("position", Integer.toString(i));
      crash.putArray("report").add("x".repeat(2 * LARGE)).add("y".repeat(2 * LARGE));
      crashes.add(Json.read(crash.toString(), Crash.class));
    }
    served.ledger.put(crashes);
    assertThat(all("/api/v1/crashes?limit=1000", "position", 6 * LARGE)).isEqualTo(numbers(5, 105));
  }

  @Test
  void theLinesAroundAMessageAreTheNearestThatFit() throws Exception {
    List<KernelMessage> large = new ArrayList<>();
    for (int i = 6; i < 406; i++) {
      large.add(Samples.message(i, "web1", 6, "x".repeat(LARGE)));
    }
    served.index.add(large);
    served.index.refresh();
    JsonNode items = served.json("/api/v1/messages/200/context?before=150&after=150").get("items");
    List<Integer> positions = new ArrayList<>();
    items.forEach(item -> positions.add(item.get("position").asInt()));
    assertThat(positions).contains(199, 200).isSorted().hasSizeLessThan(200);
  }

  @Test
  void aPageOfDeliveriesWithLargeBodiesIsReadInParts() throws Exception {
    List<Delivery> deliveries = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      Delivery like = Samples.delivery(i, "ops", Delivery.State.FAILED);
      deliveries.add(
          new Delivery(
              like.id(),
              like.alarm(),
              like.target(),
              like.priority(),
              like.state(),
              like.attempts(),
              like.createdAtMicros(),
              like.nextAttemptMicros(),
              like.deliveredAtMicros(),
              like.status(),
              like.error(),
              "\"" + "x".repeat(3 * LARGE) + "\""));
    }
    served.ledger.raise(List.of(), deliveries, 0);
    assertThat(all("/api/v1/deliveries?limit=1000", "id", 4 * LARGE)).hasSize(60);
  }

  @Test
  void aListWithoutPagesThatIsCutIsMarkedPartial() throws Exception {
    List<String> items = IntStream.range(0, 100).mapToObj(_ -> "x".repeat(LARGE)).toList();
    ByteArrayOutputStream to = new ByteArrayOutputStream();
    JsonAnswer answer = JsonAnswer.of(new Page<>(items, null), null);
    assertThat(answer.bytes()).isLessThan(JsonAnswer.MAX_BYTES + 2 * LARGE);
    answer.writeTo(to);
    assertThat(to.toString(StandardCharsets.UTF_8))
        .endsWith("\"partial_reason\":\"the answer reached 4 MiB; ask for less\"}");
  }

  @Test
  void answersThatAreWrittenSlowlyHoldTheirOwnBytesOnly() throws Exception {
    AnswerMemory memory = new AnswerMemory(4 * AnswerMemory.LARGEST, Duration.ZERO);
    List<AnswerMemory.Lease> slow = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      AnswerMemory.Lease lease = memory.take();
      lease.keep(1 << 20);
      slow.add(lease);
    }
    assertThat(memory.used()).isEqualTo(40L << 20);
    slow.add(memory.take());
    assertThatThrownBy(memory::take).isInstanceOf(ServiceUnavailableResponse.class);
    assertThat(memory.rejected()).isEqualTo(1);
    slow.forEach(AnswerMemory.Lease::close);
    assertThat(memory.used()).isZero();
  }

  @Test
  void aPageThatIsReadSlowlyHoldsItsBytesUntilItIsTaken() throws Exception {
    List<KernelMessage> large = new ArrayList<>();
    for (int i = 6; i < 206; i++) {
      large.add(Samples.message(i, "web1", 6, "\"".repeat(LARGE)));
    }
    served.index.add(large);
    served.index.refresh();
    try (Socket slow = new Socket()) {
      slow.setReceiveBufferSize(4 << 10);
      slow.connect(new InetSocketAddress(served.uri().getHost(), served.uri().getPort()));
      // The kernel takes some of these pages, and the server waits with the next.
      String next = "GET /messages HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";
      String last = next.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n");
      slow.getOutputStream().write((next.repeat(9) + last).getBytes(StandardCharsets.UTF_8));
      while (!isOnePage(held())) {
        Thread.onSpinWait();
      }
      Thread.sleep(2_000);
      assertThat(isOnePage(held())).as("while it isn't read").isTrue();
      String pages = new String(slow.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(pages.split("</html>", -1)).hasSize(11);
    }
    while (held() > 0) {
      Thread.onSpinWait();
    }
  }

  private static boolean isOnePage(long bytes) {
    return bytes > 1 << 20 && bytes < AnswerMemory.LARGEST;
  }

  private long held() {
    try {
      return served
          .get("/metrics")
          .body()
          .lines()
          .filter(line -> line.startsWith("lastwords_http_answers_bytes "))
          .mapToLong(line -> (long) Double.parseDouble(line.split(" ", -1)[1]))
          .findFirst()
          .orElseThrow();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }
}
