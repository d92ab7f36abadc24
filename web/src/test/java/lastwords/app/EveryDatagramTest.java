package lastwords.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.IntFunction;
import lastwords.store.DatagramBatch;
import lastwords.store.Log;
import lastwords.store.embedded.ChronicleLog;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// From what was sent to what can be searched, every datagram is accounted for, as anybody can see
/// from outside.
class EveryDatagramTest {
  private static final int PER_SENDER = 15_000;

  @TempDir Path data;

  @Test
  void whatWasSentIsFoundOrCountedAtEachStep() throws Exception {
    try (Running running =
        Running.start(
            data,
            "receive,analyze,index,web",
            Map.of(
                ConfigKey.ALLOW, List.of("127.0.0.0/28"),
                ConfigKey.RECEIVE_BUFFER, List.of("64KiB")))) {
      InetSocketAddress to = running.server.udp().getFirst();
      long sent = send(to, "127.0.0.2", i -> "6," + i + "," + (i * 1_000L) + ",-;line " + i);
      sent += send(to, "127.0.0.3", i -> "[%5d.000000] basic %d\nand more".formatted(i, i));
      sent += send(to, "127.0.0.4", i -> "4,%d,%d,-,ncfrag=0/9;part".formatted(i / 2, i * 1_000L));
      sent += send(to, "127.0.0.5", i -> i % 2 == 0 ? "" : "nul \0");
      sent += send(to, "127.0.0.66", i -> "not allowed " + i);
      long all = sent;

      Running.eventually(() -> isAtRest(running.get("/stats"), all));
      JsonNode stats = running.get("/stats");
      assertThat(number(stats, "/refused/not_allowed")).isPositive();
      for (JsonNode reader : stats.path("readers")) {
        assertThat(number(reader, "/behind")).isZero();
        assertThat(reader.path("lag_s").asDouble()).isZero();
      }
      for (JsonNode counts :
          List.of(stats.at("/readers/0/counts"), stats.at("/readers/1/counts"))) {
        assertThat(number(counts, "/read") + number(counts, "/missed"))
            .isEqualTo(number(counts, "/read_offset") - number(counts, "/start_offset"))
            .isEqualTo(number(stats, "/stored"));
        assertThat(number(counts, "/malformed")).isPositive();
      }
      assertThat(running.list("/messages", "query", "host:127.0.0.2", "since", "1d"))
          .hasSize(
              Math.toIntExact(Objects.requireNonNull(running.hosts().get("127.0.0.2")).messages()));
      String metrics = metrics(running);
      assertThat(metrics)
          .contains(
              "lastwords_stored_total " + number(stats, "/stored") + ".0",
              "lastwords_socket_drops_total{socket=\"127.0.0.1:" + to.getPort() + "/1\"}",
              "lastwords_refused_total{reason=\"not_allowed\"}",
              "lastwords_malformed_total{reader=\"analysis\"} ",
              "lastwords_malformed_total{reader=\"indexing\"} ",
              "lastwords_reader_lag_seconds{reader=\"alerting\"} 0.0",
              "lastwords_outbox_pending 0.0",
              "lastwords_disk_free_bytes ");
    }
  }

  @Test
  void ofAReaderThatStandsStillTheLagGrows() {
    DatagramBatch batch = new DatagramBatch();
    batch.add(1_000_000, InetAddress.getLoopbackAddress(), 1, 2, new byte[1]);
    batch.add(3_000_000, InetAddress.getLoopbackAddress(), 1, 2, new byte[1]);
    try (Log log = ChronicleLog.open(data, ChronicleLog.Options.DEFAULT)) {
      log.append(batch);
      Lag lag = new Lag(log);

      assertThat(lag.seconds(0, 4_000_000)).isEqualTo(3);
      assertThat(lag.seconds(0, 9_000_000)).isEqualTo(8);
      assertThat(lag.seconds(1, 9_000_000)).isEqualTo(6);
      assertThat(lag.seconds(2, 9_000_000)).isZero();
      assertThat(lag.seconds(1, 0)).isZero();
    }
  }

  private static boolean isAtRest(JsonNode stats, long sent) {
    long stored = number(stats, "/stored");
    boolean received =
        number(stats, "/datagrams") + number(stats, "/socket_drops") == sent
            && stored
                    + number(stats, "/not_appended")
                    + number(stats, "/refused/not_allowed")
                    + number(stats, "/refused/too_large")
                == number(stats, "/datagrams");
    return received
        && number(stats, "/appended") == stored
        && number(stats, "/analyzed") == stored
        && number(stats, "/indexed") == stored
        && isAccountedFor(stats.at("/readers/0/counts"))
        && isAccountedFor(stats.at("/readers/1/counts"));
  }

  private static boolean isAccountedFor(JsonNode counts) {
    long understood = number(counts, "/extended") + number(counts, "/basic");
    return understood + number(counts, "/malformed") + number(counts, "/reread")
            == number(counts, "/read")
        && number(counts, "/joined")
                + number(counts, "/duplicates")
                + number(counts, "/copies")
                + number(counts, "/records")
            == understood
        && number(counts, "/records") + number(counts, "/further_lines")
            == number(counts, "/messages");
  }

  private static long number(JsonNode in, String at) {
    return in.at(at).asLong();
  }

  private static int send(InetSocketAddress to, String from, IntFunction<String> payload)
      throws IOException {
    try (DatagramChannel channel = DatagramChannel.open()) {
      channel.bind(new InetSocketAddress(InetAddress.ofLiteral(from), 0));
      for (int i = 0; i < PER_SENDER; i++) {
        channel.send(ByteBuffer.wrap(payload.apply(i).getBytes(StandardCharsets.US_ASCII)), to);
      }
    }
    return PER_SENDER;
  }

  private static String metrics(Running running) throws IOException, InterruptedException {
    URI metrics = running.server.http().resolve("/metrics");
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client
          .send(HttpRequest.newBuilder(metrics).build(), HttpResponse.BodyHandlers.ofString())
          .body();
    }
  }
}
