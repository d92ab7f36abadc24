package lastwords.app;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// The commands that ask a server, against one that answers from a map.
final class ClientCommandsTest {
  private final Map<String, String> answers = new ConcurrentHashMap<>();
  private final List<String> asked = new CopyOnWriteArrayList<>();
  private final List<HttpServer> running = new ArrayList<>();
  private String url = "";

  @BeforeEach
  void start() throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          String path = exchange.getRequestURI().toString();
          String token = exchange.getRequestHeaders().getFirst("Authorization");
          asked.add(path + (token == null ? "" : " " + token));
          String answer = answers.get(path.replace("/api/v1", ""));
          boolean problem = answer == null || answer.startsWith("{\"status\"");
          byte[] body =
              (answer == null ? "{\"status\":404,\"title\":\"Not found\"}" : answer)
                  .getBytes(UTF_8);
          exchange
              .getResponseHeaders()
              .set("Content-Type", problem ? "application/problem+json" : "application/json");
          int status = problem ? Integer.parseInt(new String(body, UTF_8).substring(10, 13)) : 200;
          exchange.sendResponseHeaders(status, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.start();
    running.add(server);
    url = "http://127.0.0.1:" + server.getAddress().getPort();
  }

  @AfterEach
  void stop() {
    running.forEach(server -> server.stop(0));
  }

  @Test
  void searchShowsPeopleTheNewestLastWithoutWhatDrivesATerminal() {
    answers.put("/messages?query=text%3Aa%20b&since=1h&limit=100", page(message(2), message(1)));
    Run run = ask("search", "text:a b", "--since", "1h");
    assertThat(run.status()).as(run.err()).isZero();
    assertThat(run.out())
        .isEqualTo(
            """
            2026-11-21T08:00:01.000001Z db7 [    4.178226] line 1 \\x1b[2J
            2026-11-21T08:00:02.000001Z db7 [    4.178226] line 2 \\x1b[2J
            """);
  }

  @Test
  void aCanarySaysHowLongItTook() {
    answers.put(
        "/canary",
        "{\"to\":\"127.0.0.1:6666\",\"logged_ms\":1.26,\"analyzed_ms\":8,\"searchable_ms\":480}");
    Run run = ask("canary");
    assertThat(run.status()).as(run.err()).isZero();
    assertThat(run.out())
        .isEqualTo(
            """
              sent to       127.0.0.1:6666
              in the log    after 1.3 ms
              analyzed      after 8.0 ms
              searchable    after 480.0 ms
            """);
    answers.put("/canary", "{\"status\":503,\"detail\":\"it never came to the log\"}");
    Run lost = ask("canary", "--json");
    assertThat(lost.status()).isEqualTo(1);
    assertThat(lost.err()).contains("it never came to the log");
  }

  @Test
  void jsonIsALineForEachAsTheServerSentIt() {
    answers.put("/messages?query=*&limit=100", page(message(2), message(1)));
    assertThat(ask("search", "*", "--json").out()).isEqualTo(message(2) + "\n" + message(1) + "\n");
  }

  @Test
  void longListsArePagedByCursorUpToTheLimit() {
    answers.put(
        "/messages?query=*&limit=1000", "{\"items\":[" + message(3) + "],\"next\":\"a b\"}");
    answers.put(
        "/messages?query=*&limit=999&cursor=a%20b",
        "{\"items\":[" + message(2) + "," + message(1) + "],\"next\":\"c\"}");
    answers.put("/messages?query=*&limit=997&cursor=c", page());
    Run run = ask("search", "*", "--limit", "1000", "--json");
    assertThat(asked).hasSize(3);
    assertThat(run.status()).isZero();
    assertThat(run.out().lines()).hasSize(3);
  }

  @Test
  void nothingFoundIsNoFailure() {
    answers.put("/crashes?limit=100", page());
    answers.put("/messages?query=x&limit=100", page());
    Run run = ask("crashes");
    assertThat(run.status()).isZero();
    assertThat(run.out()).isEmpty();
    assertThat(ask("search", "x").status()).isZero();
  }

  @Test
  void tablesHaveTitlesAndTheNewestLast() {
    answers.put(
        "/crashes?query=kind%3Apanic&limit=100",
        page(
            """
            {"id":"c9","received_at":"2026-11-21T08:00:09.000000Z","host":"db7","severity":"critical","signature":"0123456789abcdef","title":"new"}""",
            """
            {"id":"c1","received_at":"2026-11-21T08:00:01.000000Z","host":"database-12","severity":"error","signature":"0123456789abcde0","title":"old\\nodd"}"""));
    assertThat(ask("crashes", "kind:panic").out())
        .isEqualTo(
            """
            RECEIVED              HOST         SEVERITY  SIGNATURE         ID  TITLE
            2026-11-21 08:00:01Z  database-12  error     0123456789abcde0  c1  old\\x0aodd
            2026-11-21 08:00:09Z  db7          critical  0123456789abcdef  c9  new
            """);
  }

  @Test
  void aCrashIsShownWhole() {
    answers.put(
        "/crashes/c9",
        """
        {"kind":"panic","category":"oops","title":"kernel panic: x","severity":"critical","id":"c9","host":"db7","address":"10.0.0.7",
         "kernel":"6.12.95","arch":"x86_64","tainted":"","comm":"sh","pid":175,"cpu":1,"panicked":true,"complete":false,"lines_lost":2,
         "frames":[{"function":"panic","offset":820,"size":880,"reliable":true},{"function":"maybe","module":"ext4","reliable":false}],
         "attrs":{"device":"sda"},"report":["Kernel panic","  at \\u001b[1m x"],"last_words":["before it"]}""");
    assertThat(ask("crash", "c9").out())
        .isEqualTo(
            """
            kernel panic: x
              critical · oops (panic) · the machine went down with it · its end was not seen · 2 lines are missing

              id           c9
              host         db7, 10.0.0.7
              running      sh, pid 175, CPU 1
              kernel       6.12.95, x86_64
              tainted      no
              device       sda

            Stack
                panic+0x334/0x370
                · maybe [ext4] (guess)

            Report
                Kernel panic
                  at \\x1b[1m x

            Last words before it
                before it
            """);
  }

  @Test
  void signaturesAndHostsAreShownWhole() {
    answers.put(
        "/signatures/0123456789abcdef",
        """
        {"signature":"0123456789abcdef","title":"t","kind":"panic","state":"open","events":3,"hosts":2,"releases":[{"release":"6.12","events":2,"hosts":2},{"events":1,"hosts":1}],
         "triage":{"suspect":"release","confidence":0.99,"why":"Release 6.12: 2 of 9 hosts","hints":[{"suspect":"release","subject":"6.12"}]}}""");
    answers.put(
        "/hosts/db%207",
        "{\"host\":\"db 7\",\"addresses\":[\"10.0.0.7\",\"10.0.0.8\"],\"messages\":12}");
    assertThat(ask("signature", "0123456789abcdef").out())
        .contains("events        3")
        .contains("suspect       release 6.12\n")
        .contains("why           Release 6.12: 2 of 9 hosts\n")
        .contains("6.12        2       2")
        .contains("(not said)  1       1");
    assertThat(ask("host", "db 7").out())
        .isEqualTo("db 7\n  addresses     10.0.0.7, 10.0.0.8\n  messages      12\n");
  }

  @Test
  void whatTheServerDoesNotKnowIsStatusOneAndSaysWhereToLook() {
    Run run = ask("crash", "c1");
    assertThat(run.status()).isEqualTo(1);
    assertThat(run.err())
        .isEqualTo("lastwords: no crash c1 at " + url + "; lastwords crashes lists them\n");
  }

  @Test
  void aQueryTheServerRefusesIsWrongUsageWithItsReason() {
    answers.put(
        "/messages?query=%28&limit=100",
        "{\"status\":400,\"title\":\"Bad query\",\"detail\":\"at character 1: a ) is missing\"}");
    Run run = ask("search", "(");
    assertThat(run.status()).isEqualTo(2);
    assertThat(run.err()).isEqualTo("lastwords: at character 1: a ) is missing\n");
  }

  @Test
  void theTokenIsSentAndAskedForWhereItIsMissing() {
    answers.put("/hosts?limit=1000", "{\"status\":401,\"title\":\"Unauthorized\"}");
    assertThat(ask("hosts", "--token", "abc").err())
        .contains("give --token or set LASTWORDS_TOKEN");
    assertThat(asked).containsExactly("/api/v1/hosts?limit=1000 Bearer abc");
  }

  @Test
  void noServerIsSaidWithWhatToDo() {
    stop();
    Run run = ask("hosts");
    assertThat(run.status()).isEqualTo(1);
    assertThat(run.err()).contains("no server at " + url + "; start one with ./lastwords serve");
    assertThat(Run.of("hosts", "--server", "not a url").status()).isEqualTo(2);
  }

  @Test
  void tailShowsEventsUntilTheStreamEnds() {
    answers.put(
        "/messages/tail?query=db7",
        ": hello\n\nevent: message\ndata: "
            + message(1)
            + "\n\nevent: skipped\ndata: {\"count\":7}\n\nevent: message\ndata: cut off");
    Run run = ask("tail", "db7", "--json");
    assertThat(run.out()).isEqualTo(message(1) + "\n");
    assertThat(run.err()).contains("(7 messages skipped)").contains("ended the stream");
    assertThat(run.status()).isEqualTo(1);
  }

  private Run ask(String... arguments) {
    List<String> all = new ArrayList<>(List.of(arguments));
    all.add("--server");
    all.add(url);
    return Run.of(all.toArray(String[]::new));
  }

  private static String message(int number) {
    return """
    {"position":"%d","received_at":"2026-11-21T08:00:0%d.000001Z","host":"db7",\
    "severity":3,"uptime_us":4178226,"text":"line %d \\u001B[2J"}"""
        .formatted(number, number, number);
  }

  private static String page(String... items) {
    return "{\"items\":[" + String.join(",", items) + "]}";
  }
}
