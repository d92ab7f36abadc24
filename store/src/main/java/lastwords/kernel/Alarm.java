package lastwords.kernel;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Something that people or robots should act on, raised once for a crash signature on a host, or
/// on a part of it.
///
/// @param id `a` and the id of the crash that raised it: stable however often the log is read
/// @param crash the id of that crash
/// @param hostSource where the host's name comes from, null where an earlier version did not record
///   it
/// @param claimedHost a name in the sender's userdata that belongs to another host
/// @param address the sender's address, null where an earlier version did not record it
/// @param part see [Crash#part]
/// @param severity the crash's when the alarm was last written: it rises with the crash
/// @param panicked whether the machine went down with it, likewise
/// @param state `open` until a robot or a person resolves it
/// @param reason why no delivery was made for it, null where deliveries were made: `late`,
///   `replayed`, `storm`, …
/// @param version grows with each change
/// @param updatedAtMicros when it was last changed
/// @param notifiedAtMicros when its first deliveries were made, null while none were
/// @param storm the id of the alert storm in which it was held, null when it never was
public record Alarm(
    String id,
    String crash,
    String signature,
    String host,
    @Nullable HostSource hostSource,
    @Nullable String claimedHost,
    @Nullable String address,
    @Nullable String part,
    String kind,
    String title,
    Severity severity,
    boolean panicked,
    long raisedAtMicros,
    String state,
    @Nullable String reason,
    int version,
    long updatedAtMicros,
    @Nullable Long notifiedAtMicros,
    @Nullable String storm) {

  /// The state until it is resolved.
  public static final String OPEN = "open";

  public static final String RESOLVED = "resolved";

  /// Whether the crash is worse than this alarm reports: more severe, or the machine went down.
  public boolean isLessThan(Severity severity, boolean panicked) {
    return severity.compareTo(this.severity) < 0 || (panicked && !this.panicked);
  }

  /// Who sent what it is about: its address, or its host where that is unknown.
  public String sender() {
    return Objects.requireNonNullElse(address, host);
  }

  /// The sender's network; the sender itself where it is no address.
  public String network() {
    return SourceNetwork.of(sender());
  }

  /// The same alarm of a crash that became worse.
  public Alarm worse(Severity severity, boolean panicked, long atMicros) {
    return with(severity, panicked, state, reason, atMicros, notifiedAtMicros, storm);
  }

  /// The same alarm once deliveries are made for it.
  public Alarm notified(long atMicros) {
    return with(severity, panicked, OPEN, null, atMicros, atMicros, storm);
  }

  /// The same alarm, held back in an alert storm.
  public Alarm held(String storm, long atMicros) {
    return with(severity, panicked, OPEN, "storm", atMicros, notifiedAtMicros, storm);
  }

  /// The same alarm with the reason why no delivery is made for it; nothing is to be done about it.
  public Alarm suppressed(String reason, long atMicros) {
    return with(severity, panicked, RESOLVED, reason, atMicros, notifiedAtMicros, storm);
  }

  private Alarm with(
      Severity severity,
      boolean panicked,
      String state,
      @Nullable String reason,
      long updatedAtMicros,
      @Nullable Long notifiedAtMicros,
      @Nullable String storm) {
    return new Alarm(
        id,
        crash,
        signature,
        host,
        hostSource,
        claimedHost,
        address,
        part,
        kind,
        title,
        severity,
        panicked,
        raisedAtMicros,
        state,
        reason,
        version + 1,
        updatedAtMicros,
        notifiedAtMicros,
        storm);
  }
}
