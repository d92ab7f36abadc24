package lastwords.triage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import lastwords.kernel.Triage;
import lastwords.kernel.Triage.Hint;
import lastwords.kernel.Triage.Suspect;
import org.junit.jupiter.api.Test;

final class TriagerTest {
  private static final String OLD = "6.12.8-amd64";
  private static final String NEW = "6.12.9-amd64";
  private static final String DELL = "Dell Inc. PowerEdge R650/0PYXKY, BIOS 1.4.4 10/07/2021";
  private static final String DELL_NEWER = "Dell Inc. PowerEdge R650/0PYXKY, BIOS 1.9.2 03/01/2023";
  private static final String HPE =
      "HPE ProLiant DL380 Gen10/ProLiant DL380 Gen10, BIOS U30 01/2022";
  private static final String LENOVO = "LENOVO ThinkSystem SR650/SR650, BIOS IVE142 02/2020";

  // Hardware.

  @Test
  void oneHostAgainAndAgainIsItsHardware() {
    Fleet fleet =
        new Fleet().many("a", 100, OLD, DELL, 1_000, 0).many("b", 100, NEW, HPE, 1_000, 0);
    fleet.runs("db7", OLD, DELL, 0, 1_000, 100, 250, 400, 401.5, 700, 950);

    Triage triage = fleet.triage();

    assertThat(triage.suspect()).isEqualTo(Suspect.HARDWARE);
    Hint hint = triage.hints().getFirst();
    assertThat(hint.subject()).isEqualTo("db7");
    assertThat(hint.events()).isEqualTo(6);
    assertThat(hint.rate()).isCloseTo(0.006, within(1e-9));
    assertThat(hint.rateElsewhere()).isZero();
    assertThat(hint.rateRatio()).isNull();
    assertThat(hint.rateRatioLow()).isGreaterThan(100);
    assertThat(hint.pValue()).isLessThan(1e-9);
    assertThat(triage.why()).contains("db7", "all of the 6 hours", "suspect the machine");
  }

  @Test
  void aHostThatRepeatsItselfWithinAnHourIsOneEpisode() {
    Fleet fleet = new Fleet().many("a", 200, OLD, DELL, 1_000, 0);
    double[] storm = new double[500];
    for (int i = 0; i < storm.length; i++) {
      storm[i] = 500 + i / 1_000.0;
    }
    fleet.runs("db7", OLD, DELL, 0, 1_000, storm);

    assertThat(fleet.triage().suspect()).isEqualTo(Suspect.NONE);
  }

  @Test
  void oneNoisyHostOnANewReleaseIsHardwareAndNoRegression() {
    Fleet fleet =
        new Fleet().many("a", 100, OLD, DELL, 1_000, 2).many("b", 99, NEW, DELL, 1_000, 1);
    fleet.runs("db7", NEW, DELL, 0, 1_000, 10, 90, 170, 250, 330, 410, 490, 570, 650, 730, 810);

    Triage triage = fleet.triage();

    assertThat(triage.suspect()).isEqualTo(Suspect.HARDWARE);
    assertThat(triage.hints()).extracting(Hint::subject).containsExactly("db7");
  }

  @Test
  void severalBadMachinesAreAllNamed() {
    Fleet fleet =
        new Fleet().many("a", 100, OLD, DELL, 1_000, 1).many("b", 100, NEW, HPE, 1_000, 0);
    fleet.runs("db7", OLD, DELL, 0, 1_000, 100, 250, 400, 500, 700, 950);
    fleet.runs("db8", NEW, HPE, 0, 1_000, 110, 260, 410, 510, 710);

    assertThat(fleet.triage().hints()).extracting(Hint::subject).containsExactly("db7", "db8");
  }

  // Release.

  @Test
  void manyHostsOfOneReleaseAndNoneOfAnotherAreARegression() {
    Triage triage =
        new Fleet()
            .many("a", 100, OLD, DELL, 1_000, 0)
            .many("b", 100, NEW, DELL, 1_000, 20)
            .triage();

    assertThat(triage.suspect()).isEqualTo(Suspect.RELEASE);
    assertThat(triage.confidence()).isEqualTo(0.99);
    Hint hint = triage.hints().getFirst();
    assertThat(hint.subject()).isEqualTo(NEW);
    assertThat(hint.hosts()).isEqualTo(20);
    assertThat(hint.hostHours()).isCloseTo(90_000, within(1e-6)); // up to each first crash
    assertThat(hint.rate()).isCloseTo(20 / 90_000.0, within(1e-9));
    assertThat(hint.rateRatio()).isNull();
    assertThat(hint.rateRatioHigh()).isNull();
    assertThat(hint.rateRatioLow()).isGreaterThan(3);
    assertThat(triage.why())
        .startsWith(
            "Release 6.12.9-amd64: 20 of 100 hosts crashed this way, one in 4,500 host-hours,"
                + " against none in 100,000 host-hours on other releases: at least")
        .contains("its predecessor 6.12.8-amd64 had none in 100,000 host-hours");
  }

  @Test
  void theSameCountsWithUnequalHostHoursAreNoRegression() {
    // Twenty to two, but the new release was run ten times as long.
    Triage triage =
        new Fleet()
            .many("a", 20, OLD, DELL, 1_000, 2)
            .many("b", 200, NEW, DELL, 1_000, 20)
            .triage();

    assertThat(triage.suspect()).isEqualTo(Suspect.NONE);
    assertThat(triage.hints()).isEmpty();
  }

  @Test
  void equalCountsWithUnequalHostHoursAreARegression() {
    Triage triage =
        new Fleet()
            .many("a", 300, OLD, DELL, 1_000, 12)
            .many("b", 20, NEW, DELL, 1_000, 12)
            .triage();

    assertThat(triage.suspect()).isEqualTo(Suspect.RELEASE);
    Hint hint = triage.hints().getFirst();
    Double ratio = hint.rateRatio();
    assertThat(ratio).isNotNull().isBetween(15.0, 30.0);
    assertThat(hint.rateRatioLow()).isGreaterThan(3).isLessThan(ratio == null ? 0 : ratio);
    assertThat(hint.rateRatioHigh()).isGreaterThan(30);
  }

  @Test
  void aFaultThatStaysInLaterReleasesNamesTheOneItCameWith() {
    Fleet fleet = new Fleet();
    for (int release = 5; release <= 11; release++) {
      fleet.many("r" + release, 50, "6.12." + release, DELL, 1_000, release >= 9 ? 9 : 0);
    }

    Triage triage = fleet.triage();

    assertThat(triage.hints())
        .extracting(Hint::subject)
        .containsExactly("6.12.9 to 6.12.11"); // not 6.12.11 before 6.12.5, as text sorts
    assertThat(triage.why()).contains("predecessor 6.12.8");
  }

  @Test
  void fleetThatMovedAllAtOnceIsToldSo() {
    Fleet fleet = new Fleet();
    for (int i = 0; i < 100; i++) {
      fleet.runs("a" + i, OLD, DELL, 0, 500);
      if (i < 20) {
        fleet.runs("a" + i, NEW, DELL, 500, 1_000, 520 + 20 * i);
      } else {
        fleet.runs("a" + i, NEW, DELL, 500, 1_000);
      }
    }

    Triage triage = fleet.triage();

    assertThat(triage.suspect()).isEqualTo(Suspect.RELEASE);
    assertThat(triage.why()).contains("didn't run side by side");
  }

  @Test
  void manyHostsWithinMinutesMayHaveACauseOutside() {
    Fleet fleet = new Fleet().many("a", 100, OLD, DELL, 1_000, 0);
    for (int i = 0; i < 30; i++) {
      fleet.runs("b" + i, NEW, DELL, 0, 1_000, 500 + i / 1_000.0);
    }

    assertThat(fleet.triage().why()).contains("30 of them within ten minutes");
  }

  @Test
  void hostOfUnknownReleaseSaysNothingOfReleases() {
    Triage triage =
        new Fleet()
            .many("a", 100, OLD, null, 1_000, 0)
            .many("b", 100, null, null, 1_000, 40)
            .triage();

    assertThat(triage.suspect()).isEqualTo(Suspect.NONE);
  }

  // Platform.

  @Test
  void oneModelOfSeveralIsThePlatform() {
    Triage triage =
        new Fleet()
            .many("a", 50, OLD, DELL, 1_000, 15)
            .many("b", 50, NEW, DELL, 1_000, 14)
            .many("c", 100, OLD, HPE, 1_000, 1)
            .many("d", 100, NEW, LENOVO, 1_000, 0)
            .many("e", 50, NEW, HPE, 1_000, 0)
            .triage();

    assertThat(triage.suspect()).isEqualTo(Suspect.PLATFORM);
    assertThat(triage.hints())
        .extracting(Hint::subject)
        .containsExactly("Dell Inc. PowerEdge R650");
  }

  @Test
  void oneFirmwareOfAModelIsNamedWithIt() {
    Triage triage =
        new Fleet()
            .many("a", 50, OLD, DELL, 1_000, 15)
            .many("b", 50, OLD, DELL_NEWER, 1_000, 0)
            .many("c", 100, OLD, HPE, 1_000, 0)
            .triage();

    assertThat(triage.suspect()).isEqualTo(Suspect.PLATFORM);
    assertThat(triage.hints().getFirst().subject())
        .isEqualTo("Dell Inc. PowerEdge R650, BIOS 1.4.4 10/07/2021");
  }

  // Both.

  @Test
  void releaseThatRanOnOneModelOnlyCannotBeToldFromIt() {
    Triage triage =
        new Fleet()
            .many("a", 100, OLD, HPE, 1_000, 0)
            .many("b", 100, NEW, DELL, 1_000, 20)
            .triage();

    assertThat(triage.hints())
        .extracting(Hint::suspect)
        .containsExactlyInAnyOrder(Suspect.RELEASE, Suspect.PLATFORM);
    assertThat(triage.why()).contains("can't be told apart");
  }

  @Test
  void releaseRolledOutToOneModelFirstIsToldFromItByThatModelsOtherHosts() {
    Triage triage =
        new Fleet()
            .many("a", 100, OLD, HPE, 1_000, 0)
            .many("b", 100, OLD, DELL, 1_000, 0)
            .many("c", 100, NEW, DELL, 1_000, 20)
            .triage();

    assertThat(triage.hints()).extracting(Hint::subject).containsExactly(NEW);
  }

  @Test
  void modelThatGotANewReleaseFirstIsToldFromItByItsOldRelease() {
    Triage triage =
        new Fleet()
            .many("a", 100, OLD, HPE, 1_000, 0)
            .many("b", 50, OLD, DELL, 1_000, 20)
            .many("c", 100, NEW, DELL, 1_000, 40)
            .triage();

    assertThat(triage.suspect()).isEqualTo(Suspect.PLATFORM);
    assertThat(triage.hints()).hasSize(1);
  }

  @Test
  void releaseThatOnlyOneModelSuffersFromSaysBoth() {
    Triage triage =
        new Fleet()
            .many("a", 100, OLD, HPE, 1_000, 0)
            .many("b", 100, OLD, DELL, 1_000, 0)
            .many("c", 100, NEW, DELL, 1_000, 30)
            .many("d", 100, NEW, HPE, 1_000, 0)
            .triage();

    assertThat(triage.hints()).hasSize(2);
    assertThat(triage.why()).contains("it shows above all on");
  }

  // Not enough, and nothing.

  @Test
  void threeCrashesAreNotEnoughAndItSaysWhatIs() {
    Triage triage =
        new Fleet()
            .many("a", 100, OLD, DELL, 1_000, 0)
            .many("b", 100, NEW, DELL, 1_000, 3)
            .triage();

    assertThat(triage.suspect()).isEqualTo(Suspect.NONE);
    assertThat(triage.why()).startsWith("Not enough data: 3 hosts are affected");
    assertThat(triage.lacking())
        .contains("10 affected hosts instead of 3, all on release 6.12.9-amd64 with its 50 %")
        .contains("a second hardware model");
  }

  @Test
  void whatIsSpreadEvenlyIsNobodysFault() {
    Triage triage =
        new Fleet()
            .many("a", 100, OLD, DELL, 1_000, 16)
            .many("b", 100, NEW, HPE, 1_000, 20)
            .many("c", 100, OLD, HPE, 1_000, 18)
            .many("d", 100, NEW, DELL, 1_000, 17)
            .triage();

    assertThat(triage.suspect()).isEqualTo(Suspect.NONE);
    assertThat(triage.lacking()).isNull();
    assertThat(triage.why()).startsWith("Nothing stands out: 71 hosts");
  }

  @Test
  void hostsHeardOnlyBecauseTheyCrashedSayNothingOfARate() {
    Fleet fleet = new Fleet().many("a", 100, OLD, DELL, 1_000, 0);
    for (int i = 0; i < 20; i++) {
      fleet.runs("b" + i, NEW, DELL, 500, 1_000, 500.01).unannounced("b" + i);
    }

    Triage triage = fleet.triage();

    assertThat(triage.suspect()).isEqualTo(Suspect.NONE);
    assertThat(triage.why()).contains("20 hosts first heard when they crashed");
  }

  @Test
  void hostsThatGoDownAsSoonAsTheyAreUpCountAllTheSame() {
    Fleet fleet = new Fleet().many("a", 100, OLD, DELL, 100, 0);
    for (int i = 0; i < 20; i++) {
      fleet.runs("b" + i, NEW, DELL, 5 * i, 5 * i, 5 * i);
    }

    assertThat(fleet.triage().hints()).extracting(Hint::subject).containsExactly(NEW);
  }

  @Test
  void whereNoTimeIsKnownNotEnoughIsKnown() {
    Fleet fleet = new Fleet();
    for (int i = 0; i < 5; i++) {
      fleet.runs("a" + i, OLD, DELL, 0, 0, 0).runs("b" + i, NEW, HPE, 0, 0, 0);
    }

    // A ledger has no exposure of boots that have no time.
    Triage triage = Triager.triage(List.of(), fleet.sightings());

    assertThat(triage.suspect()).isEqualTo(Suspect.NONE);
    assertThat(triage.why())
        .isEqualTo(
            "Not enough data: 10 hosts are affected; it would take hosts that were watched before"
                + " they crashed.");
  }

  @Test
  void aReleaseOfWhichOnlyTheCrashesAreKnownHasFiniteRates() {
    Fleet crashed = new Fleet();
    for (int i = 0; i < 20; i++) {
      crashed.runs("b" + i, NEW, DELL, 5 * i, 5 * i, 5 * i);
    }

    Triage triage =
        Triager.triage(
            new Fleet().many("a", 100, OLD, DELL, 100, 0).exposures(), crashed.sightings());

    assertThat(triage.hints()).extracting(Hint::subject).containsExactly(NEW);
    assertThat(triage.hints().getFirst().rate()).isCloseTo(60, within(1e-9)); // one a minute
    assertThat(triage.hints().getFirst().rateRatioLow()).isFinite();
  }

  @Test
  void crashesOfNoKnownBootAreNotEnough() {
    Triage triage = new Fleet().many("a", 10, OLD, DELL, 100, 0).unplaced(7).triage();

    assertThat(triage.why()).contains("Not enough data", "7 crashes are of boots");
    assertThat(new Fleet().triage().suspect()).isEqualTo(Suspect.NONE);
  }

  @Test
  void certainButSlightDifferencesAreNotWorthAHint() {
    Triage triage =
        new Fleet()
            .many("a", 10_000, OLD, DELL, 1_000, 1_000)
            .many("b", 10_000, NEW, DELL, 1_000, 1_300)
            .triage();

    assertThat(triage.suspect()).isEqualTo(Suspect.NONE);
  }
}
