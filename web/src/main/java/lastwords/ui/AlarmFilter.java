package lastwords.ui;

import io.javalin.http.Context;
import org.jspecify.annotations.Nullable;

/// Which alarms a page lists; null where any.
///
/// @param storm the alert storm they were held in
/// @param after the alarm that the page begins after
record AlarmFilter(
    @Nullable String state,
    @Nullable String reason,
    @Nullable String since,
    @Nullable String storm,
    @Nullable String after) {

  static AlarmFilter of(Context context) {
    return new AlarmFilter(
        given(context, "state"),
        given(context, "reason"),
        given(context, "since"),
        given(context, "storm"),
        given(context, "after"));
  }

  private static @Nullable String given(Context context, String name) {
    String text = context.queryParam(name);
    return text == null || text.isBlank() ? null : text;
  }

  boolean isEmpty() {
    return state == null && reason == null && since == null && storm == null && after == null;
  }

  /// The path of the page that begins after that alarm.
  String path(String alarm) {
    return Show.path(
        "/alarms", "state", state, "reason", reason, "since", since, "storm", storm, "after",
        alarm);
  }
}
