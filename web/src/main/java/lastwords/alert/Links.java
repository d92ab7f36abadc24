package lastwords.alert;

import java.net.URI;

/// Where people find on the pages what a message is about.
record Links(URI publicUrl) {
  String crash(String id) {
    return base() + "/crashes/" + id;
  }

  String alarms() {
    return base() + "/alarms";
  }

  private String base() {
    String url = publicUrl.toString();
    return url.endsWith("/") ? url.substring(0, url.length() - 1) : url;
  }
}
