package lastwords.api;

import io.javalin.http.BadRequestResponse;
import io.javalin.http.Context;
import java.util.Optional;
import java.util.concurrent.Callable;
import lastwords.store.SearchBudget;
import org.jspecify.annotations.Nullable;

/// What was asked of a route, by its parameters.
final class Request {
  private final Context context;
  private final Route route;
  private final AnswerMemory memory;
  private final SearchPool pool;

  /// @param pool where it reads from the stores
  /// @param memory what its answer is made in
  /// @throws BadRequestResponse when it names a parameter the route doesn't have
  Request(Context context, Route route, SearchPool pool, AnswerMemory memory) {
    this.context = context;
    this.route = route;
    this.memory = memory;
    this.pool = pool;
    for (String name : context.queryParamMap().keySet()) {
      if (route.parameters().stream().noneMatch(p -> !p.inPath() && p.name().equals(name))) {
        throw new BadRequestResponse(
            "unknown parameter '%s'; allowed are: %s".formatted(name, route.queryNames()));
      }
    }
  }

  Context context() {
    return context;
  }

  /// Runs a search on the pool, within [#budget], and waits for it.
  <T> T search(Callable<T> search) throws Exception {
    return pool.run(context, search);
  }

  /// What the request's last search may do, and what became of it.
  SearchBudget budget() {
    return SearchPool.budget(context);
  }

  /// What its answer is made in.
  AnswerMemory memory() {
    return memory;
  }

  /// The parameter's value or its default.
  ///
  /// @throws BadRequestResponse when there is neither, or the value isn't allowed
  <T> T get(Parameter<T> parameter) {
    return find(parameter)
        .orElseThrow(
            () -> new BadRequestResponse("parameter '" + parameter.name() + "' is missing"));
  }

  /// The same for those that may be absent.
  <T> @Nullable T orNull(Parameter<T> parameter) {
    return find(parameter).orElse(null);
  }

  /// The parameter's value or its default, if any; an empty value counts as absent.
  ///
  /// @throws BadRequestResponse when the value isn't allowed
  private <T> Optional<T> find(Parameter<T> parameter) {
    if (!route.parameters().contains(parameter)) {
      throw new IllegalStateException(route.path() + " doesn't list " + parameter.name());
    }
    String text =
        parameter.inPath()
            ? context.pathParam(parameter.name())
            : context.queryParam(parameter.name());
    if (text == null || text.isEmpty()) {
      return Optional.ofNullable(parameter.byDefault());
    }
    try {
      return Optional.of(parameter.reader().apply(text));
    } catch (IllegalArgumentException e) {
      throw new BadRequestResponse(
          "parameter '%s' is '%s'; %s".formatted(parameter.name(), text, e.getMessage()));
    }
  }
}
