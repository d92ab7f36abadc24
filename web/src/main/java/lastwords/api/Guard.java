package lastwords.api;

import io.javalin.http.Context;
import io.javalin.http.Cookie;
import io.javalin.http.HandlerType;
import io.javalin.http.HttpResponseException;
import io.javalin.http.SameSite;
import io.javalin.http.UnauthorizedResponse;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Stands before every route: who may ask, by which name, and what browsers may do with the answer.
///
/// Programs present the token as `Authorization: Bearer …`; people once, at `/login`, for a cookie
/// that holds a digest of it, can't be read by scripts and isn't sent along from other sites.
final class Guard {
  static final String LOGIN = "/login";

  private static final String COOKIE = "lastwords";
  private static final Set<String> WITHOUT_TOKEN =
      Set.of("/healthz", LOGIN, "/lastwords.css", "/lastwords.svg");

  /// A name that no foreign web page can have: `localhost` or an address.
  private static final Pattern ADDRESS_OR_LOCALHOST =
      Pattern.compile("(localhost|[0-9.]+|\\[[0-9a-f:.%]+])(:[0-9]+)?");

  private final boolean loopbackOnly;
  private final byte @Nullable [] token;
  private final String cookie;

  Guard(InetAddress listening, @Nullable String token) {
    this.loopbackOnly = listening.isLoopbackAddress();
    this.token = token == null ? null : token.getBytes(StandardCharsets.UTF_8);
    this.cookie = token == null ? "" : digest(token);
  }

  /// @throws HttpResponseException when the request isn't let in
  void before(Context context) {
    context
        .header("X-Content-Type-Options", "nosniff")
        .header("Referrer-Policy", "same-origin")
        .header("Cache-Control", "no-cache")
        .header(
            "Content-Security-Policy",
            "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self';"
                + " img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'");
    String host = context.host();
    if (loopbackOnly
        && host != null
        && !ADDRESS_OR_LOCALHOST.matcher(host.toLowerCase(Locale.ROOT)).matches()) {
      throw new HttpResponseException(
          421,
          "listening on a loopback address, it answers to localhost or an address, not to '%s';"
                  .formatted(host)
              + " let a proxy in front of it set the Host header");
    }
    if (context.method().equals(HandlerType.POST)
        && "cross-site".equals(context.header("Sec-Fetch-Site"))) {
      throw new HttpResponseException(403, "a page of another site may not do that");
    }
    if (!WITHOUT_TOKEN.contains(context.path()) && !isIn(context)) {
      context.header("WWW-Authenticate", "Bearer realm=\"lastwords\"");
      throw new UnauthorizedResponse(
          "a token is needed: send the header 'Authorization: Bearer …'");
    }
  }

  private boolean isIn(Context context) {
    if (token == null) {
      return true;
    }
    String header = context.header("Authorization");
    if (header != null && header.regionMatches(true, 0, "Bearer ", 0, 7)) {
      return isToken(header.substring(7).strip());
    }
    String presented = context.cookie(COOKIE);
    return presented != null && same(presented, cookie.getBytes(StandardCharsets.UTF_8));
  }

  private boolean isToken(String presented) {
    return token == null || same(presented, token);
  }

  /// Takes as long for a wrong token as for one that is almost right.
  private static boolean same(String presented, byte[] expected) {
    return MessageDigest.isEqual(presented.getBytes(StandardCharsets.UTF_8), expected);
  }

  /// Gives the cookie to whoever sends the token as a form.
  void login(Context context) {
    String presented = context.formParam("token");
    if (presented == null || !isToken(presented.strip())) {
      throw new UnauthorizedResponse("that isn't the token");
    }
    Cookie given = new Cookie(COOKIE, cookie);
    given.setHttpOnly(true);
    given.setSameSite(SameSite.STRICT);
    context.cookie(given);
    context.redirect("/", io.javalin.http.HttpStatus.SEE_OTHER);
  }

  private static String digest(String token) {
    try {
      return HexFormat.of()
          .formatHex(
              MessageDigest.getInstance("SHA-256")
                  .digest(("lastwords cookie " + token).getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
