package lastwords.api;

import java.util.Objects;
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
  @Override
  protected void generateResponse(
      Request request,
      Response response,
      int status,
      @Nullable String why,
      @Nullable Throwable cause,
      Callback done) {
    String detail = Objects.requireNonNullElse(why, "the request can't be understood");
    response.getHeaders().put(HttpHeader.CONTENT_TYPE, Problem.CONTENT_TYPE);
    Content.Sink.write(response, true, Json.write(Problem.of(status, detail)), done);
  }
}
