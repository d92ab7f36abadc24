package lastwords.api;

import io.javalin.http.Context;
import io.javalin.http.Handler;
import io.javalin.http.ServiceUnavailableResponse;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The memory that answers may take together: an eighth of the heap.
///
/// A request takes [#LARGEST] before it searches, keeps what its answer really has while it is
/// written, and gives that back. So clients that read slowly hold their own answers, not the room
/// of others' searches. A request that gets none within [#PATIENCE] is answered 503.
///
/// Safe for any number of threads.
final class AnswerMemory {
  /// What one request may have in memory: the items of a page, see [lastwords.query.Batches], and
  /// the JSON made of them, see [JsonAnswer].
  static final long LARGEST = 16 << 20;

  static final Duration PATIENCE = Duration.ofSeconds(10);

  private static final Logger LOG = LoggerFactory.getLogger(AnswerMemory.class);

  private static final int HEAP_FOR_ONE = 8;
  private static final int UNIT_BYTES = 1 << 10;
  private static final int LEAST_REQUESTS = 4;

  private final int units;
  private final Semaphore free;
  private final Duration patience;
  private final LongAdder rejected = new LongAdder();

  /// @param bytes for all answers together
  AnswerMemory(long bytes, Duration patience) {
    this.units = (int) (Math.max(bytes, LEAST_REQUESTS * LARGEST) / UNIT_BYTES);
    this.free = new Semaphore(units, true);
    this.patience = patience;
  }

  /// As much as the heap of this process allows.
  static AnswerMemory ofThisProcess() {
    return new AnswerMemory(Runtime.getRuntime().maxMemory() / HEAP_FOR_ONE, PATIENCE);
  }

  /// Memory for one answer; belongs to the thread that took it.
  final class Lease implements AutoCloseable {
    private int held = units(LARGEST);

    /// Keeps that much, and gives back the rest.
    void keep(long bytes) {
      int kept = Math.min(held, units(bytes));
      free.release(held - kept);
      held = kept;
    }

    @Override
    public void close() {
      free.release(held);
      held = 0;
    }
  }

  /// @throws ServiceUnavailableResponse when there is none for too long
  Lease take() throws InterruptedException {
    if (!free.tryAcquire(units(LARGEST), patience.toMillis(), TimeUnit.MILLISECONDS)) {
      rejected.increment();
      throw new ServiceUnavailableResponse(
          "too many large answers are under way; try again, or ask for less");
    }
    return new Lease();
  }

  /// A handler whose answer is made and written within this memory; for pages, which are built
  /// whole. The handler sets the context's result.
  Handler within(Handler handler) {
    return context -> {
      try (Lease memory = take()) {
        handler.handle(context);
        InputStream page = context.resultInputStream();
        if (page != null) {
          memory.keep(page.available());
          write(page, context);
        }
      }
    };
  }

  /// A client that left is no fault.
  private static void write(InputStream page, Context context) {
    try (OutputStream to = context.outputStream()) {
      page.transferTo(to);
    } catch (IOException e) {
      LOG.debug("client left before it had its page", e);
    }
  }

  private static int units(long bytes) {
    return (int) ((bytes + UNIT_BYTES - 1) / UNIT_BYTES);
  }

  /// Bytes taken now.
  long used() {
    return (long) (units - free.availablePermits()) * UNIT_BYTES;
  }

  /// Requests answered 503 for want of memory, since the start.
  long rejected() {
    return rejected.sum();
  }
}
