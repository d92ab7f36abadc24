package lastwords.kernel;

import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// What to suspect behind a signature, judged by where it is seen and where it is not.
///
/// @param suspect what the first hint says; [Suspect#NONE] without one
/// @param confidence how sure a hint is: of 1 - this of all signatures without a cause of this
///   sort, at most, one gets a hint all the same
/// @param why one sentence for whoever is on call
/// @param lacking what would have to be known to say more, null where enough is known
/// @param hints the most likely first; two where they can't be told apart, or both have a part
/// @param crashes,hosts how many of them, and of how many hosts, were judged
/// @param hostHours how long all hosts together were watched
public record Triage(
    Suspect suspect,
    double confidence,
    String why,
    @Nullable String lacking,
    List<Hint> hints,
    long crashes,
    long hosts,
    double hostHours) {

  /// What sort of cause.
  public enum Suspect {
    /// The machine itself: one host, again and again.
    HARDWARE,
    /// A hardware model or its firmware.
    PLATFORM,
    /// The kernel's release.
    RELEASE,
    NONE;

    /// As it reads outside: lower case.
    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /// One suspicion. `elsewhere` is every host-hour that isn't the subject's.
  ///
  /// Of a release or a platform each host counts with its first crash only, and with its time up to
  /// it; of a host, each hour in which it crashed.
  ///
  /// @param subject the host, model, firmware, release, or range of releases
  /// @param pValue how likely so uneven a share is by chance, after correction for all that was
  ///   tried
  /// @param events what was counted on the subject: hosts, or hours
  /// @param hosts how many hosts of the subject are affected
  /// @param hostHours how long the subject was watched
  /// @param rate events for each host-hour
  /// @param rateRatio how many times as often as elsewhere, null where it never happens there
  /// @param rateRatioLow,rateRatioHigh its confidence interval; no high end where it never happens
  ///   elsewhere
  public record Hint(
      Suspect suspect,
      String subject,
      double pValue,
      long events,
      long hosts,
      double hostHours,
      double rate,
      long eventsElsewhere,
      double hostHoursElsewhere,
      double rateElsewhere,
      @Nullable Double rateRatio,
      double rateRatioLow,
      @Nullable Double rateRatioHigh) {}
}
