package lastwords.ui;

import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.Handler;
import io.javalin.http.NotFoundResponse;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import lastwords.kernel.Crash;
import lastwords.kernel.KernelMessage;
import lastwords.kernel.Position;
import lastwords.kernel.Signature;
import lastwords.query.HostSummary;
import lastwords.query.Page;
import lastwords.query.Searches;
import lastwords.store.BadQueryException;

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
  private final InstantSource clock;

  /// @param clock what "5 min ago" is counted from
  public Pages(Searches searches, InstantSource clock) {
    this.searches = searches;
    this.clock = clock;
  }

  /// Adds every page, with what they need.
  ///
  /// @param bounded limits what the pages that are made of data take together
  public void addTo(RoutesConfig routes, UnaryOperator<Handler> bounded) {
    routes.get("/", bounded.apply(this::signatures));
    routes.get("/signatures/{id}", bounded.apply(this::signature));
    routes.get("/crashes", bounded.apply(this::crashes));
    routes.get("/crashes/{id}", bounded.apply(this::crash));
    routes.get("/messages", bounded.apply(this::messages));
    routes.get("/messages/{position}", bounded.apply(this::message));
    routes.get("/hosts", bounded.apply(this::hosts));
    routes.get("/hosts/{host}", bounded.apply(this::host));
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
              searches.signatures(search.query(), search.since(), null, search.cursor(), ROWS);
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
    Signature signature = searches.signature(id).orElseThrow(() -> unknown("signature", id));
    String query = Show.exactly("signature", id);
    show(context, signature.title(), SignatureView.one(signature), crashesOf(query));
  }

  private void crashes(Context context) {
    search(
        context,
        "Crashes",
        CRASH_HINT,
        search -> {
          Page<Crash> page =
              searches.crashes(search.query(), search.since(), null, search.cursor(), ROWS);
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
    Crash crash = searches.crash(id).orElseThrow(() -> unknown("crash", id));
    show(context, crash.title(), CrashView.one(crash));
  }

  private void messages(Context context) {
    search(
        context,
        "Messages",
        MESSAGE_HINT,
        search -> {
          Page<KernelMessage> page =
              searches.messages(search.query(), search.since(), null, true, search.cursor(), ROWS);
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
        searches.context(position, AROUND, AROUND).orElseThrow(() -> unknown("message", position));
    long here = Position.parse(position);
    KernelMessage message =
        around.stream().filter(m -> m.position() == here).findFirst().orElseThrow();
    show(context, "Message " + position, MessageView.one(message), MessageView.table(around, here));
  }

  private void hosts(Context context) {
    String cursor = context.queryParam("cursor");
    Page<HostSummary> page = searches.hosts(cursor, ROWS);
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
    HostSummary host = searches.host(name).orElseThrow(() -> unknown("host", name));
    show(context, name, HostView.one(host), crashesOf(Show.exactly("host", name)));
  }

  /// The newest crashes that match, below something else.
  private Html crashesOf(String query) {
    Page<Crash> page = searches.crashes(query, null, null, null, FEW_ROWS);
    return page.items().isEmpty()
        ? Html.NONE
        : Html.of(
            "<h2>Crashes</h2>\n{}{}",
            CrashView.table(page.items(), clock.instant()),
            new Search("/crashes", query, null, null).more(page.next(), "Earlier ones"));
  }

  private static void search(
      Context context, String title, String hint, Function<Search, Html> results) {
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

  private static void show(Context context, String title, Html... content) {
    context.html(Layout.page(title, context.path(), content));
  }

  private static NotFoundResponse unknown(String what, String id) {
    return new NotFoundResponse("There is no " + what + " '" + id + "'.");
  }
}
