package lastwords.triage;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.stream.DoubleStream;
import lastwords.kernel.Triage;
import lastwords.kernel.Triage.Suspect;
import org.junit.jupiter.api.Test;

/// Fleets made by chance: how often a hint is wrong, and how often a fault is missed.
final class FalseAlarmTest {
  private static final int FLEETS = 1_000;
  private static final double HOURS = 2_000;

  /// Of 1,000 fleets without any cause at most 10 are expected to get a hint; more than 20 would
  /// happen to one in 500 of programs that keep to that.
  private static final int TOO_MANY = 20;

  @Test
  void fleetsWithoutACauseGetNoHint() {
    int alarms = 0;
    for (int seed = 0; seed < FLEETS; seed++) {
      Random random = new Random(seed);
      double rate = Math.pow(10, -5 + 2 * random.nextDouble());
      alarms += hasHint(fleet(random, 1, rate, 1)) ? 1 : 0;
    }
    assertThat(alarms).isLessThanOrEqualTo(TOO_MANY);
  }

  @Test
  void hostsThatAreUnequallyProneMakeNoReleaseNorPlatformSuspect() {
    int alarms = 0;
    for (int seed = 0; seed < FLEETS; seed++) {
      Random random = new Random(seed);
      Triage triage = fleet(random, 20, 1e-4, 1).triage();
      alarms += triage.suspect() == Suspect.RELEASE || triage.suspect() == Suspect.PLATFORM ? 1 : 0;
    }
    assertThat(alarms).isLessThanOrEqualTo(TOO_MANY);
  }

  @Test
  void aRegressionByFiveOnTwoHundredHostsIsFound() {
    int found = 0;
    for (int seed = 0; seed < 200; seed++) {
      Triage triage = fleet(new Random(seed), 1, 4e-5, 5).triage();
      found +=
          triage.suspect() == Suspect.RELEASE
                  && triage.hints().getFirst().subject().equals("6.12.9")
              ? 1
              : 0;
    }
    assertThat(found).isGreaterThan(180);
  }

  private static boolean hasHint(Fleet fleet) {
    return fleet.triage().suspect() != Suspect.NONE;
  }

  /// 600 hosts, of which 200 move from release 6.12.8 to 6.12.9 somewhere on the way; of four
  /// models in unequal numbers.
  ///
  /// @param unequal by how much the most prone host is above the least prone one
  /// @param rate crashes for each hour
  /// @param regression by how much that rises with 6.12.9
  private static Fleet fleet(Random random, double unequal, double rate, double regression) {
    Fleet fleet = new Fleet();
    for (int host = 0; host < 600; host++) {
      String hardware = "Model " + Math.min(3, random.nextInt(8)) + ", BIOS " + random.nextInt(2);
      double own = rate * Math.pow(unequal, random.nextDouble() - 0.5);
      String old = host % 3 == 0 ? "6.12.7" : "6.12.8";
      double moves = host % 3 == 1 ? HOURS * random.nextDouble() / 2 : HOURS;
      fleet.runs("h" + host, old, hardware, 0, moves, crashes(random, own, 0, moves));
      if (moves < HOURS) {
        fleet.runs(
            "h" + host,
            "6.12.9",
            hardware,
            moves,
            HOURS,
            crashes(random, own * regression, moves, HOURS));
      }
    }
    return fleet;
  }

  private static double[] crashes(Random random, double rate, double from, double to) {
    DoubleStream.Builder crashes = DoubleStream.builder();
    double at = from - Math.log(1 - random.nextDouble()) / rate;
    while (at < to) {
      crashes.add(at);
      at -= Math.log(1 - random.nextDouble()) / rate;
    }
    return crashes.build().toArray();
  }
}
