package lastwords.api;

import static lastwords.api.Schemas.object;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import lastwords.alert.WebhookEvent;

/// Describes routes, and the requests that webhooks receive, in the terms of OpenAPI 3.1.
final class OpenApi {
  private OpenApi() {}

  /// The document, as a tree of maps and lists.
  static Map<String, Object> of(List<Route> routes) {
    Schemas schemas = new Schemas();
    Map<String, Map<String, Object>> paths = new LinkedHashMap<>();
    for (Route route : routes) {
      paths
          .computeIfAbsent(route.path(), path -> new LinkedHashMap<>())
          .put(route.method().name().toLowerCase(Locale.ROOT), operation(route, schemas));
    }
    schemas.of(Problem.class);
    Map<String, Object> webhooks = new LinkedHashMap<>();
    for (WebhookEvent event : WebhookEvent.values()) {
      webhooks.put(event.type(), object("post", delivery(event, schemas)));
    }
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("openapi", "3.1.0");
    document.put(
        "info",
        object(
            "title",
            "Lastwords",
            "version",
            "1",
            "description",
            "What Linux kernels said, above all their last words."));
    document.put("security", List.of(object(), object("token", List.of())));
    document.put("paths", paths);
    document.put("webhooks", webhooks);
    document.put(
        "components",
        object(
            "schemas",
            schemas.named(),
            "securitySchemes",
            object("token", object("type", "http", "scheme", "bearer"))));
    return document;
  }

  private static Map<String, Object> operation(Route route, Schemas schemas) {
    Map<String, Object> operation = new LinkedHashMap<>();
    operation.put("summary", route.summary());
    List<Map<String, Object>> parameters = new ArrayList<>();
    for (Parameter<?> parameter : route.parameters()) {
      parameters.add(
          object(
              "name", parameter.name(),
              "in", parameter.inPath() ? "path" : "query",
              "required", parameter.required(),
              "description", parameter.description(),
              "schema", parameter.schema()));
    }
    operation.put("parameters", parameters);
    operation.put(
        "responses",
        object(
            "200",
            object(
                "description",
                "The answer.",
                "content",
                switch (route.response()) {
                  case Route.Response.One one ->
                      content("application/json", schemas.of(one.type()));
                  case Route.Response.Many many ->
                      content("application/json", schemas.pageOf(many.of()));
                  case Route.Response.Other other ->
                      content(other.contentType(), object("type", "string"));
                }),
            "default",
            object(
                "description",
                "Why there is none.",
                "content",
                content(Problem.CONTENT_TYPE, schemas.of(Problem.class)))));
    return operation;
  }

  /// A request to a hook of type `webhook`.
  private static Map<String, Object> delivery(WebhookEvent event, Schemas schemas) {
    return object(
        "summary",
        event.meaning(),
        "parameters",
        List.of(
            header("webhook-id", "The delivery's id, the same at every attempt."),
            header("webhook-timestamp", "When this attempt was made, in seconds since 1970."),
            header(
                "webhook-signature",
                "`v1,` and the base64 of HMAC-SHA256 over id, timestamp and body joined by dots,"
                    + " once for each secret, separated by blanks.")),
        "requestBody",
        object("required", true, "content", content("application/json", schemas.bodyOf(event))),
        "responses",
        object(
            "2XX",
            object("description", "The receiver has it."),
            "410",
            object("description", "The hook is disabled."),
            "default",
            object("description", "The delivery failed and is tried again later.")));
  }

  private static Map<String, Object> header(String name, String description) {
    return object(
        "name",
        name,
        "in",
        "header",
        "required",
        true,
        "description",
        description,
        "schema",
        object("type", "string"));
  }

  private static Map<String, Object> content(String type, Map<String, Object> schema) {
    return object(type, object("schema", schema));
  }
}
