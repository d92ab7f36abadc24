package lastwords.store;

import static lastwords.store.Crashes.START_MICROS;
import static lastwords.store.Crashes.at;
import static lastwords.store.Crashes.panicked;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.AbstractCollection;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import lastwords.json.Json;
import lastwords.kernel.Alarm;
import lastwords.kernel.Category;
import lastwords.kernel.Crash;
import lastwords.kernel.Delivery;
import lastwords.kernel.Exposure;
import lastwords.kernel.Host;
import lastwords.kernel.HostSource;
import lastwords.kernel.Run;
import lastwords.kernel.Severity;
import lastwords.kernel.Sightings;
import lastwords.kernel.Signature;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// What every ledger must do; an implementation's test extends this.
public abstract class LedgerContract {
  private static final long FOREVER = Long.MAX_VALUE;

  /// Opens the test's ledger; the same one each time, also while it is open.
  protected abstract Ledger open();

  /// Notes a decision about a signature, as the workflow does.
  protected abstract void decide(String signature, Signature.State state);

  // Itself.

  @Test
  void ledgerKeepsItsNameAndWhereNewsBegan() {
    String id;
    try (Ledger ledger = open()) {
      id = ledger.id();
      assertThat(id).isNotBlank();
      assertThat(ledger.newsFrom(500)).isEqualTo(500);
      assertThat(ledger.newsFrom(900)).isEqualTo(500);
    }
    try (Ledger ledger = open()) {
      assertThat(ledger.id()).isEqualTo(id);
      assertThat(ledger.newsFrom(0)).isEqualTo(500);
    }
  }

  // Readers.

  @Test
  void readerThatNeverSavedBeginsAtTheStart() {
    try (Ledger ledger = open()) {
      assertThat(ledger.place("analysis")).isEqualTo(Ledger.Place.START);
    }
  }

  @Test
  void savingAPlaceKeepsTheStatesThatDidNotChange() {
    try (Ledger ledger = open()) {
      ledger.save("analysis", checkpoint(10, Map.of("10.0.0.1", state(7), "::1", state(9))));
      ledger.save("analysis", checkpoint(20, Map.of("::1", state(19))));
      ledger.save("indexing", checkpoint(5, Map.of()));
    }
    try (Ledger ledger = open()) {
      assertThat(ledger.place("analysis"))
          .isEqualTo(new Ledger.Place(20, List.of("10.0.0.1", "::1")));
      assertThat(ledger.state("analysis", "10.0.0.1"))
          .get()
          .usingRecursiveComparison()
          .isEqualTo(state(7));
      assertThat(ledger.state("analysis", "::1"))
          .get()
          .usingRecursiveComparison()
          .isEqualTo(state(19));
      assertThat(ledger.state("indexing", "::1")).isEmpty();
      assertThat(ledger.place("indexing")).isEqualTo(new Ledger.Place(5, List.of()));
    }
  }

  @Test
  void addressesComeInTheOrderInWhichTheyWereLastSaved() {
    try (Ledger ledger = open()) {
      ledger.save("analysis", checkpoint(10, Map.of("10.0.0.3", state(1))));
      ledger.save("analysis", checkpoint(20, Map.of("10.0.0.1", state(2))));
      ledger.save("analysis", checkpoint(30, Map.of("10.0.0.2", state(3))));
      ledger.save("analysis", checkpoint(40, Map.of("10.0.0.3", state(4))));

      assertThat(ledger.place("analysis").addresses())
          .containsExactly("10.0.0.1", "10.0.0.2", "10.0.0.3");
    }
  }

  @Test
  void statesNoLongerWantedAreDroppedUnlessTheyAreSavedAnew() {
    try (Ledger ledger = open()) {
      ledger.save("analysis", checkpoint(10, Map.of("10.0.0.1", state(7), "::1", state(9))));
      ledger.save(
          "analysis",
          new Checkpoint(20, Map.of("::1", state(19)), List.of("10.0.0.1", "::1", "10.0.0.7")));

      assertThat(ledger.place("analysis").addresses()).containsExactly("::1");
      assertThat(ledger.state("analysis", "10.0.0.1")).isEmpty();
      assertThat(ledger.state("analysis", "::1")).isPresent();
    }
  }

  @Test
  void readerHadComeAsFarAsTheFurthestOfItsStates() {
    try (Ledger ledger = open()) {
      assertThat(ledger.offset("analysis")).isZero();
      ledger.save("analysis", checkpoint(10, Map.of("10.0.0.1", state(17), "::1", state(9))));
      assertThat(ledger.offset("analysis")).isEqualTo(17);
      ledger.save("analysis", checkpoint(20, Map.of()));
      assertThat(ledger.offset("analysis")).isEqualTo(20);
      assertThat(ledger.offset("indexing")).isZero();
    }
  }

  @Test
  void forgottenReaderBeginsAtTheStart() {
    try (Ledger ledger = open()) {
      ledger.save("analysis", checkpoint(10, Map.of("::1", state(7))));
      ledger.save("indexing", checkpoint(5, Map.of()));
      ledger.forget("analysis");
      ledger.forget("nobody");

      assertThat(ledger.place("analysis")).isEqualTo(Ledger.Place.START);
      assertThat(ledger.place("indexing").offset()).isEqualTo(5);
    }
  }

  // Crashes.

  @Test
  void crashComesBackAsItWentIn() {
    Crash crash = at(5);
    try (Ledger ledger = open()) {
      ledger.put(List.of(crash));
    }
    try (Ledger ledger = open()) {
      assertThat(ledger.crash("c5")).contains(crash);
      assertThat(ledger.crash("c6")).isEmpty();
    }
  }

  @Test
  void crashReadAgainByOtherRulesKeepsTheNameItHas() {
    Crash other =
        Json.read(
            Json.write(at(5))
                .replace("\"signature_version\":1", "\"signature_version\":2")
                .replace(String.valueOf(at(5).signature()), "9911223344556677")
                .replace(at(5).title(), "another title"),
            Crash.class);
    try (Ledger ledger = open()) {
      ledger.put(List.of(at(5)));
      long last = ledger.lastChange();
      ledger.put(List.of(other));
      assertThat(ledger.crash("c5")).contains(at(5));
      assertThat(ledger.lastChange()).isEqualTo(last);

      ledger.put(List.of(panicked(other)));
      assertThat(ledger.crash("c5")).contains(panicked(at(5)));
    }
  }

  @Test
  void crashesComeInTheOrderAsked() {
    try (Ledger ledger = open()) {
      ledger.put(List.of(at(1), at(2), at(3)));

      assertThat(ledger.crashes(List.of("c3", "unknown", "c1"))).containsExactly(at(3), at(1));
      assertThat(ledger.crashes(List.of())).isEmpty();
    }
  }

  @Test
  void crashesComeNewestFirstAndPageByPosition() {
    try (Ledger ledger = open()) {
      ledger.put(List.of(at(2), at(4), at(1), at(3)));

      List<Crash> page = ledger.crashes(0, FOREVER, null, 2);
      assertThat(page).containsExactly(at(4), at(3));
      assertThat(ledger.crashes(0, FOREVER, page.getLast().position(), 2))
          .containsExactly(at(2), at(1));
    }
  }

  @Test
  void crashesAreThoseReceivedFromSinceUpToButWithoutUntil() {
    try (Ledger ledger = open()) {
      ledger.put(List.of(at(1), at(2), at(3)));

      assertThat(ledger.crashes(START_MICROS + 1_000_000, START_MICROS + 3_000_000, null, 10))
          .containsExactly(at(2), at(1));
    }
  }

  @Test
  void writingTheSameCrashAgainIsNoChange() {
    try (Ledger ledger = open()) {
      assertThat(ledger.lastChange()).isZero();
      ledger.put(List.of(at(1), at(2)));
      long last = ledger.lastChange();

      ledger.put(List.of(at(2), at(1)));

      assertThat(ledger.lastChange()).isEqualTo(last);
      assertThat(ledger.changedCrashesAfter(last, 10)).isEmpty();
    }
  }

  @Test
  void completedCrashIsAChangeButNoNewCrash() {
    try (Ledger ledger = open()) {
      ledger.put(List.of(at(1), at(2)));
      long last = ledger.lastChange();
      ledger.put(List.of(panicked(at(1))));

      assertThat(ledger.newCrashesAfter(last, 10)).isEmpty();
      assertThat(crashes(ledger.newCrashesAfter(0, 10))).containsExactly(panicked(at(1)), at(2));
      assertThat(crashes(ledger.changedCrashesAfter(last, 10))).containsExactly(panicked(at(1)));
      assertThat(crashes(ledger.changedCrashesAfter(0, 10)))
          .containsExactly(at(2), panicked(at(1)));
      assertThat(ledger.lastChange()).isGreaterThan(last);
    }
  }

  @Test
  void crashesCanBeFollowedInStepsInTheOrderTheyWereWritten() {
    try (Ledger ledger = open()) {
      ledger.put(List.of(at(9), at(2), at(5)));

      List<Ledger.Change> step = ledger.newCrashesAfter(0, 2);
      assertThat(crashes(step)).containsExactly(at(9), at(2));
      assertThat(crashes(ledger.newCrashesAfter(step.getLast().number(), 2)))
          .containsExactly(at(5));
      step = ledger.changedCrashesAfter(0, 2);
      assertThat(crashes(ledger.changedCrashesAfter(step.getLast().number(), 2)))
          .containsExactly(at(5));
    }
  }

  @Test
  void changeNumbersAreNeverUsedAgain() {
    try (Ledger ledger = open()) {
      ledger.put(List.of(at(1)));
      ledger.put(List.of(panicked(at(1))));
    }
    try (Ledger ledger = open()) {
      long last = ledger.lastChange();
      assertThat(last).isPositive();
      ledger.put(List.of(at(2)));
      assertThat(ledger.newCrashesAfter(last, 10)).hasSize(1);
      assertThat(ledger.lastChange()).isGreaterThan(last);
    }
  }

  @Test
  void crashesAreWrittenAllOrNone() {
    try (Ledger ledger = open()) {
      assertThatThrownBy(() -> ledger.put(breakingAfter(at(1), at(2)))).hasMessage("broken");

      assertThat(ledger.lastChange()).isZero();
      assertThat(ledger.crash("c1")).isEmpty();
      ledger.put(List.of(at(1)));
      assertThat(ledger.crash("c1")).isPresent();
    }
  }

  // Signatures.

  @Test
  void signatureIsWhatItsCrashesSay() {
    try (Ledger ledger = open()) {
      ledger.put(
          List.of(
              at(1, "aa", "db1", Severity.ERROR, "6.12.1", "old title"),
              at(2, "aa", "db2", Severity.CRITICAL, "6.12.1", "old title"),
              at(3, "aa", "db2", Severity.WARNING, "6.12.2", "new title"),
              at(4, "bb", "db2", Severity.INFO, "6.12.2", "another")));

      assertThat(ledger.signature("aa"))
          .contains(
              new Signature(
                  "aa",
                  "new title",
                  "null-deref",
                  Category.OOPS,
                  Severity.CRITICAL,
                  Signature.State.OPEN,
                  3,
                  2,
                  START_MICROS + 1_000_000,
                  START_MICROS + 3_000_000,
                  List.of(
                      new Signature.Release("6.12.1", 2, 2), new Signature.Release("6.12.2", 1, 1)),
                  null));
      assertThat(ledger.signatures(null))
          .extracting(Signature::signature)
          .containsExactly("bb", "aa");
      assertThat(ledger.signatures(List.of("aa", "unknown")))
          .extracting(Signature::signature)
          .containsExactly("aa");
      assertThat(ledger.signatures(List.of())).isEmpty();
      assertThat(ledger.signature("unknown")).isEmpty();
    }
  }

  @Test
  void signaturesPageLastSeenFirst() {
    try (Ledger ledger = open()) {
      ledger.put(
          List.of(
              at(1, "aa", "db1", Severity.ERROR, "6.12.1", "one"),
              at(2, "bb", "db1", Severity.ERROR, "6.12.1", "two"),
              at(3, "dd", "db1", Severity.ERROR, "6.12.1", "three")));

      List<Signature> page = ledger.signatures(Long.MAX_VALUE, "", 2);
      assertThat(page).extracting(Signature::signature).startsWith("dd").hasSize(2);
      Signature last = page.getLast();
      assertThat(ledger.signatures(last.lastSeenMicros(), last.signature(), 2))
          .extracting(Signature::signature)
          .containsExactly("aa");
      assertThat(ledger.signatures(START_MICROS + 1_000_000, "aa", 2)).isEmpty();
    }
  }

  @Test
  void signatureThatACompletedCrashLeftCountsItNoMore() {
    try (Ledger ledger = open()) {
      ledger.put(
          List.of(
              at(1, "aa", "db1", Severity.ERROR, "6.12.1", "one"),
              at(2, "aa", "db2", Severity.CRITICAL, "6.12.2", "two"),
              at(3, "bb", "db3", Severity.ERROR, "6.12.1", "three")));

      ledger.put(
          List.of(
              at(2, "bb", "db2", Severity.CRITICAL, "6.12.2", "two"),
              at(3, "cc", "db3", Severity.ERROR, "6.12.1", "three")));

      Signature aa = ledger.signature("aa").orElseThrow();
      assertThat(aa.events()).isEqualTo(1);
      assertThat(aa.hosts()).isEqualTo(1);
      assertThat(aa.severity()).isEqualTo(Severity.ERROR);
      assertThat(aa.title()).isEqualTo("one");
      assertThat(aa.lastSeenMicros()).isEqualTo(START_MICROS + 1_000_000);
      assertThat(aa.releases()).containsExactly(new Signature.Release("6.12.1", 1, 1));
      assertThat(ledger.signature("bb").orElseThrow().releases())
          .containsExactly(new Signature.Release("6.12.2", 1, 1));
      assertThat(ledger.signature("cc").orElseThrow().events()).isEqualTo(1);
    }
  }

  @Test
  void signatureFollowsACrashThatWasCompleted() {
    try (Ledger ledger = open()) {
      ledger.put(List.of(at(1)));
      ledger.put(List.of(panicked(at(1))));

      Signature signature = ledger.signature("00000000000000aa").orElseThrow();
      assertThat(signature.events()).isEqualTo(1);
      assertThat(signature.severity()).isEqualTo(Severity.CRITICAL);
    }
  }

  @Test
  void signatureIsOpenUntilSomebodyDecides() {
    try (Ledger ledger = open()) {
      ledger.put(
          List.of(
              at(1, "aa", "db1", Severity.ERROR, "6.12.1", "one"),
              at(2, "bb", "db1", Severity.ERROR, "6.12.1", "two")));
      decide("bb", Signature.State.IGNORED);
      decide("cc", Signature.State.RESOLVED);

      assertThat(ledger.signaturesIn(Signature.State.OPEN)).containsExactly("aa");
      assertThat(ledger.signaturesIn(Signature.State.IGNORED)).containsExactly("bb");
      assertThat(ledger.signature("bb").orElseThrow().state()).isEqualTo(Signature.State.IGNORED);
    }
  }

  // Hosts.

  @Test
  void hostsAreKnownByAddressAndListedByName() {
    Host db1 = host("10.0.0.9", "db1", 5);
    Host db1Too = host("10.0.0.10", "db1", 5);
    Host app1 = host("10.0.0.30", "app1", 5);
    try (Ledger ledger = open()) {
      ledger.putHosts(List.of(db1, app1, db1Too));
      ledger.putHosts(List.of(host("10.0.0.9", "db1", 6)));
    }
    try (Ledger ledger = open()) {
      assertThat(ledger.hosts()).containsExactly(app1, db1Too, host("10.0.0.9", "db1", 6));
    }
  }

  @Test
  void hostsPageByNameWithAllTheirAddresses() {
    Host db1 = host("10.0.0.9", "db1", 5);
    Host db1Too = host("10.0.0.10", "db1", 5);
    Host app1 = host("10.0.0.30", "app1", 5);
    try (Ledger ledger = open()) {
      ledger.putHosts(List.of(db1, app1, db1Too));

      assertThat(ledger.hosts("", 1)).containsExactly(app1);
      assertThat(ledger.hosts("app1", 1)).containsExactly(db1Too, db1);
      assertThat(ledger.hosts("db1", 1)).isEmpty();
      assertThat(ledger.hostsNamed("db1")).containsExactly(db1Too, db1);
      assertThat(ledger.hostsNamed("unknown")).isEmpty();
    }
  }

  @Test
  void ofAForgottenHostOnlyItsCrashesAreLeft() {
    try (Ledger ledger = open()) {
      ledger.putHosts(List.of(host("10.0.0.1", "db1", 5), host("10.0.0.2", "db2", 5)));
      ledger.putRuns(List.of(run("b1", "db1", "6.12.1", 100, 110)));
      ledger.put(List.of(at(1, "aa", "db1", Severity.ERROR, "6.12.1", "one")));

      ledger.forgetHosts(List.of("10.0.0.1", "10.9.9.9"));

      assertThat(ledger.hosts()).containsExactly(host("10.0.0.2", "db2", 5));
      assertThat(ledger.exposures(WATCH)).isEmpty();
      assertThat(ledger.crashesByHost(List.of("db1", "db2"))).containsOnlyKeys("db1");
    }
  }

  @Test
  void crashesAreCountedByHost() {
    try (Ledger ledger = open()) {
      ledger.put(
          List.of(
              at(1, "aa", "db1", Severity.ERROR, "6.12.1", "one"),
              at(2, "bb", "db1", Severity.ERROR, "6.12.1", "two"),
              at(3, "bb", "db2", Severity.ERROR, "6.12.1", "two")));

      assertThat(ledger.crashesByHost(List.of("db1", "db2", "unknown")))
          .isEqualTo(Map.of("db1", 2L, "db2", 1L));
      assertThat(ledger.crashesByHost(List.of("db2"))).isEqualTo(Map.of("db2", 1L));
    }
  }

  // Runs.

  private static final long HOUR = 3_600_000_000L;
  private static final Ledger.Watch WATCH = new Ledger.Watch(0, 1_000 * HOUR, 10 * HOUR);

  @Test
  void hostIsWatchedFromItsBootUntilItIsSilentForTooLong() {
    try (Ledger ledger = open()) {
      ledger.putRuns(List.of(run("b1", "db1", "6.12.1", 100, 130)));

      assertThat(ledger.exposures(WATCH)).containsExactly(exposure("6.12.1", 1, 40, 100, 140));
      assertThat(ledger.exposures(new Ledger.Watch(110 * HOUR, 120 * HOUR, HOUR)))
          .containsExactly(exposure("6.12.1", 1, 10, 110, 120));
      assertThat(ledger.exposures(new Ledger.Watch(500 * HOUR, 600 * HOUR, HOUR))).isEmpty();
    }
  }

  @Test
  void hostIsWatchedUntilItsNextBootAlsoWhenThatCameFromAnotherAddress() {
    try (Ledger ledger = open()) {
      ledger.putRuns(
          List.of(
              run("b1", "db1", "6.12.1", 100, 130),
              run("b2", "db1", "6.12.2", 132, 200),
              run("b3", "db2", "6.12.2", 100, 200)));

      assertThat(ledger.exposures(WATCH))
          .containsExactlyInAnyOrder(
              exposure("6.12.1", 1, 32, 100, 132), exposure("6.12.2", 2, 188, 100, 210));
    }
  }

  @Test
  void machineThatWentDownIsNotWatchedWhileItLies() {
    Crash last = inBoot("b1", 120 * HOUR);
    try (Ledger ledger = open()) {
      ledger.putRuns(List.of(run("b1", "db1", "6.12.1", 100, 121)));
      ledger.put(List.of(panicked(last)));

      assertThat(ledger.exposures(WATCH)).containsExactly(exposure("6.12.1", 1, 20, 100, 120));
      assertThat(ledger.sightings("aa", WATCH))
          .isEqualTo(
              new Sightings(
                  List.of(
                      new Sightings.OnHost(
                          "db1", 1, 1, true, List.of(span("6.12.1", 100, 120, 120 * HOUR)))),
                  0));
    }
  }

  @Test
  void runWrittenAgainOnlyGrows() {
    Run known = run("b1", "db1", "6.12.1", 100, 130);
    try (Ledger ledger = open()) {
      ledger.putRuns(List.of(known));
      ledger.putRuns(List.of(run("b1", "db1", null, 101, 120), known));

      assertThat(ledger.exposures(WATCH)).containsExactly(exposure("6.12.1", 1, 40, 100, 140));
    }
  }

  @Test
  void sightingsAreOfTheBootTheCrashWasIn() {
    try (Ledger ledger = open()) {
      ledger.putRuns(
          List.of(
              run("b1", "db1", "6.12.1", 100, 130),
              run("b2", "db1", "6.12.2", 130, 200),
              run("b3", "db2", "6.12.2", 100, 200)));
      ledger.put(
          List.of(
              inBoot("b2", 150 * HOUR),
              inBoot("b2", 150 * HOUR + 1),
              inBoot("b2", 160 * HOUR),
              inBoot("b9", 160 * HOUR + 1)));

      assertThat(ledger.sightings("aa", WATCH))
          .isEqualTo(
              new Sightings(
                  List.of(
                      new Sightings.OnHost(
                          "db1",
                          3,
                          2,
                          true,
                          List.of(
                              span("6.12.1", 100, 130, null),
                              span("6.12.2", 130, 210, 150 * HOUR)))),
                  1));
      assertThat(ledger.sightings("bb", WATCH)).isEqualTo(new Sightings(List.of(), 0));
    }
  }

  @Test
  void restartThatNothingAnnouncedIsOfTheBootItEnded() {
    Crash reboot =
        Json.read(
            Json.write(inBoot("b2", 130 * HOUR)).replace("\"null-deref\"", "\"reboot\""),
            Crash.class);
    try (Ledger ledger = open()) {
      ledger.putRuns(
          List.of(
              run("b1", "db1", "6.12.1", 100, 130),
              new Run(
                  "b2", "b1", "10.0.0.1", "db1", "6.12.2", null, false, 130 * HOUR, 200 * HOUR)));
      ledger.put(List.of(reboot));

      assertThat(ledger.sightings("aa", WATCH).hosts().getFirst().spans())
          .containsExactly(span("6.12.1", 100, 130, 130 * HOUR), span("6.12.2", 130, 210, null));
    }
  }

  @Test
  void addressKeepsItsNewestRunsOnly() {
    try (Ledger ledger = open()) {
      for (int i = 0; i < Ledger.MAX_RUNS_PER_ADDRESS + 50; i++) {
        ledger.putRuns(List.of(run("b" + i, "db1", "6.12." + i, i, i + 1)));
      }
      ledger.putRuns(List.of(run("other", "db2", "5.10", 1, 2)));

      assertThat(ledger.exposures(WATCH))
          .extracting(Exposure::release)
          .hasSize(Ledger.MAX_RUNS_PER_ADDRESS + 1)
          .contains("5.10", "6.12.149", "6.12.50")
          .doesNotContain("6.12.49");
    }
  }

  private static Run run(
      String boot, String host, @Nullable String release, int fromHour, int heardHour) {
    String address = "10.0.0." + host.charAt(2);
    return new Run(
        boot, null, address, host, release, null, true, fromHour * HOUR, heardHour * HOUR);
  }

  private static Exposure exposure(String release, int hosts, int hours, int from, int to) {
    return new Exposure(release, null, hosts, hours * HOUR, from * HOUR, to * HOUR);
  }

  private static Sightings.Span span(String release, int from, int to, @Nullable Long crash) {
    return new Sightings.Span(release, null, from * HOUR, to * HOUR, crash);
  }

  private static Crash inBoot(String boot, long micros) {
    Crash any = at(micros, "aa", "db1", Severity.ERROR, "6.12.1", "null-deref in f");
    String json =
        Json.write(any)
            .replace("\"boot\":\"b0\"", "\"boot\":\"" + boot + "\"")
            .replace(Json.time(START_MICROS + micros * 1_000_000), Json.time(micros));
    return Json.read(json, Crash.class);
  }

  // Alarms.

  @Test
  void alarmsDeliveriesAndPlaceAreKeptTogether() {
    try (Ledger ledger = open()) {
      assertThat(ledger.alertedUpTo()).isZero();
      ledger.raise(List.of(alarm(1, null)), List.of(delivery(1, "pager", 0)), 7);
    }
    try (Ledger ledger = open()) {
      assertThat(ledger.alertedUpTo()).isEqualTo(7);
      assertThat(ledger.alarm("ac1")).contains(alarm(1, null));
      assertThat(ledger.delivery("ac1.pager")).contains(delivery(1, "pager", 0));
      assertThat(ledger.alarm("ac2")).isEmpty();
      assertThat(ledger.delivery("ac2.pager")).isEmpty();
    }
  }

  @Test
  void raisingIsAllOrNothing() {
    try (Ledger ledger = open()) {
      ledger.raise(List.of(), List.of(), 3);

      assertThatThrownBy(
              () ->
                  ledger.raise(List.of(alarm(1, null)), breakingAfter(delivery(1, "pager", 0)), 7))
          .hasMessage("broken");

      assertThat(ledger.alertedUpTo()).isEqualTo(3);
      assertThat(ledger.alarms(Ledger.AlarmQuery.ALL, null, 10)).isEmpty();
      assertThat(ledger.deliveries(null, null, null, 10)).isEmpty();
    }
  }

  @Test
  void whatWasRaisedBeforeStaysAsItIs() {
    try (Ledger ledger = open()) {
      ledger.raise(List.of(alarm(1, null)), List.of(delivery(1, "pager", 0)), 1);
      Delivery delivered = delivered(delivery(1, "pager", 0));
      ledger.update(delivered);

      ledger.raise(
          List.of(alarm(1, "late"), alarm(2, "late")),
          List.of(delivery(1, "pager", 9), delivery(2, "pager", 9)),
          2);

      assertThat(ledger.alarm("ac1")).contains(alarm(1, null));
      assertThat(ledger.delivery("ac1.pager")).contains(delivered);
      assertThat(ledger.alarm("ac2")).contains(alarm(2, "late"));
      assertThat(ledger.alertedUpTo()).isEqualTo(2);
    }
  }

  @Test
  void lastAlarmIsTheLatestAtOrBeforeTheTimeOfThatSignatureAndHost() {
    try (Ledger ledger = open()) {
      ledger.raise(List.of(alarm(3, null), alarm(1, null), alarm(2, null)), List.of(), 3);

      assertThat(lastAlarm(ledger, "aa", "db1", null, 2)).contains(alarm(2, null));
      assertThat(lastAlarm(ledger, "aa", "db1", null, 99)).contains(alarm(3, null));
      assertThat(lastAlarm(ledger, "aa", "db1", null, 0)).isEmpty();
      assertThat(lastAlarm(ledger, "aa", "db2", null, 99)).isEmpty();
      assertThat(lastAlarm(ledger, "bb", "db1", null, 99)).isEmpty();
      assertThat(lastAlarm(ledger, "aa", "db1", "sdc", 99)).contains(alarm(3, null));
    }
  }

  @Test
  void lastAlarmOfAPartIsThatPartsOrOfAHostWhosePartsAreNotKnown() {
    try (Ledger ledger = open()) {
      ledger.raise(List.of(alarm(4, null)), List.of(), 4);

      assertThat(lastAlarm(ledger, "aa", "db1", "sdb", 99)).contains(alarm(4, null));
      assertThat(lastAlarm(ledger, "aa", "db1", "sdc", 99)).isEmpty();
      assertThat(lastAlarm(ledger, "aa", "db1", null, 99)).contains(alarm(4, null));
    }
  }

  @Test
  void alarmsComeNewestFirstAndPage() {
    try (Ledger ledger = open()) {
      ledger.raise(List.of(alarm(1, null), alarm(2, null), alarm(3, null)), List.of(), 3);

      assertThat(ledger.alarms(Ledger.AlarmQuery.in("open"), null, 2))
          .containsExactly(alarm(3, null), alarm(2, null));
      assertThat(ledger.alarms(Ledger.AlarmQuery.ALL, "ac2", 2)).containsExactly(alarm(1, null));
      assertThat(ledger.alarms(Ledger.AlarmQuery.in("resolved"), null, 2)).isEmpty();
    }
  }

  // Deliveries.

  @Test
  void dueIsWhatIsPendingForTheTargetAndWhoseTimeHasCome() {
    Delivery now = delivery(1, "pager", 100);
    Delivery later = delivery(2, "pager", 101);
    Delivery done = delivered(delivery(3, "pager", 50));
    Delivery elsewhere = delivery(4, "chat", 50);
    Delivery too = delivery(5, "pager", 50);
    try (Ledger ledger = open()) {
      ledger.raise(List.of(), List.of(now, later, done, elsewhere, too), 1);

      assertThat(ledger.due("pager", 100, 10)).containsExactly(now, too);
      assertThat(ledger.due("pager", 100, 1)).containsExactly(now);
      assertThat(ledger.due("nobody", 100, 10)).isEmpty();
    }
  }

  @Test
  void whatBecameOfADeliveryIsKept() {
    try (Ledger ledger = open()) {
      ledger.raise(List.of(), List.of(delivery(1, "pager", 0)), 1);
      ledger.update(delivered(delivery(1, "pager", 0)));
    }
    try (Ledger ledger = open()) {
      assertThat(ledger.due("pager", FOREVER, 10)).isEmpty();
      assertThat(ledger.delivery("ac1.pager")).contains(delivered(delivery(1, "pager", 0)));
    }
  }

  @Test
  void updatingADeliveryThatIsNotThereSaysSo() {
    try (Ledger ledger = open()) {
      assertThatThrownBy(() -> ledger.update(delivery(1, "pager", 0)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("ac1.pager");
    }
  }

  @Test
  void deliveriesComeNewestFirstByTargetAndStateAndPage() {
    Delivery one = delivery(1, "pager", 0);
    Delivery two = delivered(delivery(2, "pager", 0));
    Delivery three = delivery(3, "chat", 0);
    try (Ledger ledger = open()) {
      ledger.raise(List.of(), List.of(one, two, three), 1);

      assertThat(ledger.deliveries(null, null, null, 2)).containsExactly(three, two);
      assertThat(ledger.deliveries(null, null, "ac2.pager", 2)).containsExactly(one);
      assertThat(ledger.deliveries("pager", null, null, 9)).containsExactly(two, one);
      assertThat(ledger.deliveries("pager", Delivery.State.DELIVERED, null, 9))
          .containsExactly(two);
    }
  }

  @Test
  void outboxCountsWhatWaitsAndSaysSinceWhen() {
    try (Ledger ledger = open()) {
      assertThat(ledger.outbox()).isEqualTo(new Ledger.Outbox(0, 0, 0));
      ledger.raise(
          List.of(),
          List.of(
              delivered(delivery(1, "pager", 0)), delivery(2, "pager", 0), delivery(3, "chat", 0)),
          1);

      assertThat(ledger.outbox()).isEqualTo(new Ledger.Outbox(2, 2, 0));
    }
  }

  @Test
  void anAlarmIsChangedByItsNextVersionOnly() {
    try (Ledger ledger = open()) {
      Alarm first = alarm(1, null);
      Alarm second = first.worse(Severity.CRITICAL, true, 5);
      ledger.raise(List.of(first), List.of(), 1);
      ledger.raise(List.of(second), List.of(), 2);
      ledger.raise(List.of(first), List.of(), 3);

      assertThat(ledger.alarm("ac1")).contains(second);
      assertThat(second.version()).isEqualTo(2);
      assertThat(ledger.alarms(Ledger.AlarmQuery.ALL, null, 9)).containsExactly(second);
    }
  }

  @Test
  void lastAlarmOfAnotherAddressUnderTheSameNameIsAnother() {
    try (Ledger ledger = open()) {
      ledger.raise(List.of(alarm(1, null)), List.of(), 1);

      assertThat(ledger.lastAlarm(new Ledger.Origin("aa", "db1", "10.9.9.9", null), 99)).isEmpty();
      assertThat(ledger.lastAlarm(new Ledger.Origin("aa", "db1", "10.0.0.1", null), 99))
          .isPresent();
    }
  }

  @Test
  void heldAlarmsComeTheFirstOfEachAddressFirstThenTheMostSevere() {
    Alarm[] flood = new Alarm[5];
    Arrays.setAll(flood, i -> held(10 + i, "10.0.0.66", Severity.CRITICAL, "storm-9"));
    Alarm error = held(20, "10.0.0.1", Severity.ERROR, "storm-9");
    Alarm critical = held(21, "10.0.0.2", Severity.CRITICAL, "storm-9");
    try (Ledger ledger = open()) {
      ledger.raise(List.of(flood), List.of(), 1);
      ledger.raise(List.of(error, critical, alarm(1, "late")), List.of(), 2);

      assertThat(ledger.held(false, 0, 4)).containsExactly(critical, flood[4], error, flood[3]);
      ledger.raise(List.of(critical.notified(50)), List.of(), 3);
      assertThat(ledger.held(false, 11, 9)).doesNotContain(critical, flood[0]).hasSize(5);
      assertThat(ledger.held(true, 0, 9)).as("of hosts in the inventory").isEmpty();
      assertThat(ledger.notifiedSince(50)).extracting(Alarm::id).containsExactly("ac21");
    }
  }

  @Test
  void heldAlarmsOfOneAddressComeTheMostSevereAndTheNewestInTurn() {
    Alarm[] forged = new Alarm[9];
    Arrays.setAll(forged, i -> held(10 + i, "10.0.0.1", Severity.CRITICAL, "storm-9"));
    Alarm real = held(20, "10.0.0.1", Severity.ERROR, "storm-9");
    try (Ledger ledger = open()) {
      ledger.raise(List.of(forged), List.of(), 1);
      ledger.raise(List.of(real), List.of(), 2);

      assertThat(ledger.held(false, 0, 3)).containsExactly(forged[8], real, forged[7]);
    }
  }

  @Test
  void heldAlarmsOfAStormAreSummedWithTheMostSevereSignaturesNamed() {
    try (Ledger ledger = open()) {
      for (int i = 10; i < 20; i++) {
        ledger.raise(List.of(held(i, "10.0.0.1", Severity.WARNING, "storm-9")), List.of(), i);
      }
      ledger.raise(
          List.of(
              held(30, "10.0.0.1", Severity.CRITICAL, "storm-9"),
              held(31, "10.0.0.1", Severity.CRITICAL, "storm-8")),
          List.of(),
          99);

      Ledger.HeldAlarms held = ledger.heldIn("storm-9", 1, 2);
      assertThat(held.alarms()).isEqualTo(11);
      assertThat(held.hosts()).isEqualTo(3);
      assertThat(held.signatures()).isEqualTo(2);
      assertThat(held.severity()).isEqualTo(Severity.CRITICAL);
      assertThat(held.largest())
          .containsExactly(
              new Ledger.HeldSignature(
                  "scritical",
                  "null-deref in f",
                  "null-deref",
                  Severity.CRITICAL,
                  1,
                  1,
                  List.of("host0 (10.0.0.1)")));
      assertThat(ledger.heldIn("storm-9", 2, 2).largest().getLast().names())
          .containsExactly("host1 (10.0.0.1)", "host2 (10.0.0.1)");
      assertThat(ledger.heldIn("storm-7", 2, 2).alarms()).isZero();
      assertThat(ledger.alarms(new Ledger.AlarmQuery("open", "storm", "storm-8", 31L), null, 9))
          .extracting(Alarm::id)
          .containsExactly("ac31");
    }
  }

  @Test
  void dueIsMostSevereFirstAndOfAnAlarmOnlyItsFirst() {
    Delivery error = delivery("ac1.pager", "ac1", Delivery.priority(Severity.ERROR, 0));
    Delivery update = delivery("ac1.critical.pager", "ac1", 0);
    Delivery later = delivery("ac2.pager", "ac2", Delivery.priority(Severity.CRITICAL, 7));
    Delivery first = delivery("ac3.pager", "ac3", Delivery.priority(Severity.CRITICAL, 0));
    try (Ledger ledger = open()) {
      ledger.raise(List.of(), List.of(error, update, later, first), 1);

      assertThat(ledger.due("pager", 100, 9)).containsExactly(first, later, error);
      ledger.update(List.of(delivered(error), delivered(first)));
      assertThat(ledger.due("pager", 100, 9)).containsExactly(update, later);
      assertThat(ledger.lastDelivery("ac1", "pager")).contains(update);
      assertThat(ledger.waiting("pager")).isEqualTo(new Ledger.Waiting(2, 1));
      assertThat(ledger.waiting("chat")).isEqualTo(new Ledger.Waiting(0, 0));
    }
  }

  @Test
  void aTargetIsRemindedOfWhatWasSeenLatelyUntilItIsReplacedResolvedOrOver() {
    Delivery one = delivery(10, "pager", 0);
    Delivery two = delivery(20, "pager", 0);
    Delivery test = delivery("test-1.pager", "test-1", 0);
    try (Ledger ledger = open()) {
      ledger.raise(List.of(alarm(10, null), alarm(20, null)), List.of(one, two, test), 1);
      assertThat(ledger.firing("pager", 9, 9)).containsExactly(two.id(), one.id());
      assertThat(ledger.firing("pager", 0, 9)).startsWith(test.id());
      assertThat(ledger.firing("chat", 0, 9)).isEmpty();

      ledger.raise(List.of(), List.of(), List.of(new Ledger.Repeat("ac10", 30)), 2);
      assertThat(ledger.firing("pager", 20, 9)).containsExactly(one.id());
      assertThat(ledger.reminders(List.of(one.id(), "nothing")))
          .containsExactly(new Ledger.Reminder(one, 30));
      assertThat(ledger.over("pager", 10, 20, 5, 9)).containsExactly(two.id());

      Delivery update = delivery("ac10.critical.pager", "ac10", 0);
      ledger.raise(List.of(), List.of(update), 3);
      ledger.raise(List.of(), List.of(), List.of(new Ledger.Repeat("ac10", 31)), 4);
      assertThat(ledger.firing("pager", 20, 9)).containsExactly(update.id());

      Alarm resolved = alarm(20, null).suppressed("seen to", 40);
      ledger.raise(List.of(resolved), List.of(), 5);
      assertThat(ledger.firing("pager", 15, 9)).containsExactly(update.id());
      assertThat(ledger.over("pager", 32, 35, 5, 9)).isEmpty();
      assertThat(ledger.over("pager", 19, 35, 5, 9)).contains(two.id());
    }
  }

  @Test
  void targetIsDisabledWithAReasonAndEnabledAgain() {
    try (Ledger ledger = open()) {
      assertThat(ledger.disabled("pager")).isEmpty();
      ledger.disable("pager", "410 Gone", 1);
      ledger.disable("pager", "410 Gone again", 2);
    }
    try (Ledger ledger = open()) {
      assertThat(ledger.disabled("pager")).contains(new Ledger.Disabled("410 Gone again", 2));
      ledger.enable("pager");
      assertThat(ledger.disabled("pager")).isEmpty();
    }
  }

  @Test
  void targetThatIsTakenAwayGetsNothingMoreAndLeavesNothingBehind() {
    try (Ledger ledger = open()) {
      Delivery waits = delivery(1, "pager", 0);
      Delivery others = delivery(1, "robot", 0);
      ledger.raise(List.of(alarm(1, null)), List.of(waits, others), 1);
      ledger.configured("pager", "d1");
      ledger.disable("pager", "410 Gone", 1);
      assertThat(ledger.targets()).isEqualTo(Map.of("pager", "d1", "robot", ""));

      assertThat(ledger.withdraw("pager", "it is gone", 7)).isEqualTo(1);

      Delivery given = ledger.delivery(waits.id()).orElseThrow();
      assertThat(given.state()).isEqualTo(Delivery.State.FAILED);
      assertThat(given.error()).isEqualTo("it is gone");
      assertThat(given.payload()).isEqualTo(waits.payload());
      assertThat(ledger.waiting("pager").pending()).isZero();
      assertThat(ledger.outbox().pending()).isEqualTo(1);
      assertThat(ledger.firing("pager", 0, 9)).isEmpty();
      assertThat(ledger.firing("robot", 0, 9)).containsExactly(others.id());
      assertThat(ledger.disabled("pager")).isEmpty();
      assertThat(ledger.targets()).isEqualTo(Map.of("robot", ""));
      assertThat(ledger.withdraw("pager", "it is gone", 8)).isZero();
    }
  }

  @Test
  void targetThatIsConfiguredOtherwiseIsEnabledAgain() {
    try (Ledger ledger = open()) {
      assertThat(ledger.configured("pager", "d1")).isFalse();
      ledger.disable("pager", "410 Gone", 1);
      assertThat(ledger.configured("pager", "d1")).isFalse();
      assertThat(ledger.disabled("pager")).isPresent();
      assertThat(ledger.configured("pager", "d2")).isTrue();
      assertThat(ledger.disabled("pager")).isEmpty();
      assertThat(ledger.configured("pager", "d3")).isFalse();
    }
  }

  // Sharing.

  @Test
  void severalProcessesShareIt() {
    try (Ledger analysis = open();
        Ledger alerting = open()) {
      assertThat(alerting.id()).isEqualTo(analysis.id());
      analysis.put(List.of(at(1)));
      assertThat(crashes(alerting.newCrashesAfter(0, 10))).containsExactly(at(1));
      alerting.raise(List.of(alarm(1, null)), List.of(), 1);
      analysis.put(List.of(at(2)));
      assertThat(analysis.alertedUpTo()).isEqualTo(1);
      assertThat(crashes(alerting.newCrashesAfter(1, 10))).containsExactly(at(2));
    }
  }

  @Test
  void manyThreadsOfSeveralProcessesLoseNothing() throws Exception {
    try (Ledger one = open();
        Ledger two = open()) {
      List<Thread> threads = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        long from = i * 20L;
        Ledger ledger = i % 2 == 0 ? one : two;
        threads.add(
            Thread.startVirtualThread(
                () -> {
                  for (long offset = from; offset < from + 20; offset++) {
                    ledger.put(List.of(at(offset)));
                    assertThat(ledger.crash("c" + offset)).isPresent();
                  }
                }));
      }
      for (Thread thread : threads) {
        thread.join();
      }

      assertThat(one.lastChange()).isEqualTo(160);
      assertThat(two.newCrashesAfter(0, 1_000))
          .extracting(Ledger.Change::number)
          .containsExactlyElementsOf(LongStream.rangeClosed(1, 160).boxed().toList());
    }
  }

  private static List<Crash> crashes(List<Ledger.Change> changes) {
    return changes.stream().map(Ledger.Change::crash).toList();
  }

  private static Checkpoint checkpoint(long offset, Map<String, Checkpoint.State> states) {
    return new Checkpoint(offset, states, List.of());
  }

  private static Checkpoint.State state(long offset) {
    return new Checkpoint.State(offset, new byte[] {1, (byte) offset});
  }

  private static Host host(String address, String name, long messages) {
    return new Host(
        address,
        name,
        HostSource.USERDATA,
        "other",
        1,
        2,
        "b0",
        null,
        "extended",
        messages,
        1,
        2,
        3,
        5,
        4,
        Map.of("rack", "r7"));
  }

  private static Alarm alarm(long number, @Nullable String reason) {
    return new Alarm(
        "ac" + number,
        "c" + number,
        "aa",
        "db1",
        HostSource.USERDATA,
        "web1",
        "10.0.0.1",
        number == 4 ? "sdb" : null,
        "null-deref",
        "null-deref in f",
        Severity.ERROR,
        false,
        number,
        "open",
        reason,
        1,
        number,
        reason == null ? number : null,
        null);
  }

  private static Optional<Alarm> lastAlarm(
      Ledger ledger, String signature, String host, @Nullable String part, long atMicros) {
    return ledger.lastAlarm(new Ledger.Origin(signature, host, "10.0.0.1", part), atMicros);
  }

  /// One that was held in an alert storm.
  private static Alarm held(long number, String address, Severity severity, String storm) {
    Alarm alarm = alarm(number, null);
    return new Alarm(
            alarm.id(),
            alarm.crash(),
            "s" + severity,
            "host" + number % 3,
            null,
            null,
            address,
            null,
            alarm.kind(),
            alarm.title(),
            severity,
            false,
            number,
            "open",
            null,
            0,
            number,
            null,
            null)
        .held(storm, number);
  }

  private static Delivery delivery(long alarm, String target, long nextAttempt) {
    return new Delivery(
        "ac" + alarm + "." + target,
        "ac" + alarm,
        target,
        Delivery.priority(Severity.ERROR, 0),
        Delivery.State.PENDING,
        0,
        alarm,
        nextAttempt,
        null,
        null,
        null,
        "{}");
  }

  private static Delivery delivery(String id, String alarm, int priority) {
    return new Delivery(
        id, alarm, "pager", priority, Delivery.State.PENDING, 0, 1, 0, null, null, null, "{}");
  }

  private static Delivery delivered(Delivery delivery) {
    return new Delivery(
        delivery.id(),
        delivery.alarm(),
        delivery.target(),
        delivery.priority(),
        Delivery.State.DELIVERED,
        2,
        delivery.createdAtMicros(),
        delivery.nextAttemptMicros(),
        99L,
        204,
        "timeout",
        delivery.payload());
  }

  /// Hands out the values, then fails: whoever reads it dies half way.
  @SafeVarargs
  private static <T> Collection<T> breakingAfter(T... values) {
    return new AbstractCollection<>() {
      @Override
      public Iterator<T> iterator() {
        return Stream.concat(
                Stream.of(values),
                Stream.generate(
                    () -> {
                      throw new IllegalStateException("broken");
                    }))
            .iterator();
      }

      @Override
      public int size() {
        return values.length + 1;
      }
    };
  }
}
