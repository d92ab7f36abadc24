package lastwords.api;

import static java.util.Locale.ROOT;
import static lastwords.api.Route.instant;
import static lastwords.api.Route.many;
import static lastwords.api.Route.one;
import static lastwords.api.Route.other;
import static lastwords.api.Route.post;

import io.javalin.http.ConflictResponse;
import io.javalin.http.NotFoundResponse;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;
import lastwords.kernel.Alarm;
import lastwords.kernel.Crash;
import lastwords.kernel.Delivery;
import lastwords.kernel.KernelMessage;
import lastwords.kernel.Position;
import lastwords.kernel.Signature;
import lastwords.query.Batches;
import lastwords.query.Histogram;
import lastwords.query.HostSummary;
import lastwords.query.Page;
import lastwords.query.Searches;
import lastwords.query.Sizes;
import lastwords.query.ValueCount;
import lastwords.store.Index;
import lastwords.store.Ledger;
import org.jspecify.annotations.Nullable;

/// The list of routes, and a method for each.
final class Routes {
  private static final Parameter<String> MESSAGE_QUERY =
      Parameter.text(
          "query",
          "Query language over text (default), host, address, boot, severity, facility, release,"
              + " cpu, task, caller and any userdata key.");
  private static final Parameter<String> CRASH_QUERY =
      Parameter.text(
          "query",
          "Query language over title (default), kind, category, severity, signature, state, host,"
              + " release, function, guilty, module, comm, tainted, hardware, report.");
  private static final Parameter<String> SINCE =
      Parameter.text("since", "Received at or after: a time, or a duration back from now.");
  private static final Parameter<String> UNTIL =
      Parameter.text("until", "Received before: a time, or a duration back from now.");
  private static final Parameter<String> ORDER =
      Parameter.oneOf("order", "Newest or oldest first.", "desc", List.of("desc", "asc"));
  private static final Parameter<Integer> LIMIT =
      Parameter.number(
          "limit",
          "Most items on a page, which has fewer where they are large: `next` continues.",
          1,
          Searches.MAX_LIMIT,
          Searches.DEFAULT_LIMIT);
  private static final Parameter<String> CURSOR =
      Parameter.text("cursor", "`next` of the page before, as it came.");
  private static final Parameter<String> ID_CURSOR =
      Parameter.text("cursor", "`next` of the page before, as it came.", Routes::id);
  private static final Parameter<Integer> BUCKETS =
      Parameter.number("buckets", "Slices of the time.", 1, Searches.MAX_BUCKETS, 60);
  private static final Parameter<String> BY =
      Parameter.text("by", "A field; counts its 100 most frequent values apart.");
  private static final Parameter<String> FIELD =
      Parameter.requiredText("field", "The field whose values are counted.");
  private static final Parameter<String> POSITION =
      Parameter.inPath("position", "A message's `position`.", Routes::position);
  private static final Parameter<Integer> BEFORE =
      Parameter.number("before", "Messages before it.", 0, Searches.MAX_LIMIT, 50);
  private static final Parameter<Integer> AFTER =
      Parameter.number("after", "Messages after it.", 0, Searches.MAX_LIMIT, 50);
  private static final Parameter<String> CRASH_ID = Parameter.inPath("id", "A crash's `id`.");
  private static final Parameter<String> SIGNATURE_ID =
      Parameter.inPath("id", "A signature, 16 hex digits.");
  private static final Parameter<String> HOST = Parameter.inPath("host", "A host's name.");
  private static final Parameter<String> ALARM_STATE =
      Parameter.oneOf(
          "state", "Only those in this state.", null, List.of("open", "claimed", "resolved"));
  private static final Parameter<String> ALARM_REASON =
      Parameter.text("reason", "Only those not notified for this reason, such as storm or late.");
  private static final Parameter<String> ALARM_STORM =
      Parameter.text("storm", "Only those held in this alert storm, by its id.");
  private static final Parameter<String> ALARM_SINCE =
      Parameter.text("since", "Raised at or after: a time, or a duration back from now.");
  private static final Parameter<String> ALARM_ID = Parameter.inPath("id", "An alarm's `id`.");
  private static final Parameter<String> HOOK = Parameter.inPath("name", "A hook's name.");
  private static final Parameter<String> DELIVERY_ID = Parameter.inPath("id", "A delivery's `id`.");
  private static final Parameter<String> TARGET =
      Parameter.text("target", "Only those to this target.");
  private static final Parameter<String> DELIVERY_STATE =
      Parameter.oneOf(
          "state",
          "Only those in this state.",
          null,
          Arrays.stream(Delivery.State.values()).map(Delivery.State::toString).toList());

  /// An alarm in memory, about: its strings are short.
  private static final long ALARM_BYTES = 2_000;

  private final Searches searches;
  private final Ledger ledger;
  private final Supplier<Status> status;
  private final Hooks hooks;
  private final Callable<CanaryFlight> canary;
  private final Metrics metrics;
  private final Tail tail;

  Routes(
      Searches searches,
      Ledger ledger,
      Supplier<Status> status,
      Hooks hooks,
      Callable<CanaryFlight> canary,
      Metrics metrics,
      Tail tail) {
    this.searches = searches;
    this.ledger = ledger;
    this.status = status;
    this.hooks = hooks;
    this.canary = canary;
    this.metrics = metrics;
    this.tail = tail;
  }

  List<Route> all() {
    List<Route> v1 =
        List.of(
            many("/messages", KernelMessage.class, this::messages, "Messages")
                .with(MESSAGE_QUERY, SINCE, UNTIL, ORDER, LIMIT, CURSOR),
            other("/messages/tail", Tail.CONTENT_TYPE, this::tail, "Messages as they arrive")
                .with(MESSAGE_QUERY),
            one("/messages/histogram", TimeSeries.class, this::histogram, "Counts over time")
                .with(MESSAGE_QUERY, SINCE, UNTIL, BUCKETS, BY),
            many("/messages/values", ValueCount.class, this::values, "A field's top values")
                .with(FIELD, MESSAGE_QUERY, SINCE, UNTIL, LIMIT),
            many(
                    "/messages/{position}/context",
                    KernelMessage.class,
                    this::context,
                    "The same host's lines around one")
                .with(POSITION, BEFORE, AFTER),
            many("/crashes", Crash.class, this::crashes, "Crashes, newest first")
                .with(CRASH_QUERY, SINCE, UNTIL, LIMIT, CURSOR),
            one("/crashes/{id}", Crash.class, this::crash, "A crash").with(CRASH_ID),
            many("/signatures", Signature.class, this::signatures, "Signatures, last seen first")
                .with(CRASH_QUERY, SINCE, UNTIL, LIMIT, CURSOR),
            one(
                    "/signatures/{id}",
                    Signature.class,
                    this::signature,
                    "A signature, with what to suspect: one machine, a platform, a release, or"
                        + " none")
                .with(SIGNATURE_ID),
            many("/hosts", HostSummary.class, this::hosts, "Hosts, by name").with(LIMIT, CURSOR),
            one("/hosts/{host}", HostSummary.class, this::host, "A host").with(HOST),
            many("/alarms", Alarm.class, this::alarms, "Alarms, newest first")
                .with(ALARM_STATE, ALARM_REASON, ALARM_STORM, ALARM_SINCE, LIMIT, ID_CURSOR),
            one("/alarms/{id}", Alarm.class, this::alarm, "An alarm").with(ALARM_ID),
            many("/hooks", Object.class, this::hooks, "The configured targets"),
            post(
                    "/hooks/{name}/test",
                    Delivery.class,
                    request -> asked(() -> hooks.test(request.get(HOOK))),
                    "Sends a target a test; enables one that was disabled")
                .with(HOOK),
            many("/deliveries", Delivery.class, this::deliveries, "What was sent, newest first")
                .with(TARGET, DELIVERY_STATE, LIMIT, ID_CURSOR),
            post(
                    "/deliveries/{id}/retry",
                    Delivery.class,
                    request -> asked(() -> hooks.retry(request.get(DELIVERY_ID))),
                    "Sends a delivery again that was given up, or one that waits at once; 409 when"
                        + " it was delivered")
                .with(DELIVERY_ID),
            instant(
                "/stats", Status.class, _ -> status.get(), "Counters since the start, sizes now"),
            post(
                "/canary",
                CanaryFlight.class,
                _ -> canary.call(),
                "Sends the collector a datagram through its UDP address and waits for it; 503 when"
                    + " it doesn't come through"));
    List<Route> topLevel =
        List.of(
            other("/metrics", Metrics.CONTENT_TYPE, this::metrics, "The same for Prometheus"),
            instant("/healthz", Health.class, _ -> Health.ALIVE, "Whether it is alive"),
            instant("/readyz", Health.class, this::ready, "Whether it can receive and search now"),
            instant("/openapi.json", Object.class, _ -> OpenApi.of(all()), "This document"));
    return Stream.concat(v1.stream().map(route -> route.under("/api/v1")), topLevel.stream())
        .toList();
  }

  private Page<KernelMessage> messages(Request request) {
    return searches(request)
        .messages(
            request.orNull(MESSAGE_QUERY),
            request.orNull(SINCE),
            request.orNull(UNTIL),
            request.get(ORDER).equals("desc"),
            request.orNull(CURSOR),
            request.get(LIMIT));
  }

  private void tail(Request request) throws InterruptedException {
    String query = request.orNull(MESSAGE_QUERY);
    tail.serve(request.context(), from -> tail(request, query, from));
  }

  /// While there is no room for its search, a client that follows waits.
  private Index.Tail tail(Request request, @Nullable String query, long from) {
    try {
      return request.search(() -> searches(request).tail(query, from, Tail.BATCH));
    } catch (SearchPool.Busy e) {
      if (from < 0) {
        throw e;
      }
      return new Index.Tail(List.of(), 0, from);
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private Searches searches(Request request) {
    return searches.within(request.budget());
  }

  private TimeSeries histogram(Request request) {
    String by = request.orNull(BY);
    Histogram histogram =
        searches(request)
            .histogram(
                request.orNull(MESSAGE_QUERY),
                request.orNull(SINCE),
                request.orNull(UNTIL),
                request.get(BUCKETS),
                by);
    return TimeSeries.of(histogram, by != null, request.budget().partialReason());
  }

  private Page<ValueCount> values(Request request) {
    return searches(request)
        .values(
            request.orNull(MESSAGE_QUERY),
            request.orNull(SINCE),
            request.orNull(UNTIL),
            request.get(FIELD),
            request.get(LIMIT));
  }

  private Page<KernelMessage> context(Request request) {
    String position = request.get(POSITION);
    List<KernelMessage> messages =
        searches(request)
            .context(position, request.get(BEFORE), request.get(AFTER))
            .orElseThrow(() -> unknown("message at position", position));
    return new Page<>(messages, null);
  }

  private Page<Crash> crashes(Request request) {
    return searches(request)
        .crashes(
            request.orNull(CRASH_QUERY),
            request.orNull(SINCE),
            request.orNull(UNTIL),
            request.orNull(CURSOR),
            request.get(LIMIT));
  }

  private Crash crash(Request request) {
    String id = request.get(CRASH_ID);
    return searches(request).crash(id).orElseThrow(() -> unknown("crash", id));
  }

  private Page<Signature> signatures(Request request) {
    return searches(request)
        .signatures(
            request.orNull(CRASH_QUERY),
            request.orNull(SINCE),
            request.orNull(UNTIL),
            request.orNull(CURSOR),
            request.get(LIMIT));
  }

  private Signature signature(Request request) {
    String id = request.get(SIGNATURE_ID);
    return searches(request).signature(id).orElseThrow(() -> unknown("signature", id));
  }

  private Page<HostSummary> hosts(Request request) {
    return searches(request).hosts(request.orNull(CURSOR), request.get(LIMIT));
  }

  private HostSummary host(Request request) {
    String name = request.get(HOST);
    return searches(request).host(name).orElseThrow(() -> unknown("host", name));
  }

  private Page<Alarm> alarms(Request request) {
    Ledger.AlarmQuery query =
        new Ledger.AlarmQuery(
            request.orNull(ALARM_STATE),
            request.orNull(ALARM_REASON),
            request.orNull(ALARM_STORM),
            searches.sinceMicros(request.orNull(ALARM_SINCE)));
    return page(
        request, Alarm::id, _ -> ALARM_BYTES, (after, limit) -> ledger.alarms(query, after, limit));
  }

  private Alarm alarm(Request request) {
    String id = request.get(ALARM_ID);
    return ledger.alarm(id).orElseThrow(() -> unknown("alarm", id));
  }

  private static Delivery asked(Supplier<Delivery> action) {
    try {
      return action.get();
    } catch (NoSuchElementException e) {
      throw new NotFoundResponse(String.valueOf(e.getMessage()));
    } catch (IllegalStateException e) {
      throw new ConflictResponse(String.valueOf(e.getMessage()));
    }
  }

  private Page<?> hooks(Request request) {
    return new Page<>(hooks.all(), null);
  }

  private Page<Delivery> deliveries(Request request) {
    String state = request.orNull(DELIVERY_STATE);
    Delivery.State in = state == null ? null : Delivery.State.valueOf(state.toUpperCase(ROOT));
    return page(
        request,
        Delivery::id,
        Sizes::of,
        (after, limit) -> ledger.deliveries(request.orNull(TARGET), in, after, limit));
  }

  private void metrics(Request request) {
    request.context().contentType(Metrics.CONTENT_TYPE).result(metrics.scrape());
  }

  private Health ready(Request request) {
    Health health = Health.of(status.get());
    request.context().status(health.reasons().isEmpty() ? 200 : 503);
    return health;
  }

  /// A page of a list that goes on after an item's id; the cursor is that id, in base64url.
  private static <T> Page<T> page(
      Request request,
      Function<T, String> id,
      ToLongFunction<T> bytes,
      Batches.Source<T, String> list) {
    return Batches.page(
        request.get(LIMIT),
        request.orNull(ID_CURSOR),
        list,
        new Batches.Items<>(id, bytes, item -> cursor(id.apply(item))));
  }

  private static String cursor(String id) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(id.getBytes(StandardCharsets.UTF_8));
  }

  private static NotFoundResponse unknown(String what, String id) {
    return new NotFoundResponse("there is no " + what + " '" + id + "'");
  }

  private static String id(String cursor) {
    return new String(Base64.getUrlDecoder().decode(cursor), StandardCharsets.UTF_8);
  }

  private static String position(String text) {
    return Position.text(Position.parse(text));
  }
}
