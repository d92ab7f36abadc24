package lastwords.api;

import io.javalin.http.Context;
import io.javalin.router.Endpoint;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.jvm.ClassLoaderMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/// What Prometheus reads: the program's status, its requests, its JVM.
///
/// The status is asked for once per [#scrape].
final class Metrics implements AutoCloseable {
  static final String CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

  private final ScrapedMeters registry;
  private final Supplier<Status> status;
  private final JvmGcMetrics garbageCollection = new JvmGcMetrics();
  private final Set<String> registered = new HashSet<>();
  private volatile Status latest;

  /// @param status throws nothing
  Metrics(ScrapedMeters registry, Supplier<Status> status, Tail tail) {
    this.registry = registry;
    this.status = status;
    latest = status.get();
    registerParts();

    counter("datagrams", "Datagrams read off the sockets.", Status::datagrams);
    counter("datagram.bytes", "Payload bytes of the datagrams read.", Status::bytes);
    counter("stored", "Of the datagrams read, those in the log.", Status::stored);
    counter(
        "not.appended",
        "Of the datagrams read, those lost because the log couldn't be written.",
        Status::notAppended);
    counter("appended", "Datagrams in the log, deleted ones included.", Status::appended);
    counter("deleted", "Datagrams of the log deleted by retention.", Status::deleted);
    counter("indexed", "Datagrams of the log the index accounts for.", Status::indexed);
    counter("analyzed", "Datagrams of the log analysis accounts for.", Status::analyzed);
    gauge(
        "index.lag.seconds",
        "Age of the oldest datagram that can't be found yet.",
        Status::indexLagSeconds);
    gauge("outbox.pending", "Deliveries to be made.", now -> now.outbox().pending());
    gauge(
        "outbox.oldest.seconds",
        "How long the oldest delivery to be made waits.",
        now -> now.outbox().oldestSeconds());
    gauge("outbox.failed", "Deliveries given up.", now -> now.outbox().failed());
    gauge("disk.free.bytes", "What is left of the data folder's disk.", n -> n.disk().freeBytes());
    gauge(
        "disk.full.seconds",
        "When that disk will be full, at the last 24 hours' rate; NaN when it won't be.",
        now -> orNaN(now.disk().fullInSeconds()));
    gauge(
        "log.limit.seconds",
        "When the log reaches keep-log-bytes, at the last 24 hours' rate; NaN when it won't.",
        now -> orNaN(now.disk().logLimitInSeconds()));
    canary();
    configuration();
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

  /// Meters of wrong tokens.
  void logins(FailedLogins logins) {
    counter("http.failed.logins", "Wrong tokens presented.", _ -> logins.failures());
    counter(
        "http.throttled.logins",
        "Tokens rejected unseen, after too many wrong ones of their source.",
        _ -> logins.rejected());
  }

  /// Meters of what clients may take, and of what was refused to them.
  void limits(HttpLimits limits) {
    Connections connections = limits.connections();
    gauge("http.connections", "HTTP connections open now.", _ -> connections.count());
    gauge("http.connections.limit", "HTTP connections at one time.", _ -> connections.limit());
    String rejected = "HTTP connections closed at once.";
    counter(
        "http.connections.rejected",
        rejected,
        Tags.of("reason", "limit"),
        _ -> connections.rejected());
    counter(
        "http.connections.rejected",
        rejected,
        Tags.of("reason", "source"),
        _ -> connections.rejectedOfSource());
    counter(
        "http.connections.overdue",
        "HTTP connections closed because a request or its answer took too long.",
        _ -> connections.overdue());
    counter(
        "http.requests.rejected",
        "Requests answered 503 because too many were under way.",
        _ -> limits.rejectedRequests());
    gauge("http.answers.bytes", "Memory that answers take now.", _ -> limits.memory().used());
    counter(
        "http.requests.unparsable", "Requests that were no proper HTTP.", _ -> limits.unparsable());
  }

  /// Meters of the parts that the latest status has and no status had before.
  private synchronized void registerParts() {
    for (String reason : latest.refused().keySet()) {
      if (registered.add("refused " + reason)) {
        counter(
            "refused",
            "Of the datagrams read, those passed over.",
            Tags.of("reason", reason),
            now -> now.refused().getOrDefault(reason, 0L));
      }
    }
    for (int i = 0; i < latest.sockets().size(); i++) {
      String name = latest.sockets().get(i).socket();
      if (registered.add("socket " + name)) {
        socket(i, name);
      }
    }
    for (int i = 0; i < latest.readers().size(); i++) {
      String name = latest.readers().get(i).reader();
      if (registered.add("reader " + name)) {
        reader(i, name);
      }
    }
  }

  /// Adds what becomes of searches.
  void searches(SearchPool pool) {
    gauge("searches.active", "Searches at work.", _ -> pool.active());
    gauge("searches.waiting", "Searches that wait for a thread.", _ -> pool.waiting());
    counter(
        "searches.rejected", "Searches answered 503: no thread was free.", _ -> pool.rejected());
    counter(
        "searches.partial", "Searches answered in part: their limit was reached.", _ -> pool.cut());
    counter("searches.abandoned", "Searches ended since their client left.", _ -> pool.abandoned());
  }

  private void socket(int index, String name) {
    Tags tags = Tags.of("socket", name);
    counter(
        "socket.drops",
        "Datagrams this machine's kernel dropped, mostly because the socket's buffer was full.",
        tags,
        now -> now.sockets().get(index).drops());
    gauge(
        "socket.buffer.bytes",
        "The socket's receive buffer, as the kernel counts it.",
        tags,
        now -> now.sockets().get(index).bufferBytes());
    gauge(
        "socket.queued.bytes",
        "What is taken of that buffer now.",
        tags,
        now -> now.sockets().get(index).queuedBytes());
  }

  private void reader(int index, String name) {
    Tags tags = Tags.of("reader", name);
    gauge(
        "reader.lag.seconds",
        "Age of the oldest datagram, of alerting crash, that the reader hasn't dealt with.",
        tags,
        now -> now.readers().get(index).lagSeconds());
    gauge(
        "reader.behind",
        "Datagrams, of alerting changes of crashes, that the reader hasn't dealt with.",
        tags,
        now -> now.readers().get(index).behind());
  }

  private void canary() {
    counter("canary.sent", "Canaries sent.", now -> of(now.canary(), Status.Canary::sent, 0));
    counter(
        "canary.failures",
        "Canaries that didn't come through in time.",
        now -> of(now.canary(), Status.Canary::failures, 0));
    gauge(
        "canary.last.success.timestamp.seconds",
        "When the last canary that came through was sent.",
        now -> flight(now, flight -> flight.sentAtMicros() / 1e6));
    Map<String, ToDoubleFunction<CanaryFlight>> stages =
        Map.of(
            "logged", CanaryFlight::loggedMillis,
            "analyzed", CanaryFlight::analyzedMillis,
            "searchable", CanaryFlight::searchableMillis);
    stages.forEach(
        (stage, millis) ->
            gauge(
                "canary.seconds",
                "How long the last canary that came through took.",
                Tags.of("stage", stage),
                now -> flight(now, millis) / 1e3));
  }

  private void configuration() {
    counter(
        "config.reloads",
        "How often the configuration was read again and put in use.",
        now -> now.configuration().reloads());
    counter(
        "config.reload.failures",
        "How often a changed configuration was rejected.",
        now -> now.configuration().failures());
    gauge(
        "config.last.reload.successful",
        "1 while the configuration is in use as it was read last, 0 while that is rejected.",
        now -> now.configuration().problem() == null ? 1 : 0);
    gauge(
        "config.last.reload.timestamp.seconds",
        "When the configuration in use was read.",
        now -> now.configuration().loadedAtMicros() / 1e6);
  }

  private static double flight(Status status, ToDoubleFunction<CanaryFlight> value) {
    CanaryFlight last = status.canary() == null ? null : status.canary().last();
    return of(last, value, Double.NaN);
  }

  private static <T> double of(@Nullable T part, ToDoubleFunction<T> value, double otherwise) {
    return part == null ? otherwise : value.applyAsDouble(part);
  }

  private static double orNaN(@Nullable Double value) {
    return value == null ? Double.NaN : value;
  }

  private void counter(String name, String description, ToDoubleFunction<Status> value) {
    counter(name, description, Tags.empty(), value);
  }

  private void counter(String name, String description, Tags tags, ToDoubleFunction<Status> value) {
    FunctionCounter.builder("lastwords." + name, this, m -> value.applyAsDouble(m.latest))
        .description(description)
        .tags(tags)
        .register(registry);
  }

  private void gauge(String name, String description, ToDoubleFunction<Status> value) {
    gauge(name, description, Tags.empty(), value);
  }

  private void gauge(String name, String description, Tags tags, ToDoubleFunction<Status> value) {
    Gauge.builder("lastwords." + name, this, m -> value.applyAsDouble(m.latest))
        .description(description)
        .tags(tags)
        .register(registry);
  }

  /// Everything in the text format of Prometheus; throws nothing.
  String scrape() {
    latest = status.get();
    registerParts();
    return registry.text();
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
