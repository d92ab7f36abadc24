package lastwords.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class OpenApiTest {

  @Test
  void everyRouteIsDescribedAndServed() throws Exception {
    try (Served served = new Served()) {
      JsonNode document = served.json("/openapi.json");
      assertThat(document.get("openapi").asText()).isEqualTo("3.1.0");
      List<String> paths = new ArrayList<>();
      document.get("paths").fieldNames().forEachRemaining(paths::add);
      assertThat(paths)
          .contains(
              "/api/v1/messages",
              "/api/v1/messages/tail",
              "/api/v1/messages/histogram",
              "/api/v1/messages/values",
              "/api/v1/messages/{position}/context",
              "/api/v1/crashes",
              "/api/v1/crashes/{id}",
              "/api/v1/signatures",
              "/api/v1/signatures/{id}",
              "/api/v1/hosts",
              "/api/v1/hosts/{host}",
              "/api/v1/alarms",
              "/api/v1/alarms/{id}",
              "/api/v1/hooks",
              "/api/v1/hooks/{name}/test",
              "/api/v1/deliveries",
              "/api/v1/deliveries/{id}/retry",
              "/api/v1/stats",
              "/api/v1/canary",
              "/metrics",
              "/healthz",
              "/readyz",
              "/openapi.json");
      for (String path : paths) {
        if (!path.endsWith("/tail")) {
          String asked = path.replaceAll("\\{[a-z]+}", "0").replace("values", "values?field=host");
          assertThat(served.get(asked).body()).doesNotContain("isn't a route");
        }
      }
    }
  }

  @Test
  void whatIsSaidOfACrashsFieldsIsSaidOfFieldsItHas() throws Exception {
    try (Served served = new Served()) {
      JsonNode schemas = served.json("/openapi.json").at("/components/schemas");
      Meanings.all()
          .forEach(
              (type, fields) ->
                  fields.forEach(
                      (field, meaning) ->
                          assertThat(
                                  schemas
                                      .path(type)
                                      .path("properties")
                                      .path(field)
                                      .path("description")
                                      .asText())
                              .as(type + "." + field)
                              .isEqualTo(meaning)));
      assertThat(schemas.path("Explanation").path("properties").properties())
          .allSatisfy(field -> assertThat(field.getValue().has("description")).isTrue());
    }
  }

  @Test
  void parametersAndAnswersAreDescribed() throws Exception {
    try (Served served = new Served()) {
      JsonNode document = served.json("/openapi.json");
      JsonNode limit = document.at("/paths/~1api~1v1~1messages/get/parameters/4");
      assertThat(limit.get("name").asText()).isEqualTo("limit");
      assertThat(limit.get("schema"))
          .hasToString("{\"type\":\"integer\",\"minimum\":1,\"maximum\":1000,\"default\":100}");
      JsonNode message = document.at("/components/schemas/KernelMessage/properties");
      assertThat(message.at("/received_at/format").asText()).isEqualTo("date-time");
      assertThat(message.at("/uptime_us/type").asText()).isEqualTo("integer");
      assertThat(document.at("/components/schemas/Status/properties").has("index_lag_s")).isTrue();
      assertThat(document.at("/components/schemas/Triage/properties/suspect/enum").toString())
          .isEqualTo("[\"hardware\",\"platform\",\"release\",\"none\"]");
      assertThat(document.at("/components/schemas/Hint/properties/p_value/type").asText())
          .isEqualTo("number");
      assertThat(document.at("/components/schemas/Crash/properties/severity/enum").toString())
          .isEqualTo("[\"critical\",\"error\",\"warning\",\"info\"]");
    }
  }
}
