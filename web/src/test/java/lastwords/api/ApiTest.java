package lastwords.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import lastwords.kernel.Alarm;
import lastwords.kernel.Delivery;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ApiTest {
  private final Served served = new Served();

  @AfterEach
  void close() {
    served.close();
  }

  private static List<String> texts(JsonNode page, String field) {
    List<String> texts = new ArrayList<>();
    page.get("items").forEach(item -> texts.add(item.get(field).asText()));
    return texts;
  }

  @Test
  void messagesComeNewestFirstUnlessAskedOtherwise() throws Exception {
    assertThat(texts(served.json("/api/v1/messages"), "position"))
        .containsExactly("5", "4", "3", "2", "1", "0");
    assertThat(texts(served.json("/api/v1/messages?order=asc&limit=2"), "position"))
        .containsExactly("0", "1");
  }

  @Test
  void messageHasTheNamesEverybodyReliesOn() throws Exception {
    JsonNode message = served.json("/api/v1/messages?limit=1").get("items").get(0);
    assertThat(message)
        .hasToString(
            """
            {"position":"5","received_at":"2026-11-21T08:00:05.000000Z","host":"web1",\
            "address":"10.0.0.1","boot":"b0","facility":0,"severity":1,"sequence":105,\
            "uptime_us":5005000,"caller":"T1","release":"6.12.95+deb12-amd64",\
            "text":"BUG: kernel NULL pointer dereference, address: 0000000000000008",\
            "userdata":{"rack":"r7"}}\
            """);
  }

  @Test
  void pagesFollowOneAnotherByTheirCursor() throws Exception {
    List<String> positions = new ArrayList<>();
    String path = "/api/v1/messages?limit=4";
    JsonNode page = served.json(path);
    positions.addAll(texts(page, "position"));
    page = served.json(path + "&cursor=" + page.get("next").asText());
    positions.addAll(texts(page, "position"));
    assertThat(positions).containsExactly("5", "4", "3", "2", "1", "0");
    assertThat(page.has("next")).isFalse();
  }

  @Test
  void messagesAreFoundByQueryAndTime() throws Exception {
    assertThat(texts(served.json("/api/v1/messages?query=error+AND+host%3Aweb1"), "position"))
        .containsExactly("3");
    assertThat(texts(served.json("/api/v1/messages?since=2026-11-21T08:00:04Z"), "position"))
        .containsExactly("5", "4");
    assertThat(texts(served.json("/api/v1/messages?since=10m"), "position")).isEmpty();
    assertThat(texts(served.json("/api/v1/messages?since=2h"), "position")).hasSize(6);
  }

  @Test
  void anEmptyPageHasItsItems() throws Exception {
    assertThat(served.json("/api/v1/messages?query=nowhere")).hasToString("{\"items\":[]}");
  }

  @Test
  void messagesAreCountedOverTime() throws Exception {
    String minute = "&since=2026-11-21T08:00:00Z&until=2026-11-21T08:00:06Z&buckets=2";
    assertThat(served.json("/api/v1/messages/histogram?" + minute.substring(1)))
        .hasToString(
            """
            {"since":"2026-11-21T08:00:00.000000Z","until":"2026-11-21T08:00:06.000000Z",\
            "series":[{"counts":[3,3]}]}\
            """);
    JsonNode byHost = served.json("/api/v1/messages/histogram?by=host" + minute);
    assertThat(byHost.get("series").toString())
        .contains("{\"value\":\"web1\",\"counts\":[2,2]}", "{\"value\":\"web2\",\"counts\":[1,1]}");
  }

  @Test
  void theTopValuesOfAFieldAreCounted() throws Exception {
    assertThat(served.json("/api/v1/messages/values?field=host"))
        .hasToString(
            "{\"items\":[{\"value\":\"web1\",\"count\":4},{\"value\":\"web2\",\"count\":2}]}");
  }

  @Test
  void theSameHostsLinesStandAroundAMessage() throws Exception {
    assertThat(texts(served.json("/api/v1/messages/3/context?before=1&after=1"), "position"))
        .containsExactly("2", "3", "5");
  }

  @Test
  void aCrashIsOneObjectEverywhere() throws Exception {
    JsonNode crash = served.json("/api/v1/crashes/c5");
    assertThat(crash.get("kind").asText()).isEqualTo("null-deref");
    assertThat(crash.get("tainted").asText()).isEmpty();
    assertThat(crash.get("report")).hasSize(2);
    assertThat(served.json("/api/v1/crashes?query=ext4*").get("items").get(0)).isEqualTo(crash);
  }

  @Test
  void aSignatureSumsUpItsCrashes() throws Exception {
    JsonNode signature = served.json("/api/v1/signatures/00c0ffee00c0ffee");
    assertThat(signature)
        .hasToString(
            """
            {"signature":"00c0ffee00c0ffee",\
            "title":"BUG: kernel NULL pointer dereference in ext4_do_update_inode",\
            "kind":"null-deref","category":"oops","severity":"critical","state":"open",\
            "events":1,"hosts":1,"first_seen":"2026-11-21T08:00:05.000000Z",\
            "last_seen":"2026-11-21T08:00:05.000000Z",\
            "releases":[{"release":"6.12.95+deb12-amd64","events":1,"hosts":1}],\
            "triage":{"suspect":"none","confidence":0.99,\
            "why":"Not enough data: one host is affected; it would take a second release to compare\
             with, or hardware names, which no host has said, or crashes of one host in 4 different\
             hours.",\
            "lacking":"a second release to compare with, or hardware names, which no host has said,\
             or crashes of one host in 4 different hours",\
            "crashes":1,"hosts":1,"host_hours":1.0013888888888889}}\
            """);
    assertThat(served.json("/api/v1/signatures").get("items").get(0)).isEqualTo(signature);
  }

  @Test
  void aHostIsAllItsAddresses() throws Exception {
    JsonNode host = served.json("/api/v1/hosts/web1");
    assertThat(host)
        .hasToString(
            """
            {"host":"web1","host_source":"inventory","addresses":["10.0.0.1"],\
            "first_seen":"2026-11-21T08:00:00.000000Z",\
            "last_seen":"2026-11-21T08:00:05.000000Z","boot":"b0",\
            "release":"6.12.95+deb12-amd64","format":"extended","messages":5,"sequence_gaps":3,\
            "messages_lost":1,"duplicates":0,"incomplete":2,"crashes":1,"status":"panicked"}\
            """);
    assertThat(texts(served.json("/api/v1/hosts?limit=1"), "host")).containsExactly("web1");
  }

  @Test
  void alarmsAndDeliveriesComeInPages() throws Exception {
    served.ledger.raise(
        List.of(Samples.alarm(1, "open"), Samples.alarm(2, "open"), Samples.alarm(3, "resolved")),
        List.of(
            Samples.delivery(1, "ops", Delivery.State.FAILED),
            Samples.delivery(2, "ops", Delivery.State.PENDING)),
        0);
    JsonNode page = served.json("/api/v1/alarms?state=open&limit=1");
    assertThat(texts(page, "id")).containsExactly("ac2");
    page = served.json("/api/v1/alarms?state=open&limit=1&cursor=" + page.get("next").asText());
    assertThat(texts(page, "id")).containsExactly("ac1");
    assertThat(page.has("next")).isFalse();
    assertThat(texts(served.json("/api/v1/deliveries?target=ops&state=failed"), "id"))
        .containsExactly("ac1.ops");
    assertThat(texts(served.json("/api/v1/hooks"), "name")).containsExactly("ops");
  }

  @Test
  void statsAreTheStatus() throws Exception {
    assertThat(served.json("/api/v1/stats"))
        .hasToString(
            """
            {"datagrams":6,"bytes":600,"socket_drops":1,"malformed":2,"appended":6,"indexed":5,\
            "analyzed":4,"index_lag_s":1.5,"log_bytes":4096,"index_bytes":8192,"stored":5,\
            "not_appended":0,"deleted":3,"refused":{"not_allowed":1},\
            "sockets":[{"socket":"[::]:6666/0","drops":1,"buffer_bytes":2048,"queued_bytes":832}],\
            "readers":[{"reader":"indexing","lag_s":1.5,"behind":1,"counts":{"messages":5}}],\
            "disk":{"free_bytes":1000,"bytes_per_day":86400.0,"full_in_s":500.0},\
            "outbox":{"pending":2,"oldest_s":60.5,"failed":1},\
            "canary":{"sent":2,"failures":1,"last":{"sent_at":"2026-11-21T08:00:00.000000Z",\
            "to":"127.0.0.1:6666","position":"0","logged_ms":1.5,"analyzed_ms":20.0,\
            "searchable_ms":480.0}},\
            "configuration":{"loaded_at":"2026-11-21T08:00:00.000000Z","reloads":2,"failures":1,\
            "after_restart":["udp"]}}\
            """);
  }

  @Test
  void metricsAreTheStatusToo() throws Exception {
    served.json("/api/v1/stats");
    assertThat(served.get("/metrics").body())
        .contains(
            "# HELP lastwords_datagrams_total Datagrams read off the sockets.",
            "lastwords_datagrams_total 6.0",
            "lastwords_datagram_bytes_total 600.0",
            "lastwords_stored_total 5.0",
            "lastwords_refused_total{reason=\"not_allowed\"} 1.0",
            "lastwords_socket_drops_total{socket=\"[::]:6666/0\"} 1.0",
            "lastwords_reader_lag_seconds{reader=\"indexing\"} 1.5",
            "lastwords_reader_behind{reader=\"indexing\"} 1.0",
            "lastwords_disk_full_seconds 500.0",
            "lastwords_log_limit_seconds NaN",
            "lastwords_outbox_oldest_seconds 60.5",
            "lastwords_canary_failures_total 1.0",
            "lastwords_canary_seconds{stage=\"searchable\"} 0.48",
            "lastwords_index_lag_seconds 1.5",
            "lastwords_log_bytes 4096.0",
            "lastwords_ready 1.0",
            "jvm_memory_used_bytes",
            "lastwords_http_requests_seconds_count{route=\"/api/v1/stats\",status=\"200\"} 1");
  }

  @Test
  void aCanaryAnswersHowLongItTookOrHowFarItCame() throws Exception {
    HttpRequest.BodyPublisher nothing = HttpRequest.BodyPublishers.noBody();
    assertThat(served.send(HttpRequest.newBuilder().POST(nothing), "/api/v1/canary").body())
        .isEqualTo(
            """
            {"sent_at":"2026-11-21T08:00:00.000000Z","to":"127.0.0.1:6666","position":"0",\
            "logged_ms":1.0,"analyzed_ms":2.0,"searchable_ms":3.0}\
            """);
    served.canary =
        () -> {
          throw new CanaryFailure("never came to the log");
        };
    HttpResponse<String> lost =
        served.send(HttpRequest.newBuilder().POST(nothing), "/api/v1/canary");
    assertThat(Served.problem(503, lost).get("detail").asText()).isEqualTo("never came to the log");
    HttpResponse<String> foreign =
        served.send(
            HttpRequest.newBuilder().POST(nothing),
            "/api/v1/canary",
            "Sec-Fetch-Site",
            "cross-site");
    Served.problem(403, foreign);
  }

  @Test
  void readinessSaysWhyNot() throws Exception {
    assertThat(served.json("/healthz")).hasToString("{\"status\":\"alive\"}");
    assertThat(served.json("/readyz")).hasToString("{\"status\":\"ready\"}");
    Status unready = Samples.status(List.of("udp :6666 isn't open"));
    served.status = () -> unready;
    HttpResponse<String> response = served.get("/readyz");
    assertThat(response.statusCode()).isEqualTo(503);
    assertThat(response.body())
        .contains("\"status\":\"unready\"", "\"reasons\":[\"udp :6666 isn't open\"]");
  }

  @Test
  void aBadParameterIsNamedWithItsValueAndWhatIsAllowed() throws Exception {
    assertThat(served.problem(400, "/api/v1/messages?limit=0").get("detail").asText())
        .isEqualTo("parameter 'limit' is '0'; allowed are numbers from 1 to 1000");
    assertThat(served.problem(400, "/api/v1/messages?order=up").get("detail").asText())
        .isEqualTo("parameter 'order' is 'up'; allowed are desc, asc");
    assertThat(served.problem(400, "/api/v1/messages?limt=5").get("detail").asText())
        .isEqualTo(
            "unknown parameter 'limt'; allowed are: query, since, until, order, limit, cursor");
    assertThat(served.problem(400, "/api/v1/messages?since=soon").get("detail").asText())
        .contains("since", "soon", "24h");
    assertThat(served.problem(400, "/api/v1/messages?cursor=!").get("detail").asText())
        .contains("cursor");
    assertThat(served.problem(400, "/api/v1/alarms?cursor=!").get("detail").asText())
        .contains("cursor");
    assertThat(served.problem(400, "/api/v1/messages/x/context").get("detail").asText())
        .contains("position", "4711.2");
    assertThat(served.problem(400, "/api/v1/messages/values").get("detail").asText())
        .contains("field", "missing");
  }

  @Test
  void anErrorInAQuerySaysAtWhichCharacter() throws Exception {
    JsonNode problem = served.problem(400, "/api/v1/messages?query=a+AND+%28b");
    assertThat(problem.get("at").asInt()).isEqualTo(6);
    assertThat(problem.get("detail").asText()).contains("never closed");
    assertThat(problem.get("title").asText()).isEqualTo("Bad Request");
    assertThat(problem.get("type").asText()).isEqualTo("about:blank");
    assertThat(problem.get("status").asInt()).isEqualTo(400);
  }

  @Test
  void whatIsUnknownIsNotFound() throws Exception {
    for (String path :
        List.of(
            "/api/v1/crashes/c77",
            "/api/v1/signatures/77",
            "/api/v1/hosts/web77",
            "/api/v1/messages/77/context",
            "/api/v1/nothing",
            "/nothing")) {
      assertThat(served.problem(404, path).get("status").asInt()).isEqualTo(404);
    }
  }

  @Test
  void anotherMethodIsNotAllowed() throws Exception {
    HttpResponse<String> response =
        served.send(
            HttpRequest.newBuilder().POST(HttpRequest.BodyPublishers.noBody()), "/api/v1/messages");
    Served.problem(405, response);
    assertThat(response.headers().firstValue("Allow")).contains("GET");
  }

  @Test
  void aFaultOfTheServerSaysNothingOfItsInside() throws Exception {
    served.canary =
        () -> {
          throw new IllegalStateException("the disk at /var/lib is on fire");
        };
    JsonNode problem =
        Served.problem(
            500,
            served.send(
                HttpRequest.newBuilder().POST(HttpRequest.BodyPublishers.noBody()),
                "/api/v1/canary"));
    assertThat(problem.toString()).doesNotContain("Exception", "lastwords.", "/var/lib");
  }

  @Test
  void aHookIsTestedAndADeliverySentAgainByHand() throws Exception {
    served.ledger.raise(
        List.of(),
        List.of(
            Samples.delivery(1, "ops", Delivery.State.FAILED),
            Samples.delivery(2, "ops", Delivery.State.DELIVERED)),
        1);
    assertThat(post("/api/v1/hooks/ops/test").statusCode()).isEqualTo(200);
    assertThat(post("/api/v1/deliveries/ac1.ops/retry").statusCode()).isEqualTo(200);
    assertThat(served.asked).containsExactly("ops", "ac1.ops");
    Served.problem(404, post("/api/v1/hooks/nobody/test"));
    Served.problem(404, post("/api/v1/deliveries/ac9.ops/retry"));
    Served.problem(409, post("/api/v1/deliveries/ac2.ops/retry"));
  }

  @Test
  void alarmsAreFilteredByReasonStormAndTime() throws Exception {
    Alarm held = Samples.alarm(2, "open").held("storm-1", Samples.START);
    served.ledger.raise(List.of(Samples.alarm(1, "open"), held), List.of(), 1);
    assertThat(texts(served.json("/api/v1/alarms?reason=storm"), "id")).containsExactly("ac2");
    assertThat(texts(served.json("/api/v1/alarms?storm=storm-1"), "id")).containsExactly("ac2");
    assertThat(texts(served.json("/api/v1/alarms?storm=storm-2"), "id")).isEmpty();
    assertThat(texts(served.json("/api/v1/alarms?since=1s"), "id")).isEmpty();
    assertThat(served.json("/api/v1/alarms/ac1").get("panicked").asBoolean()).isTrue();
    Served.problem(404, served.get("/api/v1/alarms/ac9"));
    assertThat(served.get("/alarms?storm=storm-1", "Accept", "text/html").body())
        .contains("no: storm", "storm-1");
    assertThat(served.get("/alarms?since=soon", "Accept", "text/html").statusCode()).isEqualTo(400);
  }

  private HttpResponse<String> post(String path) throws Exception {
    return served.send(HttpRequest.newBuilder().POST(HttpRequest.BodyPublishers.noBody()), path);
  }
}
