package lastwords.api;

import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/// Reports to [Connections] when a request begins and ends.
final class UnderWay extends Handler.Wrapper {
  private final Connections connections;

  UnderWay(Connections connections) {
    this.connections = connections;
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) throws Exception {
    Object channel = request.getConnectionMetaData().getConnection().getEndPoint().getTransport();
    boolean streams = Request.getPathInContext(request).equals(Tail.PATH);
    connections.began(channel, streams, System.nanoTime());
    Request.addCompletionListener(request, _ -> connections.ended(channel, System.nanoTime()));
    return super.handle(request, response, callback);
  }
}
