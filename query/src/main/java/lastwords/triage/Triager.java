package lastwords.triage;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import lastwords.kernel.Exposure;
import lastwords.kernel.Sightings;
import lastwords.kernel.Sightings.OnHost;
import lastwords.kernel.Triage;
import lastwords.kernel.Triage.Hint;
import lastwords.kernel.Triage.Suspect;
import org.jspecify.annotations.Nullable;

/// Says what to suspect behind a signature.
///
/// First whether a release or a platform has more than its share of affected hosts. Where both seem
/// to, each is tried again among what is alike in the other: what still holds is the cause, and
/// where neither does they can't be told apart, and both are said. Only then whether a few machines
/// repeat it. A suspicion is one when chance would give as much with a probability of at most 1 -
/// [#CONFIDENCE], all that was tried taken together.
public final class Triager {
  /// One in a hundred signatures that have no such cause gets a hint, at the most.
  public static final double CONFIDENCE = 0.99;

  /// Fewer hosts may well have something else in common.
  static final int MIN_HOSTS = 4;

  /// Hours with a crash before a single machine is suspected.
  static final int MIN_EPISODES = 4;

  /// In a large fleet a difference can be certain and too small to matter.
  static final double MIN_RATIO = 2;

  /// A host first heard so shortly before it crashed may have been heard because it crashed, and
  /// says nothing of a rate; unless its boot announced it.
  static final long KNOWN_MICROS = 600_000_000;

  /// Sorts of claims: releases, platforms, single hosts. Each gets its part of the doubt.
  private static final int FAMILIES = 3;

  private static final double DOUBT = 1 - CONFIDENCE;

  private final List<Exposure> exposures;
  private final Sightings sightings;
  private final List<OnHost> known;
  private final double fleetHours;

  private final Releases releases;
  private final Platforms platforms;
  private final SingleHosts singles;
  private final Releases.@Nullable Best release;
  private final @Nullable Claim platform;

  private Triager(List<Exposure> exposures, Sightings sightings) {
    this.exposures = exposures;
    this.sightings = sightings;
    known = sightings.hosts().stream().filter(Triager::wasKnown).toList();
    fleetHours = exposures.stream().mapToLong(Exposure::micros).sum() / 3_600e6;
    releases = new Releases(exposures, known);
    platforms = new Platforms(exposures, known);
    release = releases.best(FAMILIES);
    platform = platforms.best(FAMILIES);
    long watched = exposures.stream().mapToLong(Exposure::hosts).sum();
    singles =
        new SingleHosts(
            sightings.hosts().stream().flatMap(Triager::repetitions).toList(),
            fleetHours,
            watched,
            FAMILIES);
  }

  /// What to suspect.
  ///
  /// @param exposures how long all hosts were watched
  /// @param sightings where the signature was seen in that time
  public static Triage triage(List<Exposure> exposures, Sightings sightings) {
    return new Triager(exposures, sightings).triage();
  }

  private static boolean wasKnown(OnHost host) {
    return host.announced() || firstCrashMicros(host) - firstHeardMicros(host) >= KNOWN_MICROS;
  }

  private static long firstHeardMicros(OnHost host) {
    return host.spans().stream().mapToLong(Sightings.Span::fromMicros).min().orElse(0);
  }

  private static long firstCrashMicros(OnHost host) {
    return host.spans().stream()
        .map(Sightings.Span::firstCrashMicros)
        .filter(Objects::nonNull)
        .mapToLong(Long::longValue)
        .min()
        .orElse(0);
  }

  /// For counting repetitions, which those of a host heard because it crashed are all but the
  /// first.
  private static Stream<OnHost> repetitions(OnHost host) {
    return wasKnown(host)
        ? Stream.of(host)
        : host.episodes() < 2
            ? Stream.empty()
            : Stream.of(
                new OnHost(host.host(), host.crashes(), host.episodes() - 1, true, host.spans()));
  }

  private Triage triage() {
    boolean isRelease = release != null && isCertain(release.claim());
    boolean isPlatform = platform != null && isCertain(platform);
    if (isRelease || isPlatform) {
      return ofMany(isRelease, isPlatform);
    }
    List<Hint> machines = singles.suspects(CONFIDENCE);
    return machines.isEmpty()
        ? nothing()
        : answer(Sentences.hosts(machines, singles.episodes(), fleetHours, CONFIDENCE), machines);
  }

  private static boolean isCertain(Claim claim) {
    return claim.corrected() <= DOUBT && claim.isWorthSaying();
  }

  private Triage ofMany(boolean isRelease, boolean isPlatform) {
    if (release == null || !mayBe(release.claim())) {
      return platform(Objects.requireNonNull(platform));
    }
    if (platform == null || !mayBe(platform)) {
      return release(release);
    }
    boolean releaseHolds = holdsAmongPlatforms(release.claim());
    boolean platformHolds = holdsAmongReleases(platform);
    if (releaseHolds && !platformHolds && isRelease) {
      return release(release);
    }
    if (platformHolds && !releaseHolds && isPlatform) {
      return platform(platform);
    }
    Claim first = release.claim();
    Claim second = platform;
    if (second.chance() < first.chance()) {
      first = platform;
      second = release.claim();
    }
    List<Hint> both = List.of(first.hint(CONFIDENCE), second.hint(CONFIDENCE));
    return answer(
        releaseHolds && platformHolds
            ? Sentences.both(first, second, CONFIDENCE)
            : Sentences.inseparable(first, second, CONFIDENCE),
        both);
  }

  /// Whether a claim would be one if it were the only one: enough to muddle another.
  private static boolean mayBe(Claim claim) {
    return claim.chance() <= DOUBT && claim.isWorthSaying();
  }

  private boolean holdsAmongPlatforms(Claim claim) {
    return Claim.chanceWithin(
            Group.by(
                (of, hardware) ->
                    of == null
                        ? null
                        : new Claim.Cell(
                            Optional.ofNullable(Machine.of(hardware))
                                .map(Machine::model)
                                .orElse(""),
                            claim.about().test(of, hardware)),
                exposures,
                known))
        <= DOUBT;
  }

  private boolean holdsAmongReleases(Claim claim) {
    return Claim.chanceWithin(
            Group.by(
                (of, hardware) ->
                    hardware == null
                        ? null
                        : new Claim.Cell(of == null ? "" : of, claim.about().test(of, hardware)),
                exposures,
                known))
        <= DOUBT;
  }

  private Triage release(Releases.Best best) {
    return answer(Sentences.release(best, CONFIDENCE), List.of(best.claim().hint(CONFIDENCE)));
  }

  private Triage platform(Claim claim) {
    return answer(Sentences.platform(claim, CONFIDENCE), List.of(claim.hint(CONFIDENCE)));
  }

  private Triage answer(String why, List<Hint> hints) {
    return new Triage(
        hints.getFirst().suspect(), CONFIDENCE, why, null, hints, crashes(), hosts(), fleetHours);
  }

  private Triage nothing() {
    List<String> lacking = new ArrayList<>();
    boolean hasReleases = hasReleases(lacking);
    boolean isEnough = hasPlatforms(lacking) || hasReleases;
    addRepetitions(lacking);
    if (hosts() == 0 || fleetHours <= 0) {
      isEnough = false;
      lacking.clear();
      lacking.add("hosts that were watched before they crashed");
    }
    String missing = lacking.isEmpty() ? null : String.join(", or ", lacking);
    String why =
        isEnough
            ? Sentences.even(known.size(), releases.count(), platforms.count(), mostUneven())
            : Sentences.tooLittle(
                hosts(), unplacedHosts(), sightings.unplaced(), Objects.requireNonNull(missing));
    return new Triage(
        Suspect.NONE, CONFIDENCE, why, missing, List.of(), crashes(), hosts(), fleetHours);
  }

  private @Nullable Claim mostUneven() {
    return Stream.of(release == null ? null : release.claim(), platform)
        .filter(Objects::nonNull)
        .min(Claim.LEAST_LIKELY_FIRST)
        .orElse(null);
  }

  /// Whether the release, had it been the cause, would have been found; if not says what lacks.
  private boolean hasReleases(List<String> lacking) {
    if (release == null) {
      lacking.add(
          releases.count() == 0
              ? "releases, which no host has said"
              : "a second release to compare with");
      return false;
    }
    return isEnough(release.claim(), releases.all().events(), lacking);
  }

  private boolean hasPlatforms(List<String> lacking) {
    if (platform == null) {
      lacking.add(
          platforms.count() == 0
              ? "hardware names, which no host has said"
              : "a second hardware model to compare with");
      return false;
    }
    return isEnough(platform, platforms.all().events(), lacking);
  }

  private static boolean isEnough(Claim claim, int events, List<String> lacking) {
    int enough = claim.enough(DOUBT);
    if (events >= enough) {
      return true;
    }
    lacking.add(Sentences.moreHosts(claim, events, enough));
    return false;
  }

  private void addRepetitions(List<String> lacking) {
    if (exposures.stream().mapToLong(Exposure::hosts).sum() < 2) {
      lacking.add("a second host to compare with");
    } else if (singles.episodes() < MIN_EPISODES) {
      lacking.add("crashes of one host in " + MIN_EPISODES + " different hours");
    }
  }

  private long unplacedHosts() {
    return (long) sightings.hosts().size() - known.size();
  }

  private long hosts() {
    return known.size();
  }

  private long crashes() {
    return sightings.hosts().stream().mapToLong(OnHost::crashes).sum();
  }
}
