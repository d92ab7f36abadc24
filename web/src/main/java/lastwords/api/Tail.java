package lastwords.api;

import io.javalin.http.Context;
import io.javalin.http.ServiceUnavailableResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.LongFunction;
import java.util.function.Predicate;
import lastwords.json.Json;
import lastwords.kernel.KernelMessage;
import lastwords.store.Index;

/// Sends messages to clients as they become findable, as Server-Sent Events.
///
/// Each client is served on the thread of its request, which asks for what is new a few times a
/// second. Nothing is kept for a client that takes it too slowly: what piled up in the meantime
/// beyond [#BATCH] is named in a `skipped` event.
final class Tail implements AutoCloseable {
  /// Where it is served.
  static final String PATH = "/api/v1/messages/tail";

  static final String CONTENT_TYPE = "text/event-stream";

  /// Clients at one time; each costs a search every [#POLL_MILLIS].
  static final int MAX_CLIENTS = 64;

  /// Messages sent at one look; more of them are skipped.
  static final int BATCH = 500;

  private static final long POLL_MILLIS = 300;

  /// After that much silence a comment shows that both ends still live.
  private static final long KEEP_ALIVE_POLLS = 10_000 / POLL_MILLIS;

  private final Semaphore places = new Semaphore(MAX_CLIENTS);
  private final CountDownLatch closed = new CountDownLatch(1);

  private final Predicate<Context> mayStay;

  /// @param mayStay whether a client that was let in would be let in now
  Tail(Predicate<Context> mayStay) {
    this.mayStay = mayStay;
  }

  int clients() {
    return MAX_CLIENTS - places.availablePermits();
  }

  /// Serves one client until it leaves, its token isn't in use any more, or this is closed.
  ///
  /// @param after what is new after a place; -1 begins now
  void serve(Context context, LongFunction<Index.Tail> after) throws InterruptedException {
    if (!places.tryAcquire()) {
      throw new ServiceUnavailableResponse(
          MAX_CLIENTS + " clients follow already, which is all at one time");
    }
    try {
      long next = after.apply(-1).next();
      context.disableCompression().contentType(CONTENT_TYPE);
      follow(context, next, after);
    } catch (IOException e) {
      // The client left.
    } finally {
      places.release();
    }
  }

  private void follow(Context context, long from, LongFunction<Index.Tail> after)
      throws IOException, InterruptedException {
    OutputStream to = context.res().getOutputStream();
    send(to, ": following\n\n");
    long next = from;
    long silentPolls = 0;
    while (!closed.await(POLL_MILLIS, TimeUnit.MILLISECONDS) && mayStay.test(context)) {
      Index.Tail tail = after.apply(next);
      next = tail.next();
      if (sent(to, tail)) {
        silentPolls = 0;
      } else if (++silentPolls >= KEEP_ALIVE_POLLS) {
        send(to, ": still here\n\n");
        silentPolls = 0;
      }
    }
  }

  /// Sends one event after another, so that no more than one is in memory; returns whether there
  /// were any.
  private static boolean sent(OutputStream to, Index.Tail tail) throws IOException {
    if (tail.skipped() > 0) {
      to.write(event("skipped", Map.of("count", tail.skipped())));
    }
    for (KernelMessage message : tail.messages()) {
      to.write(event("message", message));
    }
    to.flush();
    return tail.skipped() > 0 || !tail.messages().isEmpty();
  }

  private static byte[] event(String name, Object data) {
    return ("event: " + name + "\ndata: " + Json.write(data) + "\n\n")
        .getBytes(StandardCharsets.UTF_8);
  }

  private static void send(OutputStream to, String events) throws IOException {
    to.write(events.getBytes(StandardCharsets.UTF_8));
    to.flush();
  }

  /// Lets all clients go.
  @Override
  public void close() {
    closed.countDown();
  }
}
