package lastwords.api;

import io.javalin.http.Context;
import io.javalin.http.Handler;
import io.javalin.http.HttpResponseException;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.LongAdder;
import lastwords.linux.Peer;
import lastwords.linux.Priority;
import lastwords.store.SearchBudget;
import org.eclipse.jetty.ee10.servlet.ServletContextRequest;
import org.jspecify.annotations.Nullable;

/// The threads on which everything is read from index and ledger for HTTP.
///
/// There are few of them, of low priority, so that receiving, analysis, deliveries, health and
/// metrics never wait behind searches. A request waits for its search on its own thread, and ends
/// the search when the client closed its connection. Answers are written by the request's thread,
/// so that a slow client holds no thread of this pool.
///
/// Safe for any thread.
final class SearchPool implements AutoCloseable {
  /// How long a search may work; it then answers with what it has found.
  static final Duration TIME_LIMIT = Duration.ofSeconds(10);

  /// Searches at one time: half of the processors, but two, so that one long search doesn't delay
  /// all others.
  static final int THREADS = Math.clamp(Runtime.getRuntime().availableProcessors() / 2, 2, 8);

  /// Searches that wait for a thread; a further one is answered 503.
  static final int MAX_WAITING = 64;

  /// How long a search waits for a thread before it is answered 503.
  static final Duration LONGEST_WAIT = Duration.ofSeconds(10);

  /// When a rejected client may try again.
  private static final String RETRY_AFTER_SECONDS = "2";

  /// Between two looks at whether the client is still there.
  private static final long LOOK_MILLIS = 100;

  private static final String STOPPED = "the search was stopped";

  private static final String BUDGET = SearchBudget.class.getName();

  private final Duration timeLimit;
  private final ThreadPoolExecutor threads;
  private final Set<SearchBudget> running = ConcurrentHashMap.newKeySet();
  private final LongAdder rejected = new LongAdder();
  private final LongAdder cut = new LongAdder();
  private final LongAdder abandoned = new LongAdder();
  private volatile boolean closed;

  SearchPool() {
    this(THREADS, MAX_WAITING, TIME_LIMIT);
  }

  SearchPool(int threadCount, int maxWaiting, Duration timeLimit) {
    this.timeLimit = timeLimit;
    threads =
        new ThreadPoolExecutor(
            threadCount,
            threadCount,
            0,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(maxWaiting),
            task -> {
              Thread thread = new Thread(Priority.SEARCHES.of(task), "search");
              thread.setDaemon(true);
              return thread;
            });
  }

  /// A handler that runs on this pool, with a [#budget] in its context. It should set the context's
  /// result, not write it.
  Handler handler(Handler handler) {
    return context ->
        run(
            context,
            () -> {
              handler.handle(context);
              return true;
            });
  }

  /// Runs a search on this pool, with a [#budget] in the request's context, and waits for it.
  ///
  /// @throws HttpResponseException 503 when there is no room for it, or nobody waits for it any
  ///   more
  <T> T run(Context context, Callable<T> search) throws Exception {
    Search<T> task = new Search<>(context, search);
    try {
      threads.execute(task);
    } catch (RejectedExecutionException _) {
      throw reject(context);
    }
    try {
      return task.await();
    } finally {
      task.end();
    }
  }

  private Busy reject(Context context) {
    rejected.increment();
    context.header("Retry-After", RETRY_AFTER_SECONDS);
    return new Busy();
  }

  /// There is no room for a search now.
  static final class Busy extends HttpResponseException {
    private static final long serialVersionUID = 1;

    Busy() {
      super(503, "too many searches are under way; try again in some seconds");
    }
  }

  /// The budget of the request's search; one without a limit for a request that has no search.
  static SearchBudget budget(Context context) {
    SearchBudget budget = context.attribute(BUDGET);
    return budget == null ? SearchBudget.unlimited() : budget;
  }

  private final class Search<T> extends FutureTask<T> {
    private final Context context;
    private final long submittedNanos = System.nanoTime();
    private volatile @Nullable SearchBudget budget;
    private volatile boolean ended;

    Search(Context context, Callable<T> search) {
      super(search);
      this.context = context;
    }

    @Override
    public void run() {
      SearchBudget now = SearchBudget.of(timeLimit);
      budget = now;
      running.add(now);
      try {
        if (closed || ended) {
          now.cancel(STOPPED);
        }
        context.attribute(BUDGET, now);
        super.run();
      } finally {
        running.remove(now);
      }
    }

    T await() throws Exception {
      while (true) {
        try {
          T found = get(LOOK_MILLIS, TimeUnit.MILLISECONDS);
          SearchBudget spent = budget;
          if (spent != null && spent.partialReason() != null) {
            cut.increment();
          }
          return found;
        } catch (TimeoutException _) {
          look();
        } catch (ExecutionException e) {
          throw e.getCause() instanceof Exception cause ? cause : e;
        }
      }
    }

    private void look() {
      if (hasLeft(context)) {
        abandoned.increment();
        throw new HttpResponseException(503, "the client closed the connection");
      }
      if (closed) {
        throw new HttpResponseException(503, STOPPED);
      }
      if (budget == null && System.nanoTime() - submittedNanos > LONGEST_WAIT.toNanos()) {
        throw reject(context);
      }
    }

    /// Ends it where it is still waiting or working.
    void end() {
      ended = true;
      if (!isDone()) {
        SearchBudget now = budget;
        if (now != null) {
          now.cancel(STOPPED);
        }
        threads.remove(this);
        cancel(false);
      }
    }
  }

  private static boolean hasLeft(Context context) {
    Object transport =
        ServletContextRequest.getServletContextRequest(context.req())
            .getConnectionMetaData()
            .getConnection()
            .getEndPoint()
            .getTransport();
    return transport instanceof SocketChannel channel && Peer.hasClosed(channel);
  }

  /// Searches at work now.
  int active() {
    return running.size();
  }

  /// Searches that wait for a thread now.
  int waiting() {
    return threads.getQueue().size();
  }

  /// Searches answered 503 since the start.
  long rejected() {
    return rejected.sum();
  }

  /// Searches answered in part since the start.
  long cut() {
    return cut.sum();
  }

  /// Searches ended because their client had left, since the start.
  long abandoned() {
    return abandoned.sum();
  }

  /// Ends all searches.
  @Override
  public void close() {
    closed = true;
    running.forEach(budget -> budget.cancel(STOPPED));
    threads.shutdown();
  }
}
