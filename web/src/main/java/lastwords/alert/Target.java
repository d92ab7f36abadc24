package lastwords.alert;

import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import lastwords.kernel.Alarm;
import lastwords.kernel.Crash;
import lastwords.kernel.Delivery;

/// How one kind of receiver wants to be told.
///
/// Bodies are made once, when the alarm is raised, and kept; a request is made of them at each
/// attempt. Implementations are immutable.
interface Target {
  /// The body that tells of one alarm.
  String crash(Alarm alarm, Crash crash);

  /// The body that tells of the alarms a minute had too many of.
  String storm(Storm storm);

  /// A body that tells of nothing, for people to see that it arrives.
  String test(String id, long nowMicros);

  /// One attempt to deliver.
  HttpRequest request(Delivery delivery, long nowMicros);

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
