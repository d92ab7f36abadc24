package lastwords.triage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import lastwords.triage.Chance.Stratum;
import org.junit.jupiter.api.Test;

final class ChanceTest {
  @Test
  void chanceIsThatOfTossesOfACoin() {
    assertThat(Chance.atLeast(10, 10, 0.5)).isCloseTo(1 / 1024.0, within(1e-15));
    assertThat(Chance.atLeast(9, 10, 0.5)).isCloseTo(11 / 1024.0, within(1e-15));
    assertThat(Chance.atLeast(0, 10, 0.5)).isEqualTo(1);
    assertThat(Chance.atLeast(50, 50, 0.01)).isCloseTo(1e-100, within(1e-105));
  }

  @Test
  void strataOfTheSameShareAreAsOne() {
    List<Stratum> strata = List.of(new Stratum(3, 0.3), new Stratum(7, 0.3), new Stratum(0, 0.9));
    for (int part = 0; part <= 10; part++) {
      assertThat(Chance.atLeast(part, strata))
          .isCloseTo(Chance.atLeast(part, 10, 0.3), within(1e-12));
    }
  }

  @Test
  void stratumWithoutAnythingToCompareTellsNothing() {
    assertThat(Chance.atLeast(20, List.of(new Stratum(20, 1.0)))).isEqualTo(1);
    assertThat(Chance.atLeast(2_000, List.of(new Stratum(2_000, 1.0)))).isEqualTo(1);
  }

  @Test
  void manyEventsAreNearlyNormal() {
    List<Stratum> strata = List.of(new Stratum(1_500, 0.3), new Stratum(1_500, 0.3));
    assertThat(Chance.atLeast(960, strata))
        .isCloseTo(Chance.atLeast(960, 3_000, 0.3), within(1e-3));
  }

  @Test
  void intervalIsCloppersAndPearsons() {
    // 7 of 20 at 95 %, as every table has it.
    assertThat(Chance.lowShare(7, 20, 0.95)).isCloseTo(0.1539, within(1e-4));
    assertThat(Chance.highShare(7, 20, 0.95)).isCloseTo(0.5922, within(1e-4));
    assertThat(Chance.lowShare(0, 20, 0.95)).isZero();
    assertThat(Chance.highShare(20, 20, 0.95)).isEqualTo(1);
  }

  @Test
  void releasesAreOrderedAsPeopleCount() {
    List<String> releases =
        List.of(
            "4.19.0",
            "5.10.0-9-amd64",
            "5.10.0-30-amd64",
            "6.12.9",
            "6.12.10",
            "6.13.0-rc1",
            "6.13.0-rc10",
            "6.13.0",
            "6.13.0-1-rt",
            "6.13.1");
    List<String> shuffled = new ArrayList<>(releases);
    Collections.shuffle(shuffled, new Random(1));
    shuffled.sort(ReleaseOrder.OLDEST_FIRST);
    assertThat(shuffled).isEqualTo(releases);
  }

  @Test
  void hardwareNamesComeApart() {
    assertThat(Machine.of("Dell Inc. PowerEdge R650/0PYXKY, BIOS 1.4.4 10/07/2021"))
        .isEqualTo(new Machine("Dell Inc. PowerEdge R650", "1.4.4 10/07/2021"));
    assertThat(Machine.of("QEMU Standard PC (Q35 + ICH9, 2009), BIOS 1.16.2-debian-1.16.2-1"))
        .isEqualTo(new Machine("QEMU Standard PC (Q35 + ICH9, 2009)", "1.16.2-debian-1.16.2-1"));
    assertThat(Machine.of("Raspberry Pi 4 Model B Rev 1.4"))
        .isEqualTo(new Machine("Raspberry Pi 4 Model B Rev 1.4", null));
    assertThat(Machine.of(null)).isNull();
  }
}
