package lastwords.alert;

import java.util.List;
import lastwords.kernel.Severity;

/// The events that a webhook receives, by the `type` of their bodies.
///
/// A body is `{"type","timestamp","data"}`. [WebhookTarget] makes `data` from the record named
/// here, and the description of the API is generated from the same records.
public enum WebhookEvent {
  CRASH(
      "kernel.crash",
      "A crash raised an alarm. `timestamp` is when the alarm was raised.",
      CrashNotice.class,
      true),
  UPDATE(
      "kernel.crash.update",
      "The crash of an alarm became worse: more severe, or the machine went down with it. The alarm"
          + " keeps its id, the delivery has its own. `timestamp` is when the alarm was updated.",
      UpdateNotice.class,
      true),
  STORM(
      "kernel.crash.storm",
      "Summary of the alarms that one minute had beyond alarms-per-minute. `timestamp` is when the"
          + " minute began.",
      StormNotice.class,
      false),
  TEST("test", "Somebody tests the hook; nothing happened.", TestNotice.class, false);

  private final String type;
  private final String meaning;
  private final Class<? extends Record> data;
  private final boolean hasCrash;

  WebhookEvent(String type, String meaning, Class<? extends Record> data, boolean hasCrash) {
    this.type = type;
    this.meaning = meaning;
    this.data = data;
    this.hasCrash = hasCrash;
  }

  /// The `type` of the body.
  public String type() {
    return type;
  }

  /// When it is sent, for the description of the API.
  public String meaning() {
    return meaning;
  }

  /// The fields of `data`, those of a crash aside.
  public Class<? extends Record> data() {
    return data;
  }

  /// Whether `data` has the fields of a [lastwords.kernel.Crash] too.
  public boolean hasCrash() {
    return hasCrash;
  }

  /// What `data` has beside the crash.
  ///
  /// @param alarm its id: the key by which a robot acts once
  /// @param link to the crash's page
  /// @param cut the fields that were shortened or left out so that the body stays below 20 kB,
  ///   `texts` for the end of each long text
  public record CrashNotice(String alarm, String link, List<String> cut) {}

  /// What `data` has beside the crash, as it is now.
  ///
  /// @param previousSeverity of the alarm as it was notified before
  /// @param wasPanicked whether the machine was known to be down then
  /// @param cut as in [CrashNotice]
  public record UpdateNotice(
      String alarm,
      String link,
      Severity previousSeverity,
      boolean wasPanicked,
      List<String> cut) {}

  /// @param id of the alert storm
  /// @param link to the page of the alarms that were held
  /// @param severity of the most severe of them
  /// @param alarms how many were held
  /// @param hostCount on how many hosts
  /// @param delivered alarms notified one by one within the minute
  /// @param signatureCount of how many signatures
  /// @param signatures some of them, the most severe first
  /// @param cut as in [CrashNotice]
  public record StormNotice(
      String id,
      String link,
      Severity severity,
      long alarms,
      long hostCount,
      int delivered,
      long signatureCount,
      List<StormSignature> signatures,
      List<String> cut) {}

  /// @param alarms of this signature that were held
  /// @param hostCount on how many hosts
  /// @param hosts some of them: the name, and the address in parentheses where it is not the name
  public record StormSignature(
      String signature,
      String title,
      String kind,
      Severity severity,
      long alarms,
      long hostCount,
      List<String> hosts) {}

  /// @param id of the test
  public record TestNotice(String id, String text) {}
}
