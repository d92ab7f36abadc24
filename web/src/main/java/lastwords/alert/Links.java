package lastwords.alert;

import java.net.URI;

/// Where people find on the pages what a message is about.
record Links(URI publicUrl) {
  String home() {
    return base() + "/";
  }

  String crash(String id) {
    return base() + "/crashes/" + id;
  }

  /// The alarms that were held in an alert storm.
  String storm(String id) {
    return base() + "/alarms?storm=" + id;
  }

  private String base() {
    String url = publicUrl.toString();
    return url.endsWith("/") ? url.substring(0, url.length() - 1) : url;
  }
}
