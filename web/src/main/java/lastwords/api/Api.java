package lastwords.api;

import io.javalin.Javalin;
import io.javalin.config.JavalinConfig;
import io.javalin.http.Context;
import io.javalin.http.HttpResponseException;
import io.javalin.router.Endpoint;
import io.javalin.util.JavalinBindException;
import io.javalin.util.JavalinException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.URI;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import lastwords.linux.Priority;
import lastwords.query.Searches;
import lastwords.store.BadQueryException;
import lastwords.store.Ledger;
import lastwords.ui.Pages;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The HTTP server: the API under `/api/v1`, the pages, and what machines ask about the program.
///
/// [HttpLimits] says how many requests it answers at one time. It owns none of what it is given and
/// closes none of it.
public final class Api implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Api.class);

  private final Javalin server;
  private final URI uri;
  private final Guard guard;
  private final Tail tail;
  private final SearchPool pool = new SearchPool();
  private final Metrics metrics;
  private final Pages pages;

  private Api(
      ApiSettings settings,
      Searches searches,
      Ledger ledger,
      Supplier<Status> status,
      Hooks hooks,
      Callable<CanaryFlight> canary,
      ScrapedMeters registry) {
    InetAddress address = settings.address().getAddress();
    guard = new Guard(address, settings.token(), settings.clock());
    tail = new Tail(guard::holds);
    Supplier<Status> last = new LastStatus(status, registry);
    metrics = new Metrics(registry, last, tail);
    HttpLimits limits = new HttpLimits();
    AnswerMemory memory = limits.memory();
    metrics.limits(limits);
    pages =
        new Pages(
            searches,
            ledger,
            settings.clock(),
            handler -> memory.within(pool.handler(handler)),
            SearchPool::budget);
    metrics.searches(pool);
    metrics.logins(guard.failedLogins());
    Routes routes = new Routes(searches, ledger, last, hooks, canary, metrics, tail);
    server =
        Javalin.create(
            config -> {
              limits.apply(config, address.getHostAddress(), settings.address().getPort());
              configure(config);
              config.routes.before(guard::before);
              for (Route route : routes.all()) {
                config.routes.addHttpHandler(
                    route.method(), route.path(), route.handler(pool, memory));
              }
              config.routes.post(Guard.LOGIN, guard::login);
              pages.addTo(config.routes);
            });
    try {
      server.start();
    } catch (JavalinBindException e) {
      metrics.close();
      throw new UncheckedIOException(
          new IOException(
              "can't listen on HTTP %s:%d: the port is in use, or isn't ours to use"
                  .formatted(address.getHostAddress(), settings.address().getPort()),
              e));
    } catch (RuntimeException e) {
      metrics.close();
      throw e;
    }
    String host = address.getHostAddress();
    uri =
        URI.create(
            "http://%s:%d".formatted(host.contains(":") ? "[" + host + "]" : host, server.port()));
  }

  /// Starts it; when this returns, requests are answered.
  ///
  /// @param status asked for at every `/stats`, `/metrics` and `/readyz`, on any thread
  /// @param hooks the configured targets
  /// @param canary sends one, and fails with a [CanaryFailure]
  /// @param registry what `/metrics` shows; others may add to it
  /// @throws UncheckedIOException when the address can't be listened on
  public static Api start(
      ApiSettings settings,
      Searches searches,
      Ledger ledger,
      Supplier<Status> status,
      Hooks hooks,
      Callable<CanaryFlight> canary,
      ScrapedMeters registry) {
    return new Api(settings, searches, ledger, status, hooks, canary, registry);
  }

  /// Where it listens, with the port that was picked.
  public URI uri() {
    return uri;
  }

  /// What every request must present from now on; null lets everybody in. Sessions and streams that
  /// were opened with another token end.
  public void useToken(@Nullable String token) {
    guard.useToken(token);
  }

  /// Lets every client go and stops listening.
  @Override
  public void close() {
    tail.close();
    pool.close();
    try {
      server.stop();
    } catch (JavalinException e) {
      LOG.warn("HTTP requests still under way were cut off: {}", e.getMessage());
    } finally {
      metrics.close();
    }
  }

  private void configure(JavalinConfig config) {
    config.startup.showJavalinBanner = false;
    config.startup.showOldJavalinVersionWarning = false;
    config.startup.startupWatcherEnabled = false;
    config.http.prefer405over404 = true;
    config.routes.before(_ -> Priority.REQUESTS.take());
    config.requestLogger.http(metrics::answered);
    config.routes.exception(
        BadQueryException.class,
        (e, context) -> answer(context, Problem.badQuery(e.at(), String.valueOf(e.getMessage()))));
    config.routes.exception(HttpResponseException.class, this::refuse);
    config.routes.exception(
        IllegalArgumentException.class,
        (e, context) -> answer(context, Problem.of(400, String.valueOf(e.getMessage()))));
    config.routes.exception(
        CanaryFailure.class,
        (e, context) -> answer(context, Problem.of(503, String.valueOf(e.getMessage()))));
    config.routes.exception(
        Unavailable.class,
        (e, context) -> answer(context, Problem.of(503, String.valueOf(e.getMessage()))));
    config.routes.exception(
        Exception.class,
        (e, context) -> {
          // The route, not the path: that is text of whoever asks.
          Endpoint endpoint = context.endpoints().matchedHttpEndpoint();
          LOG.error("{} {} failed", context.method(), endpoint == null ? "" : endpoint.path, e);
          answer(context, Problem.of(500, "this is a fault of the server; its log says more"));
        });
  }

  private void refuse(HttpResponseException e, Context context) {
    String methods = e.getDetails().get("availableMethods");
    if (methods != null) {
      context.header("Allow", methods);
    }
    answer(context, Problem.of(e.getStatus(), String.valueOf(e.getMessage())));
  }

  /// People get a page, programs JSON.
  private void answer(Context context, Problem problem) {
    String accept = context.header("Accept");
    if (context.path().startsWith("/api/") || accept == null || !accept.contains("text/html")) {
      problem.answer(context);
    } else if (problem.status() == 401) {
      context.status(401).html(pages.login(Guard.LOGIN));
    } else {
      context.status(problem.status()).html(pages.problem(problem.title(), problem.detail()));
    }
  }
}
