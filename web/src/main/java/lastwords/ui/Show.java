package lastwords.ui;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import lastwords.json.Json;
import lastwords.kernel.Position;
import lastwords.kernel.Severity;
import org.jspecify.annotations.Nullable;

/// How single values look.
final class Show {
  private static final DateTimeFormatter SECONDS = format("uuuu-MM-dd HH:mm:ss");
  private static final DateTimeFormatter MILLIS = format("uuuu-MM-dd HH:mm:ss.SSS");
  private static final DateTimeFormatter DAY = format("uuuu-MM-dd");

  private Show() {}

  private static DateTimeFormatter format(String pattern) {
    return DateTimeFormatter.ofPattern(pattern, Locale.ROOT).withZone(ZoneOffset.UTC);
  }

  static Html time(long micros) {
    return time(micros, SECONDS.format(Json.instant(micros)));
  }

  static Html exactTime(long micros) {
    return time(micros, MILLIS.format(Json.instant(micros)));
  }

  /// How long ago; beyond a month the day.
  static Html ago(long micros, Instant now) {
    Duration age = Duration.between(Json.instant(micros), now);
    return time(
        micros,
        age.toSeconds() < 60
            ? Math.max(0, age.toSeconds()) + " s ago"
            : age.toMinutes() < 60
                ? age.toMinutes() + " min ago"
                : age.toHours() < 48
                    ? age.toHours() + " h ago"
                    : age.toDays() <= 30
                        ? age.toDays() + " d ago"
                        : DAY.format(Json.instant(micros)));
  }

  private static Html time(long micros, String text) {
    String exact = Json.time(micros);
    return Html.of("<time datetime=\"{}\" title=\"{}\">{}</time>", exact, exact, text);
  }

  static Html severity(Severity severity) {
    return Html.of("<span class=\"severity {}\">{}</span>", severity, severity);
  }

  static Html tag(String text) {
    return Html.of("<span class=\"tag\">{}</span> ", text);
  }

  static String count(long number) {
    return String.format(Locale.ROOT, "%,d", number);
  }

  /// A mark for a host whose userdata has a name that belongs to another host; nothing for null.
  static Html claim(@Nullable String claimed) {
    return claimed == null
        ? Html.NONE
        : Html.of(" <span class=\"tag\">claims to be {}</span>", claimed);
  }

  static Html host(String name) {
    return Html.of("<a href=\"{}\">{}</a>", "/hosts/" + encoded(name), name);
  }

  static Html signature(String signature, String text) {
    return Html.of("<a href=\"{}\">{}</a>", "/signatures/" + encoded(signature), text);
  }

  static Html crash(String id, String text) {
    return Html.of("<a href=\"{}\">{}</a>", "/crashes/" + encoded(id), text);
  }

  /// The path of a message among its neighbours.
  static String messagePath(long position) {
    return "/messages/" + Position.text(position);
  }

  /// A path with a query of names and values in turn; values that are null or empty are left out.
  static String path(String path, @Nullable String... namesAndValues) {
    StringBuilder url = new StringBuilder(path);
    char before = '?';
    for (int i = 0; i < namesAndValues.length; i += 2) {
      String value = namesAndValues[i + 1];
      if (value != null && !value.isEmpty()) {
        url.append(before).append(namesAndValues[i]).append('=').append(encoded(value));
        before = '&';
      }
    }
    return url.toString();
  }

  /// A query for exactly this value of a field.
  static String exactly(String field, String value) {
    return field + ":\"" + value.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }

  static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }
}
