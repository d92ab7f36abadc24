package lastwords.api;

import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.introspect.BeanPropertyDefinition;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import lastwords.alert.WebhookEvent;
import lastwords.json.Json;
import lastwords.kernel.Crash;

/// JSON schemas of the records that are answered and sent, named as [Json] names their fields.
final class Schemas {
  private final ObjectMapper mapper = Json.newMapper();
  private final Map<String, Object> named = new TreeMap<>();

  /// The schemas that were referred to, by name.
  Map<String, Object> named() {
    return named;
  }

  Map<String, Object> of(Class<?> type) {
    return of(mapper.constructType(type));
  }

  /// A page of these, under a name of its own.
  Map<String, Object> pageOf(Class<?> type) {
    Map<String, Object> properties = new LinkedHashMap<>();
    properties.put("items", object("type", "array", "items", of(type)));
    properties.put(
        "next",
        object("type", "string", "description", "The next page's cursor; absent on the last one."));
    properties.put(
        "partial",
        object(
            "type",
            "boolean",
            "description",
            "True when a limit of work was reached and something is missing; `next` continues where"
                + " it is there."));
    properties.put(
        "partial_reason", object("type", "string", "description", "Which limit was reached."));
    return object("type", "object", "properties", properties, "required", List.of("items"));
  }

  /// The body that a webhook receives, under a name of its own.
  Map<String, Object> bodyOf(WebhookEvent event) {
    Map<String, Object> own = of(event.data());
    Map<String, Object> data =
        event.hasCrash() ? object("allOf", List.of(of(Crash.class), own)) : own;
    String name = event.data().getSimpleName() + "Body";
    named.put(
        name,
        object(
            "type",
            "object",
            "properties",
            object(
                "type",
                object("type", "string", "const", event.type()),
                "timestamp",
                object("type", "string", "format", "date-time"),
                "data",
                data),
            "required",
            List.of("type", "timestamp", "data")));
    return object("$ref", "#/components/schemas/" + name);
  }

  /// A JSON object of names and values in turn, in that order.
  static Map<String, Object> object(Object... namesAndValues) {
    Map<String, Object> object = new LinkedHashMap<>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      object.put((String) namesAndValues[i], namesAndValues[i + 1]);
    }
    return object;
  }

  private Map<String, Object> of(JavaType type) {
    Class<?> raw = type.getRawClass();
    if (raw == Object.class) {
      return object("type", "object");
    }
    if (raw == String.class) {
      return object("type", "string");
    }
    if (raw == boolean.class || raw == Boolean.class) {
      return object("type", "boolean");
    }
    if (raw == double.class || raw == Double.class || raw == Number.class) {
      return object("type", "number");
    }
    if (raw == int.class || raw == Integer.class || raw == long.class || raw == Long.class) {
      return object("type", "integer");
    }
    if (raw.isEnum()) {
      return object(
          "type",
          "string",
          "enum",
          Arrays.stream(raw.getEnumConstants()).map(Object::toString).toList());
    }
    if (type.isArrayType() || type.isCollectionLikeType()) {
      return object("type", "array", "items", of(type.getContentType()));
    }
    if (type.isMapLikeType()) {
      return object("type", "object", "additionalProperties", of(type.getContentType()));
    }
    if (!raw.isRecord()) {
      throw new IllegalStateException("no schema for " + raw);
    }
    return reference(type);
  }

  private Map<String, Object> reference(JavaType type) {
    String name = type.getRawClass().getSimpleName();
    if (!named.containsKey(name)) {
      Map<String, Object> properties = new LinkedHashMap<>();
      named.put(name, object("type", "object", "properties", properties));
      for (BeanPropertyDefinition property :
          mapper.getSerializationConfig().introspect(type).findProperties()) {
        Map<String, Object> schema = new LinkedHashMap<>(property(property));
        Meanings.of(name, property.getName())
            .ifPresent(meaning -> schema.put("description", meaning));
        properties.put(property.getName(), schema);
      }
    }
    return object("$ref", "#/components/schemas/" + name);
  }

  private Map<String, Object> property(BeanPropertyDefinition property) {
    String name = property.getInternalName();
    if (name.endsWith("Micros") && !name.equals("uptimeMicros")) {
      return object("type", "string", "format", "date-time");
    }
    return name.equals("position") ? object("type", "string") : of(property.getPrimaryType());
  }
}
