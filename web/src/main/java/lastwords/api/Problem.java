package lastwords.api;

import io.javalin.http.Context;
import io.javalin.http.HttpStatus;
import lastwords.json.Json;
import org.jspecify.annotations.Nullable;

/// Why a request isn't answered, as the `application/problem+json` of RFC 9457.
///
/// @param at the character of a query that is wrong, from 0; null where it isn't about one
record Problem(String type, String title, int status, String detail, @Nullable Integer at) {
  static final String CONTENT_TYPE = "application/problem+json";

  static Problem of(int status, String detail) {
    return new Problem(
        "about:blank", HttpStatus.forStatus(status).getMessage(), status, detail, null);
  }

  /// @param at -1 when the whole query is meant
  static Problem badQuery(int at, String why) {
    Problem problem = of(400, why);
    return at < 0 ? problem : new Problem(problem.type, problem.title, 400, why, at);
  }

  void answer(Context context) {
    context.status(status).result(Json.write(this)).contentType(CONTENT_TYPE);
  }
}
