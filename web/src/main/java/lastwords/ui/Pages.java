package lastwords.ui;

import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.Handler;
import io.javalin.http.NotFoundResponse;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import lastwords.kernel.Alarm;
import lastwords.kernel.Crash;
import lastwords.kernel.KernelMessage;
import lastwords.kernel.Position;
import lastwords.kernel.Signature;
import lastwords.query.HostSummary;
import lastwords.query.Page;
import lastwords.query.Searches;
import lastwords.store.BadQueryException;
import lastwords.store.Ledger;
import lastwords.store.SearchBudget;

/// The list of pages. Safe for any number of threads.
public final class Pages {
  /// Rows of a table that has a page of its own.
  private static final int ROWS = 100;

  /// Rows of a table below something else.
  private static final int FEW_ROWS = 20;

  /// Messages shown before and after one.
  private static final int AROUND = 50;

  private static final String CRASH_HINT = "e.g. ext4 AND severity:critical, function:nvme*";
  private static final String MESSAGE_HINT = "e.g. \"I/O error\" AND host:web1*, severity:[0 TO 3]";

  private final Searches searches;
  private final Ledger ledger;
  private final InstantSource clock;
  private final UnaryOperator<Handler> onPool;
  private final Function<Context, SearchBudget> budget;

  /// @param clock what "5 min ago" is counted from
  /// @param onPool has a page made on a thread for searches
  /// @param budget what the searches of a page may do
  public Pages(
      Searches searches,
      Ledger ledger,
      InstantSource clock,
      UnaryOperator<Handler> onPool,
      Function<Context, SearchBudget> budget) {
    this.searches = searches;
    this.ledger = ledger;
    this.clock = clock;
    this.onPool = onPool;
    this.budget = budget;
  }

  /// Adds every page, with what they need.
  public void addTo(RoutesConfig routes) {
    routes.get("/", onPool.apply(this::signatures));
    routes.get("/signatures/{id}", onPool.apply(this::signature));
    routes.get("/crashes", onPool.apply(this::crashes));
    routes.get("/crashes/{id}", onPool.apply(this::crash));
    routes.get("/messages", onPool.apply(this::messages));
    routes.get("/messages/{position}", onPool.apply(this::message));
    routes.get("/alarms", onPool.apply(this::alarms));
    routes.get("/hosts", onPool.apply(this::hosts));
    routes.get("/hosts/{host}", onPool.apply(this::host));
    addFile(routes, "lastwords.css", "text/css");
    addFile(routes, "lastwords.svg", "image/svg+xml");
    addFile(routes, "tail.js", "text/javascript");
  }

  private static void addFile(RoutesConfig routes, String name, String contentType) {
    byte[] content;
    try (InputStream file = Pages.class.getResourceAsStream(name)) {
      content = Objects.requireNonNull(file, name).readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(name, e);
    }
    routes.get("/" + name, context -> context.contentType(contentType).result(content));
  }

  /// What went wrong, as a page.
  public String problem(String title, String detail) {
    return Layout.page(title, "", Html.of("<h1>{}</h1>\n<p>{}</p>\n", title, detail));
  }

  /// Asks for the token.
  ///
  /// @param to the path its form is sent to
  public String login(String to) {
    return Layout.page(
        "Token",
        "",
        Html.of(
            """
            <h1>A token is needed</h1>
            <p>It is the one of the server's configuration. A cookie keeps this browser logged in for a \
            day.</p>
            <form class="search" method="post" action="{}">
            <input type="password" name="token" aria-label="Token" autocomplete="current-password" \
            autofocus>
            <button>Enter</button>
            </form>
            """,
            to));
  }

  private void signatures(Context context) {
    search(
        context,
        "Signatures",
        CRASH_HINT,
        search -> {
          Page<Signature> page =
              searches(context)
                  .signatures(search.query(), search.since(), null, search.cursor(), ROWS);
          return page.items().isEmpty()
              ? search.nothing("No crash was reported yet.")
              : Html.of(
                  "{}{}",
                  SignatureView.table(page.items(), clock.instant()),
                  search.more(page.next(), "Earlier ones"));
        });
  }

  private void signature(Context context) {
    String id = context.pathParam("id");
    Signature signature =
        searches(context).signature(id).orElseThrow(() -> unknown("signature", id));
    String query = Show.exactly("signature", id);
    show(context, signature.title(), SignatureView.one(signature), crashesOf(context, query));
  }

  private void crashes(Context context) {
    search(
        context,
        "Crashes",
        CRASH_HINT,
        search -> {
          Page<Crash> page =
              searches(context)
                  .crashes(search.query(), search.since(), null, search.cursor(), ROWS);
          return page.items().isEmpty()
              ? search.nothing("No crash was reported yet.")
              : Html.of(
                  "{}{}",
                  CrashView.table(page.items(), clock.instant()),
                  search.more(page.next(), "Earlier ones"));
        });
  }

  private void crash(Context context) {
    String id = context.pathParam("id");
    Crash crash = searches(context).crash(id).orElseThrow(() -> unknown("crash", id));
    show(context, crash.title(), CrashView.one(crash));
  }

  private void messages(Context context) {
    search(
        context,
        "Messages",
        MESSAGE_HINT,
        search -> {
          Page<KernelMessage> page =
              searches(context)
                  .messages(search.query(), search.since(), null, true, search.cursor(), ROWS);
          return Html.of(
              "{}{}{}{}",
              MessageView.follow(search.query()),
              MessageView.table(page.items(), -1),
              page.items().isEmpty() ? search.nothing("No message came yet.") : Html.NONE,
              search.more(page.next(), "Earlier ones"));
        });
  }

  private void message(Context context) {
    String position = context.pathParam("position");
    List<KernelMessage> around =
        searches(context)
            .context(position, AROUND, AROUND)
            .orElseThrow(() -> unknown("message", position));
    long here = Position.parse(position);
    KernelMessage message =
        around.stream().filter(m -> m.position() == here).findFirst().orElseThrow();
    show(context, "Message " + position, MessageView.one(message), MessageView.table(around, here));
  }

  private void alarms(Context context) {
    AlarmFilter filter = AlarmFilter.of(context);
    Html found;
    try {
      List<Alarm> alarms =
          ledger.alarms(
              new Ledger.AlarmQuery(
                  filter.state(),
                  filter.reason(),
                  filter.storm(),
                  searches(context).sinceMicros(filter.since())),
              filter.after(),
              ROWS + 1);
      found = AlarmView.list(alarms, filter, ROWS, clock.instant());
    } catch (IllegalArgumentException e) {
      context.status(400);
      found = Html.of("<div class=\"wrong\">{}</div>\n", String.valueOf(e.getMessage()));
    }
    show(context, "Alarms", AlarmView.form(filter), found);
  }

  private void hosts(Context context) {
    String cursor = context.queryParam("cursor");
    Page<HostSummary> page = searches(context).hosts(cursor, ROWS);
    Search none = new Search(context.path(), null, null, cursor);
    show(
        context,
        "Hosts",
        page.items().isEmpty()
            ? none.nothing("No host was heard of yet.")
            : HostView.table(page.items(), clock.instant()),
        none.more(page.next(), "More"));
  }

  private void host(Context context) {
    String name = context.pathParam("host");
    HostSummary host = searches(context).host(name).orElseThrow(() -> unknown("host", name));
    show(context, name, HostView.one(host), crashesOf(context, Show.exactly("host", name)));
  }

  /// The newest crashes that match, below something else.
  private Html crashesOf(Context context, String query) {
    Page<Crash> page = searches(context).crashes(query, null, null, null, FEW_ROWS);
    return page.items().isEmpty()
        ? Html.NONE
        : Html.of(
            "<h2>Crashes</h2>\n{}{}",
            CrashView.table(page.items(), clock.instant()),
            new Search("/crashes", query, null, null).more(page.next(), "Earlier ones"));
  }

  private Searches searches(Context context) {
    return searches.within(budget.apply(context));
  }

  private void search(Context context, String title, String hint, Function<Search, Html> results) {
    Search search = Search.of(context);
    Html found;
    try {
      found = results.apply(search);
    } catch (BadQueryException e) {
      context.status(400);
      found = search.wrong(e.getMessage(), e.at());
    } catch (IllegalArgumentException e) {
      context.status(400);
      found = search.wrong(e.getMessage(), -1);
    }
    show(context, title, search.form(hint), found);
  }

  private void show(Context context, String title, Html... content) {
    String lacks = budget.apply(context).partialReason();
    Html note =
        lacks == null
            ? Html.NONE
            : Html.of("<div class=\"wrong\">Not everything is shown: {}.</div>\n", lacks);
    context.html(
        Layout.page(
            title,
            context.path(),
            Stream.concat(Stream.of(note), Arrays.stream(content)).toArray(Html[]::new)));
  }

  private static NotFoundResponse unknown(String what, String id) {
    return new NotFoundResponse("There is no " + what + " '" + id + "'.");
  }
}
