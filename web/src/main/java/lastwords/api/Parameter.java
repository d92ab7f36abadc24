package lastwords.api;

import static lastwords.api.Schemas.object;

import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// One thing a route takes, in its path or its query: how it reads, and what to say of it.
///
/// @param required whether it has to be there; one in the path always has
/// @param schema its OpenAPI schema
/// @param byDefault what an absent one means; null where that is up to the route
/// @param reader throws [IllegalArgumentException], saying what is allowed
record Parameter<T>(
    String name,
    boolean inPath,
    boolean required,
    String description,
    Map<String, Object> schema,
    @Nullable T byDefault,
    Function<String, T> reader) {

  static Parameter<String> inPath(String name, String description) {
    return inPath(name, description, text -> text);
  }

  static <T> Parameter<T> inPath(String name, String description, Function<String, T> reader) {
    return new Parameter<>(name, true, true, description, object("type", "string"), null, reader);
  }

  static Parameter<String> text(String name, String description) {
    return text(name, description, text -> text);
  }

  static <T> Parameter<T> text(String name, String description, Function<String, T> reader) {
    return new Parameter<>(name, false, false, description, object("type", "string"), null, reader);
  }

  static Parameter<String> requiredText(String name, String description) {
    return new Parameter<>(
        name, false, true, description, object("type", "string"), null, text -> text);
  }

  static Parameter<Integer> number(
      String name, String description, int least, int most, int byDefault) {
    Map<String, Object> schema =
        object("type", "integer", "minimum", least, "maximum", most, "default", byDefault);
    return new Parameter<>(
        name, false, false, description, schema, byDefault, text -> number(text, least, most));
  }

  /// @param byDefault null where an absent one is up to the route
  static Parameter<String> oneOf(
      String name, String description, @Nullable String byDefault, List<String> values) {
    Map<String, Object> schema = object("type", "string");
    schema.put("enum", values);
    if (byDefault != null) {
      schema.put("default", byDefault);
    }
    return new Parameter<>(
        name,
        false,
        false,
        description,
        schema,
        byDefault,
        text -> {
          if (!values.contains(text)) {
            throw new IllegalArgumentException("allowed are " + String.join(", ", values));
          }
          return text;
        });
  }

  private static int number(String text, int least, int most) {
    try {
      int number = Integer.parseInt(text);
      if (number >= least && number <= most) {
        return number;
      }
    } catch (NumberFormatException e) {
      // Said below.
    }
    throw new IllegalArgumentException("allowed are numbers from " + least + " to " + most);
  }
}
