package lastwords.alert;

import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import lastwords.kernel.Alarm;
import lastwords.kernel.Crash;
import lastwords.kernel.Delivery;
import org.jspecify.annotations.Nullable;

/// How one kind of receiver is notified.
///
/// Bodies are made once, when the alarm is raised or updated, and kept; a request is made of them
/// at each attempt. Implementations are immutable.
interface Target {
  /// The body that notifies of one alarm.
  String crash(Alarm alarm, Crash crash);

  /// The body that notifies of an alarm whose crash became worse.
  ///
  /// @param before the alarm as it was notified before
  /// @param body that the target got or is to get before this one, null when there is none
  String update(Alarm alarm, Alarm before, Crash crash, @Nullable String body);

  /// The body that notifies of the alarms a minute had too many of.
  String storm(StormSummary storm);

  /// A body that reports nothing, for people to see that it arrives.
  String test(String id, long nowMicros);

  /// Whether a body has the form that [#request] needs. Others are from before a hook's type was
  /// changed.
  boolean takes(String body);

  /// How many deliveries fit one request.
  int atOnce();

  /// One attempt to deliver, at most [#atOnce] deliveries.
  HttpRequest request(List<Delivery> deliveries, long nowMicros);

  /// To add a target, add a class, its type in [HookSettings#TYPES], and a case here.
  static Target of(HookSettings hook, Links links) {
    return switch (hook.type()) {
      case HookSettings.WEBHOOK -> new WebhookTarget(hook, links);
      case HookSettings.ALERTMANAGER -> new AlertmanagerTarget(hook, links);
      default -> throw new IllegalStateException("no target for type " + hook.type());
    };
  }

  /// A POST of JSON; user and password in the address go where they belong.
  static HttpRequest.Builder post(URI url, byte[] body) {
    String credentials = url.getRawUserInfo();
    URI address =
        credentials == null ? url : URI.create(url.toString().replaceFirst("//[^@/]*@", "//"));
    HttpRequest.Builder request =
        HttpRequest.newBuilder(address)
            .header("Content-Type", "application/json")
            .header("User-Agent", "lastwords")
            .POST(HttpRequest.BodyPublishers.ofByteArray(body));
    if (credentials != null) {
      byte[] plain = url.getUserInfo().getBytes(StandardCharsets.UTF_8);
      request.header("Authorization", "Basic " + Base64.getEncoder().encodeToString(plain));
    }
    return request;
  }
}
