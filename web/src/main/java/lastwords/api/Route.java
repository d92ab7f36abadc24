package lastwords.api;

import io.javalin.http.Handler;
import io.javalin.http.HandlerType;
import io.javalin.http.HttpResponseException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import lastwords.json.Json;
import lastwords.query.Page;
import org.jspecify.annotations.Nullable;

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
        path, summary, new Response.One(type), r -> json(r, whole(r, r.search(() -> value.of(r)))));
  }

  /// `GET` that answers with a page of objects of the stores, read on the [SearchPool].
  static <T> Route many(String path, Class<? super T> of, Value<Page<T>> page, String summary) {
    return get(
        path,
        summary,
        new Response.Many(of),
        r -> json(r, shape(r.search(() -> page.of(r)), r.budget().partialReason())));
  }

  /// `GET` that answers with one object at once, also while all threads of the [SearchPool] work.
  static <T> Route instant(String path, Class<? super T> type, Value<T> value, String summary) {
    return get(path, summary, new Response.One(type), r -> json(r, value.of(r)));
  }

  /// `POST` that does something and answers with one object.
  static <T> Route post(String path, Class<? super T> type, Value<T> value, String summary) {
    return new Route(
        HandlerType.POST,
        path,
        summary,
        List.of(),
        new Response.One(type),
        r -> json(r, value.of(r)));
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

  /// An empty page has its items too, where JSON otherwise leaves out what is empty.
  private static Map<String, Object> shape(Page<?> page, @Nullable String partialReason) {
    Map<String, Object> shape = new LinkedHashMap<>();
    shape.put("items", page.items());
    if (page.next() != null) {
      shape.put("next", page.next());
    }
    if (partialReason != null) {
      shape.put("partial", true);
      shape.put("partial_reason", partialReason);
    }
    return shape;
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

  static void json(Request request, Object value) {
    request.context().contentType("application/json").result(Json.write(value));
  }

  /// @param pool where it reads from the stores
  Handler handler(SearchPool pool) {
    return context -> answer.to(new Request(context, this, pool));
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
