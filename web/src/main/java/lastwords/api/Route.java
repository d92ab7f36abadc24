package lastwords.api;

import io.javalin.http.Context;
import io.javalin.http.Handler;
import io.javalin.http.HandlerType;
import io.javalin.http.HttpResponseException;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import lastwords.query.Page;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One route: what it takes, what it answers, and what answers it.
///
/// @param path with its path parameters in braces
/// @param parameters all it takes; a request with others is refused
/// @param response what a good answer looks like
record Route(
    HandlerType method,
    String path,
    String summary,
    List<Parameter<?>> parameters,
    Response response,
    Answer answer) {

  private static final Logger LOG = LoggerFactory.getLogger(Route.class);

  /// What a good answer looks like.
  sealed interface Response {
    /// One object as JSON; [Object] stands for any.
    record One(Class<?> type) implements Response {}

    /// A page of objects as JSON; [Object] stands for any.
    record Many(Class<?> of) implements Response {}

    /// Text of another type.
    record Other(String contentType) implements Response {}
  }

  /// Answers on the request's context.
  interface Answer {
    void to(Request request) throws Exception;
  }

  /// Answers with one value.
  interface Value<T> {
    T of(Request request) throws Exception;
  }

  /// `GET` that answers with one object of the stores, read on the [SearchPool].
  static <T> Route one(String path, Class<? super T> type, Value<T> value, String summary) {
    return get(
        path,
        summary,
        new Response.One(type),
        r -> json(r, () -> JsonAnswer.of(whole(r, r.search(() -> value.of(r))))));
  }

  /// `GET` that answers with a page of objects of the stores, read on the [SearchPool].
  static <T> Route many(String path, Class<? super T> of, Value<Page<T>> page, String summary) {
    return get(path, summary, new Response.Many(of), r -> json(r, () -> page(r, page)));
  }

  private static <T> JsonAnswer page(Request request, Value<Page<T>> page) throws Exception {
    Page<T> found = request.search(() -> page.of(request));
    return JsonAnswer.of(found, request.budget().partialReason());
  }

  /// `GET` that answers with one small object at once, also while all threads of the [SearchPool]
  /// work and all memory of answers is taken.
  static <T> Route instant(String path, Class<? super T> type, Value<T> value, String summary) {
    return get(path, summary, new Response.One(type), r -> send(r, JsonAnswer.of(value.of(r))));
  }

  /// `POST` that does something and answers with one object.
  static <T> Route post(String path, Class<? super T> type, Value<T> value, String summary) {
    return new Route(
        HandlerType.POST,
        path,
        summary,
        List.of(),
        new Response.One(type),
        r -> json(r, () -> JsonAnswer.of(value.of(r))));
  }

  /// `GET` that answers with something else.
  static Route other(String path, String contentType, Answer answer, String summary) {
    return get(path, summary, new Response.Other(contentType), answer);
  }

  private static Route get(String path, String summary, Response response, Answer answer) {
    return new Route(HandlerType.GET, path, summary, List.of(), response, answer);
  }

  Route with(Parameter<?>... parameters) {
    return new Route(method, path, summary, List.of(parameters), response, answer);
  }

  Route under(String prefix) {
    return new Route(method, prefix + path, summary, parameters, response, answer);
  }

  /// An object that has no way to name what it lacks is whole or not answered.
  private static <T> T whole(Request request, T value) {
    String lacks = request.budget().partialReason();
    if (lacks != null && !(value instanceof TimeSeries)) {
      request.context().header("Retry-After", "2");
      throw new HttpResponseException(503, lacks);
    }
    return value;
  }

  /// Answers with what the memory of an answer was taken for.
  private static void json(Request request, Callable<JsonAnswer> answer) throws Exception {
    try (AnswerMemory.Lease memory = request.memory().take()) {
      JsonAnswer made = answer.call();
      memory.keep(made.bytes());
      send(request, made);
    }
  }

  /// A client that left is no fault.
  private static void send(Request request, JsonAnswer answer) {
    Context context = request.context();
    context.contentType("application/json");
    try (OutputStream to = context.outputStream()) {
      answer.writeTo(to);
    } catch (IOException e) {
      LOG.debug("client left before it had its answer", e);
    }
  }

  /// @param pool where it reads from the stores
  /// @param memory what its answers are made in
  Handler handler(SearchPool pool, AnswerMemory memory) {
    return context -> answer.to(new Request(context, this, pool, memory));
  }

  /// What a request may name in its query.
  String queryNames() {
    String names =
        parameters.stream()
            .filter(parameter -> !parameter.inPath())
            .map(Parameter::name)
            .collect(Collectors.joining(", "));
    return names.isEmpty() ? "none" : names;
  }
}
