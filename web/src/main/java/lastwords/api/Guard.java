package lastwords.api;

import io.javalin.http.Context;
import io.javalin.http.Cookie;
import io.javalin.http.HandlerType;
import io.javalin.http.HttpResponseException;
import io.javalin.http.SameSite;
import io.javalin.http.TooManyRequestsResponse;
import io.javalin.http.UnauthorizedResponse;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Comes before every route: which requests are answered, under which name of the server, and what
/// browsers may do with the answer.
///
/// Programs present the token as `Authorization: Bearer …`; people once, at `/login`, for a cookie
/// of [Sessions] that scripts can't read and that other sites don't send along. Wrong tokens are
/// throttled by source address, see [FailedLogins]. [#useToken] replaces the token: cookies and
/// streams of the former one end with it.
///
/// A connection from a loopback address is taken for one of a proxy on this machine: then the last
/// address of `X-Forwarded-For` is the source, and `X-Forwarded-Proto: https` marks the cookie
/// `Secure`. From elsewhere these headers are ignored.
final class Guard {
  static final String LOGIN = "/login";

  private static final String COOKIE = "lastwords";

  /// The attribute of a request with the [Lock] that let it in.
  private static final String LOCK = "lastwords.lock";

  private static final Set<String> WITHOUT_TOKEN =
      Set.of("/healthz", LOGIN, "/lastwords.css", "/lastwords.svg");

  /// A name that no foreign web page can have: `localhost` or an address.
  private static final Pattern ADDRESS_OR_LOCALHOST =
      Pattern.compile("(localhost|[0-9.]+|\\[[0-9a-f:.%]+])(:[0-9]+)?");

  /// An address in digits, which is read without asking DNS.
  private static final Pattern ADDRESS = Pattern.compile("[0-9.]{7,15}|[0-9a-fA-F:.]{2,45}");

  /// A token in use; compared by identity, as one that was in use before is another lock.
  private static final class Lock {
    private final byte @Nullable [] token;

    private Lock(byte @Nullable [] token) {
      this.token = token;
    }

    static Lock of(@Nullable String token) {
      return new Lock(token == null ? null : token.getBytes(StandardCharsets.UTF_8));
    }

    byte @Nullable [] token() {
      return token;
    }
  }

  private final boolean loopbackOnly;
  private volatile Lock lock;
  private final Sessions sessions;
  private final FailedLogins failedLogins;

  Guard(InetAddress listening, @Nullable String token, InstantSource clock) {
    this.loopbackOnly = listening.isLoopbackAddress();
    this.lock = Lock.of(token);
    this.sessions = new Sessions(clock);
    this.failedLogins = new FailedLogins(clock);
  }

  /// What every request must carry from now on; null where nothing is asked for. An equal token
  /// changes nothing.
  void useToken(@Nullable String token) {
    Lock changed = Lock.of(token);
    if (!Arrays.equals(changed.token(), lock.token())) {
      lock = changed;
    }
  }

  /// Whether the request was let in by the token in use now.
  boolean holds(Context context) {
    return context.attribute(LOCK) == lock;
  }

  FailedLogins failedLogins() {
    return failedLogins;
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
    // Without a Host, which HTTP/1.0 allows, the request is of no browser, so of no foreign page.
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
    if (isForeign(context) && !isLinkToPage(context)) {
      throw new HttpResponseException(403, "a page of another site may not do that");
    }
    Lock now = lock;
    context.attribute(LOCK, now);
    if (!WITHOUT_TOKEN.contains(context.path()) && !isIn(context, now.token())) {
      context.header("WWW-Authenticate", "Bearer realm=\"lastwords\"");
      throw new UnauthorizedResponse(
          "a token is needed: send the header 'Authorization: Bearer …'");
    }
  }

  /// Whether a browser sends it for a page of another origin; other programs send no such header.
  private static boolean isForeign(Context context) {
    String site = context.header("Sec-Fetch-Site");
    return "cross-site".equals(site) || "same-site".equals(site);
  }

  /// Whether a person followed a link from elsewhere to one of the pages.
  private static boolean isLinkToPage(Context context) {
    return context.method().equals(HandlerType.GET)
        && "navigate".equals(context.header("Sec-Fetch-Mode"))
        && "document".equals(context.header("Sec-Fetch-Dest"))
        && !context.path().startsWith("/api/");
  }

  private boolean isIn(Context context, byte @Nullable [] token) {
    if (token == null) {
      return true;
    }
    String header = context.header("Authorization");
    if (header != null && header.regionMatches(true, 0, "Bearer ", 0, 7)) {
      return isToken(header.substring(7).strip(), token, context);
    }
    String presented = context.cookie(COOKIE);
    return presented != null && sessions.isOpen(presented, token);
  }

  /// Takes as long for a wrong token as for one that is almost right.
  ///
  /// @throws TooManyRequestsResponse when the source has presented too many wrong ones
  private boolean isToken(String presented, byte[] expected, Context context) {
    InetAddress source = source(context);
    if (!failedLogins.mayTry(source)) {
      context.header("Retry-After", "60");
      throw new TooManyRequestsResponse(
          "too many wrong tokens came from this address; try again in a minute");
    }
    boolean same = MessageDigest.isEqual(presented.getBytes(StandardCharsets.UTF_8), expected);
    if (!same) {
      failedLogins.failed(source);
    }
    return same;
  }

  /// Gives a cookie to whoever sends the token as a form.
  void login(Context context) {
    String presented = context.formParam("token");
    byte[] token = lock.token();
    if (token != null) {
      if (presented == null || !isToken(presented.strip(), token, context)) {
        throw new UnauthorizedResponse("that isn't the token");
      }
      Cookie given = new Cookie(COOKIE, sessions.open(token));
      given.setHttpOnly(true);
      given.setSameSite(SameSite.STRICT);
      given.setSecure(isEncrypted(context));
      given.setMaxAge((int) Sessions.LASTS.toSeconds());
      context.cookie(given);
    }
    context.redirect("/", io.javalin.http.HttpStatus.SEE_OTHER);
  }

  private static boolean isEncrypted(Context context) {
    return context.req().isSecure()
        || (peer(context).isLoopbackAddress()
            && "https".equalsIgnoreCase(context.header("X-Forwarded-Proto")));
  }

  private static InetAddress source(Context context) {
    InetAddress peer = peer(context);
    String forwarded = peer.isLoopbackAddress() ? context.header("X-Forwarded-For") : null;
    if (forwarded == null) {
      return peer;
    }
    String last = forwarded.substring(forwarded.lastIndexOf(',') + 1).strip();
    return ADDRESS.matcher(last).matches() ? address(last, peer) : peer;
  }

  private static InetAddress peer(Context context) {
    return address(context.req().getRemoteAddr(), InetAddress.getLoopbackAddress());
  }

  private static InetAddress address(String text, InetAddress otherwise) {
    try {
      return InetAddress.ofLiteral(text);
    } catch (IllegalArgumentException e) {
      return otherwise;
    }
  }
}
