package lastwords.kernel;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// All crashes that are one fault, as far as the rules can tell: the thing people work on.
///
/// @param severity the gravest of its crashes
/// @param state what people decided; [State#OPEN] until they do
/// @param events how many crashes
/// @param hosts how many hosts
/// @param triage what to suspect, null where nobody asked for it
public record Signature(
    String signature,
    String title,
    String kind,
    Category category,
    Severity severity,
    State state,
    long events,
    long hosts,
    long firstSeenMicros,
    long lastSeenMicros,
    List<Release> releases,
    @Nullable Triage triage) {

  /// The same with what to suspect.
  public Signature with(Triage judged) {
    return new Signature(
        signature,
        title,
        kind,
        category,
        severity,
        state,
        events,
        hosts,
        firstSeenMicros,
        lastSeenMicros,
        releases,
        judged);
  }

  /// How often one kernel release showed it; `release` is null where the kernel didn't say.
  public record Release(@Nullable String release, long events, long hosts) {}

  /// What people decided about a signature.
  public enum State {
    OPEN,
    ACKNOWLEDGED,
    RESOLVED,
    IGNORED;

    /// As it reads outside: lower case.
    @Override
    public String toString() {
      return name().toLowerCase(java.util.Locale.ROOT);
    }
  }
}
