package lastwords.api;

import io.javalin.http.BadRequestResponse;
import io.javalin.http.Context;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What was asked of a route, by its parameters.
final class Request {
  private final Context context;
  private final Route route;
  private final AnswerMemory memory;

  /// @throws BadRequestResponse when it names a parameter the route doesn't have
  Request(Context context, Route route, AnswerMemory memory) {
    this.context = context;
    this.route = route;
    this.memory = memory;
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
