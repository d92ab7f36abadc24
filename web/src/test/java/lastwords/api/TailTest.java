package lastwords.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import lastwords.kernel.KernelMessage;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class TailTest {
  private final Served served = new Served();

  @AfterEach
  void close() {
    served.close();
  }

  /// A client of the tail, told that it follows before it is returned.
  private final class Follower implements AutoCloseable {
    final HttpResponse<InputStream> response;
    private final BufferedReader lines;

    Follower(String query) throws Exception {
      response =
          served
              .client()
              .send(
                  HttpRequest.newBuilder(served.uri().resolve("/api/v1/messages/tail" + query))
                      .build(),
                  HttpResponse.BodyHandlers.ofInputStream());
      lines = new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8));
      if (response.statusCode() == 200) {
        assertThat(next()).isEqualTo(": following");
      }
    }

    /// The next event or comment, its lines joined by a blank; null at the end.
    @Nullable String next() throws IOException {
      List<String> event = new ArrayList<>();
      for (String line = lines.readLine(); line != null && !line.isEmpty(); ) {
        event.add(line);
        line = lines.readLine();
      }
      return event.isEmpty() ? null : String.join(" ", event);
    }

    @Override
    public void close() throws IOException {
      response.body().close();
    }
  }

  private void arrive(List<KernelMessage> messages) {
    served.index.add(messages);
    served.index.refresh();
  }

  @Test
  void aMessageIsSentWhenItCanBeFound() throws Exception {
    try (Follower follower = new Follower("")) {
      assertThat(follower.response.headers().firstValue("Content-Type").orElseThrow())
          .startsWith("text/event-stream");
      arrive(List.of(Samples.message(6, "web2", 5, "hello")));
      assertThat(follower.next())
          .startsWith("event: message data: {\"position\":\"6\"")
          .contains("\"text\":\"hello\"");
    }
  }

  @Test
  void onlyWhatMatchesIsSent() throws Exception {
    try (Follower follower = new Follower("?query=host%3Aweb2")) {
      arrive(
          List.of(
              Samples.message(6, "web1", 5, "not this"), Samples.message(7, "web2", 5, "this")));
      assertThat(follower.next()).contains("\"position\":\"7\"");
    }
  }

  @Test
  void whatIsTooMuchIsNamedAndTheNewestIsSent() throws Exception {
    try (Follower follower = new Follower("")) {
      List<KernelMessage> flood = new ArrayList<>();
      for (int i = 0; i < Tail.BATCH + 100; i++) {
        flood.add(Samples.message(6 + i, "web1", 6, "line " + i));
      }
      arrive(flood);
      assertThat(follower.next()).isEqualTo("event: skipped data: {\"count\":100}");
      assertThat(follower.next()).contains("\"text\":\"line 100\"");
    }
  }

  @Test
  void aBadQueryIsAProblemBeforeAnyEvent() throws Exception {
    assertThat(served.problem(400, "/api/v1/messages/tail?query=a+AND+%28b").get("at").asInt())
        .isEqualTo(6);
  }

  @Test
  void onlySoManyFollowAtATime() throws Exception {
    List<Follower> followers = new ArrayList<>();
    for (int i = 0; i < Tail.MAX_CLIENTS; i++) {
      followers.add(new Follower(""));
    }
    try (Follower oneMore = new Follower("")) {
      assertThat(oneMore.response.statusCode()).isEqualTo(503);
    }
    for (Follower follower : followers) {
      follower.close();
    }
  }

  @Test
  void followersAreLetGoWhenTheServerCloses() throws Exception {
    try (Follower follower = new Follower("")) {
      served.stop();
      assertThat(follower.next()).isNull();
    }
  }
}
