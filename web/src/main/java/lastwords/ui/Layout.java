package lastwords.ui;

import java.util.List;
import java.util.stream.Stream;

/// The frame around every page.
final class Layout {
  /// A place the head of every page leads to.
  private record Place(String name, String path) {}

  private static final List<Place> PLACES =
      List.of(
          new Place("Signatures", "/"),
          new Place("Crashes", "/crashes"),
          new Place("Alarms", "/alarms"),
          new Place("Messages", "/messages"),
          new Place("Hosts", "/hosts"));

  private Layout() {}

  /// @param place the path of the place this page belongs to, "" for none
  static String page(String title, String place, Html... content) {
    Html places =
        Html.all(
            PLACES.stream()
                .map(
                    p ->
                        p.path.equals(place)
                            ? Html.of("<a href=\"{}\" aria-current=\"page\">{}</a>", p.path, p.name)
                            : Html.of("<a href=\"{}\">{}</a>", p.path, p.name)));
    return Html.of(
            """
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>{} · Lastwords</title>
            <link rel="stylesheet" href="/lastwords.css">
            <link rel="icon" href="/lastwords.svg" type="image/svg+xml">
            </head>
            <body>
            <header><a class="name" href="/">Lastwords</a><nav>{}</nav></header>
            <main>
            {}</main>
            <footer>Times are UTC. <a href="/openapi.json">API</a></footer>
            </body>
            </html>
            """,
            title,
            places,
            Html.all(Stream.of(content)))
        .toString();
  }
}
