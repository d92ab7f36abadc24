package lastwords.api;

import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;
import lastwords.json.Json;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/// Answers requests that never come to a route because they are no proper HTTP.
final class Unparsable extends ErrorHandler {
  private final LongAdder count = new LongAdder();

  /// Such requests since the start.
  long count() {
    return count.sum();
  }

  @Override
  protected void generateResponse(
      Request request,
      Response response,
      int status,
      @Nullable String why,
      @Nullable Throwable cause,
      Callback done) {
    if (status < 500) {
      count.increment();
    }
    String detail = Objects.requireNonNullElse(why, "the request can't be understood");
    response.getHeaders().put(HttpHeader.CONTENT_TYPE, Problem.CONTENT_TYPE);
    Content.Sink.write(response, true, Json.write(Problem.of(status, detail)), done);
  }
}
