package lastwords.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class GuardTest {
  private static final String TOKEN = "c2l4dGVlbiByYW5kb20gYnl0ZXM";
  private final Served served = new Served(TOKEN);

  @AfterEach
  void close() {
    served.close();
  }

  @Test
  void nothingButHealthIsAnsweredWithoutTheToken() throws Exception {
    assertThat(served.get("/healthz").statusCode()).isEqualTo(200);
    for (String path : new String[] {"/api/v1/stats", "/metrics", "/openapi.json", "/nothing"}) {
      HttpResponse<String> response = served.get(path);
      assertThat(Served.problem(401, response).get("detail").asText()).contains("Bearer");
      assertThat(response.headers().firstValue("WWW-Authenticate")).isPresent();
    }
    served.problem(401, "/api/v1/stats", "Authorization", "Bearer c2l4dGVlbiByYW5kb20gYnl0ZX");
    served.problem(401, "/api/v1/stats", "Authorization", "Basic " + TOKEN);
    assertThat(served.get("/api/v1/stats", "Authorization", "Bearer " + TOKEN).statusCode())
        .isEqualTo(200);
  }

  @Test
  void peopleGetACookieForTheToken() throws Exception {
    HttpResponse<String> asked = served.get("/", "Accept", "text/html");
    assertThat(asked.statusCode()).isEqualTo(401);
    assertThat(asked.body()).contains("<form", "action=\"/login\"");

    assertThat(login("wrong").statusCode()).isEqualTo(401);

    HttpResponse<String> in = login(TOKEN);
    assertThat(in.statusCode()).isEqualTo(303);
    String cookie = in.headers().firstValue("Set-Cookie").orElseThrow();
    assertThat(cookie).contains("HttpOnly", "SameSite=Strict").doesNotContain(TOKEN);
    String name = cookie.substring(0, cookie.indexOf(';'));
    assertThat(served.get("/", "Cookie", name).statusCode()).isEqualTo(200);
    assertThat(served.get("/", "Cookie", "lastwords=0").statusCode()).isEqualTo(401);
  }

  @Test
  void aCookieCantBeComputedAndIsNoTwice() throws Exception {
    String cookie = cookie();
    assertThat(cookie()).isNotEqualTo(cookie);
    try (Served other = new Served(TOKEN)) {
      assertThat(other.get("/", "Cookie", cookie).statusCode()).isEqualTo(401);
    }
    assertThat(served.get("/", "Cookie", cookie).statusCode()).isEqualTo(200);
    String later = "lastwords=9" + cookie.substring("lastwords=".length());
    assertThat(served.get("/", "Cookie", later).statusCode()).isEqualTo(401);
  }

  private String cookie() throws Exception {
    String set = login(TOKEN).headers().firstValue("Set-Cookie").orElseThrow();
    return set.substring(0, set.indexOf(';'));
  }

  @Test
  void aCookieIsSecureWhereTheProxyWasReachedEncrypted() throws Exception {
    assertThat(login(TOKEN).headers().firstValue("Set-Cookie").orElseThrow())
        .contains("Max-Age=86400")
        .doesNotContain("Secure");
    assertThat(
            login(TOKEN, "X-Forwarded-Proto", "https")
                .headers()
                .firstValue("Set-Cookie")
                .orElseThrow())
        .contains("Secure");
  }

  @Test
  void guessingIsThrottledForTheAddressThatGuessesAndForNoOther() throws Exception {
    for (int i = 0; i < FailedLogins.PER_SOURCE; i++) {
      assertThat(login("guess" + i, "X-Forwarded-For", "192.0.2.66").statusCode()).isEqualTo(401);
    }
    HttpResponse<String> throttled = login(TOKEN, "X-Forwarded-For", "10.1.1.1, 192.0.2.66");
    assertThat(throttled.statusCode()).isEqualTo(429);
    assertThat(throttled.headers().firstValue("Retry-After")).isPresent();
    served.problem(
        429, "/api/v1/stats", "Authorization", "Bearer " + TOKEN, "X-Forwarded-For", "192.0.2.66");
    assertThat(login(TOKEN, "X-Forwarded-For", "192.0.2.67").statusCode()).isEqualTo(303);
    assertThat(served.get("/metrics", "Authorization", "Bearer " + TOKEN).body())
        .contains(
            "lastwords_http_failed_logins_total 10.0", "lastwords_http_throttled_logins_total 2.0");
  }

  @Test
  void wrongBearerTokensAreThrottledToo() throws Exception {
    for (int i = 0; i < FailedLogins.PER_SOURCE; i++) {
      served.problem(401, "/metrics", "Authorization", "Bearer wrong" + i);
    }
    served.problem(429, "/metrics", "Authorization", "Bearer wrong");
    assertThat(served.get("/healthz").statusCode()).isEqualTo(200);
  }

  @Test
  void aPageOfAnotherSiteCanOnlyLinkToPages() throws Exception {
    try (Served open = new Served()) {
      for (String site : new String[] {"cross-site", "same-site"}) {
        for (String path :
            new String[] {"/api/v1/messages", "/metrics", "/openapi.json", "/messages", "/"}) {
          open.problem(
              403,
              path,
              "Sec-Fetch-Site",
              site,
              "Sec-Fetch-Mode",
              "no-cors",
              "Sec-Fetch-Dest",
              "image");
        }
        assertThat(linked(open, site, "/crashes").statusCode()).isEqualTo(200);
        assertThat(linked(open, site, "/api/v1/crashes").statusCode()).isEqualTo(403);
      }
      for (String site : new String[] {"same-origin", "none"}) {
        assertThat(open.get("/api/v1/crashes", "Sec-Fetch-Site", site).statusCode()).isEqualTo(200);
      }
    }
  }

  private static HttpResponse<String> linked(Served to, String site, String path) throws Exception {
    return to.get(
        path, "Sec-Fetch-Site", site, "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document");
  }

  private HttpResponse<String> login(String token, String... headers) throws Exception {
    return served.send(
        HttpRequest.newBuilder().POST(HttpRequest.BodyPublishers.ofString("token=" + token)),
        "/login",
        Stream.concat(
                Stream.of(
                    "Content-Type", "application/x-www-form-urlencoded", "Accept", "text/html"),
                Stream.of(headers))
            .toArray(String[]::new));
  }

  @Test
  void aLoopbackServerAnswersToNoForeignName() throws Exception {
    assertThat(raw("GET /healthz HTTP/1.1\r\nHost: evil.example:8066\r\n"))
        .startsWith("HTTP/1.1 421")
        .contains("application/problem+json", "evil.example");
    for (String host : new String[] {"localhost:8066", "127.0.0.1", "[::1]:80"}) {
      assertThat(raw("GET /healthz HTTP/1.1\r\nHost: " + host + "\r\n")).startsWith("HTTP/1.1 200");
    }
  }

  @Test
  void aRequestThatIsNoHttpIsAProblemToo() throws Exception {
    assertThat(raw("GET /%zz HTTP/1.1\r\nHost: localhost\r\n"))
        .startsWith("HTTP/1.1 400")
        .contains("application/problem+json")
        .doesNotContain("jetty");
  }

  @Test
  void browsersAreToldToRunNothingForeign() throws Exception {
    HttpResponse<String> page = served.get("/healthz");
    assertThat(page.headers().firstValue("Content-Security-Policy").orElseThrow())
        .contains("default-src 'none'", "script-src 'self'")
        .doesNotContain("unsafe");
    assertThat(page.headers().firstValue("X-Content-Type-Options")).contains("nosniff");
  }

  private String raw(String request) throws Exception {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), served.uri().getPort());
        OutputStream out = socket.getOutputStream();
        InputStream in = socket.getInputStream()) {
      out.write((request + "Connection: close\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
      out.flush();
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
