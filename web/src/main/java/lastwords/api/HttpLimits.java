package lastwords.api;

import io.javalin.config.JavalinConfig;
import java.time.Duration;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.handler.EagerContentHandler;
import org.eclipse.jetty.server.handler.EagerContentHandler.RetainedContentLoaderFactory;
import org.eclipse.jetty.server.handler.GracefulHandler;
import org.eclipse.jetty.server.handler.QoSHandler;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/// Sets up the HTTP server so that no client can take what others need: connections, threads,
/// memory.
///
/// Connections: see [Connections]. A body is read before its request takes a thread. Of requests,
/// [#REQUESTS] are under way at one time, others wait or are answered 503; followers of [Tail] have
/// their own number; probes and scrapes wait for nothing. Threads are platform threads: virtual
/// ones would share carriers with whatever else holds them.
final class HttpLimits {
  /// Requests under way at one time, besides streams, probes and scrapes. Each may hold a thread
  /// until its client took the answer.
  static final int REQUESTS = 64;

  /// Requests that wait for one of these; a further one is answered 503.
  static final int WAITING_REQUESTS = 256;

  /// How long they wait before they are answered 503.
  static final Duration LONGEST_WAIT = Duration.ofSeconds(10);

  /// No route takes a large body.
  static final int MAX_BODY_BYTES = 64 << 10;

  /// For probes and scrapes, and for Jetty to accept, select and reject.
  private static final int FURTHER_THREADS = 32;

  private static final int MIN_THREADS = 8;

  /// How long requests under way may go on after the server begins to stop.
  private static final long STOP_MILLIS = 2_000;

  private final Connections connections = Connections.ofThisProcess();
  private final AnswerMemory memory = AnswerMemory.ofThisProcess();
  private final QoSHandler requests = new QoSHandler();
  private final Unparsable unparsable = new Unparsable();

  /// @param host,port where to listen
  void apply(JavalinConfig config, String host, int port) {
    QueuedThreadPool threads =
        new QueuedThreadPool(REQUESTS + Tail.MAX_CLIENTS + FURTHER_THREADS, MIN_THREADS);
    threads.setName("http");
    threads.setDaemon(true);
    config.jetty.threadPool = threads;
    config.concurrency.useVirtualThreads = false;
    config.http.maxRequestSize = MAX_BODY_BYTES;
    config.jetty.addConnector(
        (jetty, http) -> {
          BoundedConnector connector = new BoundedConnector(jetty, http, connections);
          connector.setHost(host);
          connector.setPort(port);
          return connector;
        });
    config.jetty.modifyServer(
        jetty -> {
          jetty.setHandler(handlers());
          jetty.setStopTimeout(STOP_MILLIS);
          jetty.setErrorHandler(unparsable);
        });
  }

  private Handler.Wrapper handlers() {
    requests.setMaxRequestCount(REQUESTS);
    requests.setMaxSuspendedRequestCount(WAITING_REQUESTS);
    requests.setMaxSuspend(LONGEST_WAIT);
    requests.excludePath("/healthz", "/readyz", "/metrics", Tail.PATH);
    requests.setHandler(new GracefulHandler());
    UnderWay underWay = new UnderWay(connections);
    underWay.setHandler(
        new EagerContentHandler(
            requests, new RetainedContentLoaderFactory(MAX_BODY_BYTES, 0, true)));
    return underWay;
  }

  Connections connections() {
    return connections;
  }

  AnswerMemory memory() {
    return memory;
  }

  /// Requests that were no proper HTTP, since the start.
  long unparsable() {
    return unparsable.count();
  }

  /// Requests answered 503 because too many, or too large ones, were under way, since the start.
  long rejectedRequests() {
    return requests.getTotalExceededRequestCount()
        + requests.getTotalExpiredRequestCount()
        + memory.rejected();
  }
}
