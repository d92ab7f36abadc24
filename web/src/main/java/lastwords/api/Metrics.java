package lastwords.api;

import io.javalin.http.Context;
import io.javalin.router.Endpoint;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.binder.jvm.ClassLoaderMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/// What Prometheus reads: the program's status, its requests, its JVM.
///
/// The status is asked for once per [#scrape].
final class Metrics implements AutoCloseable {
  static final String CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

  private final PrometheusMeterRegistry registry;
  private final Supplier<Status> status;
  private final JvmGcMetrics garbageCollection = new JvmGcMetrics();
  private volatile Status latest;

  Metrics(PrometheusMeterRegistry registry, Supplier<Status> status, Tail tail) {
    this.registry = registry;
    this.status = status;
    latest = status.get();

    counter("datagrams", "Datagrams read off the sockets.", Status::datagrams);
    counter("datagram.bytes", "Payload bytes of the datagrams read.", Status::bytes);
    counter(
        "socket.drops",
        "Datagrams this machine's kernel dropped because a socket's buffer was full.",
        Status::socketDrops);
    counter("malformed", "Datagrams kept that couldn't be understood.", Status::malformed);
    counter("appended", "Datagrams in the log, deleted ones included.", Status::appended);
    counter("indexed", "Datagrams of the log the index accounts for.", Status::indexed);
    counter("analyzed", "Datagrams of the log analysis accounts for.", Status::analyzed);
    gauge(
        "index.lag.seconds",
        "Age of the oldest datagram that can't be found yet.",
        Status::indexLagSeconds);
    gauge("log.bytes", "What the log occupies on disk.", Status::logBytes);
    gauge("index.bytes", "What the index occupies on disk.", Status::indexBytes);
    gauge("ready", "1 while it can receive and search.", now -> now.notReady().isEmpty() ? 1 : 0);
    gauge("tail.clients", "Clients that follow the tail.", _ -> tail.clients());

    new ClassLoaderMetrics().bindTo(registry);
    new JvmMemoryMetrics().bindTo(registry);
    new JvmThreadMetrics().bindTo(registry);
    new ProcessorMetrics().bindTo(registry);
    new UptimeMetrics().bindTo(registry);
    new FileDescriptorMetrics().bindTo(registry);
    garbageCollection.bindTo(registry);
  }

  private void counter(String name, String description, ToDoubleFunction<Status> value) {
    FunctionCounter.builder("lastwords." + name, this, m -> value.applyAsDouble(m.latest))
        .description(description)
        .register(registry);
  }

  private void gauge(String name, String description, ToDoubleFunction<Status> value) {
    Gauge.builder("lastwords." + name, this, m -> value.applyAsDouble(m.latest))
        .description(description)
        .register(registry);
  }

  String scrape() {
    latest = status.get();
    return registry.scrape();
  }

  /// Counts a request by the route it took and how it ended.
  void answered(Context context, float millis) {
    Endpoint endpoint = context.endpoints().matchedHttpEndpoint();
    registry
        .timer(
            "lastwords.http.requests",
            "route",
            endpoint == null ? "none" : endpoint.path,
            "status",
            Integer.toString(context.statusCode()))
        .record((long) (millis * 1000), TimeUnit.MICROSECONDS);
  }

  @Override
  public void close() {
    garbageCollection.close();
  }
}
