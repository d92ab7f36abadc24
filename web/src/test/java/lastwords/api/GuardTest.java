package lastwords.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class GuardTest {
  private static final String TOKEN = "s3cret";
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
    served.problem(401, "/api/v1/stats", "Authorization", "Bearer s3cre");
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

  private HttpResponse<String> login(String token) throws Exception {
    return served.send(
        HttpRequest.newBuilder().POST(HttpRequest.BodyPublishers.ofString("token=" + token)),
        "/login",
        "Content-Type",
        "application/x-www-form-urlencoded",
        "Accept",
        "text/html");
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
